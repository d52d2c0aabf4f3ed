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

// TestSample draws the same shots for any number of ranks, with the frequencies of the probabilities.
func TestSample(t *testing.T) {
	const n, shots = 14, 20000 // two levels of qubits
	c, theta := entangled(n), angles64(100, 11)
	for _, qubits := range [][]int{nil, {13, 0, 1}} {
		var want []uint64
		for ranks := 1; ranks <= 8; ranks *= 2 {
			var got []uint64
			err := onStates(ranks, theta, func(s []*State[float64]) error {
				drawn, err := Sample(s[0], shots, 42, qubits...)
				if s[0].comm.Rank == ranks-1 {
					got = drawn
				}
				return err
			}, c)
			if err != nil {
				t.Fatalf("%d ranks: %v", ranks, err)
			}
			if ranks == 1 {
				want = got
			} else if !slices.Equal(got, want) {
				t.Errorf("%d ranks: other shots than on one", ranks)
			}
		}
		if qubits == nil {
			qubits = identity(n)
		}
		first := qubits[:3] // few outcomes, for χ²
		m, err := statevec.NewProbabilities[float64](n, first, 1)
		if err != nil {
			t.Fatal(err)
		}
		p := make([]float64, 8)
		if err := m.Apply(1, oneRank(t, c, theta), p); err != nil {
			t.Fatal(err)
		}
		counts := make([]float64, 8)
		for _, x := range want {
			counts[x>>(len(qubits)-3)]++
		}
		chi := 0.0
		for i, v := range p {
			chi += (counts[i] - shots*v) * (counts[i] - shots*v) / (shots * v)
		}
		if !(chi < 29.9) { // 7 degrees of freedom, 1 in 10⁴
			t.Errorf("qubits %v: χ² is %g", first, chi)
		}
	}
	if err := onStates(2, theta, func(s []*State[float64]) error { // all qubits are read from the right places
		drawn, err := Sample(s[0], 3, 1)
		if err == nil && drawn[0] != 0b10001101010101 {
			err = errors.Errorf("got %b", drawn[0])
		}
		return err
	}, circuit.New(14).X(0).X(4).X(5).X(7).X(9).X(11).X(13)); err != nil {
		t.Error(err)
	}
}

