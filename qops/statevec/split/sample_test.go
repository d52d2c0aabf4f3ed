package split

import (
	"slices"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/pkg/errors"
)

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
