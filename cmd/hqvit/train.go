package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/vit"
)

// trainFlags say where and how a run is done, and nothing of what it comes to.
type trainFlags struct {
	out, dataDir, file string
	threads            int
	resume, overwrite  bool
	keep               int
	log                string
}

func trainCommand() *cobra.Command {
	var c config
	var f trainFlags
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a model and evaluate it on the test images",
		Long: `Train a model, choose the best epoch by validation, evaluate it once on the test images.

The directory of the run gets config.yaml, metrics.csv, metrics.jsonl, events for TensorBoard,
summary.json, curves.svg, confusion.svg, best.safetensors and last.ckpt. Without --out it is
runs/DATA-MODEL-sSEED, or the first of …-2, …-3 and so on that is free. One seed gives one result
for any --threads.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runTrain(cmd, &c, f) },
	}
	c.register(cmd.Flags())
	registerModel(cmd.Flags(), &c.Model, &c.Size)
	cmd.Flags().StringVar(&f.out, "out", "", "`directory` of the run")
	registerWhere(cmd, &f.dataDir, &f.threads)
	cmd.Flags().StringVar(&f.file, "config", "", "read what the flags do not say from a `file` like config.yaml")
	cmd.Flags().IntVar(&f.keep, "keep", 0, "keep the weights of the last `N` epochs too, as epoch-0001.safetensors and so on")
	cmd.Flags().StringVar(&f.log, "log", "", "append each epoch and checkpoint as a line of JSON to a `file`")
	cmd.Flags().BoolVar(&f.resume, "resume", false, "go on from the last checkpoint, with the config.yaml of the run")
	cmd.Flags().BoolVar(&f.overwrite, "overwrite", false, "replace the run in the directory")
	return cmd
}

func registerWhere(cmd *cobra.Command, dataDir *string, threads *int) {
	cmd.Flags().StringVar(dataDir, "data-dir", "", "`directory` of data sets (else $HQVIT_DATA, else the user's cache)")
	registerThreads(cmd, threads)
}

func registerThreads(cmd *cobra.Command, threads *int) {
	cmd.Flags().IntVar(threads, "threads", runtime.GOMAXPROCS(0), "threads; they change no result")
}

func runTrain(cmd *cobra.Command, c *config, f trainFlags) error {
	if f.threads < 1 {
		return usageError{errors.Errorf("threads is %d, want at least 1", f.threads)}
	}
	if f.resume && f.overwrite {
		return usageError{errors.New("--resume and --overwrite exclude each other")}
	}
	file := f.file
	if file == "" && f.resume {
		if f.out == "" {
			f.out = defaultDir(c, f)
		}
		file = existing(filepath.Join(f.out, train.ConfigFile))
	}
	if file != "" {
		if err := c.load(file, cmd); err != nil {
			return err
		}
	}
	if err := c.check(); err != nil {
		return err
	}
	if f.out == "" {
		f.out = defaultDir(c, f)
	}
	task, err := newTask(cmd.Context(), c, f, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	task.Progress = cmd.ErrOrStderr()
	if f.log != "" {
		file, err := os.OpenFile(f.log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return errors.Wrap(err, "log")
		}
		defer file.Close()
		task.Log = slog.New(slog.NewJSONHandler(file, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	fmt.Fprintf(task.Progress, "%s on %s: %d training, %d validation and %d test images; %s\n", c.title(), task.Data, task.Train.Len(), length(task.Val), length(task.Test), f.out)
	report, err := task.Run(cmd.Context())
	if errors.Is(err, context.Canceled) {
		return errors.WithMessagef(err, "go on with: hqvit train --resume --out %s", f.out)
	}
	if err != nil {
		return err
	}
	tell(cmd, report, f.out)
	return nil
}

func tell(cmd *cobra.Command, report *train.Report, dir string) {
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "%d parameters, %d of them quantum; %.0f images/s; %.0f s\n", report.Parameters, report.QuantumParameters, report.TrainImagesPerSecond, report.Seconds)
	if report.Test != nil {
		m := report.Test.Metrics
		fmt.Fprintf(out, "test accuracy %.4f, balanced %.4f, AUC %.4f, with the weights of epoch %d\n", m.Accuracy, m.BalancedAccuracy, m.AUC, report.Best.Epoch)
	}
	fmt.Fprintln(out, dir)
}

// existing returns the path if there is a file, else "".
func existing(path string) string {
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// defaultDir is the first directory of its name that is free; to be resumed or overwritten, the last that is not.
func defaultDir(c *config, f trainFlags) string {
	first := filepath.Join("runs", fmt.Sprintf("%s-%s-s%d", c.dataTitle(), c.title(), c.Seed))
	dir, last := first, first
	for n := 2; train.HoldsRun(dir); n++ {
		dir, last = fmt.Sprintf("%s-%d", first, n), dir
	}
	if f.resume || f.overwrite {
		return last
	}
	return dir
}

// newTask loads the data and makes the run of it.
func newTask(ctx context.Context, c *config, f trainFlags, progress io.Writer) (train.Task, error) {
	set, planes, err := load(ctx, c, f.dataDir, progress)
	if err != nil {
		return train.Task{}, err
	}
	return taskOf(c, f, set, planes)
}

// taskOf makes the architecture fit the data.
func taskOf(c *config, f trainFlags, set *data.Set, planes splits) (train.Task, error) {
	a := c.Architecture
	if err := c.fit(set.Channels, len(set.Classes)); err != nil {
		return train.Task{}, err
	}
	model, err := vit.New(*a)
	if err != nil {
		return train.Task{}, err
	}
	meta, err := c.metadata(set, planes.transform)
	if err != nil {
		return train.Task{}, err
	}
	teacher, err := c.teacher(set, planes.transform)
	if err != nil {
		return train.Task{}, err
	}
	schedule, err := c.schedule()
	if err != nil {
		return train.Task{}, err
	}
	task := train.Task{
		Model: model, Loss: c.loss(), Opt: c.optimizer(), Schedule: schedule, Clip: c.Clip,
		Teacher: teacher,
		Train:   planes.train, Val: planes.val, Test: planes.test,
		EMA: c.EMA, Select: train.Selection(c.Select), Patience: c.Patience, KeepEpochs: f.keep,
		Epochs: c.Epochs, Batch: c.Batch, Micro: c.Micro, Threads: f.threads, Seed: c.Seed,
		Dir: f.out, Resume: f.resume, Overwrite: f.overwrite,
		Name: c.title(), Data: c.dataTitle(), Classes: set.Classes, Config: c,
		Meta: meta,
	}
	if c.Augment {
		if c.Augmentation == nil {
			suited := augmentation(c.Data)
			c.Augmentation = &suited
		}
		task.Augment = *c.Augmentation
	}
	return task, nil
}

// augmentation is what suits a listed set; for the user's own, a little displacement.
func augmentation(name string) data.Augment {
	if d, err := data.Describe(name); err == nil {
		return d.Augment
	}
	return data.Augment{Shift: 2}
}
