package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/pretrained"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/vit"
)

func (p program) modelsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "models",
		Short: "List the models that come trained, and those that can be trained",
		Long: `List the models that come trained, whose names stand for a run in all commands that take DIR,
and the names that --model takes, with their changes.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.listModels(cmd.OutOrStdout()) },
	}
}

func (p program) listModels(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "trained, for a DIR")
	for _, name := range pretrained.Names() {
		s, err := shippedSummary(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "  %s\t%.2f %% of %d test images, %d parameters: %s\n", name, 100*float64(s.TestAccuracy),
			s.TestExamples, s.Parameters, s.Model)
	}
	fmt.Fprintln(table, "\nto be trained, for --model")
	for _, m := range p.names.All() {
		fmt.Fprintf(table, "  %s\t%s\n", m.Name, m.Help)
	}
	fmt.Fprintln(table, "  vit-matched\thqvit:matched\n  vit-matched-m\thqvit-m:matched")
	fmt.Fprintln(table, "\nchanges, behind a colon")
	for _, s := range p.names.AllScores() {
		fmt.Fprintf(table, "  %s\tscore: %s\n", s.Name, s.Help)
	}
	for _, a := range p.names.AllAnsatzes() {
		fmt.Fprintf(table, "  %s\tansatz: %s\n", a.Name, a.Help)
	}
	fmt.Fprintf(table, "  %s\tpooling\n", strings.Join(vit.Poolings(), ", "))
	fmt.Fprintln(table, "  matched\tthe ViT with as many parameters")
	fmt.Fprintln(table, "  1000-shots\tscores from 1000 shots of each head's circuit")
	return errors.WithStack(table.Flush())
}

// shippedSummary reads the summary of a model that comes trained.
func shippedSummary(name string) (s train.Summary, err error) {
	files, err := pretrained.Files(name)
	if err != nil {
		return s, err
	}
	text, err := fs.ReadFile(files, rundir.SummaryFile)
	if err != nil {
		return s, errors.WithStack(err)
	}
	return s, errors.Wrap(json.Unmarshal(text, &s), name)
}

// located returns the directory of a model that comes trained for its name, if nothing of that name lies there, and
// any other path as it is.
func located(path string) (string, error) {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) || !pretrained.Has(path) {
		return path, nil
	}
	return pretrained.Dir(path)
}
