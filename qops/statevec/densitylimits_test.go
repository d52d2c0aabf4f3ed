package statevec_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

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
			c.Confuse(circuit.Confusion{P10: 0.02, P01: 0.1}, circuit.Confusion{P10: 0.1},
				circuit.Confusion{P01: 0.1})
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
				t.Errorf("%s %d: mean %v, want %v ± %v; standard error %v of %v", name, i, mean, exact[i], e,
					told, sd)
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
		"want fewer tokens or qubits": second(statevec.NewNoisyOverlap[float64](1, 1024,
			large, large, nil, 1)),
		"1099511627776 images of 1 tokens": second(statevec.NewNoisyOverlap[float64](1<<40, 1,
			large, large, nil, 1)),
		"up to 13 qubits, got 14": second(
			statevec.CompileDensity[float64](circuit.NewNoisy(14))),
		"noisy circuit is nil":               second(statevec.CompileDensity[float64](nil)),
		"want a Density":                     second(statevec.NewMeasuredDensity[float64](nil, z, 1)),
		"measurement of 1 qubits":            second(statevec.NewMeasuredDensity(d, two, 1)),
		"want a measurement of this package": second(statevec.NewMeasuredDensity(d, explosive{z}, 1)),
		"theta 0 is NaN": m.Apply(statevec.Inputs[float64]{Rows: 1,
			Theta: []float64{math.NaN()}}, make([]float64, 1)),
		"theta": m.Apply(statevec.Inputs[float64]{Rows: 1},
			make([]float64, 1)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}

}

// BenchmarkDensity compares a gate on a density matrix of 6 qubits, with the noise behind it and without any,
// with one on a pure state of 12.
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
		in := statevec.Inputs[float32]{Rows: rows, Theta: as[float32](normals(rand.New(rand.NewPCG(1, 1)),
			c.NumTheta()))}
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
	for _, g := range circuit.New(2).RX(0, circuit.Theta(0)).RY(1, circuit.Data(1)).RZ(0,
		circuit.Theta(1)).Operations() {
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

func (m misuse) trajectories() *statevec.Trajectories[float64] {
	switch m.IntN(6) {
	case 0:
		return nil
	case 1:
		return &statevec.Trajectories[float64]{}
	}
	d, _ := statevec.CompileTrajectories[float64](m.noisy())
	return d
}

func (m misuse) measuredTrajectories() *statevec.MeasuredTrajectories[float64] {
	switch m.IntN(6) {
	case 0:
		return nil
	case 1:
		return &statevec.MeasuredTrajectories[float64]{}
	}
	d, _ := statevec.NewMeasuredTrajectories(m.trajectories(), m.measurement(), 1+m.IntN(3), 1)
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
