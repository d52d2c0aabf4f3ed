package statevec_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// begun returns the state that a row starts from.
func begun(in statevec.Inputs[float64], row, n int) []complex128 {
	psi := make([]float64, 2<<n)
	psi[0] = 1
	if in.Start != nil {
		psi[0] = 0
		in.Start(row, psi)
	}
	return toComplex(psi, false)
}

// metricOf is the metric by its definition, from central differences of states of unit norm that dense
// matrices make.
func metricOf(t *testing.T, c *circuit.Circuit, in statevec.Inputs[float64]) []float64 {
	const h = 1e-3
	p, out := c.NumTheta(), make([]float64, c.NumTheta()*c.NumTheta())
	inner := func(a, b []complex128) (z complex128) {
		for i, v := range a {
			z += cmplx.Conj(v) * b[i]
		}
		return z
	}
	for r := range in.Rows {
		at := func(i int, by float64) []complex128 {
			theta := append([]float64{}, in.Theta...)
			theta[i] += by
			psi := plain(t, c, theta, part(in.Data, r, c.NumData()), begun(in, r, c.Qubits()))
			norm := complex(math.Sqrt(real(inner(psi, psi))), 0)
			for j := range psi {
				psi[j] /= norm
			}
			return psi
		}
		slopes := make([][]complex128, p)
		for i := range slopes {
			far, near, nearer, farther := at(i, -2*h), at(i, -h), at(i, h), at(i, 2*h)
			for j := range far {
				slopes[i] = append(slopes[i], (far[j]-8*near[j]+8*nearer[j]-farther[j])/(12*h))
			}
		}
		psi := at(0, 0)
		for i, a := range slopes {
			for j, b := range slopes {
				out[i*p+j] += real(inner(a, b)-inner(a, psi)*inner(psi, b)) / float64(in.Rows)
			}
		}
	}
	return out
}

// TestFubiniStudy against its definition, of every gate, from |0…0⟩ and from amplitudes of any norm.
func TestFubiniStudy(t *testing.T) {
	rng := rand.New(rand.NewPCG(30, 1))
	for i, k := range allGates() {
		t.Run(fmt.Sprint(i, k.Name()), func(t *testing.T) {
			for _, amplitudes := range []bool{false, true} {
				c := circuitOf(k)
				in := inputs[float64](rng, c, 2, amplitudes)
				got, err := statevec.FubiniStudy(t.Context(), c, in)
				must(t, err)
				near(t, "metric", got, metricOf(t, c, in), 1e-9)
			}
		})
	}
}

// TestFubiniStudyOfOneQubit has the metric of the sphere: RZ(φ)RY(θ)|0⟩ has ¼ and ¼sin²θ.
func TestFubiniStudyOfOneQubit(t *testing.T) {
	got, err := statevec.FubiniStudy(t.Context(),
		circuit.New(1).RY(0, circuit.Theta(0)).RZ(0, circuit.Theta(1)),
		statevec.Inputs[float64]{Rows: 1, Theta: []float64{0.7, 0.2}})
	must(t, err)
	near(t, "metric", got, []float64{0.25, 0, 0, 0.25 * math.Pow(math.Sin(0.7), 2)}, 1e-15)
	dark := statevec.Inputs[float64]{Rows: 1, Theta: []float64{0.7, 0.2}, Start: func(int, []float64) {}}
	got, err = statevec.FubiniStudy(t.Context(),
		circuit.New(1).RY(0, circuit.Theta(0)).RZ(0, circuit.Theta(1)), dark)
	must(t, err)
	near(t, "of nothing", got, make([]float64, 4), 0)
}

// TestHessian against central differences of the adjoint gradient, and against the shift rule used twice, of
// every gate.
func TestHessian(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 1))
	for i, k := range allGates() {
		t.Run(fmt.Sprint(i, k.Name()), func(t *testing.T) {
			c := circuitOf(k)
			in, o := inputs[float64](rng, c, 2, true), observed(c.Qubits())[0]
			got, err := statevec.Hessian(t.Context(), c, o, in)
			must(t, err)
			read, err := statevec.NewExpectations[float64](c.Qubits(), []statevec.Observable{o}, 1)
			must(t, err)
			near(t, "differences of gradients", got, hessianOf(c, in, adjoint(t, c, read)), 1e-9)
			near(t, "two shifts", got, shiftedTwice(t, c, in, read), 1e-10)
		})
	}
}

