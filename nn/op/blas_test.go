package op_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/nn/op"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

var _ G.BLAS = op.BLAS{}

// gemm is Sgemm or Dgemm of an implementation.
type gemm[T op.Float] func(tA, tB blas.Transpose, m, n, k int, alpha T, a []T, lda int, b []T, ldb int,
	beta T, c []T, ldc int)

func TestBLASEqualsGonum(t *testing.T) {
	t.Run("Sgemm",
		func(t *testing.T) { equalsGonum[float32](t, op.BLAS{}.Sgemm, gonum.Implementation{}.Sgemm, 1e-5) })
	t.Run("Dgemm",
		func(t *testing.T) { equalsGonum[float64](t, op.BLAS{}.Dgemm, gonum.Implementation{}.Dgemm, 1e-14) })
}

func equalsGonum[T op.Float](t *testing.T, ours, theirs gemm[T], tolerance float64) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, tA := range []blas.Transpose{blas.NoTrans, blas.Trans, blas.ConjTrans} {
		for _, tB := range []blas.Transpose{blas.NoTrans, blas.Trans, blas.ConjTrans} {
			for _, alpha := range []T{0, 1, -0.5} {
				for _, beta := range []T{0, 1, 0.25} {
					for _, size := range [][3]int{{0, 3, 2}, {3, 0, 2}, {3, 2, 0}, {1, 1, 1}, {5, 7, 3},
						{17, 33, 20}, {40, 70, 300}} {
						for _, pad := range []int{0, 3} {
							m, n, k := size[0], size[1], size[2]
							a, lda := operand[T](r, tA, m, k, pad)
							b, ldb := operand[T](r, tB, k, n, pad)
							c, ldc := operand[T](r, blas.NoTrans, m, n, pad)
							want := append([]T(nil), c...)
							ours(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
							theirs(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, want, ldc)
							for i := range c {
								if d := math.Abs(float64(c[i] - want[i])); !(d <= tolerance*float64(k+1)) {
									t.Fatalf("%c%c %v pad %d alpha %v beta %v: element %d is %v, gonum's %v",
										tA, tB, size, pad, alpha, beta, i, c[i], want[i])
								}
							}
						}
					}
				}
			}
		}
	}
}

// operand returns random elements of an X with op(X) of rows×cols, and its leading dimension. The last row
// ends where its elements do.
func operand[T op.Float](r *rand.Rand, t blas.Transpose, rows, cols, pad int) ([]T, int) {
	if t != blas.NoTrans {
		rows, cols = cols, rows
	}
	ld := max(1, cols) + pad
	x := make([]T, max(0, (rows-1)*ld+cols))
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
	return x, ld
}

func TestBLASPanicsAsGonum(t *testing.T) {
	t.Run("Sgemm",
		func(t *testing.T) { panicsAsGonum[float32](t, op.BLAS{}.Sgemm, gonum.Implementation{}.Sgemm) })
	t.Run("Dgemm",
		func(t *testing.T) { panicsAsGonum[float64](t, op.BLAS{}.Dgemm, gonum.Implementation{}.Dgemm) })
}

func panicsAsGonum[T op.Float](t *testing.T, ours, theirs gemm[T]) {
	for _, tA := range []blas.Transpose{blas.NoTrans, blas.Trans, 'x'} {
		for _, tB := range []blas.Transpose{blas.NoTrans, blas.Trans, 'x'} {
			for wrong := range 10 {
				// m, n, k, and what lda, ldb, ldc and the lengths of a, b, c fall short of
				x := []int{3, 4, 5, 0, 0, 0, 0, 0, 0, 0}
				switch {
				case wrong < 3:
					x[wrong] = -1
				case wrong < 9:
					x[wrong] = 1
				}
				call := func(f gemm[T]) (words any, c []T) {
					defer func() { words = recover() }()
					lda, ldb := 5, 4
					la, lb := 15, 20
					if tA == blas.Trans {
						lda = 3
					}
					if tB == blas.Trans {
						ldb = 5
					}
					c = make([]T, 12-x[8])
					f(tA, tB, x[0], x[1], x[2], 1, make([]T, la-x[6]), lda-x[3], make([]T, lb-x[7]), ldb-x[4],
						0.5, c, 4-x[5])
					return nil, c
				}
				got, _ := call(ours)
				want, _ := call(theirs)
				if got != want {
					t.Errorf("transposes %q %q, case %d: panic %v, gonum's %v", tA, tB, wrong, got, want)
				}
				if valid := wrong == 9 && tA != 'x' && tB != 'x'; valid != (want == nil) {
					t.Errorf("transposes %q %q, case %d: gonum says %v: the test does not test",
						tA, tB, wrong, want)
				}
			}
		}
	}
}

