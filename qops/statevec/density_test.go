package statevec_test

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"strings"
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
			rho = rho.disturb([]circuit.Matrix{s.Operation.Matrix(theta, data)}, s.Operation.AllQubits(), c.Qubits())
		}
	}
	return rho
}

// mixed returns what is measured of ρ as of its eigenvectors: by the linearity of all but the purity.
func (rho denseMatrix) expectation(pauli string) float64 {
	m := circuit.Matrix{1}
	for _, letter := range pauli {
		m = kron(m, map[rune]circuit.Matrix{'I': {1, 0, 0, 1}, 'X': {0, 1, 1, 0}, 'Y': {0, -1i, 1i, 0}, 'Z': {1, 0, 0, -1}}[letter])
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
	observables := []statevec.Observable{{{0.5, "XYZ"}, {-1.5, "ZII"}, {0.3, "III"}}, {{1, "IXI"}, {2, "IXZ"}}, {{1, "YIY"}}}
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
		x, err := statevec.NewExpectations[float64](3, []statevec.Observable{{{1, "XYX"}}, {{1, "YZI"}}, {{1, "IXY"}}}, 1)
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

// TestReadoutErrors: in Z, the outcomes pass the matrices of confusion.
func TestReadoutErrors(t *testing.T) {
	confusion := []circuit.Confusion{{P10: 0.02, P01: 0.1}, {}, {P10: 0.2, P01: 0.05}}
	c := noisyProblem(t)
	theta, data := []float64{0.3, 1.2, -0.5, 0.8}, []float64{0.4, -0.9}
	psi := make([]complex128, 8)
	psi[0] = 1
	rho := runDense(c, theta, data, psi)
	want := make([]float64, 8)
	for true := range 8 {
		for read := range 8 {
			p := real(rho[true][true])
			for q, r := range confusion {
				a, b := true>>(2-q)&1, read>>(2-q)&1
				flip := []float64{r.P10, r.P01}[a]
				if a == b {
					flip = 1 - flip
				}
				p *= flip
			}
			want[read] += p
		}
	}
	c.Confuse(confusion...)
	d, err := statevec.CompileDensity[float64](c)
	must(t, err)
	m, err := statevec.NewProbabilities[float64](3, nil, 1)
	must(t, err)
	measured, err := statevec.NewMeasuredDensity(d, m, 1)
	must(t, err)
	out := make([]float64, 8)
	must(t, measured.Apply(statevec.Inputs[float64]{Rows: 1, Theta: theta, Data: data}, out))
	for i := range want {
		if math.Abs(out[i]-want[i]) > 1e-12 {
			t.Errorf("outcome %d: %v, want %v", i, out[i], want[i])
		}
	}
}

// TestDensitySamplesAreUnbiased: estimates of every measurement of a mixed state.
func TestDensitySamplesAreUnbiased(t *testing.T) {
	const draws = 2000
	in := statevec.Inputs[float64]{Rows: draws, Theta: []float64{0.3, 1.2, -0.5, 0.8},
		Data: slices.Repeat([]float64{0.4, -0.9}, draws)}
	for name, m := range densityMeasurements(t) {
		c := noisyProblem(t)
		if name == "expectations" || name == "probabilities" {
			c.Confuse(circuit.Confusion{P10: 0.02, P01: 0.1}, circuit.Confusion{P10: 0.1}, circuit.Confusion{P01: 0.1})
		}
		d, err := statevec.CompileDensity[float64](c)
		must(t, err)
		measured, err := statevec.NewMeasuredDensity(d, m.read, 1)
		must(t, err)
		k := m.read.Outputs()
		exact, out, stderr := make([]float64, draws*k), make([]float64, draws*k), make([]float64, draws*k)
		must(t, measured.Apply(in, exact))
		must(t, measured.Sample(in, statevec.Shots{Count: 200, Seeds: seeds(9, draws)}, out, stderr))
		for i := range k {
			mean, sd := moments(out, i, k)
			told, _ := moments(stderr, i, k)
			if e := 4 * sd / math.Sqrt(draws); math.Abs(mean-exact[i]) > e || math.Abs(told/sd-1) > 0.15 {
				t.Errorf("%s %d: mean %v, want %v ± %v; standard error %v of %v", name, i, mean, exact[i], e, told, sd)
			}
		}
	}
}

// TestDeepDensity has more stages than are kept: some are run again for the gradient.
func TestDeepDensity(t *testing.T) {
	const n, depth = 6, 1300
	noise, err := circuit.ParseNoise("depolarizing=1e-4")
	must(t, err)
	rng, c := rand.New(rand.NewPCG(6, 4)), circuit.New(n)
	for i := range depth {
		c.RY(i%2, circuit.Theta(i%3)).RX(i%2, circuit.Const(rng.Float64()))
	}
	noisy, err := noise.Apply(c)
	must(t, err)
	d, err := statevec.CompileDensity[float64](noisy)
	must(t, err)
	e, err := statevec.NewExpectations[float64](n, eachZ(n), 1)
	must(t, err)
	m, err := statevec.NewMeasuredDensity(d, e, 1)
	must(t, err)
	theta, dout := normals(rng, 3), normals(rng, n)
	in := statevec.Inputs[float64]{Rows: 1, Theta: theta}
	out := make([]float64, n)
	loss := func() (sum float64) {
		must(t, m.Apply(in, out))
		for i, v := range out {
			sum += v * dout[i]
		}
		return sum
	}
	loss()
	got := method[float64](m.Adjoint).run(t, in, dout, c)
	const h = 1e-6
	theta[1] += h
	up := loss()
	theta[1] -= 2 * h
	if want := (up - loss()) / (2 * h); math.Abs(got.theta[1]-want) > 1e-5*(1+math.Abs(want)) {
		t.Errorf("gradient %v, want %v", got.theta[1], want)
	}
}

func TestWrongDensity(t *testing.T) {
	noise, err := circuit.ParseNoise("bit-flip=0.1")
	must(t, err)
	one, err := noise.Apply(circuit.New(1).RX(0, circuit.Theta(0)))
	must(t, err)
	d, err := statevec.CompileDensity[float64](one)
	must(t, err)
	two, err := statevec.NewPurity[float64](2, []int{0}, 1)
	must(t, err)
	z, err := statevec.NewExpectations[float64](1, eachZ(1), 1)
	must(t, err)
	m, err := statevec.NewMeasuredDensity(d, z, 1)
	must(t, err)
	misread, err := statevec.CompileDensity[float64](circuit.NewNoisy(2).Confuse(circuit.Confusion{P10: 0.1},
		circuit.Confusion{}))
	must(t, err)
	large := circuit.NewNoisy(13)
	for want, err := range map[string]error{
		"errors of readout are those of expectations": second(statevec.NewMeasuredDensity(misread, two, 1)),
		"want fewer tokens or qubits":                 second(statevec.NewNoisyOverlap[float64](1, 1024, large, large, nil, 1)),
		"up to 13 qubits, got 14":                     second(statevec.CompileDensity[float64](circuit.NewNoisy(14))),
		"noisy circuit is nil":                        second(statevec.CompileDensity[float64](nil)),
		"want a Density":                              second(statevec.NewMeasuredDensity[float64](nil, z, 1)),
		"measurement of 1 qubits":                     second(statevec.NewMeasuredDensity(d, two, 1)),
		"want a measurement of this package":          second(statevec.NewMeasuredDensity(d, explosive{z}, 1)),
		"theta 0 is NaN":                              m.Apply(statevec.Inputs[float64]{Rows: 1, Theta: []float64{math.NaN()}}, make([]float64, 1)),
		"theta":                                       m.Apply(statevec.Inputs[float64]{Rows: 1}, make([]float64, 1)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}

}

// BenchmarkDensity compares a gate on a density matrix of 6 qubits, with the noise behind it and without any, with
// one on a pure state of 12.
func BenchmarkDensity(b *testing.B) {
	const layers, rows = 4, 16
	layered := func(n int) *circuit.Circuit {
		c := circuit.New(n)
		for l := range layers {
			for q := range n {
				c.RY(q, circuit.Theta(2*(l*n+q))).RZ(q, circuit.Theta(2*(l*n+q)+1))
			}
			for q := range n {
				c.CX(q, (q+1)%n)
			}
		}
		return c
	}
	report := func(b *testing.B, c *circuit.Circuit) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows*len(c.Operations())), "ns/gate")
	}
	run := func(name string, c *circuit.Circuit, apply func(in statevec.Inputs[float32], out []float32) error,
		adjoint method[float32], outputs int) {
		in := statevec.Inputs[float32]{Rows: rows, Theta: as[float32](normals(rand.New(rand.NewPCG(1, 1)), c.NumTheta()))}
		out, dtheta := make([]float32, rows*outputs), make([]float32, c.NumTheta())
		b.Run(name+"/forward", func(b *testing.B) {
			for b.Loop() {
				check(b, apply(in, out))
			}
			report(b, c)
		})
		b.Run(name+"/gradient", func(b *testing.B) {
			for b.Loop() {
				check(b, apply(in, out))
				check(b, adjoint(in, out, statevec.Gradients[float32]{Theta: dtheta}))
			}
			report(b, c)
		})
	}
	c := layered(12)
	plan, err := statevec.Compile[float32](c)
	check(b, err)
	z, err := statevec.NewExpectations[float32](12, eachZ(12), 1)
	check(b, err)
	pure, err := statevec.NewMeasuredCircuit(plan, z, 1)
	check(b, err)
	run("pure-12", c, pure.Apply, pure.Adjoint, 12)
	for _, text := range []string{"", "depolarizing=0.01", "depolarizing=0.01,amplitude-damping=0.01"} {
		noise, err := circuit.ParseNoise(text)
		check(b, err)
		c := layered(6)
		noisy, err := noise.Apply(c)
		check(b, err)
		d, err := statevec.CompileDensity[float32](noisy)
		check(b, err)
		z, err := statevec.NewExpectations[float32](6, eachZ(6), 1)
		check(b, err)
		m, err := statevec.NewMeasuredDensity(d, z, 1)
		check(b, err)
		run("density-6,"+text, c, m.Apply, m.Adjoint, 6)
	}
}

