package circuit_test

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

// sampleChannels has numbers for every row of the table, at the ends of their ranges too.
var sampleChannels = map[string][][]float64{
	"depolarizing": {{0}, {0.3}, {1}}, "depolarizing2": {{0}, {0.2}, {1}}, "bit-flip": {{0}, {0.1}, {1}},
	"phase-flip": {{0}, {0.25}, {1}}, "bit-phase-flip": {{0}, {0.4}, {1}},
	"pauli": {{0, 0, 0}, {0.1, 0.2, 0.3}, {0.5, 0.25, 0.25}}, "amplitude-damping": {{0}, {0.3}, {1}},
	"generalized-amplitude-damping": {{0, 0.2}, {0.3, 0.2}, {1, 1}}, "phase-damping": {{0}, {0.6}, {1}},
	"thermal-relaxation": {{0, 10, 20, 0}, {3, 10, 7, 0.1}, {3, 10, 14, 0.1}, {3, 10, 20, 0}, {1e9, 10, 10, 0.3},
		{1e308, 1e-308, 1e-308, 0.5}},
	"reset-error": {{0, 0}, {0.1, 0.2}, {0.5, 0.5}}, "over-rotation-x": {{0}, {0.3}, {-4}},
	"over-rotation-y": {{0}, {0.3}}, "over-rotation-z": {{0}, {0.3}},
}

// TestChannels: every row keeps the trace, is completely positive, and is unital and a mixture as it says;
// with numbers of 0 noise there is none.
func TestChannels(t *testing.T) {
	for _, row := range circuit.Channels() {
		if len(sampleChannels[row.Name]) == 0 || row.Help == "" {
			t.Errorf("%s: no numbers in this test, or no help", row.Name)
		}
		for i, params := range sampleChannels[row.Name] {
			c, err := circuit.NewChannel(row.Name, params...)
			if err != nil {
				t.Fatal(err)
			}
			if c.Qubits() != row.Qubits || c.Name() != row.Name {
				t.Errorf("%v: %d qubits, want %d", c, c.Qubits(), row.Qubits)
			}
			d := 1 << row.Qubits
			sum := make(circuit.Matrix, d*d)
			for _, k := range c.Kraus() {
				for j, v := range k.Dagger().Mul(k) {
					sum[j] += v
				}
			}
			if off := sum.Distance(circuit.Identity(row.Qubits)); off > 1e-12 {
				t.Errorf("%v: Σ K†K is off the identity by %v", c, off)
			}
			if low := leastEigenvalue(choi(c)); low < -1e-9 {
				t.Errorf("%v: the Choi matrix has the eigenvalue %v", c, low)
			}
			if row.Unital && !c.Unital() || i == 1 && row.Unital != c.Unital() {
				t.Errorf("%v: unital %v, the table says %v", c, c.Unital(), row.Unital)
			}
			p, mixture := c.Mixture()
			if row.Mixture && !mixture || i == 1 && row.Mixture != mixture {
				t.Errorf("%v: a mixture %v, the table says %v", c, mixture, row.Mixture)
			}
			total := 0.0
			for _, v := range p {
				total += v
			}
			if mixture && math.Abs(total-1) > 1e-12 {
				t.Errorf("%v: probabilities add up to %v", c, total)
			}
			transfer := c.Transfer()
			for j, v := range transfer {
				want := 0.0
				if j%(d*d) == j/(d*d) {
					want = 1
				}
				if i == 0 && math.Abs(v-want) > 1e-12 || j < d*d && math.Abs(v-want) > 1e-12 {
					t.Errorf("%v: transfer matrix %v", c, transfer)
					break
				}
			}
		}
	}
}

// choi returns Σ |i⟩⟨j| ⊗ channel(|i⟩⟨j|).
func choi(c circuit.Channel) circuit.Matrix {
	d := 1 << c.Qubits()
	out := make(circuit.Matrix, d*d*d*d)
	for _, k := range c.Kraus() {
		for i := range d {
			for j := range d {
				for a := range d {
					for b := range d {
						out[(i*d+a)*d*d+j*d+b] += k[a*d+i] * cmplx.Conj(k[b*d+j])
					}
				}
			}
		}
	}
	return out
}

