package qlayer

import "github.com/hqvit/hqvit/qops/circuit"

// Ansatz makes the circuit of a layer for its number of qubits.
type Ansatz func(qubits int) *circuit.Circuit

// RealAmplitudes returns the ansatz of layers × (RY on every qubit, then a ring of CX from each qubit q to q+1, the last to the first, in the
// order of q). Its matrix is real orthogonal.
//
// For n qubits it has layers·n angles, layer l turning qubit q by θ[l·n+q], and layers·n CX (none for n = 1). Its depth is at most layers·(n+1).
//
// Source: Kandala et al., arXiv:1704.05018, with the ring of docs/peers/torch_vit.py.
func RealAmplitudes(layers int) Ansatz {
	return func(n int) *circuit.Circuit {
		c, next := circuit.New(n), counter()
		for range layers {
			for q := range n {
				c.RY(q, next())
			}
			ring(c)
		}
		return c
	}
}

// Entangling returns the ansatz of layers × (RY and RZ on every qubit, then the ring of CX of RealAmplitudes). Its matrix is complex.
//
// For n qubits it has 2·layers·n angles, layer l turning qubit q by RY(θ[2(l·n+q)]) and RZ(θ[2(l·n+q)+1]), and layers·n CX (none for n = 1).
// Its depth is at most layers·(n+2).
//
// Source: Schuld, Bocharov, Svore, Wiebe, arXiv:1804.00633.
func Entangling(layers int) Ansatz {
	return func(n int) *circuit.Circuit {
		c, next := circuit.New(n), counter()
		for range layers {
			for q := range n {
				c.RY(q, next()).RZ(q, next())
			}
			ring(c)
		}
		return c
	}
}

// Product returns RealAmplitudes without its CX: the control that tells what entanglement contributes. Its matrix is a tensor product of
// rotations of one qubit.
//
// For n qubits it has layers·n angles and depth layers. Successive RY add up, so it has the freedom of n angles whatever the layers: the number is kept
// to compare models of equal count.
func Product(layers int) Ansatz {
	return func(n int) *circuit.Circuit {
		c, next := circuit.New(n), counter()
		for range layers {
			for q := range n {
				c.RY(q, next())
			}
		}
		return c
	}
}

// ring appends CX from every qubit to the next, the last to the first.
func ring(c *circuit.Circuit) {
	n := c.Qubits()
	for q := 0; q < n && n > 1; q++ {
		c.CX(q, (q+1)%n)
	}
}

// counter returns theta 0, 1, 2, … from call to call.
func counter() func() circuit.Angle {
	i := -1
	return func() circuit.Angle {
		i++
		return circuit.Theta(i)
	}
}
