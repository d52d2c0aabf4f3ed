package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/words"
)

func dataCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "data", Short: "List, describe, download and verify data sets"}
	cmd.AddCommand(
		&cobra.Command{Use: "list", Short: "List the built-in data sets", Args: cobra.NoArgs, RunE: listData},
		&cobra.Command{Use: "info NAME", Short: "Describe a data set", Args: cobra.ExactArgs(1),
			RunE: describeData},
		fileCommand("fetch NAME", "Download the files of a data set that are missing", fetchData),
		fileCommand("verify NAME", "Check the checksums of a data set's files", verifyData),
	)
	return cmd
}

// fileCommand returns a command on the files of one set.
func fileCommand(use, short string, f func(cmd *cobra.Command, name string,
	o data.Options) error) *cobra.Command {
	var o data.Options
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkData(args[0]); err != nil {
				return err
			}
			return f(cmd, args[0], o)
		},
	}
	cmd.Flags().StringVar(&o.Dir, "data-dir", "",
		"`directory` of data sets (default: $HQVIT_DATA, or the user's cache)")
	return cmd
}

func listData(cmd *cobra.Command, _ []string) error {
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "name\texamples\tclasses\ttrain\tval\ttest\tlicence")
	for _, d := range data.List() {
		fmt.Fprintf(table, "%s\t%v\t%d\t%d\t%d\t%d\t%s\n",
			d.Name, d.Shape, len(d.Classes), d.Train, d.Val, d.Test, d.Licence)
	}
	fmt.Fprintln(table, strings.Join(data.Forms(), " ")+"\tyour own")
	return table.Flush()
}

func describeData(cmd *cobra.Command, args []string) error {
	if err := checkData(args[0]); err != nil {
		return err
	}
	d, err := data.Describe(args[0])
	if err != nil {
		return usageError{err}
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "%s\nexamples of %v, %d training, %d validation, %d test\nlicence %s, from %s\n",
		d.Title, d.Shape, d.Train, d.Val, d.Test, d.Licence, d.Source)
	if d.Remark != "" {
		fmt.Fprintln(out, d.Remark)
	}
	fmt.Fprintf(out, "classes %s\n", listed(d.Classes))
	sayDrawn(out, len(d.Files))
	for _, f := range d.Files {
		fmt.Fprintln(out, strings.Join(append([]string{"file", f.Name, f.Digest}, f.URLs...), " "))
	}
	return nil
}

// listed joins names with commas; a name that contains a comma is quoted.
func listed(names []string) string {
	all := slices.Clone(names)
	for i, name := range all {
		if strings.Contains(name, ",") {
			all[i] = strconv.Quote(name)
		}
	}
	return strings.Join(all, ", ")
}

// downloads reports a download, at most once a second and at its end.
func downloads(out io.Writer) func(file string, done, total int64) {
	var last time.Time
	return func(file string, done, total int64) {
		if done != total && time.Since(last) < time.Second {
			return
		}
		last = time.Now()
		whole := ""
		if total >= 0 {
			whole = fmt.Sprintf(" of %.1f", float64(total)/1e6)
		}
		fmt.Fprintf(out, "%s: %.1f%s MB\n", file, float64(done)/1e6, whole)
	}
}

func fetchData(cmd *cobra.Command, name string, o data.Options) error {
	o.Progress = downloads(cmd.ErrOrStderr())
	paths, err := data.Fetch(cmd.Context(), name, o)
	if err != nil {
		return err
	}
	sayDrawn(cmd.OutOrStdout(), len(paths))
	for _, path := range paths {
		fmt.Fprintln(cmd.OutOrStdout(), path)
	}
	return nil
}

// sayDrawn says of a set without files why it has none.
func sayDrawn(out io.Writer, files int) {
	if files == 0 {
		fmt.Fprintln(out, "no files: hqvit draws the examples itself")
	}
}

func verifyData(cmd *cobra.Command, name string, o data.Options) error {
	all, err := data.Verify(cmd.Context(), name, o)
	if err != nil {
		return err
	}
	sayDrawn(cmd.OutOrStdout(), len(all))
	missing := 0
	for _, s := range all {
		if s.Err != nil {
			missing++
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", s.Name, oneLine(s.Err))
			continue
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%s: ok, %s\n", s.Name, s.Path)
	}
	if missing > 0 {
		return errors.Errorf("data: %s: %d of %s missing or with a wrong checksum",
			name, missing, words.Count(len(all), "file"))
	}
	return nil
}
