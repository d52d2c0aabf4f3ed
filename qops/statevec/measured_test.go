package statevec_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// method sets gradients, from dout = ∂L/∂out.
type method[T dense.Float] func(in statevec.Inputs[T], dout []T, to statevec.Gradients[T]) error

// gradient is what a method gives by theta, by data and by the real amplitudes to start from.
type gradient[T dense.Float] struct{ theta, data, start []T }

func (m method[T]) run(t *testing.T, in statevec.Inputs[T], dout []T, c *circuit.Circuit) gradient[T] {
	t.Helper()
	d := 1 << c.Qubits()
	g := gradient[T]{make([]T, c.NumTheta()), make([]T, in.Rows*c.NumData()), make([]T, in.Rows*d)}
	to := statevec.Gradients[T]{Theta: g.theta, Data: g.data}
	if in.Start != nil {
		to.Amplitudes = d
		to.Start = func(row int, dpsi []T) {
			for j := range d {
				g.start[row*d+j] = dpsi[2*j]
			}
		}
	}
	must(t, m(in, dout, to))
	return g
}

func (g gradient[T]) wide() (out []float64) {
	for _, v := range slices.Concat(g.theta, g.data, g.start) {
		out = append(out, float64(v))
	}
	return out
}

// inputs returns random angles, and rows of real amplitudes to start from if there are to be any.
func inputs[T dense.Float](rng *rand.Rand, c *circuit.Circuit, rows int, amplitudes bool) statevec.Inputs[T] {
	in := statevec.Inputs[T]{
		Rows:  rows,
		Theta: as[T](normals(rng, c.NumTheta())),
		Data:  as[T](normals(rng, rows*c.NumData())),
	}
	if d := 1 << c.Qubits(); amplitudes {
		x := as[T](normals(rng, rows*d))
		in.Start = func(row int, psi []T) {
			for j, v := range part(x, row, d) {
				psi[2*j] = v / T(d)
			}
		}
	}
	return in
}

func part[T any](x []T, row, width int) []T { return x[row*width : (row+1)*width] }

// adjoint is the sweep of a MeasuredCircuit, after its values.
func adjoint[T dense.Float](t *testing.T, c *circuit.Circuit, read statevec.Measurement[T]) method[T] {
	t.Helper()
	plan, err := statevec.Compile[T](c)
	must(t, err)
	e, err := statevec.NewMeasuredCircuit(plan, read, 1)
	must(t, err)
	return func(in statevec.Inputs[T], dout []T, to statevec.Gradients[T]) error {
		must(t, e.Apply(in, make([]T, len(dout))))
		return e.Adjoint(in, dout, to)
	}
}

// circuitOf returns a circuit of one more qubit than the gate, with the gate among others three times: its
// angles from theta, from data, and from theta under a control.
func circuitOf(k circuit.Gate) *circuit.Circuit {
	n := k.Qubits() + 1
	c := circuit.New(n)
	for q := range n {
		c.H(q).RY(q, circuit.Const(0.3+float64(q)))
	}
	var theta, data []circuit.Angle
	var qubits []int
	for i := range k.Angles() {
		theta = append(theta, circuit.Theta(i%2).Times(0.7).Plus(0.2))
		data = append(data, circuit.Data(i%2))
	}
	for q := range k.Qubits() {
		qubits = append(qubits, (q+2)%n) // all but 1
	}
	c.Add(k, theta, qubits...).RX(0, circuit.Theta(0)).Control([]int{1}, k, theta, qubits...)
	slices.Reverse(qubits)
	return c.Add(k, data, qubits...).RX(n-1, circuit.Data(0))
}

// observed are observables with strings of all letters on n qubits.
func observed(n int) []statevec.Observable {
	word := func(letters string) string { return (letters + strings.Repeat("YX", n))[:n] }
	return []statevec.Observable{
		{{Coefficient: 0.7, Pauli: word("ZX")}, {Coefficient: -0.4, Pauli: word("Z")}},
		{{Coefficient: 1, Pauli: "Z" + strings.Repeat("I", n-1)}},
	}
}

