package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	"github.com/hqvit/hqvit/train/rundir"
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

Of other images that have no splits of their own, such as class folders, all are evaluated; with
--split, those that train would have taken for that split.`,
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
	cmd.Flags().IntVar(&f.limit, "limit", 0, "evaluate the first `N` images only; 0 for all")
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
		return usageError{errors.Errorf("--limit is %d, want 0 for all images, or more", f.limit)}
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
	own := f.data == "" || sameData(f.data, c.Data)
	if !own {
		c.Data, c.Limit = f.data, 0
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
		return errors.Errorf("%s has no images of the model's classes in split %q", c.Data, f.split)
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
	warnOfChance(cmd.ErrOrStderr(), e.Metrics, m.meta.Classes, "")
	result := evaluation{c.dataTitle(), split, images.Len(), run, e.Metrics, m.meta.Classes, views}
	if f.json {
		return errors.WithStack(json.NewEncoder(cmd.OutOrStdout()).Encode(result))
	}
	return result.show(cmd.OutOrStdout())
}

var splitNames = []string{"train", "val", "test"}

// sameData reports whether two names are those of the same set.
func sameData(a, b string) bool {
	kind, path, ok := strings.Cut(a, ":")
	other, otherPath, _ := strings.Cut(b, ":")
	return a == b || ok && kind == other && filepath.Clean(path) == filepath.Clean(otherPath)
}

// load reads a set for evaluation, its classes matched with the model's by name, and its images in the form
// of the training images. With whole it is not cut if it has no splits of its own.
func (m *model) load(ctx context.Context, c *config, f evalFlags, whole bool, progress io.Writer) (*data.Set,
	error) {
	set, err := data.Load(ctx, c.Data, data.Options{
		Dir: f.dataDir, Seed: c.Seed, Shape: m.meta.Shape, Whole: whole, Progress: downloads(progress),
		Table: m.meta.Table, Target: data.Target(m.meta.Config.Output),
	})
	if err != nil {
		return nil, err
	}
	if err := m.takes(set, c.Data); err != nil {
		return nil, err
	}
	if err := keep(set, c.Data, f.split, whole); err != nil {
		return nil, err
	}
	if err := set.Match(m.meta.Classes); err != nil {
		return nil, err
	}
	tell(set, progress)
	if known := set.Scale.Known(); known == m.meta.Unscaled && set.Kind() == data.Pictures {
		return nil, errors.Errorf(
			"%s holds %s, and the model was trained on %s: the numbers cannot be made the same",
			c.Data,
			scaled(known),
			scaled(!m.meta.Unscaled),
		)
	}
	for _, split := range []*data.Split{&set.Train, &set.Val, &set.Test} {
		if m.meta.Unscaled && set.Kind() == data.Pictures && split.Len() > 0 && split.Shape != m.meta.Shape {
			return nil, errors.Errorf("%s has images of %v, and the model wants real numbers of %v", c.Data,
				split.Shape, m.meta.Shape)
		}
		if split.Len() > 0 && set.Kind() == data.Pictures {
			if *split, err = split.Fit(m.meta.Shape); err != nil {
				return nil, err
			}
		}
	}
	set.Train = set.Train.First(cmp.Or(c.Limit, set.Train.Len()))
	for _, split := range []*data.Split{&set.Train, &set.Val, &set.Test} {
		*split = split.First(cmp.Or(f.limit, split.Len()))
	}
	return set, nil
}

// keep leaves out the splits of a set that are not evaluated: of a whole one, which has none, none. It
// returns an error if the split has no images.
func keep(set *data.Set, name, split string, whole bool) error {
	if whole && set.Unsplit {
		return nil
	}
	var there []string
	for i, part := range []*data.Split{&set.Train, &set.Val, &set.Test} {
		if n := part.Len(); n > 0 {
			there = append(there, fmt.Sprintf("%s (%d)", splitNames[i], n))
		}
	}
	for i, part := range []*data.Split{&set.Train, &set.Val, &set.Test} {
		switch {
		case splitNames[i] != split:
			*part = data.Split{}
		case part.Len() == 0:
			return usageError{errors.Errorf("%s has no images in split %q, but in %s", name, split,
				strings.Join(there, ", "))}
		}
	}
	return nil
}

// scaled says what is known of the numbers of images.
func scaled(known bool) string {
	if known {
		return "pixels from black to white"
	}
	return "real numbers of an unknown scale"
}

// images returns a split of a set as the model reads it, normalised like the images that it was trained on,
// and what it is called: all, of a set without splits.
func (m *model) images(set *data.Set, split string) (*data.Images, string, error) {
	ready, err := prepare(set, m.meta.Transform())
	if err != nil {
		return nil, "", err
	}
	images := map[string]*data.Images{"train": ready.train, "val": ready.val, "test": ready.test}[split]
	if images == nil {
		return ready.train, "all", nil
	}
	return images, split, nil
}

// evaluation is what is printed of a split: its metrics, the lists in the order of the classes.
type evaluation struct {
	Data   string `json:"data"`
	Split  string `json:"split"`
	Images int    `json:"images"`
	circuitRun
	*metric.Classification
	Classes []string `json:"classes"`

	WithViews *overViews `json:"with_views,omitempty"`
}

func (e evaluation) show(out io.Writer) error {
	fmt.Fprintf(out,
		"data=%s split=%s images=%d%s loss=%.6f accuracy=%.4f balanced_accuracy=%.4f macro_f1=%.4f auc=%s "+
			"calibration_error=%s%s\n", e.Data, e.Split, e.Images, e.circuitRun, e.Loss, e.Accuracy,
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

// loadRun reads the config.yaml of a run. A file of weights has none, and needs none to be evaluated on other
// data.
func (c *config) loadRun(dir, otherData string) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		if otherData == "" {
			return usageError{
				errors.Errorf("%s is a file: want the directory of a run, or --data to evaluate on",
					dir),
			}
		}
		return nil
	}
	if _, err := rundir.FindWeights(dir); err != nil {
		return err
	}
	path := filepath.Join(dir, rundir.ConfigFile)
	text, err := rundir.ReadConfig(path)
	if errors.Is(err, os.ErrNotExist) {
		return errors.Errorf("%s has lost its %s, which says what it was trained on: want its %s with --data",
			dir, rundir.ConfigFile, rundir.WeightsFile)
	}
	if err != nil {
		return err
	}
	c.Data = ""
	err = c.parse("config "+path, text)
	switch {
	case otherData != "" && (err != nil || c.Data == ""):
		*c = newConfig(c.names) // a program's own, of which nothing is needed
	case err != nil:
		return err
	case c.Data == "":
		return usageError{errors.Errorf("%s was trained by a program, on data of its own%s: want --data, "+
			"with images "+
			"to evaluate on", dir, dataOf(dir))}
	}
	return nil
}

// dataOf says what the weights of a run call their data, if they do.
func dataOf(dir string) string {
	w, err := rundir.ReadWeights(rundir.WeightsPath(dir))
	if err != nil || w.Meta["data"] == "" {
		return ""
	}
	return ", " + w.Meta["data"]
}

// warnOfChance says that a result may be chance, if it may, and what helps.
func warnOfChance(out io.Writer, m *metric.Classification, classes []string, helps string) {
	if text := m.Chance(classes); text != "" {
		fmt.Fprintln(out, "warning: "+text+helps)
	}
}
