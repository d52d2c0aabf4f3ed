package qops

import (
	"math"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/nn/op"
)

// scoreKernel is the kernel of Scores: z_ij = e_iᵀ W e_j for all pairs of patches, as two matrix products,
// and its gradient, as four. Its forward pass is encode, project, compare and, by the ScoreKind, finish.
//
// A complex W = A + iB is two real kernels, because e is real: part 0 is e_iᵀ A e_j and part 1 is e_iᵀ B e_j.
// Patches keep the layout (B, T, D) of x, in which a head is a range of columns; pairs have that of the
// result, (B, H, T, T).
//
// The operands are x, W and perhaps Scale; where W is given by its circuits, x, their angles and perhaps
// Scale.
type scoreKernel[T op.Float] struct {
	scoreShape
	interleaved bool          // W holds real and imaginary parts side by side
	circuits    *patchwise[T] // nil: W is an operand

	unit  []T    // E: x, each head of an image scaled to unit norm
	norms []T    // (B, H), or (B, H, T) where each patch is scaled on its own
	share []T    // (B, H, T): the n_i of ScoreRowNormalized
	w     [2][]T // parts of W: views of the operand, or unpacked to (H, d_h, d_h)
	y     [2][]T // E·W
	z     [2][]T // E·W·Eᵀ

	saved, scratch []op.Buffer[T] // what of all this comes from the node
	factors        []T            // of the columns of an image
	tile, imag     []T            // the score of one head of one image, and (Im z)²
	dz             [2][]T         // without the factor slope·Gain·Scale, which the products apply
	dy             [2][]T
	dunit, dw      []T
	dshare         []T

	draws *draws[T] // nil: exact values
	drawn *splitmix.Histogram
}

func newScoreKernel[T op.Float](k scoreShape, interleaved bool) *scoreKernel[T] {
	patches, pairs, square := k.images*k.tokens*k.width, k.shape().TotalSize(), k.tokens*k.tokens
	s := &scoreKernel[T]{scoreShape: k, interleaved: interleaved, factors: make([]T, k.width),
		norms: make([]T, k.images*k.heads*k.groups()), tile: make([]T, square), imag: make([]T, square)}
	buffer := func(n int, slice *[]T) op.Buffer[T] { return op.Buffer[T]{Len: n, Slice: slice} }
	s.saved = append(s.saved, buffer(patches, &s.unit))
	s.scratch = append(s.scratch, buffer(patches, &s.dunit))
	for c := range k.parts {
		s.saved = append(s.saved, buffer(patches, &s.y[c]), buffer(pairs, &s.z[c]))
		s.scratch = append(s.scratch, buffer(patches, &s.dy[c]), buffer(pairs, &s.dz[c]))
		if interleaved {
			s.w[c] = make([]T, k.heads*k.head*k.head)
		}
	}
	if k.kind == ScoreRowNormalized {
		s.share, s.dshare = make([]T, k.images*k.heads*k.tokens), make([]T, k.images*k.heads*k.tokens)
	}
	if s.draws = newDraws[T](k.shots, k.images, pairs); s.draws != nil {
		s.drawn = splitmix.NewHistogram(2 * square)
	}
	return s
}

// apply returns the node of the kernel.
func (s *scoreKernel[T]) apply(name string, flops int, operands []*G.Node) (*G.Node, error) {
	n, err := op.Apply(s.node(name, flops), operands...)
	if err != nil {
		return nil, err
	}
	return n, s.draws.offer(n)
}

// node returns the kernel as that of a node.
func (s *scoreKernel[T]) node(name string, flops int) op.Kernel[T] {
	return op.Kernel[T]{
		Name: name,
		Memory: op.Memory[T]{
			Saved:           s.saved,
			BackwardIgnores: []int{0, op.Result},
			BackwardScratch: s.scratch,
		},
		Flops:    flops,
		Shape:    s.shape(),
		ONNX:     unlessShots(s.shots, s.write),
		Forward:  s.forward,
		Backward: s.backward,
	}
}

// group returns part g of what head h sees of image i.
func (s *scoreKernel[T]) group(x []T, i, h, g int) submatrix[T] {
	rows := s.tokens / s.groups()
	return submatrix[T]{x[(i*s.tokens+g*rows)*s.width+h*s.head:], rows, s.head, s.width}
}

// pair returns the T×T elements of head h of image i.
func (s *scoreKernel[T]) pair(z []T, i, h int) []T {
	size := s.tokens * s.tokens
	from := (i*s.heads + h) * size
	return z[from : from+size]
}

// scaleIndex is the index of Scale among the operands, if it is there: behind x and W, or x and the angles.
func (s *scoreKernel[T]) scaleIndex() int {
	if s.circuits != nil {
		return 1 + len(s.circuits.widths)
	}
	return 2
}

// factor returns what head h's scores are multiplied by, given the operands.
func (s *scoreKernel[T]) factor(in [][]T, h int) T {
	if i := s.scaleIndex(); i < len(in) {
		return T(s.gain) * in[i][h]
	}
	return T(s.gain)
}

