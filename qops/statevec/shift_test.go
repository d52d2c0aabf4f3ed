package statevec_test

import (
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// TestShiftEqualsAdjoint compares two ways to a gradient that share no derivative, on circuits of every kind of gate, controlled ones too, with angles that are
// shared, scaled and shifted.
func TestShiftEqualsAdjoint(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 4))
	o := statevec.Observable{{Coefficient: 0.7, Pauli: "XYZ"}, {Coefficient: -1.3, Pauli: "ZIX"}, {Coefficient: 0.4, Pauli: "IYI"}}
	for range 60 {
		c := randomCircuit(rng, allKinds(), 3, 12)
		plan, err := statevec.Compile[float64](c)
		must(t, err)
		theta, data, start := make([]float64, c.NumTheta()), make([]float64, c.NumData()), make([]float64, plan.Width())
		for _, list := range [][]float64{theta, data, start} {
			for i := range list {
				list[i] = rng.NormFloat64()
			}
		}
		dtheta, ddata, err := statevec.ParameterShift(c, o, theta, data, start)
		must(t, err)

		exec, psi, dpsi := plan.NewExec(1), make([]float64, plan.Width()), make([]float64, plan.Width())
		e, err := statevec.NewExpectation[float64](3, []statevec.Observable{o}, 1)
		must(t, err)
		must(t, exec.Apply(1, theta, data, start, psi))
		must(t, e.Adjoint(1, psi, []float64{1}, dpsi))
		wantTheta, wantData := make([]float64, len(theta)), make([]float64, len(data))
		must(t, exec.Adjoint(1, theta, data, psi, dpsi, nil, wantTheta, wantData))
		near(t, "dtheta", dtheta, wantTheta, 1e-9)
		near(t, "ddata", ddata, wantData, 1e-9)

		hessian, err := statevec.Hessian(c, o, theta, data, start)
		must(t, err)
		for k := range theta {
			row := slopes(theta, func() float64 {
				got, _, err := statevec.ParameterShift(c, o, theta, data, start)
				must(t, err)
				return got[k]
			})
			near(t, "row of the Hessian", hessian[k*len(theta):(k+1)*len(theta)], row, 1e-6)
		}
	}
	_, _, err := statevec.ParameterShift(circuit.New(1).RX(0, circuit.Theta(0)), statevec.Observable{{Coefficient: 1, Pauli: "Z"}}, nil, nil, []float64{1, 0, 0, 0})
	if err == nil {
		t.Error("no error for an angle that is missing")
	}
}