// hessianOf takes central differences of a method's gradient of the mean.
func hessianOf(c *circuit.Circuit, in statevec.Inputs[float64], m method[float64]) []float64 {
	const h = 1e-3
	var out []float64
	mean := []float64{0.5, 0.5}
	for i := range in.Theta {
		row := make([]float64, c.NumTheta())
		for by, weight := range map[float64]float64{-2 * h: 1, -h: -8, h: 8, 2 * h: -1} {
			at, slope := in, make([]float64, c.NumTheta())
			at.Theta = append([]float64{}, in.Theta...)
			at.Theta[i] += by
			if err := m(at, mean, statevec.Gradients[float64]{Theta: slope}); err != nil {
				return nil
			}
			for j, v := range slope {
				row[j] += weight * v / (12 * h)
			}
		}
		out = append(out, row...)
	}
	return out
}

// shiftedTwice is the Hessian of the mean by values alone.
func shiftedTwice(t *testing.T, c *circuit.Circuit, in statevec.Inputs[float64],
	read statevec.Measurement[float64]) []float64 {
	t.Helper()
	apart, places, data, err := c.SplitParameters()
	must(t, err)
	plan, err := statevec.Compile[float64](apart)
	must(t, err)
	e, err := statevec.NewMeasuredCircuit(plan, read, 1)
	must(t, err)
	at := statevec.Inputs[float64]{Rows: in.Rows, Start: in.Start}
	for _, p := range places {
		at.Theta = append(at.Theta, p.Angle.Value(in.Theta, nil))
	}
	for r := range in.Rows {
		for _, p := range data {
			at.Data = append(at.Data, p.Angle.Value(nil, part(in.Data, r, c.NumData())))
		}
	}
	values := make([]float64, in.Rows)
	mean := func() (sum float64) {
		must(t, e.Apply(at, values))
		for _, v := range values {
			sum += v / float64(len(values))
		}
		return sum
	}
	slope := func(f func() float64, i int) (d float64) {
		rule, err := places[i].ValueRule()
		must(t, err)
		from := at.Theta[i]
		for _, s := range rule {
			at.Theta[i] = from + s.By
			up := f()
			at.Theta[i] = from - s.By
			d += places[i].Angle.Scale * s.Weight * (up - f())
		}
		at.Theta[i] = from
		return d
	}
	n := c.NumTheta()
	out := make([]float64, n*n)
	for i, a := range places {
		for j, b := range places {
			out[a.Angle.Index*n+b.Angle.Index] += slope(func() float64 { return slope(mean, j) }, i)
		}
	}
	return out
}

func TestHessianAndFubiniStudyErrors(t *testing.T) {
	c := circuit.New(2).RX(0, circuit.Theta(0))
	in := statevec.Inputs[float64]{Rows: 1, Theta: []float64{1}}
	checkFailures(t, []failure{
		{second(statevec.Hessian(t.Context(), c, statevec.Observable{{Coefficient: 1, Pauli: "Z"}}, in)),
			"Hessian: statevec: observable 0: want a Pauli string of 2 letters"},
		{second(statevec.Hessian(t.Context(), c, eachZ(2)[0], statevec.Inputs[float64]{Rows: 1})),
			"Hessian: statevec: want theta of 1 numbers, got 0"},
		{second(statevec.Hessian(t.Context(), circuit.New(2).H(2), eachZ(2)[0], in)),
			"Hessian: statevec: circuit: h: qubit 2 out of range"},
		{second(statevec.FubiniStudy(t.Context(), c, statevec.Inputs[float64]{Theta: []float64{1}})),
			"FubiniStudy: statevec: want 1 or more rows, got 0"},
		{second(statevec.FubiniStudy(t.Context(), nil, in)), "FubiniStudy: statevec: circuit is nil"},
	})
}

// TestHessianAndFubiniStudyStop when their context is done.
func TestHessianAndFubiniStudyStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := circuit.New(1).RX(0, circuit.Theta(0))
	in := statevec.Inputs[float64]{Rows: 1, Theta: []float64{1}}
	for _, err := range []error{
		second(statevec.Hessian(ctx, c, eachZ(1)[0], in)), second(statevec.FubiniStudy(ctx, c, in)),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
	}
}
