package qlayer

import (
	"strconv"
	"strings"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// tokenCircuits is what the published attentions share: each head encodes its part of each token into a state
// of its own, once for queries, keys and values, and runs trained circuits on it, with angles of the head.
type tokenCircuits struct {
	op.Heads
	encode *circuit.Circuit
	loaded bool    // the encoding has amplitudes of the token
	psi    G.Nodes // (B, T, 2^n, 2), the encoded states of each head
}

// newTokenCircuits returns the encoding of that many heads of x (B, T, D).
func newTokenCircuits(x *G.Node, heads int, e CircuitEncoder) (t tokenCircuits, err error) {
	if t.Heads, err = newHeads(x, heads); err != nil {
		return t, err
	}
	parts, err := headParts(x, t.Heads)
	if err != nil {
		return t, err
	}
	for _, part := range parts {
		c, in, err := encodingOf(e, part)
		if err != nil {
			return t, err
		}
		var psi *G.Node
		if in.X == nil {
			psi, err = qops.Prepare(c, nil, in.Data)
		} else {
			psi, err = qops.EncodeAmplitude(in.X, qops.EncodeOptions{Normalize: in.Normalize, Qubits: c.Qubits()})
			if err == nil && len(c.Operations()) > 0 {
				psi, err = qops.Apply(c, psi, nil, in.Data)
			}
		}
		if err != nil {
			return t, err
		}
		t.encode, t.loaded, t.psi = c, in.X != nil, append(t.psi, psi)
	}
	return t, nil
}

// headParts returns what each head sees of x: (B, T, D/H).
func headParts(x *G.Node, h op.Heads) (parts []*G.Node, err error) {
	if h.Count == 1 {
		return []*G.Node{x}, nil
	}
	w := h.HeadWidth()
	for i := range h.Count {
		part, err := nn.Slice(x, 2, i*w, (i+1)*w)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// joinParts puts what the heads give, along an axis, side by side.
func joinParts(axis int, parts []*G.Node) (*G.Node, error) {
	if len(parts) == 1 {
		return parts[0], nil
	}
	return nn.Concat(axis, parts...)
}

// qubits returns those of a token's state.
func (t tokenCircuits) qubits() int { return t.encode.Qubits() }

// each returns what f makes of every head's states behind the ansatz, side by side along the last axis, and
// the circuit of encoding and ansatz. The parameter is theta (H, P) of the named part of the Scope.
func (t tokenCircuits) each(s *nn.Scope, name string, a Ansatz, f func(s *nn.Scope, psi *G.Node) (*G.Node,
	error)) (*G.Node, *circuit.Circuit, error) {
	trained, err := a.build(t.qubits())
	if err != nil {
		return nil, nil, errors.WithMessage(err, name)
	}
	if n := trained.NumData(); n > 0 {
		return nil, nil, errors.Errorf("%s: want an ansatz without data, got one with data of %d", name, n)
	}
	s = s.Sub(name)
	theta, err := angles(s, trained, tensor.Shape{t.Count, trained.NumTheta()}, t.psi[0].Dtype(), nil, false)
	if err != nil {
		return nil, nil, err
	}
	whole := t.encode.Compose(trained)
	if err := whole.Err(); err != nil {
		return nil, nil, errors.WithMessage(err, name)
	}
	var parts []*G.Node
	for h, psi := range t.psi {
		var row *G.Node
		if theta != nil {
			if row, err = headAngles(theta, h); err != nil {
				return nil, nil, err
			}
		}
		if len(trained.Operations()) > 0 {
			if psi, err = qops.Apply(trained, psi, row, nil); err != nil {
				return nil, nil, errors.WithMessage(err, name)
			}
		}
		part, err := f(s.Sub(strconv.Itoa(h)), psi)
		if err != nil {
			return nil, nil, errors.WithMessage(err, name)
		}
		parts = append(parts, part)
	}
	joined, err := joinParts(2, parts)
	return joined, whole, err
}

// headAngles returns row h of theta (H, P).
func headAngles(theta *G.Node, h int) (*G.Node, error) {
	row, err := nn.Slice(theta, 0, h, h+1)
	if err != nil {
		return nil, err
	}
	return nn.Reshape(row, theta.Shape()[1])
}

// measure returns the K numbers that m reads of every token's state in every head, (B, T, H·K), and the
// circuit.
func (t tokenCircuits) measure(s *nn.Scope, name string, a Ansatz, m qops.Measurement, shots int) (*G.Node,
	*circuit.Circuit, error) {
	return t.each(s, name, a, func(s *nn.Scope, psi *G.Node) (*G.Node, error) {
		if shots != 0 {
			return qops.Measure(psi, m.WithShots(Shots(s, psi, shots)))
		}
		return qops.Measure(psi, m)
	})
}

// states returns the state of every token in every head, (B, T, H·2^n·2), and the circuit.
func (t tokenCircuits) states(s *nn.Scope, name string, a Ansatz) (*G.Node, *circuit.Circuit, error) {
	return t.each(s, name, a, func(_ *nn.Scope, psi *G.Node) (*G.Node, error) {
		return nn.Reshape(psi, t.Batch, t.Tokens, 2<<t.qubits())
	})
}

// loads returns the qubits that begin in amplitudes, if the encoding has such.
func (t tokenCircuits) loads(copies int) (loads []int) {
	for range copies {
		if t.loaded {
			loads = append(loads, t.qubits())
		}
	}
	return loads
}

// showToken leaves notes and figure of a score that measures circuits of single tokens, so many for each, such
// as one of the query and one of the key.
func (t tokenCircuits) showToken(s *nn.Scope, c *circuit.Circuit, each int) {
	note(s, c.Qubits(), len(c.Operations()), countParameterised(c))
	show(s, Figure{Circuit: c, Registers: []Register{{"values of a token", c.Qubits()}}, Heads: t.Count,
		Runs: each * t.Tokens, Loads: t.loads(1)}, "q.theta")
}

// showPair leaves notes and figure of a score whose circuit compares two tokens, with the angles of query and
// key, and is run for each pair.
func (t tokenCircuits) showPair(s *nn.Scope, c *circuit.Circuit, registers []Register, loads []int) {
	note(s, c.Qubits(), len(c.Operations()), countParameterised(c))
	show(s, Figure{Circuit: c, Registers: registers, Heads: t.Count, Runs: t.Tokens * t.Tokens, Loads: loads},
		"q.theta", "k.theta")
}

// measured is attention of what is measured of each token: features q of U_q|x_i⟩ and k of U_k|x_j⟩, and
// perhaps values v of U_v|x_j⟩.
type measured struct {
	encoder           CircuitEncoder
	query, key, value Ansatz // value nil: the values are classical
	features          qops.Measurement
	values            func(qubits, width int) (m qops.Measurement, bases int)
	gain              float64 // a factor of the values
	shots             int
}

// readings are what a measured score reads, (B, T, H·K), of states of so many qubits.
type readings struct {
	q, k, v *G.Node
	qubits  int
}

// read returns the readings; v is nil if the values are classical.
func (m measured) read(s *nn.Scope, x *G.Node, heads int) (r readings, err error) {
	t, err := newTokenCircuits(x, heads, m.encoder)
	if err != nil {
		return r, err
	}
	var c *circuit.Circuit
	if r.q, c, err = t.measure(s, "q", m.query, m.features, m.shots); err != nil {
		return r, err
	}
	if r.k, _, err = t.measure(s, "k", m.key, m.features, m.shots); err != nil {
		return r, err
	}
	circuits := 2
	if m.value != nil {
		values, bases := m.values(t.qubits(), t.HeadWidth())
		circuits += bases
		if r.v, _, err = t.measure(s, "v", m.value, values, m.shots); err != nil {
			return r, err
		}
		if r.v, err = nn.ScaleBy(r.v, m.gain); err != nil {
			return r, err
		}
	}
	t.showToken(s, c, circuits)
	r.qubits = t.qubits()
	return r, nil
}

// someLetters returns the measurement of the first K of ⟨Z⟩ of all qubits, ⟨Y⟩ of all, and ⟨X⟩ of all, and in
// how many bases a device measures for it: one for each letter.
func someLetters(qubits, count int) (m qops.Measurement, bases int) {
	var observables []statevec.Observable
	for _, letter := range "ZYX" {
		for q := range qubits {
			if len(observables) < count {
				pauli := strings.Repeat("I", q) + string(letter) + strings.Repeat("I", qubits-1-q)
				observables = append(observables, statevec.Observable{{Coefficient: 1, Pauli: pauli}})
			}
		}
	}
	return qops.Expectations(observables...), (len(observables) + qubits - 1) / qubits
}