// TestGradientMethods: adjoint = parameter shift = central differences, by theta, by data and by the
// amplitudes to start from, of every gate.
func TestGradientMethods(t *testing.T) {
	rng := rand.New(rand.NewPCG(20, 1))
	for i, k := range allGates() {
		t.Run(fmt.Sprint(i, k.Name()), func(t *testing.T) {
			c := circuitOf(k)
			read, err := statevec.NewExpectations[float64](c.Qubits(), observed(c.Qubits()), 1)
			must(t, err)
			agree(t, rng, c, read)
		})
	}
}

// agree compares the methods on a few rows; parameter shift is left out where it is none.
func agree(t *testing.T, rng *rand.Rand, c *circuit.Circuit, read statevec.Measurement[float64]) {
	t.Helper()
	must(t, c.Err())
	const rows = 3
	for _, amplitudes := range []bool{false, true} {
		in, dout := inputs[float64](rng, c, rows, amplitudes), normals(rng, rows*read.Outputs())
		want := adjoint(t, c, read).run(t, in, dout, c).wide()
		differences, err := statevec.NewFiniteDifferences(c, read, 1)
		must(t, err)
		near(t, "differences", method[float64](differences.Gradient).run(t, in, dout, c).wide(), want, 1e-10)
		if !read.Quadratic() {
			continue
		}
		shifts, err := statevec.NewParameterShift(c, read, 1)
		must(t, err)
		near(t, "parameter shift", method[float64](shifts.Gradient).run(t, in, dout, c).wide(), want, 1e-11)
	}
}

// TestGradientMethodsOfMeasurements on random circuits of all gates.
func TestGradientMethodsOfMeasurements(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 2))
	const n = 4
	all := allMeasurements[float64](t, n)
	// In order: the circuits are the same in every run, and none is among the few that differences get wrong
	// by more.
	for _, name := range slices.Sorted(maps.Keys(all)) {
		r := all[name]
		t.Run(name, func(t *testing.T) {
			if quadratic := !strings.HasPrefix(name, "purity"); r.read.Quadratic() != quadratic {
				t.Fatalf("Quadratic is %v", r.read.Quadratic())
			}
			for range 5 {
				agree(t, rng, randomCircuit(rng, allGates(), n, 12), r.read)
			}
		})
	}
}

// TestMeasuredCircuitOfManyRows equals its rows one by one, in circuits whose rows run in lanes and one after
// the other, and in more than one part.
func TestMeasuredCircuitOfManyRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 1))
	for _, s := range []struct{ qubits, rows int }{{2, 100}, {11, 35}, {12, 19}} {
		read, err := statevec.NewProbabilities[float64](s.qubits, []int{1, 0}, 1)
		must(t, err)
		c := ring(s.qubits, 1, false).RX(0, circuit.Data(0))
		in, dout := inputs[float64](rng, c, s.rows, true), normals(rng, s.rows*read.Outputs())
		plan, err := statevec.Compile[float64](c)
		must(t, err)
		e, err := statevec.NewMeasuredCircuit(plan, read, 2)
		must(t, err)
		values := make([]float64, len(dout))
		must(t, e.Apply(in, values))
		got := method[float64](e.Adjoint).run(t, in, dout, c)
		near(t, "a second time", method[float64](e.Adjoint).run(t, in, dout, c).wide(), got.wide(), 0)

		total, single := make([]float64, c.NumTheta()), adjoint(t, c, read)
		for r := range s.rows {
			one := statevec.Inputs[float64]{
				Rows:  1,
				Theta: in.Theta,
				Data:  part(in.Data, r, c.NumData()),
				Start: func(_ int, psi []float64) { in.Start(r, psi) },
			}
			value := make([]float64, 4)
			must(t, e.Apply(one, value))
			near(t, "values", part(values, r, 4), value, 1e-14)
			g := single.run(t, one, part(dout, r, 4), c)
			near(t, "data", part(got.data, r, c.NumData()), g.data, 1e-13)
			near(t, "start", part(got.start, r, 1<<s.qubits), g.start, 1e-13)
			for i, v := range g.theta {
				total[i] += v
			}
		}
		near(t, "theta", got.theta, total, 1e-12)
	}
}