// leastEigenvalue returns the smallest eigenvalue of a Hermitian matrix, by power iteration of what is left
// below a bound of the largest.
func leastEigenvalue(m circuit.Matrix) float64 {
	n := m.Dim()
	bound := 0.0
	for i := range n {
		sum := 0.0
		for j := range n {
			sum += cmplx.Abs(m[i*n+j])
		}
		bound = max(bound, sum)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	v := make([]complex128, n)
	for i := range v {
		v[i] = complex(rng.NormFloat64(), rng.NormFloat64())
	}
	least := 0.0
	for range 3000 {
		w, norm := make([]complex128, n), 0.0
		for i := range n {
			w[i] = complex(bound, 0) * v[i]
			for j := range n {
				w[i] -= m[i*n+j] * v[j]
			}
			norm += real(w[i])*real(w[i]) + imag(w[i])*imag(w[i])
		}
		for i := range w {
			v[i] = w[i] / complex(math.Sqrt(norm), 0)
		}
		least = bound - math.Sqrt(norm)
	}
	return least
}

// TestChannelValues are written out: what each does to |+i⟩⟨+i| moved a little, as Bloch vectors.
func TestChannelValues(t *testing.T) {
	x, y, z := 0.3, -0.5, 0.7
	for name, c := range map[string]struct {
		params []float64
		want   [3]float64
	}{
		"depolarizing":                  {[]float64{0.3}, [3]float64{0.6 * x, 0.6 * y, 0.6 * z}},
		"bit-flip":                      {[]float64{0.1}, [3]float64{x, 0.8 * y, 0.8 * z}},
		"phase-flip":                    {[]float64{0.1}, [3]float64{0.8 * x, 0.8 * y, z}},
		"bit-phase-flip":                {[]float64{0.1}, [3]float64{0.8 * x, y, 0.8 * z}},
		"pauli":                         {[]float64{0.1, 0.2, 0.05}, [3]float64{0.5 * x, 0.7 * y, 0.4 * z}},
		"amplitude-damping":             {[]float64{0.36}, [3]float64{0.8 * x, 0.8 * y, 0.64*z + 0.36}},
		"generalized-amplitude-damping": {[]float64{0.36, 0.25}, [3]float64{0.8 * x, 0.8 * y, 0.64*z + 0.18}},
		"phase-damping":                 {[]float64{0.36}, [3]float64{0.8 * x, 0.8 * y, z}},
		"thermal-relaxation": {[]float64{2, 10, 15, 0}, [3]float64{math.Exp(-2.0/15) * x, math.Exp(-2.0/15) * y,
			math.Exp(-0.2)*z + 1 - math.Exp(-0.2)}},
		"reset-error":     {[]float64{0.1, 0.2}, [3]float64{0.7 * x, 0.7 * y, 0.7*z - 0.1}},
		"over-rotation-x": {[]float64{math.Pi / 2}, [3]float64{x, -z, y}},
		"over-rotation-y": {[]float64{math.Pi / 2}, [3]float64{z, y, -x}},
		"over-rotation-z": {[]float64{math.Pi / 2}, [3]float64{-y, x, z}},
	} {
		ch, err := circuit.NewChannel(name, c.params...)
		if err != nil {
			t.Fatal(err)
		}
		m, in := ch.Transfer(), []float64{1, x, z, y}
		for i, want := range []float64{1, c.want[0], c.want[2], c.want[1]} {
			got := 0.0
			for j, v := range in {
				got += m[4*i+j] * v
			}
			if math.Abs(got-want) > 1e-12 {
				t.Errorf("%v: %s is %v, want %v", ch, []string{"I", "X", "Z", "Y"}[i], got, want)
			}
		}
	}
}
