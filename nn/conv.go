package nn

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// Conv2D slides Out square filters over pictures and adds a bias; beyond their border pictures are 0.
//
//	x       (B, C, S, S)
//	weight  (Out, C, Kernel, Kernel), as in PyTorch
//	bias    (Out), not decayed; it starts like PyTorch's, evenly from ±1/√(C·Kernel²)
//	y       (B, Out, R, R), R = ⌊(S + 2·Padding − Kernel)/Stride⌋ + 1
type Conv2D struct {
	Out     int
	Kernel  int // side of a filter, in pixels
	Stride  int // pixels between two places of a filter; 0 means 1
	Padding int // pixels of 0 around the picture
}

// Forward returns the filtered pictures, differentiable in x, weight and bias. It returns an error if x is not (B, C, S, S), a number is out of
// its range, or the filter is larger than the padded picture.
func (l Conv2D) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if err := want(x, "(B, C, S, S)", 4); err != nil {
		return nil, err
	}
	if l.Stride == 0 {
		l.Stride = 1
	}
	c, side := x.Shape()[1], x.Shape()[2]
	switch {
	case x.Shape()[3] != side:
		return nil, errors.Errorf("want square pictures (B, C, S, S), got shape %v", x.Shape())
	case l.Out < 1 || l.Kernel < 1 || l.Stride < 1 || l.Padding < 0:
		return nil, errors.Errorf("Conv2D of Out %d, Kernel %d, Stride %d, Padding %d, want each at least 1, Padding at least 0", l.Out, l.Kernel, l.Stride, l.Padding)
	case l.Kernel > side+2*l.Padding:
		return nil, errors.Errorf("filters of side %d for pictures of side %d with padding %d", l.Kernel, side, l.Padding)
	}
	init := FanIn(c * l.Kernel * l.Kernel)
	w, err := s.Param("weight", ParamSpec{Shape: tensor.Shape{l.Out, c, l.Kernel, l.Kernel}, Dtype: x.Dtype(), Init: init})
	if err != nil {
		return nil, err
	}
	b, err := s.Param("bias", ParamSpec{Shape: tensor.Shape{l.Out}, Dtype: x.Dtype(), Init: init, NoDecay: true})
	if err != nil {
		return nil, err
	}
	return op.ByDtype(x, conv2D[float32](l), conv2D[float64](l), w, b)
}

// window is the geometry of a convolution: what a filter sees at each of its places.
type window struct{ channels, side, kernel, stride, padding, result int }

func (w window) pixels() int { return w.channels * w.kernel * w.kernel }
func (w window) places() int { return w.result * w.result }

// span returns the results whose pixel at that offset of the filter is inside the picture: from ≤ place < to.
func (w window) span(offset int) (from, to int) {
	from = max(0, (w.padding-offset+w.stride-1)/w.stride)
	to = min(w.result, (w.side-1+w.padding-offset)/w.stride+1)
	return from, max(from, to)
}

// visit calls f for each row of results and each pixel of the filter that lies inside the picture there: columns[at+i] of the unfolded
// picture is picture[from+i·stride], for i below n.
func (w window) visit(f func(at, from, n int)) {
	for c := range w.channels {
		for ky := range w.kernel {
			top, bottom := w.span(ky)
			for kx := range w.kernel {
				left, right := w.span(kx)
				pixel := (c*w.kernel+ky)*w.kernel + kx
				for y := top; y < bottom; y++ {
					row := (c*w.side + y*w.stride + ky - w.padding) * w.side
					f((pixel*w.result+y)*w.result+left, row+left*w.stride+kx-w.padding, right-left)
				}
			}
		}
	}
}

// unfold writes a picture as columns (pixels, places). Columns outside the picture are not written: they stay 0.
func unfold[T op.Float](w window, picture, columns []T) {
	w.visit(func(at, from, n int) {
		for i := range n {
			columns[at+i] = picture[from+i*w.stride]
		}
	})
}

// fold adds columns to the picture they were unfolded from: the transpose of unfold.
func fold[T op.Float](w window, columns, picture []T) {
	w.visit(func(at, from, n int) {
		for i := range n {
			picture[from+i*w.stride] += columns[at+i]
		}
	})
}

// conv2D takes x, weight and bias. Each picture is unfolded, so that the filters are one matrix product.
func conv2D[T op.Float](l Conv2D) func(x ...*G.Node) (*G.Node, error) {
	return func(x ...*G.Node) (*G.Node, error) {
		batch, side := x[0].Shape()[0], x[0].Shape()[2]
		w := window{channels: x[0].Shape()[1], side: side, kernel: l.Kernel, stride: l.Stride, padding: l.Padding, result: (side+2*l.Padding-l.Kernel)/l.Stride + 1}
		k, p, in1, out1 := w.pixels(), w.places(), w.channels*side*side, l.Out*w.places()
		columns, dcolumns := make([]T, k*p), []T(nil)
		return op.Apply(op.Kernel[T]{
			Name:  "Conv2D",
			Flops: 2 * batch * l.Out * k * p,
			Shape: tensor.Shape{batch, l.Out, w.result, w.result},
			Forward: func(out []T, in [][]T) error {
				for b := range batch {
					y := out[b*out1 : (b+1)*out1]
					unfold(w, in[0][b*in1:(b+1)*in1], columns)
					dense.Gemm(false, false, l.Out, p, k, 1, in[1], k, columns, p, 0, y, p)
					for o, v := range in[2] {
						row := y[o*p : (o+1)*p]
						for i := range row {
							row[i] += v
						}
					}
				}
				return nil
			},
			Backward: func(din, in [][]T, _, dout []T) error {
				for _, d := range din {
					clear(d)
				}
				if din[0] != nil && dcolumns == nil {
					dcolumns = make([]T, k*p)
				}
				for b := range batch {
					dy := dout[b*out1 : (b+1)*out1]
					if din[1] != nil {
						unfold(w, in[0][b*in1:(b+1)*in1], columns)
						dense.Gemm(false, true, l.Out, k, p, 1, dy, p, columns, p, 1, din[1], k)
					}
					if din[2] != nil {
						for o := range din[2] {
							for _, v := range dy[o*p : (o+1)*p] {
								din[2][o] += v
							}
						}
					}
					if din[0] != nil {
						dense.Gemm(true, false, k, p, l.Out, 1, in[1], k, dy, p, 0, dcolumns, p)
						fold(w, dcolumns, din[0][b*in1:(b+1)*in1])
					}
				}
				return nil
			},
		}, x...)
	}
}
