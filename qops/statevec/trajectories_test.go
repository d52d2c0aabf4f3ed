package statevec_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// tableChannels has a channel of every row of the table, and custom ones.
func tableChannels(t *testing.T) (out []circuit.Channel) {
	t.Helper()
	params := map[string][]float64{"depolarizing": {0.2}, "depolarizing2": {0.2}, "bit-flip": {0.1},
		"phase-flip": {0.2}, "bit-phase-flip": {0.1}, "pauli": {0.1, 0.05, 0.2}, "amplitude-damping": {0.15},
		"generalized-amplitude-damping": {0.3, 0.2}, "phase-damping": {0.3},
		"thermal-relaxation": {20, 100, 80, 0.1},
		"reset-error":        {0.05, 0.1}, "over-rotation-x": {0.3}, "over-rotation-y": {0.2},
		"over-rotation-z": {-0.4}}
	for _, row := range circuit.Channels() {
		c, err := circuit.NewChannel(row.Name, params[row.Name]...)
		must(t, err)
		out = append(out, c)
	}
	relaxation, err := circuit.NewChannel("thermal-relaxation", 20, 100, 150, 0.1) // T2 above T1: signs
	must(t, err)
	u := circuit.Matrix{0.6, 0.8i, 0.8i, 0.6}
	skew, err := circuit.KrausChannel("skew", u.Mul(circuit.Matrix{1, 0, 0, complex(math.Sqrt(0.8), 0)}),
		circuit.Matrix{0, complex(math.Sqrt(0.2), 0), 0, 0}.Mul(circuit.Matrix{1, 0, 0, 1i}))
	must(t, err)
	root := complex(math.Sqrt(0.3), 0)
	pair, err := circuit.KrausChannel("pair", circuit.Identity(2).Scaled(complex(math.Sqrt(0.7), 0)),
		circuit.Matrix{root, 0, 0, 0, 0, root, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		circuit.Matrix{0, 0, 0, root, 0, 0, -1i * root, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	must(t, err)
	return append(out, relaxation, skew, pair)
}

// disturbed returns a circuit of 3 qubits with shared angles and data, and a channel behind its gates.
func disturbed(t *testing.T, channel circuit.Channel) *circuit.Noisy {
	t.Helper()
	c := circuit.New(3).RY(0, circuit.Theta(0)).RX(1, circuit.Data(0)).H(2).CX(0, 2).RZ(2, circuit.Theta(1)).
		CRY(2, 1, circuit.Theta(2)).RXX(0, 1, circuit.Theta(0).Times(-0.7)).RY(1, circuit.Data(1)).CX(1, 0)
	noisy, err := circuit.Noise{After: []circuit.NoiseRule{{Channel: channel}}}.Apply(c)
	must(t, err)
	return noisy
}

// twisted is disturbed for a circuit of mostly Clifford gates, behind which errors are moved.
func twisted(t *testing.T, channel circuit.Channel) *circuit.Noisy {
	t.Helper()
	c := circuit.New(3).RY(0, circuit.Theta(0)).H(1).CX(0, 1).S(1).CZ(1, 2).SX(0).Swap(0, 2).CX(2, 1).
		RY(1, circuit.Data(0)).Y(0).CX(1, 0).RZ(2, circuit.Theta(1)).CY(0, 2).H(0).RX(0, circuit.Data(1)).
		CRY(2, 1, circuit.Theta(2)).CX(0, 1).Sdg(0)
	noisy, err := circuit.Noise{After: []circuit.NoiseRule{{Channel: channel}}}.Apply(c)
	must(t, err)
	return noisy
}

func trajectories(t *testing.T, c *circuit.Noisy, m statevec.Measurement[float64], runs,
	threads int) *statevec.MeasuredTrajectories[float64] {
	t.Helper()
	plan, err := statevec.CompileTrajectories[float64](c)
	must(t, err)
	measured, err := statevec.NewMeasuredTrajectories(plan, m, runs, threads)
	must(t, err)
	return measured
}

// scores returns the root mean square and the largest of differences over their standard errors.
func scores(got, want, stderr []float64) (rms, largest float64) {
	count := 0
	for i, v := range got {
		off := math.Abs(v - want[i])
		if stderr[i] < 1e-12 && off < 1e-9 { // the same in all runs
			continue
		}
		z := off / stderr[i]
		rms, largest, count = rms+z*z, max(largest, z), count+1
	}
	return math.Sqrt(rms / float64(max(1, count))), largest
}

// TestTrajectoriesAgreeWithDensity: for every channel and measurement, exact values and shots, values and
// gradients, in standard errors.
func TestTrajectoriesAgreeWithDensity(t *testing.T) {
	const rows, runs, draws = 3, 3000, 60
	all, worst, count := 0.0, 0.0, 0
	for _, channel := range tableChannels(t) {
		c := disturbed(t, channel)
		density, err := statevec.CompileDensity[float64](c)
		must(t, err)
		for name, m := range densityMeasurements(t) {
			if name == "purity" {
				continue
			}
			k := m.read.Outputs()
			in := inputs[float64](rand.New(rand.NewPCG(8, 4)), c.Ideal(), rows, true)
			exact, err := statevec.NewMeasuredDensity(density, m.read, 1)
			must(t, err)
			want, got, stderr := make([]float64, rows*k), make([]float64, rows*k), make([]float64, rows*k)
			must(t, exact.Apply(in, want))
			sampled := trajectories(t, c, m.read, runs, 1)
			must(t, sampled.Apply(in, seeds(3, rows), got, stderr))
			note := func(what string, got, want, stderr []float64) {
				rms, largest := scores(got, want, stderr)
				all, worst, count = all+rms, max(worst, largest), count+1
				if largest > 4.2 {
					t.Errorf("%v, %s, %s: %v, want %v, standard errors %v", channel, name, what, got, want, stderr)
				}
			}
			note("values", got, want, stderr)
			must(t, sampled.Sample(in, statevec.Shots{Count: 4 * runs, Seeds: seeds(4, rows)}, got, stderr))
			note("shots", got, want, stderr)

			dout := normals(rand.New(rand.NewPCG(9, 4)), rows*k)
			wanted := method[float64](exact.Adjoint).run(t, in, dout, c.Ideal())
			few := trajectories(t, c, m.read, 40, 1)
			var sum, square []float64
			for draw := range draws {
				adjoint := func(in statevec.Inputs[float64], dout []float64, to statevec.Gradients[float64]) error {
					return few.Adjoint(in, seeds(100+draw, rows), dout, to)
				}
				g := method[float64](adjoint).run(t, in, dout, c.Ideal())
				flat := slices.Concat(g.theta, g.data, g.start)
				sum, square = slices.Grow(sum, len(flat))[:len(flat)], slices.Grow(square, len(flat))[:len(flat)]
				for i, v := range flat {
					sum[i] += v / draws
					square[i] += v * v / draws
				}
			}
			for i, v := range sum {
				square[i] = math.Sqrt(max(0, square[i]-v*v) / (draws - 1))
			}
			note("gradient", sum, slices.Concat(wanted.theta, wanted.data, wanted.start), square)
		}
	}
	if mean := all / float64(count); mean < 0.85 || mean > 1.15 {
		t.Errorf("differences are %v standard errors, want about 1", mean)
	}
	t.Logf("%d comparisons, %.2f standard errors, at most %.1f", count, all/float64(count), worst)
}

// TestTrajectoriesRepeat: bits for bits with any number of threads, and a row alone as among others; with
// chunks of rows and of runs.
func TestTrajectoriesRepeat(t *testing.T) {
	for _, size := range []struct{ n, rows, runs, shots int }{{4, 5, 40, 100}, {12, 2, 700, 700},
		{16, 1, 30, 33}} {
		noise, err := circuit.ParseNoise("depolarizing=0.02,amplitude-damping=0.01,readout=0.1:0.02")
		must(t, err)
		c := ring(size.n, 1, false).RX(1, circuit.Data(0))
		noisy, err := noise.Apply(c)
		must(t, err)
		in := inputs[float64](rand.New(rand.NewPCG(8, 4)), c, size.rows, true)
		dout := normals(rand.New(rand.NewPCG(9, 4)), size.rows*size.n)
		type result struct{ out, stderr, sampled, theta, data, start []float64 }
		run := func(in statevec.Inputs[float64], seeds []uint64, dout []float64, threads int) (r result) {
			z, err := statevec.NewExpectations[float64](size.n, eachZ(size.n), threads)
			must(t, err)
			m := trajectories(t, noisy, z, size.runs, threads)
			r.out, r.stderr = make([]float64, len(dout)), make([]float64, len(dout))
			r.sampled = make([]float64, len(dout))
			must(t, m.Sample(in, statevec.Shots{Count: size.shots, Seeds: seeds}, r.sampled, r.stderr))
			must(t, m.Apply(in, seeds, r.out, nil))
			adjoint := func(in statevec.Inputs[float64], dout []float64, to statevec.Gradients[float64]) error {
				return m.Adjoint(in, seeds, dout, to)
			}
			g := method[float64](adjoint).run(t, in, dout, c)
			r.theta, r.data, r.start = g.theta, g.data, g.start
			return r
		}
		all := seeds(7, size.rows)
		want := run(in, all, dout, 1)
		for _, threads := range []int{2, 3} {
			got := run(in, all, dout, threads)
			for i, x := range [][]float64{got.out, got.stderr, got.sampled, got.theta, got.data, got.start} {
				if !slices.Equal(x, [][]float64{want.out, want.stderr, want.sampled, want.theta, want.data,
					want.start}[i]) {
					t.Errorf("%d qubits, %d threads: result %d differs", size.n, threads, i)
				}
			}
		}
		last := size.rows - 1
		alone := in
		alone.Rows, alone.Data = 1, in.Data[last:]
		alone.Start = func(_ int, psi []float64) { in.Start(last, psi) }
		got := run(alone, all[last:], dout[last*size.n:], 1)
		for i, pair := range [][2][]float64{{got.out, want.out}, {got.sampled, want.sampled},
			{got.stderr, want.stderr}} {
			if !slices.Equal(pair[0], pair[1][last*size.n:]) {
				t.Errorf("%d qubits: result %d of a row alone is %v, among others %v", size.n, i, pair[0],
					pair[1][last*size.n:])
			}
		}
	}
}

// TestTrajectoriesWithoutNoise are the values and gradients of the state vector.
func TestTrajectoriesWithoutNoise(t *testing.T) {
	for _, text := range []string{"",
		"depolarizing=0,amplitude-damping=0,phase-damping=0,thermal-relaxation=0:1:2:0.3"} {
		noise, err := circuit.ParseNoise(text)
		must(t, err)
		c := ring(5, 2, false).RX(1, circuit.Data(0))
		noisy, err := noise.Apply(c)
		must(t, err)
		in := inputs[float64](rand.New(rand.NewPCG(8, 4)), c, 3, true)
		z, err := statevec.NewExpectations[float64](5, eachZ(5), 1)
		must(t, err)
		plan, err := statevec.Compile[float64](c)
		must(t, err)
		exact, err := statevec.NewMeasuredCircuit(plan, z, 1)
		must(t, err)
		m := trajectories(t, noisy, z, 7, 1)
		want, got, stderr := make([]float64, 15), make([]float64, 15), make([]float64, 15)
		must(t, exact.Apply(in, want))
		must(t, m.Apply(in, seeds(7, 3), got, stderr))
		dout := normals(rand.New(rand.NewPCG(9, 4)), 15)
		a := method[float64](exact.Adjoint).run(t, in, dout, c)
		b := method[float64](func(in statevec.Inputs[float64], dout []float64,
			to statevec.Gradients[float64]) error {
			return m.Adjoint(in, seeds(7, 3), dout, to)
		}).run(t, in, dout, c)
		got = slices.Concat(got, b.theta, b.data, b.start)
		for i, v := range slices.Concat(want, a.theta, a.data, a.start) {
			if math.Abs(got[i]-v) > 1e-12 || i < 15 && stderr[i] > 1e-12 {
				t.Errorf("noise %q, number %d: %v, want %v", text, i, got[i], v)
			}
		}
	}
}
