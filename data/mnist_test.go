package data

import (
	"go/build"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The class counts are those of the files, counted by a second reader. The
// row of pixels is the sixth of the first image, a 5, and mean and deviation
// are those with which PyTorch's MNIST example normalises.
func TestMNISTIsCompleteWithoutADownload(t *testing.T) {
	set, err := Load(t.Context(), "mnist", Options{Dir: t.TempDir(), NoDownload: true, ValCount: -1})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		name   string
		split  Split
		counts []int
	}{
		{"train", set.Train, []int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}},
		{"test", set.Test, []int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}},
	} {
		if diff := cmp.Diff(part.counts, part.split.Counts(10)); diff != "" {
			t.Errorf("%s: class counts (-want +got)\n%s", part.name, diff)
		}
	}
	if set.Train.Len() != 60000 || set.Test.Len() != 10000 || set.Val.Len() != 0 {
		t.Errorf("%d train, %d val, %d test", set.Train.Len(), set.Val.Len(), set.Test.Len())
	}
	want := []uint8{3, 18, 18, 18, 126, 136, 175, 26, 166, 255, 247, 127}
	if diff := cmp.Diff(want, set.Train.Images[5*28+12:5*28+24]); diff != "" || set.Train.Labels[0] != 5 {
		t.Errorf("first image: label %d, pixels (-want +got)\n%s", set.Train.Labels[0], diff)
	}
	mean, std := statisticsOf(t, set.Train)
	if math.Abs(float64(mean[0])-0.1307) > 5e-5 || math.Abs(float64(std[0])-0.3081) > 5e-5 {
		t.Errorf("mean %v and deviation %v, want 0.1307 and 0.3081", mean, std)
	}
}

func TestMNISTHoldsOut5000(t *testing.T) {
	set, err := Load(t.Context(), "mnist", Options{Dir: t.TempDir(), NoDownload: true, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if set.Train.Len() != 55000 || set.Val.Len() != 5000 {
		t.Errorf("%d train and %d val, want 55000 and 5000", set.Train.Len(), set.Val.Len())
	}
}

// The spelling of the module's folder, whose capitals are escaped, is that of
// the go command; see golang.org/ref/mod#module-cache.
func TestMNISTModuleFollowsTheEnvironment(t *testing.T) {
	stored := write(t, map[string][]byte{"env": []byte("GOBIN=/bin\nGOMODCACHE=/stored/cache\n")})
	for _, c := range []struct {
		name        string
		environment map[string]string
		cache       string
	}{
		{"GOMODCACHE", map[string]string{"GOMODCACHE": "/some/cache"}, "/some/cache"},
		{"GOPATH", map[string]string{"GOPATH": "/some/path"}, "/some/path/pkg/mod"},
		{"go env -w", map[string]string{"GOENV": filepath.Join(stored, "env")}, "/stored/cache"},
		{"nothing", nil, filepath.Join(build.Default.GOPATH, "pkg", "mod")},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, key := range []string{"GOMODCACHE", "GOPATH"} {
				t.Setenv(key, "")
			}
			t.Setenv("GOENV", "off")
			for key, value := range c.environment {
				t.Setenv(key, filepath.FromSlash(value))
			}
			want := filepath.Join(filepath.FromSlash(c.cache), "github.com", "petar",
				"!go!m!n!i!s!t@"+mnistVersion, "data")
			if places := mnistModule(); len(places) == 0 || places[0] != want {
				t.Errorf("places %q, want %q first", places, want)
			}
		})
	}
}

func TestModuleDirsFollowReplacements(t *testing.T) {
	t.Setenv("GOMODCACHE", "cache")
	in := func(parts ...string) string { return filepath.Join(append([]string{"cache"}, parts...)...) }
	for _, c := range []struct {
		name string
		debug.Module
		want string
	}{
		{"required", debug.Module{Path: "example.org/A", Version: "v1.2.3"}, in("example.org", "!a@v1.2.3")},
		{"replaced by a module", debug.Module{Path: "example.org/a", Version: "v1.2.3",
			Replace: &debug.Module{Path: "example.org/b", Version: "v0.1.0-RC"}},
			in("example.org", "b@v0.1.0-!r!c")},
		{"replaced by a folder", debug.Module{Path: "example.org/a", Version: "v1.2.3",
			Replace: &debug.Module{Path: "../a"}}, "../a"},
		{"no module path", debug.Module{Path: "a b", Version: "v1.2.3"}, ""},
		{"no version", debug.Module{Path: "example.org/a", Version: "v1/2"}, ""},
	} {
		dirs := append(moduleDirs(&c.Module), "") // none is ""
		if dirs[0] != c.want {
			t.Errorf("%s: %q, want %q first", c.name, dirs, c.want)
		}
	}
}

// TestMNISTWithoutItsModule goes the second way: from the data directory.
func TestMNISTWithoutItsModule(t *testing.T) {
	d, err := Describe("mnist")
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]byte)
	for _, f := range d.Files {
		_, path, err := d.find(f, Options{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if files["mnist/"+f.Name], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	d.places = func() []string { return []string{filepath.Join(t.TempDir(), "vendored")} }
	set := new(Set)
	if err := d.loadInto(t.Context(), set, Options{Dir: write(t, files), NoDownload: true}); err != nil ||
		set.Train.Len() != 60000 {
		t.Errorf("%d training images; %v", set.Train.Len(), err)
	}
	wantError(t, d.loadInto(t.Context(), new(Set), Options{Dir: t.TempDir(), NoDownload: true}),
		"ossci-datasets", "by hand")
}

// Without a home directory there is no data directory, and MNIST needs none.
func TestMNISTNeedsNoHome(t *testing.T) {
	caches := moduleCaches()
	for _, key := range []string{"HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "HQVIT_DATA", "GOPATH",
		"LocalAppData",
		"AppData", "USERPROFILE"} {
		t.Setenv(key, "")
	}
	for i, cache := range caches {
		t.Setenv("GOMODCACHE", cache)
		set, err := Load(t.Context(), "mnist", Options{})
		if err == nil && set.Test.Len() == 10000 {
			break
		}
		if i == len(caches)-1 {
			t.Errorf("MNIST in the module cache is not found: %v", err)
		}
	}
	states, err := Verify(t.Context(), "mnist", Options{})
	if err != nil || len(states) != 4 || states[0].Err != nil {
		t.Errorf("%v, %+v", err, states)
	}
	if _, err := Load(t.Context(), "octmnist", Options{}); err == nil || !strings.Contains(err.Error(),
		"set HQVIT_DATA") {
		t.Errorf("a set that is to be downloaded: %v", err)
	}
}
