package transpile_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/internal/circuittest"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/transpile"
)

// sets are those with names, and custom ones of every sort.
func sets(t *testing.T) []circuit.GateSet {
	t.Helper()
	all := circuit.GateSets()
	for _, text := range []string{"p,ry,cy", "rx,ry,ecr", "h,rz,rzz", "u,ms", "rz,sx,rzx", "gpi,gpi2,cz",
		"rx,rz,rxx",
		"rz,sx,ecr", "rx,ry,h,x,cp"} {
		s, err := circuit.ParseGateSet(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// randomCircuit has gates of all rows and families, some with symbols.
func randomCircuit(r *rand.Rand, n, gates int) *circuit.Circuit {
	all := append(circuit.Table(), circuit.Examples()...)
	c := circuit.New(n)
	for len(c.Operations()) < gates {
		k := all[r.IntN(len(all))]
		if k.Qubits() <= n {
			circuittest.AddRandom(r, c, k, r.IntN(min(n-k.Qubits()+1, 2)))
		}
	}
	return c
}

func numbers(r *rand.Rand) []float64 {
	out := make([]float64, 3)
	for i := range out {
		out[i] = 3 * r.NormFloat64()
	}
	return out
}

// TestEqual: the matrix of what comes out is that of what went in, at several values of the angles.
func TestEqual(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	for _, set := range sets(t) {
		for i := range 60 {
			c := randomCircuit(r, 1+i%4, 1+i%17)
			for name, f := range map[string]func(*circuit.Circuit, circuit.GateSet) (*circuit.Circuit, error){
				"Decompose": transpile.Decompose, "Simplify": transpile.Simplify} {
				out, err := f(c, set)
				if err != nil {
					t.Fatal(set, name, err)
				}
				for _, g := range out.Operations() {
					if !set.Native(g) {
						t.Fatalf("%s to %v has %s", name, set, g.Name())
					}
				}
				for range 2 {
					theta, data := numbers(r), numbers(r)
					circuittest.SamePhase(t, fmt.Sprint(name, set, c), circuittest.Matrix(t, out, theta,
						data),
						circuittest.Matrix(t, c, theta, data), 1e-9)
				}
				if t.Failed() {
					t.Fatal(name, set, "\n", c, "\n", out)
				}
			}
		}
	}
}

var _ = math.Pi
