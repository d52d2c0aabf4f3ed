package statevec_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// A Bell pair, of a circuit that is compiled once and run on a batch of one state.
func ExampleCompile() {
	plan, err := statevec.Compile[float64](circuit.New(2).H(0).CX(0, 1))
	if err != nil {
		log.Fatal(err)
	}
	in := []float64{1, 0, 0, 0, 0, 0, 0, 0} // |00⟩: real and imaginary part of each of 4 amplitudes
	out := make([]float64, len(in))
	err = plan.NewExecutor(1).Apply(1, nil, nil, in, out)
	fmt.Printf("%.3f %v\n", out, err)
	// Output: [0.707 0.000 0.000 0.000 0.000 0.000 0.707 0.000] <nil>
}

// The same by the definition, one gate after the other, to compare with.
func ExamplePlainApply() {
	out, err := statevec.PlainApply(circuit.New(2).H(0).CX(0, 1), nil, nil, []complex128{1, 0, 0, 0})
	fmt.Printf("%.3f %v\n", out, err)
	// Output: [(0.707+0.000i) (0.000+0.000i) (0.000+0.000i) (0.707+0.000i)] <nil>
}

// Sixteen qubits with noise behind every gate, where a density matrix would have 4^16 numbers: an entangled
// state, of which the outer qubits are always read alike without noise.
func ExampleMeasuredTrajectories() {
	const n = 16
	c := circuit.New(n).H(0)
	for q := range n - 1 {
		c.CX(q, q+1)
	}
	noise, err := circuit.ParseNoise("depolarizing=0.01,idle:phase-damping=0.001,readout=0.005")
	if err != nil {
		log.Fatal(err)
	}
	noisy, err := noise.Apply(c)
	if err != nil {
		log.Fatal(err)
	}
	plan, err := statevec.CompileTrajectories[float64](noisy)
	if err != nil {
		log.Fatal(err)
	}
	alike, err := statevec.NewExpectations[float64](n, []statevec.Observable{{{Coefficient: 1, Pauli: "Z" +
		strings.Repeat("I", n-2) + "Z"}}}, 1)
	if err != nil {
		log.Fatal(err)
	}
	m, err := statevec.NewMeasuredTrajectories(plan, alike, 1000, 1)
	if err != nil {
		log.Fatal(err)
	}
	out, stderr := make([]float64, 1), make([]float64, 1)
	if err := m.Apply(statevec.Inputs[float64]{Rows: 1}, []uint64{1}, out, stderr); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.1f errors a run, ⟨Z₀Z₁₅⟩ = %.2f ± %.2f\n", plan.Errors(), out[0], stderr[0])
	// Output: 0.2 errors a run, ⟨Z₀Z₁₅⟩ = 0.86 ± 0.01
}
