package qops

import (
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/dense"
)

// encode scales what each head sees of each image.
func (b *bilinear[T]) encode(x []T) error {
	for i := range b.images {
		if b.scaled(x, i) {
			continue
		}
		for h := range b.heads {
			for g := range b.groups() {
				norm, err := normalise(b.group(b.unit, i, h, g), b.group(x, i, h, g))
				if err != nil {
					return errors.WithMessagef(err, "image %d, columns from %d, patches from %d", i, h*b.head, g*b.tokens/b.groups())
				}
				b.norms[(i*b.heads+h)*b.groups()+g] = norm
			}
			if b.share != nil {
				b.shares(i, h)
			}
		}
	}
	return nil
}

// scaled does what encode does for an image of several heads, scaled as wholes and with norms of moderate size: row by row of the image instead of head by
// head: a head's part of a row is short. It returns false, and has done nothing, for any other image.
func (b *bilinear[T]) scaled(x []T, i int) bool {
	if b.groups() > 1 || b.heads == 1 {
		return false
	}
	least, most := safeSquares[T]()
	for h := range b.heads {
		squares, part := 0.0, b.group(x, i, h, 0)
		for t := range b.tokens {
			squares += dense.SumSquares(part.row(t))
		}
		if !(squares > least && squares < most) {
			return false
		}
		norm := math.Sqrt(squares)
		b.norms[i*b.heads+h] = T(norm)
		columns := b.factors[h*b.head : (h+1)*b.head]
		for c := range columns {
			columns[c] = T(1 / norm)
		}
	}
	for at := i * b.tokens * b.width; at < (i+1)*b.tokens*b.width; at += b.width {
		dense.Mul(b.unit[at:at+b.width], x[at:at+b.width], b.factors)
	}
	return true
}

// encodeGrad pulls dE back to the patches as they came.
func (b *bilinear[T]) encodeGrad(dx []T) {
	for i := range b.images {
		for h := range b.heads {
			for g := range b.groups() {
				norm := b.norms[(i*b.heads+h)*b.groups()+g]
				normaliseGrad(b.group(dx, i, h, g), b.group(b.dunit, i, h, g), b.group(b.unit, i, h, g), norm)
			}
			if b.share != nil {
				b.sharesGrad(dx, i, h)
			}
		}
	}
}
