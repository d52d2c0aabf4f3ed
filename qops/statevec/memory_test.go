package statevec_test

import (
	"runtime"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// TestMemoryOfAGradient runs 200 gates on 20 qubits and their gradient. The states are the caller's two, the
// input, which becomes the result, and its gradient, which becomes that of the input, and, if the result is
// kept, one of the sweep's own that un-applies the gates.
func TestMemoryOfAGradient(t *testing.T) {
	if testing.Short() {
		t.Skip("runs 20 qubits")
	}
	c := long(200)
	plan, err := statevec.Compile[float32](c)
	must(t, err)
	state, grad, theta, data := make([]float32, plan.Width()), make([]float32, plan.Width()), make([]float32,
		c.NumTheta()), []float32{
		0.3,
	}
	state[1], grad[2] = 1, 1
	for want, adjoint := range map[float64]func(e *statevec.Executor[float32]) error{
		1: func(e *statevec.Executor[float32]) error {
			return e.Adjoint(1, theta, data, state, grad, grad, theta, data)
		},
		0: func(e *statevec.Executor[float32]) error {
			return e.AdjointInPlace(1, theta, data, state, grad, theta, data)
		},
	} {
		if own := allocated(func() {
			exec := plan.NewExecutor(2)
			must(t, exec.Apply(1, theta, data, state, state))
			must(t, adjoint(exec))
		}) / float64(4*len(state)); own > want+scratch {
			t.Errorf("the gradient allocates %.2f states, want %v", own, want)
		}
	}
}

// TestMemoryOfAMeasuredCircuit: the state and its gradient, whatever the gates, with any measurement that
// itself holds none.
func TestMemoryOfAMeasuredCircuit(t *testing.T) {
	if testing.Short() {
		t.Skip("runs 20 qubits")
	}
	for _, gates := range []int{20, 200} {
		c := long(gates)
		plan, err := statevec.Compile[float32](c)
		must(t, err)
		in, theta := statevec.Inputs[float32]{
			Rows:  1,
			Theta: make([]float32, c.NumTheta()),
			Data:  []float32{0.3},
		}, make([]float32, c.NumTheta())
		if own := allocated(func() {
			read, err := statevec.NewExpectations[float32](20, eachZ(20), 1)
			must(t, err)
			e, err := statevec.NewMeasuredCircuit(plan, read, 1)
			must(t, err)
			z := make([]float32, 20)
			must(t, e.Apply(in, z))
			must(t, e.Adjoint(in, z, statevec.Gradients[float32]{Theta: theta}))
		}) / float64(4*plan.Width()); own > 2+scratch {
			t.Errorf("%d gates: %.2f states, want 2", gates, own)
		}
	}
}

const scratch = 0.33 // tiles and angles of the workers, in states of 20 qubits

// long returns a circuit of so many gates on 20 qubits.
func long(gates int) *circuit.Circuit {
	const qubits = 20
	c := circuit.New(qubits)
	for i := range gates / 2 {
		c.RX(i%qubits, circuit.Theta(i)).CRZ(i%qubits, (i+7)%qubits, circuit.Data(0))
	}
	return c
}

// allocated returns the bytes that f takes.
func allocated(f func()) float64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc)
}
