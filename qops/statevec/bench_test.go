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

// flopsOf returns the operations that so many layers of ring need for a row, forward, and forward and back:
// two for each number of a state in an RY, as it is a shear up to a factor, six an amplitude for the phases
// of all RZ. Backward they are for two states, and the moments of an RY take two a number, those of the
// phases four an amplitude.
func flopsOf(n, layers int, real bool) (forward, gradient int) {
	if real {
		forward, gradient = 2*n, 2*n+6*n
	} else {
		forward, gradient = 4*n+6, 4*n+6+12*n+16
	}
	return forward * layers << n, gradient * layers << n
}

// benchmark reports the microseconds a row takes forward, and forward and back, and what share of the limit
// of arithmetic that is.
func benchmark[T dense.Float](b *testing.B, name string, n, layers, rows int, real bool) {
	c := ring(n, layers, real)
	p := newProblem(rand.New(rand.NewPCG(1, 1)), c, rows, real)
	build := statevec.Compile[T]
	if real {
		build = statevec.CompileReal[T]
	}
	plan, err := build(c)
	if err != nil {
		b.Fatal(err)
	}
	exec := plan.NewExecutor(1)
	theta, in, dout := as[T](p.theta), as[T](p.in), as[T](p.dout)
	out, din, dtheta := make([]T, len(in)), make([]T, len(in)), make([]T, len(theta))
	forward, gradient := flopsOf(n, layers, real)
	report := func(b *testing.B, flops int) {
		took := float64(b.Elapsed().Nanoseconds()) / float64(b.N*rows)
		b.ReportMetric(took/1e3, "µs/row")
		b.ReportMetric(float64(flops)/took, "GFLOP/s")
		b.ReportMetric(100*float64(flops)/took/dense.Peak[T](), "%FMA")
	}
	b.Run(name+"forward", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := exec.Apply(rows, theta, nil, in, out); err != nil {
				b.Fatal(err)
			}
		}
		report(b, forward)
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
		report(b, gradient)
	})
}

func BenchmarkCircuit(b *testing.B) {
	for _, s := range []struct {
		n, rows      int
		double, real bool
	}{
		{6, 256, false, false}, {8, 256, false, false}, {10, 256, false, false},
		{4, 1024, false, true}, {6, 1024, false, true}, {8, 1024, false, true},
		{12, 16, true, false}, {16, 1, true, false}, {20, 1, true, false},
	} {
		if name := fmt.Sprintf("n=%d/B=%d/real=%v/", s.n, s.rows, s.real); s.double {
			benchmark[float64](b, "float64/"+name, s.n, 2, s.rows, s.real)
		} else {
			benchmark[float32](b, "float32/"+name, s.n, 2, s.rows, s.real)
		}
	}
}

// BenchmarkGrowth varies one size at a time, for docs/peers/growth.py. With the qubits vary the rows of the
// batch: from 16 qubits on it is one, below as many as make 2^16 amplitudes, so that the state is what grows.
func BenchmarkGrowth(b *testing.B) {
	run := func(of string, n, layers, rows int) {
		benchmark[float32](b, fmt.Sprintf("%s/n=%d/L=%d/B=%d/", of, n, layers, rows), n, layers, rows, false)
	}
	for n := 4; n <= 20; n += 2 {
		run("qubits", n, 2, max(1, 1<<16>>n))
	}
	for layers := 1; layers <= 16; layers *= 2 {
		run("layers", 8, layers, 256)
		run("layers", 16, layers, 1)
	}
	for rows := 16; rows <= 4096; rows *= 4 {
		run("batch", 4, 2, rows)
		run("batch", 8, 2, rows)
	}
}
