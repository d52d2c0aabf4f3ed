package statevec_test

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// TestFubiniStudy compares with the definition, its derivatives by fourth-order central differences of states, on circuits of every kind of gate with data,
// and a start that is complex.
func TestFubiniStudy(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 9))
	for n := 1; n <= 4; n++ {
		for range 6 {
			c := randomCircuit(rng, allKinds(), n, 12)
			must(t, c.Err())
			plan, err := statevec.Compile[float64](c)
			must(t, err)
			theta, data, start := make([]float64, c.NumTheta()), make([]float64, c.NumData()), make([]float64, plan.Width())
			for _, list := range [][]float64{theta, data, start} {
				for i := range list {
					list[i] = rng.NormFloat64()
				}
			}
			norm := 0.
			for _, v := range start {
				norm += v * v
			}
			for i := range start {
				start[i] /= math.Sqrt(norm)
			}
			got, err := statevec.FubiniStudy(c, theta, data, start)
			must(t, err)
			exec := plan.NewExec(1)
			state := func() []complex128 {
				out := make([]float64, plan.Width())
				must(t, exec.Apply(1, theta, data, start, out))
				z := make([]complex128, len(out)/2)
				for j := range z {
					z[j] = complex(out[2*j], out[2*j+1])
				}
				return z
			}
			near(t, "metric", got, metricByDifferences(theta, state), 1e-8)
		}
	}
}

func metricByDifferences(theta []float64, state func() []complex128) (out []float64) {
	const h = 1e-3
	var slopes [][]complex128
	for k, x := range theta {
		at := func(step float64) []complex128 {
			theta[k] = x + step
			defer func() { theta[k] = x }()
			return state()
		}
		a, b, c, d := at(2*h), at(h), at(-h), at(-2*h)
		slope := make([]complex128, len(a))
		for j := range slope {
			slope[j] = (8*(b[j]-c[j]) - (a[j] - d[j])) / (12 * h)
		}
		slopes = append(slopes, slope)
	}
	inner := func(a, b []complex128) (z complex128) {
		for j := range a {
			z += cmplx.Conj(a[j]) * b[j]
		}
		return z
	}
	psi := state()
	for _, a := range slopes {
		for _, b := range slopes {
			out = append(out, real(inner(a, b))-real(inner(a, psi)*inner(psi, b)))
		}
	}
	return out
}

// TestFubiniStudyOfRotations has the textbook values for RX(α)RZ(β): on |0⟩, ¼ of the first, and of the second ¼ sin²α.
func TestFubiniStudyOfRotations(t *testing.T) {
	c := circuit.New(1).RX(0, circuit.Theta(0)).RZ(0, circuit.Theta(1))
	got, err := statevec.FubiniStudy(c, []float64{0.7, 0.2}, nil, nil)
	must(t, err)
	near(t, "metric", got, []float64{0.25, 0, 0, 0.25 * math.Pow(math.Sin(0.7), 2)}, 1e-15)
}

func TestFubiniStudyErrors(t *testing.T) {
	c := circuit.New(1).RX(0, circuit.Theta(0))
	for want, call := range map[string]func() error{
		"want at most 12 qubits, got 13":         func() error { _, err := statevec.FubiniStudy(circuit.New(13), nil, nil, nil); return err },
		"want theta of 1 numbers, got 2":         func() error { _, err := statevec.FubiniStudy(c, []float64{1, 2}, nil, nil); return err },
		"want a start of unit norm, got ‖ψ‖² = ": func() error { _, err := statevec.FubiniStudy(c, []float64{1}, nil, []float64{1, 1, 1, 1}); return err },
		"qubit 3 out of range":                   func() error { _, err := statevec.FubiniStudy(circuit.New(1).H(3), nil, nil, nil); return err },
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}