// plain builds a perceptron of Gorgonia's own operations and returns its run.
func plain(tb testing.TB) (run func(), weight *G.Node) {
	g := G.NewGraph()
	r := rand.New(rand.NewPCG(3, 4))
	matrix := func(name string, rows, cols int) *G.Node {
		x := make([]float32, rows*cols)
		for i := range x {
			x[i] = float32(r.NormFloat64() / 16)
		}
		return G.NewMatrix(g, G.Float32, G.WithShape(rows, cols), G.WithName(name),
			G.WithValue(tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(x))))
	}
	x, w1, w2 := matrix("x", 256, 256), matrix("w1", 256, 256), matrix("w2", 256, 64)
	y := G.Must(G.Mul(G.Must(G.Tanh(G.Must(G.Mul(x, w1)))), w2))
	if _, err := G.Grad(G.Must(G.Sum(G.Must(G.Square(y)))), w1, w2); err != nil {
		tb.Fatal(err)
	}
	vm := G.NewTapeMachine(g, G.BindDualValues(w1, w2))
	tb.Cleanup(func() { vm.Close() })
	return func() {
		vm.Reset()
		for _, w := range []*G.Node{w1, w2} {
			if d, err := w.Grad(); err == nil && d != nil {
				clear(d.Data().([]float32)) // the machine adds to them
			}
		}
		if err := vm.RunAll(); err != nil {
			tb.Fatal(err)
		}
	}, w1
}

// use makes Gorgonia take b until the test ends.
func use(tb testing.TB, b G.BLAS) {
	before := G.WhichBLAS()
	G.Use(b)
	tb.Cleanup(func() { G.Use(before) })
}

func TestGorgoniaTakesBLAS(t *testing.T) {
	gradient := func(b G.BLAS) []float32 {
		use(t, b)
		run, w := plain(t)
		run()
		d, err := w.Grad()
		if err != nil {
			t.Fatal(err)
		}
		return append([]float32(nil), d.Data().([]float32)...)
	}
	want := gradient(gonum.Implementation{})
	var calls counting
	got := gradient(&calls)
	if calls.products == 0 {
		t.Fatal("Gorgonia made no product through the BLAS it was given")
	}
	for i := range got {
		if math.Abs(float64(got[i]-want[i])) > 1e-4*(1+math.Abs(float64(want[i]))) {
			t.Fatalf("gradient %d is %v, with gonum's BLAS %v", i, got[i], want[i])
		}
	}
}

// counting is op.BLAS that counts its products.
type counting struct {
	op.BLAS
	products int
}

func (b *counting) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, x []float32,
	ldb int, beta float32, c []float32, ldc int) {
	b.products++
	b.BLAS.Sgemm(tA, tB, m, n, k, alpha, a, lda, x, ldb, beta, c, ldc)
}

// BenchmarkBLAS is a training step of a graph of Gorgonia's own operations, with gonum's BLAS and with
// op.BLAS.
func BenchmarkBLAS(b *testing.B) {
	for _, c := range []G.BLAS{gonum.Implementation{}, op.BLAS{}} {
		b.Run(fmt.Sprintf("%T", c), func(b *testing.B) {
			use(b, c)
			run, _ := plain(b)
			for b.Loop() {
				run()
			}
		})
	}
}
