package statevec_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

// checkAll holds out, din, dtheta and ddata against the reference and its central differences.
func checkAll(t *testing.T, p problem) {
	t.Helper()
	if err := p.c.Err(); err != nil {
		t.Fatal(err)
	}
	r := solve[float64](t, p, 2)
	width, per := len(p.in)/p.rows, p.c.NumData()
	var every []int
	for row := range p.rows {
		every = append(every, row)
		near(t, "out", r.out[row*width:(row+1)*width], p.row(row), 1e-12)
		for i := range per {
			near(t, fmt.Sprintf("row %d ddata %d", row, i), r.ddata[row*per+i:][:1], []float64{p.slope(&p.data[row*per+i], row)}, 1e-8)
		}
		for _, i := range []int{0, 1, width / 2, width - 1} {
			near(t, fmt.Sprintf("row %d din %d", row, i), r.din[row*width+i:][:1], []float64{p.slope(&p.in[row*width+i], row)}, 1e-8)
		}
	}
	for i := range p.theta {
		near(t, fmt.Sprint("dtheta ", i), r.dtheta[i:][:1], []float64{p.slope(&p.theta[i], every...)}, 1e-8)
	}
	single := solve[float32](t, p, 1)
	near(t, "float32 out", single.out, r.out, 1e-4)
	near(t, "float32 din", single.din, r.din, 1e-4)
	near(t, "float32 dtheta", single.dtheta, r.dtheta, 1e-4)
	near(t, "float32 ddata", single.ddata, r.ddata, 1e-4)
}

// TestEveryKind runs every kind between two layers that leave no state special, with every source of its angles, on reversed qubits and under a control.
func TestEveryKind(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for i, k := range allKinds() {
		for s, source := range []circuit.Angle{circuit.Const(0.7), circuit.Theta(0).Times(-0.5).Plus(0.3), circuit.Data(0).Times(2)} {
			t.Run(fmt.Sprintf("%d-%s-%d", i, k.Name, s), func(t *testing.T) {
				c := circuit.New(k.Qubits + 1)
				qubits := rng.Perm(c.Qubits())
				angles := slices.Repeat([]circuit.Angle{source}, k.Angles)
				c.RY(0, circuit.Theta(0)).Add(k, angles, qubits[1:]...).Control(qubits[:1], k, angles, qubits[1:]...).RX(c.Qubits()-1, circuit.Data(0))
				checkAll(t, newProblem(rng, c, 2, false))
			})
		}
	}
}

func TestRandomCircuits(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 2))
		n := 1 + int(seed)%6
		t.Run(fmt.Sprintf("%d-qubits-seed-%d", n, seed), func(t *testing.T) {
			checkAll(t, newProblem(rng, randomCircuit(rng, allKinds(), n, 12), 1+rng.IntN(3), false))
		})
	}
}

func TestRandomRealCircuits(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 3))
		n := 1 + int(seed)%6
		t.Run(fmt.Sprintf("%d-qubits-seed-%d", n, seed), func(t *testing.T) {
			checkAll(t, newProblem(rng, randomCircuit(rng, realKinds(), n, 12), 1+rng.IntN(3), true))
		})
	}
}
