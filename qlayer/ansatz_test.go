package qlayer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
)

// TestAnsatz writes the circuits out: gate, qubits, angle.
func TestAnsatz(t *testing.T) {
	for _, c := range []struct {
		name   string
		ansatz qlayer.Ansatz
		qubits int
		want   string
	}{
		{"RealAmplitudes", qlayer.RealAmplitudes(2), 3, "ry 0 θ0; ry 1 θ1; ry 2 θ2; cx 0 1; cx 1 2; cx 2 0; ry 0 θ3; ry 1 θ4; ry 2 θ5; cx 0 1; cx 1 2; cx 2 0"},
		{"RealAmplitudes of one", qlayer.RealAmplitudes(2), 1, "ry 0 θ0; ry 0 θ1"},
		{"Entangling", qlayer.Entangling(1), 2, "ry 0 θ0; rz 0 θ1; ry 1 θ2; rz 1 θ3; cx 0 1; cx 1 0"},
		{"Product", qlayer.Product(2), 2, "ry 0 θ0; ry 1 θ1; ry 0 θ2; ry 1 θ3"},
	} {
		if got := written(c.ansatz(c.qubits)); got != c.want {
			t.Errorf("%s on %d qubits:\n got %s\nwant %s", c.name, c.qubits, got, c.want)
		}
	}
}

func written(c *circuit.Circuit) string {
	var gates []string
	for _, g := range c.Gates() {
		words := []string{g.Name()}
		for _, q := range g.Touches() {
			words = append(words, fmt.Sprint(q))
		}
		for _, a := range g.Angles {
			words = append(words, a.String())
		}
		gates = append(gates, strings.Join(words, " "))
	}
	return strings.Join(gates, "; ")
}

// TestAnsatzResources holds the counts and depths of the doc comments.
func TestAnsatzResources(t *testing.T) {
	for n := 1; n <= 6; n++ {
		for layers := 1; layers <= 3; layers++ {
			for _, c := range []struct {
				name          string
				ansatz        qlayer.Ansatz
				angles, depth int
				real          bool
			}{
				{"RealAmplitudes", qlayer.RealAmplitudes(layers), layers * n, layers * (n + 1), true},
				{"Entangling", qlayer.Entangling(layers), 2 * layers * n, layers * (n + 2), false},
				{"Product", qlayer.Product(layers), layers * n, layers, true},
			} {
				built := c.ansatz(n)
				if r := built.Resources(); r.Theta != c.angles || r.Depth > c.depth || built.Real() != c.real {
					t.Errorf("%s(%d) on %d qubits: %v, real %v", c.name, layers, n, r, built.Real())
				}
			}
		}
	}
}
