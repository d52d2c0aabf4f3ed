package qops_test

import (
	"math"
	"testing"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/qops"
)

func reflections(in ...*G.Node) (*G.Node, error) { return qops.Reflections(in[0]) }

// TestReflections has a rotation by 2·(β−α) from the mirrors at angles α and β: H_α H_β is the rotation by
// 2(α−β).
func TestReflections(t *testing.T) {
	a, b := 0.4, 1.1
	v := tensorOf([]float64{-3 * math.Sin(a), 3 * math.Cos(a), -math.Sin(b), math.Cos(b)}, 1, 2, 2)
	sin, cos := math.Sincos(2 * (a - b))
	near(t, "rotation", mustEvaluate(t, reflections, v), []float64{cos, -sin, sin, cos}, 1e-15)
}

func TestReflectionsAreOrthogonal(t *testing.T) {
	w := mustEvaluate(t, reflections, random(1, 2, 4, 5))
	for h := range 2 {
		for i := range 5 {
			for j := range 5 {
				sum := 0.0
				for l := range 5 {
					sum += w[(h*5+i)*5+l] * w[(h*5+j)*5+l]
				}
				want := 0.0
				if i == j {
					want = 1
				}
				near(t, "WWᵀ", []float64{sum}, []float64{want}, 1e-14)
			}
		}
	}
}

func TestReflectionsGradient(t *testing.T) {
	if err := gradcheck.Check(gradcheck.Config{}, reflections, random(1, 2, 3, 4)); err != nil {
		t.Error(err)
	}
	v := random(1, 1, 2, 3)
	clear(v.Float64s()[3:])
	near(t, "of a mirror of zeros", gradients(t, reflections, v)[0][3:], []float64{0, 0, 0}, 0)
}

func TestReflectionsErrors(t *testing.T) {
	wantError(t, "axes", "want v (H, R, d)", reflections, random(1, 2, 3))
	bad := random(1, 2, 2, 2)
	bad.Float64s()[7] = math.Inf(-1)
	wantError(t, "infinity", "head 1, reflection 1: element 1 is -Inf", reflections, bad)
}
