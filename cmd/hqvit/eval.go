package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/rundir"
)

// evalFlags say what is evaluated, and how the result is printed.
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
	cmd.Flags().StringVar(&f.data, "data", "", "evaluate on another data set than the run's")
	cmd.Flags().StringVar(&f.split, "split", "test", "split to evaluate: train, val or test")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one line of JSON")
	registerWhere(cmd, &f.dataDir, &f.threads)
	return cmd
}

func runEval(cmd *cobra.Command, dir string, f evalFlags) error {
	if f.threads < 1 {
		return usageError{errors.Errorf("threads is %d, want at least 1", f.threads)}
	}
	c := newConfig()
	if err := c.loadRun(dir); err != nil {
		return err
	}
	if f.data != "" {
		if err := checkData(f.data); err != nil {
			return err
		}
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
	e, err := m.Evaluate(cmd.Context(), train.Images{Images: images})
	if err != nil {
		return err
	}
	if e.Metrics == nil {
		return errors.Errorf("%s has no labels in split %q", c.Data, f.split)
	}
	result := evaluation{c.dataTitle(), f.split, images.Len(), e.Metrics, m.classes}
	if f.json {
		return errors.WithStack(json.NewEncoder(cmd.OutOrStdout()).Encode(result))
	}
	return result.show(cmd.OutOrStdout())
}

// images returns a split of a set as the model reads it, normalised like the images that it was trained on.
func (m *model) images(ctx context.Context, c *config, f evalFlags, progress io.Writer) (*data.Images,
	error) {
	set, err := data.Load(ctx, c.Data, data.Options{
		Dir: f.dataDir, Seed: c.Seed, Size: m.architecture.Image, Progress: downloads(progress),
	})
	if err != nil {
		return nil, err
	}
	if len(set.Classes) != m.architecture.Classes {
		return nil, errors.Errorf("%s has %d classes, the model knows %d",
			c.Data, len(set.Classes), m.architecture.Classes)
	}
	if set.Channels != m.architecture.Channels {
		return nil, errors.Errorf("%s has images of %d channels, the model wants %d",
			c.Data, set.Channels, m.architecture.Channels)
	}
	set.Train = set.Train.First(cmp.Or(c.Limit, set.Train.Len()))
	ready, err := prepare(set, m.transform())
	if err != nil {
		return nil, err
	}
	images := map[string]*data.Images{"train": ready.train, "val": ready.val, "test": ready.test}[f.split]
	if images == nil {
		return nil, usageError{errors.Errorf("%s has no images in split %q, want train, val or test",
			c.Data, f.split)}
	}
	return images, nil
}

// evaluation is what is printed of a split: its metrics, the lists in the order of the classes.
type evaluation struct {
	Data   string `json:"data"`
	Split  string `json:"split"`
	Images int    `json:"images"`
	*metric.Classification
	Classes []string `json:"classes"`
}

func (e evaluation) show(out io.Writer) error {
	fmt.Fprintf(out,
		"data=%s split=%s images=%d loss=%.6f accuracy=%.4f balanced_accuracy=%.4f macro_f1=%.4f auc=%s "+
			"calibration_error=%s\n", e.Data, e.Split, e.Images, e.Loss, e.Accuracy, e.BalancedAccuracy,
		e.MacroF1,
		e.AUC.Text("%.4f"), e.CalibrationError.Text("%.4f"))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "class\tprecision\trecall\tf1\tas 0, 1, …")
	for c, name := range e.Classes {
		fmt.Fprintf(table, "%s\t%.4f\t%.4f\t%.4f\t%v\n",
			name, e.Precision[c], e.Recall[c], e.F1[c], e.Confusion[c])
	}
	return errors.WithStack(table.Flush())
}

// loadRun reads the config.yaml of a run.
func (c *config) loadRun(dir string) error {
	path := filepath.Join(dir, rundir.ConfigFile)
	text, err := rundir.ReadConfig(path)
	if errors.Is(err, rundir.ErrDamaged) {
		return err
	}
	if err != nil {
		return errors.Wrapf(err, "%s holds no run", dir)
	}
	return c.parse("config "+path, text)
}
