package circuit

import (
	"math"
	"math/cmplx"
	"slices"

	"github.com/pkg/errors"
)

// maxSynthesis is the largest unitary that is written as gates: about 4^n·6 of them.
const maxSynthesis = 6

// kindPhase is the global phase exp(iγ), a gate on no qubit. It stands only in the definitions of other gates, where a control turns it into P.
var kindPhase = rotation(Gate{Name: "gphase", QASM3: "gphase", Symbol: "γ", Help: "global phase exp(iγ)"}, Matrix{-1}, 1)

// phase returns exp(iγ) where all the given qubits are 1.
func phase(gamma Angle, qubits ...int) Operation {
	if len(qubits) == 0 {
		return paramGateOn(kindPhase, gamma)
	}
	last := len(qubits) - 1
	return Operation{Gate: kindP, Controls: qubits[:last:last], Qubits: qubits[last:], Angles: []Angle{gamma}}
}

// under returns the gate with further controls in front of its own.
func (g Operation) under(controls ...int) Operation {
	g.Controls = slices.Concat(controls, g.Controls)
	if g.Gate == kindPhase {
		return phase(g.Angles[0], g.Controls...)
	}
	return g
}

// defined returns the gate as simpler ones: its parts, or gates made from its matrix.
func (g Operation) defined() ([]Operation, error) {
	parts, err := g.Gate.definition()
	if err != nil {
		return nil, err
	}
	k := *g.Gate
	k.Decomposition = parts
	g.Gate = &k
	out := g.Decompose()
	for i, p := range out {
		out[i] = p.under()
	}
	return out, nil
}

// definition returns the parts of a kind, made from its matrix if the row has none.
func (k *Gate) definition() ([]Operation, error) {
	switch {
	case k.Decomposition != nil:
		return k.Decomposition, nil
	case k.Angles == 0 && k.Matrix(nil).IsDiagonal():
		m := k.Matrix(nil)
		phases := make([]float64, m.Dim())
		for i := range phases {
			phases[i] = cmplx.Phase(m[i*m.Dim()+i])
		}
		gates, global := diagonalGates(phases, Const)
		return append(gates, phase(Const(global))), nil
	case k.Angles == 0 && k.Qubits <= maxSynthesis:
		return unitaryGates(k.Matrix(nil)), nil
	case k.Angles == 0:
		return nil, errors.Errorf("%s: want at most %d qubits to write a matrix as gates, got %d", k.Name, maxSynthesis, k.Qubits)
	case k.Generator != nil && k.Generator().IsDiagonal():
		g := k.Generator()
		phases := make([]float64, g.Dim())
		for i := range phases {
			phases[i] = -real(g[i*g.Dim()+i])
		}
		gates, global := diagonalGates(phases, Theta(0).Times)
		return append(gates, phase(Theta(0).Times(global))), nil
	}
	return nil, errors.Errorf("%s: the gate has neither an OpenQASM name nor parts", k.Name)
}

// unitaryGates returns gates that make a unitary exactly: Householder reflections take its columns to the axes one by one, a diagonal is left.
// A reflection is the flip of |0…0⟩ between a state preparation and its adjoint.
func unitaryGates(m Matrix) []Operation {
	if m.Dim() == 2 {
		alpha, beta, gamma, delta := m.zyz()
		return []Operation{paramGateOn(kindRZ, Const(delta), 0), paramGateOn(kindRY, Const(gamma), 0), paramGateOn(kindRZ, Const(beta), 0), phase(Const(alpha))}
	}
	n := m.Dim()
	m = slices.Clone(m)
	var out []Operation // the reflections, last first
	for j := range n - 1 {
		v := make([]complex128, n)
		rest := 0.0
		for i := j; i < n; i++ {
			v[i] = m[i*n+j]
			if i > j {
				rest += cmplx.Abs(v[i])
			}
		}
		if rest < 1e-14 {
			continue
		}
		v[j] += cmplx.Rect(1, cmplx.Phase(v[j])) // away from the axis, so that nothing cancels
		m.reflect(v)
		out = append(reflection(v), out...)
	}
	phases := make([]float64, n)
	for i := range phases {
		phases[i] = cmplx.Phase(m[i*n+i])
	}
	diagonal, global := diagonalGates(phases, Const)
	return append(append(diagonal, phase(Const(global))), out...)
}

// reflect replaces m by (1 − 2vv†/|v|²)·m.
func (m Matrix) reflect(v []complex128) {
	n, norm := len(v), 0.0
	for _, x := range v {
		norm += real(x)*real(x) + imag(x)*imag(x)
	}
	for j := range n {
		var sum complex128
		for i, x := range v {
			sum += cmplx.Conj(x) * m[i*n+j]
		}
		for i, x := range v {
			m[i*n+j] -= complex(2/norm, 0) * x * sum
		}
	}
}

// reflection returns the gates of 1 − 2vv†/|v|².
func reflection(v []complex128) []Operation {
	c := Prepare(v)
	there := c.Adjoint().ops
	for q := range c.qubits {
		there = append(there, gateOn(kindX, q))
	}
	flip := Operation{Gate: kindZ, Controls: register(0, c.qubits-1), Qubits: []int{c.qubits - 1}}
	return conjugateBy(there, flip)
}

// zyz returns the angles of a unitary of one qubit, exp(iα)·RZ(β)·RY(γ)·RZ(δ).
func (m Matrix) zyz() (alpha, beta, gamma, delta float64) {
	alpha = cmplx.Phase(m[0]*m[3]-m[1]*m[2]) / 2
	gamma = 2 * math.Atan2(cmplx.Abs(m[2]), cmplx.Abs(m[0]))
	var sum, difference float64
	if cmplx.Abs(m[3]) > negligible {
		sum = 2 * (cmplx.Phase(m[3]) - alpha)
	}
	if cmplx.Abs(m[2]) > negligible {
		difference = 2 * (cmplx.Phase(m[2]) - alpha)
	}
	return alpha, (sum + difference) / 2, gamma, (sum - difference) / 2
}
