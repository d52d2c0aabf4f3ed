package qlayer

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// QSANN is the score −(q_i − k_j)² of two measured numbers of each token, q = ⟨Z₀⟩ behind U_q and k behind
// U_k: Gaussian-projected self-attention. Its softmax has no scale, so coefficients of a row differ by a
// factor of e⁴ at the most.
//
// The values of a token are angles of an embedding of the same form as U_q, U_k and U_v: Layers times RX and
// RY on qubits i and i+1 and CX between them, for each i in a ring, then RX and RY on all qubits.
//
// Source: Li, Zhao, Wang, arXiv:2205.05625, with the circuit of its authors' code.
type QSANN struct {
	Encoder CircuitEncoder // nil: the embedding, of Qubits and Depth
	Qubits  int            // of the embedding; 0: 4
	Depth   int            // its layers, at most D/H; 0: the least with an angle for each value of a token
	Layers  int            // of U_q, U_k and U_v; 0: 1

	// Values takes the values of attention from a third circuit: π·⟨Z⟩ of all qubits, then ⟨Y⟩ and ⟨X⟩, D/H of
	// them or 3n if that is less, from up to three bases, which share the Shots. The paper repeats them up to
	// D/H, which a linear layer behind cannot tell.
	Values bool
	// All takes the features ⟨Z⟩ of all qubits instead of the first, and −‖q_i − k_j‖².
	All   bool
	Shots int // runs of each circuit of each token of each head; 0: exact values
}

// Score returns the logits (B, H, T, T) of x (B, T, D), and perhaps values. The parameters are q.theta,
// k.theta and v.theta (H, n(4·Layers+2)). The notes qubits, gates and parameterised gates are of one circuit.
//
// Differentiable once in x and the parameters. It returns an error if x has other axes, H does not divide D,
// or for a number below 0.
func (w QSANN) Score(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
	if w.Encoder == nil {
		w.Encoder = embedding{w.Qubits, w.Depth}
	}
	if w.Layers == 0 {
		w.Layers = 1
	}
	u := neighbours(w.Layers)
	m := measured{encoder: w.Encoder, query: u, key: u, features: firstOrAll(w.All), gain: math.Pi,
		shots: w.Shots}
	if w.Values {
		m.value, m.values = u, someLetters
	}
	r, err := m.read(s, x, heads)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	logits, err := nn.HeadDistances(r.q, r.k, heads, -1)
	return nn.AttentionScores{Logits: logits, Values: r.v}, err
}

// firstOrAll returns the measurement of ⟨Z⟩ of the first qubit, or of all.
func firstOrAll(all bool) qops.Measurement {
	if all {
		return qops.Paulis("Z")
	}
	return qops.Paulis("Z", 0)
}

// neighbours returns QSANN's ansatz of n(4·layers+2) angles.
func neighbours(layers int) Ansatz {
	return layered("QSANN", layers, func(c *circuit.Circuit, next func() circuit.Angle, _ int) {
		addNeighbours(c, next)
	}, addTurns)
}

// addNeighbours appends RX and RY on each pair of neighbours in the ring, and CX between them.
func addNeighbours(c *circuit.Circuit, next func() circuit.Angle) {
	n := c.Qubits()
	for i := range n {
		j := (i + 1) % n
		c.RX(i, next()).RY(i, next()).RX(j, next()).RY(j, next())
		if n > 1 {
			c.CX(i, j)
		}
	}
}

// addTurns appends RX and RY on every qubit.
func addTurns(c *circuit.Circuit, next func() circuit.Angle) {
	for q := range c.Qubits() {
		c.RX(q, next()).RY(q, next())
	}
}

// embedding is QSANN's encoder: its ansatz with the values of a token as angles, and 0 behind the last.
type embedding struct{ qubits, depth int }

// EncodingCircuit returns the circuit, with x as data.
func (e embedding) EncodingCircuit(x *G.Node) (*circuit.Circuit, qops.Inputs, error) {
	d, err := features(x)
	if err != nil {
		return nil, qops.Inputs{}, err
	}
	if e.qubits < 0 || e.depth < 0 {
		return nil, qops.Inputs{}, errors.Errorf("QSANN: want qubits and depth of at least 1, or 0 for the usual "+
			"ones, got %d and %d", e.qubits, e.depth)
	}
	n := e.qubits
	if n == 0 {
		n = usualQubits
	}
	depth := e.depth
	if depth == 0 {
		depth = max(0, (d-2*n+4*n-1)/(4*n))
	}
	if depth > max(d, 1) { // each layer has 4n angles
		return nil, qops.Inputs{},
			errors.Errorf("QSANN: an embedding of depth %d: want at most %d, a layer for "+
				"each value of a token in a head, or 0 for as many as hold them", depth, d)
	}
	form := neighbours(depth)(n)
	if form.Err() != nil {
		return nil, qops.Inputs{}, form.Err()
	}
	if slots := form.NumTheta(); slots < d {
		return nil, qops.Inputs{}, errors.Errorf("QSANN: an embedding of %d qubits and depth %d has %d angles for "+
			"the %d values of a token in a head: want more of them, or depth 0 for as much as it takes", n, depth,
			slots, d)
	}
	c := circuit.New(n)
	for _, o := range form.Operations() {
		if len(o.Angles) > 0 {
			if i := o.Angles[0].Index; i < d {
				c.Add(o.Gate, []circuit.Angle{circuit.Data(i)}, o.Qubits...)
			}
			continue
		}
		c.Control(o.Controls, o.Gate, nil, o.Qubits...)
	}
	return c, qops.Inputs{Data: x}, c.Err()
}

// Encode returns the states (…, 2^n, 2) and x.
func (e embedding) Encode(_ *nn.Scope, x *G.Node) (psi, data *G.Node, err error) { return encode(e, x) }
