package main

import (
	"cmp"
	"fmt"
	"runtime"
	"time"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/vit"
)

func benchCommand() *cobra.Command {
	var name, size string
	var threads, micro int
	var seconds float64
	var circuit bool
	var b circuitBench
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure training and inference in images a second, or a circuit",
		Long: `Measure the steps of train and its evaluation, float32, on images of noise: medians of five rounds.

With --circuit measure --layers of RY and RZ on every qubit and a ring of CX, on a batch of states: forward_us is the time
of the states, gradient_us that of the states and of the gradient to angles and input, both in microseconds for a state of
the batch.

--micro is how many images go through the graph at once; a step adds up the gradients of as many micro-batches as its batch
has. The default is the model's own, the one it trains with.

The program uses no more than --threads processors, for the preparation of images too.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if threads < 1 || !(seconds > 0) {
				return usageError{errors.Errorf("threads is %d and seconds is %v, want at least 1 and above 0", threads, seconds)}
			}
			for name, ofCircuit := range map[string]bool{"model": false, "size": false, "micro": false, "qubits": true, "layers": true, "batch": true, "double": true} {
				if cmd.Flags().Changed(name) && ofCircuit != circuit {
					return usageError{errors.Errorf("--%s has no meaning with --circuit=%v", name, circuit)}
				}
			}
			if circuit {
				b.threads, b.round = threads, time.Duration(seconds*float64(time.Second))
				return b.run(cmd)
			}
			architecture, err := named(name, size)
			if err != nil {
				return err
			}
			batch, suited := vit.DefaultBatch(architecture)
			if !cmd.Flags().Changed("micro") {
				micro = suited
			} else if micro < 1 || batch%micro != 0 {
				return usageError{errors.Errorf("micro is %d, want a divisor of the model's batch of %d", micro, batch)}
			}
			recipe := train.DefaultRecipe()
			recipe.Batch, recipe.Micro = batch, micro
			task := train.Task{Loop: train.Loop{Recipe: recipe, Threads: threads}}
			return runBench(cmd, name, size, architecture, task, time.Duration(seconds*float64(time.Second)))
		},
	}
	registerModel(cmd.Flags(), &name, &size)
	cmd.Flags().IntVar(&threads, "threads", runtime.GOMAXPROCS(0), "threads")
	cmd.Flags().IntVar(&micro, "micro", 0, "images of a micro-batch, a divisor of the batch (default the model's own)")
	cmd.Flags().Float64Var(&seconds, "seconds", 1, "length of a round")
	cmd.Flags().BoolVar(&circuit, "circuit", false, "measure a circuit, not a model")
	cmd.Flags().IntVar(&b.qubits, "qubits", 10, "qubits of the circuit")
	cmd.Flags().IntVar(&b.layers, "layers", 4, "layers of the circuit")
	cmd.Flags().IntVar(&b.batch, "batch", 64, "states of the circuit's batch")
	cmd.Flags().BoolVar(&b.double, "double", false, "the circuit in float64")
	return cmd
}

func runBench(cmd *cobra.Command, name, size string, a vit.Config, task train.Task, round time.Duration) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(task.Threads))
	var err error
	if task.Model, err = vit.New(a); err != nil {
		return err
	}
	if task.Train, err = noise(a, 4*task.Recipe.Batch); err != nil {
		return err
	}
	t, err := task.Bench(cmd.Context(), round)
	if err != nil {
		return err
	}
	if name == "hqvit" || name == "vit" {
		size = cmp.Or(size, "s")
	}
	fmt.Fprintf(cmd.OutOrStdout(), "hqvit %s %s size=%s threads=%d params=%d train_images_per_s=%.0f infer_images_per_s=%.0f\n",
		version(), name, size, task.Threads, t.Parameters, t.Train, t.Infer)
	return nil
}

// noise returns n labelled images for an architecture.
func noise(a vit.Config, n int) (*data.Images, error) {
	split := data.Split{Shape: data.Shape{Height: a.Image, Width: a.Image, Channels: a.Channels}}
	random := splitmix.Source(1)
	for range n * split.Shape.Len() {
		split.Images = append(split.Images, uint8(random.Uint64()))
	}
	for range n {
		split.Labels = append(split.Labels, int(random.Uint64()%uint64(a.Classes)))
	}
	return data.Transform{Size: a.Image}.Apply(split)
}
