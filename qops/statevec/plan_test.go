package statevec_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// checkAll compares out, din, dtheta and ddata with the plain form, in float32 too.
func checkAll(t *testing.T, p problem) {
	t.Helper()
	must(t, p.c.Err())
	want := p.want(t)
	solve[float64](t, p, 2).near(t, want, 1e-12)
	solve[float32](t, p, 1).near(t, want, 1e-4)
}

// near fails unless the result is another to tol.
func (r result[T]) near(t *testing.T, want result[float64], tol float64) {
	t.Helper()
	near(t, "out", r.out, want.out, tol)
	near(t, "din", r.din, want.din, tol)
	near(t, "dtheta", r.dtheta, want.dtheta, tol)
	near(t, "ddata", r.ddata, want.ddata, tol)
}

// TestEveryGate runs every gate between two layers that leave no state special, with every source of its
// angles, on reversed qubits and under a control.
func TestEveryGate(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for i, k := range allGates() {
		for s, source := range []circuit.Angle{
			circuit.Const(0.7), circuit.Theta(0).Times(-0.5).Plus(0.3), circuit.Data(0).Times(2),
		} {
			t.Run(fmt.Sprintf("%d-%s-%d", i, k.Name(), s), func(t *testing.T) {
				c := circuit.New(k.Qubits() + 1)
				qubits := rng.Perm(c.Qubits())
				angles := slices.Repeat([]circuit.Angle{source}, k.Angles())
				c.RY(0, circuit.Theta(0)).Add(k, angles, qubits[1:]...)
				c.Control(qubits[:1], k, angles, qubits[1:]...).RX(c.Qubits()-1, circuit.Data(0))
				checkAll(t, newProblem(rng, c, 2, false))
			})
		}
	}
}

func TestRandomCircuits(t *testing.T) {
	for real, gates := range map[bool][]circuit.Gate{false: allGates(), true: realGates()} {
		for seed := range uint64(40) {
			rng := rand.New(rand.NewPCG(seed, 2))
			n := 1 + int(seed)%6
			t.Run(fmt.Sprintf("%d-qubits-real-%v-seed-%d", n, real, seed), func(t *testing.T) {
				checkAll(t, newProblem(rng, randomCircuit(rng, gates, n, 12), 1+rng.IntN(3), real))
			})
		}
	}
}

// TestLargeCircuits crosses the sizes where the lanes of a tile become amplitudes (12) and threads share a
// state (16). One gate has more qubits than a tile.
func TestLargeCircuits(t *testing.T) {
	for _, tc := range []struct {
		n, gates, rows int
		real           bool
	}{{12, 30, 2, false}, {12, 30, 2, true}, {13, 40, 3, false}, {16, 30, 2, false}, {16, 30, 1, true}} {
		t.Run(fmt.Sprintf("%d-qubits-real-%v", tc.n, tc.real), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(tc.n), 4))
			gates := allGates()
			if tc.real {
				gates = realGates()
			}
			c := randomCircuit(rng, gates, tc.n, tc.gates).MCX([]int{0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9}, 11)
			p := newProblem(rng, c, tc.rows, tc.real)
			solve[float64](t, p, 2).near(t, p.want(t), 1e-11)
		})
	}
}

func upTo(n int) (out []int) {
	for i := range n {
		out = append(out, i)
	}
	return out
}

// TestThreads checks that results are equal to the last bit for any number of threads, over several chunks
// and a last tile that is not full.
func TestThreads(t *testing.T) {
	for _, tc := range []struct{ n, rows int }{{3, 5000}, {5, 75}, {12, 5}, {16, 2}} {
		rng := rand.New(rand.NewPCG(5, uint64(tc.n)))
		p := newProblem(rng, randomCircuit(rng, allGates(), tc.n, 25), tc.rows, false)
		one := solve[float32](t, p, 1)
		for _, threads := range []int{2, 3} {
			many := solve[float32](t, p, threads)
			for name, pair := range map[string][2][]float32{
				"out": {one.out, many.out}, "din": {one.din, many.din},
				"dtheta": {one.dtheta, many.dtheta}, "ddata": {one.ddata, many.ddata},
			} {
				if !slices.Equal(pair[0], pair[1]) {
					t.Errorf("%d qubits, %d threads: %s differs from one thread", tc.n, threads, name)
				}
			}
		}
	}
}

