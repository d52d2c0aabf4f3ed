package statevec

import (
	"math"
	"math/bits"
	"math/cmplx"

	"github.com/hqvit/hqvit/internal/walsh"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

// A density matrix of n qubits is held as its 4^n Pauli coefficients r_P = Tr(ρP), which are real. The index
// of a coefficient has two bits a qubit, z and x, qubit 0 first: I, X, Z and Y are 00, 01, 10 and 11. To
// these a gate is a rotation, and most gates are a small one: RX turns Y towards Z, RY Z towards X, RZ X
// towards Y, and what makes Pauli strings of Pauli strings, as H, S and CX do, exchanges coefficients and
// their signs. So a circuit on ρ is a real circuit on 2n qubits, which all kernels for states run and
// differentiate.

// MaxDensityQubits bounds the qubits of a density matrix: 4^13 coefficients are 256 MiB in float32.
const MaxDensityQubits = 13

// onPaulis returns a circuit as it acts on Pauli coefficients, on twice the qubits.
func onPaulis(c *circuit.Circuit) (*circuit.Circuit, error) {
	parts, err := c.Decompose(circuit.IntoParts(func(g circuit.Operation) bool {
		_, small := pauliGates[g.Name()]
		return small || g.Constant() && len(g.Controls)+len(g.Qubits) <= 2
	}))
	if err != nil {
		return nil, err
	}
	to := circuit.New(2 * c.Qubits())
	for _, g := range parts.Operations() {
		var at [][2]int // the bits of each qubit
		var bits []int
		for _, q := range g.AllQubits() {
			at, bits = append(at, [2]int{2 * q, 2*q + 1}), append(bits, 2*q, 2*q+1)
		}
		if f, ok := pauliGates[g.Name()]; ok {
			f(to, append(g.Angles, circuit.Angle{})[0], at)
			continue
		}
		gate, err := circuit.Unitary(transferOf(g))
		if err != nil {
			return nil, errors.WithMessage(err, g.Name())
		}
		to.Add(gate, nil, bits...)
	}
	return to, to.Err()
}

// transferOf returns a constant operation on Pauli coefficients.
func transferOf(g circuit.Operation) circuit.Matrix {
	c, err := circuit.KrausChannel(g.Name(), g.Matrix(nil, nil))
	if err != nil {
		return nil
	}
	t := c.Transfer()
	m := make(circuit.Matrix, len(t))
	for i, v := range t {
		if n := math.Round(v); math.Abs(v-n) < 1e-14 { // exchanges stay exchanges
			v = n
		}
		m[i] = complex(v, 0)
	}
	return m
}

// pauliGates are the gates that are small on Pauli coefficients. at holds the bits z and x of each qubit.
var pauliGates = map[string]func(to *circuit.Circuit, a circuit.Angle, at [][2]int){
	"id": func(*circuit.Circuit, circuit.Angle, [][2]int) {},
	"x":  func(to *circuit.Circuit, _ circuit.Angle, at [][2]int) { to.Z(at[0][0]) },
	"y":  func(to *circuit.Circuit, _ circuit.Angle, at [][2]int) { to.Z(at[0][0]).Z(at[0][1]) },
	"z":  func(to *circuit.Circuit, _ circuit.Angle, at [][2]int) { to.Z(at[0][1]) },
	"h": func(to *circuit.Circuit, _ circuit.Angle, at [][2]int) {
		to.Swap(at[0][0], at[0][1]).CZ(at[0][0], at[0][1])
	},
	"s": func(to *circuit.Circuit, _ circuit.Angle, at [][2]int) {
		to.CX(at[0][1], at[0][0]).CZ(at[0][1], at[0][0]).Z(at[0][1])
	},
	"sdg": func(to *circuit.Circuit, _ circuit.Angle, at [][2]int) {
		to.CX(at[0][1], at[0][0]).CZ(at[0][1], at[0][0])
	},
	"rx": func(to *circuit.Circuit, a circuit.Angle, at [][2]int) { to.CRY(at[0][0], at[0][1], a.Times(-2)) },
	"ry": func(to *circuit.Circuit, a circuit.Angle, at [][2]int) { to.RBS(at[0][0], at[0][1], a) },
	"rz": func(to *circuit.Circuit, a circuit.Angle, at [][2]int) { to.CRY(at[0][1], at[0][0], a.Times(2)) },
	"p":  func(to *circuit.Circuit, a circuit.Angle, at [][2]int) { to.CRY(at[0][1], at[0][0], a.Times(2)) },
	"cx": func(to *circuit.Circuit, _ circuit.Angle, at [][2]int) { cxOnPaulis(to, at[0], at[1]) },
	"cz": func(to *circuit.Circuit, _ circuit.Angle, at [][2]int) {
		a, b := at[0], at[1]
		to.CCZ(a[1], b[1], a[0]).CCZ(a[1], b[1], b[0]).CX(b[1], a[0]).CX(a[1], b[0])
	},
	"swap": func(to *circuit.Circuit, _ circuit.Angle, at [][2]int) {
		to.Swap(at[0][0], at[1][0]).Swap(at[0][1], at[1][1])
	},
}

// cxOnPaulis: X of the control goes on to the target, Z of the target to the control; the sign is − of XZ and
// YY, which become −YY and −XZ.
func cxOnPaulis(to *circuit.Circuit, control, target [2]int) {
	to.CZ(control[1], target[0]).CCZ(control[1], target[0], target[1]).CCZ(control[1], target[0], control[0])
	to.CX(control[1], target[1]).CX(target[0], control[0])
}

// pureCoefficients sets r, 4^n, to the Pauli coefficients of |ψ⟩⟨ψ|: for each pattern of flips x a
// Walsh–Hadamard transform over the patterns z of signs.
func (p *pauliSpace) pureCoefficients(psi []float64, r []float64) {
	for x := range p.dim {
		p.products(psi, x)
		for z := range p.dim {
			v := p.turned(x, z)
			r[p.index(x, z)] = real(v)
		}
	}
}

// addGradient adds to dpsi the gradient by the state of pureCoefficients, from lam = ∂L/∂r: 2·Σ λ_P P|ψ⟩.
func (p *pauliSpace) addGradient(psi, lam, dpsi []float64) {
	for x := range p.dim {
		for z := range p.dim {
			w := complex(2*lam[p.index(x, z)], 0) * p.phase(x, z)
			p.re[z], p.im[z] = real(w), imag(w)
		}
		p.transform()
		for j := range p.dim {
			v := complex(p.re[j], p.im[j]) * complex(psi[2*j], psi[2*j+1])
			k := j ^ x
			dpsi[2*k] += real(v)
			dpsi[2*k+1] += imag(v)
		}
	}
}

// pauliSpace is the Pauli strings of n qubits, with memory for transforms.
type pauliSpace struct {
	dim    int
	spread []int // by pattern: its bits at every second place
	re, im []float64
}

func newPauliSpace(n int) *pauliSpace {
	p := &pauliSpace{dim: 1 << n, spread: make([]int, 1<<n), re: make([]float64, 1<<n),
		im: make([]float64, 1<<n)}
	for i := range p.spread {
		for b := range n {
			p.spread[i] |= (i >> b & 1) << (2 * b)
		}
	}
	return p
}

// index returns the place of the coefficient of the string with these flips and signs.
func (p *pauliSpace) index(x, z int) int { return p.spread[z]<<1 | p.spread[x] }

// phase returns i^|x&z|: Y is i·X·Z.
func (p *pauliSpace) phase(x, z int) complex128 {
	return [4]complex128{1, 1i, -1, -1i}[bits.OnesCount(uint(x&z))&3]
}

func (p *pauliSpace) products(psi []float64, x int) {
	for j := range p.dim {
		k := j ^ x
		v := cmplx.Conj(complex(psi[2*k], psi[2*k+1])) * complex(psi[2*j], psi[2*j+1])
		p.re[j], p.im[j] = real(v), imag(v)
	}
	p.transform()
}

func (p *pauliSpace) transform() {
	walsh.Transform(p.re)
	walsh.Transform(p.im)
}

func (p *pauliSpace) turned(x, z int) complex128 { return p.phase(x, z) * complex(p.re[z], p.im[z]) }
