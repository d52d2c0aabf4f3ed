package main

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/train/report/study"
)

func reportCommand() *cobra.Command {
	var page string
	cmd := &cobra.Command{
		Use:   "report DIR...",
		Short: "Regenerate the reports of comparisons, or write one page about several",
		Long: `Regenerate report.html and report.md of each comparison from its results.json, and print the
text of all of them. DIR is the directory of a comparison, or one that contains such
directories.

With --page, write one page of Markdown about all of them instead, with pictures beside each
results.json: hqvit report --page docs/results.md docs/results writes docs/results.md. Without
DIR the page says that there is no study yet.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && page == "" {
				return usageError{errors.New("no directory given, want that of a comparison")}
			}
			var dirs []string
			for _, arg := range args {
				found, err := study.Studies(arg)
				if err != nil {
					return err
				}
				if len(found) == 0 && page == "" {
					return errors.Errorf("no %s in %s or the directories in it", study.ResultsFile, arg)
				}
				dirs = append(dirs, found...)
			}
			if page != "" {
				if err := study.SavePage(page, dirs); err != nil {
					return err
				}
				fmt.Fprintln(cmd.OutOrStdout(), page)
				return nil
			}
			return reports(cmd, dirs)
		},
	}
	cmd.Flags().StringVar(&page, "page", "", "write one page about all of them into a Markdown `file`")
	return cmd
}

func reports(cmd *cobra.Command, dirs []string) error {
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
