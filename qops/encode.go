package qops

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
)

// Normalize says what is scaled to unit norm.
type Normalize int

const (
	NormalizeRows  Normalize = iota // each row (the last axis) on its own
	NormalizeImage                  // the last two axes together: T rows become T sub-normalised states of one image
	NormalizeNone                   // nothing: the input is taken as it is, of norm 1 or less
)

// EncodeOptions are the choices of EncodeAmplitude. The zero value scales each row and takes as many qubits as the width needs.
type EncodeOptions struct {
	Normalize Normalize
	Qubits    int // 0: the least n with 2^n ≥ D
}

// EncodeAmplitude returns the states whose amplitudes are the values of x, padded with zeros and scaled to unit norm.
//
//	x    (…, D)
//	out  (…, 2^n, 2)  real and imaginary part last; the imaginary part is 0
//
// With Unit Image, (B, T, D) becomes (B, T, 2^n, 2): row i is the part of the image's state whose index register is i. A row or image of zeros
// gives amplitudes 0, with zero gradient; so does a norm below the smallest normal number. Lengths from 1e-200 to 1e200 (1e-30 to 1e30 in float32)
// are encoded to full precision.
//
// Differentiable once: dx = (de − e⟨e,de⟩)/‖x‖. It returns an error if 2^n is less than D, n over circuit.MaxQubits, or all states together
// over 4 GiB in float32; the run returns one that names the image (or row) for NaN and infinity, but for Unit Keep.
//
// Source: docs/math.md, sections 1 and 4.
func EncodeAmplitude(x *G.Node, o EncodeOptions) (*G.Node, error) {
	if x == nil {
		return nil, errors.New("qops: EncodeAmplitude: x is nil")
	}
	shape := x.Shape()
	dims := shape.Dims()
	if dims < 1 || o.Normalize == NormalizeImage && dims < 2 {
		return nil, errors.Errorf("qops: EncodeAmplitude: want x (…, D), or (…, T, D) to scale whole images, got %v", shape)
	}
	width := shape[dims-1]
	n, err := qubitsFor(width, o.Qubits)
	if err != nil {
		return nil, errors.WithMessage(err, "qops: EncodeAmplitude")
	}
	k := encoder{unit: o.Normalize, rows: 1, width: width, padded: 1 << n, groups: shape.TotalSize() / width}
	if err := room(k.groups, n); err != nil {
		return nil, errors.WithMessage(err, "qops: EncodeAmplitude")
	}
	if o.Normalize == NormalizeImage {
		k.rows = shape[dims-2]
		k.groups /= k.rows
	}
	k.shape = append(shape[:dims-1].Clone(), k.padded, 2)
	return op.ByDtype(x, encode[float32](k), encode[float64](k))
}

// qubitsFor returns the number of qubits that hold width amplitudes: wanted, or the least if wanted is 0.
func qubitsFor(width, wanted int) (int, error) {
	n := max(wanted, 1)
	for wanted == 0 && 1<<n < width {
		n++
	}
	switch {
	case n > circuit.MaxQubits:
		return 0, errors.Errorf("want at most %d qubits, got %d", circuit.MaxQubits, n)
	case wanted < 0 || 1<<n < width:
		return 0, errors.Errorf("%d values do not fit the amplitudes of %d qubits", width, wanted)
	}
	return n, nil
}

// room returns an error if that many states would take more than maxNumbers.
func room(states, qubits int) error {
	const gib = 1 << 28 // numbers of float32
	if numbers := float64(states) * math.Ldexp(2, qubits); numbers > maxNumbers {
		return errors.Errorf("%d states of %d qubits take %.4g GiB in float32, want at most %d", states, qubits, numbers/gib, maxNumbers/gib)
	}
	return nil
}

// maxNumbers bounds a batch of states that a node makes: a program that asks for more by mistake would be killed without a word.
const maxNumbers = 1 << 30

// encoder is the geometry of an encoding: groups of rows that are scaled together.
type encoder struct {
	unit                Normalize
	groups, rows, width int
	padded              int
	shape               tensor.Shape
}

func encode[T op.Float](k encoder) func(x ...*G.Node) (*G.Node, error) {
	return func(x ...*G.Node) (*G.Node, error) {
		norms, size := make([]float64, k.groups), k.rows*k.width
		return op.Apply(op.Kernel[T]{
			Name:  "EncodeAmplitude",
			Shape: k.shape,
			Forward: func(out []T, in [][]T) error {
				clear(out)
				for g := range k.groups {
					e := strided[T]{out[g*k.rows*2*k.padded:], k.rows, k.width, 2 * k.padded}
					norm, err := scaled(k.unit, e, strided[T]{in[0][g*size : (g+1)*size], k.rows, k.width, k.width})
					if err != nil {
						return errors.WithMessagef(err, "%s %d", k.unit, g)
					}
					norms[g] = float64(norm)
					for r := range k.rows {
						spread(out[(g*k.rows+r)*2*k.padded:], k.width)
					}
				}
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				for i := range din[0] {
					din[0][i] = dout[2*(i/k.width*k.padded+i%k.width)]
				}
				for g := 0; g < k.groups && k.unit != NormalizeNone; g++ {
					unitGrad(din[0][g*size:(g+1)*size], in[0][g*size:(g+1)*size], norms[g])
				}
				return nil
			},
		}, x...)
	}
}

// scaled writes a group of rows to e, and returns the norm that it is divided by.
func scaled[T op.Float](u Normalize, e, x strided[T]) (T, error) {
	if u != NormalizeNone {
		return normalise(e, x)
	}
	for i := range x.rows {
		copy(e.row(i), x.row(i))
	}
	return 1, nil
}

// spread makes the leading real numbers of a state its real parts, from the last to the first.
func spread[T op.Float](psi []T, width int) {
	for j := width - 1; j >= 0; j-- {
		psi[2*j], psi[2*j+1] = psi[j], 0
	}
}

// String is what one group of rows is called in an error.
func (u Normalize) String() string {
	if u == NormalizeImage {
		return "image"
	}
	return "row"
}
