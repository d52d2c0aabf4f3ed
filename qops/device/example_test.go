package device_test

import (
	"fmt"
	"log"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/device"
	"github.com/hqvit/hqvit/qops/statevec"
)

// A Bell pair as a device makes it: compiled for its gates, with the errors of gates, of waiting and of
// readout.
func Example() {
	d, err := device.Named("superconducting-19")
	if err != nil {
		log.Fatal(err)
	}
	noisy, last, err := d.Compile(circuit.New(2).H(0).CX(0, 1), 1)
	if err != nil {
		log.Fatal(err)
	}
	plan, err := statevec.CompileDensity[float64](noisy)
	if err != nil {
		log.Fatal(err)
	}
	read, err := statevec.NewProbabilities[float64](noisy.Qubits(), last, 1)
	if err != nil {
		log.Fatal(err)
	}
	m, err := statevec.NewMeasuredDensity(plan, read, 1)
	if err != nil {
		log.Fatal(err)
	}
	p := make([]float64, 4)
	if err := m.Apply(statevec.Inputs[float64]{Rows: 1}, p); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("00 %.3f, 01 %.3f, 10 %.3f, 11 %.3f\n", p[0], p[1], p[2], p[3])
	// Output: 00 0.491, 01 0.011, 10 0.011, 11 0.487
}
