package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
)

// evalFlags say what is evaluated, and how that is told.
type evalFlags struct {
	data, dataDir, split string
	threads              int
	json                 bool
}

func evalCommand() *cobra.Command {
	var f evalFlags
	cmd := &cobra.Command{
		Use:   "eval DIR",
		Short: "Evaluate the best weights of a run",
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return runEval(cmd, args[0], f) },
	}
	cmd.Flags().StringVar(&f.data, "data", "", "another data set than that of the run")
	cmd.Flags().StringVar(&f.split, "split", "test", "train, val or test")
	cmd.Flags().BoolVar(&f.json, "json", false, "write a line of JSON")
	registerWhere(cmd, &f.dataDir, &f.threads)
	return cmd
}

func runEval(cmd *cobra.Command, dir string, f evalFlags) error {
	if f.threads < 1 {
		return usageError{errors.Errorf("threads is %d, want at least 1", f.threads)}
	}
	var c config
	if err := c.loadRun(dir); err != nil {
		return err
	}
	if f.data != "" {
		c.Data = f.data
	}
	m, err := openModel(dir, f.threads)
	if err != nil {
		return err
	}
	defer m.Close()
	images, err := m.images(cmd.Context(), &c, f, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	e, err := m.Evaluate(cmd.Context(), images)
	if err != nil {
		return err
	}
	if e.Metrics == nil {
		return errors.Errorf("%s has no labels in split %q", c.Data, f.split)
	}
	told := evaluation{Data: c.dataTitle(), Split: f.split, Images: images.Len()}
	told.fill(e.Metrics, m.classes)
	if f.json {
		return errors.WithStack(json.NewEncoder(cmd.OutOrStdout()).Encode(told))
	}
	return told.show(cmd.OutOrStdout())
}

// images returns a split of a set as the model reads it, with the normalisation of the images that it was trained with.
func (m *model) images(ctx context.Context, c *config, f evalFlags, progress io.Writer) (*data.Images, error) {
	set, err := data.Load(ctx, c.Data, data.Options{Dir: f.dataDir, Seed: c.Seed, Size: m.architecture.Image, Progress: downloads(progress)})
	if err != nil {
		return nil, err
	}
	if len(set.Classes) != m.architecture.Classes {
		return nil, errors.Errorf("%s has %d classes, the model %d", c.Data, len(set.Classes), m.architecture.Classes)
	}
	if set.Channels != m.architecture.Channels {
		return nil, errors.Errorf("%s has images of %d channels, the model wants %d", c.Data, set.Channels, m.architecture.Channels)
	}
	set.Train = set.Train.First(cmp.Or(c.Limit, set.Train.Len()))
	planes, err := prepare(set, m.transform())
	if err != nil {
		return nil, err
	}
	images := map[string]*data.Images{"train": planes.train, "val": planes.val, "test": planes.test}[f.split]
	if images == nil {
		return nil, usageError{errors.Errorf("%s has no images in split %q, want train, val or test", c.Data, f.split)}
	}
	return images, nil
}

// evaluation is what is told of a split. A figure that has no value, such as the AUC of one class, is null.
type evaluation struct {
	Data     string        `json:"data"`
	Split    string        `json:"split"`
	Images   int           `json:"images"`
	Loss     *float64      `json:"loss"`
	Accuracy *float64      `json:"accuracy"`
	Balanced *float64      `json:"balanced_accuracy"`
	MacroF1  *float64      `json:"macro_f1"`
	AUC      *float64      `json:"auc"`
	Error    *float64      `json:"calibration_error"`
	Classes  []classFigure `json:"classes"`
}

type classFigure struct {
	Class     string  `json:"class"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	As        []int   `json:"predicted"` // images of the class by the class they are taken for
}

func (e *evaluation) fill(m *train.Metrics, classes []string) {
	for _, f := range []struct {
		to    **float64
		value float64
	}{{&e.Loss, m.Loss}, {&e.Accuracy, m.Accuracy}, {&e.Balanced, m.BalancedAccuracy}, {&e.MacroF1, m.MacroF1}, {&e.AUC, m.AUC}, {&e.Error, m.Calibration}} {
		if !math.IsNaN(f.value) && !math.IsInf(f.value, 0) {
			*f.to = &f.value
		}
	}
	for c, name := range classes {
		e.Classes = append(e.Classes, classFigure{name, m.Precision[c], m.Recall[c], m.F1[c], m.Confusion[c]})
	}
}

func (e *evaluation) show(out io.Writer) error {
	figure := func(format string, v *float64) string {
		if v == nil {
			return "none"
		}
		return fmt.Sprintf(format, *v)
	}
	fmt.Fprintf(out, "data=%s split=%s images=%d loss=%s accuracy=%s balanced_accuracy=%s macro_f1=%s auc=%s calibration_error=%s\n",
		e.Data, e.Split, e.Images, figure("%.6f", e.Loss), figure("%.4f", e.Accuracy), figure("%.4f", e.Balanced), figure("%.4f", e.MacroF1), figure("%.4f", e.AUC), figure("%.4f", e.Error))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "class\tprecision\trecall\tf1\tas 0, 1, …")
	for _, c := range e.Classes {
		fmt.Fprintf(table, "%s\t%.4f\t%.4f\t%.4f\t%v\n", c.Class, c.Precision, c.Recall, c.F1, c.As)
	}
	return errors.WithStack(table.Flush())
}

// loadRun reads the config.yaml of a run.
func (c *config) loadRun(dir string) error {
	path := filepath.Join(dir, train.ConfigFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return errors.Wrapf(err, "%s holds no run", dir)
	}
	return c.parse("config "+path, text)
}
