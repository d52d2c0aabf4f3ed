package qops_test

import (
	"math"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

func unitary(q, k *circuit.Circuit) function {
	return func(in ...*G.Node) (*G.Node, error) {
		operands := make([]*G.Node, 2)
		copy(operands, in)
		return qops.Unitary(q, k, operands[0], operands[1])
	}
}

// TestUnitary compares with the product of the circuits' matrices, head by head.
func TestUnitary(t *testing.T) {
	for name, pair := range map[string][2]*circuit.Circuit{
		"real":    {layered(3, 2, false), layered(3, 1, false)},
		"complex": {tangled(3), layered(3, 1, true)},
		"mixed":   {layered(2, 1, false), tangled(2)},
	} {
		q, k := pair[0], pair[1]
		thetaQ, thetaK := random(1, 2, q.NumTheta()), random(2, 2, k.NumTheta())
		var want []float64
		for h := range 2 {
			uq, uk := matrix(t, q, thetaQ, h), matrix(t, k, thetaK, h)
			for _, v := range uq.Dagger().Mul(uk) {
				if want = append(want, real(v)); !q.Real() || !k.Real() {
					want = append(want, imag(v))
				}
			}
		}
		near(t, name, mustEvaluate(t, unitary(q, k), thetaQ, thetaK), want, 1e-13)
		if err := gradcheck.Check(gradcheck.Config{}, unitary(q, k), thetaQ, thetaK); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func matrix(t *testing.T, c *circuit.Circuit, theta *tensor.Dense, head int) circuit.Matrix {
	t.Helper()
	n := c.NumTheta()
	m, err := c.Matrix(theta.Float64s()[head*n:(head+1)*n], nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestUnitaryOfOneFixedCircuit trains only the other.
func TestUnitaryOfOneFixedCircuit(t *testing.T) {
	fixed, trained := circuit.New(2).H(0).CX(0, 1).T(1), tangled(2)
	onlyK := func(in ...*G.Node) (*G.Node, error) { return qops.Unitary(fixed, trained, nil, in[0]) }
	onlyQ := func(in ...*G.Node) (*G.Node, error) { return qops.Unitary(trained, fixed, in[0], nil) }
	theta := random(1, 2, 3)
	for name, f := range map[string]function{"query": onlyQ, "key": onlyK} {
		if err := gradcheck.Check(gradcheck.Config{}, f, theta); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	uq, uk := matrix(t, fixed, theta, 0), matrix(t, trained, theta, 0)
	w := uq.Dagger().Mul(uk)
	got := mustEvaluate(t, onlyK, theta)
	for i, v := range w {
		near(t, "W", got[2*i:2*i+2], []float64{real(v), imag(v)}, 1e-13)
	}
}

func TestUnitaryErrors(t *testing.T) {
	fixed := circuit.New(2).H(0)
	for _, c := range []struct {
		name, want string
		q, k       *circuit.Circuit
		inputs     []*tensor.Dense
	}{
		{"sizes", "the circuits have 2 and 3 qubits", tangled(2), tangled(3),
			[]*tensor.Dense{random(1, 2, 3), random(1, 2, 3)}},
		{"data", "want circuits without data, got 3 and 0 inputs", mixed(2), tangled(2),
			[]*tensor.Dense{random(1, 2, 3), random(1, 2, 3)}},
		{"heads", "want thetaK (2, 3), got (1, 3)", tangled(2), tangled(2),
			[]*tensor.Dense{random(1, 2, 3), random(1, 1, 3)}},
		{"one axis", "want theta (H, angles)", tangled(2), tangled(2),
			[]*tensor.Dense{random(1, 3), random(1, 3)}},
		{"large", "want at most 12 qubits, got 20: W would take 1.64e+04 GiB", tangled(20), tangled(20),
			[]*tensor.Dense{random(1, 1, 3), random(1, 1, 3)}},
		{"NaN", "head 1: theta 0 is NaN", tangled(2), tangled(2),
			[]*tensor.Dense{tensorOf([]float64{1, 2, 3, math.NaN(), 5, 6}, 2, 3), random(1, 2, 3)}},
		{"broken", "qubit 5 out of range", circuit.New(2).H(5), tangled(2),
			[]*tensor.Dense{random(1, 1, 3), random(1, 1, 3)}},
	} {
		wantError(t, c.name, c.want, unitary(c.q, c.k), c.inputs...)
	}
	if _, err := qops.Unitary(fixed, fixed, nil, nil); err == nil {
		t.Error("no angles: no error")
	}
	if _, err := qops.Unitary(nil, fixed, nil, nil); err == nil {
		t.Error("nil: no error")
	}
}
