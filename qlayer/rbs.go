package qlayer

import "github.com/hqvit/hqvit/qops/circuit"

// Pyramid returns the triangle of RBS between neighbours that reaches every rotation: in the space of one 1
// among the qubits its matrix is an orthogonal n×n matrix of determinant 1, and every such matrix for some
// angles. The matrix is real orthogonal and keeps the number of ones, so it does nothing to |0…0⟩: encode
// data first.
//
// For n qubits it has n(n−1)/2 angles, one for each gate in order, and depth 2n−3 (0 for n = 1).
//
// Source: Kerenidis, Landman, Mathur, arXiv:2106.07198; in transformers Cherrat et al., arXiv:2209.08167.
func Pyramid() Ansatz { return PyramidForm.ansatz() }

// Butterfly returns RBS between the qubits whose numbers differ in one bit, as in a fast Fourier transform,
// the highest bit first: it mixes all qubits in the least depth, and reaches fewer rotations than Pyramid.
// Its matrix is real orthogonal and keeps the number of ones.
//
// For n qubits, a power of two, it has (n/2)·log2 n angles, one for each gate in order, and depth log2 n.
// Other n take the next power of two and leave out the gates that miss a qubit.
//
// Source: Cherrat et al., arXiv:2209.08167.
func Butterfly() Ansatz { return ButterflyForm.ansatz() }

// ansatz returns the gates with angles in their order.
func (f RBSForm) ansatz() Ansatz {
	return newAnsatz(func(c *circuit.Circuit, next func() circuit.Angle) {
		pairs, err := f.pairs(c.Qubits())
		if err != nil {
			c.Fail(err)
		}
		for _, p := range pairs {
			c.RBS(p[0], p[1], next())
		}
	})
}
