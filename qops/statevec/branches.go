package statevec

import (
	"math"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/qops/circuit"
)

// branches are the ways in which a channel can go in one run. In most runs nothing happens, in the others an
// error, drawn with a fixed probability. Over the runs the channel is weight·Σ sign·probability·branch.
type branches struct {
	errors []branch
	total  float64 // of the probabilities of errors: 1 if there always is one
	weight float64 // 1 but for channels with signs
}

// branch is one error.
type branch struct {
	probability, sign float64
	// operators is a unitary matrix, or several matrices K with Σ K†K = 1, of which one is drawn with its
	// probability in the state. That is fixed for the gradient, which is unbiased: the norm of Kψ carries how
	// the probability depends on the angles.
	operators []circuit.Matrix
	letters   []int // of a Pauli string, by qubit: 1 for X, 2 for Z, 3 for X·Z
	reset     bool  // operators are those of a reset of one qubit, to |0⟩ or |1⟩
}

// tiny is the probability below which there is no branch: rounding.
const tiny = 1e-15

// newBranches returns those of a channel. Mixtures of Pauli strings and resets are drawn as such, with signs
// where they are mixtures only with negative weights, as amplitude damping, unless signs are unwanted.
// Otherwise the Kraus operators that are unitary but for a factor are drawn, and the others are one branch.
func newBranches(c circuit.Channel, signs bool) branches {
	if b, ok := pauliBranches(c); ok && (signs || b.weight == 1) {
		return b
	}
	out, left := branches{weight: 1}, 1.0
	var others []circuit.Matrix
	for _, k := range c.Kraus() {
		square := k.Dagger().Mul(k)
		p := real(square[0])
		if square.Distance(circuit.Identity(c.Qubits()).Scaled(complex(p, 0))) > 1e-12 {
			others = append(others, k)
			continue
		}
		left -= p
		k = k.Scaled(complex(1/math.Sqrt(p), 0))
		if k.Distance(circuit.Identity(c.Qubits()).Scaled(k[0])) > 1e-12 {
			out.add(p, branch{operators: []circuit.Matrix{k}})
		}
	}
	if len(others) > 0 {
		scale := complex(1/math.Sqrt(left), 0)
		for i := range others {
			others[i] = others[i].Scaled(scale)
		}
		out.add(left, branch{operators: others})
	}
	return out
}

// add adds an error of that weight.
func (b *branches) add(weight float64, e branch) {
	if math.Abs(weight) < tiny {
		return
	}
	e.probability, e.sign = math.Abs(weight), math.Copysign(1, weight)
	b.errors = append(b.errors, e)
	b.total += math.Abs(weight)
}

// pauliBranches returns a channel that scales Pauli coefficients, and perhaps adds to that of Z of one qubit,
// as a mixture of Pauli strings and of a reset of the qubit to |0⟩ or |1⟩; false for any other channel.
func pauliBranches(c circuit.Channel) (out branches, ok bool) {
	t, strings := c.Transfer(), pauliStrings(c.Qubits())
	d := len(strings)
	shift := 0.0
	for i, v := range t {
		switch row, column := i/d, i%d; {
		case row == column || math.Abs(v) < 1e-14:
		case d == 4 && row == 2 && column == 0:
			shift = v
		default:
			return out, false
		}
	}
	reset := math.Abs(shift)
	for p, matrix := range strings {
		w := -reset / float64(d) // a reset leaves nothing but that of I
		for q := range d {
			w += t[q*d+q] / float64(d) * commutation(p, q)
		}
		if w < 0 && (reset == 0 || w > -tiny) {
			w = 0
		}
		if p == 0 && w > 0 {
			out.weight = w // nothing happens
		} else {
			letters := []int{p}
			if d == 16 {
				letters = []int{p >> 2, p & 3}
			}
			out.add(w, branch{operators: []circuit.Matrix{matrix}, letters: letters})
		}
	}
	if reset > 0 {
		zero, one := circuit.Matrix{1, 0, 0, 0}, circuit.Matrix{0, 1, 0, 0}
		if shift < 0 {
			zero, one = circuit.Matrix{0, 0, 1, 0}, circuit.Matrix{0, 0, 0, 1}
		}
		out.add(reset, branch{operators: []circuit.Matrix{zero, one}, reset: true})
	}
	out.weight += out.total
	if math.Abs(out.weight-1) < 1e-12 {
		out.weight = 1
	}
	for i := range out.errors {
		out.errors[i].probability /= out.weight
	}
	out.total /= out.weight
	return out, true
}

