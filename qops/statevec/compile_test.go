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

// TestDeepCircuitsCompile in a time that grows with the gates, not with their square: a fraction of a second,
// where walks over all gates that are left took more than a minute.
func TestDeepCircuitsCompile(t *testing.T) {
	for n, gates := range map[int]int{6: 16000, 13: 2000} {
		c, start := deep(n, gates), time.Now()
		_, err := statevec.Compile[float64](c)
		must(t, err)
		took := time.Since(start)
		if t.Logf("%d gates on %d qubits: %v", gates, n, took); took > 15*time.Second {
			t.Errorf("%d gates on %d qubits take %v", gates, n, took)
		}
	}
}

// TestManyPhasesCompile: gates that all become one op.
func TestManyPhasesCompile(t *testing.T) {
	c, start := circuit.New(4), time.Now()
	for i := range 30000 {
		c.CZ(i%4, (i+1)%4).CP(i%4, (i+2)%4, circuit.Theta(i%7))
	}
	_, err := statevec.Compile[float64](c)
	must(t, err)
	if took := time.Since(start); took > 15*time.Second {
		t.Errorf("%v", took)
	}
}

// BenchmarkCompile doubles the gates: so should the time.
func BenchmarkCompile(b *testing.B) {
	for gates := 1000; gates <= 16000; gates *= 2 {
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
