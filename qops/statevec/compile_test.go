package statevec_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// deep returns a circuit of so many gates, of every fourth an exchange.
func deep(n, gates int) *circuit.Circuit {
	rng, c := rand.New(rand.NewPCG(1, 1)), circuit.New(n)
	for i := range gates {
		q := rng.IntN(n)
		switch i % 4 {
		case 0:
			c.RZ(q, circuit.Const(rng.Float64()))
		case 1:
			c.H(q)
		case 2:
			c.CX(q, (q+1)%n)
		case 3:
			c.RX(q, circuit.Const(rng.Float64()))
		}
	}
	return c
}

// TestDeepCircuitsCompile: a walk over all gates that are left at each gate, as there was, would take hours
// for these.
func TestDeepCircuitsCompile(t *testing.T) {
	for n, gates := range map[int]int{6: 200000, 13: 20000} {
		c, start := deep(n, gates), time.Now()
		plan, err := statevec.Compile[float64](c)
		must(t, err)
		t.Logf("%d gates on %d qubits: %v", gates, n, time.Since(start))
		if plan.Qubits() != n {
			t.Errorf("a plan of %d qubits", plan.Qubits())
		}
	}
}

// TestManyPhasesCompile: gates that all become one op; the work was quadratic in them.
func TestManyPhasesCompile(t *testing.T) {
	c, start := circuit.New(4), time.Now()
	for i := range 30000 {
		c.CZ(i%4, (i+1)%4).CP(i%4, (i+2)%4, circuit.Theta(i%7))
	}
	_, err := statevec.Compile[float64](c)
	must(t, err)
	t.Log(time.Since(start))
}

// BenchmarkCompile doubles the gates, to 200,000: so should the time. docs/peers/compile.py draws it.
func BenchmarkCompile(b *testing.B) {
	for _, gates := range []int{1000, 2000, 4000, 8000, 16000, 32000, 64000, 128000, 200000} {
		c := deep(6, gates)
		b.Run(fmt.Sprint("gates=", gates), func(b *testing.B) {
			for b.Loop() {
				if _, err := statevec.Compile[float64](c); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*gates), "ns/gate")
		})
	}
}
