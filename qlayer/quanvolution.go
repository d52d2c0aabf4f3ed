package qlayer

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// Quanvolution slides a window over images and runs one circuit on its pixels: a convolution whose filters
// are expectations of a circuit.
//
//	x    (B, C, S, S)
//	out  (B, K, S', S')  K numbers for each window, S' = (S−Size)/Stride + 1
//
// A window gives C·Size² features, channel after channel, each row by row. By default each rotates a qubit by
// π times the pixel, so pixels should lie in [0,1], and K = C·Size²: keep windows small, or encode
// amplitudes. The parameters and notes are those of Filter; frozen angles are the random filters of the
// source. A classical Filter, nn.Linear, makes an ordinary convolution, to compare with.
//
// Source: Henderson et al., Quanvolutional neural networks, arXiv:1904.04767.
type Quanvolution struct {
	Size   int      // side of the window, in pixels
	Stride int      // from window to window, in pixels; 0: Size, so that windows do not overlap
	Filter nn.Layer // (B, S'², C·Size²) -> (B, S'², K); nil: Circuit{Encoder: Basis{}, Ansatz: Entangling(1)}
}

// Forward returns the channels, differentiable in x and the filter's parameters. It returns an error if x has
// other axes, the window does not fit, windows at that stride do not end at the border, or the Filter's
// result has another form.
func (l Quanvolution) Forward(s *nn.Scope, x *G.Node) (*G.Node, error) {
	if x == nil || x.Dims() != 4 || x.Shape()[2] != x.Shape()[3] {
		return nil, errors.New("want square images (B, C, S, S)")
	}
	if l.Stride == 0 {
		l.Stride = l.Size
	}
	b, c, side := x.Shape()[0], x.Shape()[1], x.Shape()[2]
	if l.Size < 1 || l.Size > side || l.Stride < 1 || (side-l.Size)%l.Stride != 0 {
		return nil, errors.Errorf("windows of size %d and stride %d for images of side %d, "+
			"want windows that end at the border", l.Size, l.Stride, side)
	}
	if l.Filter == nil {
		l.Filter = Circuit{Encoder: Basis{}, Ansatz: Entangling(1)}
	}
	w := windows{batch: b, channels: c, side: side, size: l.Size, stride: l.Stride}
	w.perSide = (side-l.Size)/l.Stride + 1
	y, err := op.ByDtype(x, cutWindows[float32](w), cutWindows[float64](w))
	if err != nil {
		return nil, err
	}
	if y, err = l.filter(s, y); err != nil {
		return nil, errors.WithMessage(err, "filter")
	}
	if y == nil {
		return nil, errors.Errorf("want a filter to (%d, %d, K), got none", b, w.perSide*w.perSide)
	}
	if sh := y.Shape(); sh.Dims() != 3 || sh[0] != b || sh[1] != w.perSide*w.perSide {
		return nil, errors.Errorf("want a filter to (%d, %d, K), got %v", b, w.perSide*w.perSide, sh)
	}
	if y, err = nn.Transpose(y, 0, 2, 1); err != nil {
		return nil, err
	}
	return nn.Reshape(y, b, y.Shape()[1], w.perSide, w.perSide)
}

// filter calls a filter that a user gave.
func (l Quanvolution) filter(s *nn.Scope, x *G.Node) (y *G.Node, err error) {
	defer foreign.Recover(&err, "layer", l.Filter)
	return l.Filter.Forward(s, x)
}

// windows is where the windows of images stand, perSide of them in a row and in a column.
type windows struct{ batch, channels, side, size, stride, perSide int }

// eachRow calls f for every row of every window: size elements, from window in the windows and from image in
// x.
func (w windows) eachRow(f func(window, image int)) {
	window := 0
	for b := range w.batch {
		for i := range w.perSide * w.perSide {
			top, left := i/w.perSide*w.stride, i%w.perSide*w.stride
			for c := range w.channels {
				for y := range w.size {
					f(window, ((b*w.channels+c)*w.side+top+y)*w.side+left)
					window += w.size
				}
			}
		}
	}
}

// cutWindows returns the windows of x, (B, S'², C·Size²).
func cutWindows[T op.Float](w windows) func(x ...*G.Node) (*G.Node, error) {
	return func(x ...*G.Node) (*G.Node, error) {
		return op.Apply(op.Kernel[T]{
			Name:  "Windows",
			Shape: tensor.Shape{w.batch, w.perSide * w.perSide, w.channels * w.size * w.size},
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				pixels, windows := w.channels*w.side*w.side, w.perSide*w.perSide
				var indices []int
				one := w
				one.batch = 1
				one.eachRow(func(_, image int) {
					for i := range w.size {
						indices = append(indices, image+i)
					}
				})
				return b.Gather(b.Reshape(in[0], w.batch, pixels), 1, indices, windows, len(indices)/windows)
			},
			Forward: func(out []T, in [][]T) error {
				w.eachRow(func(window, image int) { copy(out[window:window+w.size], in[0][image:]) })
				return nil
			},
			Backward: func(din, _ [][]T, _, dout []T) error {
				clear(din[0])
				w.eachRow(func(window, image int) {
					for i, g := range dout[window : window+w.size] {
						din[0][image+i] += g
					}
				})
				return nil
			},
		}, x...)
	}
}
