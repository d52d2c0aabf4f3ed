package statevec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

// onStates returns the matrix of an operator on n qubits, made of the matrices of letters.
func (p pauliOperator) onStates(n int) circuit.Matrix {
	m := circuit.Identity(n)
	for q := range n {
		bit := 1 << (n - 1 - q)
		if p.flip&bit != 0 {
			m = m.Mul(operator(circuit.Matrix{0, 1, 1, 0}, []int{q}, n))
		}
		if p.sign&bit != 0 {
			m = m.Mul(operator(circuit.Matrix{1, 0, 0, -1}, []int{q}, n))
		}
	}
	return m.Scaled([]complex128{1, 1i, -1, -1i}[p.turns&3])
}

// TestPauliOperators: products, images behind gates, and all that is done to states, against dense matrices;
// on states of less than a block, of one, and of several, in place and not.
func TestPauliOperators(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 1))
	for range 400 {
		n := 1 + random.IntN(7)
		draw := func() pauliOperator { return pauliOperator{random.IntN(1 << n), random.IntN(1 << n), 0} }
		p, q := draw(), draw()
		p.turns = random.IntN(4)
		if d := p.times(q).onStates(n).Distance(p.onStates(n).Mul(q.onStates(n))); d > 1e-12 {
			t.Fatalf("%v times %v is %v, off by %v", p, q, p.times(q), d)
		}
		psi := make([]float64, 2<<n)
		for i := range psi {
			psi[i] = random.NormFloat64()
		}
		x := make([]complex128, 1<<n)
		for i := range x {
			x[i] = complex(psi[2*i], psi[2*i+1])
		}
		check := func(what string, m circuit.Matrix, f func(dst, src []float64)) {
			t.Helper()
			want, got := make([]float64, len(psi)), make([]float64, len(psi))
			for r := range x {
				sum := complex128(0)
				for c, v := range x {
					sum += m[r*len(x)+c] * v
				}
				want[2*r], want[2*r+1] = real(sum), imag(sum)
			}
			inPlace := slices.Clone(psi)
			f(got, psi)
			f(inPlace, inPlace)
			for i, v := range want {
				if math.Abs(got[i]-v) > 1e-12 || math.Abs(inPlace[i]-v) > 1e-12 {
					t.Fatalf("%s, %d qubits, %v: %v, in place %v, want %v", what, n, p, got, inPlace, want)
				}
			}
		}
		var work pauliWork[float64]
		letters := p
		letters.turns = onesOf(p.flip&p.sign) & 3
		check("move", letters.onStates(n), func(dst, src []float64) { work.move(p, dst, src) })
		letters.turns = (letters.turns + 2*random.IntN(2)) & 3
		m, identity := letters.onStates(n), circuit.Identity(n)
		if m.Distance(m.Dagger()) > 1e-12 {
			t.Fatalf("%v is no product of letters", letters)
		}
		for _, minus := range []bool{false, true} {
			sign := complex(1, 0)
			if minus {
				sign = -1
			}
			part := make(circuit.Matrix, len(m))
			for i := range part {
				part[i] = 0.7 / 2 * (identity[i] + sign*m[i])
			}
			check("project", part, func(dst, src []float64) { work.project(letters, minus, 0.7, dst, src) })
		}
		norm, value := work.expect(letters, psi)
		wantNorm, want := 0.0, complex128(0)
		for r := range x {
			wantNorm += real(x[r])*real(x[r]) + imag(x[r])*imag(x[r])
			for c := range x {
				want += complex(real(x[r]), -imag(x[r])) * m[r*len(x)+c] * x[c]
			}
		}
		if math.Abs(norm-wantNorm) > 1e-10 || math.Abs(value-real(want)) > 1e-10 {
			t.Fatalf("%v: norm %v and expectation %v, want %v and %v", letters, norm, value, wantNorm, want)
		}
	}
}

func onesOf(mask int) (n int) {
	for ; mask != 0; mask &= mask - 1 {
		n++
	}
	return n
}

// TestPauliOperatorsBehindGates: U·P·U† of every gate of the table without angles and of constant ones, which
// are Clifford or not.
func TestPauliOperatorsBehindGates(t *testing.T) {
	random, known, moved := rand.New(rand.NewPCG(5, 2)), cliffords{}, map[string]bool{}
	for _, g := range circuit.Table() {
		for _, angle := range []float64{math.Pi / 2, 0.3} {
			for controls := 0; controls+g.Qubits() <= 2; controls++ {
				op := circuit.Operation{Gate: g}
				for range g.Angles() {
					op.Angles = append(op.Angles, circuit.Const(angle))
				}
				const n = 4
				order := random.Perm(n)
				op.Controls, op.Qubits = order[:controls], order[controls:][:g.Qubits()]
				images := known.imagesOf(op)
				if images == nil {
					continue
				}
				moved[g.Name()] = true
				u := operator(op.Matrix(nil, nil), op.AllQubits(), n)
				for range 20 {
					p := pauliOperator{random.IntN(1 << n), random.IntN(1 << n), random.IntN(4)}
					got := p.behind(images, op.AllQubits(), n)
					if d := got.onStates(n).Distance(u.Mul(p.onStates(n)).Mul(u.Dagger())); d > 1e-12 {
						t.Fatalf("%v behind %v with angle %v is %v, off by %v", p, g.Name(), angle, got, d)
					}
				}
			}
		}
	}
	for _, name := range []string{"x", "h", "s", "sdg", "sx", "cx", "cz", "swap", "rx", "rzz"} {
		if !moved[name] {
			t.Errorf("nothing is moved behind %s", name)
		}
	}
	for _, name := range []string{"t", "ccx", "ch"} {
		if moved[name] {
			t.Errorf("Pauli strings are moved behind %s", name)
		}
	}
}

// operator returns a matrix on some qubits as one on n.
func operator(m circuit.Matrix, qubits []int, n int) circuit.Matrix {
	dim := 1 << n
	out := make(circuit.Matrix, dim*dim)
	for column := range dim {
		value, rest := 0, column
		for _, q := range qubits {
			bit := 1 << (n - 1 - q)
			value = value << 1
			if column&bit != 0 {
				value |= 1
			}
			rest &^= bit
		}
		for row := range m.Dim() {
			at := rest
			for k, q := range qubits {
				if row>>(len(qubits)-1-k)&1 == 1 {
					at |= 1 << (n - 1 - q)
				}
			}
			out[at*dim+column] = m[row*m.Dim()+value]
		}
	}
	return out
}
