package cli

import (
	"fmt"
	"runtime"
	"time"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/mpi"
	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/vit"
)

// benchFlags say what is measured, and how long.
type benchFlags struct {
	model, size    string
	threads, micro int
	seconds        float64 // of a round
	circuit        bool
	overlap        bool
}

// onlyFor says which flags of bench mean something for a circuit alone (true), or for a model alone.
var onlyFor = map[string]bool{
	"model": false, "size": false, "micro": false, "overlap": false, "qubits": true, "layers": true,
	"batch":  true,
	"double": true, "split": true, "direct": true,
}

func (p program) benchCommand() *cobra.Command {
	var f benchFlags
	var b circuitBench
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure training and inference in images a second, or a circuit",
		Long: `Measure the steps of training and evaluation, in float32, on noise images: medians of five
rounds.

With --circuit, measure --layers of RY and RZ on every qubit and a ring of CX on a batch of
states: forward_us is the time for the states, gradient_us for the states and the gradient with
respect to angles and input, both in microseconds a state.

Under mpirun, in a program that was built with -tags mpi, all ranks share one state of the circuit,
and with --split this process alone holds one: forward_ms is the time for the state, gradient_ms
with the gradient of the sum of all ⟨Z⟩, exchange_ms the part of that in exchanges, each the median
of rounds and, for a machine that others use too, the fastest; sent_mb is what a rank sends for
the state in so many exchanges, direct_exchanges and direct_sent_mb what it would send if each gate
fetched its qubits for itself, as it does with --direct.

--micro is how many images go through the graph at once; a step sums the gradients of as many
micro-batches as its batch has. The default is the one that the model trains with.

The program uses no more than --threads processors, for preparing images too.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for name, ofCircuit := range onlyFor {
				if cmd.Flags().Changed(name) && ofCircuit != f.circuit {
					return usageError{errors.Errorf("--%s has no meaning with --circuit=%v", name, f.circuit)}
				}
			}
			if f.circuit {
				b.threads, b.round = f.threads, f.round()
				world, err := mpi.Init()
				if err != nil {
					return err
				}
				if b.direct && !b.split && world.Size == 1 {
					return usageError{errors.New("--direct has no meaning without --split")}
				}
				if !b.split && world.Size == 1 {
					return b.run(cmd)
				}
				if cmd.Flags().Changed("batch") {
					return usageError{errors.New("--batch has no meaning for one state that ranks share")}
				}
				return b.runSplit(cmd, world)
			}
			return p.benchModel(cmd, f)
		},
	}
	registerModel(cmd.Flags(), p.names, &f.model, &f.size, "hqvit")
	registerThreads(cmd, &f.threads)
	registerOverlap(cmd, &f.overlap)
	cmd.Flags().IntVar(&f.micro, "micro", 0,
		"images of a micro-batch, a divisor of the batch (default: the model's own)")
	f.seconds = 1
	cmd.Flags().Var(positive{&f.seconds}, "seconds", "length of a round")
	cmd.Flags().BoolVar(&f.circuit, "circuit", false, "measure a circuit, not a model")
	cmd.Flags().IntVar(&b.qubits, "qubits", 10, "qubits of the circuit")
	cmd.Flags().IntVar(&b.layers, "layers", 4, "layers of the circuit")
	cmd.Flags().IntVar(&b.batch, "batch", 64, "states of the circuit's batch")
	cmd.Flags().BoolVar(&b.split, "split", false, "run the circuit on one state, shared by the ranks of mpirun")
	cmd.Flags().BoolVar(&b.direct, "direct", false,
		"with one shared state, fetch qubits for each gate by itself")
	cmd.Flags().BoolVar(&b.double, "double", false, "run the circuit in float64")
	return cmd
}

func (f benchFlags) round() time.Duration { return time.Duration(f.seconds * float64(time.Second)) }

func (p program) benchModel(cmd *cobra.Command, f benchFlags) error {
	a, err := named(p.names, f.model, f.size)
	if err != nil {
		return err
	}
	recipe := train.DefaultRecipe()
	recipe.Batch, recipe.Micro = vit.DefaultBatch(a)
	if cmd.Flags().Changed("micro") {
		if f.micro < 1 || recipe.Batch%f.micro != 0 {
			return usageError{errors.Errorf("micro is %d, want a divisor of the model's batch of %d",
				f.micro, recipe.Batch)}
		}
		recipe.Micro = f.micro
	}
	task := train.Task{Loop: train.Loop{Recipe: recipe, Threads: f.threads, Ranks: p.ranks, Overlap: f.overlap}}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(f.threads))
	if task.Model, err = vit.New(a); err != nil {
		return err
	}
	if task.Train, err = noise(a, 4*recipe.Batch); err != nil {
		return err
	}
	t, err := task.Bench(cmd.Context(), f.round())
	if err != nil {
		return err
	}
	shared := ""
	if n := p.ranks.Size(); n > 1 {
		shared = fmt.Sprintf(" ranks=%d exchange_us_per_step=%.0f", n, float64(t.Exchange.Nanoseconds())/1000)
	}
	fmt.Fprintf(cmd.OutOrStdout(),
		"hqvit %s %s threads=%d params=%d train_images_per_s=%.0f infer_images_per_s=%.0f%s\n",
		version(), a.Name(), f.threads, t.Parameters, t.Train, t.Infer, shared)
	return nil
}

// noise returns n labelled images of noise for an architecture.
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
