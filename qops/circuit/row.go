package circuit

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// row is one row of the gate table. The first fields are what the table says; the last ones follow from them.
// The base and the inverse of a row stand above it in the table; definitions may use any row.
type row struct {
	name    string
	builder string // method of Circuit and its parameters, qubits before angles: CRX(control, q, theta)
	symbol  string // text of the box in a drawing
	help    string // one line for the reference page and the method's comment
	qasm2   string // name in qelib1.inc, modifiers included; empty: written by definition
	qasm3   string // name in stdgates.inc, likewise

	// What the gate does, in one of these forms. The first qubit is the most significant bit of a matrix
	// index.
	fixed     Matrix // matrix of a gate without angles
	rotation  Matrix // G of the gate exp(−i·a·G) of one angle a; its eigenvalues are 0 and ±c
	base      string // name of the gate that the first qubits control
	controls  int    // how many of them
	adjointOf string // name of the inverse gate, for the second of a pair without angles
	matrix    func(angles []float64) Matrix

	qubits, angles int // for a matrix function; otherwise they follow
	inverseAngles  func([]Angle) []Angle

	// define builds the same unitary, phase included, from simpler gates; defineCX builds it from CX, gates
	// of one qubit and gates that have a defineCX themselves. Theta(i) stands for the i-th angle. A gate of
	// more than one angle and a gate without a name in OpenQASM need define; other gates of several qubits
	// need defineCX.
	define, defineCX func(c *Circuit)

	generator      func() Matrix // G, nil for other gates
	real           bool          // the matrix is real for all angles, and so are those of the definition
	baseRow        *row          // of base
	inverse        *row          // nil: the gate itself, with inverseAngles if there are any
	definition, cx []Operation
}

var registry = map[string]*row{}

// tableGate returns the gate of the table with that name, which is filled in when the program starts.
func tableGate(name string) Gate {
	if registry[name] == nil {
		registry[name] = &row{}
	}
	return Gate{registry[name]}
}

var table []Gate

// The table is filled in two steps, because a definition may use gates that stand below it.
func init() {
	for _, r := range rows() {
		gate := tableGate(r.name)
		*gate.row = r
		gate.row.complete()
		table = append(table, gate)
	}
	for _, gate := range table {
		if err := gate.row.completeDefinition(); err != nil {
			panic(errors.WithMessagef(err, "circuit: gate table: %s", gate.row.name))
		}
		gate.row.findInverse()
	}
}

// complete fills in what follows from the form of the gate.
func (r *row) complete() {
	switch {
	case r.fixed != nil:
		r.setFixed(r.fixed)
	case r.rotation != nil:
		r.setRotation(r.rotation)
	case r.base != "":
		r.setControlled(registry[r.base])
	case r.adjointOf != "":
		r.inverse = registry[r.adjointOf]
		r.inverse.inverse = r
		r.setFixed(r.inverse.fixed.Dagger())
	default:
		r.real = r.realMatrix()
	}
}

func (r *row) setFixed(m Matrix) {
	r.fixed, r.qubits, r.real = m, qubitsOf(m), m.IsReal()
	r.matrix = func([]float64) Matrix { return slices.Clone(m) }
}

func (r *row) setRotation(g Matrix) {
	squared, c := 0.0, g.Mul(g) // g³ = c²·g
	for i := range g.Dim() {
		squared = max(squared, real(c[i*g.Dim()+i]))
	}
	r.qubits, r.angles, r.real, r.inverseAngles = qubitsOf(g), 1, g.Scaled(1i).IsReal(), negate
	r.matrix = func(a []float64) Matrix { return expGenerator(g, math.Sqrt(squared), a[0]) }
	r.generator = func() Matrix { return slices.Clone(g) }
}

func (r *row) setControlled(base *row) {
	r.baseRow, r.qubits, r.angles = base, r.controls+base.qubits, base.angles
	r.real, r.inverseAngles = base.real, base.inverseAngles
	controls := r.controls
	r.matrix = func(a []float64) Matrix { return base.matrix(a).controlled(controls, 1) }
	if base.generator != nil {
		r.generator = func() Matrix { return base.generator().controlled(controls, 0) }
	}
}

// completeDefinition fills in the definitions.
func (r *row) completeDefinition() error {
	build := func(define func(*Circuit)) ([]Operation, error) {
		if define == nil {
			return nil, nil
		}
		c := New(r.qubits)
		define(c)
		return c.ops, c.Err()
	}
	definition, err := build(r.define)
	if err != nil {
		return err
	}
	r.setDefinition(definition)
	if r.adjointOf != "" && r.inverse.define != nil {
		c := New(r.qubits)
		r.inverse.define(c)
		r.setDefinition(c.Adjoint().ops)
	}
	r.cx, err = build(r.defineCX)
	return err
}

func (r *row) setDefinition(ops []Operation) {
	r.definition = ops
	if r.real && !r.planar() {
		r.real = !slices.ContainsFunc(ops, func(g Operation) bool { return !g.Gate.Real() })
	}
}

// planar tells whether the generator moves only two basis states: then simulation never uses the definition.
func (r *row) planar() bool {
	if r.generator == nil || r.qubits > 2 {
		return false
	}
	g, moved := r.generator(), 0
	for i := range g.Dim() {
		if slices.ContainsFunc(g[i*g.Dim():(i+1)*g.Dim()], func(v complex128) bool { return v != 0 }) {
			moved++
		}
	}
	return moved <= 2
}

// realMatrix tells whether the matrix is real at all sampled angles.
func (r *row) realMatrix() bool {
	isComplex := func(a []float64) bool { return !r.matrix(a).IsReal() }
	return !slices.ContainsFunc(sampleAngles(r.angles), isComplex)
}

// sampleAngles returns angles in radians at which a gate of that many angles is checked: zeros, and numbers
// that are not related.
func sampleAngles(angles int) [][]float64 {
	if angles == 0 {
		return [][]float64{nil}
	}
	out := make([][]float64, 5)
	for i := range out {
		out[i] = make([]float64, angles)
		for j := range out[i] {
			out[i][j] = 3.3 * float64(i) * math.Sin(float64(1+i+3*j))
		}
	}
	return out
}

// addInverse adds a row for the inverse gate.
func (r *row) addInverse(name, symbol string) {
	out := &row{name: name, symbol: symbol, help: r.help, qubits: r.qubits, angles: r.angles, inverse: r}
	r.inverse = out
	if r.fixed != nil {
		out.setFixed(r.fixed.Dagger())
	} else {
		out.matrix = func(a []float64) Matrix { return r.matrix(a).Dagger() }
	}
	out.real, out.definition = r.real, adjointOps(r.definition)
}

// negate returns the angles of the inverse of a rotation.
func negate(angles []Angle) []Angle {
	out := make([]Angle, len(angles))
	for i, a := range angles {
		out[i] = a.Times(-1)
	}
	return out
}
