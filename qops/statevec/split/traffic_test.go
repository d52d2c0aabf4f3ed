package split

import (
	"slices"
	"testing"

	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

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
