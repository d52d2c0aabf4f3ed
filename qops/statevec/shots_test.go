package statevec_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

func (m misuse) shots() statevec.Shots {
	return statevec.Shots{Count: m.number(100), Seeds: make([]uint64, m.IntN(5))}
}

// seeds returns that many seeds, from one on.
func seeds(first, n int) []uint64 {
	out := make([]uint64, n)
	for i := range out {
		out[i] = uint64(first + i)
	}
	return out
}

// moments returns the mean of the values at k, k+width, … and their standard deviation.
func moments(x []float64, k, width int) (mean, sd float64) {
	n := float64(len(x) / width)
	for i := k; i < len(x); i += width {
		mean += x[i] / n
	}
	for i := k; i < len(x); i += width {
		sd += (x[i] - mean) * (x[i] - mean) / (n - 1)
	}
	return mean, math.Sqrt(sd)
}

// TestSampleIsUnbiased: over many draws the mean is the exact value, and the errors are as large as they say.
func TestSampleIsUnbiased(t *testing.T) {
	const n, draws = 4, 3000
	one := scaled(normals(rand.New(rand.NewPCG(5, 6)), 2<<n), 1.3)
	psi := slices.Repeat(one, draws)
	for name, c := range allMeasurements[float64](t, n) {
		for _, shots := range []int{7, 300} {
			t.Run(fmt.Sprint(name, " ", shots), func(t *testing.T) {
				k := c.read.Outputs()
				exact := make([]float64, k)
				must(t, c.read.Apply(1, one, exact))
				out, stderr := make([]float64, draws*k), make([]float64, draws*k)
				must(t, c.read.(statevec.Sampler[float64]).Sample(draws, psi,
					statevec.Shots{Count: shots, Seeds: seeds(100*shots, draws)}, out, stderr))
				for i, want := range exact {
					mean, sd := moments(out, i, k)
					if e := 4*sd/math.Sqrt(draws) + 1e-12; math.Abs(mean-want) > e {
						t.Errorf("output %d: mean %v, want %v ± %v", i, mean, want, e)
					}
					square := 0.0
					for j := i; j < len(stderr); j += k {
						square += stderr[j] * stderr[j] / draws
					}
					if r := math.Sqrt(square) / sd; shots > 100 && sd > 0 && (r < 0.9 || r > 1.1) {
						t.Errorf("output %d: standard error %.3g for a deviation of %.3g", i, math.Sqrt(square), sd)
					}
				}
			})
		}
	}
}

// scaled returns a state with that norm squared.
func scaled(psi []float64, norm float64) []float64 {
	sum := 0.0
	for _, v := range psi {
		sum += v * v
	}
	for i := range psi {
		psi[i] *= math.Sqrt(norm / sum)
	}
	return psi
}

// TestErrorFallsWithShots: as one over their root, for every measurement.
func TestErrorFallsWithShots(t *testing.T) {
	const n, draws = 4, 2000
	one := scaled(normals(rand.New(rand.NewPCG(7, 6)), 2<<n), 1)
	psi := slices.Repeat(one, draws)
	for name, c := range allMeasurements[float64](t, n) {
		k := c.read.Outputs()
		exact, out := make([]float64, k), make([]float64, draws*k)
		must(t, c.read.Apply(1, one, exact))
		var x, y []float64
		for shots := 100; shots <= 1000000; shots *= 10 {
			must(t, c.read.(statevec.Sampler[float64]).Sample(draws, psi,
				statevec.Shots{Count: shots, Seeds: seeds(shots, draws)}, out, nil))
			square := 0.0
			for i, v := range out {
				square += (v - exact[i%k]) * (v - exact[i%k])
			}
			x, y = append(x, math.Log(float64(shots))), append(y, math.Log(square)/2)
		}
		if s := slope(x, y); math.Abs(s+0.5) > 0.025 {
			t.Errorf("%s: the error falls with exponent %.4f, want −0.5", name, s)
		}
	}
}

func slope(x, y []float64) float64 {
	mx, _ := moments(x, 0, 1)
	my, _ := moments(y, 0, 1)
	xy, xx := 0.0, 0.0
	for i := range x {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
	}
	return xy / xx
}

// TestSampleFollowsFromTheSeed: whatever the row, the number of threads and the run.
func TestSampleFollowsFromTheSeed(t *testing.T) {
	const n = 4
	rng := rand.New(rand.NewPCG(8, 6))
	psi := slices.Concat(scaled(normals(rng, 2<<n), 1), scaled(normals(rng, 2<<n), 1),
		scaled(normals(rng, 2<<n), 1))
	backwards := slices.Concat(part(psi, 2, 2<<n), part(psi, 1, 2<<n), part(psi, 0, 2<<n))
	for name, c := range allMeasurements[float64](t, n) {
		k, s := c.read.Outputs(), c.read.(statevec.Sampler[float64])
		a, b := make([]float64, 3*k), make([]float64, 3*k)
		must(t, s.Sample(3, psi, statevec.Shots{Count: 50, Seeds: []uint64{11, 12, 13}}, a, nil))
		must(t, s.Sample(3, backwards, statevec.Shots{Count: 50, Seeds: []uint64{13, 12, 11}}, b, nil))
		for r := range 3 {
			if !slices.Equal(part(a, r, k), part(b, 2-r, k)) {
				t.Errorf("%s: row %d is not the same in another place", name, r)
			}
		}
	}
}

