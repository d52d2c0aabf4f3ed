package statevec_test

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// denseMatrix is a density matrix, 2^n square.
type denseMatrix [][]complex128

// denseOf returns |ψ⟩⟨ψ|.
func denseOf(psi []complex128) denseMatrix {
	rho := make(denseMatrix, len(psi))
	for i := range rho {
		for _, v := range psi {
			rho[i] = append(rho[i], psi[i]*cmplx.Conj(v))
		}
	}
	return rho
}

// disturb returns Σ KρK† with K on some qubits, from the definition.
func (rho denseMatrix) disturb(kraus []circuit.Matrix, qubits []int, n int) denseMatrix {
	out := make(denseMatrix, len(rho))
	for i := range out {
		out[i] = make([]complex128, len(rho))
	}
	for _, k := range kraus {
		left := make(denseMatrix, len(rho)) // Kρ
		for i := range left {
			left[i] = make([]complex128, len(rho))
		}
		entry := func(m circuit.Matrix, r, c int) complex128 {
			pr, pc, rest := 0, 0, ^0
			for _, q := range qubits {
				bit := n - 1 - q
				pr, pc, rest = pr<<1|r>>bit&1, pc<<1|c>>bit&1, rest&^(1<<bit)
			}
			if r&rest != c&rest {
				return 0
			}
			return m[pr*m.Dim()+pc]
		}
		for i := range rho {
			for j := range rho {
				if e := entry(k, i, j); e != 0 {
					for l := range rho {
						left[i][l] += e * rho[j][l]
					}
				}
			}
		}
		for i := range rho {
			for j := range rho {
				if e := entry(k, i, j); e != 0 { // (Kρ)K†
					for l := range rho {
						out[l][i] += left[l][j] * cmplx.Conj(e)
					}
				}
			}
		}
	}
	return out
}

// runDense runs a noisy circuit by its definition.
func runDense(c *circuit.Noisy, theta, data []float64, psi []complex128) denseMatrix {
	rho := denseOf(psi)
	for _, s := range c.Steps() {
		if s.Channel.Qubits() > 0 {
			rho = rho.disturb(s.Channel.Kraus(), s.Qubits, c.Qubits())
		} else {
			rho = rho.disturb([]circuit.Matrix{s.Operation.Matrix(theta, data)}, s.Operation.AllQubits(),
				c.Qubits())
		}
	}
	return rho
}

// mixed returns what is measured of ρ as of its eigenvectors: by the linearity of all but the purity.
func (rho denseMatrix) expectation(pauli string) float64 {
	m := circuit.Matrix{1}
	for _, letter := range pauli {
		m = kron(m, map[rune]circuit.Matrix{'I': {1, 0, 0, 1}, 'X': {0, 1, 1, 0}, 'Y': {0, -1i, 1i, 0},
			'Z': {1, 0, 0, -1}}[letter])
	}
	sum := complex128(0)
	for i := range rho {
		for j := range rho {
			sum += m[i*len(rho)+j] * rho[j][i]
		}
	}
	return real(sum)
}

func kron(a, b circuit.Matrix) circuit.Matrix {
	n, k := a.Dim(), b.Dim()
	out := make(circuit.Matrix, n*k*n*k)
	for i := range n * k {
		for j := range n * k {
			out[i*n*k+j] = a[i/k*n+j/k] * b[i%k*k+j%k]
		}
	}
	return out
}