func (s *scoreKernel[T]) forward(out []T, in [][]T) error {
	if err := s.encode(in[0]); err != nil {
		return err
	}
	if err := s.project(in); err != nil {
		return err
	}
	for c := range s.parts {
		s.compare(c)
	}
	if s.draws != nil {
		if err := s.draws.next(); err != nil {
			return err
		}
	}
	for i := range s.images {
		for h := range s.heads {
			tile := s.pair(out, i, h)
			s.finish(tile, i, h)
			if s.draws != nil {
				s.estimate(tile, i, h, s.factor(in, h))
			}
			dense.Scale(s.factor(in, h), tile)
		}
	}
	return nil
}

func (s *scoreKernel[T]) backward(din, in [][]T, _, dout []T) error {
	if i := s.scaleIndex(); i < len(din) && din[i] != nil {
		s.scaleGrad(din[i], dout)
	}
	wantW := false // the gradient to W, or to any angle
	for _, d := range din[1:s.scaleIndex()] {
		wantW = wantW || d != nil
	}
	if din[0] == nil && !wantW {
		return nil
	}
	for i := range s.images {
		for h := range s.heads {
			s.finishGrad(s.pair(dout, i, h), s.factor(in, h), i, h)
		}
	}
	for c := range s.parts {
		s.compareGrad(c, in, din[0] != nil)
	}
	if err := s.projectGrad(din, in); err != nil {
		return err
	}
	if din[0] != nil {
		s.encodeGrad(din[0])
	}
	return nil
}

// scaleGrad writes the gradient to the factor of each head.
func (s *scoreKernel[T]) scaleGrad(dscale, dout []T) {
	clear(dscale)
	for i := range s.images {
		for h := range dscale {
			s.finish(s.tile, i, h)
			dscale[h] += T(s.gain) * dense.Dot(s.pair(dout, i, h), s.tile)
		}
	}
}

// encode writes E: what each head sees of each image, scaled to unit norm.
func (s *scoreKernel[T]) encode(x []T) error {
	for i := range s.images {
		if s.encodeByRows(x, i) {
			continue
		}
		for h := range s.heads {
			for g := range s.groups() {
				norm, ok := normalize(s.group(s.unit, i, h, g), s.group(x, i, h, g))
				if !ok {
					return notFinite("x", x, tensor.Shape{s.images, s.tokens, s.width})
				}
				s.norms[(i*s.heads+h)*s.groups()+g] = norm
			}
			if s.share != nil {
				s.setShares(i, h)
			}
		}
	}
	return nil
}

// encodeByRows does what encode does for an image of several heads that are scaled as wholes, with norms of
// moderate size: row by row of the image instead of head by head, whose part of a row is short. It returns
// false, and has done nothing, for any other image.
func (s *scoreKernel[T]) encodeByRows(x []T, i int) bool {
	if s.scalesPatches() || s.heads == 1 {
		return false
	}
	least, most := safeSquares[T]()
	for h := range s.heads {
		squares, part := 0.0, s.group(x, i, h, 0)
		for t := range s.tokens {
			squares += dense.SumSquares(part.row(t))
		}
		if !(squares > least && squares < most) {
			return false
		}
		norm := math.Sqrt(squares)
		s.norms[i*s.heads+h] = T(norm)
		columns := s.factors[h*s.head : (h+1)*s.head]
		for c := range columns {
			columns[c] = T(1 / norm)
		}
	}
	for from := i * s.tokens * s.width; from < (i+1)*s.tokens*s.width; from += s.width {
		dense.Mul(s.unit[from:from+s.width], x[from:from+s.width], s.factors)
	}
	return true
}

// encodeGrad pulls dE back to the patches before scaling.
func (s *scoreKernel[T]) encodeGrad(dx []T) {
	for i := range s.images {
		for h := range s.heads {
			for g := range s.groups() {
				norm := s.norms[(i*s.heads+h)*s.groups()+g]
				normalizeGrad(s.group(dx, i, h, g), s.group(s.dunit, i, h, g), s.group(s.unit, i, h, g), norm)
			}
			if s.share != nil {
				s.addSharesGrad(dx, i, h)
			}
		}
	}
}

// compare computes a part of Z = Y·Eᵀ.
func (s *scoreKernel[T]) compare(c int) {
	t, d, n := s.tokens, s.width, s.head
	for h := range s.heads {
		y, e, z := s.y[c][h*n:], s.unit[h*n:], s.z[c][h*t*t:]
		dense.GemmBatch(s.images, false, true, t, t, n, 1, y, d, t*d, e, d, t*d, 0, z, t, s.heads*t*t)
	}
}

// compareGrad pulls a part of dZ back through Z = Y·Eᵀ: dY, and dE if it is wanted, which part 0 sets and
// part 1 adds to.
func (s *scoreKernel[T]) compareGrad(c int, in [][]T, wantE bool) {
	t, d, n := s.tokens, s.width, s.head
	for h := range s.heads {
		e, y, dy, de, dz := s.unit[h*n:], s.y[c][h*n:], s.dy[c][h*n:], s.dunit[h*n:], s.dz[c][h*t*t:]
		slope, step := s.slope()*s.factor(in, h), s.heads*t*t
		dense.GemmBatch(s.images, false, false, t, n, t, slope, dz, t, step, e, d, t*d, 0, dy, d, t*d)
		if wantE {
			dense.GemmBatch(s.images, true, false, t, n, t, slope, dz, t, step, y, d, t*d, T(c), de, d, t*d)
		}
	}
}
