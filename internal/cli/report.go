package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/train/report/study"
)

// findingsFile is what a page about the studies in a directory begins with, a template of study.FillFindings.
const findingsFile = "findings.md"

func reportCommand() *cobra.Command {
	var page string
	cmd := &cobra.Command{
		Use:   "report DIR...",
		Short: "Regenerate the reports of comparisons, or write one page about several",
		Long: `Regenerate report.html and report.md of each comparison from its results.json, and print the
text of all of them. DIR is the directory of a comparison, or one with such directories in it.

With --page they go into one page of Markdown instead, which begins with DIR/findings.md if there is one.
Beside each results.json it writes README.md with all figures, charts, and a recipe for each model.
docs/results.md is made by hqvit report --page docs/results.md docs/results. Without DIR the page says that
there is no study yet.`,
		RunE: func(cmd *cobra.Command, args []string) error { return runReport(cmd, page, args) },
	}
	cmd.Flags().StringVar(&page, "page", "", "write one page about all of them, a Markdown `file`")
	return cmd
}

func runReport(cmd *cobra.Command, page string, args []string) error {
	if len(args) == 0 && page == "" {
		return usageError{errors.New("no directory given, want that of a comparison")}
	}
	var dirs, inputs []string
	findings := ""
	for _, arg := range args {
		found, err := study.Find(arg)
		if err != nil {
			return err
		}
		if len(found) == 0 && page == "" {
			return errors.Errorf("no %s in %s or the directories in it", study.ResultsFile, arg)
		}
		dirs, inputs = append(dirs, found...), append(inputs, filepath.Join(arg, findingsFile))
		for _, dir := range found {
			inputs = append(inputs, filepath.Join(dir, study.ResultsFile), filepath.Join(dir,
				study.DetailsFile))
		}
		text, err := os.ReadFile(filepath.Join(arg, findingsFile))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return errors.Wrap(err, "report")
		}
		findings += string(text)
	}
	if page == "" {
		return saveReports(cmd, dirs)
	}
	if err := checkOutput("page", page, inputs, pageFile); err != nil {
		return err
	}
	if findings == "" {
		findings = study.DefaultFindings
	}
	if err := study.WritePage(page, findings, dirs); err != nil {
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout(), page)
	return nil
}

func saveReports(cmd *cobra.Command, dirs []string) error {
	for _, dir := range dirs {
		r, err := study.Read(dir)
		if err != nil {
			return err
		}
		if err := r.Save(dir); err != nil {
			return err
		}
		fmt.Fprintln(cmd.OutOrStdout(), r.Markdown())
	}
	return nil
}
