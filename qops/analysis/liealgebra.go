package analysis

import (
	"context"
	"math"
	"math/bits"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// LieAlgebra returns the dimension of the dynamical Lie algebra: of the real span of i times the generators
// and all their nested commutators. It grows as 4ⁿ for circuits that reach every unitary, and as a power of n
// for those whose gradients cannot vanish for that reason.
//
// It returns an error without generators, for one that is no Hermitian sum of Pauli strings of n letters, n
// at most 12, for a dimension above the limit, 0 meaning 4096, and that of the context.
//
// Source: Larocca, Czarnik, Sharma, Muraleedharan, Coles, Cerezo, arXiv:2105.14377.
func LieAlgebra(ctx context.Context, n int, generators []statevec.Observable, limit int) (dimension int,
	err error) {
	if limit == 0 {
		limit = 4096
	}
	if n < 1 || n > maxLieQubits || limit < 1 || limit > 1<<16 || len(generators) == 0 {
		return 0, errors.Errorf("analysis: LieAlgebra: want generators on 1 to %d qubits and a limit of 1 "+
			"to 65536, got %d generators, %d qubits and a limit of %d",
			maxLieQubits, len(generators), n, limit)
	}
	var sums []pauliSum
	for i, o := range generators {
		s, err := newPauliSum(n, o)
		if err != nil {
			return 0, errors.WithMessagef(err, "analysis: LieAlgebra: generator %d", i)
		}
		sums = append(sums, s)
	}
	dimension, err = closure(ctx, sums, limit)
	return dimension, errors.WithMessage(err, "analysis: LieAlgebra")
}

// maxLieQubits bounds the strings.
const maxLieQubits = 12

// pauliString is a string as masks: of the letters X and Y, and of Z and Y.
type pauliString struct{ flip, sign uint32 }

// pauliSum is a Hermitian sum of Pauli strings.
type pauliSum map[pauliString]float64

func newPauliSum(n int, o statevec.Observable) (pauliSum, error) {
	s := pauliSum{}
	for _, t := range o {
		if len(t.Pauli) != n || math.IsNaN(t.Coefficient) || math.IsInf(t.Coefficient, 0) {
			return nil, errors.Errorf("want a Pauli string of %d letters and a finite coefficient, got %v "+
				"times %q", n, t.Coefficient, t.Pauli)
		}
		var p pauliString
		for q, letter := range t.Pauli {
			bit := uint32(1) << (n - 1 - q)
			switch letter {
			case 'I':
			case 'X':
				p.flip |= bit
			case 'Y':
				p.flip, p.sign = p.flip|bit, p.sign|bit
			case 'Z':
				p.sign |= bit
			default:
				return nil, errors.Errorf("want a Pauli string of letters I, X, Y, Z, got %q", t.Pauli)
			}
		}
		s[p] += t.Coefficient
	}
	return s, nil
}

// commutator returns −i[a, b]/2, which is Hermitian too.
func commutator(a, b pauliSum) pauliSum {
	out := pauliSum{}
	for p, x := range a {
		for q, y := range b {
			if bits.OnesCount32(p.flip&q.sign)&1 == bits.OnesCount32(p.sign&q.flip)&1 {
				continue // they commute
			}
			r := pauliString{p.flip ^ q.flip, p.sign ^ q.sign}
			out[r] += x * y * float64(imaginary(p, q, r))
		}
	}
	return out
}

// imaginary returns s of P·Q = i·s·R for strings that anticommute. With a string i^y·X^flip·Z^sign, y the
// number of letters Y, the product is i^(y_P + y_Q)·(−1)^|sign_P & flip_Q|·X^flip·Z^sign.
func imaginary(p, q, r pauliString) int {
	y := func(s pauliString) int { return bits.OnesCount32(s.flip & s.sign) }
	power := y(p) + y(q) - y(r) + 2*bits.OnesCount32(p.sign&q.flip)
	if power&3 == 1 {
		return 1
	}
	return -1
}

// closure returns the dimension of the algebra of some sums: it adds commutators of what is there with the
// generators until nothing new comes, which gives all nested ones.
func closure(ctx context.Context, generators []pauliSum, limit int) (int, error) {
	b := basis{place: map[pauliString]int{}}
	var queue []pauliSum
	add := func(s pauliSum) error {
		if s = b.add(s); s == nil {
			return nil
		}
		if len(b.rows) > limit {
			return errors.Errorf("the dimension is above the limit of %d", limit)
		}
		queue = append(queue, s)
		return nil
	}
	for _, g := range generators {
		if err := add(g); err != nil {
			return 0, err
		}
	}
	for i := 0; i < len(queue); i++ {
		if err := live(ctx); err != nil {
			return 0, err
		}
		for _, g := range generators {
			if err := add(commutator(g, queue[i])); err != nil {
				return 0, err
			}
		}
	}
	return len(b.rows), nil
}

// basis is an orthonormal basis of the sums so far, by the places of their strings.
type basis struct {
	place map[pauliString]int
	rows  [][]float64
	alone map[int]bool // places whose string is itself in the span
}

// independent is the least part of a sum, of unit norm, that counts as new.
const independent = 1e-8

// add returns what is new in a sum, scaled to unit norm, and nil if that is nothing.
func (b *basis) add(s pauliSum) pauliSum {
	if b.alone == nil {
		b.alone = map[int]bool{}
	}
	strings := make([]pauliString, 0, len(s))
	norm := 0.0
	for p, x := range s {
		norm = math.Hypot(norm, x)
		if x != 0 {
			strings = append(strings, p)
		}
	}
	if !(norm > 1e-12) {
		return nil
	}
	if len(strings) == 1 { // as all are where generators are single strings
		at, ok := b.place[strings[0]]
		if ok && b.alone[at] {
			return nil
		}
	}
	for p := range s {
		if _, ok := b.place[p]; !ok {
			b.place[p] = len(b.place)
		}
	}
	v := make([]float64, len(b.place))
	for p, x := range s {
		v[b.place[p]] = x / norm
	}
	if len(strings) != 1 || !b.onlyAlone() {
		for range 2 { // twice, for rounding
			for _, r := range b.rows {
				d := 0.0
				for i, x := range r {
					d += x * v[i]
				}
				for i, x := range r {
					v[i] -= d * x
				}
			}
		}
	}
	rest := 0.0
	for _, x := range v {
		rest = math.Hypot(rest, x)
	}
	if rest < independent {
		return nil
	}
	for i := range v {
		v[i] /= rest
	}
	if len(strings) == 1 {
		b.alone[b.place[strings[0]]] = true
	}
	b.rows = append(b.rows, v)
	out := pauliSum{}
	for p, at := range b.place {
		if at < len(v) && math.Abs(v[at]) > 1e-14 {
			out[p] = v[at]
		}
	}
	return out
}

// onlyAlone tells whether all so far are single strings, so that another one is orthogonal to them.
func (b *basis) onlyAlone() bool { return len(b.alone) == len(b.rows) }

// Generators returns the generators of a circuit's trained angles as sums of Pauli strings, each as it acts
// with the constant gates before it: with U = …exp(−iaG)·V the generator V†GV. Angles that enter several
// gates have the sum over these if shared is set, else each gate its own.
//
// It returns the circuit's own error, and one for more than 8 qubits and for an input, which is no constant:
// bind it first.
func Generators(c *circuit.Circuit, shared bool) ([]statevec.Observable, error) {
	if err := checkCircuit(c); err != nil {
		return nil, errors.WithMessage(err, "analysis: Generators")
	}
	if c.Qubits() > maxGeneratorQubits || c.NumData() > 0 {
		return nil, errors.Errorf("analysis: Generators: want at most %d qubits and no inputs, got %d and %d",
			maxGeneratorQubits, c.Qubits(), c.NumData())
	}
	simple, err := c.Decompose(circuit.IntoGenerators)
	if err != nil {
		return nil, errors.WithMessage(err, "analysis: Generators")
	}
	n := c.Qubits()
	before := circuit.New(n)
	var out []statevec.Observable
	byAngle := map[int]int{}
	for _, o := range simple.Operations() {
		if o.Constant() {
			before.Control(o.Controls, o.Gate, o.Angles, o.Qubits...)
			continue
		}
		v, err := before.Matrix(nil, nil)
		if err != nil {
			return nil, errors.WithMessage(err, "analysis: Generators")
		}
		g := v.Dagger().Mul(whole(o, n)).Mul(v)
		terms := pauliTerms(g.Scaled(complex(o.Angles[0].Scale, 0)), n)
		at, known := byAngle[o.Angles[0].Index]
		if shared && known {
			out[at] = append(out[at], terms...)
			continue
		}
		byAngle[o.Angles[0].Index] = len(out)
		out = append(out, terms)
	}
	return out, nil
}

// maxGeneratorQubits bounds the matrices of generators.
const maxGeneratorQubits = 8

// whole returns the generator of an operation on all n qubits: zero where a control is 0.
func whole(o circuit.Operation, n int) circuit.Matrix {
	g, dim := o.Gate.Generator(), 1<<n
	out := make(circuit.Matrix, dim*dim)
	controls := 0
	for _, q := range o.Controls {
		controls |= 1 << (n - 1 - q)
	}
	pattern := func(j int) (p int) {
		for _, q := range o.Qubits {
			p = p<<1 | j>>(n-1-q)&1
		}
		return p
	}
	others := dim - 1
	for _, q := range o.Qubits {
		others &^= 1 << (n - 1 - q)
	}
	for r := range dim {
		for c := range dim {
			if r&controls == controls && r&others == c&others {
				out[r*dim+c] = g[pattern(r)*g.Dim()+pattern(c)]
			}
		}
	}
	return out
}

// pauliTerms returns a Hermitian matrix as a sum of Pauli strings, without the identity, which is a phase of
// all states: the coefficient of P is Tr(PM)/2ⁿ.
func pauliTerms(m circuit.Matrix, n int) (out statevec.Observable) {
	dim := 1 << n
	for flip := range dim {
		for sign := range dim {
			if flip|sign == 0 {
				continue // a phase of all states
			}
			sum := complex128(0)
			for j := range dim { // ⟨j|P = (P|j⟩)†, and P|j⟩ = i^y·(−1)^|j&sign|·|j^flip⟩
				z := m[(j^flip)*dim+j]
				if bits.OnesCount(uint(j&sign))&1 == 1 {
					z = -z
				}
				sum += z
			}
			switch bits.OnesCount(uint(flip&sign)) & 3 { // times the conjugate of i^y
			case 1:
				sum *= -1i
			case 2:
				sum = -sum
			case 3:
				sum *= 1i
			}
			if x := real(sum) / float64(dim); math.Abs(x) > 1e-12 {
				out = append(out, statevec.Term{Coefficient: x, Pauli: letters(n, flip, sign)})
			}
		}
	}
	return out
}

func letters(n, flip, sign int) string {
	out := make([]byte, n)
	for q := range out {
		out[q] = "IXZY"[flip>>(n-1-q)&1|sign>>(n-1-q)&1<<1]
	}
	return string(out)
}
