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

// mixed is tangled with 3 inputs among its angles.
func mixed(qubits int) *circuit.Circuit {
	return circuit.New(qubits).RX(0, circuit.Data(0)).Append(tangled(qubits)).
		RZZ(0, qubits-1, circuit.Data(2).Times(0.5)).U(qubits-1, circuit.Data(1), circuit.Theta(2),
		circuit.Data(0))
}

func applied(c *circuit.Circuit) function {
	return func(in ...*G.Node) (*G.Node, error) {
		operands := make([]*G.Node, 3)
		copy(operands, in)
		return qops.Apply(c, operands[0], operands[1], operands[2])
	}
}

// TestApply compares a batch with the matrix of the circuit, row by row, each row with data of its own.
func TestApply(t *testing.T) {
	c := mixed(3)
	psi, theta, data := random(1, 2, 2, 8, 2), random(2, 3), random(3, 2, 2, 3)
	var want []float64
	for r := range 4 {
		m, err := c.Matrix(theta.Float64s(), data.Float64s()[3*r:3*r+3])
		if err != nil {
			t.Fatal(err)
		}
		state := psi.Float64s()[16*r:][:16]
		for i := range 8 {
			var sum complex128
			for j := range 8 {
				sum += m[i*8+j] * complex(state[2*j], state[2*j+1])
			}
			want = append(want, real(sum), imag(sum))
		}
	}
	near(t, "states", mustEvaluate(t, applied(c), psi, theta, data), want, 1e-12)
}

func TestApplyGradient(t *testing.T) {
	for name, c := range map[string]struct {
		circuit *circuit.Circuit
		inputs  []*tensor.Dense
	}{
		"theta and data": {mixed(2), []*tensor.Dense{random(1, 3, 4, 2), random(2, 3), random(3, 3, 3)}},
		"theta":          {tangled(3), []*tensor.Dense{random(1, 2, 2, 8, 2), random(2, 3)}},
		"one state":      {tangled(2), []*tensor.Dense{random(1, 4, 2), random(2, 3)}},
		"neither":        {circuit.New(2).H(0).CX(0, 1).S(1), []*tensor.Dense{random(1, 2, 4, 2)}},
	} {
		if err := gradcheck.Check(gradcheck.Config{}, applied(c.circuit), c.inputs...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	onlyData := func(in ...*G.Node) (*G.Node, error) {
		return qops.Apply(circuit.New(2).RX(0, circuit.Data(1)).CRY(0, 1, circuit.Data(0)), in[0], nil, in[1])
	}
	if err := gradcheck.Check(gradcheck.Config{}, onlyData, random(1, 3, 4, 2), random(2, 3, 2)); err != nil {
		t.Errorf("data: %v", err)
	}
}

func TestApplyErrors(t *testing.T) {
	broken := circuit.New(2).CX(0, 2)
	for _, c := range []struct {
		name, want string
		circuit    *circuit.Circuit
		inputs     []*tensor.Dense
	}{
		{"circuit", "circuit: cx: qubit 2 out of range [0,2)", broken, []*tensor.Dense{random(1, 4, 2)}},
		{"states", "want ψ (…, 4, 2) for 2 qubits, got (8, 2)", tangled(2),
			[]*tensor.Dense{random(1, 8, 2), random(2, 3)}},
		{"theta", "want theta (3), got (4)", tangled(2), []*tensor.Dense{random(1, 4, 2), random(2, 4)}},
		{"no theta", "needs theta (3), got none", tangled(2), []*tensor.Dense{random(1, 4, 2)}},
		{"too much", "the circuit has no data", tangled(2),
			[]*tensor.Dense{random(1, 5, 4, 2), random(2, 3), random(3, 5, 1)}},
		{"NaN theta", "theta 2 is NaN", tangled(2),
			[]*tensor.Dense{random(1, 4, 2), tensorOf([]float64{1, 2, math.NaN()}, 3)}},
		{"infinite data", "row 1: data 2 is +Inf", mixed(2), []*tensor.Dense{random(1, 2, 4, 2), random(2, 3),
			tensorOf([]float64{1, 2, 3, 4, 5, math.Inf(1)}, 2, 3)}},
		{"data", "want data (5, 3), got (4, 3)", mixed(2),
			[]*tensor.Dense{random(1, 5, 4, 2), random(2, 3), random(3, 4, 3)}},
	} {
		wantError(t, c.name, c.want, applied(c.circuit), c.inputs...)
	}
}
