package qlayer

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// ComplexForm is what QCSAM makes of its complex overlaps.
type ComplexForm int

// The forms of QCSAM.
const (
	ComplexMixing  ComplexForm = iota // Σ_j ⟨k_j|q_i⟩ V_j, of states V_j, measured: as in the paper
	ComplexReal                       // logits s·Re⟨k_j|q_i⟩, with classical values
	ComplexModulus                    // logits s·|⟨k_j|q_i⟩|, with classical values
)

// QCSAM mixes the states V_j = U_v|x_j⟩ of all tokens with the complex overlaps ⟨k_j|q_i⟩ as weights: the
// state Σ_j ⟨k_j|q_i⟩ V_j is scaled to unit norm, as the measurement of a linear combination of unitaries
// leaves it, and read by ⟨Z⟩ of all n qubits, then ⟨Y⟩ and ⟨X⟩, D/H of them or 3n if that is less. Its
// coefficients are not a distribution; what is shown as attention are the shares |⟨k_j|q_i⟩|/Σ_j. The forms
// ComplexReal and ComplexModulus have a softmax instead, with a learned scale s of each head, and classical
// values.
//
// With one encoding for all three, the mixture is U_v(Σ_j x_j x_j†)U_k†U_q x_i: linear attention.
//
// Source: Chen et al., Quantum complex-valued self-attention model, arXiv:2503.19002, of which the ansatz and
// the measurement are open.
type QCSAM struct {
	Encoder           CircuitEncoder // nil: Amplitude{}
	Query, Key, Value Ansatz         // nil: Entangling(2), Query, Query
	Form              ComplexForm
	InitScale         float64 // first value of s; 0: the root of the head's width, as in Hadamard

	// Shots is the runs of a Hadamard test for each pair of ComplexReal, or for each token of the measurement
	// of the mixed states, of which those that the post-selection loses are not counted; 0: exact values. The
	// modulus cannot be estimated without a bias, and has none.
	Shots int
}

// Score returns logits, or coefficients and mixed tokens, of x (B, T, D). The parameters are q.theta, k.theta
// and, for ComplexMixing, v.theta (H, P); else the tapped scale (H). The notes qubits, gates and
// parameterised gates are of the Hadamard test of a pair, without the preparation of its amplitudes.
//
// Differentiable once in x and the parameters. It returns an error if x has other axes, H does not divide D,
// an ansatz has another size, for an unknown form, and for shots of ComplexModulus.
func (w QCSAM) Score(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
	switch {
	case w.Form < ComplexMixing || w.Form > ComplexModulus:
		return nn.AttentionScores{}, errors.Errorf("unknown ComplexForm %d", int(w.Form))
	case w.Form == ComplexModulus && w.Shots != 0:
		return nn.AttentionScores{}, errors.New("QCSAM: want no Shots for ComplexModulus: the root of an " +
			"estimate is biased")
	case w.Form == ComplexMixing && w.InitScale != 0:
		return nn.AttentionScores{}, errors.Errorf("QCSAM: want no InitScale for ComplexMixing, got %v",
			w.InitScale)
	}
	if w.Query == nil {
		w.Query = Entangling(2)
	}
	t, err := newTokenCircuits(x, heads, orAmplitude(w.Encoder))
	if err != nil {
		return nn.AttentionScores{}, err
	}
	query, key := orRealAmplitudes(w.Query, w.Key)
	q, cq, err := t.states(s, "q", query)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	k, ck, err := t.states(s, "k", key)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	re, err := nn.HeadProducts(q, k, heads, 1)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	t.showHadamard(s, cq, ck)
	if w.Form == ComplexReal {
		if re, err = qops.EstimateSigned(re, Shots(s, x, w.Shots)); err != nil {
			return nn.AttentionScores{}, err
		}
		logits, err := scaled(s, x, heads, re, w.InitScale, math.Sqrt(float64(t.HeadWidth())))
		return nn.AttentionScores{Logits: logits}, err
	}
	if k, err = timesI(k); err != nil {
		return nn.AttentionScores{}, err
	}
	im, err := nn.HeadProducts(q, k, heads, 1)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	modulus, err := op.ByDtype(re, moduli[float32], moduli[float64], im)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	if w.Form == ComplexModulus {
		logits, err := scaled(s, x, heads, modulus, w.InitScale, math.Sqrt(float64(t.HeadWidth())))
		return nn.AttentionScores{Logits: logits}, err
	}
	if w.Value == nil {
		w.Value = query
	}
	shares, err := nn.RowShares(modulus)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	mixed, err := t.mixStates(s, w.Value, re, im, Shots(s.Sub("v"), x, w.Shots))
	return nn.AttentionScores{Probs: shares, Mixed: mixed}, err
}

