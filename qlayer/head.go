package qlayer

import (
	"math/bits"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// head is the geometry of one head.
type head struct {
	heads, tokens, width int
	index, qubits        int // of the registers that name a patch and hold one
}

func newHead(x *G.Node, heads int) (head, error) {
	if x == nil || x.Dims() != 3 {
		return head{}, errors.New("want x (B, T, D)")
	}
	tokens, width := x.Shape()[1], x.Shape()[2]
	if heads < 1 || width%heads != 0 {
		return head{}, errors.Errorf("%d heads for a width of %d, want a divisor of the width", heads, width)
	}
	h := head{heads: heads, tokens: tokens, width: width / heads, index: log2(tokens)}
	h.qubits = max(1, log2(h.width))
	return h, nil
}

// log2 returns the least n with 2^n ≥ x.
func log2(x int) int { return bits.Len(uint(x - 1)) }

func start(given, otherwise float64) float64 {
	if given == 0 {
		return otherwise
	}
	return given
}

// pair is the circuits of queries and keys, with their angles for all heads.
type pair struct {
	circuit [2]*circuit.Circuit
	theta   [2]*G.Node // (H, P)
}

// scores returns what is read of U_q and U_k on the patches of x, by the cheaper route.
func (p pair) scores(x *G.Node, o qops.ScoreOptions) (*G.Node, error) {
	return qops.CircuitScores(x, p.circuit[0], p.circuit[1], p.theta[0], p.theta[1], o, qops.Cheaper)
}

// circuits returns the circuits of queries and keys, with new angles.
func (h head) circuits(s *nn.Scope, x *G.Node, query, key Ansatz, frozen bool) (p pair, err error) {
	if query == nil {
		query = RealAmplitudes(2)
	}
	if key == nil {
		key = query
	}
	for i, name := range []string{"q", "k"} {
		if p.circuit[i], err = []Ansatz{query, key}[i].on(h.qubits); err != nil {
			return p, errors.WithMessage(err, name)
		}
		if p.theta[i], err = angles(s.Sub(name), p.circuit[i], tensor.Shape{h.heads, p.circuit[i].NumTheta()}, x.Dtype(), nil, frozen); err != nil {
			return p, err
		}
	}
	return p, nil
}

// test leaves the notes and the figure of the test that compares queries and keys: whole is that of a head, over the angles of its query and then of its key,
// and has so many gates beside theirs. For images too large to draw it holds its error.
func (h head) test(s *nn.Scope, c [2]*circuit.Circuit, whole *circuit.Circuit, beside int, registers []Register) {
	f := Figure{Circuit: whole, Registers: registers, Heads: h.heads}
	qubits, gates, trained := 0, beside, 0
	for _, r := range registers {
		qubits += r.Qubits
	}
	var theta []string
	for i, name := range []string{"q.theta", "k.theta"} {
		gates += len(c[i].Operations())
		trained += parameterised(c[i])
		if c[i].NumTheta() > 0 {
			theta = append(theta, name)
		}
	}
	note(s, qubits, gates, trained)
	show(s, f, theta...)
}

// scale returns the learned factor of each head.
func (h head) scale(s *nn.Scope, x *G.Node, first float64) (*G.Node, error) {
	n, err := s.Param("scale", nn.ParamSpec{Shape: tensor.Shape{h.heads}, Dtype: x.Dtype(), Init: nn.Constant(first), NoDecay: true})
	if err == nil {
		s.Tap("scale", nn.TapValue, n)
	}
	return n, err
}
