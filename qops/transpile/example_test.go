package transpile_test

import (
	"fmt"
	"log"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/transpile"
)

// A trained circuit on a device whose qubits stand in a row. Its angle stays a symbol.
func Example() {
	gates, err := circuit.ParseGateSet("rz-rx-cz")
	if err != nil {
		log.Fatal(err)
	}
	c := circuit.New(3).RX(0, circuit.Theta(0)).CZ(0, 1).CZ(1, 2).CZ(0, 2)
	r, err := transpile.Compiler{Gates: gates, Coupling: circuit.Line(3), Seed: 1}.Run(c)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Swaps, "swap; qubits begin on", r.First, "and end on", r.Last)
	fmt.Println(r.Before.TwoQubit, "CZ before,", r.After.TwoQubit, "after")

	s, err := circuit.NewSchedule(r.Circuit,
		circuit.Durations(map[string]float64{"rz": 0, "rx": 32e-9, "cz": 68e-9}), circuit.AsLate)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("it takes %.0f ns, and qubits wait %d times\n", s.Length*1e9, len(s.Idle))
	// Output:
	// 1 swap; qubits begin on [2 0 1] and end on [2 1 0]
	// 3 CZ before, 4 after
	// it takes 400 ns, and qubits wait 2 times
}
