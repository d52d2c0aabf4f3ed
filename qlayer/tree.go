package qlayer

import "github.com/hqvit/hqvit/qops/circuit"

// TreeTensor returns the tree tensor network: the bricks of Brick on pairs of qubits, then on pairs of their
// second qubits, and so on until one is left, and RY on that. What the tree gathers is measured on the last
// qubit. Its matrix is real orthogonal.
//
// For n qubits it has 2n−1 angles, two for each of n−1 bricks and one at the root. Its depth is at most
// 2·⌈log2 n⌉+1.
//
// Source: Grant et al., Hierarchical quantum classifiers, arXiv:1804.03680.
func TreeTensor() Ansatz {
	return buildTree(func(*circuit.Circuit, func() circuit.Angle, []int) {})
}

// MERA returns the multi-scale entanglement renormalisation ansatz: TreeTensor with a row of bricks before
// each level, on the neighbours that the level does not pair, so that what they share is not lost to the
// tree. Its matrix is real orthogonal.
//
// A level of m qubits, m = n, ⌈n/2⌉, …, 2, has m−1 bricks of two angles, the root one more angle: 4n−3−2·log2
// n angles if n is a power of two. Its depth is at most 4·⌈log2 n⌉+1.
//
// Source: Grant et al., Hierarchical quantum classifiers, arXiv:1804.03680.
func MERA() Ansatz {
	return buildTree(func(c *circuit.Circuit, next func() circuit.Angle, level []int) {
		for i := 1; i+1 < len(level); i += 2 {
			addBrick(c, next, level[i], level[i+1])
		}
	})
}

// buildTree returns the ansatz that halves its qubits level by level, with disentangle before each.
func buildTree(disentangle func(c *circuit.Circuit, next func() circuit.Angle, level []int)) Ansatz {
	return newAnsatz(func(c *circuit.Circuit, next func() circuit.Angle) {
		var level []int
		for q := range c.Qubits() {
			level = append(level, q)
		}
		for len(level) > 1 {
			disentangle(c, next, level)
			var above []int
			for i := 0; i+1 < len(level); i += 2 {
				addBrick(c, next, level[i], level[i+1])
				above = append(above, level[i+1])
			}
			if len(level)%2 == 1 { // the odd one goes up alone
				above = append(above, level[len(level)-1])
			}
			level = above
		}
		c.RY(c.Qubits()-1, next())
	})
}
