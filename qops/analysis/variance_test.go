package analysis_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/qops/analysis"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

func costNamed(t *testing.T, name string) analysis.Cost {
	t.Helper()
	for _, c := range analysis.Costs() {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no cost %s", name)
	return analysis.Cost{}
}

func productOfRX(n int) *circuit.Circuit {
	c := circuit.New(n)
	for q := range n {
		c.RX(q, circuit.Theta(q))
	}
	return c
}

// A product of RX has closed forms: the global cost is Π cos²(θ/2), whose gradient has the variance
// (1/8)(3/8)^(n−1), a barren plateau without any entanglement; the local one is the mean of the cos²(θ/2),
// with 1/(8n²).
func TestVarianceOfAProduct(t *testing.T) {
	s := analysis.Sampling{Samples: 40000, Seed: 5}
	for n := 1; n <= 5; n++ {
		for name, want := range map[string]float64{
			"global zeros": math.Pow(3.0/8, float64(n-1)) / 8, "local zeros": 1 / (8 * float64(n*n)),
		} {
			v, err := analysis.GradientVariance(context.Background(), productOfRX(n), costNamed(t, name), s)
			must(t, err)
			if math.Abs(v.Mean-want) > 5*v.Error+0.01*want || v.Error > 0.1*want || len(v.Gradient) != n {
				t.Errorf("%s, %d qubits: variance %v ± %v, want %v", name, n, v.Mean, v.Error, want)
			}
		}
	}
	p, err := analysis.BarrenPlateau(context.Background(), productOfRX, costNamed(t, "global zeros"),
		[]int{2, 3, 4, 5, 6}, analysis.Sampling{Samples: 20000, Seed: 2})
	must(t, err)
	if math.Abs(p.Rate-3.0/8) > 0.02 || p.Better != "exponential" {
		t.Errorf("global cost: rate %v, %s, want 3/8 and exponential", p.Rate, p.Better)
	}
	p, err = analysis.BarrenPlateau(context.Background(), productOfRX, costNamed(t, "local zeros"),
		[]int{2, 3, 4, 6, 8}, analysis.Sampling{Samples: 2000, Seed: 2})
	must(t, err)
	if math.Abs(p.Power+2) > 0.05 || p.Better != "polynomial" {
		t.Errorf("local cost: power %v, %s, want −2 and polynomial", p.Power, p.Better)
	}
}

// Random circuits of many layers are 2-designs on both sides of an angle in the middle: the variance of a
// derivative is d²/(2(d²−1)(d+1)), d = 2ⁿ, which halves with each qubit.
func TestVarianceOfRandomCircuits(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for _, n := range []int{2, 4, 6} {
		sum, circuits := 0.0, 24
		for range circuits {
			c, k := circuit.New(n), 0
			for q := range n {
				c.RY(q, circuit.Const(math.Pi/4))
			}
			for range 60 {
				for q := range n {
					a := circuit.Theta(k)
					k++
					switch rng.IntN(3) {
					case 0:
						c.RX(q, a)
					case 1:
						c.RY(q, a)
					default:
						c.RZ(q, a)
					}
				}
				for q := range n - 1 {
					c.CZ(q, q+1)
				}
			}
			v, err := analysis.GradientVariance(context.Background(), c, costNamed(t, "local ZZ"),
				analysis.Sampling{Samples: 100, Seed: rng.Uint64()})
			must(t, err)
			for i := 25 * n; i < 35*n; i++ { // angles in the middle
				sum += v.Gradient[i] / float64(10*n*circuits)
			}
		}
		d := math.Exp2(float64(n))
		if want := d * d / (2 * (d*d - 1) * (d + 1)); math.Abs(sum-want) > 0.08*want {
			t.Errorf("%d qubits: variance %v, want %v", n, sum, want)
		}
	}
}

// ⟨Z⟩ of RY(x)·RY(θ)|0⟩ is cos(x + θ): one frequency, with |c₁|² = 1/4.
func TestFourierOfOneGate(t *testing.T) {
	c := circuit.New(1).RY(0, circuit.Data(0)).RY(0, circuit.Theta(0))
	z := statevec.Observable{{Coefficient: 1, Pauli: "Z"}}
	got, err := analysis.Coefficients(c, z, 0, []float64{0.7}, []float64{123})
	must(t, err)
	if len(got) != 2 || math.Abs(real(got[0])) > 1e-12 || math.Abs(real(got[1])-math.Cos(0.7)/2) > 1e-12 ||
		math.Abs(imag(got[1])-math.Sin(0.7)/2) > 1e-12 {
		t.Errorf("got %v, want 0 and exp(0.7i)/2", got)
	}
	s, err := analysis.Fourier(context.Background(), c, z, 0, analysis.Sampling{Samples: 20})
	must(t, err)
	if s.Degree != 1 || math.Abs(s.Power[1]-0.25) > 1e-12 || s.Power[0] > 1e-20 || len(s.Reached) != 1 {
		t.Errorf("got %+v", s)
	}
}

// K gates of one input reach the frequencies to K; scales of two and three make more of as many gates.
func TestDegree(t *testing.T) {
	for name, test := range map[string]struct {
		scales []float64
		want   int
	}{
		"equal":  {[]float64{1, 1, 1}, 3},
		"binary": {[]float64{1, 2, 4}, 7}, "ternary": {[]float64{1, 3, -9}, 13},
	} {
		c := circuit.New(2)
		for i, s := range test.scales {
			c.RY(0, circuit.Theta(3*i)).RZ(0, circuit.Theta(3*i+1)).RX(0, circuit.Data(1).Times(s)).CX(0, 1).
				RY(1, circuit.Theta(3*i+2))
		}
		c.RY(0, circuit.Theta(9)).RZ(0, circuit.Data(0))
		d, err := analysis.Degree(c, 1)
		must(t, err)
		if d != test.want {
			t.Errorf("%s scales: degree %d, want %d", name, d, test.want)
		}
		s, err := analysis.Fourier(context.Background(), c, statevec.Observable{{Coefficient: 1, Pauli: "ZX"}}, 1,
			analysis.Sampling{Samples: 30})
		must(t, err)
		if s.Degree != test.want || len(s.Reached) < test.want {
			t.Errorf("%s scales: reaches %v of the frequencies to %d", name, s.Reached, test.want)
		}
	}
	c := circuit.New(1).RX(0, circuit.Data(0).Times(0.5))
	if _, err := analysis.Degree(c, 0); err == nil {
		t.Error("half a frequency is taken")
	}
	if _, err := analysis.Degree(c, 1); err == nil {
		t.Error("an input that is not there is taken")
	}
}

// The series gives the expectation back at any point.
func TestFourierSeries(t *testing.T) {
	c := circuit.New(2).RX(0, circuit.Data(0)).RY(1, circuit.Data(0).Times(2)).CX(0, 1).RY(0, circuit.Theta(0)).
		CRX(0, 1, circuit.Data(0).Times(2)).RZ(1, circuit.Data(1)).H(1)
	o := statevec.Observable{{Coefficient: 0.7, Pauli: "XY"}, {Coefficient: -0.2, Pauli: "ZI"},
		{Coefficient: 1, Pauli: "IX"}}
	theta, data := []float64{0.4}, []float64{0, -1.1}
	series, err := analysis.Coefficients(c, o, 0, theta, data)
	must(t, err)
	plan, err := statevec.Compile[float64](c)
	must(t, err)
	read, err := statevec.NewExpectations[float64](2, []statevec.Observable{o}, 1)
	must(t, err)
	m, err := statevec.NewMeasuredCircuit(plan, read, 1)
	must(t, err)
	for _, x := range []float64{-2, 0.3, 1.9} {
		out := make([]float64, 1)
		must(t, m.Apply(statevec.Inputs[float64]{Rows: 1, Theta: theta, Data: []float64{x, data[1]}}, out))
		sum := real(series[0])
		for k, v := range series[1:] {
			a := float64(k+1) * x
			sum += 2 * (real(v)*math.Cos(a) - imag(v)*math.Sin(a))
		}
		if math.Abs(sum-out[0]) > 1e-10 {
			t.Errorf("at %v: the series gives %v, the circuit %v", x, sum, out[0])
		}
	}
}