// TestWeightedShares: a heavy group of Pauli strings gets most of the shots. The error of 10·X + Z with shots
// shared alike would be a third larger.
func TestWeightedShares(t *testing.T) {
	const draws, shots = 4000, 1100
	e, err := statevec.NewExpectations[float64](1, []statevec.Observable{{{10, "X"}, {1, "Z"}}}, 1)
	must(t, err)
	psi := slices.Repeat([]float64{0.6, 0, 0, 0.8}, draws) // ⟨X⟩ = 0, ⟨Z⟩ = −0.28
	out := make([]float64, draws)
	must(t, e.Sample(draws, psi, statevec.Shots{Count: shots, Seeds: seeds(1, draws)}, out, nil))
	_, sd := moments(out, 0, 1)
	want := math.Sqrt(100/1000.0 + (1-0.28*0.28)/100)
	if math.Abs(sd/want-1) > 0.05 {
		t.Errorf("deviation %.4f, want %.4f", sd, want)
	}
}

// TestSampleTakesAsFewBasesAsItCan: strings that agree on each qubit's letter are read together.
func TestSampleTakesAsFewBasesAsItCan(t *testing.T) {
	o := []statevec.Observable{{{1, "XXI"}, {2, "IXZ"}, {1, "ZIZ"}, {0.5, "III"}, {0, "YYY"}},
		{{-1, "ZZI"}, {1, "XIZ"}}}
	e, err := statevec.NewExpectations[float64](3, o, 1)
	must(t, err)
	psi, out := make([]float64, 16), make([]float64, 2)
	psi[0] = 1
	err = e.Sample(1, psi, statevec.Shots{Count: 1, Seeds: []uint64{1}}, out, nil)
	if err == nil || !strings.Contains(err.Error(), "at least 2 shots for 2 groups of Pauli strings, got 1") {
		t.Errorf("error %v", err)
	}
}

// TestGradientFromShotsIsUnbiased: of a circuit with shared angles, data and amplitudes.
func TestGradientFromShotsIsUnbiased(t *testing.T) {
	const draws = 1500
	rng := rand.New(rand.NewPCG(9, 6))
	c := circuit.New(3).RY(0, circuit.Theta(0)).RX(1, circuit.Data(0)).CRY(0, 2, circuit.Theta(1)).CX(1, 2).
		RZ(2, circuit.Theta(0)).RXX(0, 1, circuit.Theta(2)).RY(2, circuit.Data(1))
	e, err := statevec.NewExpectations[float64](3, append(eachZ(3),
		statevec.Observable{{0.7, "XYI"}, {-1.2, "IZX"}}), 1)
	must(t, err)
	shift, err := statevec.NewParameterShift(c, e, 1)
	must(t, err)
	dout, theta, data := normals(rng, 4), normals(rng, 3), normals(rng, 2)
	exact := method[float64](shift.Gradient).run(t, statevec.Inputs[float64]{Rows: 1, Theta: theta, Data: data},
		dout, c)
	var byTheta, byData []float64
	for i := range draws {
		sampled := method[float64](func(in statevec.Inputs[float64], dout []float64,
			to statevec.Gradients[float64]) error {
			return shift.GradientFromShots(in, statevec.Shots{Count: 40, Seeds: seeds(i, 1)}, dout, to)
		}).run(t, statevec.Inputs[float64]{Rows: 1, Theta: theta, Data: data}, dout, c)
		byTheta, byData = append(byTheta, sampled.theta...), append(byData, sampled.data...)
	}
	for name, g := range map[string][2][]float64{"theta": {exact.theta, byTheta}, "data": {exact.data, byData}} {
		for i, want := range g[0] {
			mean, sd := moments(g[1], i, len(g[0]))
			if e := 4 * sd / math.Sqrt(draws); math.Abs(mean-want) > e || sd == 0 {
				t.Errorf("%s %d: mean %v, want %v ± %v", name, i, mean, want, e)
			}
		}
	}
}

