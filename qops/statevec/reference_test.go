package statevec_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// reference multiplies a state by the circuit, straight from the definition of each gate's matrix. It shares nothing with the plan.
func reference(c *circuit.Circuit, theta, data []float64, state []complex128) []complex128 {
	n := c.Qubits()
	for _, g := range c.Operations() {
		controls := 0
		for _, q := range g.Controls {
			controls |= 1 << (n - 1 - q)
		}
		g.Controls = nil
		m := g.Matrix(theta, data)
		d := m.Dim()
		out := make([]complex128, len(state))
		for i := range state {
			if i&controls != controls {
				out[i] = state[i]
				continue
			}
			row, rest := 0, i
			for _, q := range g.Qubits {
				bit := 1 << (n - 1 - q)
				row = row<<1 | (i&bit)/bit
				rest &^= bit
			}
			for col := range d {
				j := rest
				for b, q := range g.Qubits {
					j |= col >> (len(g.Qubits) - 1 - b) & 1 << (n - 1 - q)
				}
				out[i] += m[row*d+col] * state[j]
			}
		}
		state = out
	}
	return state
}

// problem is a circuit with random angles, states and output gradients, in float64.
type problem struct {
	c                     *circuit.Circuit
	rows                  int
	theta, data, in, dout []float64
	real                  bool
}

func newProblem(rng *rand.Rand, c *circuit.Circuit, rows int, real bool) problem {
	width := 2 << c.Qubits()
	if real {
		width /= 2
	}
	return problem{c: c, rows: rows, real: real, theta: normals(rng, c.NumTheta()), data: normals(rng, rows*c.NumData()),
		in: normals(rng, rows*width), dout: normals(rng, rows*width)}
}

func normals(rng *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = rng.NormFloat64()
	}
	return out
}

// row returns what the reference makes of one row.
func (p problem) row(r int) []float64 {
	per, width := p.c.NumData(), len(p.in)/p.rows
	out := reference(p.c, p.theta, p.data[r*per:(r+1)*per], toComplex(p.in[r*width:(r+1)*width], p.real))
	return fromComplex(out, p.real)
}

func toComplex(x []float64, real bool) (out []complex128) {
	for i := 0; i < len(x); i += 2 {
		if real {
			out = append(out, complex(x[i], 0), complex(x[i+1], 0))
		} else {
			out = append(out, complex(x[i], x[i+1]))
		}
	}
	return out
}

func fromComplex(x []complex128, isReal bool) (out []float64) {
	for _, v := range x {
		out = append(out, real(v))
		if !isReal {
			out = append(out, imag(v))
		}
	}
	return out
}

// loss is Σ dout·out over the rows given, the function whose gradient Adjoint computes.
func (p problem) loss(rows ...int) (l float64) {
	width := len(p.in) / p.rows
	for _, r := range rows {
		for i, v := range p.row(r) {
			l += v * p.dout[r*width+i]
		}
	}
	return l
}

// slope returns the central difference of the loss of some rows by *x.
func (p problem) slope(x *float64, rows ...int) float64 {
	const h = 1e-5
	v := *x
	*x = v + h
	up := p.loss(rows...)
	*x = v - h
	down := p.loss(rows...)
	*x = v
	return (up - down) / (2 * h)
}

// result is what the plan makes of a problem.
type result[T dense.Float] struct{ out, din, dtheta, ddata []T }

func solve[T dense.Float](t *testing.T, p problem, threads int) result[T] {
	t.Helper()
	build := statevec.Compile[T]
	if p.real {
		build = statevec.CompileReal[T]
	}
	plan, err := build(p.c)
	if err != nil {
		t.Fatal(err)
	}
	r := result[T]{make([]T, len(p.in)), make([]T, len(p.in)), make([]T, len(p.theta)), make([]T, len(p.data))}
	theta, data := as[T](p.theta), as[T](p.data)
	exec := plan.NewExec(threads)
	if err := exec.Apply(p.rows, theta, data, as[T](p.in), r.out); err != nil {
		t.Fatal(err)
	}
	if err := exec.Adjoint(p.rows, theta, data, r.out, as[T](p.dout), r.din, r.dtheta, r.ddata); err != nil {
		t.Fatal(err)
	}
	return r
}

func as[T dense.Float](x []float64) []T {
	out := make([]T, len(x))
	for i, v := range x {
		out[i] = T(v)
	}
	return out
}

// near fails unless got is want to tol, relative to numbers above 1.
func near[T dense.Float](t *testing.T, what string, got []T, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d numbers, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		if d := math.Abs(float64(got[i]) - w); !(d <= tol*max(1, math.Abs(w))) {
			t.Fatalf("%s[%d]: got %v, want %v (off by %.2g)", what, i, got[i], w, d)
		}
	}
}

// randomAngle returns a constant, a shared theta or an input, possibly scaled and shifted.
func randomAngle(rng *rand.Rand) circuit.Angle {
	a := []circuit.Angle{circuit.Const(rng.NormFloat64()), circuit.Theta(rng.IntN(5)), circuit.Data(rng.IntN(3))}[rng.IntN(3)]
	if rng.IntN(2) == 0 {
		a = a.Times(rng.NormFloat64()).Plus(rng.NormFloat64())
	}
	return a
}

// randomCircuit places random kinds on random qubits in random order, some of them with a further control.
func randomCircuit(rng *rand.Rand, kinds []circuit.Gate, n, gates int) *circuit.Circuit {
	c := circuit.New(n)
	for len(c.Operations()) < gates {
		k := kinds[rng.IntN(len(kinds))]
		if k.Qubits() > n {
			continue
		}
		qubits := rng.Perm(n)
		controls := qubits[k.Qubits():min(n, k.Qubits()+rng.IntN(3)/2)]
		var angles []circuit.Angle
		for range k.Angles() {
			angles = append(angles, randomAngle(rng))
		}
		c.Control(controls, k, angles, qubits[:k.Qubits()]...)
	}
	return c
}

// realKinds returns the kinds that CompileReal accepts.
func realKinds() (out []circuit.Gate) {
	for _, k := range allKinds() {
		if k.Real() {
			out = append(out, k)
		}
	}
	return out
}

func allKinds() []circuit.Gate { return append(circuit.Table(), circuit.Examples()...) }
