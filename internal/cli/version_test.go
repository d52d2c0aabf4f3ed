package cli

import (
	"encoding/json"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/dense"
)

// What the go command records, for each way to build: in a repository, by go install of a version and of a
// branch, and as a dependency of a program with models of its own.
func TestVersionFromBuildInfo(t *testing.T) {
	vcs := []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: "34b4604"},
		{Key: "vcs.time", Value: "2026-11-30T22:51:00Z"}, {Key: "vcs.modified", Value: "true"}}
	const pseudo = "v0.0.0-20261130225100-34b4604aaaaa"
	own := func(version string) debug.Module { return debug.Module{Path: ownModule, Version: version} }
	dependency := own(pseudo)
	for name, c := range map[string]struct {
		info *debug.BuildInfo
		want build
	}{
		"nothing":       {nil, build{Version: "devel"}},
		"no repository": {&debug.BuildInfo{Main: own("(devel)")}, build{Version: "devel"}},
		"a repository": {&debug.BuildInfo{Main: own("v1.2.3+dirty"), Settings: vcs},
			build{Version: "v1.2.3+dirty", Revision: "34b4604", Time: "2026-11-30T22:51:00Z", Modified: true}},
		"a version": {&debug.BuildInfo{Main: own("v1.2.3")}, build{Version: "v1.2.3"}},
		"a branch": {&debug.BuildInfo{Main: own(pseudo)},
			build{Version: pseudo, Revision: "34b4604aaaaa", Time: "2026-11-30T22:51:00Z"}},
		"a dependency": {&debug.BuildInfo{Main: debug.Module{Path: "example.org/mine", Version: "v9.9.9"},
			Deps: []*debug.Module{&dependency}, Settings: vcs},
			build{Version: pseudo, Revision: "34b4604aaaaa", Time: "2026-11-30T22:51:00Z"}},
	} {
		got := builtFrom(c.info)
		c.want.Go, c.want.Kernels, c.want.OS, c.want.Arch, c.want.Cores = runtime.Version(), dense.CPU(),
			runtime.GOOS, runtime.GOARCH, runtime.NumCPU()
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestVersionCommand(t *testing.T) {
	stdout, _ := command(t, done, "version")
	for _, want := range []string{"hqvit " + version() + "\n", "\nkernels  " + dense.CPU() + "\n",
		runtime.GOOS + "/" + runtime.GOARCH} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q, want %q", stdout, want)
		}
	}
	stdout, _ = command(t, done, "version --json")
	var b build
	if err := json.Unmarshal([]byte(stdout), &b); err != nil || b.Kernels != dense.CPU() ||
		b.Version != version() {
		t.Errorf("%q: %v", stdout, err)
	}
	stdout, _ = command(t, done, "--version")
	if !strings.Contains(stdout, version()) {
		t.Errorf("%q", stdout)
	}
}
