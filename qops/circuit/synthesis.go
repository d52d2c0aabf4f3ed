package circuit

import (
	"math"
	"math/cmplx"
	"slices"

	"github.com/pkg/errors"
)

// maxSynthesis is the largest unitary that is written as gates: about 4^n·6 of them.
const maxSynthesis = 6

// GlobalPhase returns exp(iγ), a gate on no qubit. It stands only in definitions, where a control turns it
// into P; a circuit holds none.
func GlobalPhase() Gate { return globalPhase }

var globalPhase = func() Gate {
	r := row{name: "gphase", qasm3: "gphase", symbol: "γ", help: "global phase exp(iγ)", rotation: Matrix{-1}}
	r.complete()
	return Gate{&r}
}()

// phase returns exp(iγ) where all the given qubits are 1.
func phase(gamma Angle, qubits ...int) Operation {
	if len(qubits) == 0 {
		return paramGateOn(globalPhase, gamma)
	}
	last := len(qubits) - 1
	return Operation{Gate: gateP, Controls: qubits[:last:last], Qubits: qubits[last:], Angles: []Angle{gamma}}
}

// Definition returns the gate by simpler ones as Operation.Definition does, on qubits from 0 on, Theta(i) for
// the i-th angle.
func (g Gate) Definition() ([]Operation, error) {
	r := g.data()
	switch {
	case r.matrix == nil:
		return nil, errors.New("circuit: want a gate, got the zero Gate")
	case r.definition != nil:
		out := slices.Clone(r.definition)
		for i, p := range out {
			out[i] = p.clone()
		}
		return out, nil
	case r.angles == 0 && g.Matrix(nil).IsDiagonal():
		ops, global := diagonalGates(g.Matrix(nil).phases(), Const)
		return append(ops, phase(Const(global))), nil
	case r.angles == 0 && r.qubits <= maxSynthesis:
		return unitaryGates(g.Matrix(nil)), nil
	case r.angles == 0:
		return nil, errors.Errorf("%s: want at most %d qubits to write a matrix as gates, got %d",
			g, maxSynthesis, r.qubits)
	case r.generator != nil && g.Generator().IsDiagonal():
		generator := g.Generator()
		phases := make([]float64, generator.Dim())
		for i := range phases {
			phases[i] = -real(generator[i*len(phases)+i])
		}
		ops, global := diagonalGates(phases, Theta(0).Times)
		return append(ops, phase(Theta(0).Times(global))), nil
	}
	return nil, errors.Errorf("%s: the gate has no definition", g)
}

// unitaryGates returns gates that make a unitary exactly: Householder reflections take its columns to the
// axes one by one, and leave a diagonal. A reflection is the flip of |0…0⟩ between a state preparation and
// its adjoint.
func unitaryGates(m Matrix) []Operation {
	if m.Dim() == 2 {
		alpha, beta, gamma, delta := m.zyz()
		c := New(1).RZ(0, Const(delta)).RY(0, Const(gamma)).RZ(0, Const(beta))
		return append(c.ops, phase(Const(alpha)))
	}
	n := m.Dim()
	m = slices.Clone(m)
	var reflections []*Circuit
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
		reflections = append(reflections, reflection(v))
	}
	out, global := diagonalGates(m.phases(), Const)
	out = append(out, phase(Const(global)))
	for _, c := range slices.Backward(reflections) {
		out = append(out, c.ops...)
	}
	return out
}

// phases returns the phases of the diagonal.
func (m Matrix) phases() []float64 {
	out := make([]float64, m.Dim())
	for i := range out {
		out[i] = cmplx.Phase(m[i*len(out)+i])
	}
	return out
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

// reflection returns the circuit of 1 − 2vv†/|v|².
func reflection(v []complex128) *Circuit {
	there := Prepare(v).Adjoint()
	for q := range there.qubits {
		there.X(q)
	}
	last := there.qubits - 1
	return New(there.qubits).Append(there).MCZ(register(0, last), last).Append(there.Adjoint())
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
