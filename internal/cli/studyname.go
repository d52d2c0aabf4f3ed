package cli

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/pkg/errors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/train/rundir"
)

// studyDir returns the default directory of a comparison on some data: one for each choice of models, options
// and first seed, whatever the number of seeds. The configs are those of the models by name.
func studyDir(data string, names []string, configs []config) (string, error) {
	const longest = 60
	sum := sha256.New()
	for i, c := range configs {
		text, err := yaml.Marshal(c)
		if err != nil {
			return "", errors.Wrap(err, "compare")
		}
		fmt.Fprintf(sum, "%q %s", names[i], text)
		if lines := c.sets.of(augmentationBlock); len(lines) > 0 { // of which the text does not know yet
			fmt.Fprintf(sum, "%q", lines)
		}
	}
	name := []rune(rundir.FileName("compare-" + data + "-" + strings.Join(names, "-")))
	return filepath.Join(runsDir, fmt.Sprintf("%s-%.6x", string(name[:min(len(name), longest)]),
			sum.Sum(nil)[:3])),
		nil
}

// commandLine returns the command with what decides the study, as a line for a shell: the data, models and
// number of seeds, and all other flags that were given, but without those that say where things are on this
// machine and how many of its cores are used.
func commandLine(cmd *cobra.Command) string {
	words := []string{programName(cmd), cmd.Name()}
	add := func(f *pflag.Flag, value string) {
		if f.Value.Type() == "bool" || strings.HasPrefix(value, "-") {
			words = append(words, shellWord("--"+f.Name+"="+value))
			return
		}
		words = append(words, "--"+f.Name, shellWord(value))
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		decides := f.Changed || slices.Contains([]string{"models", "seeds"}, f.Name) ||
			f.Name == "data" && !cmd.Flags().Changed("config") // which may have the data
		if !decides || slices.Contains([]string{"data-dir", "out", "from", "threads", "verbose"}, f.Name) {
			return
		}
		list, ok := f.Value.(pflag.SliceValue)
		if !ok {
			add(f, f.Value.String())
			return
		}
		for _, value := range list.GetSlice() {
			add(f, value)
		}
	})
	return strings.Join(words, " ")
}
