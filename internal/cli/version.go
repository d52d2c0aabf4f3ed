package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"golang.org/x/mod/module"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/internal/words"
)

const ownModule = "github.com/hqvit/hqvit"

// build is what is known of this program and of the machine that it runs on.
type build struct {
	Version  string `json:"version"`            // of the module hqvit; devel where none is known
	Revision string `json:"revision,omitempty"` // the commit
	Time     string `json:"time,omitempty"`     // of the commit
	Modified bool   `json:"modified,omitempty"` // the files differ from those of the commit
	Go       string `json:"go"`
	Kernels  string `json:"kernels"` // that compute here; those of another machine round differently
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	Cores    int    `json:"cores"`
}

func versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "version", Short: "Print the version, and what it runs on", Args: cobra.NoArgs,
		Long: `Print the version of hqvit, the commit that it was built from where that is known, the version
of Go, the kernels that compute on this machine, and the machine. The same seed gives the same
weights only with the same kernels; HQVIT_CPU chooses others (avx2, generic).`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, _ := debug.ReadBuildInfo()
			b := builtFrom(info)
			if asJSON {
				return errors.WithStack(json.NewEncoder(cmd.OutOrStdout()).Encode(b))
			}
			return b.show(cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	inGroup(cmd, outputGroup, "json")
	return cmd
}

// version is the version of this module.
func version() string {
	info, _ := debug.ReadBuildInfo()
	return builtFrom(info).Version
}

// builtFrom reads what the go command recorded in the program; info may be nil.
func builtFrom(info *debug.BuildInfo) build {
	b := build{Version: "devel", Go: runtime.Version(), Kernels: dense.CPU(), OS: runtime.GOOS,
		Arch: runtime.GOARCH, Cores: runtime.NumCPU()}
	if info == nil {
		return b
	}
	own, main := &info.Main, info.Main.Path == ownModule
	for _, m := range info.Deps { // of a program with models of its own
		if m.Path == ownModule {
			own = m
		}
	}
	b.Version = strings.Trim(cmp.Or(own.Version, "devel"), "()")
	if module.IsPseudoVersion(own.Version) { // as of go install …@main, which has no repository at hand
		b.Revision, _ = module.PseudoVersionRev(own.Version)
		if t, err := module.PseudoVersionTime(own.Version); err == nil {
			b.Time = t.Format("2006-01-02T15:04:05Z")
		}
	}
	for _, s := range info.Settings {
		switch {
		case !main: // the repository is that of the program
		case s.Key == "vcs.revision":
			b.Revision = s.Value
		case s.Key == "vcs.time":
			b.Time = s.Value
		case s.Key == "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func (b build) show(out io.Writer) error {
	fmt.Fprintln(out, "hqvit", b.Version)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if b.Revision != "" {
		modified := ""
		if b.Modified {
			modified = ", with changes"
		}
		fmt.Fprintf(table, "revision\t%s of %s%s\n", b.Revision, cmp.Or(b.Time, "an unknown time"), modified)
	}
	fmt.Fprintf(table, "go\t%s\nkernels\t%s\nmachine\t%s/%s, %s\n", strings.TrimPrefix(b.Go, "go"),
		b.Kernels, b.OS, b.Arch, words.Count(b.Cores, "core"))
	return errors.WithStack(table.Flush())
}
