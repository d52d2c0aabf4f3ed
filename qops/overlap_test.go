package qops_test

import (
	"testing"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/qops"
)

func overlap(in ...*G.Node) (*G.Node, error) { return qops.Overlap(in[0], in[1]) }

// TestOverlap compares with the definition.
func TestOverlap(t *testing.T) {
	phi, psi := random(1, 2, 3, 4, 2), random(2, 2, 5, 4, 2)
	var want []float64
	for pair := range 2 * 3 * 5 {
		var sum complex128
		for l := range 4 {
			a, b := phi.Float64s()[(pair/5*4+l)*2:], psi.Float64s()[((pair/15*5+pair%5)*4+l)*2:]
			sum += complex(a[0], -a[1]) * complex(b[0], b[1])
		}
		want = append(want, real(sum)*real(sum)+imag(sum)*imag(sum))
	}
	near(t, "overlaps", mustEvaluate(t, overlap, phi, psi), want, 1e-12)
	if err := gradcheck.Check(gradcheck.Config{}, overlap, phi, psi); err != nil {
		t.Error(err)
	}
	own := func(in ...*G.Node) (*G.Node, error) { return qops.Overlap(in[0], in[0]) }
	if err := gradcheck.Check(gradcheck.Config{}, own, phi); err != nil {
		t.Errorf("of a state with itself: %v", err)
	}
	wantError(t, "shapes", "φ is (2, 3, 4, 2), ψ is (2, 3, 8, 2)", overlap, phi, random(1, 2, 3, 8, 2))
	wantError(t, "heads", "want states (B, T, 2^n, 2), got (2, 2, 3, 4, 2): fold heads into the batch with "+
		"nn.Transpose and nn.Reshape", overlap, random(1, 2, 2, 3, 4, 2), random(2, 2, 2, 3, 4, 2))
	wantError(t, "no state",
		"want states (B, T, 2^n, 2), got (2, 3, 5, 2)", overlap, random(1, 2, 3, 5, 2), phi)
}
