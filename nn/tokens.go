package nn

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Patches cuts images into square patches, which become tokens, row by row of the image: (B, C, S, S) -> (B,
// T, C·p²) with p = Size and T = (S/p)². Within a token the channels come one after the other, each row by
// row.
//
// Source: Dosovitskiy et al., arXiv 2010.11929.
type Patches struct {
	Size int // of a side, in pixels; a divisor of S
}

// Forward returns the tokens, differentiable in x. It returns an error if x is not (B, C, S, S) or Size does
// not divide S.
func (p Patches) Forward(_ *Scope, x *G.Node) (*G.Node, error) {
	if err := checkAxes(x, "(B, C, S, S)", 4); err != nil {
		return nil, err
	}
	b, c, side := x.Shape()[0], x.Shape()[1], x.Shape()[2]
	if x.Shape()[3] != side {
		return nil, errors.Errorf("want square images (B, C, S, S), got shape %v", x.Shape())
	}
	if p.Size < 1 || side%p.Size != 0 {
		return nil, errors.Errorf("patches of size %d for images of side %d, want a divisor of the side",
			p.Size, side)
	}
	g := side / p.Size
	grid := tensor.Shape{b, c, g, p.Size, g, p.Size}
	return permute("Patches", x, grid, []int{0, 2, 4, 1, 3, 5}, tensor.Shape{b, g * g, c * p.Size * p.Size})
}

// Position adds a learned code to each token: (B, T, D) -> (B, T, D). Its parameter pos (T, D) starts normal
// with standard deviation 0.02 and is not decayed.
type Position struct{}

// Forward returns x + pos, differentiable in both. It returns an error if x is not (B, T, D).
func (Position) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if err := checkAxes(x, "(B, T, D)", 3); err != nil {
		return nil, err
	}
	spec := ParamSpec{Shape: x.Shape()[1:].Clone(), Dtype: x.Dtype(), Init: Normal(0.02), NoDecay: true}
	pos, err := s.Param("pos", spec)
	if err != nil {
		return nil, err
	}
	return Add(x, pos)
}

// MeanPool is the mean of all tokens: (B, T, D) -> (B, D).
type MeanPool struct{}

// Forward returns the mean, differentiable in x. It returns an error if x is not (B, T, D).
func (MeanPool) Forward(_ *Scope, x *G.Node) (*G.Node, error) {
	if err := checkAxes(x, "(B, T, D)", 3); err != nil {
		return nil, err
	}
	return Mean(x, 1)
}

// Flatten puts all of a row one after the other: (B, …) -> (B, n).
type Flatten struct{}

// Forward returns the flat rows, differentiable in x. It returns an error if x is a scalar.
func (Flatten) Forward(_ *Scope, x *G.Node) (*G.Node, error) {
	if err := checkFeatures(x); err != nil {
		return nil, err
	}
	return Reshape(x, x.Shape()[0], x.Shape()[1:].TotalSize())
}

// Token takes one token: (B, T, D) -> (B, D).
type Token struct {
	Index int // in [0,T)
}

// Forward returns token Index, differentiable in x. It returns an error if x is not (B, T, D) or has no such
// token.
func (t Token) Forward(_ *Scope, x *G.Node) (*G.Node, error) {
	if err := checkAxes(x, "(B, T, D)", 3); err != nil {
		return nil, err
	}
	one, err := Slice(x, 1, t.Index, t.Index+1)
	if err != nil {
		return nil, err
	}
	return Reshape(one, x.Shape()[0], x.Shape()[2])
}
