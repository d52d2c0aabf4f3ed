package statevec_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// slopes returns the central differences of f by each entry of x.
func slopes(x []float64, f func() float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		const h = 1e-5
		x[i] = v + h
		up := f()
		x[i] = v - h
		out[i] = (up - f()) / (2 * h)
		x[i] = v
	}
	return out
}

func dot(a, b []float64) (s float64) {
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pauliCircuit returns the Pauli string as gates.
func pauliCircuit(s string) *circuit.Circuit {
	c := circuit.New(len(s))
	for q, letter := range s {
		switch letter {
		case 'X':
			c.X(q)
		case 'Y':
			c.Y(q)
		case 'Z':
			c.Z(q)
		}
	}
	return c
}

func TestExpectation(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	const n, rows = 3, 5
	observables := append(
		eachZ(n),
		statevec.Observable{
			{0.5, "XYZ"},
			{-1.5, "ZIZ"},
			{2, "III"},
		},
		statevec.Observable{{1, "YYI"}},
		statevec.Observable{{1, "YYY"}, {1, "IYI"}, {0.3, "IXX"}},
		nil,
	)
	psi := normals(rng, rows*2<<n)
	k := len(observables)
	got := make([]float64, rows*k)
	e, err := statevec.NewExpectations[float64](n, observables, 2)
	must(t, err)
	must(t, e.Apply(rows, psi, got))

	want := make([]float64, rows*k)
	for r := range rows {
		state := psi[r*2<<n:][:2<<n]
		for i, o := range observables {
			for _, term := range o {
				image := fromComplex(plain(t, pauliCircuit(term.Pauli), nil, nil, toComplex(state, false)),
					false)
				want[r*k+i] += term.Coefficient * dot(state, image)
			}
		}
	}
	near(t, "expectation", got, want, 1e-12)

	dout, dpsi, out := normals(rng, rows*k), make([]float64, len(psi)), make([]float64, rows*k)
	must(t, e.Adjoint(rows, psi, dout, dpsi))
	near(t, "dpsi", dpsi, slopes(psi, func() float64 {
		must(t, e.Apply(rows, psi, out))
		return dot(out, dout)
	}), 1e-8)

	single, err := statevec.NewExpectations[float32](n, observables, 1)
	must(t, err)
	low := make([]float32, rows*k)
	must(t, single.Apply(rows, as[float32](psi), low))
	near(t, "float32", low, want, 1e-4)
}

// TestParameterShift holds the adjoint gradient of ⟨Z⟩ against the exact shift rule of rotations, (f(θ+π/2) −
// f(θ−π/2))/2.
func TestParameterShift(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	c := ring(3, 2, false).RXX(0, 2, circuit.Theta(12)).
		RZX(2, 1, circuit.Theta(13)).
		PauliRotation("YXZ", circuit.Theta(14), 2, 0, 1)
	plan, err := statevec.Compile[float64](c)
	must(t, err)
	exec := plan.NewExecutor(1)
	e, err := statevec.NewExpectations[float64](3, []statevec.Observable{{{0.7, "ZIX"}, {1, "IYI"}}}, 1)
	must(t, err)
	theta, in, out := normals(rng, c.NumTheta()), make([]float64, 16), make([]float64, 16)
	in[0] = 1
	value := []float64{0}
	f := func() float64 {
		must(t, exec.Apply(1, theta, nil, in, out))
		must(t, e.Apply(1, out, value))
		return value[0]
	}
	want := make([]float64, len(theta))
	for i, v := range theta {
		theta[i] = v + math.Pi/2
		up := f()
		theta[i] = v - math.Pi/2
		want[i] = (up - f()) / 2
		theta[i] = v
	}
	f()
	dout, dtheta := make([]float64, 16), make([]float64, len(theta))
	must(t, e.Adjoint(1, out, []float64{1}, dout))
	must(t, exec.Adjoint(1, theta, nil, out, dout, nil, dtheta, nil))
	near(t, "dtheta", dtheta, want, 1e-13)
}

func TestOverlap(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 1))
	const batch, m, n, qubits, width = 3, 2, 4, 2, 8
	phi, psi := normals(rng, batch*m*width), normals(rng, batch*n*width)
	z, out := make([]float64, 2*batch*m*n), make([]float64, batch*m*n)
	o, err := statevec.NewOverlap[float64](batch, m, n, qubits, 2)
	must(t, err)
	must(t, o.Apply(phi, psi, z, out))

	want := make([]float64, len(out))
	for i := range want {
		b := i / (m * n)
		a := toComplex(phi[(b*m+i/n%m)*width:][:width], false)
		v := complex128(0)
		for j, y := range toComplex(psi[(b*n+i%n)*width:][:width], false) {
			v += complex(real(a[j]), -imag(a[j])) * y
		}
		want[i] = real(v)*real(v) + imag(v)*imag(v)
		near(t, "z", []float64{z[b*2*m*n+i%(m*n)], z[(b*2+1)*m*n+i%(m*n)]}, []float64{real(v), imag(v)},
			1e-12)
	}
	near(t, "overlap", out, want, 1e-12)

	dout, dphi, dpsi := normals(rng, len(out)), make([]float64, len(phi)), make([]float64, len(psi))
	must(t, o.Adjoint(phi, psi, z, dout, dphi, dpsi))
	loss := func() float64 {
		must(t, o.Apply(phi, psi, z, out))
		return dot(out, dout)
	}
	near(t, "dphi", dphi, slopes(phi, loss), 1e-8)
	near(t, "dpsi", dpsi, slopes(psi, loss), 1e-8)
}

func TestExpectationAndOverlapErrors(t *testing.T) {
	x := make([]float64, 16)
	_, letter := statevec.NewExpectations[float64](2, []statevec.Observable{{{1, "ZQ"}}}, 1)
	_, length := statevec.NewExpectations[float64](2, []statevec.Observable{{{1, "Z"}}}, 1)
	_, empty := statevec.NewOverlap[float64](0, 1, 1, 1, 1)
	e, err := statevec.NewExpectations[float64](2, eachZ(2), 1)
	must(t, err)
	o, err := statevec.NewOverlap[float64](1, 2, 2, 1, 1)
	must(t, err)
	for name, err := range map[string]error{
		"letter": letter, "length": length, "no batch": empty,
		"expectation":         e.Apply(1, x[:7], x[:2]),
		"expectation adjoint": e.Adjoint(1, x[:8], x[:1], x[:8]),
		"overlap":             o.Apply(x[:8], x[:8], x[:8], x[:3]),
		"overlap adjoint":     o.Adjoint(x[:8], x[:8], x[:8], x[:4], x[:1], nil),
	} {
		if err == nil {
			t.Errorf("%s: want an error", name)
		}
	}
}
