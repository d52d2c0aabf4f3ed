package circuit

import (
	"math"
	"math/cmplx"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
)

const (
	maxPowerQubits = 6       // of a matrix that is raised to a power
	maxRepeats     = 64      // of a gate: beyond, its matrix is raised to a power
	maxPower       = 1 << 24 // beyond, angles lose more than half of their digits
)

// Power returns operations on qubits 0 to n−1 that are together the k-th power of the given ones, phase
// included: their repetition or inverse for a whole k, their principal power (eigenvalues with phases in
// (−π, π]) for any other. Of no operations it is none. It returns an error for a k that is not finite or
// above 2^24 in size, for a power that is not whole of more than six qubits or of an angle that is not a
// number and not the only one, and for more than limit operations.
func Power(ops []Operation, n int, k float64, limit int) ([]Operation, error) {
	if math.IsNaN(k) || math.IsInf(k, 0) {
		return nil, errors.Errorf("circuit: Power: want a finite power, got %g", k)
	}
	if math.Abs(k) > maxPower {
		return nil, errors.Errorf("circuit: Power: want a power of at most %d, got %g: beyond it, rounding "+
			"changes the result", int(maxPower), k)
	}
	if n < 0 || len(ops) == 0 {
		return nil, nil
	}
	if len(ops) == 1 && ops[0].checkCounts("") == nil {
		g := ops[0]
		controls := g.Controls
		g.Controls = nil
		if out, ok := g.power(k); ok {
			for i := range out {
				out[i] = out[i].Controlled(controls...)
			}
			return out, nil
		}
	}
	whole := k == math.Trunc(k)
	if !whole || math.Abs(k) > maxRepeats && n <= maxPowerQubits {
		out, err := matrixPower(ops, n, k)
		if err == nil || !whole {
			return out, err
		}
	}
	if k < 0 {
		ops, k = adjointOps(ops), -k
	}
	if k*float64(len(ops)) > float64(limit) {
		return nil, errors.Errorf("circuit: Power: the power %g of %s: want at most %d operations",
			k, words.Count(len(ops), "operation"), limit)
	}
	return slices.Repeat(ops, int(k)), nil
}

// power returns the power of a gate without controls where it is simple: a rotation by k times the angle, or
// a gate of the table.
func (g Operation) power(k float64) ([]Operation, bool) {
	if g.Gate == globalPhase || g.Gate.Angles() == 1 && g.Gate.data().generator != nil &&
		g.Gate.Qubits() <= 2 {
		if g.scales(k) {
			g.Angles = []Angle{g.Angles[0].Times(k)}
			return []Operation{g}, true
		}
	}
	if g.Gate.Qubits() != 1 || !g.Constant() {
		return nil, false
	}
	m, err := g.Matrix(nil, nil).Power(k)
	if err != nil {
		return nil, false
	}
	return oneQubitGate(m, g.Qubits[0]), true
}

// scales tells whether the power of a rotation is that by k times the angle: if k is whole, or if no phase of
// its eigenvalues is cut off at π.
func (g Operation) scales(k float64) bool {
	if k == math.Trunc(k) || g.Angles[0].Source != Constant {
		return true
	}
	values, _ := g.Gate.Generator().eigen()
	return !slices.ContainsFunc(values, func(v float64) bool {
		phase := -v * g.Angles[0].Shift
		return phase <= -math.Pi || phase > math.Pi
	})
}

// oneQubitGate returns a matrix of one qubit as a gate of the table if there is one, as a phase, or as a U,
// in front of which there may be a global phase.
func oneQubitGate(m Matrix, q int) []Operation {
	for _, k := range table {
		if k.Qubits() == 1 && k.Angles() == 0 && k.Matrix(nil).Distance(m) < 1e-14 {
			return []Operation{gateOn(k, q)}
		}
	}
	if cmplx.Abs(m[1])+cmplx.Abs(m[2])+cmplx.Abs(m[0]-1) < 1e-14 {
		return []Operation{paramGateOn(gateP, Const(cmplx.Phase(m[3])), q)}
	}
	alpha, phi := cmplx.Phase(m[0]), 0.0
	lambda := cmplx.Phase(m[3]) - alpha
	switch small := 1e-15; {
	case cmplx.Abs(m[0]) < small:
		alpha = cmplx.Phase(m[2])
		lambda = cmplx.Phase(-m[1]) - alpha
	case cmplx.Abs(m[2]) >= small:
		phi, lambda = cmplx.Phase(m[2])-alpha, cmplx.Phase(-m[1])-alpha
	}
	theta := 2 * math.Atan2(cmplx.Abs(m[2]), cmplx.Abs(m[0]))
	return []Operation{{Gate: globalPhase, Angles: []Angle{Const(alpha)}},
		{Gate: gateU, Qubits: []int{q}, Angles: []Angle{Const(theta), Const(phi), Const(lambda)}}}
}

