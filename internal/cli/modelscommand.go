package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/suggest"
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
	fmt.Fprintln(table, "trained, where a command takes DIR")
	for _, name := range pretrained.Names() {
		s, err := shippedSummary(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "  %s\t%.2f %% of %d test images, %d parameters: %s\n", name,
			100*float64(s.TestAccuracy), s.TestExamples, s.Parameters, s.Model)
	}
	fmt.Fprintln(table, "\nto train, by --model")
	for _, m := range p.names.All() {
		fmt.Fprintf(table, "  %s\t%s\n", m.Name, m.Help)
	}
	fmt.Fprintln(table, "  vit-matched\thqvit:matched\n  vit-matched-m\thqvit-m:matched")
	fmt.Fprintln(table, "\nchanges of these, each after a colon")
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

// located returns the directory of a model that comes trained for its name, if nothing of that name lies
// there, and any other path as it is.
func located(path string) (string, error) {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return path, nil
	}
	if near := suggest.Among(path, pretrained.Names()); near != "" && !pretrained.Has(path) {
		return "", usageError{errors.Errorf("%s: no such file or directory, and no model of this name comes "+
			"trained%s", path, near)}
	}
	if !pretrained.Has(path) {
		return path, nil
	}
	return pretrained.Dir(path)
}

// shown returns a path as it was given: of a model that comes trained, its name.
func shown(path string) string {
	name := filepath.Base(path)
	if pretrained.Has(name) && filepath.Base(filepath.Dir(path)) == "models" {
		return name
	}
	return path
}

// locate makes of the arguments of a command that takes models what they name.
func locate(cmd *cobra.Command, args []string) (err error) {
	models := 1
	switch name := strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" "); name {
	case "serve":
		models = len(args)
	case "eval", "predict", "explain", "info", "export", "circuit", "circuit analyse", "ledger":
	default:
		return nil
	}
	for i := range args[:min(models, len(args))] {
		if args[i], err = located(args[i]); err != nil {
			return err
		}
		_, err := os.Stat(args[i])
		if !errors.Is(err, os.ErrNotExist) || slices.Contains([]string{"circuit", "ledger", "export"}, cmd.Name()) {
			continue // two of these take other files, too, and export looks at its second argument first
		}
		if _, err := rundir.FindWeights(args[i]); err != nil {
			return errors.Errorf("%v; %s models lists the models that come trained", err, programName(cmd))
		}
	}
	return nil
}

// pictureArgs wants a model and pictures, at least so many arguments, or a picture alone, which is for the
// default model.
func pictureArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 && isPicture(args[0]) {
			return check(cmd, append([]string{pretrained.Default}, args...))
		}
		return check(cmd, args)
	}
}

// withModel returns the arguments with the default model in front if they begin with a picture, and says so.
func withModel(cmd *cobra.Command, args []string) ([]string, error) {
	if !isPicture(args[0]) {
		return args, nil
	}
	dir, err := pretrained.Dir(pretrained.Default)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s, which comes trained; %s models lists others\n", pretrained.Default,
		programName(cmd))
	return append([]string{dir}, args...), nil
}

// isPicture reports whether an argument is a picture rather than a model: a file with the ending of one, a
// folder that has one and no run, or - for standard input.
func isPicture(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return path == "-"
	}
	if !info.IsDir() {
		return data.IsPicture("any" + filepath.Ext(path))
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return false
	}
	has := func(is func(name string) bool) bool {
		return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return !e.IsDir() && is(e.Name()) })
	}
	isRun := has(func(name string) bool { return name == "config.yaml" || name == "best.safetensors" })
	return has(data.IsPicture) && !isRun
}