// TestGradientMethodsInFloat32 agree with float64 as well as that allows.
func TestGradientMethodsInFloat32(t *testing.T) {
	c := randomCircuit(rand.New(rand.NewPCG(23, 1)), allGates(), 4, 20)
	wide, err := statevec.NewExpectations[float64](4, observed(4), 1)
	must(t, err)
	narrow, err := statevec.NewExpectations[float32](4, observed(4), 1)
	must(t, err)
	seed := func() *rand.Rand { return rand.New(rand.NewPCG(24, 1)) }
	dout := normals(seed(), 6)
	want := adjoint(t, c, wide).run(t, inputs[float64](seed(), c, 3, true), dout, c).wide()
	in := inputs[float32](seed(), c, 3, true)
	near(t, "adjoint", as[float32](adjoint(t, c, narrow).run(t, in, as[float32](dout), c).wide()), want, 1e-5)
	shifts, err := statevec.NewParameterShift(c, narrow, 1)
	must(t, err)
	near(t, "parameter shift", method[float32](shifts.Gradient).run(t, in, as[float32](dout), c).wide(), want,
		1e-5)
	differences, err := statevec.NewFiniteDifferences(c, narrow, 1)
	must(t, err)
	near(t, "differences", method[float32](differences.Gradient).run(t, in, as[float32](dout), c).wide(),
		want, 1e-4)
}

func TestMeasuredCircuitErrors(t *testing.T) {
	c := circuit.New(2).RX(0, circuit.Theta(0)).RY(1, circuit.Data(0))
	purity, err := statevec.NewPurity[float64](2, []int{0}, 1)
	must(t, err)
	z, err := statevec.NewExpectations[float64](2, eachZ(2), 1)
	must(t, err)
	plan, err := statevec.Compile[float64](c)
	must(t, err)
	real, err := statevec.CompileReal[float64](circuit.New(2).RY(0, circuit.Theta(0)))
	must(t, err)
	e, err := statevec.NewMeasuredCircuit(plan, z, 1)
	must(t, err)
	shifts, err := statevec.NewParameterShift(c, z, 1)
	must(t, err)
	generator := circuit.Matrix{5: 1, 10: 1 + 1e-7, 15: 1 + 2e-7}
	near := circuit.New(2).Evolution(generator, circuit.Theta(0), 0, 1)
	x := make([]float64, 8)
	in := statevec.Inputs[float64]{Rows: 2, Theta: x[:1], Data: x[:2]}
	short := statevec.Inputs[float64]{Rows: 2, Theta: x[:1], Data: x[:1]}
	checkFailures(t, []failure{
		{second(statevec.NewParameterShift(c, purity, 1)), "for which the shift rules hold"},
		{second(statevec.NewMeasuredCircuit(real, z, 1)), "want a plan on complex states"},
		{second(statevec.NewParameterShift(near, z, 1)), "no stable shift rule"},
		{second(statevec.NewFiniteDifferences(circuit.New(2).H(2), z, 1)), "qubit 2 out of range [0,2)"},
		{e.Apply(statevec.Inputs[float64]{}, nil), "want 1 or more rows, got 0"},
		{e.Apply(statevec.Inputs[float64]{Rows: 1, Data: x[:1]}, x[:2]), "want theta of 1 numbers, got 0"},
		{e.Apply(in, x[:3]), "want out of 4 numbers, got 3"},
		{e.Adjoint(in, x[:3], statevec.Gradients[float64]{}), "want dout of 4 numbers, got 3"},
		{e.Adjoint(in, x[:4], statevec.Gradients[float64]{Theta: x[:2]}),
			"want dtheta of 1 numbers, got 2"},
		{shifts.Gradient(short, x[:4], statevec.Gradients[float64]{}), "want data of 2 numbers, got 1"},
		{shifts.Gradient(in, x[:4], statevec.Gradients[float64]{Data: x[:1]}),
			"want ddata of 2 numbers, got 1"},
	})
}
