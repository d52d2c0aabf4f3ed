package main

import (
	"cmp"
	"fmt"
	"runtime"
	"time"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/vit"
)

func benchCommand() *cobra.Command {
	var name, size string
	var threads int
	var seconds float64
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure training steps and inference, in images a second",
		Long: `Measure the steps of train and its evaluation, float32, on images of noise: medians of five rounds.

The program uses no more than --threads processors, for the preparation of images too.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if threads < 1 || !(seconds > 0) {
				return usageError{errors.Errorf("threads is %d and seconds is %v, want at least 1 and above 0", threads, seconds)}
			}
			architecture, err := named(name, size)
			if err != nil {
				return err
			}
			return runBench(cmd, name, size, architecture, threads, time.Duration(seconds*float64(time.Second)))
		},
	}
	registerModel(cmd.Flags(), &name, &size)
	cmd.Flags().IntVar(&threads, "threads", runtime.GOMAXPROCS(0), "threads")
	cmd.Flags().Float64Var(&seconds, "seconds", 1, "length of a round")
	return cmd
}

func runBench(cmd *cobra.Command, name, size string, a vit.Config, threads int, round time.Duration) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
	layer, err := vit.New(a)
	if err != nil {
		return err
	}
	images, err := noise(a, 4*a.Batch)
	if err != nil {
		return err
	}
	task := train.Task{Model: layer, Train: images, Batch: a.Batch, Micro: a.Micro, Threads: threads, Seed: 1}
	t, err := task.Bench(cmd.Context(), round)
	if err != nil {
		return err
	}
	if name == "hqvit" || name == "vit" {
		size = cmp.Or(size, "s")
	}
	fmt.Fprintf(cmd.OutOrStdout(), "hqvit %s %s size=%s threads=%d params=%d train_images_per_s=%.0f infer_images_per_s=%.0f\n",
		version(), name, size, threads, t.Parameters, t.Train, t.Infer)
	return nil
}

// noise returns n labelled images for an architecture.
func noise(a vit.Config, n int) (*data.Planes, error) {
	split := data.Split{Shape: data.Shape{Height: a.Image, Width: a.Image, Channels: a.Channels}}
	random := nn.SplitMix(1)
	for range n * split.Shape.Len() {
		split.Images = append(split.Images, uint8(random.Uint64()))
	}
	for range n {
		split.Labels = append(split.Labels, int(random.Uint64()%uint64(a.Classes)))
	}
	return data.Transform{Size: a.Image}.Apply(split)
}