// matrixPower returns the power of the matrix of operations as one gate.
func matrixPower(ops []Operation, n int, k float64) ([]Operation, error) {
	if n > maxPowerQubits {
		return nil, errors.Errorf("circuit: Power: the power %g on %d qubits: want a whole power, or at most "+
			"%d qubits", k, n, maxPowerQubits)
	}
	c, phase := New(max(n, 1)), 0.0 // a global phase is one of any qubit
	for _, g := range ops {
		switch {
		case !g.Constant():
			return nil, errors.Errorf("circuit: Power: the power %g of %s: want numbers for its angles, or a "+
				"whole power", k, g.Name())
		case g.Gate == globalPhase:
			phase += g.Angles[0].Shift
		default:
			c.add(g.Name(), g)
		}
	}
	m, err := c.Matrix(nil, nil)
	if err == nil {
		m, err = m.Scaled(cmplx.Rect(1, phase)).Power(k)
	}
	if err != nil {
		return nil, err
	}
	switch n {
	case 0:
		return []Operation{{Gate: globalPhase, Angles: []Angle{Const(cmplx.Phase(m[0]))}}}, nil
	case 1:
		return oneQubitGate(m, 0), nil
	}
	u, err := Unitary(m)
	return []Operation{{Gate: u, Qubits: register(0, n)}}, err
}

// Power returns the principal k-th power of a unitary: its eigenvalues exp(iφ), −π < φ ≤ π, become exp(ikφ).
// It returns an error unless the matrix is a unitary of at most six qubits.
func (m Matrix) Power(k float64) (Matrix, error) {
	qubits, err := m.checkQubits()
	if err == nil {
		err = m.checkUnitary(qubits)
	}
	if err == nil && qubits > maxPowerQubits {
		err = errors.Errorf("want at most %d qubits, got %d", maxPowerQubits, qubits)
	}
	if err != nil {
		return nil, errors.WithMessage(err, "circuit: Power")
	}
	n, adjoint := m.Dim(), m.Dagger()
	// The two Hermitian parts of m commute, so the eigenvectors of nearly any sum of them are those of m.
	for _, weight := range []float64{math.Sqrt2 / 3, math.Sqrt(3) / 5, -math.Sqrt(5) / 7, math.Pi} {
		h := make(Matrix, len(m))
		for i := range m {
			h[i] = (m[i]+adjoint[i])/2 + complex(0, -weight/2)*(m[i]-adjoint[i])
		}
		_, vectors := h.eigen()
		inverse := vectors.Dagger()
		diagonal := inverse.Mul(m).Mul(vectors)
		rest := 0.0
		power := make(Matrix, len(m))
		for i, v := range diagonal {
			if i/n != i%n {
				rest = max(rest, cmplx.Abs(v))
				continue
			}
			phase := cmplx.Phase(v)
			if phase < 1e-12-math.Pi {
				phase += 2 * math.Pi // −1, to rounding
			}
			power[i] = cmplx.Rect(1, timesPhase(k, phase))
		}
		if rest < 1e-12 {
			return vectors.Mul(power).Mul(inverse).rounded(), nil
		}
	}
	return nil, errors.New("circuit: Power: the eigenvectors of the matrix were not found")
}

// timesPhase returns k times a phase: where this is a multiple of π/16, of that multiple and not of its
// rounding, which a large k would multiply.
func timesPhase(k, phase float64) float64 {
	const parts = 16
	if n := math.Round(phase / math.Pi * parts); math.Abs(phase-n*math.Pi/parts) < 1e-14 {
		return math.Mod(k*n, 2*parts) * math.Pi / parts
	}
	return k * phase
}

// rounded returns the matrix with zeros and ones in place of what is one to rounding.
func (m Matrix) rounded() Matrix {
	near := func(x float64) float64 {
		for _, v := range []float64{0, 1, -1} {
			if math.Abs(x-v) < 3e-16 {
				return v
			}
		}
		return x
	}
	for i, v := range m {
		m[i] = complex(near(real(v)), near(imag(v)))
	}
	return m
}

// Decompose takes the operation apart by a rule, as Circuit.Decompose does, in a circuit of n qubits. Where
// these are more than MaxQubits, the rule sees the qubits of the operation and some others.
func (g Operation) Decompose(n int, rule Rule) ([]Operation, error) {
	var place []int // of the qubits that the rule sees
	if own := g.AllQubits(); n > MaxQubits {
		place = slices.Clone(own)
		for q := 0; len(place) < MaxQubits; q++ {
			if !slices.Contains(own, q) {
				place = append(place, q)
			}
		}
		g = g.Map(func(q int) int { return slices.Index(own, q) }, nil)
	}
	c := New(min(n, max(MaxQubits, len(place))))
	c.add(g.Name(), g)
	out, err := c.Decompose(rule)
	if err != nil {
		return nil, err
	}
	if n > MaxQubits {
		for i, p := range out.ops {
			out.ops[i] = p.Map(func(q int) int { return place[q] }, nil)
		}
	}
	return out.ops, nil
}
