package qops

import (
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/mitigate"
	"github.com/hqvit/hqvit/qops/statevec"
)

// mending is what is made of the numbers of a circuit, in its order; what is nil is not done. All but of
// expectations are probabilities.
type mending struct {
	misread  *mitigate.Misread
	nearest  bool
	keep     mitigate.Symmetry
	diagonal [][]float64 // by observable: its value of each outcome
}

// mendingOf returns what is measured of the circuits for a measurement, and what is made of it.
func mendingOf(m Measurement, c *circuit.Noisy) (shown Measurement, mend mending, err error) {
	plan, n := m.mitigation, c.Qubits()
	readout := c.Readout()
	if readout == nil {
		readout = make([]circuit.Confusion, n)
	}
	if plan.Readout == mitigate.AsRead && plan.Keep.Of == mitigate.NoSymmetry {
		return m, mend, nil
	}
	if plan.Keep.Of == mitigate.NoSymmetry && plan.Readout == mitigate.Inverse && m.observables != nil {
		shown, err = unread(m, readout)
		return shown, mend, err
	}
	var qubits []int
	shown = m
	switch {
	case m.outcomes != nil:
		qubits = m.outcomes(n)
	case m.observables != nil && plan.Keep.Of != mitigate.NoSymmetry:
		observables, err := m.observables(n)
		if err != nil {
			return m, mend, err
		}
		if mend.diagonal, err = diagonals(n, observables); err != nil {
			return m, mend, err
		}
		shown = Probabilities().WithShots(m.shots)
		qubits = shown.outcomes(n)
	case m.observables != nil:
		return m, mend, errors.New("mitigation readout=least-squares is of probabilities: want readout, " +
			"the inverse, for expectations")
	default:
		return m, mend, errors.New("mitigation of readout and by symmetry is of outcomes: want " +
			"Probabilities or expectations")
	}
	mend.keep, mend.nearest = plan.Keep, plan.Readout == mitigate.LeastSquares
	if mend.keep.Of != mitigate.NoSymmetry && len(qubits) != n {
		return m, mend, errors.Errorf("mitigation %v is of the outcomes of all %d qubits, got those of %d",
			plan.Keep, n, len(qubits))
	}
	if plan.Readout == mitigate.AsRead {
		return shown, mend, nil
	}
	var own []circuit.Confusion
	for _, q := range qubits {
		if q < 0 || q >= n {
			return m, mend, errors.Errorf("qubit %d out of range [0,%d)", q, n)
		}
		own = append(own, readout[q])
	}
	mend.misread, err = mitigate.NewMisread(own...)
	return shown, mend, err
}

// mostLetters bounds the letters of a string whose errors of readout are inverted: it becomes 2^letters
// strings.
const mostLetters = 12

// unread returns the expectations whose values with errors of readout are those of m without: each letter L
// of a string becomes (L − shift)/keep, see circuit.Confusion.Transfer.
func unread(m Measurement, readout []circuit.Confusion) (Measurement, error) {
	if _, err := mitigate.NewMisread(readout...); err != nil {
		return m, err
	}
	inner := m.observables
	out := expectations(m.name, func(n int) ([]statevec.Observable, error) {
		observables, err := inner(n)
		if err != nil {
			return nil, err
		}
		var all []statevec.Observable
		for _, o := range observables {
			var terms statevec.Observable
			for _, s := range o {
				if len(s.Pauli) != n || n-strings.Count(s.Pauli, "I") > mostLetters {
					return nil, errors.Errorf("want strings of %d letters, up to %d of them other than I, "+
						"to invert the errors of readout, got %q", n, mostLetters, s.Pauli)
				}
				parts := statevec.Observable{s}
				for q, c := range readout {
					if s.Pauli[q] == 'I' || c.Exact() {
						continue
					}
					keep, shift := 1-c.P10-c.P01, c.P01-c.P10
					for i := range len(parts) {
						rest := parts[i]
						parts[i].Coefficient /= keep
						if shift != 0 {
							rest.Coefficient *= -shift / keep
							rest.Pauli = rest.Pauli[:q] + "I" + rest.Pauli[q+1:]
							parts = append(parts, rest)
						}
					}
				}
				terms = append(terms, parts...)
			}
			all = append(all, terms)
		}
		return all, nil
	})
	return out.WithShots(m.shots), nil
}

// diagonals returns the values of observables of I and Z for each outcome of n qubits.
func diagonals(n int, observables []statevec.Observable) ([][]float64, error) {
	out := make([][]float64, len(observables))
	for k, o := range observables {
		out[k] = make([]float64, 1<<n)
		for _, s := range o {
			if len(s.Pauli) != n || strings.Trim(s.Pauli, "IZ") != "" {
				return nil, errors.Errorf("mitigation by a symmetry of outcomes is for strings of %d "+
					"letters I and Z, got %q", n, s.Pauli)
			}
			for x := range out[k] {
				v := s.Coefficient
				for q := range n {
					if s.Pauli[q] == 'Z' && x>>(n-1-q)&1 == 1 {
						v = -v
					}
				}
				out[k][x] += v
			}
		}
	}
	return out, nil
}

// trace is what a mending needs of a run of it for its gradient.
type trace struct {
	kept     []bool
	selected []float64
	share    float64
}

// apply returns what is made of the numbers of a circuit, which it may overwrite.
func (m mending) apply(v []float64) ([]float64, trace, error) {
	var t trace
	if m.misread != nil {
		if err := m.misread.Invert(v); err != nil {
			return nil, t, err
		}
	}
	if m.nearest {
		t.kept = mitigate.Nearest(v)
	}
	if m.keep.Of != mitigate.NoSymmetry {
		t.share = m.keep.Select(v)
		t.selected = v
	}
	if m.diagonal == nil {
		return v, t, nil
	}
	out := make([]float64, len(m.diagonal))
	for k, row := range m.diagonal {
		for x, p := range v {
			out[k] += row[x] * p
		}
	}
	return out, t, nil
}

// back returns the gradient by the numbers of a circuit from that by what is made of them, which it may
// overwrite.
func (m mending) back(d []float64, t trace) ([]float64, error) {
	if m.diagonal != nil {
		v := make([]float64, len(m.diagonal[0]))
		for k, row := range m.diagonal {
			for x := range v {
				v[x] += d[k] * row[x]
			}
		}
		d = v
	}
	if m.keep.Of != mitigate.NoSymmetry {
		m.keep.SelectBack(d, t.selected, t.share)
	}
	if m.nearest {
		mitigate.NearestBack(d, t.kept)
	}
	if m.misread != nil {
		return d, m.misread.InvertBack(d)
	}
	return d, nil
}

// ofOutcomes tells whether there is anything made of probabilities.
func (m mending) ofOutcomes() bool {
	return m.misread != nil || m.nearest || m.keep.Of != mitigate.NoSymmetry
}
