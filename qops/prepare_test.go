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

func prepared(c *circuit.Circuit) function {
	return func(in ...*G.Node) (*G.Node, error) {
		operands := make([]*G.Node, 2)
		copy(operands, in)
		return qops.Prepare(c, operands[0], operands[1])
	}
}

// TestPrepare equals Apply on |0…0⟩, in value and in gradient.
func TestPrepare(t *testing.T) {
	c := mixed(2)
	theta, data := random(1, 3), random(2, 2, 3, 3)
	zero := tensor.New(tensor.WithShape(2, 3, 4, 2), tensor.Of(tensor.Float64))
	for r := range 6 {
		zero.Float64s()[8*r] = 1
	}
	near(t, "states", mustEvaluate(t, prepared(c), theta, data),
		mustEvaluate(t, applied(c), zero, theta, data), 0)
	if err := gradcheck.Check(gradcheck.Config{}, prepared(c), theta, data); err != nil {
		t.Error(err)
	}
	if err := gradcheck.Check(gradcheck.Config{}, prepared(tangled(2)), theta); err != nil {
		t.Errorf("one state: %v", err)
	}
	angle := func(in ...*G.Node) (*G.Node, error) {
		return qops.Prepare(circuit.New(2).RX(0, circuit.Data(0)).RY(1, circuit.Data(1)), nil, in[0])
	}
	if err := gradcheck.Check(gradcheck.Config{}, angle, random(3, 4, 2)); err != nil {
		t.Errorf("data alone: %v", err)
	}
}

func TestPrepareErrors(t *testing.T) {
	wantError(t, "data", "want data (5, 3), got (5, 2)", prepared(mixed(2)), random(1, 3), random(2, 5, 2))
	wantError(t, "NaN",
		"data 1 is NaN", prepared(mixed(2)), random(1, 3), tensorOf([]float64{0, math.NaN(), 1}, 3))
	wantError(t, "broken", "qubit 2 out of range", prepared(circuit.New(2).H(2)), random(1, 3))
	large := circuit.New(28).RY(0, circuit.Theta(0)).RX(27, circuit.Data(0))
	wantError(t, "large", "32 states of 28 qubits take 64 GiB in float32, want at most 4", prepared(large),
		random(1, 1), random(2, 32, 1))
	for _, c := range []*circuit.Circuit{nil, circuit.New(2).H(0)} {
		if _, err := qops.Prepare(c, nil, nil); err == nil {
			t.Error("no angle: no error")
		}
	}
}
