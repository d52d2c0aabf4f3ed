package statevec

import (
	"cmp"
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

// PlainApply returns U(theta, data)·psi for one state of 2^n amplitudes, one gate after the other, straight
// from the gates' matrices. It is what Executor.Apply computes, to rounding, and shares nothing with it:
// compare with it when you doubt a result or write a gate. It returns the circuit's own error, and one if a
// length is wrong.
func PlainApply(c *circuit.Circuit, theta, data []float64, psi []complex128) ([]complex128, error) {
	if err := checkPlain(c, theta, data, psi); err != nil {
		return nil, err
	}
	simple, err := c.Decompose(func(g circuit.Operation, n int) ([]circuit.Operation, bool, error) {
		if unitaryOf(g, theta, data) != nil {
			return nil, false, nil
		}
		return circuit.IntoGenerators(g, n) // a gate too large for a matrix
	})
	if err != nil {
		return nil, errors.WithMessage(err, "statevec")
	}
	psi = slices.Clone(psi)
	for _, g := range simple.Operations() {
		psi = plainGate(g, unitaryOf(g, theta, data), 1, psi)
	}
	return psi, nil
}

// PlainAdjoint returns the gradient of PlainApply, from its result out and dout = ∂L/∂out of a real loss L,
// which holds ∂L/∂re + i·∂L/∂im for each amplitude: that by psi in the same form, that by theta, and that by
// data. It walks back through the gates, of at most one angle each, with the state ψ and its gradient λ. At a
// gate U = exp(−iaG), before which the state was U†ψ,
//
//	∂L/∂a = Re⟨λ|∂U/∂a U†ψ⟩ = Re⟨λ|−iGψ⟩ = Im⟨λ|Gψ⟩, and then ψ becomes U†ψ, and λ U†λ.
//
// It returns the errors of PlainApply.
func PlainAdjoint(c *circuit.Circuit, theta, data []float64, out, dout []complex128) (
	dpsi []complex128, dtheta, ddata []float64, err error) {
	err = cmp.Or(checkPlain(c, theta, data, out), checkLength("dout", len(dout), len(out)))
	if err != nil {
		return nil, nil, nil, err
	}
	simple, err := c.Decompose(circuit.IntoGenerators)
	if err != nil {
		return nil, nil, nil, errors.WithMessage(err, "statevec")
	}
	psi, lam := slices.Clone(out), slices.Clone(dout)
	dtheta, ddata = make([]float64, len(theta)), make([]float64, len(data))
	for _, g := range slices.Backward(simple.Operations()) {
		if len(g.Angles) == 1 {
			d, a := 0.0, g.Angles[0]
			for i, v := range plainGate(g, g.Gate.Generator(), 0, psi) {
				d += real(lam[i])*imag(v) - imag(lam[i])*real(v)
			}
			switch a.Source {
			case circuit.Trainable:
				dtheta[a.Index] += a.Scale * d
			case circuit.Input:
				ddata[a.Index] += a.Scale * d
			}
		}
		inverse := unitaryOf(g, theta, data).Dagger()
		psi, lam = plainGate(g, inverse, 1, psi), plainGate(g, inverse, 1, lam)
	}
	return lam, dtheta, ddata, nil
}

// plainGate multiplies the gate's qubits by m where all its controls are 1, and the rest of the state by a
// number.
func plainGate(g circuit.Operation, m circuit.Matrix, rest complex128, psi []complex128) []complex128 {
	out := make([]complex128, len(psi))
	bit := func(q int) int { return len(psi) >> (q + 1) } // qubit 0 is the most significant
	for i := range psi {
		if slices.ContainsFunc(g.Controls, func(q int) bool { return i&bit(q) == 0 }) {
			out[i] = rest * psi[i]
			continue
		}
		row, others := 0, i // of m; i with zeros on the gate's qubits
		for _, q := range g.Qubits {
			row, others = 2*row+i/bit(q)%2, others&^bit(q)
		}
		for column := range m.Dim() {
			j, rest := others, column
			for _, q := range slices.Backward(g.Qubits) {
				j, rest = j|rest%2*bit(q), rest/2
			}
			out[i] += m[row*m.Dim()+column] * psi[j]
		}
	}
	return out
}

// unitaryOf returns the matrix of a gate on its qubits, controls apart, nil if it has none.
func unitaryOf(g circuit.Operation, theta, data []float64) circuit.Matrix {
	values := make([]float64, len(g.Angles))
	for i, a := range g.Angles {
		values[i] = a.Value(theta, data)
	}
	return g.Gate.Matrix(values)
}

func checkPlain(c *circuit.Circuit, theta, data []float64, psi []complex128) error {
	if err := checkCircuit(c); err != nil {
		return err
	}
	return cmp.Or(checkLength("theta", len(theta), c.NumTheta()),
		checkLength("data", len(data), c.NumData()), checkLength("the state", len(psi), 1<<c.Qubits()),
		checkFinite("theta", theta), checkFinite("data", data))
}
