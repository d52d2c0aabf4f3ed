package dense

// depth is how much of the inner dimension a panel covers: depth rows of the widest panel stay in the L1
// cache.
const (
	depth = 256
	width = 32
)

// workspace holds one panel of op(B), copied so that its rows lie next to each other, and a padded piece of
// the bias.
type workspace[T Float] struct {
	panel [depth * width]T
	bias  [width]T
}

// Gemm sets C = alpha·op(A)·op(B) + beta·C, row-major, with op the transpose where asked for.
//
//	op(A)  m×k, A stored with leading dimension lda ≥ k, or k×m with lda ≥ m if transA
//	op(B)  k×n, B stored with leading dimension ldb ≥ n, or n×k with ldb ≥ k if transB
//	C      m×n, leading dimension ldc ≥ n; not read if beta is 0
//
// A and B are not read if alpha is 0. C must not overlap A or B.
func Gemm[T Float](transA, transB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int,
	beta T, c []T, ldc int) {
	if m > 0 && n > 0 {
		p := product[T]{kernels: active[T](), transA: transA, transB: transB,
			m: m, n: n, k: k, alpha: alpha, beta: beta, lda: lda, ldb: ldb, ldc: ldc}
		p.run(a, b, c)
		p.release()
	}
}

// GemmBias sets C = A·op(B) with the vector bias (n elements, nil for none) added to each row: Gemm with
// alpha 1, beta 0 and op(A) = A.
func GemmBias[T Float](transB bool, m, n, k int, a []T, lda int, b []T, ldb int, bias []T, c []T, ldc int) {
	if m > 0 && n > 0 {
		p := product[T]{kernels: active[T](), transB: transB,
			m: m, n: n, k: k, alpha: 1, lda: lda, ldb: ldb, ldc: ldc, bias: bias}
		p.run(a, b, c)
		p.release()
	}
}

// GemmBatch makes `batch` independent products: the i-th uses A at a[i·sa], B at b[i·sb] and C at c[i·sc],
// otherwise as Gemm. A stride of 0 shares the operand. The results must not overlap, but may interleave
// within a larger ldc.
func GemmBatch[T Float](batch int, transA, transB bool, m, n, k int, alpha T, a []T, lda, sa int,
	b []T, ldb, sb int, beta T, c []T, ldc, sc int) {
	if m > 0 && n > 0 {
		p := product[T]{kernels: active[T](), transA: transA, transB: transB,
			m: m, n: n, k: k, alpha: alpha, beta: beta, lda: lda, ldb: ldb, ldc: ldc}
		for i := range batch {
			p.run(a[i*sa:], b[i*sb:], c[i*sc:])
		}
		p.release()
	}
}

// product is a matrix product but for its operands, so that a batch of them shares the workspace.
type product[T Float] struct {
	*kernels[T]
	transA, transB bool
	m, n, k        int
	alpha, beta    T
	lda, ldb, ldc  int
	bias           []T
	ws             *workspace[T]
}

// run cuts op(B) into panels as wide as the kernel's tile and `depth` deep; the kernel takes a panel through
// all rows of op(A).
func (p *product[T]) run(a, b, c []T) {
	if p.k <= 0 || p.alpha == 0 {
		p.scale(c)
		return
	}
	p.check(a, b, c)
	down, along := p.lda, 1
	if p.transA {
		down, along = 1, p.lda
	}
	beta, bias := p.beta, p.bias
	for k0 := 0; k0 < p.k; k0 += depth {
		kb := min(depth, p.k-k0)
		for j0 := 0; j0 < p.n; j0 += 2 * p.lanes {
			nb := min(2*p.lanes, p.n-j0)
			panel, stride := p.operand(b, k0, j0, kb, nb)
			p.panel(p.m, nb, kb, a[k0*along:], down, along, panel, stride, c[j0:], p.ldc,
				p.alpha, beta, p.start(bias, j0, nb))
		}
		beta, bias = 1, nil
	}
}

// operand returns rows k0 to k0+kb of op(B) in the columns j0 to j0+nb, padded to one or two vectors, and the
// stride of these rows.
func (p *product[T]) operand(b []T, k0, j0, kb, nb int) ([]T, int) {
	padded := p.padded(nb)
	switch {
	case p.transB:
		p.reserve()
		p.packTransposed(nb, kb, b[j0*p.ldb+k0:], p.ldb, p.ws.panel[:], padded)
	case nb < padded || p.m > 64 && p.ldb > 4*padded:
		p.reserve()
		p.pack(kb, nb, b[k0*p.ldb+j0:], p.ldb, p.ws.panel[:], padded)
	default:
		return b[k0*p.ldb+j0:], p.ldb
	}
	return p.ws.panel[:], padded
}

// start returns what the rows of a panel start from, padded like the panel; nil for zero.
func (p *product[T]) start(bias []T, j0, nb int) []T {
	if bias == nil {
		return nil
	}
	bias = bias[j0 : j0+nb]
	if nb == p.padded(nb) {
		return bias
	}
	p.reserve()
	copy(p.ws.bias[:], bias)
	return p.ws.bias[:]
}

func (p *product[T]) padded(n int) int {
	if n <= p.lanes {
		return p.lanes
	}
	return 2 * p.lanes
}

// scale is what remains of the product if there is nothing to add: C = beta·C + bias.
func (p *product[T]) scale(c []T) {
	for i := range p.m {
		row := c[i*p.ldc : i*p.ldc+p.n]
		switch {
		case p.beta != 0:
			p.kernels.scale(p.beta, row)
		case p.bias != nil:
			copy(row, p.bias)
		default:
			clear(row)
		}
	}
}

// check panics unless the last element of each operand exists: the kernels trust their pointers.
func (p *product[T]) check(a, b, c []T) {
	if p.transA {
		_ = a[(p.k-1)*p.lda+p.m-1]
	} else {
		_ = a[(p.m-1)*p.lda+p.k-1]
	}
	if p.transB {
		_ = b[(p.n-1)*p.ldb+p.k-1]
	} else {
		_ = b[(p.k-1)*p.ldb+p.n-1]
	}
	_ = c[(p.m-1)*p.ldc+p.n-1]
	if p.bias != nil {
		_ = p.bias[p.n-1]
	}
}

func (p *product[T]) reserve() {
	if p.ws == nil {
		p.ws = p.workspaces.Get().(*workspace[T])
	}
}

func (p *product[T]) release() {
	if p.ws != nil {
		p.workspaces.Put(p.ws)
	}
}
