package split

import (
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/pkg/errors"
)

// onStates calls f on all ranks with the states that circuits make of |0…0⟩, each in the layout that suits
// it.
func onStates(ranks int, theta []float64, f func(states []*State[float64]) error,
	circuits ...*circuit.Circuit) error {
	plans := make([]*Plan, len(circuits))
	for i, c := range circuits {
		var err error
		if plans[i], err = NewPlan(c, ranks, Options{}); err != nil {
			return err
		}
	}
	return InProcess(ranks, func(comm Comm) error {
		states := make([]*State[float64], len(circuits))
		for i, p := range plans {
			e, err := NewExecutor[float64](comm, p, 1)
			if err != nil {
				return err
			}
			if states[i], err = NewState[float64](comm, p.Start()); err != nil {
				return err
			}
			if err := e.Apply(theta[:circuits[i].NumTheta()], make([]float64, circuits[i].NumData()),
				states[i]); err != nil {
				return err
			}
		}
		return f(states)
	})
}

// oneRank returns the state of a circuit from the engine on one rank.
func oneRank(t *testing.T, c *circuit.Circuit, theta []float64) []float64 {
	t.Helper()
	plan, err := statevec.Compile[float64](c)
	if err != nil {
		t.Fatal(err)
	}
	psi := make([]float64, plan.Width())
	psi[0] = 1
	if err := plan.NewExecutor(1).Apply(1, theta[:plan.NumTheta()], make([]float64, plan.NumData()), psi,
		psi); err != nil {
		t.Fatal(err)
	}
	return psi
}

// entangled returns a circuit whose last gates leave ranks relabelled and qubits renamed.
func entangled(n int) *circuit.Circuit {
	c := qlayer.Entangling(2)(n)
	c.Swap(0, n-1).X(1).Y(0).ISwap(0, 1).CX(0, 1)
	for q := range n {
		c.RX(q, circuit.Theta(q))
	}
	return c.Swap(1, 2).X(0).Y(1).CX(0, 1)
}

func angles64(n int, seed uint64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	out := make([]float64, n)
	for i := range out {
		out[i] = rng.Float64()*6 - 3
	}
	return out
}

// TestExpectations compares values and gradients of Pauli sums, with X and Y on global qubits too, with those
// of the engine on one rank.
func TestExpectations(t *testing.T) {
	const n = 6
	c, theta := entangled(n), angles64(100, 5)
	rng := rand.New(rand.NewPCG(6, 6))
	observables := make([]statevec.Observable, 4)
	for k := range observables {
		for range 1 + 8*k {
			text := make([]byte, n)
			for q := range text {
				text[q] = "IXYZ"[rng.IntN(4)]
			}
			observables[k] = append(observables[k], statevec.Term{Coefficient: rng.NormFloat64(),
				Pauli: string(text)})
		}
	}
	observables = append(observables, statevec.Observable{{Coefficient: 2, Pauli: "IIIIII"}}, nil)
	dout := angles64(len(observables), 7)
	psi := oneRank(t, c, theta)
	m, err := statevec.NewExpectations[float64](n, observables, 1)
	if err != nil {
		t.Fatal(err)
	}
	want, dpsi := make([]float64, len(observables)), make([]float64, len(psi))
	if err := m.Apply(1, psi, want); err != nil {
		t.Fatal(err)
	}
	if err := m.Adjoint(1, psi, dout, dpsi); err != nil {
		t.Fatal(err)
	}
	for ranks := 1; ranks <= 8; ranks *= 2 {
		err := onStates(ranks, theta, func(states []*State[float64]) error {
			e, err := NewExpectations[float64](n, observables, 1)
			if err != nil {
				return err
			}
			got, err := e.Apply(states[0])
			if err != nil {
				return err
			}
			lambda, err := NewState[float64](states[0].comm, states[0].Layout())
			if err != nil {
				return err
			}
			if err := e.Adjoint(states[0], dout, lambda); err != nil {
				return err
			}
			return compareWhole(got, want, lambda, dpsi)
		}, c)
		if err != nil {
			t.Errorf("%d ranks: %v", ranks, err)
		}
	}
}

