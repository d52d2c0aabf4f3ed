package qlayer_test

import (
	"testing"

	"gonum.org/v1/gonum/mat"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/statevec"
)

// stepsTo returns how many steps bring the energy of an open Ising chain of four qubits, H = −Σ ZZ − Σ X, to
// within 1e-3 of its smallest eigenvalue −4.758770483143634 (of the 16×16 matrix, by numpy.linalg.eigvalsh),
// at most 2000.
func stepsTo(t *testing.T, config optimizers.Config, rate float64) int {
	t.Helper()
	energy := statevec.Observable{{Coefficient: -1, Pauli: "ZZII"}, {Coefficient: -1, Pauli: "IZZI"},
		{Coefficient: -1, Pauli: "IIZZ"},
		{Coefficient: -1, Pauli: "XIII"}, {Coefficient: -1, Pauli: "IXII"}, {Coefficient: -1, Pauli: "IIXI"},
		{Coefficient: -1, Pauli: "IIIX"}}
	g := G.NewGraph()
	zero := make([]float64, 16)
	zero[0] = 1
	start := G.NewMatrix(g, tensor.Float64, G.WithShape(1, 16), G.WithName("start"),
		G.WithValue(tensor.New(tensor.WithShape(1, 16), tensor.WithBacking(zero))))
	s := nn.NewScope(g, nn.NewStore(1))
	out, err := qlayer.Circuit{Ansatz: chain, Measure: qops.Expectations(energy)}.Forward(s, start)
	check(t, err)
	cost, err := nn.Sum(out)
	check(t, err)
	grads, err := G.Grad(cost, s.Params()...)
	check(t, err)
	machine := G.NewTapeMachine(g)
	defer machine.Close()
	opt, err := config.New(rate)
	check(t, err)
	theta := s.Trained()[0]
	for step := range 2000 {
		check(t, machine.RunAll())
		if cost.Value().Data().(float64) < -4.758770483143634+1e-3 {
			return step
		}
		check(t, opt.Update([]optimizers.Param{{Name: theta.Name, Value: theta.Value,
			Grad: grads[0].Value()}}, optimizers.Rates{Factor: 1}))
		machine.Reset()
	}
	return 2000
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var chain = qlayer.RealAmplitudes(4)

// TestNaturalGradient finds the ground state by natural gradient in fewer steps than by plain descent, each
// at the best of its rates: 39 and 136. Its own steps must be small, above a rate of 0.1 it goes around the
// minimum.
func TestNaturalGradient(t *testing.T) {
	metric := func(p optimizers.Param) (mat.Symmetric, error) {
		theta := p.Value.Data().([]float64)
		g, err := statevec.FubiniStudy(t.Context(), chain(4), statevec.Inputs[float64]{Rows: 1, Theta: theta})
		if err != nil {
			return nil, err
		}
		return mat.NewSymDense(len(theta), g), nil
	}
	plain, natural := 2000, 2000
	for _, rate := range []float64{0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.8} {
		p := stepsTo(t, optimizers.SGD{}, rate)
		n := stepsTo(t, optimizers.NaturalGradient{Damping: 0.01, Metric: metric}, rate)
		t.Logf("rate %v: %d steps of plain descent, %d of natural gradient", rate, p, n)
		plain, natural = min(plain, p), min(natural, n)
	}
	if natural >= plain {
		t.Errorf("natural gradient takes %d steps at its best rate, plain descent %d", natural, plain)
	}
}