// TestExchanges counts what a layered circuit needs, with and without waiting for other gates.
func TestExchanges(t *testing.T) {
	const n, layers = 20, 6
	c := qlayer.Entangling(layers)(n)
	for ranks := 2; ranks <= 16; ranks *= 2 {
		planned, err := NewPlan(c, ranks, Options{})
		if err != nil {
			t.Fatal(err)
		}
		direct, err := NewPlan(c, ranks, Options{Direct: true})
		if err != nil {
			t.Fatal(err)
		}
		p, d := planned.Traffic(), direct.Traffic()
		t.Logf("%d ranks: %+v instead of %+v", ranks, p, d)
		if p.Exchanges > layers+1 {
			t.Errorf("%d ranks: %d exchanges for %d layers", ranks, p.Exchanges, layers)
		}
		if !(4*p.Amplitudes <= d.Amplitudes) {
			t.Errorf("%d ranks: %g amplitudes instead of %g", ranks, p.Amplitudes, d.Amplitudes)
		}
	}
	// None of these needs the other rank's amplitudes, wherever the qubits are.
	free := circuit.New(3).X(0).Y(1).Z(2).CZ(0, 2).Swap(0, 1).CP(0, 1, circuit.Theta(0)).RZZ(0, 2,
		circuit.Theta(0)).
		Swap(2, 0).CCZ(0, 1, 2).Y(0)
	plan, err := NewPlan(free, 4, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if plan.Traffic() != (Traffic{}) {
		t.Errorf("diagonal gates, X, Y and SWAP: %+v", plan.Traffic())
	}
}

// TestAttentionExchanges counts what the literal circuit of a head on an image needs, of 64 tokens of width
// 64: docs/scaling.md has these numbers.
func TestAttentionExchanges(t *testing.T) {
	a := newAttention(64, 64, 31)
	for _, c := range []struct {
		image                   []float64
		ranks, exchanges, naive int
	}{{nil, 2, 0, 2}, {nil, 4096, 0, 27}, {a.image, 2, 1, 2}, {a.image, 64, 1, 63}, {a.image, 1024, 2, 1038}} {
		test := circuit.SwapTest(c.image, a.tokens, a.width, a.q, a.k)
		for direct, want := range map[bool]int{false: c.exchanges, true: c.naive} {
			plan, err := NewPlan(test, c.ranks, Options{Direct: direct})
			if err != nil {
				t.Fatal(err)
			}
			if got := plan.Traffic().Exchanges; got != want {
				t.Errorf("image %v, %d ranks, direct %v: %d exchanges, want %d", c.image != nil, c.ranks,
					direct, got, want)
			}
		}
	}
}

// TestTrafficIsSent compares the traffic of plans with what goes through Exchange.
func TestTrafficIsSent(t *testing.T) {
	const n = 7
	c, theta := entangled(n), angles64(100, 12)
	for _, direct := range []bool{false, true} {
		plan, err := NewPlan(c, 4, Options{Direct: direct})
		if err != nil {
			t.Fatal(err)
		}
		err = InProcess(4, func(comm Comm) error {
			messages, numbers := 0, 0
			inner := comm.Exchange
			comm.Exchange = func(peer int, send, recv []byte) error {
				messages, numbers = messages+1, numbers+len(send)/8
				return inner(peer, send, recv)
			}
			e, err := NewExecutor[float64](comm, plan, 1)
			if err != nil {
				return err
			}
			s, err := NewState[float64](comm, plan.Start())
			if err != nil {
				return err
			}
			if err := e.Apply(theta[:c.NumTheta()], nil, s); err != nil {
				return err
			}
			if got := plan.Traffic(); got.Messages != messages || 2*got.Amplitudes != float64(numbers) {
				return errors.Errorf("planned %+v, sent %d messages and %d numbers", got, messages, numbers)
			}
			return nil
		})
		if err != nil {
			t.Errorf("direct %v: %v", direct, err)
		}
	}
}

// TestChunks exchanges states of several chunks, of neighbours and of single amplitudes.
func TestChunks(t *testing.T) {
	n := 19 // 2^18 amplitudes on a rank: two chunks of a half
	for _, q := range []int{1, n - 1} {
		place := identity(n)
		plan, err := NewPlan(circuit.New(n).H(0), 2, Options{Start: orderedLayout(place, 2)})
		if err != nil {
			t.Fatal(err)
		}
		err = InProcess(2, func(comm Comm) error {
			s, err := NewState[float32](comm, plan.Start())
			if err != nil {
				return err
			}
			value := func(i uint64) complex128 { return complex(float64(i), -1) }
			if err := s.Set(value); err != nil {
				return err
			}
			st := step{layout: s.layout, fetch: []int{0}, give: []int{q}}
			if err := s.move(newMove(&st, comm.Rank)); err != nil {
				return err
			}
			swapped := slices.Clone(place)
			swapped[0], swapped[q] = q, 0
			at := orderedLayout(swapped, 2).selection(comm.Rank, identity(n))
			for i := range len(s.Amplitudes) / 2 {
				if float64(s.Amplitudes[2*i]) != real(value(at.of(i))) {
					return errors.Errorf("amplitude %d is %v, want that of %d", i, s.Amplitudes[2*i], at.of(i))
				}
			}
			return nil
		})
		if err != nil {
			t.Errorf("qubit %d: %v", q, err)
		}
	}
}

// TestAttention runs the literal circuit of swap attention over ranks and compares the coefficients and their
// gradient with the overlaps that they are.
func TestAttention(t *testing.T) {
	const tokens, width = 4, 8
	a := newAttention(tokens, width, 13)
	want, wantGradient, err := a.fused()
	if err != nil {
		t.Fatal(err)
	}
	for _, ranks := range []int{1, 2, 4, 8} {
		a.prepare = ranks != 2 // and once on an image that is there
		err := InProcess(ranks, func(comm Comm) error {
			got, gradient, _, err := attend[float64](a, comm)
			if err != nil {
				return err
			}
			if d := furthest(got, want); !(d < 1e-13) {
				return errors.Errorf("coefficients differ by %g", d)
			}
			if d := furthest(gradient, wantGradient); !(d < 1e-13) {
				return errors.Errorf("the gradient differs by %g", d)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%d ranks: %v", ranks, err)
		}
	}
}