// TestBatch checks that a batch gives what its rows give one by one.
func TestBatch(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	p := newProblem(rng, randomCircuit(rng, allGates(), 4, 20), 19, false)
	all := solve[float64](t, p, 1)
	width, per := len(p.in)/p.rows, p.c.NumData()
	sum := make([]float64, len(p.theta))
	for row := range p.rows {
		one := p
		one.rows = 1
		one.in, one.dout, one.data = part(p.in, row, width), part(p.dout, row, width), part(p.data, row, per)
		r := solve[float64](t, one, 1)
		near(t, "out", all.out[row*width:][:width], r.out, 0)
		near(t, "din", all.din[row*width:][:width], r.din, 0)
		near(t, "ddata", all.ddata[row*per:][:per], r.ddata, 0)
		for i, v := range r.dtheta {
			sum[i] += v
		}
	}
	near(t, "dtheta", all.dtheta, sum, 1e-12)
}

// TestInPlace checks that out may be in and din may be dout, that nil gradients are skipped, and that the
// steady state allocates nothing.
func TestInPlace(t *testing.T) {
	for _, n := range []int{4, 12, 16} {
		rng := rand.New(rand.NewPCG(7, uint64(n)))
		p := newProblem(rng, randomCircuit(rng, allGates(), n, 12), 2, false)
		want := solve[float64](t, p, 1)
		plan, err := statevec.Compile[float64](p.c)
		if err != nil {
			t.Fatal(err)
		}
		exec := plan.NewExecutor(1)
		state, grad, dtheta := slices.Clone(p.in), slices.Clone(p.dout), make([]float64, len(p.theta))
		if err := exec.Apply(p.rows, p.theta, p.data, state, state); err != nil {
			t.Fatal(err)
		}
		if err := exec.Adjoint(p.rows, p.theta, p.data, state, grad, nil, dtheta, nil); err != nil {
			t.Fatal(err)
		}
		near(t, "dout unchanged", grad, p.dout, 0)
		if err := exec.Adjoint(p.rows, p.theta, p.data, state, grad, grad, nil, nil); err != nil {
			t.Fatal(err)
		}
		near(t, "out", state, want.out, 0)
		near(t, "din", grad, want.din, 0)
		near(t, "dtheta", dtheta, want.dtheta, 0)
		if allocs := testing.AllocsPerRun(3, func() {
			_ = exec.Apply(p.rows, p.theta, p.data, p.in, state)
			_ = exec.Adjoint(p.rows, p.theta, p.data, state, p.dout, grad, dtheta, nil)
		}); allocs != 0 {
			t.Errorf("%d qubits: %v allocations a step", n, allocs)
		}
	}
}

// TestExecutorErrors checks that wrong lengths come back as errors in the user's words.
func TestExecutorErrors(t *testing.T) {
	plan, err := statevec.Compile[float32](circuit.New(2).RY(0, circuit.Theta(1)).RX(1, circuit.Data(0)))
	if err != nil {
		t.Fatal(err)
	}
	exec := plan.NewExecutor(0)
	theta, data, state := make([]float32, 2), make([]float32, 3), make([]float32, 24)
	_, complexError := statevec.CompileReal[float32](circuit.New(1).S(0))
	_, circuitError := statevec.Compile[float32](circuit.New(1).X(1))
	_, nilError := statevec.Compile[float32](nil)
	_, largeError := statevec.Compile[float32](circuit.New(18).MCZ(upTo(17), 17))
	checkFailures(t, []failure{
		{exec.Apply(3, theta[:1], data, state, state), "statevec: want theta of 2 numbers, got 1"},
		{exec.Apply(3, theta, data[:2], state, state), "statevec: want data of 3 numbers, got 2"},
		{exec.Apply(3, theta, data, state[:8], state), "statevec: want in of 24 numbers, got 8"},
		{exec.Apply(3, theta, data, state, state[:8]), "statevec: want out of 24 numbers, got 8"},
		{exec.Apply(-1, theta, data, state, state), "statevec: want 0 or more rows, got -1"},
		{exec.Adjoint(3, theta, data, state, nil, nil, nil, nil),
			"statevec: want dout of 24 numbers, got 0"},
		{exec.Adjoint(3, theta, data, state, state, state[:1], nil, nil),
			"statevec: want din of 24 numbers, got 1"},
		{exec.Adjoint(3, theta, data, state, state, nil, theta[:1], nil),
			"statevec: want dtheta of 2 numbers, got 1"},
		{exec.Adjoint(3, theta, data, state, state, nil, nil, data[:1]),
			"statevec: want ddata of 3 numbers, got 1"},
		{complexError, "want a circuit of real gates for real states"},
		{circuitError, "statevec: circuit: x: qubit 1 out of range [0,1)"},
		{nilError, "statevec: circuit is nil"},
		{largeError, "want gates on at most 16 qubits in a circuit of 18"},
	})
	if err := exec.Apply(0, theta, nil, nil, nil); err != nil {
		t.Errorf("no rows: %v", err)
	}
}
