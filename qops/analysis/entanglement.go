package analysis

import (
	"context"
	"math"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Entangled is how entangled a circuit's states are.
type Entangled struct {
	Mean      float64 `json:"mean"`      // of the Meyer-Wallach measure Q over the states
	Deviation float64 `json:"deviation"` // of Q from state to state
	Haar      float64 `json:"haar"`      // mean of Haar-random states, (N−2)/(N+1)
}

// EntanglingCapability returns the mean Meyer-Wallach measure of a circuit's states from |0…0⟩: Q = 2(1 − the
// mean purity of one qubit), 0 for product states and 1 where every qubit is maximally entangled.
//
// It returns the circuit's own error, one for more than 20 qubits and for a Sampling out of range, and that
// of the context.
//
// Source: Meyer and Wallach, quant-ph/0108104; Sim, Johnson, Aspuru-Guzik, arXiv:1905.10876. The figures that
// the latter gives for some circuits do not follow from this definition.
func EntanglingCapability(ctx context.Context, c *circuit.Circuit, s Sampling) (e Entangled, err error) {
	s, err = s.withDefaults()
	if err == nil {
		err = checkCircuit(c)
	}
	if err != nil {
		return e, errors.WithMessage(err, "analysis: EntanglingCapability")
	}
	q, err := newMeyerWallach(c.Qubits(), s.Threads)
	if err != nil {
		return e, errors.WithMessage(err, "analysis: EntanglingCapability")
	}
	var all []float64
	if err = s.eachState(ctx, c, func(_ int, _, psi []float64) error {
		values, err := q.of(psi)
		all = append(all, values...)
		return err
	}); err != nil {
		return e, errors.WithMessage(err, "analysis: EntanglingCapability")
	}
	e.Mean, e.Deviation = moments(all)
	dim := math.Exp2(float64(c.Qubits()))
	e.Haar = (dim - 2) / (dim + 1)
	return e, nil
}

// meyerWallach measures Q by the Bloch vectors of the qubits: the purity of one is (1 + x² + y² + z²)/2.
type meyerWallach struct {
	qubits int
	bloch  *statevec.RowMeasurement[float64]
}

func newMeyerWallach(qubits, threads int) (*meyerWallach, error) {
	var all []statevec.Observable
	for k := range qubits {
		for _, letter := range []string{"X", "Y", "Z"} {
			text := strings.Repeat("I", k) + letter + strings.Repeat("I", qubits-1-k)
			all = append(all, statevec.Observable{{Coefficient: 1, Pauli: text}})
		}
	}
	bloch, err := statevec.NewExpectations[float64](qubits, all, threads)
	return &meyerWallach{qubits, bloch}, err
}

// of returns Q of each row of states.
func (m *meyerWallach) of(psi []float64) ([]float64, error) {
	rows, k := len(psi)/(2<<m.qubits), m.bloch.Outputs()
	read, out := make([]float64, rows*k), make([]float64, rows)
	if err := m.bloch.Apply(rows, psi, read); err != nil {
		return nil, err
	}
	for r := range out {
		squares := 0.0
		for _, v := range read[r*k : (r+1)*k] {
			squares += v * v
		}
		out[r] = 1 - squares/float64(m.qubits)
	}
	return out, nil
}

// Entropy is the entanglement between two parts of a circuit's qubits at one place.
type Entropy struct {
	Operation int     `json:"operation"` // behind this one, from 0
	Gate      string  `json:"gate"`      // its name
	Mean      float64 `json:"mean"`      // von Neumann entropy in bits
	Deviation float64 `json:"deviation"` // from state to state
}

// maxEntropyQubits bounds the smaller part of the qubits, of which a density matrix is diagonalised.
const maxEntropyQubits = 7

// EntropyAlong returns the entanglement entropy between the first cut qubits and the others, from |0…0⟩ on,
// behind every operation on both parts, which alone can change it. A cut of 0 is one in the middle. The mean
// is over Samples draws of the angles, 0 meaning 100.
//
// It returns the circuit's own error, one for a cut that leaves one part empty or both with more than 7
// qubits, for a Sampling out of range, and that of the context.
func EntropyAlong(ctx context.Context, c *circuit.Circuit, cut int, s Sampling) (out []Entropy, err error) {
	if s.Samples == 0 {
		s.Samples = 100
	}
	if s, err = s.withDefaults(); err == nil {
		err = checkCircuit(c)
	}
	if err != nil {
		return nil, errors.WithMessage(err, "analysis: EntropyAlong")
	}
	n := c.Qubits()
	if cut == 0 {
		cut = n / 2
	}
	if cut < 1 || cut >= n || min(cut, n-cut) > maxEntropyQubits {
		return nil, errors.Errorf("analysis: EntropyAlong: the first part has %d of %d qubits, want 1 to "+
			"%d, and at most %d in one of the parts", cut, n, n-1, maxEntropyQubits)
	}
	prefix := circuit.New(n)
	for i, o := range c.Operations() {
		prefix.Control(o.Controls, o.Gate, o.Angles, o.Qubits...)
		if !crosses(o, cut) {
			continue
		}
		e := Entropy{Operation: i, Gate: o.Name()}
		var all []float64
		// The angles of a sample are those of the whole circuit, drawn in the order of their numbers.
		if err := s.eachState(ctx, padded(prefix, c), func(_ int, _, psi []float64) error {
			for width := 2 << n; len(psi) > 0; psi = psi[width:] {
				h, err := entropy(psi[:width], n, cut)
				if err != nil {
					return err
				}
				all = append(all, h)
			}
			return nil
		}); err != nil {
			return nil, errors.WithMessage(err, "analysis: EntropyAlong")
		}
		e.Mean, e.Deviation = moments(all)
		out = append(out, e)
	}
	return out, nil
}

// padded returns the first operations of a circuit with as many angles as it has, so that they are drawn
// alike.
func padded(prefix, whole *circuit.Circuit) *circuit.Circuit {
	out := circuit.New(prefix.Qubits()).Compose(prefix)
	if k := whole.NumTheta(); k > out.NumTheta() {
		out.RZ(0, circuit.Theta(k-1).Times(0))
	}
	if k := whole.NumData(); k > out.NumData() {
		out.RZ(0, circuit.Data(k-1).Times(0))
	}
	return out
}

// crosses tells whether an operation is on qubits of both parts.
func crosses(o circuit.Operation, cut int) bool {
	first, second := false, false
	for _, q := range o.AllQubits() {
		first, second = first || q < cut, second || q >= cut
	}
	return first && second
}

// entropy returns that of the first cut qubits of a state, in bits, by the smaller of the two parts.
func entropy(psi []float64, n, cut int) (float64, error) {
	rows, columns := 1<<cut, 1<<(n-cut)
	step := columns
	at := func(r, c int) complex128 { j := 2 * (r*step + c); return complex(psi[j], psi[j+1]) }
	if rows > columns {
		rows, columns = columns, rows
		whole := at
		at = func(r, c int) complex128 { return whole(c, r) }
	}
	rho := make([]complex128, rows*rows)
	for r := range rows {
		for s := range rows {
			for c := range columns {
				b := at(s, c)
				rho[r*rows+s] += at(r, c) * complex(real(b), -imag(b))
			}
		}
	}
	values, err := hermitianValues(rho, rows)
	h := 0.0
	for _, p := range values {
		if p > 0 {
			h -= p * math.Log2(p)
		}
	}
	return h, err
}
