package qlayer

import "github.com/hqvit/hqvit/qops/circuit"

// Ansatz makes the circuit of a layer for its number of qubits. One of one's own is a function that counts its trained angles from Theta(0), and takes features again as
// Data(0), Data(1), … if it likes; mistakes in it come back from Forward.
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
			turnEach(c, next)
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
//
// As the control of an attention score it needs layers ≥ 2. With one layer and the same ansatz for query and key, the fixed gates at the end of RealAmplitudes, Entangling
// and StronglyEntangling cancel in U_q†U_k, which is a product, too: such models do not entangle either (docs/math.md, section 2).
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

// StronglyEntangling returns the ansatz of layers × (U on every qubit, then CX from each qubit q to q+r, counted round), the range r growing from
// layer to layer through 1, 2, …, n−1 and from 1 again. Its matrix is complex.
//
// For n qubits it has 3·layers·n angles, layer l turning qubit q by U(θ[3(l·n+q)], θ[3(l·n+q)+1], θ[3(l·n+q)+2]), and layers·n CX (none for n = 1).
// Its depth is at most layers·(n+1).
//
// Source: Schuld, Bocharov, Svore, Wiebe, arXiv:1804.00633, whose code blocks have these ranges.
func StronglyEntangling(layers int) Ansatz {
	return func(n int) *circuit.Circuit {
		c, next := circuit.New(n), counter()
		for l := range layers {
			for q := range n {
				c.U(q, next(), next(), next())
			}
			for q := 0; q < n && n > 1; q++ {
				c.CX(q, (q+1+l%(n-1))%n)
			}
		}
		return c
	}
}

// HardwareEfficient returns the ansatz of layers × (RY and RZ on every qubit, then CZ between neighbours in a line) with RY and RZ on every qubit
// at its end: no gate reaches further than a chip on which the qubits stand in a row. Its matrix is complex.
//
// For n qubits it has 2n·(layers+1) angles, row l turning qubit q by RY(θ[2(l·n+q)]) and RZ(θ[2(l·n+q)+1]), and layers·(n−1) CZ. Its depth is at
// most 4·layers+2, whatever n.
//
// Source: Kandala et al., arXiv:1704.05018.
func HardwareEfficient(layers int) Ansatz {
	return func(n int) *circuit.Circuit {
		c, next := circuit.New(n), counter()
		for range layers {
			turnEach(c, next)
			brickwork(n, func(q int) { c.CZ(q, q+1) })
		}
		turnEach(c, next)
		return c
	}
}

// Brick returns the brickwork of layers × (a row of bricks on the qubits (0,1), (2,3), …, then one on (1,2), (3,4), …), a brick being RY on both
// qubits and CX from the first to the second. Its matrix is real orthogonal.
//
// For n qubits it has layers·(n−1) bricks of two angles each (none for n = 1), counted as they stand. Its depth is at most 4·layers, whatever n.
func Brick(layers int) Ansatz {
	return func(n int) *circuit.Circuit {
		c, next := circuit.New(n), counter()
		for range layers {
			brickwork(n, func(q int) { brick(c, next, q, q+1) })
		}
		return c
	}
}

// Reuploading returns the ansatz of layers × (Entangling of one layer, then RX(x_q) on every qubit) with RY and RZ on every qubit at its end: it takes the
// features again in each layer, which gives its expectations higher frequencies in them: with Encoder Angle, up to layers+1 of each feature. Its matrix
// is complex.
//
// For n qubits it takes n features, those of Encoder Angle, Basis or IQP, and has 2n·(layers+1) angles, counted as they stand, and layers·n CX (none for
// n = 1). Its depth is at most layers·(n+3)+2.
//
// Source: Pérez-Salinas et al., arXiv:1907.02085; Schuld, Sweke, Meyer, arXiv:2008.08605.
func Reuploading(layers int) Ansatz {
	return func(n int) *circuit.Circuit {
		c, next := circuit.New(n), counter()
		for range layers {
			turnEach(c, next)
			ring(c)
			for q := range n {
				c.RX(q, circuit.Data(q))
			}
		}
		turnEach(c, next)
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

// turnEach appends RY and RZ on every qubit.
func turnEach(c *circuit.Circuit, next func() circuit.Angle) {
	for q := range c.Qubits() {
		c.RY(q, next()).RZ(q, next())
	}
}

// brick appends RY on both qubits and CX from the first to the second.
func brick(c *circuit.Circuit, next func() circuit.Angle, a, b int) {
	c.RY(a, next()).RY(b, next()).CX(a, b)
}

// brickwork calls lay for each pair (q, q+1) of n things, those with even q first.
func brickwork(n int, lay func(q int)) {
	for _, first := range []int{0, 1} {
		for q := first; q+1 < n; q += 2 {
			lay(q)
		}
	}
}