// noisyProblem returns a circuit of many gates with shared angles and data, between channels of every kind.
func noisyProblem(t *testing.T) *circuit.Noisy {
	t.Helper()
	c := circuit.NewNoisy(3)
	add := func(b *circuit.Circuit) {
		for _, g := range b.Operations() {
			c.Apply(g)
		}
	}
	channel := func(name string, params ...float64) circuit.Channel {
		ch, err := circuit.NewChannel(name, params...)
		must(t, err)
		return ch
	}
	add(circuit.New(3).RY(0, circuit.Theta(0)).RX(1, circuit.Data(0)).H(2).CX(0, 2).RZ(2, circuit.Theta(1)))
	c.Disturb(channel("depolarizing", 0.07), 2).Disturb(channel("amplitude-damping", 0.2), 0)
	c.Disturb(channel("over-rotation-y", 0.3), 0)
	add(circuit.New(3).CRY(2, 1, circuit.Theta(2)).SX(1).RXX(0, 1, circuit.Theta(0).Times(-0.7)).T(0).CZ(1, 2))
	c.Disturb(channel("depolarizing2", 0.1), 2, 1).Disturb(channel("phase-damping", 0.3), 1)
	c.Disturb(channel("thermal-relaxation", 30, 100, 150, 0.1), 2)
	add(circuit.New(3).U(0, circuit.Theta(3), circuit.Data(1), circuit.Const(0.4)).ISwap(0, 2).S(1).Y(2).Sdg(0).
		RBS(1, 2, circuit.Theta(1)).Swap(0, 1).P(2, circuit.Data(0)).CH(0, 2))
	c.Disturb(channel("pauli", 0.1, 0.02, 0.05), 1).Disturb(channel("reset-error", 0.05, 0.1), 0)
	add(circuit.New(3).RX(0, circuit.Theta(2)).RY(1, circuit.Theta(3)).RZ(2, circuit.Const(1.1)))
	must(t, c.Err())
	return c
}

// densityMeasurements are those of allMeasurements with their values by the definition, of 3 qubits.
func densityMeasurements(t *testing.T) map[string]struct {
	read statevec.Measurement[float64]
	want func(rho denseMatrix) []float64
} {
	t.Helper()
	type row = struct {
		read statevec.Measurement[float64]
		want func(rho denseMatrix) []float64
	}
	observables := []statevec.Observable{{{0.5, "XYZ"}, {-1.5, "ZII"}, {0.3, "III"}},
		{{1, "IXI"}, {2, "IXZ"}}, {{1, "YIY"}}}
	e, err := statevec.NewExpectations[float64](3, observables, 1)
	must(t, err)
	p, err := statevec.NewProbabilities[float64](3, []int{2, 0}, 1)
	must(t, err)
	targets := [][]complex128{{1, 2i, 0, 0, -1, 0, 0.5, 3}, {0, 1, 1i, 0, 0, 0, 0, 0}}
	f, err := statevec.NewFidelities[float64](3, targets, 1)
	must(t, err)
	u, err := statevec.NewPurity[float64](3, []int{2, 1}, 1)
	must(t, err)
	return map[string]row{
		"expectations": {e, func(rho denseMatrix) (out []float64) {
			for _, o := range observables {
				sum := 0.0
				for _, term := range o {
					sum += term.Coefficient * rho.expectation(term.Pauli)
				}
				out = append(out, sum)
			}
			return out
		}},
		"probabilities": {p, func(rho denseMatrix) []float64 {
			out := make([]float64, 4)
			for i := range rho {
				out[i&1<<1|i>>2] += real(rho[i][i])
			}
			return out
		}},
		"fidelities": {f, func(rho denseMatrix) (out []float64) {
			for _, phi := range targets {
				sum, norm := complex128(0), 0.0
				for i, a := range phi {
					norm += real(a)*real(a) + imag(a)*imag(a)
					for j, b := range phi {
						sum += cmplx.Conj(a) * rho[i][j] * b
					}
				}
				out = append(out, real(sum)/norm)
			}
			return out
		}},
		"purity": {u, func(rho denseMatrix) []float64 { // of qubits 1 and 2
			sum := 0.0
			for i := range 4 {
				for j := range 4 {
					v := rho[i][j] + rho[4+i][4+j]
					sum += real(v)*real(v) + imag(v)*imag(v)
				}
			}
			return []float64{sum}
		}},
	}
}

