package transpile_test

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/transpile"
)

// act returns the circuit applied to a state of n qubits, gate by gate from their matrices.
func act(c *circuit.Circuit, state []complex128, theta, data []float64) []complex128 {
	n := c.Qubits()
	for _, g := range c.Operations() {
		m, qubits := g.Matrix(theta, data), g.AllQubits()
		d := m.Dim()
		mask := 0
		for _, q := range qubits {
			mask |= 1 << (n - 1 - q)
		}
		index := make([]int, d)
		for i := range index {
			for k, q := range qubits {
				index[i] |= i >> (len(qubits) - 1 - k) & 1 << (n - 1 - q)
			}
		}
		old := make([]complex128, d)
		for rest := range state {
			if rest&mask != 0 {
				continue
			}
			for i, at := range index {
				old[i] = state[rest|at]
			}
			for i, at := range index {
				var sum complex128
				for j, v := range old {
					sum += m[i*d+j] * v
				}
				state[rest|at] = sum
			}
		}
	}
	return state
}

// spread returns a state of some qubits as one of n, qubit q on place[q] and all others in |0⟩.
func spread(state []complex128, place []int, n int) []complex128 {
	out := make([]complex128, 1<<n)
	for i, v := range state {
		at := 0
		for q, p := range place {
			at |= i >> (len(place) - 1 - q) & 1 << (n - 1 - p)
		}
		out[at] = v
	}
	return out
}

// difference returns how far what a result does to random states is from what the original does, qubits put
// back and up to one phase for all states.
func difference(r *rand.Rand, c *circuit.Circuit, out transpile.Result, theta, data []float64) float64 {
	compact, qubits := out.Compact()
	onto := func(list []int) []int {
		place := make([]int, len(list))
		for q, p := range list {
			place[q] = slices.Index(qubits, p)
		}
		return place
	}
	first, last := onto(out.First), onto(out.Last)
	worst, phase := 0.0, complex128(0)
	for range 2 {
		state, norm := make([]complex128, 1<<c.Qubits()), 0.0
		for i := range state {
			state[i] = complex(r.NormFloat64(), r.NormFloat64())
			norm += real(state[i] * cmplx.Conj(state[i]))
		}
		for i := range state {
			state[i] /= complex(math.Sqrt(norm), 0)
		}
		got := act(compact, spread(state, first, len(qubits)), theta, data)
		want := spread(act(c, slices.Clone(state), theta, data), last, len(qubits))
		if phase == 0 {
			var overlap complex128
			for i := range got {
				overlap += cmplx.Conj(got[i]) * want[i]
			}
			phase = cmplx.Rect(1, cmplx.Phase(overlap))
		}
		for i := range got {
			worst = max(worst, cmplx.Abs(got[i]*phase-want[i]))
		}
	}
	return worst
}

// maps are coupling maps of all sorts with room for n qubits.
func maps(n int) []circuit.Coupling {
	var oneWay [][2]int
	for q := range n {
		oneWay = append(oneWay, [2]int{(q + 1 + q%2) % (n + 1), (q + 2 - q%2) % (n + 1)})
	}
	return []circuit.Coupling{
		{}, circuit.AllToAll(n), circuit.Line(n), circuit.Ring(n + 1), circuit.Grid(2, (n+1)/2),
		circuit.Grid(3, 3),
		circuit.HeavyHex(3), circuit.Pairs(n+1, oneWay, true),
	}
}

// TestRandomCircuits: 1,000 circuits of 2 to 8 qubits, each with every named gate set, on maps of all sorts.
func TestRandomCircuits(t *testing.T) {
	count := 1000
	if testing.Short() {
		count = 100
	}
	type job struct{ i int }
	jobs := make(chan job)
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			for j := range jobs {
				checkRandom(t, j.i)
			}
		})
	}
	for i := range count {
		jobs <- job{i}
	}
	close(jobs)
	wait.Wait()
}

func checkRandom(t *testing.T, i int) {
	r := rand.New(rand.NewPCG(5, uint64(i)))
	n := 2 + i%7
	c := randomCircuit(r, n, 2+r.IntN(14))
	all := maps(n)
	for s, set := range circuit.GateSets() {
		coupling := all[(i/7+s*3)%len(all)]
		what := fmt.Sprintf("circuit %d to %v on %v", i, set, coupling)
		out, err := transpile.Compiler{Gates: set, Coupling: coupling, Seed: uint64(i), Trials: 3,
			Threads: 1}.Run(c)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			return
		}
		for _, g := range out.Circuit.Operations() {
			q := g.AllQubits()
			if !set.Native(g) {
				t.Errorf("%s: %s is not in the set", what, g.Name())
			}
			if len(q) == 2 && !coupling.Allows(q[0], q[1]) {
				t.Errorf("%s: %s acts on %v, which are not coupled", what, g.Name(), q)
			}
		}
		if coupling.All() && out.After.TwoQubit > out.Before.TwoQubit {
			t.Errorf("%s: %d gates of two qubits, %d before", what, out.After.TwoQubit, out.Before.TwoQubit)
		}
		theta, data := numbers(r), numbers(r)
		if d := difference(r, c, out, theta, data); !(d < 1e-9) {
			t.Errorf("%s: off by %.3g\n%v", what, d, c)
		}
	}
}
