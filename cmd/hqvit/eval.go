package main

import (
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/goccy/go-yaml"
	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
)

func evalCommand() *cobra.Command {
	var name, dataDir, split string
	var threads int
	cmd := &cobra.Command{
		Use:   "eval DIR",
		Short: "Evaluate the best weights of a run",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runEval(cmd, args[0], name, dataDir, split, threads)
		},
	}
	cmd.Flags().StringVar(&name, "data", "", "another data set than that of the run")
	cmd.Flags().StringVar(&split, "split", "test", "train, val or test")
	registerWhere(cmd, &dataDir, &threads)
	return cmd
}

func runEval(cmd *cobra.Command, dir, name, dataDir, split string, threads int) error {
	var c config
	if err := c.loadRun(dir); err != nil {
		return err
	}
	if name != "" {
		c.Data = name
	}
	m, err := openModel(dir, threads)
	if err != nil {
		return err
	}
	defer m.Close()
	c.Architecture = &m.architecture
	set, planes, err := load(&c, dataDir)
	if err != nil {
		return err
	}
	if len(set.Classes) != m.architecture.Classes {
		return errors.Errorf("%s has %d classes, the model %d", c.Data, len(set.Classes), m.architecture.Classes)
	}
	images := map[string]*data.Planes{"train": planes.train, "val": planes.val, "test": planes.test}[split]
	if images == nil {
		return usageError{errors.Errorf("%s has no images in split %q, want train, val or test", c.Data, split)}
	}
	e, err := m.Evaluate(cmd.Context(), images)
	if err != nil {
		return err
	}
	return show(cmd, e.Metrics, m.classes, images.Len(), c.dataTitle(), split)
}

func show(cmd *cobra.Command, m *train.Metrics, classes []string, images int, name, split string) error {
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "data=%s split=%s images=%d loss=%.6f accuracy=%.4f balanced_accuracy=%.4f macro_f1=%.4f auc=%.4f calibration_error=%.4f\n",
		name, split, images, m.Loss, m.Accuracy, m.BalancedAccuracy, m.MacroF1, m.AUC, m.Calibration)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "class\tprecision\trecall\tf1\tas 0, 1, …")
	for c, name := range classes {
		fmt.Fprintf(table, "%s\t%.4f\t%.4f\t%.4f\t%v\n", name, m.Precision[c], m.Recall[c], m.F1[c], m.Confusion[c])
	}
	return table.Flush()
}

// loadRun reads the config.yaml of a run.
func (c *config) loadRun(dir string) error {
	path := filepath.Join(dir, train.ConfigFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return errors.Wrapf(err, "%s holds no run", dir)
	}
	if err := yaml.UnmarshalWithOptions(text, c, yaml.Strict()); err != nil {
		return errors.Errorf("config %s: line:column %s", path, yaml.FormatError(err, false, false))
	}
	return nil
}
