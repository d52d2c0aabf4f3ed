package statevec_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// TestPlainAdjoint compares the plain gradient, which the other tests compare with, with central differences
// of PlainApply: of every gate, with angles of every source and under a control, and of random circuits.
func TestPlainAdjoint(t *testing.T) {
	rng := rand.New(rand.NewPCG(40, 1))
	for i, k := range allGates() {
		t.Run(fmt.Sprint(i, k.Name()),
			func(t *testing.T) { differentiatePlain(t, newProblem(rng, circuitOf(k), 1, false)) })
	}
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 41))
		t.Run(fmt.Sprint("random ", seed), func(t *testing.T) {
			differentiatePlain(t,
				newProblem(rng, randomCircuit(rng, allGates(), 1+int(seed)%6, 12), 1, false))
		})
	}
}

func differentiatePlain(t *testing.T, p problem) {
	t.Helper()
	must(t, p.c.Err())
	got := p.want(t)
	loss := func() float64 {
		return dot(p.dout, fromComplex(plain(t, p.c, p.theta, p.data, toComplex(p.in, false)), false))
	}
	near(t, "din", got.din, slopes(p.in, loss), 1e-8)
	near(t, "dtheta", got.dtheta, slopes(p.theta, loss), 1e-8)
	near(t, "ddata", got.ddata, slopes(p.data, loss), 1e-8)
}

// TestPlainLeavesItsArguments as they are, also without gates.
func TestPlainLeavesItsArguments(t *testing.T) {
	for _, c := range []*circuit.Circuit{circuit.New(1), circuit.New(1).X(0)} {
		psi, dout := []complex128{0.6, 0.8i}, []complex128{1, 2}
		out, err := statevec.PlainApply(c, nil, nil, psi)
		must(t, err)
		din, _, _, err := statevec.PlainAdjoint(c, nil, nil, out, dout)
		must(t, err)
		out[0], din[0] = 7, 7
		if !slices.Equal(psi, []complex128{0.6, 0.8i}) || !slices.Equal(dout, []complex128{1, 2}) {
			t.Errorf("%d gates: arguments became %v and %v", len(c.Operations()), psi, dout)
		}
	}
}
