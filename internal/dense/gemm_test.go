package dense

import (
	"fmt"
	"math"
	"testing"
)

func TestGemmEqualsTheSumOfProducts(t *testing.T) {
	everySet(t, testGemm[float32], testGemm[float64])
}

func testGemm[T Float](t *testing.T) {
	r := seeded()
	sizes := []int{0, 1, 2, 3, 5, 7, 8, 11, 13, 16, 17, 24, 29, 31, 32, 33, 37, 64, 65}
	depths := []int{0, 1, 3, 4, 15, 16, 17, 64, 255, 257, 300}
	for range 400 {
		g := gemmCase[T]{
			m: sizes[r.IntN(len(sizes))], n: sizes[r.IntN(len(sizes))], k: depths[r.IntN(len(depths))],
			transA: r.IntN(2) == 0, transB: r.IntN(2) == 0, batch: 1 + r.IntN(3),
			alpha: []T{1, 0, -0.5}[r.IntN(3)], beta: []T{0, 1, 0.25}[r.IntN(3)],
			padA: r.IntN(3), padB: 150 * r.IntN(2), padC: r.IntN(3),
		}
		arows, acols, brows, bcols := g.m, g.k, g.k, g.n
		if g.transA {
			arows, acols = acols, arows
		}
		if g.transB {
			brows, bcols = bcols, brows
		}
		g.lda, g.ldb, g.ldc = acols+g.padA, bcols+g.padB, g.n+g.padC
		g.a, g.b = random[T](r, g.batch*arows*g.lda), random[T](r, g.batch*brows*g.ldb)
		g.c, g.intact = guarded[T](g.batch * g.m * g.ldc)
		for i := range g.c {
			g.c[i] = T(math.NaN())
			if g.beta != 0 {
				g.c[i] = T(r.NormFloat64())
			}
		}
		g.before = append([]T(nil), g.c...)
		GemmBatch(g.batch, g.transA, g.transB, g.m, g.n, g.k, g.alpha, g.a, g.lda, arows*g.lda, g.b, g.ldb,
			brows*g.ldb, g.beta, g.c, g.ldc, g.m*g.ldc)
		g.check(t, arows*g.lda, brows*g.ldb)
	}
}

// gemmCase is one call of GemmBatch.
type gemmCase[T Float] struct {
	batch, m, n, k   int
	transA, transB   bool
	alpha, beta      T
	a, b, c, before  []T
	lda, ldb, ldc    int
	padA, padB, padC int
	intact           func() bool
}

func (g gemmCase[T]) check(t *testing.T, sa, sb int) {
	t.Helper()
	name := fmt.Sprintf("batch %d, %v %v, %d×%d×%d, alpha %v, beta %v", g.batch, g.transA, g.transB, g.m, g.n,
		g.k, g.alpha, g.beta)
	if !g.intact() {
		t.Fatalf("%s: wrote outside C", name)
	}
	for i := range g.c {
		s, row, col := i/max(1, g.m*g.ldc), i/g.ldc%g.m, i%g.ldc
		if col >= g.n {
			if g.c[i] != g.before[i] && g.before[i] == g.before[i] {
				t.Fatalf("%s: wrote between the rows of C", name)
			}
			continue
		}
		sum, scale := 0.0, 1.0
		for p := range g.k {
			x, y := g.a[s*sa:][index(g.transA, row, p, g.lda)], g.b[s*sb:][index(g.transB, p, col, g.ldb)]
			sum += float64(x) * float64(y)
			scale += math.Abs(float64(x) * float64(y))
		}
		sum *= float64(g.alpha)
		if g.beta != 0 {
			sum += float64(g.beta) * float64(g.before[i])
		}
		near(t, name, g.c[i], sum, scale, 4+math.Sqrt(float64(g.k)))
	}
}

func index(trans bool, i, j, ld int) int {
	if trans {
		i, j = j, i
	}
	return i*ld + j
}

func TestGemmBiasAddsTheBiasToEachRow(t *testing.T) {
	everySet(t, testGemmBias[float32], testGemmBias[float64])
}

func testGemmBias[T Float](t *testing.T) {
	r := seeded()
	for _, n := range []int{1, 7, 16, 20, 33, 64, 70} {
		for _, k := range []int{0, 5, 64, 300} {
			const m = 19
			a, b, bias := random[T](r, m*k), random[T](r, n*k), random[T](r, n)
			c, intact := guarded[T](m * n)
			plain := make([]T, m*n)
			GemmBias(true, m, n, k, a, k, b, k, bias, c, n)
			GemmBias(true, m, n, k, a, k, b, k, nil, plain, n)
			if !intact() {
				t.Fatalf("n=%d k=%d: wrote outside C", n, k)
			}
			for i := range c {
				near(t, "bias", c[i], float64(plain[i])+float64(bias[i%n]), 10+math.Abs(float64(plain[i])),
					4+math.Sqrt(float64(k)))
			}
		}
	}
}

func TestARowOfAProductDoesNotDependOnItsPlace(t *testing.T) {
	everySet(t, testPlace[float32], testPlace[float64])
}

func testPlace[T Float](t *testing.T) {
	const m, n, k = 37, 45, 70
	r := seeded()
	row, b := random[T](r, k), random[T](r, k*n)
	a, c := make([]T, m*k), make([]T, m*n)
	for i := range m {
		copy(a[i*k:], row)
	}
	Gemm(false, false, m, n, k, 1, a, k, b, n, 0, c, n)
	for i := range c {
		if c[i] != c[i%n] {
			t.Fatalf("row %d differs from row 0 in column %d: %v, %v", i/n, i%n, c[i], c[i%n])
		}
	}
}
