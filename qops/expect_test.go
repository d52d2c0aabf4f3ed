package qops_test

import (
	"math"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

func term(coefficient float64, pauli string) statevec.Term {
	return statevec.Term{Coefficient: coefficient, Pauli: pauli}
}

func expect(o ...statevec.Observable) function {
	return func(in ...*G.Node) (*G.Node, error) { return qops.Expect(in[0], o) }
}

// TestExpect has textbook values: RX(θ)|0⟩ has ⟨Y⟩ = −sin θ and ⟨Z⟩ = cos θ, on qubit 0 of two; qubit 1 stays |0⟩.
func TestExpect(t *testing.T) {
	c := circuit.New(2).RX(0, circuit.Theta(0))
	f := func(in ...*G.Node) (*G.Node, error) {
		psi, err := qops.Apply(c, in[0], in[1], nil)
		if err != nil {
			return nil, err
		}
		return expect(statevec.Observable{term(1, "YI")}, statevec.Observable{term(1, "ZI"), term(3, "IZ")}, statevec.Observable{term(2, "YZ"), term(1, "XX")})(psi)
	}
	zero := tensorOf([]float64{1, 0, 0, 0, 0, 0, 0, 0}, 1, 4, 2)
	got, shape, err := evaluate[float64](f, zero, tensorOf([]float64{0.7}, 1))
	if err != nil {
		t.Fatal(err)
	}
	if !shape.Eq(tensor.Shape{1, 3}) {
		t.Errorf("shape %v", shape)
	}
	near(t, "expectations", got, []float64{-math.Sin(0.7), math.Cos(0.7) + 3, -2 * math.Sin(0.7)}, 1e-15)
}

func TestExpectGradient(t *testing.T) {
	f := expect(statevec.Observable{term(1, "YIX"), term(-0.5, "ZZI")}, statevec.Observable{term(0.3, "III"), term(2, "XYZ")})
	if err := gradcheck.Check(gradcheck.Config{}, f, random(1, 2, 2, 8, 2)); err != nil {
		t.Error(err)
	}
}

func TestExpectErrors(t *testing.T) {
	psi := random(1, 2, 4, 2)
	wantError(t, "letters", "want a Pauli string of 2 letters I, X, Y, Z, got \"ZA\"", expect(statevec.Observable{term(1, "ZA")}), psi)
	wantError(t, "none", "want at least one observable", expect(), psi)
	wantError(t, "states", "want states (…, 2^n, 2), got (2, 3, 2)", expect(statevec.Observable{term(1, "ZZ")}), random(1, 2, 3, 2))
}
