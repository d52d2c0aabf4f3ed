package qops

import (
	"cmp"
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Normalize says what is scaled to unit norm.
type Normalize int

// What EncodeAmplitude scales together.
const (
	NormalizeRows  Normalize = iota // each row (the last axis) on its own
	NormalizeImage                  // the last two axes: T rows become T sub-normalised states of one image
	NormalizeNone                   // nothing: the input is taken as it is, of norm 1 or less
)

// EncodeOptions are the choices of EncodeAmplitude. The zero value scales each row and takes as many qubits
// as the width needs.
type EncodeOptions struct {
	Normalize Normalize
	Qubits    int // 0: the least n with 2^n ≥ D
}

// EncodeAmplitude returns the states whose amplitudes are the values of x, padded with zeros and scaled to
// unit norm.
//
//	x    (…, D)
//	out  (…, 2^n, 2)  real and imaginary part last; the imaginary part is 0
//
// With NormalizeImage, (B, T, D) becomes (B, T, 2^n, 2): row i is the part of the image's state whose index
// register is i. A row or image of zeros gives amplitudes 0, with zero gradient; so does a norm below the
// smallest normal number. Lengths from 1e-200 to 1e200 (1e-30 to 1e30 in float32) are encoded to full
// precision.
//
// Differentiable once: dx = (de − e⟨e,de⟩)/‖x‖. It returns an error if 2^n is less than D, n over
// circuit.MaxQubits, or all states together over 4 GiB in float32; the run returns one that names the image
// (or row) for NaN and infinity, unless nothing is scaled.
//
// Source: docs/math.md, sections 1 and 4.
func EncodeAmplitude(x *G.Node, o EncodeOptions) (*G.Node, error) {
	if x == nil {
		return nil, errors.New("qops: EncodeAmplitude: x is nil")
	}
	e, err := newEncoding(x.Shape(), o)
	if err == nil {
		err = checkSize(e.groups*e.rows, e.qubits)
	}
	if err != nil {
		return nil, errors.WithMessage(err, "qops: EncodeAmplitude")
	}
	return op.ByDtype(x, encode[float32](e), encode[float64](e))
}

// encoding is the geometry of amplitude encoding: groups of rows that are scaled together.
type encoding struct {
	normalize    Normalize
	leading      tensor.Shape // of the rows
	groups, rows int          // groups, and rows of each
	width        int          // values of a row
	qubits       int
}

func newEncoding(x tensor.Shape, o EncodeOptions) (e encoding, err error) {
	if o.Normalize < NormalizeRows || o.Normalize > NormalizeNone {
		return e, errors.Errorf("unknown Normalize %d", int(o.Normalize))
	}
	dims := x.Dims()
	if dims < 1 || o.Normalize == NormalizeImage && dims < 2 || x.TotalSize() < 1 {
		return e, errors.Errorf("want x (…, D), or (…, T, D) to scale whole images, got %v", x)
	}
	e = encoding{normalize: o.Normalize, leading: x[:dims-1].Clone(), rows: 1, width: x[dims-1]}
	e.groups = e.leading.TotalSize()
	if o.Normalize == NormalizeImage {
		e.rows = x[dims-2]
		e.groups /= e.rows
	}
	e.qubits, err = qubitsFor(e.width, o.Qubits)
	return e, err
}

// qubitsFor returns the number of qubits that hold width amplitudes: wanted, or the least if wanted is 0.
func qubitsFor(width, wanted int) (int, error) {
	n := max(wanted, 1)
	for wanted == 0 && 1<<n < width {
		n++
	}
	switch {
	case n > circuit.MaxQubits || wanted < 0:
		return 0, errors.Errorf("want 1 to %d qubits, or 0 for as many as it takes, got %d",
			circuit.MaxQubits, cmp.Or(wanted, n))
	case 1<<n < width:
		return 0, errors.Errorf("%d values do not fit the amplitudes of %d qubits", width, wanted)
	}
	return n, nil
}

// checkSize returns an error if that many states would take more than op.MaxElements.
func checkSize(states, qubits int) error {
	const gib = 1 << 28 // numbers of float32
	if numbers := float64(states) * math.Ldexp(2, qubits); numbers > op.MaxElements {
		return errors.Errorf("%d states of %d qubits take %.4g GiB in float32, want at most %d",
			states, qubits, numbers/gib, op.MaxElements/gib)
	}
	return nil
}

func encode[T op.Float](e encoding) func(x ...*G.Node) (*G.Node, error) {
	return func(x ...*G.Node) (*G.Node, error) {
		norms, size, dim := make([]float64, e.groups), e.rows*e.width, 1<<e.qubits
		return op.Apply(op.Kernel[T]{
			Name:  "EncodeAmplitude",
			Shape: append(e.leading.Clone(), dim, 2),
			ONNX:  func(b *onnx.Builder, in []onnx.Value) onnx.Value { return e.writeAmplitudes(b, in[0]) },
			Forward: func(out []T, in [][]T) error {
				clear(out)
				for g := range e.groups {
					x := submatrix[T]{in[0][g*size : (g+1)*size], e.rows, e.width, e.width}
					length, ok := encodeGroup(e, out[g*e.rows*2*dim:], x)
					if !ok {
						return notFinite("x", in[0], append(e.leading.Clone(), e.width))
					}
					norms[g] = length
				}
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				for r := range len(din[0]) / e.width {
					dx := din[0][r*e.width : (r+1)*e.width]
					if err := statevec.RealParts(dx, dout[r*2*dim:][:2*dim]); err != nil {
						return err
					}
				}
				for g := 0; g < e.groups && e.normalize != NormalizeNone; g++ {
					unitGrad(din[0][g*size:(g+1)*size], in[0][g*size:(g+1)*size], norms[g])
				}
				return nil
			},
		}, x...)
	}
}

// encodeGroup writes the states of a group of rows to psi, zeros so far, and returns the norm that they are
// divided by. It returns false for NaN and infinity.
func encodeGroup[T op.Float](e encoding, psi []T, x submatrix[T]) (length float64, ok bool) {
	state := func(r int) []T { return psi[r<<(e.qubits+1):][:2<<e.qubits] }
	if e.normalize == NormalizeNone {
		for r := range x.rows {
			_ = statevec.SetReal(state(r), x.row(r), 1) // which fits, by the encoding
		}
		return 1, true
	}
	if length, ok = norm(x); ok && plainNorm(length) {
		for r := range x.rows {
			setUnit(state(r), x.row(r), length)
		}
		return length, true
	}
	short, ok := normalize(submatrix[T]{psi, x.rows, x.width, 2 << e.qubits}, x)
	for r := range x.rows {
		interleave(state(r), x.width)
	}
	return float64(short), ok
}

// interleave makes the leading real numbers of a state its real parts, from the last to the first.
func interleave[T op.Float](psi []T, width int) {
	for j := width - 1; j >= 0; j-- {
		psi[2*j], psi[2*j+1] = psi[j], 0
	}
}