// TestDensity compares with KρK† of dense matrices, and the gradients with central differences.
func TestDensity(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	c := noisyProblem(t)
	d, err := statevec.CompileDensity[float64](c)
	must(t, err)
	const rows = 2
	in := inputs[float64](rng, c.Ideal(), rows, true)
	for name, m := range densityMeasurements(t) {
		measured, err := statevec.NewMeasuredDensity(d, m.read, 1)
		must(t, err)
		k := m.read.Outputs()
		out, dout := make([]float64, rows*k), normals(rng, rows*k)
		must(t, measured.Apply(in, out))
		for r := range rows {
			psi := make([]float64, 16)
			in.Start(r, psi)
			want := m.want(runDense(c, in.Theta, part(in.Data, r, 2), toComplex(psi, false)))
			for i, v := range part(out, r, k) {
				if math.Abs(v-want[i]) > 1e-12 {
					t.Errorf("%s: row %d, output %d: %v, want %v", name, r, i, v, want[i])
				}
			}
		}
		got := method[float64](measured.Adjoint).run(t, in, dout, c.Ideal())
		loss := func() (sum float64) {
			must(t, measured.Apply(in, out))
			for i, v := range out {
				sum += v * dout[i]
			}
			return sum
		}
		check := func(what string, x []float64, gradient []float64) {
			for i := range x {
				const h = 1e-5
				x[i] += h
				up := loss()
				x[i] -= 2 * h
				down := loss()
				x[i] += h
				if want := (up - down) / (2 * h); math.Abs(gradient[i]-want) > 1e-6 {
					t.Errorf("%s: %s %d: %v, want %v", name, what, i, gradient[i], want)
				}
			}
		}
		check("theta", in.Theta, got.theta)
		check("data", in.Data, got.data)
		for r := range rows {
			for j := range 8 {
				start, more := in.Start, 0.0
				in.Start = func(row int, psi []float64) {
					start(row, psi)
					if row == r {
						psi[2*j] += more
					}
				}
				const h = 1e-5
				more = h
				up := loss()
				more = -h
				down := loss()
				in.Start = start
				if want := (up - down) / (2 * h); math.Abs(got.start[r*8+j]-want) > 1e-6 {
					t.Errorf("%s: amplitude %d of row %d: %v, want %v", name, j, r, got.start[r*8+j], want)
				}
			}
		}
	}
}

// TestDensityWithoutNoise is the state vector, for every gate of the table.
func TestDensityWithoutNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 4))
	for _, k := range circuit.Table() {
		if k.Qubits() > 3 {
			continue
		}
		c := circuit.New(3)
		for q := range 3 {
			c.RY(q, circuit.Const(rng.Float64())).RZ(q, circuit.Const(rng.Float64()))
		}
		var angles []circuit.Angle
		for i := range k.Angles() {
			angles = append(angles, circuit.Theta(i))
		}
		c.CX(0, 1).Add(k, angles, []int{2, 0, 1}[:k.Qubits()]...)
		theta := normals(rng, c.NumTheta())
		noisy, err := circuit.Noise{}.Apply(c)
		if k.Qubits() == 3 { // the model has no noise, so that any gate will do
			must(t, err)
		}
		must(t, err)
		d, err := statevec.CompileDensity[float64](noisy)
		must(t, err)
		plan, err := statevec.Compile[float64](c)
		must(t, err)
		e, err := statevec.NewProbabilities[float64](3, nil, 1)
		must(t, err)
		x, err := statevec.NewExpectations[float64](3,
			[]statevec.Observable{{{1, "XYX"}}, {{1, "YZI"}}, {{1, "IXY"}}}, 1)
		must(t, err)
		for _, m := range []statevec.Measurement[float64]{e, x} {
			exact, err := statevec.NewMeasuredCircuit(plan, m, 1)
			must(t, err)
			density, err := statevec.NewMeasuredDensity(d, m, 1)
			must(t, err)
			a, b := make([]float64, m.Outputs()), make([]float64, m.Outputs())
			in := statevec.Inputs[float64]{Rows: 1, Theta: theta}
			must(t, exact.Apply(in, a))
			must(t, density.Apply(in, b))
			for i := range a {
				if math.Abs(a[i]-b[i]) > 1e-12 {
					t.Errorf("%s: %v, want %v", k.Name(), b, a)
					break
				}
			}
		}
	}
}