// TestMeasuredCircuitSamples: as its measurement does on its states, with the exact gradient behind it.
func TestMeasuredCircuitSamples(t *testing.T) {
	const rows = 40
	rng := rand.New(rand.NewPCG(10, 6))
	c := circuit.New(4).RY(0, circuit.Theta(0)).RX(1, circuit.Data(0)).CX(0, 3).RZ(3, circuit.Theta(1)).H(2).H(3)
	read, err := statevec.NewProbabilities[float64](4, []int{3, 1}, 1)
	must(t, err)
	plan, err := statevec.Compile[float64](c)
	must(t, err)
	m, err := statevec.NewMeasuredCircuit(plan, read, 2)
	must(t, err)
	in := inputs[float64](rng, c, rows, false)
	shots := statevec.Shots{Count: 25, Seeds: seeds(3, rows)}
	out, stderr := make([]float64, 4*rows), make([]float64, 4*rows)
	must(t, m.Sample(in, shots, out, stderr))
	dout := normals(rng, 4*rows)
	after := method[float64](m.Adjoint).run(t, in, dout, c)

	psi := make([]float64, rows*plan.Width())
	for r := range rows {
		psi[r*plan.Width()] = 1
	}
	must(t, plan.NewExecutor(1).Apply(rows, in.Theta, in.Data, psi, psi))
	want, errors := make([]float64, 4*rows), make([]float64, 4*rows)
	must(t, read.Sample(rows, psi, shots, want, errors))
	if !slices.Equal(out, want) || !slices.Equal(stderr, errors) {
		t.Error("other estimates than of the states")
	}
	must(t, m.Apply(in, out))
	exact := method[float64](m.Adjoint).run(t, in, dout, c)
	if !slices.Equal(after.wide(), exact.wide()) {
		t.Error("the gradient behind estimates is not the exact one")
	}
}

func TestWrongShots(t *testing.T) {
	e, err := statevec.NewExpectations[float64](1, []statevec.Observable{{{1, "X"}}, {{1, "Z"}}}, 1)
	must(t, err)
	f, err := statevec.NewFidelities[float64](1, [][]complex128{{1, 0}, {0, 1}, {1, 1}}, 1)
	must(t, err)
	psi, one := []float64{1, 0, 0, 0}, []uint64{1}
	for want, err := range map[string]error{
		"want 1 to 2^50 shots, got 0":  e.Sample(1, psi, statevec.Shots{Seeds: one}, make([]float64, 2), nil),
		"want 1 to 2^50 shots, got -4": e.Sample(1, psi, statevec.Shots{-4, one}, make([]float64, 2), nil),
		"at least 2 shots for 2 groups of Pauli strings, got 1": e.Sample(1, psi, statevec.Shots{1, one},
			make([]float64, 2), nil),
		"at least 3 shots for 3 states, got 2": f.Sample(1, psi, statevec.Shots{2, one}, make([]float64, 3), nil),
		"Shots.Seeds":                          e.Sample(1, psi, statevec.Shots{5, nil}, make([]float64, 2), nil),
		"stderr": e.Sample(1, psi, statevec.Shots{5, one}, make([]float64, 2),
			make([]float64, 1)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestSampleOfNothing: a state of zeros, which NormalizeNone allows, gives zeros.
func TestSampleOfNothing(t *testing.T) {
	for name, c := range allMeasurements[float64](t, 3) {
		out := slices.Repeat([]float64{7}, c.read.Outputs())
		must(t, c.read.(statevec.Sampler[float64]).Sample(1, make([]float64, 16),
			statevec.Shots{Count: 20, Seeds: []uint64{1}}, out, out))
		for _, v := range out {
			if v != 0 {
				t.Errorf("%s: %v", name, out)
				break
			}
		}
	}
}

// BenchmarkSample compares 10,000 shots of ⟨Z⟩ of 10 qubits with preparing their state, by two layers of RY
// and RZ and a ring of CX.
func BenchmarkSample(b *testing.B) {
	const n = 10
	c := circuit.New(n)
	for l := range 2 {
		for q := range n {
			c.RY(q, circuit.Theta(2*(l*n+q))).RZ(q, circuit.Theta(2*(l*n+q)+1))
		}
		for q := range n {
			c.CX(q, (q+1)%n)
		}
	}
	plan, err := statevec.Compile[float32](c)
	check(b, err)
	theta := as[float32](normals(rand.New(rand.NewPCG(1, 1)), c.NumTheta()))
	const rows = 16
	exec, psi := plan.NewExecutor(1), make([]float32, rows*plan.Width())
	prepare := func() {
		clear(psi)
		for r := range rows {
			psi[r*plan.Width()] = 1
		}
		check(b, exec.Apply(rows, theta, nil, psi, psi))
	}
	b.Run("prepare", func(b *testing.B) {
		for b.Loop() {
			prepare()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/state")
	})
	prepare()
	e, err := statevec.NewExpectations[float32](n, eachZ(n), 1)
	check(b, err)
	out := make([]float32, rows*n)
	for _, shots := range []int{100, 10000, 1000000} {
		b.Run(fmt.Sprint("shots=", shots), func(b *testing.B) {
			for b.Loop() {
				check(b, e.Sample(rows, psi, statevec.Shots{Count: shots, Seeds: seeds(1, rows)}, out, nil))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/state")
		})
	}
}
