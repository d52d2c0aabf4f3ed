package cli

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/statevec"
)

// circuitBench is what bench --circuit runs.
type circuitBench struct {
	qubits, layers, batch, threads int
	double                         bool
	split, direct                  bool // one state over the ranks of mpirun; fetching qubits for each gate
	round                          time.Duration
}

// largestStates bounds the memory of the states of a batch, in bytes; a gradient needs four times that.
const largestStates = 4 << 30

func (b circuitBench) run(cmd *cobra.Command) error {
	if b.qubits < 1 || b.layers < 1 || b.batch < 1 {
		return usageError{errors.Errorf("qubits is %d, layers is %d and batch is %d, want at least 1",
			b.qubits, b.layers, b.batch)}
	}
	size, dtype := 4, "float32"
	if b.double {
		size, dtype = 8, "float64"
	}
	if b.qubits > 40 || b.batch > largestStates/size>>(b.qubits+1) {
		return usageError{errors.Errorf("more than %d GiB for %s of %s in %s, want fewer",
			largestStates>>30, words.Count(b.batch, "state"), words.Count(b.qubits, "qubit"), dtype)}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(b.threads))
	measure := measureCircuit[float32]
	if b.double {
		measure = measureCircuit[float64]
	}
	forward, gradient, err := measure(cmd.Context(), b)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "hqvit %s circuit qubits=%d layers=%d batch=%d threads=%d dtype=%s "+
		"forward_us=%.4f gradient_us=%.4f\n",
		version(), b.qubits, b.layers, b.batch, b.threads, dtype, forward, gradient)
	return nil
}

// measureCircuit returns the median time of one state of the batch in microseconds, forward, and forward and
// backward.
func measureCircuit[T float32 | float64](ctx context.Context, b circuitBench) (forward, gradient float64,
	err error) {
	plan, err := statevec.Compile[T](qlayer.Entangling(b.layers)(b.qubits))
	if err != nil {
		return 0, 0, err
	}
	exec := plan.NewExecutor(b.threads)
	random := splitmix.Source(1)
	numbers := func(n int) []T {
		x := make([]T, n)
		for i := range x {
			x[i] = T(random.Uint64()>>40)/(1<<23) - 1 // in [-1,1)
		}
		return x
	}
	theta, in, dout := numbers(plan.NumTheta()), numbers(b.batch*plan.Width()), numbers(b.batch*plan.Width())
	out, din, dtheta := make([]T, len(in)), make([]T, len(in)), make([]T, len(theta))
	apply := func() error { return exec.Apply(b.batch, theta, nil, in, out) }
	if forward, err = b.median(ctx, apply); err != nil {
		return 0, 0, err
	}
	gradient, err = b.median(ctx, func() error {
		if err := apply(); err != nil {
			return err
		}
		return exec.Adjoint(b.batch, theta, nil, out, dout, din, dtheta, nil)
	})
	return forward, gradient, err
}

// median returns the median of five rounds after one to warm up, in microseconds for one state.
func (b circuitBench) median(ctx context.Context, f func() error) (float64, error) {
	var took []float64
	for round := range 6 {
		began, calls := time.Now(), 0
		for calls == 0 || time.Since(began) < b.round {
			if err := f(); err != nil {
				return 0, err
			}
			if ctx.Err() != nil {
				return 0, errors.WithMessage(ctx.Err(), "bench")
			}
			calls++
		}
		if round > 0 {
			took = append(took, float64(time.Since(began).Nanoseconds())/1e3/float64(calls*b.batch))
		}
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}