// pauliStrings returns the Pauli strings on one or two qubits in the order of circuit.Channel.Transfer, Y
// without its phase i, so that all are real.
func pauliStrings(qubits int) []circuit.Matrix {
	letters := []circuit.Matrix{{1, 0, 0, 1}, {0, 1, 1, 0}, {1, 0, 0, -1}, {0, -1, 1, 0}}
	if qubits == 1 {
		return letters
	}
	var out []circuit.Matrix
	for _, a := range letters {
		for _, b := range letters {
			m := make(circuit.Matrix, 16)
			for i := range m {
				r, c := i/4, i%4
				m[i] = a[r/2*2+c/2] * b[r%2*2+c%2]
			}
			out = append(out, m)
		}
	}
	return out
}

// commutation returns 1 if two Pauli strings commute and −1 if not, by their numbers in pauliStrings.
func commutation(p, q int) float64 {
	odd := false
	for ; p|q > 0; p, q = p>>2, q>>2 {
		if p&3 != 0 && q&3 != 0 && p&3 != q&3 {
			odd = !odd
		}
	}
	if odd {
		return -1
	}
	return 1
}

// moving returns the error on some qubits of n in a form that can be moved behind gates; false if it has
// none.
func (b *branch) moving(qubits []int, n int) (m moving, ok bool) {
	switch {
	case b.reset:
		q := 1 << (n - 1 - qubits[0])
		m.look, m.move = pauliOperator{sign: q}, pauliOperator{flip: q}
		if m.when = 1; b.operators[1][1] == 0 { // to |1⟩
			m.when = 0
		}
		return m, true
	case b.letters == nil:
		return m, false
	}
	for i, letter := range b.letters {
		q := n - 1 - qubits[i]
		m.move.flip |= letter & 1 << q
		m.move.sign |= letter >> 1 << q
	}
	return m, true
}

// unitary returns the matrix of a channel that is one.
func (b *branches) unitary() (circuit.Matrix, bool) {
	if len(b.errors) == 1 && b.total > 1-1e-12 && len(b.errors[0].operators) == 1 {
		return b.errors[0].operators[0], true
	}
	return nil, false
}

// draw draws one of the errors.
func (b *branches) draw(random *splitmix.Source) int {
	u := random.Float64() * b.total
	last := len(b.errors) - 1
	for i := range last {
		if u -= b.errors[i].probability; u < 0 {
			return i
		}
	}
	return last
}

// chooseValue draws one of the two operators of a reset by the probability of their value, 0 or 1, in a state
// of that norm, on which the letter Z of the qubit has that expectation. It returns which, and what scales it
// so that the norm stays.
func chooseValue(norm, z float64, random *splitmix.Source) (value int, scale float64) {
	p := [2]float64{(norm + z) / 2, (norm - z) / 2}
	if value = 0; random.Float64()*norm >= p[0] {
		value = 1
	}
	if !(p[value] > tiny*norm) {
		value = 1 - value // impossible, but for rounding
	}
	return value, math.Sqrt(norm / p[value])
}

// choose draws one of the operators of a branch by its probability in a state, and returns it over the root
// of that, so that the norm stays.
func (b *branch) choose(rho circuit.Matrix, random *splitmix.Source) circuit.Matrix {
	d, norm := rho.Dim(), 0.0
	for i := range d {
		norm += real(rho[i*d+i])
	}
	u, chosen := random.Float64()*norm, b.operators[0]
	for _, k := range b.operators {
		image, p := k.Mul(rho).Mul(k.Dagger()), 0.0
		for i := range d {
			p += real(image[i*d+i])
		}
		if !(p > tiny*norm) {
			continue
		}
		chosen = k.Scaled(complex(math.Sqrt(norm/p), 0))
		if u -= p; u < 0 {
			break
		}
	}
	return chosen // the last that is possible, if rounding has left none
}
