package qlayer

import (
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

// maxOperations is the largest circuit of a layer: an ansatz or an encoding of more operations is a mistake,
// for which one step would take minutes. What else is bounded: circuit.MaxQubits, circuit.MaxAngles, and by
// op.MaxElements a batch of states, a parameter and every node.
const maxOperations = 1 << 15

// newAnsatz returns the ansatz of what fill appends to the empty circuit, with theta 0, 1, 2, … from next.
func newAnsatz(fill func(c *circuit.Circuit, next func() circuit.Angle)) Ansatz {
	return func(n int) *circuit.Circuit {
		c := circuit.New(n)
		if c.Err() == nil { // else n may be any number
			fill(c, newCounter())
		}
		return c
	}
}

// layered returns the ansatz of so many layers, each appended by add, and of what ends append. It has an
// error for a negative number of layers, and for more than maxOperations.
func layered(name string, layers int, add func(c *circuit.Circuit, next func() circuit.Angle, layer int),
	ends ...func(c *circuit.Circuit, next func() circuit.Angle)) Ansatz {
	return newAnsatz(func(c *circuit.Circuit, next func() circuit.Angle) {
		appendLayers(c, name, layers, func(layer int) { add(c, next, layer) })
		for _, end := range ends {
			end(c, next)
		}
	})
}

// appendLayers calls add for each of so many layers, which the first one shows the size of.
func appendLayers(c *circuit.Circuit, name string, layers int, add func(layer int)) {
	if layers < 0 {
		c.Fail(errors.Errorf("%s: want 0 or more layers, got %d", name, layers))
	}
	for layer := 0; layer < layers && c.Err() == nil; layer++ {
		add(layer)
		if layer > 0 {
			continue
		}
		if most := maxOperations / max(1, len(c.Operations())); layers > most {
			c.Fail(errors.Errorf("%s: %d layers on %d qubits have more than %d operations, want at most %d "+
				"layers", name, layers, c.Qubits(), maxOperations, most))
		}
	}
}

// checkOperations returns an error for a circuit of more than maxOperations.
func checkOperations(c *circuit.Circuit) error {
	if n := len(c.Operations()); n > maxOperations {
		return errors.Errorf("want at most %d operations, got %d", maxOperations, n)
	}
	return nil
}
