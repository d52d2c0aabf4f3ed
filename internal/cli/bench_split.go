package cli

import (
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/internal/mpi"
	"github.com/hqvit/hqvit/internal/scaling"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/hqvit/hqvit/qops/statevec/split"
	"github.com/hqvit/hqvit/train"
)

// splitRun is what bench measures of one state over ranks.
type splitRun struct {
	forward, gradient, exchange float64    // seconds: of a state; with the gradient; of that, in Exchange
	fastest                     [3]float64 // round of each
	norm                        float64    // of the state, to see that it is one
}

// runSplit measures the circuit on one state that all ranks share. Every rank calls it, and the first prints.
func (b circuitBench) runSplit(cmd *cobra.Command, world *mpi.World) error {
	size, dtype, measure := 4, "float32", measureSplit[float32]
	if b.double {
		size, dtype, measure = 8, "float64", measureSplit[float64]
	}
	if b.qubits < 1 || b.layers < 1 {
		return usageError{errors.Errorf("qubits is %d and layers is %d, want at least 1", b.qubits, b.layers)}
	}
	if share := math.Ldexp(float64(size), b.qubits+1) / float64(world.Size); share > largestStates {
		return usageError{errors.Errorf("more than %d GiB a rank for a state of %s in %s on %s, want fewer "+
			"qubits or more ranks",
			largestStates>>30, words.Count(b.qubits, "qubit"), dtype, words.Count(world.Size, "rank"))}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(b.threads))
	c := scaling.LayeredCircuit(b.qubits, b.layers)
	plan, err := split.NewPlan(c, world.Size, split.Options{Direct: b.direct})
	if err != nil {
		return usageError{err}
	}
	other, err := split.NewPlan(c, world.Size, split.Options{Direct: true})
	if err != nil {
		return usageError{err}
	}
	r, err := measure(cmd, b, world, plan)
	if err != nil {
		return err
	}
	peak, err := largest(world, float64(train.PeakMemory()))
	if err != nil {
		return err
	}
	if world.Rank == 0 {
		t, d := plan.Traffic(), other.Traffic()
		const mb = 1e6
		fmt.Fprintf(cmd.OutOrStdout(), "hqvit %s state qubits=%d layers=%d ranks=%d threads=%d dtype=%s "+
			"forward_ms=%.1f "+
			"gradient_ms=%.1f exchange_ms=%.1f fastest_forward_ms=%.2f fastest_gradient_ms=%.2f "+
			"fastest_exchange_ms=%.2f exchanges=%d sent_mb=%.1f direct_exchanges=%d direct_sent_mb=%.1f "+
			"peak_mb=%.0f norm=%.9f\n",
			version(), b.qubits, b.layers, world.Size, b.threads, dtype, 1e3*r.forward, 1e3*r.gradient,
			1e3*r.exchange,
			1e3*r.fastest[0], 1e3*r.fastest[1], 1e3*r.fastest[2],
			t.Exchanges, 2*t.Amplitudes*float64(size)/mb, d.Exchanges, 2*d.Amplitudes*float64(size)/mb,
			peak/mb, r.norm)
	}
	return world.Finalize()
}

// measureSplit returns medians over rounds: the state of the circuit, the sum of ⟨Z⟩ of all qubits, and its
// gradient.
func measureSplit[T statevec.Float](cmd *cobra.Command, b circuitBench, world *mpi.World, plan *split.Plan) (
	r splitRun, err error) {
	inExchange := time.Duration(0)
	comm := split.Comm{Rank: world.Rank, Size: world.Size}
	messages := world.For(mpi.States)
	comm.Exchange = func(peer int, send, recv []byte) error {
		began := time.Now()
		defer func() { inExchange += time.Since(began) }()
		return messages.Exchange(peer, send, recv)
	}
	exec, err := split.NewExecutor[T](comm, plan, b.threads)
	if err != nil {
		return r, err
	}
	z := make(statevec.Observable, b.qubits)
	for q := range z {
		z[q] = statevec.Term{Coefficient: 1, Pauli: strings.Repeat("I", q) + "Z" +
			strings.Repeat("I", b.qubits-q-1)}
	}
	energy, err := split.NewExpectations[T](b.qubits, []statevec.Observable{z}, b.threads)
	if err != nil {
		return r, err
	}
	psi, err := split.NewState[T](comm, plan.Start())
	if err != nil {
		return r, err
	}
	lambda, err := split.NewState[T](comm, plan.End())
	if err != nil {
		return r, err
	}
	theta := make([]T, 2*b.qubits*b.layers)
	for i := range theta {
		theta[i] = T(math.Sin(float64(i + 1)))
	}
	dtheta := make([]T, len(theta))
	var forward, gradient, exchange []float64
	for round, rounds := 0, 1; round <= rounds; round++ { // the first one warms up
		inExchange = 0
		began := time.Now()
		if err := exec.Apply(theta, nil, psi); err != nil {
			return r, err
		}
		forward = append(forward, time.Since(began).Seconds())
		if _, err := energy.Apply(psi); err != nil {
			return r, err
		}
		if err := energy.Adjoint(psi, []float64{1}, lambda); err != nil {
			return r, err
		}
		if err := exec.Adjoint(theta, nil, psi, lambda, dtheta, nil); err != nil {
			return r, err
		}
		gradient = append(gradient, time.Since(began).Seconds())
		exchange = append(exchange, inExchange.Seconds())
		if round == 0 { // as many for all ranks
			slowest, err := largest(world, gradient[0])
			if err != nil {
				return r, err
			}
			rounds = min(1000, max(3, int(5*b.round.Seconds()/slowest)))
		}
		if cmd.Context().Err() != nil {
			return r, errors.WithMessage(cmd.Context().Err(), "bench")
		}
	}
	r.norm, err = psi.Norm()
	r.forward, r.gradient, r.exchange = median(forward[1:]), median(gradient[1:]), median(exchange[1:])
	r.fastest = [3]float64{slices.Min(forward[1:]), slices.Min(gradient[1:]), slices.Min(exchange[1:])}
	return r, err
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

// largest returns the largest of the numbers that ranks have.
func largest(world *mpi.World, x float64) (float64, error) {
	all := make([]byte, 8*world.Size)
	if err := world.AllGather(binary.LittleEndian.AppendUint64(nil, math.Float64bits(x)), all); err != nil {
		return 0, err
	}
	for rank := range world.Size {
		x = max(x, math.Float64frombits(binary.LittleEndian.Uint64(all[8*rank:])))
	}
	return x, nil
}
