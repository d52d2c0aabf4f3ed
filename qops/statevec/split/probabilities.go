package split

import (
	"cmp"

	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/pkg/errors"
)

// maxOutcomes bounds the qubits of probabilities, which every rank holds all of.
const maxOutcomes = 24

// Probabilities measures the probabilities of the outcomes on some qubits of a state over ranks, whatever the
// others are. It exchanges no amplitudes.
type Probabilities[T statevec.Float] struct{ qubits []int }

// NewProbabilities prepares the 2^k probabilities of k qubits, the first of them the most significant bit of
// an outcome. It returns an error for less than one qubit or more than 24, and for one that is given twice.
func NewProbabilities[T statevec.Float](qubits ...int) (*Probabilities[T], error) {
	if len(qubits) < 1 || len(qubits) > maxOutcomes {
		return nil, errors.Errorf("split: want the probabilities of 1 to %d qubits, got %d", maxOutcomes,
			len(qubits))
	}
	p := &Probabilities[T]{qubits: append([]int(nil), qubits...)}
	return p, checkQubits(maxQubits, p.qubits)
}

// checkQubits returns an error unless the qubits are different ones of n.
func checkQubits(n int, qubits []int) error {
	seen := uint64(0)
	for _, q := range qubits {
		if q < 0 || q >= n {
			return errors.Errorf("split: qubit %d out of range [0,%d)", q, n)
		}
		if seen>>q&1 == 1 {
			return errors.Errorf("split: qubit %d is given twice", q)
		}
		seen |= 1 << q
	}
	return nil
}

func (p *Probabilities[T]) selection(s *State[T]) (selection, error) {
	if p == nil || len(p.qubits) == 0 {
		return selection{}, errors.New("split: want Probabilities from NewProbabilities")
	}
	if err := s.check(); err != nil {
		return selection{}, err
	}
	if err := checkQubits(s.layout.Qubits(), p.qubits); err != nil {
		return selection{}, err
	}
	return s.layout.selection(s.comm.Rank, p.qubits), nil
}

// Apply returns the probabilities, the same bits on all ranks. It is a call of all ranks.
func (p *Probabilities[T]) Apply(psi *State[T]) ([]float64, error) {
	outcome, err := p.selection(psi)
	if err != nil {
		return nil, err
	}
	sums := make([]float64, 1<<len(p.qubits))
	psi.addNorms(&outcome, 0, 0, sums)
	return sums, psi.comm.sum(sums)
}

// Adjoint sets dpsi to the gradient by the state, from dout = ∂L/∂out by the probabilities. It sends nothing.
func (p *Probabilities[T]) Adjoint(psi *State[T], dout []float64, dpsi *State[T]) error {
	outcome, err := p.selection(psi)
	if err != nil {
		return err
	}
	if err := cmp.Or(sameSize(psi, dpsi), checkLength("dout", len(dout), 1<<len(p.qubits))); err != nil {
		return err
	}
	for i := range len(psi.Amplitudes) / 2 {
		w := T(2 * dout[outcome.of(i)])
		dpsi.Amplitudes[2*i], dpsi.Amplitudes[2*i+1] = w*psi.Amplitudes[2*i], w*psi.Amplitudes[2*i+1]
	}
	dpsi.layout = psi.layout
	return nil
}

// addNorms adds the squared norms of the amplitudes of the rank whose masked bits have a value to the sums of
// the outcomes.
func (s *State[T]) addNorms(outcome *selection, mask, value int, sums []float64) {
	for i := value; i < len(s.Amplitudes)/2; i = after(i, 1, mask, value) {
		re, im := float64(s.Amplitudes[2*i]), float64(s.Amplitudes[2*i+1])
		sums[outcome.of(i)] += re*re + im*im
	}
}
