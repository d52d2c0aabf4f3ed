package op

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Heads is the layout of attention in heads side by side: head h of tokens (B, T, D) is columns h·D/H to
// (h+1)·D/H of every token, and its attention map is matrix h of (B, H, T, T).
type Heads struct {
	Batch, Tokens, Width int // B, T and D
	Count                int // H, a divisor of D
}

// NewHeads returns the layout of that many heads of x. It returns an error if x is not (B, T, D) or H does
// not divide D.
func NewHeads(x tensor.Shape, count int) (Heads, error) {
	if x.Dims() != 3 {
		return Heads{}, errors.Errorf("want x (B, T, D), got %v", x)
	}
	h := Heads{Batch: x[0], Tokens: x[1], Width: x[2], Count: count}
	_, err := HeadWidth(h.Width, count)
	return h, err
}

// HeadWidth returns D/H, the columns of one head. It returns an error if H does not divide D.
func HeadWidth(width, heads int) (int, error) {
	if heads < 1 || width%heads != 0 {
		return 0, errors.Errorf("%d heads for a width of %d, want a divisor of the width", heads, width)
	}
	return width / heads, nil
}

// HeadWidth returns D/H.
func (h Heads) HeadWidth() int { return h.Width / max(h.Count, 1) }

// MapShape returns (B, H, T, T), the shape of the attention maps of all heads.
func (h Heads) MapShape() tensor.Shape { return tensor.Shape{h.Batch, h.Count, h.Tokens, h.Tokens} }
