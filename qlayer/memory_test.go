package qlayer_test

import (
	"runtime"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
)

// long is an ansatz of that many gates, every other one trained.
func long(gates int) qlayer.Ansatz {
	return func(n int) *circuit.Circuit {
		c := circuit.New(n)
		for i := range gates / 2 {
			c.RX(i%n, circuit.Theta(i)).CX(i%n, (i+7)%n)
		}
		return c
	}
}

// held returns the bytes that a layer's graph with gradients to x and theta holds with its machine after two
// runs, and what a third allocates.
func held(t *testing.T, layer nn.Layer, features int) float64 {
	t.Helper()
	values := make([]float32, features)
	for i := range values {
		values[i] = float32(i%7) - 2
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC() // what pools hold goes with the second
	runtime.ReadMemStats(&before)
	g, st := G.NewGraph(), nn.NewStore(1)
	s := nn.NewScope(g, st)
	x := G.NewMatrix(g, tensor.Float32, G.WithShape(1, len(values)), G.WithName("x"),
		G.WithValue(tensor.New(tensor.WithShape(1, len(values)), tensor.WithBacking(values))))
	y, err := layer.Forward(s, x)
	if err != nil {
		t.Fatal(err)
	}
	loss, err := nn.Sum(y)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = op.Grad(loss, append(s.Params(), x)...); err != nil {
		t.Fatal(err)
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	run := func() {
		m.Reset()
		if err := m.RunAll(); err != nil {
			t.Fatal(err)
		}
	}
	run()
	run()
	runtime.GC()
	runtime.ReadMemStats(&after)
	bytes := float64(after.HeapAlloc) - float64(before.HeapAlloc)
	total := after.TotalAlloc
	run()
	runtime.ReadMemStats(&after)
	return bytes + float64(after.TotalAlloc-total)
}

// TestMemoryDoesNotGrowWithGates trains 20 qubits by circuits of 20 and of 200 gates. As one node, held are
// the state and its gradient, and by amplitudes half a state for the gradient of the features. Node by node,
// a state and its gradient each for the encoder and the circuit, one that the sweep un-applies the gates to,
// and half of one for the features.
func TestMemoryDoesNotGrowWithGates(t *testing.T) {
	if testing.Short() {
		t.Skip("runs 20 qubits")
	}
	const qubits = 20
	state := float64(uint64(8) << qubits)
	for name, c := range map[string]struct {
		encoder  qlayer.Encoder
		features int
		states   float64
	}{"angles": {qlayer.Angle{}, qubits, 2.4}, "amplitudes": {qlayer.Amplitude{}, 1 << qubits, 2.9},
		"node by node": {custom{qlayer.Amplitude{}}, 1 << qubits, 5.9}} {
		few := held(t, qlayer.Circuit{Encoder: c.encoder, Ansatz: long(20)}, c.features) / state
		many := held(t, qlayer.Circuit{Encoder: c.encoder, Ansatz: long(200)}, c.features) / state
		t.Logf("%s: 20 gates hold %.2f states, 200 gates %.2f", name, few, many)
		if plan := 180 * 12 << 10 / state; many > few+plan || many > c.states { // some kB of each gate's own
			t.Errorf("%s: 20 gates hold %.2f states of memory, 200 gates %.2f, want at most %v",
				name, few, many, c.states)
		}
	}
}
