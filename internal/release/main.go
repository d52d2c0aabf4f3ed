// Command release builds the archives of a release: for each system the program, the licences of all that is
// linked into it, and a list of these as a CycloneDX SBOM; and SHA256SUMS of all archives.
//
//	go run ./internal/release -out dist
//
// The same commit and the same version of Go give the same bytes, in any folder and at any time.
// docs/release.md says how to compare.
package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"
)

// targets are the systems that a release is for.
var targets = []target{{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"},
	{"windows", "amd64"}, {"windows", "arm64"}}

type target struct{ os, arch string }

func (t target) String() string { return t.os + "/" + t.arch }

func (t target) program() string {
	if t.os == "windows" {
		return "hqvit.exe"
	}
	return "hqvit"
}

// sbomTool writes the SBOM of a program from what the go command recorded in it.
const sbomTool = "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0"

// release is what is made.
type release struct {
	out     string
	version string
	time    time.Time // of all files in the archives
	sbom    bool
	temp    string
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("release: ")
	if err := run(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	r := release{}
	only := ""
	flags.StringVar(&r.out, "out", "dist", "`directory` of the archives; it must be empty or not exist")
	flags.StringVar(&r.version, "version", "", "version in the names (default: what git describes)")
	flags.StringVar(&only, "only", "", "build for one system alone, as `OS/ARCH`")
	flags.BoolVar(&r.sbom, "sbom", true, "write SBOMs, by "+sbomTool)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := r.prepare(); err != nil {
		return err
	}
	defer os.RemoveAll(r.temp)
	var sums strings.Builder
	for _, t := range targets {
		if only != "" && only != t.String() {
			continue
		}
		name, content, err := r.archive(t)
		if err != nil {
			return errors.WithMessage(err, t.String())
		}
		if err := os.WriteFile(filepath.Join(r.out, name), content, 0o644); err != nil {
			return errors.WithStack(err)
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(content), name)
		log.Printf("%s, %.1f MB", name, float64(len(content))/1e6)
	}
	if sums.Len() == 0 {
		return errors.Errorf("-only is %q, want one of %v", only, targets)
	}
	fmt.Print(sums.String())
	return errors.WithStack(os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), []byte(sums.String()), 0o644))
}

// prepare finds the version and the time, and makes the directory, which may hold nothing.
func (r *release) prepare() (err error) {
	if r.version == "" {
		described, err := output(nil, "git", "describe", "--tags", "--always", "--dirty")
		if err != nil {
			return errors.WithMessage(err, "outside a git repository give -version")
		}
		r.version = strings.TrimPrefix(strings.TrimSpace(described), "v")
	}
	seconds := os.Getenv("SOURCE_DATE_EPOCH")
	if seconds == "" {
		if seconds, err = output(nil, "git", "log", "-1", "--format=%ct"); err != nil {
			return errors.WithMessage(err, "outside a git repository set SOURCE_DATE_EPOCH")
		}
	}
	epoch, err := strconv.ParseInt(strings.TrimSpace(seconds), 10, 64)
	if err != nil {
		return errors.Errorf("SOURCE_DATE_EPOCH is %q, want seconds since 1970", seconds)
	}
	r.time = time.Unix(epoch, 0).UTC()
	if entries, err := os.ReadDir(r.out); err == nil && len(entries) > 0 {
		return errors.Errorf("%s is not empty, want another -out: nothing is overwritten", r.out)
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return errors.WithStack(err)
	}
	r.temp, err = os.MkdirTemp("", "hqvit-release")
	return errors.WithStack(err)
}

// archive builds the program for a system and packs it.
func (r *release) archive(t target) (name string, content []byte, err error) {
	program := filepath.Join(r.temp, t.os+"-"+t.arch, t.program())
	// What the environment could say to the go command must not show in the program.
	env := []string{"GOOS=" + t.os, "GOARCH=" + t.arch, "CGO_ENABLED=0", "GOFLAGS=", "GOAMD64=v1",
		"GOARM64=v8.0", "GOEXPERIMENT=", "GOWORK=off"}
	if _, err := output(env, "go", "build", "-trimpath", "-buildvcs=auto", "-ldflags=-s -w -buildid=", "-o",
		program, "./cmd/hqvit"); err != nil {
		return "", nil, err
	}
	binary, err := os.ReadFile(program)
	if err != nil {
		return "", nil, errors.WithStack(err)
	}
	licences, err := licencesOf(env)
	if err != nil {
		return "", nil, err
	}
	own, err := os.ReadFile("LICENSE")
	if err != nil {
		return "", nil, errors.WithStack(err)
	}
	files := []file{{"LICENSE", 0o644, own}, {"THIRD-PARTY-LICENSES.txt", 0o644, licences},
		{t.program(), 0o755, binary}}
	if r.sbom {
		text, err := output([]string{"GOFLAGS="}, "go", "run", sbomTool, "bin", "-json", "-std", "-noserial",
			"-notimestamp", "-version", "v"+r.version, program)
		if err != nil {
			return "", nil, err
		}
		sbom, err := withoutMachine([]byte(text), r.temp)
		if err != nil {
			return "", nil, err
		}
		files = append(files, file{"sbom.cdx.json", 0o644, sbom})
	}
	name = fmt.Sprintf("hqvit-%s-%s-%s", r.version, t.os, t.arch)
	if t.os == "windows" {
		content, err = packZip(name, r.time, files)
		return name + ".zip", content, err
	}
	content, err = packTar(name, r.time, files)
	return name + ".tar.gz", content, err
}

// withoutMachine fails if an SBOM names a folder of this machine, and takes out what is not of the program:
// which build of the tool wrote it.
func withoutMachine(text []byte, temp string) ([]byte, error) {
	var sbom map[string]any
	if err := json.Unmarshal(text, &sbom); err != nil {
		return nil, errors.Wrap(err, sbomTool+" wrote no JSON")
	}
	if metadata, ok := sbom["metadata"].(map[string]any); ok {
		delete(metadata, "tools")
	}
	clean, err := json.MarshalIndent(sbom, "", "  ")
	if err != nil {
		return nil, errors.WithStack(err)
	}
	if strings.Contains(string(clean), temp) {
		return nil, errors.Errorf("the SBOM names the folder %s", temp)
	}
	return append(clean, '\n'), nil
}

// output runs a program with additions to the environment and returns what it prints.
func output(env []string, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", errors.Errorf("%s: %v: %s", strings.Join(append([]string{name}, args...), " "), err,
			cmp.Or(strings.TrimSpace(stderr.String()), "no message"))
	}
	return stdout.String(), nil
}
