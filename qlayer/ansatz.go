package qlayer

import "github.com/hqvit/hqvit/qops/circuit"

// Ansatz makes the circuit of a layer for its number of qubits. A custom ansatz is a function that counts its
// trained angles from Theta(0), and may take the features again as Data(0), Data(1), …; mistakes in it come
// back from Forward. Those of this package take 0 or more layers; a layer takes a circuit of up to 32768
// operations.
type Ansatz func(qubits int) *circuit.Circuit

// RealAmplitudes returns the ansatz of layers × (RY on every qubit, then a ring of CX from each qubit q to
// q+1, the last to the first, in the order of q). Its matrix is real orthogonal.
//
// For n qubits it has layers·n angles, θ[l·n+q] on qubit q in layer l, and layers·n CX (none for n = 1). Its
// depth is at most layers·(n+1).
//
// Source: Kandala et al., arXiv:1704.05018, with the ring of docs/peers/torch_vit.py.
func RealAmplitudes(layers int) Ansatz {
	return layered("RealAmplitudes", layers, func(c *circuit.Circuit, next func() circuit.Angle, _ int) {
		addRY(c, next)
		addRing(c)
	})
}

// Entangling returns the ansatz of layers × (RY and RZ on every qubit, then the ring of CX of
// RealAmplitudes). Its matrix is complex.
//
// For n qubits it has 2·layers·n angles, in layer l RY(θ[2(l·n+q)]) and RZ(θ[2(l·n+q)+1]) on qubit q, and
// layers·n CX (none for n = 1). Its depth is at most layers·(n+2).
//
// Source: Schuld, Bocharov, Svore, Wiebe, arXiv:1804.00633.
func Entangling(layers int) Ansatz {
	return layered("Entangling", layers, func(c *circuit.Circuit, next func() circuit.Angle, _ int) {
		addRotations(c, next)
		addRing(c)
	})
}

// Product returns RealAmplitudes without its CX: the control that tells what entanglement contributes. Its
// matrix is a tensor product of rotations of one qubit.
//
// For n qubits it has layers·n angles and depth layers. Successive RY add up, so it has the freedom of n
// angles whatever the layers: the number is kept to compare models of equal count.
//
// As the control of an attention score it needs layers ≥ 2. With one layer and the same ansatz for query and
// key, the fixed gates at the end of RealAmplitudes, Entangling and StronglyEntangling cancel in U_q†U_k,
// which is a product, too: such models do not entangle either (docs/math.md, section 2).
func Product(layers int) Ansatz {
	return layered("Product", layers, func(c *circuit.Circuit, next func() circuit.Angle, _ int) {
		addRY(c, next)
	})
}

// StronglyEntangling returns the ansatz of layers × (U on every qubit, then CX from each qubit q to q+r
// modulo n), the range r growing from layer to layer through 1, 2, …, n−1 and from 1 again. Its matrix is
// complex.
//
// For n qubits it has 3·layers·n angles, in layer l U(θ[3(l·n+q)], θ[3(l·n+q)+1], θ[3(l·n+q)+2]) on qubit q,
// and layers·n CX (none for n = 1). Its depth is at most layers·(n+1).
//
// Source: Schuld, Bocharov, Svore, Wiebe, arXiv:1804.00633, whose code blocks have these ranges.
func StronglyEntangling(layers int) Ansatz {
	return layered("StronglyEntangling", layers, func(c *circuit.Circuit, next func() circuit.Angle, l int) {
		n := c.Qubits()
		for q := range n {
			c.U(q, next(), next(), next())
		}
		for q := 0; q < n && n > 1; q++ {
			c.CX(q, (q+1+l%(n-1))%n)
		}
	})
}

// HardwareEfficient returns the ansatz of layers × (RY and RZ on every qubit, then CZ between neighbours in a
// line) with RY and RZ on every qubit at its end: no gate reaches further than on a chip whose qubits stand
// in a row. Its matrix is complex.
//
// For n qubits it has 2n·(layers+1) angles, in row l RY(θ[2(l·n+q)]) and RZ(θ[2(l·n+q)+1]) on qubit q, and
// layers·(n−1) CZ. Its depth is at most 4·layers+2, whatever n.
//
// Source: Kandala et al., arXiv:1704.05018.
func HardwareEfficient(layers int) Ansatz {
	return layered("HardwareEfficient", layers, func(c *circuit.Circuit, next func() circuit.Angle, _ int) {
		addRotations(c, next)
		brickwork(c.Qubits(), func(q int) { c.CZ(q, q+1) })
	}, addRotations)
}

// Brick returns the brickwork of layers × (a row of bricks on the qubits (0,1), (2,3), …, then one on (1,2),
// (3,4), …), a brick being RY on both qubits and CX from the first to the second. Its matrix is real
// orthogonal.
//
// For n qubits it has layers·(n−1) bricks of two angles each (none for n = 1), counted in the order of the
// gates. Its depth is at most 4·layers, whatever n.
func Brick(layers int) Ansatz {
	return layered("Brick", layers, func(c *circuit.Circuit, next func() circuit.Angle, _ int) {
		brickwork(c.Qubits(), func(q int) { addBrick(c, next, q, q+1) })
	})
}

// Reuploading returns the ansatz of layers × (Entangling of one layer, then RX(x_q) on every qubit) with RY
// and RZ on every qubit at its end: it takes the features again in each layer, which gives its expectations
// higher frequencies in them: with Encoder Angle, up to layers+1 of each feature. Its matrix is complex.
//
// For n qubits it takes n features, those of Encoder Angle, Basis or IQP, and has 2n·(layers+1) angles,
// counted in the order of the gates, and layers·n CX (none for n = 1). Its depth is at most layers·(n+3)+2.
//
// Source: Pérez-Salinas et al., arXiv:1907.02085; Schuld, Sweke, Meyer, arXiv:2008.08605.
func Reuploading(layers int) Ansatz {
	return layered("Reuploading", layers, func(c *circuit.Circuit, next func() circuit.Angle, _ int) {
		addRotations(c, next)
		addRing(c)
		for q := range c.Qubits() {
			c.RX(q, circuit.Data(q))
		}
	}, addRotations)
}

// newCounter returns theta 0, 1, 2, … from call to call.
func newCounter() func() circuit.Angle {
	i := -1
	return func() circuit.Angle {
		i++
		return circuit.Theta(i)
	}
}

// addRing appends CX from every qubit to the next, the last to the first.
func addRing(c *circuit.Circuit) {
	n := c.Qubits()
	for q := 0; q < n && n > 1; q++ {
		c.CX(q, (q+1)%n)
	}
}

// addRY appends RY on every qubit.
func addRY(c *circuit.Circuit, next func() circuit.Angle) {
	for q := range c.Qubits() {
		c.RY(q, next())
	}
}

// addRotations appends RY and RZ on every qubit.
func addRotations(c *circuit.Circuit, next func() circuit.Angle) {
	for q := range c.Qubits() {
		c.RY(q, next()).RZ(q, next())
	}
}

// addBrick appends RY on both qubits and CX from the first to the second.
func addBrick(c *circuit.Circuit, next func() circuit.Angle, a, b int) {
	c.RY(a, next()).RY(b, next()).CX(a, b)
}

// brickwork calls place for each pair (q, q+1) of n qubits, those with even q first.
func brickwork(n int, place func(q int)) {
	for _, first := range []int{0, 1} {
		for q := first; q+1 < n; q += 2 {
			place(q)
		}
	}
}
