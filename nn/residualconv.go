package nn

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
)

// ResidualConv is the block of a residual network: two 3×3 convolutions beside a shortcut,
//
//	y = GELU(norm2(conv2(GELU(norm1(conv1(x))))) + shortcut(x))
//
//	x  (B, C, S, S)
//	y  (B, Out, R, R), R = ⌈S/Stride⌉
//
// The shortcut is x itself, or, where channels or side change, a 1×1 convolution of that stride with a norm.
// The norms are GroupNorm, and convolutions before a norm have no bias. There is no batch norm: with it a
// result would depend on the other images of a micro-batch, and evaluation on statistics of a run.
//
// Its parameters are conv1, norm1, conv2, norm2, shortcut and shortcut_norm.
//
// Source: He et al., arXiv 1512.03385, with GELU for ReLU, and GroupNorm.
type ResidualConv struct {
	Out    int
	Stride int // of the first convolution and of the shortcut; 0 means 1
	Groups int // of the norms; they divide Out; 0: no norms
}

// Forward returns the block's result, differentiable in x and the parameters. It returns an error if x is not
// (B, C, S, S), a number is out of its range, or Groups do not divide Out.
func (l ResidualConv) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if err := checkAxes(x, "(B, C, S, S)", 4); err != nil {
		return nil, err
	}
	if l.Stride == 0 {
		l.Stride = 1
	}
	if l.Out < 1 || l.Stride < 1 || l.Groups < 0 {
		return nil, errors.Errorf("Out %d, Stride %d, Groups %d, want at least 1, 0 and 0", l.Out, l.Stride,
			l.Groups)
	}
	y, err := l.conv(s, "conv1", "norm1", x, 3, l.Stride)
	if err != nil {
		return nil, err
	}
	if y, err = (GELU{}).Forward(s, y); err != nil {
		return nil, err
	}
	if y, err = l.conv(s, "conv2", "norm2", y, 3, 1); err != nil {
		return nil, err
	}
	shortcut := x
	if l.Stride > 1 || x.Shape()[1] != l.Out {
		if shortcut, err = l.conv(s, "shortcut", "shortcut_norm", x, 1, l.Stride); err != nil {
			return nil, err
		}
	}
	if y, err = Add(y, shortcut); err != nil {
		return nil, err
	}
	return GELU{}.Forward(s, y)
}

// conv is a convolution that keeps the side but for its stride, and a norm.
func (l ResidualConv) conv(s *Scope, name, norm string, x *G.Node, kernel, stride int) (*G.Node, error) {
	c := Conv2D{Out: l.Out, Kernel: kernel, Stride: stride, Padding: kernel / 2, NoBias: l.Groups > 0}
	y, err := c.Forward(s.Sub(name), x)
	if err != nil || l.Groups == 0 {
		return y, errors.WithMessage(err, name)
	}
	y, err = GroupNorm{Groups: l.Groups}.Forward(s.Sub(norm), y)
	return y, errors.WithMessage(err, norm)
}
