package nn

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// Conv2D slides Out square filters over images and adds a bias; beyond their border images are 0.
//
//	x       (B, C, S, S)
//	weight  (Out, C, Kernel, Kernel), as in PyTorch
//	bias    (Out), not decayed; it starts like PyTorch's, evenly from ±1/√(C·Kernel²); none with NoBias
//	y       (B, Out, R, R), R = ⌊(S + 2·Padding − Kernel)/Stride⌋ + 1
type Conv2D struct {
	Out     int
	Kernel  int // side of a filter, in pixels
	Stride  int // pixels between two positions of a filter; 0 means 1
	Padding int // pixels of 0 around the image
	NoBias  bool
}

// Forward returns the filtered images, differentiable in x, weight and bias. It returns an error if x is not
// (B, C, S, S), a number is out of its range, or the filter is larger than the padded image.
func (l Conv2D) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if err := checkAxes(x, "(B, C, S, S)", 4); err != nil {
		return nil, err
	}
	if l.Stride == 0 {
		l.Stride = 1
	}
	c, side := x.Shape()[1], x.Shape()[2]
	switch {
	case x.Shape()[3] != side:
		return nil, errors.Errorf("want square images (B, C, S, S), got shape %v", x.Shape())
	case l.Out < 1 || l.Kernel < 1 || l.Stride < 1 || l.Padding < 0:
		return nil, errors.Errorf("Out %d, Kernel %d, Stride %d, Padding %d, want at least 1, 1, 1 and 0",
			l.Out, l.Kernel, l.Stride, l.Padding)
	case l.Kernel > side+2*l.Padding:
		return nil, errors.Errorf("filters of side %d for images of side %d with padding %d",
			l.Kernel, side, l.Padding)
	}
	init := FanIn(c * l.Kernel * l.Kernel)
	filters := tensor.Shape{l.Out, c, l.Kernel, l.Kernel}
	w, err := s.Param("weight", ParamSpec{Shape: filters, Dtype: x.Dtype(), Init: init})
	if err != nil {
		return nil, err
	}
	if l.NoBias {
		return op.ByDtype(x, conv2D[float32](l), conv2D[float64](l), w)
	}
	spec := ParamSpec{Shape: tensor.Shape{l.Out}, Dtype: x.Dtype(), Init: init, NoDecay: true}
	b, err := s.Param("bias", spec)
	if err != nil {
		return nil, err
	}
	return op.ByDtype(x, conv2D[float32](l), conv2D[float64](l), w, b)
}

// conv2D takes x, weight and, if there is one, bias. Each image is unfolded, so that the filters are one
// matrix product; a constant row of ones below the columns takes the bias into it.
func conv2D[T op.Float](l Conv2D) func(x ...*G.Node) (*G.Node, error) {
	return func(x ...*G.Node) (*G.Node, error) {
		batch, side := x[0].Shape()[0], x[0].Shape()[2]
		w := window{
			channels: x[0].Shape()[1], side: side,
			kernel: l.Kernel, stride: l.Stride, padding: l.Padding,
			result: (side+2*l.Padding-l.Kernel)/l.Stride + 1,
		}
		u := newUnfolder[T](w)
		k, p, in1, out1 := w.pixels(), w.positions(), w.channels*side*side, l.Out*w.positions()
		k1 := k + len(x) - 2 // with the bias
		columns, dcolumns := make([]T, k1*p), []T(nil)
		// weights with the bias behind them
		filters, dfilters := make([]T, l.Out*k1), make([]T, l.Out*k1)
		fill(columns[k*p:], 1)
		return op.Apply(op.Kernel[T]{
			Name:   "Conv2D",
			Memory: op.Memory[T]{BackwardIgnores: append([]int{op.Result}, []int{2}[:k1-k]...)},
			Flops:  2 * batch * l.Out * k * p,
			Shape:  tensor.Shape{batch, l.Out, w.result, w.result},
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				if len(in) == 2 {
					in = []onnx.Value{in[0], in[1], b.Const(make([]float64, l.Out), l.Out)}
				}
				return b.Conv(in[0], in[1], in[2], l.Stride, l.Padding, batch, l.Out, w.result, w.result)
			},
			Forward: func(out []T, in [][]T) error {
				for o := range l.Out {
					copy(filters[o*k1:], in[1][o*k:(o+1)*k])
					if k1 > k {
						filters[o*k1+k] = in[2][o]
					}
				}
				for b := range batch {
					u.unfold(in[0][b*in1:(b+1)*in1], columns)
					dense.Gemm(false, false, l.Out, p, k1, 1, filters, k1, columns, p, 0, out[b*out1:], p)
				}
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				if din[0] != nil && dcolumns == nil {
					dcolumns = make([]T, k*p)
				}
				ofFilters := slices.ContainsFunc(din[1:], func(d []T) bool { return d != nil })
				clear(dfilters)
				for b := range batch {
					dy := dout[b*out1 : (b+1)*out1]
					if ofFilters {
						u.unfold(in[0][b*in1:(b+1)*in1], columns)
						dense.Gemm(false, true, l.Out, k1, p, 1, dy, p, columns, p, 1, dfilters, k1)
					}
					if din[0] != nil {
						dense.Gemm(true, false, k, p, l.Out, 1, in[1], k, dy, p, 0, dcolumns, p)
						u.fold(dcolumns, din[0][b*in1:(b+1)*in1])
					}
				}
				for o := range l.Out {
					if din[1] != nil {
						copy(din[1][o*k:(o+1)*k], dfilters[o*k1:])
					}
					if k1 > k && din[2] != nil {
						din[2][o] = dfilters[o*k1+k]
					}
				}
				return nil
			},
		}, x...)
	}
}