func (m misuse) noisy() *circuit.Noisy {
	flip, err := circuit.NewChannel("bit-flip", 0.1)
	if err != nil {
		panic(err)
	}
	switch m.IntN(6) {
	case 0:
		return nil
	case 1:
		return &circuit.Noisy{}
	case 2:
		return circuit.NewNoisy(m.number(3)).Disturb(flip, m.number(2))
	}
	c := circuit.NewNoisy(2)
	for _, g := range circuit.New(2).RX(0, circuit.Theta(0)).RY(1, circuit.Data(1)).RZ(0, circuit.Theta(1)).Operations() {
		c.Apply(g).Disturb(flip, 0)
	}
	return c
}

func (m misuse) density() *statevec.Density[float64] {
	switch m.IntN(6) {
	case 0:
		return nil
	case 1:
		return &statevec.Density[float64]{}
	}
	d, _ := statevec.CompileDensity[float64](m.noisy())
	return d
}

func (m misuse) measuredDensity() *statevec.MeasuredDensity[float64] {
	switch m.IntN(6) {
	case 0:
		return nil
	case 1:
		return &statevec.MeasuredDensity[float64]{}
	}
	d, _ := statevec.NewMeasuredDensity(m.density(), m.measurement(), 1)
	return d
}

func (m misuse) noisyOverlap() *statevec.NoisyOverlap[float64] {
	switch m.IntN(6) {
	case 0:
		return nil
	case 1:
		return &statevec.NoisyOverlap[float64]{}
	}
	c := m.noisy()
	o, _ := statevec.NewNoisyOverlap[float64](1, 3, c, c, nil, 1)
	return o
}
