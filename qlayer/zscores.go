package qlayer

import (
	"math"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// ZDistance is the score −(q_i − k_j)²/√n of q = ⟨Z₀⟩ behind U_q and k behind U_k, on n qubits that hold the
// values of a token as angles of RX: the attention of a hybrid quantum vision transformer for high-energy
// physics.
//
// U_q and U_k are RX on every qubit, Layers times RY on every qubit and a ring of CX, and RY on the first
// qubit; U_v is RX, Layers−1 times RY and the ring, and RY. With 2 layers they are those of the paper.
//
// Source: Unlu, Comajoan Cara, Dahale et al., arXiv:2402.00776, with the circuits of its code. There n is the
// width of a head; narrower registers take the values in several passes. Its code has H in front of RX, which
// turns every encoded state into the same one (Hadamard).
type ZDistance struct {
	Encoder  CircuitEncoder // nil: AnglePasses, of Qubits and Hadamard
	Qubits   int            // 0: 4, or the width of a head if that is less
	Hadamard bool           // of AnglePasses: as in the paper's code, a score that sees nothing of the tokens
	Layers   int            // 0: 2
	Values   bool           // the values of attention are ⟨Z⟩ of all qubits behind a third circuit
	All      bool           // the features are ⟨Z⟩ of all qubits, not of the first: −‖q_i − k_j‖²/√n
	Shots    int            // as in QSANN
}

// Score returns the logits (B, H, T, T) of x (B, T, D), and perhaps values. The parameters are q.theta and
// k.theta (H, n(Layers+1)+1), and v.theta (H, n(Layers+1)). Notes, derivatives and errors are those of QSANN.
func (w ZDistance) Score(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
	if w.Encoder == nil {
		w.Encoder = AnglePasses{Qubits: w.Qubits, Hadamard: w.Hadamard}
	}
	if w.Layers == 0 {
		w.Layers = 2
	}
	turns := func(c *circuit.Circuit, next func() circuit.Angle, _ int) {
		addRY(c, next)
		addRing(c)
	}
	u := afterRX(layered("ZDistance", w.Layers, turns, func(c *circuit.Circuit, next func() circuit.Angle) {
		c.RY(0, next())
	}))
	m := measured{encoder: w.Encoder, query: u, key: u, features: firstOrAll(w.All), gain: 1, shots: w.Shots}
	if w.Values {
		m.value, m.values = afterRX(layered("ZDistance", w.Layers-1, turns, addRY)), everyZ
	}
	r, err := m.read(s, x, heads)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	logits, err := nn.HeadDistances(r.q, r.k, heads, -1/math.Sqrt(float64(r.qubits)))
	return nn.AttentionScores{Logits: logits, Values: r.v}, err
}

// afterRX returns RX on every qubit, and then the ansatz.
func afterRX(a Ansatz) Ansatz {
	return func(n int) *circuit.Circuit {
		c := circuit.New(n)
		if c.Err() != nil {
			return c
		}
		addRX(c, newCounter())
		return c.Compose(a(n).OffsetParams(n, 0))
	}
}

// addRX appends RX on every qubit.
func addRX(c *circuit.Circuit, next func() circuit.Angle) {
	for q := range c.Qubits() {
		c.RX(q, next())
	}
}

// everyZ is the values ⟨Z⟩ of all qubits, in one basis.
func everyZ(int, int) (m qops.Measurement, bases int) { return qops.Paulis("Z"), 1 }

// ZDot is the score q_i·k_j/√n of the expectations q = (⟨Z₀⟩, …) of all n qubits behind U_q and k behind U_k.
// U_q, U_k and U_v are Layers times RX on every qubit and a ring of CX.
//
// Source: Comajoan Cara et al., Quantum vision transformers for quark-gluon classification, arXiv:2405.10284,
// with the circuits of its code, of one layer. There n is the width of a head, as for ZDistance.
type ZDot struct {
	Encoder CircuitEncoder // nil: AnglePasses of Qubits
	Qubits  int            // 0: 4, or the width of a head if that is less
	Layers  int            // 0: 1
	Values  bool           // the values of attention are ⟨Z⟩ of all qubits behind a third circuit
	Shots   int            // as in QSANN
}

// Score returns the logits (B, H, T, T) of x (B, T, D), and perhaps values. The parameters are q.theta,
// k.theta and v.theta (H, n·Layers). Notes, derivatives and errors are those of QSANN.
func (w ZDot) Score(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
	if w.Encoder == nil {
		w.Encoder = AnglePasses{Qubits: w.Qubits}
	}
	if w.Layers == 0 {
		w.Layers = 1
	}
	u := layered("ZDot", w.Layers, func(c *circuit.Circuit, next func() circuit.Angle, _ int) {
		addRX(c, next)
		addRing(c)
	})
	m := measured{encoder: w.Encoder, query: u, key: u, features: qops.Paulis("Z"), gain: 1, shots: w.Shots}
	if w.Values {
		m.value, m.values = u, everyZ
	}
	r, err := m.read(s, x, heads)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	logits, err := nn.HeadProducts(r.q, r.k, heads, 1/math.Sqrt(float64(r.qubits)))
	return nn.AttentionScores{Logits: logits, Values: r.v}, err
}
