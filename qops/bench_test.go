package qops

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// The kernels are timed without a graph: the machine that runs one takes about 30 µs a run of its own.

func normals(n int) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// forwardAndBackward times both passes of a kernel on random operands of the given sizes.
func forwardAndBackward(b *testing.B, forward func(out []float32, in [][]float32) error, backward func(din, in [][]float32, out, dout []float32) error, result int, operands ...int) {
	out, dout := make([]float32, result), normals(result)
	var in, din [][]float32
	for _, n := range operands {
		in, din = append(in, normals(n)), append(din, make([]float32, n))
	}
	time := func(name string, pass func() error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := pass(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	time("forward", func() error { return forward(out, in) })
	time("backward", func() error { return backward(din, in, out, dout) })
}

// BenchmarkUnitary builds W of one head for the two-layer RY + ring ansatz, d = 2^n.
func BenchmarkUnitary(b *testing.B) {
	for _, n := range []int{4, 6, 8} {
		b.Run(fmt.Sprint("d=", 1<<n), func(b *testing.B) {
			c := circuit.New(n)
			for l := range 2 {
				for q := range n {
					c.RY(q, circuit.Theta(l*n+q))
				}
				for q := range n {
					c.CX(q, (q+1)%n)
				}
			}
			joint, err := joined(c, c)
			if err != nil {
				b.Fatal(err)
			}
			plan, err := statevec.CompileReal[float32](joint)
			if err != nil {
				b.Fatal(err)
			}
			u := newColumns(plan, true, []int{2 * n, 2 * n})
			forwardAndBackward(b, u.forward, u.backward, 1<<(2*n), 2*n, 2*n)
		})
	}
}

// BenchmarkScores has 16 images of the two yardstick sizes, with a real and with a complex W.
func BenchmarkScores(b *testing.B) {
	const images = 16
	for _, c := range []struct{ tokens, heads, head int }{{16, 1, 64}, {64, 4, 32}} {
		for _, complex := range []bool{false, true} {
			x, w := tensor.Shape{images, c.tokens, c.heads * c.head}, tensor.Shape{c.heads, c.head, c.head}
			if complex {
				w = append(w, 2)
			}
			b.Run(fmt.Sprintf("T=%d,d=%d,heads=%d,complex=%v", c.tokens, c.head, c.heads, complex), func(b *testing.B) {
				k, err := newPairs(x, w, ScoreOptions{Gain: float64(c.tokens * c.tokens)})
				if err != nil {
					b.Fatal(err)
				}
				s := newBilinear[float32](k, complex)
				forwardAndBackward(b, s.forward, s.backward, images*c.heads*c.tokens*c.tokens, x.TotalSize(), w.TotalSize(), c.heads)
			})
		}
	}
}
