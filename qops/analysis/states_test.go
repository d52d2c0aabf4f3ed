package analysis_test

import (
	"context"
	"math"
	"testing"

	"github.com/hqvit/hqvit/qops/analysis"
	"github.com/hqvit/hqvit/qops/circuit"
)

// Expressibility and entangling capability of the published circuits at one, two and three layers, against
// values that numpy has computed from their definitions with 5,000 pairs, another generator and dense
// matrices. The entangling capability is at one and three layers.
func TestPublishedCircuits(t *testing.T) {
	want := [19][5]float64{
		{.305, .212, .205, 0, 0}, {.293, .021, .006, .621, .787}, {.258, .081, .037, .172, .443},
		{.136, .031, .012, .312, .560}, {.060, .007, .004, .290, .708}, {.005, .004, .003, .686, .821},
		{.118, .039, .020, .213, .510}, {.077, .025, .013, .288, .564}, {.692, .428, .030, 1, 1},
		{.239, .159, .140, .375, .655}, {.144, .013, .004, .538, .744}, {.191, .026, .009, .400, .666},
		{.066, .008, .004, .408, .726}, {.015, .004, .004, .544, .794}, {.187, .124, .123, .711, .775},
		{.269, .082, .037, .173, .443}, {.138, .036, .015, .293, .553}, {.237, .055, .016, .220, .553},
		{.075, .010, .004, .386, .707},
	}
	s := analysis.Sampling{Seed: 1, Threads: 2} // others differ by up to 0.01 in the small ones
	for i, w := range want {
		for layers := 1; layers <= 3; layers++ {
			c := published(i+1, layers)
			e, err := analysis.Expressibility(context.Background(), c, s)
			must(t, err)
			if d := math.Abs(e.KL - w[layers-1]); d > max(0.005, 0.2*w[layers-1]) {
				t.Errorf("circuit %d, %d layers: expressibility %.4f, want %.3f", i+1, layers, e.KL, w[layers-1])
			}
			if layers == 2 {
				continue
			}
			q, err := analysis.EntanglingCapability(context.Background(), c, s)
			must(t, err)
			if known := w[3+layers/2]; math.Abs(q.Mean-known) > 0.01 {
				t.Errorf("circuit %d, %d layers: entangling capability %.4f, want %.3f", i+1, layers, q.Mean, known)
			}
		}
	}
}

// One state whatever the angles: all fidelities are 1, and the divergence is (N−1)·ln 75.
func TestIdleCircuit(t *testing.T) {
	c := circuit.New(4).H(0).CX(0, 1)
	e, err := analysis.Expressibility(context.Background(), c, analysis.Sampling{Samples: 100})
	must(t, err)
	want := 15 * math.Log(75)
	if math.Abs(e.KL-want) > 1e-9 || math.Abs(e.Idle-want) > 1e-9 {
		t.Errorf("got %v and %v, want %v", e.KL, e.Idle, want)
	}
	sum := 0.0
	for _, v := range e.Haar {
		sum += v
	}
	if math.Abs(sum-1) > 1e-12 {
		t.Errorf("the shares of random states add up to %v", sum)
	}
	q, err := analysis.EntanglingCapability(context.Background(), c, analysis.Sampling{Samples: 10})
	must(t, err)
	if math.Abs(q.Mean-0.5) > 1e-12 || q.Deviation > 1e-12 || math.Abs(q.Haar-14.0/17) > 1e-12 {
		t.Errorf("a Bell pair of four qubits has Q %+v, want 0.5 and random states 14/17", q)
	}
}

// In many qubits random states have fidelities whose shares are below the smallest number; the divergence is
// finite all the same.
func TestExpressibilityOfManyQubits(t *testing.T) {
	c := circuit.New(12).RY(0, circuit.Theta(0))
	e, err := analysis.Expressibility(context.Background(), c, analysis.Sampling{Samples: 50})
	must(t, err)
	if math.IsInf(e.KL, 0) || math.IsNaN(e.KL) || e.KL < 100 || e.KL > e.Idle {
		t.Errorf("got %v, idle %v", e.KL, e.Idle)
	}
}

// GHZ along the way: nothing, a bit behind the CX across the cut, and what the angle leaves behind the last
// gate.
func TestEntropyAlong(t *testing.T) {
	c := circuit.New(4).H(1).CX(1, 0).CX(1, 2).CX(2, 3).RY(3, circuit.Theta(0)).CX(1, 2)
	got, err := analysis.EntropyAlong(context.Background(), c, 2, analysis.Sampling{Samples: 5})
	must(t, err)
	if len(got) != 2 || got[0].Operation != 2 || got[1].Operation != 5 || got[0].Gate != "cx" {
		t.Fatalf("got %+v, want the places behind operations 2 and 5", got)
	}
	if math.Abs(got[0].Mean-1) > 1e-9 || got[0].Deviation > 1e-9 {
		t.Errorf("behind operation 2: %+v, want one bit", got[0])
	}
	if got[1].Mean <= 0.01 || got[1].Mean > 1 {
		t.Errorf("behind operation 5: %+v", got[1])
	}
	// With an angle of 0 the last CX takes qubit 2 out; the entropy is then that of qubit 3, one bit. In general
	// it is the binary entropy of cos²(θ/2)… for both values of qubit 3, which the mean bounds from below.
	three, err := analysis.EntropyAlong(context.Background(), c, 3, analysis.Sampling{Samples: 5})
	must(t, err)
	if len(three) != 1 || math.Abs(three[0].Mean-1) > 1e-9 {
		t.Errorf("cut before the last qubit: %+v, want one bit", three)
	}
}

func TestOneSamplingGivesOneResult(t *testing.T) {
	c := published(14, 2)
	one, err := analysis.Expressibility(context.Background(), c,
		analysis.Sampling{Samples: 500, Seed: 9, Threads: 1})
	must(t, err)
	two, err := analysis.Expressibility(context.Background(), c,
		analysis.Sampling{Samples: 500, Seed: 9, Threads: 3})
	must(t, err)
	other, err := analysis.Expressibility(context.Background(), c, analysis.Sampling{Samples: 500, Seed: 8})
	must(t, err)
	if one.KL != two.KL || one.KL == other.KL {
		t.Errorf("%v with one thread, %v with three, %v with another seed", one.KL, two.KL, other.KL)
	}
}
