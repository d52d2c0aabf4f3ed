package statevec_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

// layered returns layers of real rotations with what else may be fused with them or stand between two passes:
// Hadamards, angles that differ from row to row, exchanges that mask places (CX) and that do not (Toffoli),
// and phases unless the circuit is to be real.
func layered(n, count int, real bool) *circuit.Circuit {
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

// TestLayers compares circuits whose rotations are fused with the plain form: with angles at which a rotation
// is a shear by the tangent, by the cotangent and neither, over more rows than a tile has, and so deep that
// the factor which the states lack must be settled.
func TestLayers(t *testing.T) {
	for _, tc := range []struct{ n, layers, rows int }{
		{3, 4, 17}, {4, 3, 1}, {5, 20, 2}, {6, 3, 3}, {8, 2, 2},
	} {
		for _, real := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d-qubits-%d-layers-real-%v", tc.n, tc.layers, real), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(uint64(tc.n), 8))
				p := newProblem(rng, layered(tc.n, tc.layers, real), tc.rows, real)
				for i := range p.theta {
					p.theta[i] *= 2
				}
				p.theta[0], p.theta[1], p.data[0] = math.Pi, 0, math.Pi
				checkAll(t, p)
			})
		}
	}
}
