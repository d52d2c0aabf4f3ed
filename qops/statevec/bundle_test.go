package statevec

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/qops/circuit"
)

// layers returns layers of real rotations with what else may stand in a bundle or between two: Hadamards, angles that differ from row to row, exchanges that mask
// places (CX) and that do not (Toffoli), and phases unless the circuit is to be real.
func layers(n, count int, real bool) *circuit.Circuit {
	c := circuit.New(n)
	theta, data := 0, 0
	for layer := range count {
		for q := range n {
			switch (layer + q) % 7 {
			case 3:
				c.H(q)
			case 5:
				c.RY(q, circuit.Data(data%3))
				data++
			default:
				c.RY(q, circuit.Theta(theta))
				theta++
			}
			if !real {
				c.RZ(q, circuit.Theta(theta))
				theta++
			}
		}
		for q := range n {
			c.CX(q, (q+1)%n)
		}
		if layer == 1 {
			c.MCX([]int{0, 1}, n-1)
		}
	}
	return c
}

// TestBundles holds bundles against the same steps done one by one in plain Go, at angles where a rotation is a shear by the tangent, by the cotangent and neither, in circuits
// so deep that the factor which the states lack must be settled, and checks that all of that happens.
func TestBundles(t *testing.T) {
	if dense.CPU() == "generic" {
		t.Skip("no assembly")
	}
	seen := map[int]bool{}
	for _, n := range []int{3, 4, 6, 8, 12} {
		for _, count := range []int{3, 20} {
			for _, real := range []bool{false, true} {
				c := layers(n, count, real)
				testBundles[float64](t, c, real, 1e-11, seen)
				testBundles[float32](t, c, real, 2e-3, seen)
			}
		}
	}
	for _, kind := range []int{0, tangent, cotangent, full} {
		if !seen[kind] {
			t.Errorf("no step of kind %d in any bundle", kind)
		}
	}
}

func testBundles[T dense.Float](t *testing.T, c *circuit.Circuit, real bool, tol float64, seen map[int]bool) {
	t.Helper()
	build := Compile[T]
	if real {
		build = CompileReal[T]
	}
	plan, err := build(c)
	if err != nil {
		t.Fatal(err)
	}
	const rows = 37
	rng := rand.New(rand.NewPCG(uint64(c.Qubits()), 9))
	random := func(n int, scale float64) []T {
		out := make([]T, n)
		for i := range out {
			out[i] = T(scale * rng.NormFloat64())
		}
		return out
	}
	theta, data := random(plan.numTheta, 2), random(rows*plan.numData, 2)
	theta[0], theta[1] = math.Pi, 0
	in, dout := random(rows*plan.Width(), 1), random(rows*plan.Width(), 1)
	was32, was64 := vector32, vector64
	defer func() { vector32, vector64 = was32, was64 }()
	var results [2][][]T
	for i, cpu := range []string{"generic", dense.CPU()} {
		vector32, vector64 = routines(cpu)
		exec := plan.NewExec(1)
		out, din := make([]T, len(in)), make([]T, len(in))
		dtheta, ddata := make([]T, len(theta)), make([]T, len(data))
		if err := exec.Apply(rows, theta, data, in, out); err != nil {
			t.Fatal(err)
		}
		if err := exec.Adjoint(rows, theta, data, out, dout, din, dtheta, ddata); err != nil {
			t.Fatal(err)
		}
		results[i] = [][]T{out, din, dtheta, ddata}
		for _, s := range exec.workers[0].stages {
			for j := range bundleSteps {
				seen[s.kinds>>(2*j)&3] = true
			}
		}
	}
	for k, want := range results[0] {
		for i, w := range want {
			if got := results[1][k][i]; !(math.Abs(float64(got-w)) <= tol*max(1, math.Abs(float64(w)))) {
				t.Errorf("%T, %d qubits, %d gates, real %v: result %d, number %d is %v, plain Go says %v", w, c.Qubits(), len(c.Gates()), real, k, i, got, w)
				return
			}
		}
	}
}

// TestBundlesOfARing: what the speed stands on. A layer of RY, RZ and a ring of CX is its rotations in bundles and one step for all phases, in a large circuit too, and
// every tile of that is moved by lines.
func TestBundlesOfARing(t *testing.T) {
	for n, want := range map[int]int{6: 2*2 + 2, 8: 2*3 + 2, 10: 2*4 + 2} {
		c, k := circuit.New(n), 0
		for range 2 {
			for q := range n {
				c.RY(q, circuit.Theta(k)).RZ(q, circuit.Theta(k+1))
				k += 2
			}
			for q := range n {
				c.CX(q, (q+1)%n)
			}
		}
		plan, err := Compile[float32](c)
		if err != nil {
			t.Fatal(err)
		}
		if plan.bundles != want {
			t.Errorf("%d qubits: %d bundles, want %d", n, plan.bundles, want)
		}
	}
	for n := 12; n <= 20; n++ {
		c := circuit.New(n)
		for q := range 3 * n {
			c.RY(q%n, circuit.Theta(q)).CX(q%n, (q+1)%n)
		}
		plan, err := Compile[float64](c)
		if err != nil {
			t.Fatal(err)
		}
		for i := range plan.segments {
			s := &plan.segments[i]
			if tl := s.tile(0); len(s.start.lines) == 0 && !tl.adjacent(perLine[float64](false)) {
				t.Errorf("%d qubits: the tiles of segment %d, lanes %v, are not moved by lines", n, i, s.lane)
			}
		}
	}
}
