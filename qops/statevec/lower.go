package statevec

import (
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

// An op is one gate, or neighbouring ones, in one of four forms:
//
//	rotate   a product of 2×2 matrices between two basis states of a few qubits: one-qubit gates,
//	         controlled ones, RBS
//	phase    a product of diagonal gates
//	permute  an exchange of two basis states of a few qubits, which costs nothing: X, CX, SWAP and
//	         their controlled forms
//	dense    a constant matrix on a few qubits, possibly controlled
type op struct {
	kind   opKind
	qubits []int // all that it acts on, controls too; the first is the most significant bit of a pattern

	lo, hi  int      // rotate, permute: patterns of the two basis states
	factors []factor // rotate: in the order in which they act

	terms []term // phase

	matrix circuit.Matrix // dense: on the last qubits, the others control it
}

type opKind uint8

const (
	opRotate opKind = iota
	opPhase
	opPermute
	opDense
	opKinds // how many there are
)

// factor is one gate of a rotate op: a constant matrix, or exp(−i·angle·G).
type factor struct {
	angle circuit.Angle
	exp   *exponential // if the angle is not constant
	m     matrix2      // if it is
}

// term is one gate of a phase op over 2^len(qubits) patterns of qubits: constants, or exp(−i·angle·values).
type term struct {
	qubits    []int
	angle     circuit.Angle
	values    []float64    // if the angle is not constant
	constants []complex128 // if it is
}

func (f *factor) constant() bool { return f.angle.Source == circuit.Constant }
func (t *term) constant() bool   { return t.angle.Source == circuit.Constant }

// lowering turns the gates of a circuit into ops.
type lowering struct {
	ops  []*op
	last []int // by qubit: the last op on it, −1 for none

	opSlab     slab[op]
	qubitSlab  slab[int]
	factorSlab slab[factor]
}

func lower(c *circuit.Circuit) ([]*op, error) {
	l := lowering{last: slices.Repeat([]int{-1}, c.Qubits())}
	if _, err := c.Decompose(l.add); err != nil {
		return nil, errors.WithMessage(err, "statevec")
	}
	return simplify(l.ops), nil
}

// add is the circuit.Rule of simulation. It adds a gate without angles or with a generator: as a rotation
// between two basis states if it is one, as phases if it is diagonal, else as a dense matrix. Before that a
// gate that has a definition is replaced by it. A gate that is added is replaced by nothing, so that no
// circuit is built beside the ops.
func (l *lowering) add(g circuit.Operation, n int) (parts []circuit.Operation, replaced bool, err error) {
	if parts, replaced, err = circuit.IntoGenerators(g, n); replaced || err != nil {
		return parts, replaced, err
	}
	k, angle, m := g.Gate, circuit.Angle{}, circuit.Matrix(nil)
	switch {
	case k.Angles() == 0:
		m = k.Matrix(nil)
	case g.Angles[0].Source == circuit.Constant:
		m = k.Matrix([]float64{g.Angles[0].Shift})
	default:
		angle, m = g.Angles[0], k.Generator()
	}
	lo, hi, between, ok := rotationOf(m, angle.Source == circuit.Constant)
	switch {
	case ok && (k.Qubits() == 1 || !m.IsDiagonal()):
		l.addRotation(g, lo, hi, angle, between)
	case m.IsDiagonal():
		l.push(op{kind: opPhase, qubits: l.qubits(g), terms: []term{diagonalTerm(g, angle, m)}})
	case k.Defined(): // so is every gate with another generator
		parts, err = g.Definition()
		return parts, true, err
	default:
		l.push(op{kind: opDense, qubits: l.qubits(g), matrix: m})
	}
	return nil, true, nil
}

// rotationOf returns the only two basis states on which m differs from the identity (a unitary) or from zero
// (a generator), and m between them.
func rotationOf(m circuit.Matrix, unitary bool) (lo, hi int, between matrix2, ok bool) {
	n := m.Dim()
	if n == 2 {
		return 0, 1, matrix2(m), true
	}
	var moved []int
	for r := range n {
		for c := range n {
			still := complex128(0)
			if unitary && r == c {
				still = 1
			}
			if m[r*n+c] != still {
				moved = append(moved, r)
				break
			}
		}
	}
	if len(moved) != 2 {
		return 0, 0, matrix2{}, false
	}
	lo, hi = moved[0], moved[1]
	return lo, hi, matrix2{m[lo*n+lo], m[lo*n+hi], m[hi*n+lo], m[hi*n+hi]}, true
}

// addRotation adds a factor to the last op on the gate's qubits if that rotates the same basis states, else a
// new op.
func (l *lowering) addRotation(g circuit.Operation, lo, hi int, angle circuit.Angle, between matrix2) {
	f := factor{angle: angle, m: between}
	if !f.constant() {
		f.exp = newExponential(between)
	}
	qubits, controls := l.qubits(g), len(g.Controls)
	slices.Sort(qubits[:controls])
	ones := (1<<controls - 1) << len(g.Qubits)
	lo, hi = ones|lo, ones|hi
	if i := l.last[qubits[0]]; i >= 0 {
		p := l.ops[i]
		neighbours := !slices.ContainsFunc(qubits, func(q int) bool { return l.last[q] != i })
		same := p.kind == opRotate && p.lo == lo && p.hi == hi && slices.Equal(p.qubits, qubits)
		if neighbours && same {
			p.factors = append(p.factors, f)
			return
		}
	}
	l.push(op{kind: opRotate, qubits: qubits, lo: lo, hi: hi, factors: l.factorSlab.copy(f)})
}

func (l *lowering) push(o op) {
	for _, q := range o.qubits {
		l.last[q] = len(l.ops)
	}
	l.ops = append(l.ops, &l.opSlab.copy(o)[0])
}

// qubits returns the controls and then the other qubits of a gate.
func (l *lowering) qubits(g circuit.Operation) []int {
	out := l.qubitSlab.take(len(g.Controls) + len(g.Qubits))
	copy(out[copy(out, g.Controls):], g.Qubits)
	return out
}

// diagonalTerm returns the diagonal m of a gate, extended over its controls.
func diagonalTerm(g circuit.Operation, angle circuit.Angle, m circuit.Matrix) term {
	t := term{qubits: g.AllQubits(), angle: angle}
	d := m.Dim()
	first := 1<<len(t.qubits) - d
	if t.constant() {
		t.constants = slices.Repeat([]complex128{1}, first+d)
	} else {
		t.values = make([]float64, first+d)
	}
	for i := range d {
		if t.constant() {
			t.constants[first+i] = m[i*d+i]
		} else {
			t.values[first+i] = real(m[i*d+i])
		}
	}
	return t
}

// angles returns the angles that are not constant.
func (o *op) angles() []circuit.Angle {
	var out []circuit.Angle
	for i := range o.factors {
		if f := &o.factors[i]; !f.constant() {
			out = append(out, f.angle)
		}
	}
	for i := range o.terms {
		if t := &o.terms[i]; !t.constant() {
			out = append(out, t.angle)
		}
	}
	return out
}

// real tells whether the op is a real matrix whatever its angles.
func (o *op) real() bool {
	for i := range o.factors {
		if !o.factors[i].real() {
			return false
		}
	}
	for i := range o.terms {
		t := &o.terms[i]
		if !t.constant() || !circuit.Matrix(t.constants).IsReal() {
			return false
		}
	}
	return o.matrix.IsReal()
}