// mixStates returns what is measured of Σ_j z_ij V_j, of unit norm: (B, T, H·K).
func (t tokenCircuits) mixStates(s *nn.Scope, value Ansatz, re, im *G.Node, shots qops.Shots) (*G.Node,
	error) {
	v, _, err := t.states(s, "v", value)
	if err != nil {
		return nil, err
	}
	mixed, err := nn.Mix(re, v)
	if err != nil {
		return nil, err
	}
	if v, err = timesI(v); err != nil {
		return nil, err
	}
	turned, err := nn.Mix(im, v)
	if err != nil {
		return nil, err
	}
	if mixed, err = nn.Add(mixed, turned); err != nil {
		return nil, err
	}
	if mixed, err = nn.UnitHeads(mixed, t.Count); err != nil {
		return nil, err
	}
	n := t.qubits()
	if mixed, err = nn.Reshape(mixed, t.Batch, t.Tokens, t.Count, 1<<n, 2); err != nil {
		return nil, err
	}
	letters, _ := someLetters(n, t.HeadWidth())
	if mixed, err = qops.Measure(mixed, letters.WithShots(shots)); err != nil {
		return nil, err
	}
	return nn.Reshape(mixed, t.Batch, t.Tokens, t.Count*min(t.HeadWidth(), 3*n))
}

// timesI returns i times states whose last axis holds real and imaginary parts in turn.
func timesI(x *G.Node) (*G.Node, error) { return op.ByDtype(x, turn[float32], turn[float64]) }

func turn[T op.Float](x ...*G.Node) (*G.Node, error) {
	rotate := func(dst, src []T, sign T) {
		for i := 0; i < len(src); i += 2 {
			dst[i], dst[i+1] = -sign*src[i+1], sign*src[i]
		}
	}
	return op.Apply(op.Kernel[T]{
		Name:     "TimesI",
		Shape:    x[0].Shape(),
		Memory:   op.Memory[T]{BackwardIgnores: []int{0, op.Result}},
		Forward:  func(out []T, in [][]T) error { rotate(out, in[0], 1); return nil },
		Backward: func(din, _ [][]T, _, dout []T) error { rotate(din[0], dout, -1); return nil },
		ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
			shape := x[0].Shape()
			last := shape.Dims() - 1
			pairs := b.Reshape(in[0], append(append([]int{}, shape[:last]...), shape[last]/2, 2)...)
			re, im := b.Slice(pairs, last+1, 0, 1), b.Slice(pairs, last+1, 1, 2)
			return b.Reshape(b.Concat(last+1, b.Scale(im, -1), re), shape...)
		},
	}, x...)
}

// leastSquare keeps the root of a modulus of 0 differentiable.
const leastSquare = 1e-12

// moduli returns √(a² + b² + 1e-12).
func moduli[T op.Float](x ...*G.Node) (*G.Node, error) {
	return op.Apply(op.Kernel[T]{
		Name:  "Modulus",
		Shape: x[0].Shape(),
		Forward: func(out []T, in [][]T) error {
			for i, a := range in[0] {
				out[i] = T(math.Sqrt(float64(a*a + in[1][i]*in[1][i] + leastSquare)))
			}
			return nil
		},
		Backward: func(din, in [][]T, out, dout []T) error {
			for k, d := range din {
				for i := range d {
					d[i] = dout[i] * in[k][i] / out[i]
				}
			}
			return nil
		},
		ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
			squares := b.Add(b.Mul(in[0], in[0]), b.Mul(in[1], in[1]))
			return b.Sqrt(b.Add(squares, b.Scalar(leastSquare)))
		},
	}, x...)
}

// showHadamard shows the test of a pair: the query's circuit where the ancilla is 0 and the key's where it is
// 1.
func (t tokenCircuits) showHadamard(s *nn.Scope, q, k *circuit.Circuit) {
	n := t.qubits()
	c := circuit.New(1 + n).H(0).Append(k.OffsetParams(q.NumTheta(), q.NumData()).Controlled(1))
	c.X(0).Append(q.Controlled(1)).H(0)
	t.showPair(s, c, []Register{{"ancilla", 1}, {"query or key", n}}, t.loads(2))
}