// compareWhole returns an error unless measured numbers and the gradient by the state are those wanted.
func compareWhole(got, want []float64, lambda *State[float64], dpsi []float64) error {
	whole, err := lambda.Whole()
	if err != nil {
		return err
	}
	if d := furthest(got, want); !(d <= 1e-12) {
		return errors.Errorf("the values differ by %g", d)
	}
	if d := furthest(whole, dpsi); !(d <= 1e-12) {
		return errors.Errorf("the gradient differs by %g", d)
	}
	return nil
}

func TestProbabilities(t *testing.T) {
	const n = 6
	c, theta := entangled(n), angles64(100, 8)
	psi := oneRank(t, c, theta)
	for _, qubits := range [][]int{{0}, {5, 1}, {3, 0, 4}, {0, 1, 2, 3, 4, 5}, {2, 1, 0, 5, 4, 3}} {
		m, err := statevec.NewProbabilities[float64](n, qubits, 1)
		if err != nil {
			t.Fatal(err)
		}
		dout := angles64(1<<len(qubits), 9)
		want, dpsi := make([]float64, len(dout)), make([]float64, len(psi))
		if err := m.Apply(1, psi, want); err != nil {
			t.Fatal(err)
		}
		if err := m.Adjoint(1, psi, dout, dpsi); err != nil {
			t.Fatal(err)
		}
		for ranks := 1; ranks <= 8; ranks *= 2 {
			err := onStates(ranks, theta, func(states []*State[float64]) error {
				p, err := NewProbabilities[float64](qubits...)
				if err != nil {
					return err
				}
				got, err := p.Apply(states[0])
				if err != nil {
					return err
				}
				lambda, err := NewState[float64](states[0].comm, states[0].Layout())
				if err != nil {
					return err
				}
				if err := p.Adjoint(states[0], dout, lambda); err != nil {
					return err
				}
				return compareWhole(got, want, lambda, dpsi)
			}, c)
			if err != nil {
				t.Errorf("%d ranks, qubits %v: %v", ranks, qubits, err)
			}
		}
	}
}

// TestOverlap compares overlaps of states that two circuits leave in different layouts, and their gradients.
func TestOverlap(t *testing.T) {
	const n = 6
	a, theta := entangled(n), angles64(100, 10)
	b := circuit.New(n).RY(4, circuit.Theta(1)).H(2).CX(2, 5).X(0).Swap(0,
		3).Append(qlayer.Entangling(1)(n)).Swap(5, 1)
	phi, psi := complexes(oneRank(t, a, theta)), complexes(oneRank(t, b, theta))
	var want complex128
	for i, v := range phi {
		want += cmplx.Conj(v) * psi[i]
	}
	const dout = 0.7
	for ranks := 1; ranks <= 16; ranks *= 2 {
		err := onStates(ranks, theta, func(s []*State[float64]) error {
			before, err := s[1].Whole()
			if err != nil {
				return err
			}
			z, err := Overlap(s[0], s[1])
			if err != nil {
				return err
			}
			if d := cmplx.Abs(z - want); d > 1e-13 {
				return errors.Errorf("got %v, want %v", z, want)
			}
			after, err := s[1].Whole()
			if err != nil {
				return err
			}
			if !slices.Equal(before, after) {
				return errors.New("another layout is another state")
			}
			// In place: each is the gradient by the other.
			if err := OverlapAdjoint(s[0], s[1], z, dout, s[1], s[0]); err != nil {
				return err
			}
			dphi, err := s[1].Whole()
			if err != nil {
				return err
			}
			dpsi, err := s[0].Whole()
			if err != nil {
				return err
			}
			for i, v := range complexes(dphi) {
				w := complexes(dpsi)[i]
				if cmplx.Abs(v-2*dout*cmplx.Conj(want)*psi[i]) > 1e-13 || cmplx.Abs(w-2*dout*want*phi[i]) > 1e-13 {
					return errors.Errorf("the gradient by amplitude %d is %v and %v", i, v, w)
				}
			}
			return nil
		}, a, b)
		if err != nil {
			t.Errorf("%d ranks: %v", ranks, err)
		}
	}
}
