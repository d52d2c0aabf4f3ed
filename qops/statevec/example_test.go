package statevec_test

import (
	"fmt"
	"log"

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
