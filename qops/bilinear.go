package qops

import (
	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// bilinear is the kernel of Scores: z_ij = e_iᵀ W e_j for all pairs of patches, as two matrix products, and its gradient, as four. Where W is given by its
// circuits (operands x, angles…, Scale instead of x, W, Scale) those of W are theirs.
//
// A complex W = A + iB is two real kernels, for e is real: part 0 is e_iᵀ A e_j and part 1 is e_iᵀ B e_j. Patches keep the layout (B, T, D) of x, in which a head is
// a range of columns; pairs have that of the result, (B, H, T, T).
type bilinear[T op.Float] struct {
	pairs
	interleaved bool          // W holds real and imaginary parts in turn
	circuits    *patchwise[T] // nil: W is an operand

	unit  []T    // E: x, each head of an image scaled to unit norm
	norms []T    // (B, H), or (B, H, T) where each patch is scaled on its own
	share []T    // (B, H, T): the n_i of RowNormalised
	w     [2][]T // parts of W: views of the operand, or unpacked to (H, d_h, d_h)
	y     [2][]T // E·W
	z     [2][]T // E·W·Eᵀ

	kept, work   []op.Buffer[T] // what of all this comes from the node
	factors      []T            // of the columns of an image
	tile, second []T            // a reading of one head of one image, and (Im z)²
	dz           [2][]T         // of pairs, but for the factor slope·Gain·Scale, which the products apply
	dy           [2][]T
	dunit, dw    []T
	dshare       []T
}

func newBilinear[T op.Float](k pairs, interleaved bool) *bilinear[T] {
	patches, all := k.images*k.tokens*k.width, k.images*k.heads*k.tokens*k.tokens
	b := &bilinear[T]{pairs: k, interleaved: interleaved,
		factors: make([]T, k.width), norms: make([]T, k.images*k.heads*k.groups()), tile: make([]T, k.tokens*k.tokens), second: make([]T, k.tokens*k.tokens)}
	b.kept = []op.Buffer[T]{{Len: patches, Slice: &b.unit}}
	b.work = []op.Buffer[T]{{Len: patches, Slice: &b.dunit}}
	for c := range k.parts {
		b.kept = append(b.kept, op.Buffer[T]{Len: patches, Slice: &b.y[c]}, op.Buffer[T]{Len: all, Slice: &b.z[c]})
		b.work = append(b.work, op.Buffer[T]{Len: patches, Slice: &b.dy[c]}, op.Buffer[T]{Len: all, Slice: &b.dz[c]})
		if interleaved {
			b.w[c] = make([]T, k.heads*k.head*k.head)
		}
	}
	if k.reading == RowNormalised {
		b.share, b.dshare = make([]T, k.images*k.heads*k.tokens), make([]T, k.images*k.heads*k.tokens)
	}
	return b
}

// groups is into how many parts the patches of a head are scaled: one, or as many as there are patches.
func (k pairs) groups() int {
	if k.reading == RowNormalised || k.reading == Conditional {
		return k.tokens
	}
	return 1
}

// group returns part g of what head h sees of image i.
func (b *bilinear[T]) group(x []T, i, h, g int) strided[T] {
	rows := b.tokens / b.groups()
	return strided[T]{x[(i*b.tokens+g*rows)*b.width+h*b.head:], rows, b.head, b.width}
}

// pair returns the T×T elements of head h of image i.
func (b *bilinear[T]) pair(z []T, i, h int) []T {
	size := b.tokens * b.tokens
	at := (i*b.heads + h) * size
	return z[at : at+size]
}

// scaleAt is the place of Scale among the operands, if it is there: behind x and W, or x and the angles.
func (b *bilinear[T]) scaleAt() int {
	if b.circuits != nil {
		return 1 + len(b.circuits.widths)
	}
	return 2
}

// factor returns what head h's reading is multiplied by, given the operands.
func (b *bilinear[T]) factor(in [][]T, h int) T {
	if at := b.scaleAt(); at < len(in) {
		return T(b.gain) * in[at][h]
	}
	return T(b.gain)
}

func (b *bilinear[T]) forward(out []T, in [][]T) error {
	if err := b.encode(in[0]); err != nil {
		return err
	}
	if err := b.turn(in); err != nil {
		return err
	}
	for c := range b.parts {
		b.compare(c)
	}
	for i := range b.images {
		for h := range b.heads {
			tile := b.pair(out, i, h)
			b.read(tile, i, h)
			dense.Scale(b.factor(in, h), tile)
		}
	}
	return nil
}

// split separates the parts of a complex W and leaves a real one where it is.
func (b *bilinear[T]) split(w []T) {
	if !b.interleaved {
		b.w[0] = w
		return
	}
	b.block(func(full, packed int) {
		for c := range b.parts {
			b.w[c][packed] = w[2*full+c]
		}
	})
}

// block calls f with the index in W, parts aside, of each element of the leading block of each head, and its index in the block alone.
func (b *bilinear[T]) block(f func(full, packed int)) {
	for h := range b.heads {
		for r := range b.head {
			for c := range b.head {
				f((h*b.dim+r)*b.dim+c, (h*b.head+r)*b.head+c)
			}
		}
	}
}

// matrix returns the place of head h in a part of W, and its row stride.
func (b *bilinear[T]) matrix(w []T, h int) ([]T, int) {
	dim := b.dim
	if b.interleaved {
		dim = b.head
	}
	return w[h*dim*dim:], dim
}

// turn computes Y = E·W.
func (b *bilinear[T]) turn(in [][]T) error {
	if b.circuits != nil {
		return b.circuits.forward(in[1:b.scaleAt()], b.unit, b.y)
	}
	b.split(in[1])
	for c := range b.parts {
		for h := range b.heads {
			w, ldw := b.matrix(b.w[c], h)
			dense.Gemm(false, false, b.images*b.tokens, b.head, b.head, 1, b.unit[h*b.head:], b.width, w, ldw, 0, b.y[c][h*b.head:], b.width)
		}
	}
	return nil
}

// compare computes a part of Z = Y·Eᵀ.
func (b *bilinear[T]) compare(c int) {
	t, d, n := b.tokens, b.width, b.head
	for h := range b.heads {
		dense.GemmBatch(b.images, false, true, t, t, n, 1, b.y[c][h*n:], d, t*d, b.unit[h*n:], d, t*d, 0, b.z[c][h*t*t:], t, b.heads*t*t)
	}
}

func (b *bilinear[T]) backward(din, in [][]T, _, dout []T) error {
	if at := b.scaleAt(); at < len(din) && din[at] != nil {
		b.scaleGrad(din[at], dout)
	}
	dw := false
	for _, d := range din[1:b.scaleAt()] {
		dw = dw || d != nil
	}
	if din[0] == nil && !dw {
		return nil
	}
	for i := range b.images {
		for h := range b.heads {
			b.readGrad(b.pair(dout, i, h), b.factor(in, h), i, h)
		}
	}
	for c := range b.parts {
		b.compareGrad(c, in, din[0] != nil)
	}
	if err := b.turnGrad(din, in); err != nil {
		return err
	}
	if din[0] != nil {
		b.encodeGrad(din[0])
	}
	return nil
}

// scaleGrad writes the gradient to the factor of each head.
func (b *bilinear[T]) scaleGrad(dscale, dout []T) {
	clear(dscale)
	for i := range b.images {
		for h := range dscale {
			b.read(b.tile, i, h)
			dscale[h] += T(b.gain) * dense.Dot(b.pair(dout, i, h), b.tile)
		}
	}
}

// compareGrad pulls a part of dZ back through Z = Y·Eᵀ: dY, and dE if it is wanted, which it adds to but for part 0.
func (b *bilinear[T]) compareGrad(c int, in [][]T, wanted bool) {
	t, d, n := b.tokens, b.width, b.head
	for h := range b.heads {
		e, y, dy, de, dz := b.unit[h*n:], b.y[c][h*n:], b.dy[c][h*n:], b.dunit[h*n:], b.dz[c][h*t*t:]
		slope := b.slope() * b.factor(in, h)
		dense.GemmBatch(b.images, false, false, t, n, t, slope, dz, t, b.heads*t*t, e, d, t*d, 0, dy, d, t*d)
		if wanted {
			dense.GemmBatch(b.images, true, false, t, n, t, slope, dz, t, b.heads*t*t, y, d, t*d, T(c), de, d, t*d)
		}
	}
}

// turnGrad pulls dY back through Y = E·W: the gradient to W or to the angles, and, added to dE, that to E.
func (b *bilinear[T]) turnGrad(din, in [][]T) error {
	dunit := b.dunit
	if din[0] == nil {
		dunit = nil
	}
	if b.circuits != nil {
		return b.circuits.backward(in[1:b.scaleAt()], din[1:b.scaleAt()], b.dy, dunit)
	}
	b.split(in[1])
	if b.dw == nil {
		b.dw = make([]T, b.heads*b.head*b.head)
	}
	rows, d, n := b.images*b.tokens, b.width, b.head
	for c := range b.parts {
		for h := range b.heads {
			e, dy := b.unit[h*n:], b.dy[c][h*n:]
			if dunit != nil {
				w, ldw := b.matrix(b.w[c], h)
				dense.Gemm(false, true, rows, n, n, 1, dy, d, w, ldw, 1, dunit[h*n:], d)
			}
			if din[1] != nil {
				dense.Gemm(true, false, n, n, rows, 1, e, d, dy, d, 0, b.dw[h*n*n:], n)
			}
		}
		if din[1] != nil {
			b.joinGrad(din[1], c)
		}
	}
	return nil
}

// joinGrad writes a part of the gradient to W: that of the leading blocks; the rest of W plays no role.
func (b *bilinear[T]) joinGrad(dw []T, c int) {
	parts := 1
	if b.interleaved {
		parts = 2
	}
	if c == 0 {
		clear(dw)
	}
	b.block(func(full, packed int) { dw[parts*full+c] = b.dw[packed] })
}
