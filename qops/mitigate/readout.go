package mitigate

import (
	"math"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

// Misread is the errors of reading some qubits: a matrix of 2 × 2 for each, and their product for all.
type Misread struct {
	forth, back [][4]float64 // by qubit, row after row: what is read of what is, and the inverse
}

// NewMisread returns the errors of reading qubits, the first the most significant bit of an outcome. It
// returns an error for probabilities out of [0,1], and for a qubit whose reading says nothing, P(1|0) +
// P(0|1) = 1, which has no inverse.
func NewMisread(readout ...circuit.Confusion) (*Misread, error) {
	m := &Misread{}
	for q, c := range readout {
		if !(c.P10 >= 0 && c.P10 <= 1 && c.P01 >= 0 && c.P01 <= 1) {
			return nil, errors.Errorf("mitigate: qubit %d is misread with %v and %v, want probabilities", q,
				c.P10, c.P01)
		}
		keep := 1 - c.P10 - c.P01
		if math.Abs(keep) < 1e-6 {
			return nil, errors.Errorf("mitigate: qubit %d is misread with P(1|0) %v and P(0|1) %v: its "+
				"reading says nothing about it, and has no inverse", q, c.P10, c.P01)
		}
		m.forth = append(m.forth, [4]float64{1 - c.P10, c.P01, c.P10, 1 - c.P01})
		m.back = append(m.back, [4]float64{(1 - c.P01) / keep, -c.P01 / keep, -c.P10 / keep, (1 - c.P10) / keep})
	}
	return m, nil
}

// Outcomes returns how many outcomes the qubits have.
func (m *Misread) Outcomes() int {
	if m == nil {
		return 1
	}
	return 1 << len(m.forth)
}

// Read sets p, the probabilities of all outcomes, to those that are read. Other lengths than Outcomes are an
// error, as they are for Invert and InvertBack.
func (m *Misread) Read(p []float64) error { return m.apply(p, false, false) }

// Invert sets p, what was read, to the probabilities without errors of readout, unbiased. They sum to what p
// sums to, and may be negative.
func (m *Misread) Invert(p []float64) error { return m.apply(p, true, false) }

// InvertBack sets a gradient by the result of Invert to that by what was read.
func (m *Misread) InvertBack(d []float64) error { return m.apply(d, true, true) }

func (m *Misread) apply(p []float64, inverse, transposed bool) error {
	if m == nil || len(p) != m.Outcomes() {
		return errors.Errorf("mitigate: want probabilities of %d outcomes, got %d", m.Outcomes(), len(p))
	}
	for q := range m.forth {
		a := m.forth[q]
		if inverse {
			a = m.back[q]
		}
		if transposed {
			a[1], a[2] = a[2], a[1]
		}
		bit := len(p) >> (q + 1)
		for i := range p {
			if i&bit == 0 {
				x, y := p[i], p[i|bit]
				p[i], p[i|bit] = a[0]*x+a[1]*y, a[2]*x+a[3]*y
			}
		}
	}
	return nil
}

// Variance returns by how much the inverse can multiply the variance of an expectation of a string on all of
// the qubits: Π (1 − P(1|0) − P(0|1))⁻².
func (m *Misread) Variance() float64 {
	v := 1.0
	if m != nil {
		for _, a := range m.forth {
			keep := a[0] - a[1]
			v /= keep * keep
		}
	}
	return v
}

// Nearest sets p, numbers that sum to 1, to the distribution that is nearest to them by the sum of squares: a
// constant is taken off, and what is then negative is 0. It returns which stay above 0.
//
// Source: Smolin, Gambetta, Smith, arXiv:1106.5458; Held, Wolfe, Crowder (1974).
func Nearest(p []float64) (kept []bool) {
	kept = make([]bool, len(p))
	sorted := slices.Clone(p)
	slices.Sort(sorted)
	sum, cut := 0.0, 0.0
	for i := len(sorted) - 1; i >= 0; i-- {
		sum += sorted[i]
		n := float64(len(sorted) - i)
		if c := (sum - 1) / n; sorted[i] > c {
			cut = c
		}
	}
	for i, v := range p {
		kept[i] = v > cut
		p[i] = max(0, v-cut)
	}
	return kept
}

// NearestBack sets a gradient by the result of Nearest to that by its argument, where kept stay above 0.
func NearestBack(d []float64, kept []bool) {
	sum, n := 0.0, 0.0
	for i := range min(len(d), len(kept)) {
		if kept[i] {
			sum += d[i]
			n++
		}
	}
	for i := range min(len(d), len(kept)) {
		if kept[i] {
			d[i] -= sum / n
		} else {
			d[i] = 0
		}
	}
}
