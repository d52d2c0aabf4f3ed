package statevec_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// eachZ returns the n observables Z of each qubit.
func eachZ(n int) (out []statevec.Observable) {
	for q := range n {
		pauli := strings.Repeat("I", q) + "Z" + strings.Repeat("I", n-1-q)
		out = append(out, statevec.Observable{{Coefficient: 1, Pauli: pauli}})
	}
	return out
}

// plain returns what the plain form makes of a state.
func plain(t *testing.T, c *circuit.Circuit, theta, data []float64, psi []complex128) []complex128 {
	t.Helper()
	out, err := statevec.PlainApply(c, theta, data, psi)
	must(t, err)
	return out
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
	return problem{
		c:     c,
		rows:  rows,
		real:  real,
		theta: normals(rng, c.NumTheta()),
		data:  normals(rng, rows*c.NumData()),
		in:    normals(rng, rows*width),
		dout:  normals(rng, rows*width),
	}
}

func normals(rng *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = rng.NormFloat64()
	}
	return out
}

// rowInputs returns data, state and output gradient of a row.
func (p problem) rowInputs(r int) (data []float64, psi, dout []complex128) {
	width := len(p.in) / p.rows
	return part(
		p.data,
		r,
		p.c.NumData(),
	), toComplex(part(p.in, r, width), p.real), toComplex(part(p.dout, r, width), p.real)
}

// want returns the result of a problem by the plain form.
func (p problem) want(t *testing.T) (r result[float64]) {
	t.Helper()
	r.dtheta = make([]float64, p.c.NumTheta())
	for i := range p.rows {
		data, psi, dout := p.rowInputs(i)
		out := plain(t, p.c, p.theta, data, psi)
		din, dtheta, ddata, err := statevec.PlainAdjoint(p.c, p.theta, data, out, dout)
		must(t, err)
		r.out, r.din = append(r.out, fromComplex(out, p.real)...), append(r.din, fromComplex(din, p.real)...)
		r.ddata = append(r.ddata, ddata...)
		for k, v := range dtheta {
			r.dtheta[k] += v
		}
	}
	return r
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

// result is what comes out of a problem.
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
	r := result[T]{
		make([]T, len(p.in)),
		make([]T, len(p.in)),
		make([]T, len(p.theta)),
		make([]T, len(p.data)),
	}
	theta, data := as[T](p.theta), as[T](p.data)
	exec := plan.NewExecutor(threads)
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
	a := []circuit.Angle{
		circuit.Const(rng.NormFloat64()), circuit.Theta(rng.IntN(5)), circuit.Data(rng.IntN(3)),
	}[rng.IntN(3)]
	if rng.IntN(2) == 0 {
		a = a.Times(rng.NormFloat64()).Plus(rng.NormFloat64())
	}
	return a
}

// randomCircuit places random gates on random qubits in random order, some of them with a further control.
func randomCircuit(rng *rand.Rand, gates []circuit.Gate, n, count int) *circuit.Circuit {
	c := circuit.New(n)
	for len(c.Operations()) < count {
		k := gates[rng.IntN(len(gates))]
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

// realGates returns the gates that CompileReal accepts.
func realGates() (out []circuit.Gate) {
	for _, k := range allGates() {
		if k.Real() {
			out = append(out, k)
		}
	}
	return out
}

func allGates() []circuit.Gate { return append(circuit.Table(), circuit.Examples()...) }

// failure is an error and what it must say.
type failure struct {
	err  error
	want string
}

func checkFailures(t *testing.T, all []failure) {
	t.Helper()
	for _, f := range all {
		if f.err == nil || !strings.Contains(f.err.Error(), f.want) {
			t.Errorf("got error %v, want it to say %q", f.err, f.want)
		}
	}
}

// second returns the error of a function that returns two results.
func second[A any](_ A, err error) error { return err }
