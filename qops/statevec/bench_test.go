package statevec_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// ring is the benchmark ansatz: RY (and RZ, if complex) on every qubit and a ring of CX, so often.
func ring(n, layers int, real bool) *circuit.Circuit {
	c, k := circuit.New(n), 0
	next := func() circuit.Angle { k++; return circuit.Theta(k - 1) }
	for range layers {
		for q := range n {
			c.RY(q, next())
			if !real {
				c.RZ(q, next())
			}
		}
		for q := range n {
			c.CX(q, (q+1)%n)
		}
	}
	return c
}

// benchmark reports the microseconds a row takes forward, and forward and back.
func benchmark[T dense.Float](b *testing.B, c *circuit.Circuit, rows int, real bool) {
	p := newProblem(rand.New(rand.NewPCG(1, 1)), c, rows, real)
	build := statevec.Compile[T]
	if real {
		build = statevec.CompileReal[T]
	}
	plan, err := build(c)
	if err != nil {
		b.Fatal(err)
	}
	exec := plan.NewExec(1)
	theta, in, dout := as[T](p.theta), as[T](p.in), as[T](p.dout)
	out, din, dtheta := make([]T, len(in)), make([]T, len(in)), make([]T, len(theta))
	name := fmt.Sprintf("%T/n=%d/B=%d/real=%v/", in[0], c.Qubits(), rows, real)
	b.Run(name+"forward", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := exec.Apply(rows, theta, nil, in, out); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows)/1e3, "µs/row")
	})
	b.Run(name+"gradient", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := exec.Apply(rows, theta, nil, in, out); err != nil {
				b.Fatal(err)
			}
			if err := exec.Adjoint(rows, theta, nil, out, dout, din, dtheta, nil); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows)/1e3, "µs/row")
	})
}

func BenchmarkCircuit(b *testing.B) {
	for _, n := range []int{6, 8, 10} {
		benchmark[float32](b, ring(n, 2, false), 256, false)
	}
	for _, n := range []int{4, 6, 8} {
		benchmark[float32](b, ring(n, 2, true), 1024, true)
	}
	benchmark[float64](b, ring(12, 2, false), 16, false)
	benchmark[float64](b, ring(16, 2, false), 1, false)
	benchmark[float64](b, ring(20, 2, false), 1, false)
}
