package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// evalFlags say what is evaluated, and how the result is printed.
type evalFlags struct {
	data, dataDir, split string
	threads              int
	json, views          bool
	svg                  string
	device               deviceFlags
	sweep                string
	limit                int
	seed                 uint64
	run                  string       // the directory of the run; empty: of a file of weights
	runData              string       // what it was trained on, where that is not evaluated
	runLimit             int          // on its training examples
	again                bool         // the data are given, and are those of the run
	ranks                *train.Ranks // which evaluate together; nil: this process alone
}

func (p program) evalCommand() *cobra.Command {
	var f evalFlags
	cmd := &cobra.Command{
		Use:   "eval DIR",
		Short: "Evaluate the best weights of a run",
		Long: `Evaluate the best weights of a run on the test images that it was not trained on, or with --data on
other images: DIR is the directory of the run, or with --data a file of weights. Of labels each has
its AUC, average precision, F1, precision and recall, of values their errors in their own units.
--svg draws the confusion matrix, the ROC curves of labels, or predicted against true values.

Classes are matched by their names, and what does not match is said: images of a class that the
model does not know are left out, and classes without an image count in no mean. Images get the
pixels that those of training had: the same size, channels, scale and normalisation.

Of other examples that have no splits of their own, such as class folders or a table, all are
evaluated, unless they are those of the run: then its own test split is, and a line says so. With
--split it is those that train would have taken for that split.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.ranks = p.ranks
			return p.runEval(cmd, args[0], f)
		},
	}
	cmd.Flags().StringVar(&f.data, "data", "", "evaluate on another data set than the run's")
	cmd.Flags().StringVar(&f.split, "split", "test", "split to evaluate: train, val or test")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one line of JSON")
	cmd.Flags().BoolVar(&f.views, "views", false, "also average predictions over several views of a "+
		"picture: mirrored and moved, as in training")
	cmd.Flags().StringVar(&f.svg, "svg", "", "also draw how good it is, to an SVG `file`")
	f.device.register(cmd)
	cmd.Flags().Uint64Var(&f.seed, "seed", 0, "`seed` of the shots (default: that of the run)")
	cmd.Flags().IntVar(&f.limit, "limit", 0, "evaluate the first `N` examples only; 0 for all")
	cmd.Flags().Var(sweepFlag{&f.sweep}, "sweep", "evaluate with each of some `VALUES` and print a table: "+
		"shots=100,1000 or CHANNEL=0.001,0.01, in place of that channel of the noise that there is")
	registerWhere(cmd, &f.dataDir, &f.threads)
	return cmd
}

// open returns the options of the model, changed by a function.
func (f evalFlags) open(change func(c *vit.Config)) trained.Options {
	return trained.Options{Threads: f.threads, Seed: f.seed, Change: change, Ranks: f.ranks}
}

func (p program) runEval(cmd *cobra.Command, dir string, f evalFlags) error {
	if f.threads < 1 {
		return usageError{errors.Errorf("threads is %d, want at least 1", f.threads)}
	}
	if !slices.Contains(splitNames, f.split) {
		return usageError{errors.Errorf("split %q, want train, val or test", f.split)}
	}
	if f.limit < 0 {
		return usageError{errors.Errorf("--limit is %d, want 0 for all examples, or more", f.limit)}
	}
	if err := f.device.check(); err != nil {
		return err
	}
	if f.svg != "" {
		if err := checkOutput("svg", f.svg, []string{dir}, svgFile); err != nil {
			return err
		}
	}
	if f.views && f.sweep != "" {
		return usageError{errors.New("--views and --sweep exclude each other")}
	}
	var swept sweep
	if f.sweep != "" {
		var err error
		if swept, err = parseSweep(f.sweep); err != nil {
			return err
		}
		if swept.name == "shots" && cmd.Flags().Changed("shots") {
			return usageError{errors.New("--sweep shots and --shots exclude each other")}
		}
	}
	c := newConfig(p.names)
	if err := c.loadRun(dir, f.data); err != nil {
		return err
	}
	if f.data != "" {
		if err := checkData(f.data); err != nil {
			return err
		}
	}
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		f.run = dir
	}
	own := f.data == "" || data.SameFiles(f.data, c.Data)
	f.again = own && f.data != "" && !cmd.Flags().Changed("split")
	if !own {
		c.Data, c.Limit, f.runData, f.runLimit = f.data, 0, c.Data, c.Limit
	}
	if !cmd.Flags().Changed("seed") {
		f.seed = c.Seed
	}
	m, err := p.openModel(dir, f.open(func(c *vit.Config) {
		f.device.change(c)
		if f.sweep != "" { // what is given may be right with it alone, as a mitigation of swept noise
			swept.change(c, swept.values[0])
		}
	}))
	if err != nil {
		return err
	}
	defer m.Close()
	var set *data.Set
	err = inTurn(f.ranks, func() (err error) {
		set, err = m.load(cmd.Context(), &c, f, !own && !cmd.Flags().Changed("split"), cmd.ErrOrStderr())
		return err
	})
	if err != nil {
		return err
	}
	images, split, err := m.images(set, f.split)
	if err != nil {
		return err
	}
	if images == nil {
		return errors.Errorf("%s has no %ss of the model's classes in split %q", c.Data,
			nounOf(m.meta.Config),
			f.split)
	}
	if f.sweep != "" {
		return swept.run(cmd, p, dir, f, images)
	}
	e, err := m.Evaluate(cmd.Context(), train.Images{Images: images})
	if err != nil {
		return err
	}
	if e.Figures() == nil {
		return errors.Errorf("%s has no labels in split %q", c.Data, f.split)
	}
	run := runOf(m.meta.Config)
	if f.svg != "" && f.ranks.Rank() == 0 {
		title := fmt.Sprintf("%s on %s, %s", m.meta.Model, c.dataTitle(), split)
		err := atomicfile.Write(f.svg, func(w io.Writer) error { return e.Draw(w, title, m.meta.Classes) })
		if err != nil {
			return err
		}
	}
	warnOfChance(cmd.ErrOrStderr(), e, m.meta.Classes, "")
	var views *overViews
	if f.views {
		if views, err = m.overViews(cmd.Context(), c, images); err != nil {
			return err
		}
	}
	if e.Metrics == nil {
		result := measured{c.dataTitle(), split, images.Len(), run, e.OfLabels, e.OfValues, m.meta.Classes,
			views}
		if f.json {
			return errors.WithStack(json.NewEncoder(cmd.OutOrStdout()).Encode(result))
		}
		return result.show(cmd.OutOrStdout(), e.Loss, e.Figures())
	}
	result := evaluation{Data: c.dataTitle(), Split: split, circuitRun: run, Classification: e.Metrics,
		Classes: m.meta.Classes, WithViews: views}
	if m.meta.Config.Pictures() {
		result.Images = images.Len()
	} else {
		result.Examples = images.Len()
	}
	if f.json {
		return errors.WithStack(json.NewEncoder(cmd.OutOrStdout()).Encode(result))
	}
	return result.show(cmd.OutOrStdout())
}

var splitNames = []string{"train", "val", "test"}

// evaluation is what is printed of a split: its metrics, the lists in the order of the classes.
type evaluation struct {
	Data  string `json:"data"`
	Split string `json:"split"`
	// The number of them, by what they are.
	Images   int `json:"images,omitempty"`
	Examples int `json:"examples,omitempty"`
	circuitRun
	*metric.Classification
	Classes []string `json:"classes"`

	WithViews *overViews `json:"with_views,omitempty"`
}

func (e evaluation) show(out io.Writer) error {
	count := fmt.Sprint("images=", e.Images)
	if e.Examples > 0 {
		count = fmt.Sprint("examples=", e.Examples)
	}
	fmt.Fprintf(out,
		"data=%s split=%s %s%s loss=%.6f accuracy=%.4f balanced_accuracy=%.4f macro_f1=%.4f auc=%s "+
			"calibration_error=%s%s\n", e.Data, e.Split, count, e.circuitRun, e.Loss, e.Accuracy,
		e.BalancedAccuracy,
		e.MacroF1,
		e.AUC.Text("%.4f"), e.CalibrationError.Text("%.4f"), e.WithViews)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "class\tprecision\trecall\tf1\tas "+columnsOf(e.Classes))
	for c, name := range e.Classes {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%v\n",
			name, orDash(e.Precision[c]), orDash(e.Recall[c]), orDash(e.F1[c]), e.Confusion[c])
	}
	return errors.WithStack(table.Flush())
}

// orDash returns the text of a metric in a table, – of a class without an image.
func orDash(v metric.Number) string {
	if !v.Known() {
		return "–"
	}
	return v.Text("%.4f")
}

// columnsOf names the columns of a confusion matrix: the classes, which are in the order of the rows.
func columnsOf(classes []string) string {
	const room = 60
	names, width := []string{}, 0
	for _, name := range classes {
		if width += utf8.RuneCountInString(name) + 2; width > room {
			return strings.Join(append(names, "…"), ", ")
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// warnOfChance says that a result may be chance, if it may, and what helps; names are those of the classes,
// labels or values.
func warnOfChance(out io.Writer, e *train.Evaluation, names []string, helps string) {
	text := e.Metrics.Chance(names)
	switch {
	case e.OfLabels != nil:
		text = metric.LabelsChance(e.Probabilities(), e.Targets, e.Width, names)
	case e.OfValues != nil:
		text = metric.ValuesChance(e.Predictions, e.Targets, e.Width, names)
	}
	if text != "" {
		fmt.Fprintln(out, "warning: "+text+helps)
	}
}
