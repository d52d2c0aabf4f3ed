package statevec_test

import (
	"runtime"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// TestMemoryOfAGradient runs 200 gates on 20 qubits and their gradient. The states are the caller's three: the input, which becomes the result, its gradient,
// which becomes that of the input, and one of the sweep's own that un-applies the gates, since the result is kept.
func TestMemoryOfAGradient(t *testing.T) {
	if testing.Short() {
		t.Skip("runs 20 qubits")
	}
	const qubits, gates = 20, 200
	c := circuit.New(qubits)
	for i := range gates / 2 {
		c.RX(i%qubits, circuit.Theta(i)).CRZ(i%qubits, (i+7)%qubits, circuit.Data(0))
	}
	plan, err := statevec.Compile[float32](c)
	must(t, err)
	state, grad, theta, data := make([]float32, plan.Width()), make([]float32, plan.Width()), make([]float32, c.NumTheta()), []float32{0.3}
	state[1], grad[2] = 1, 1
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	exec := plan.NewExec(2)
	must(t, exec.Apply(1, theta, data, state, state))
	must(t, exec.Adjoint(1, theta, data, state, grad, grad, theta, data))
	runtime.ReadMemStats(&after)
	const scratch = 0.3 // tiles and angles of the workers
	if own := float64(after.TotalAlloc-before.TotalAlloc) / float64(4*len(state)); own > 1+scratch {
		t.Errorf("the gradient allocates %.2f states, want the one that un-applies the gates", own)
	}
}
