// Package qlayer holds quantum layers: circuits as parts of a model.
//
//	nn.Chain{
//		nn.Linear{Out: 16},
//		qlayer.Circuit{Ansatz: qlayer.Entangling(2)}, // (B, 16) -> 4 qubits -> (B, 4)
//		nn.Linear{Out: 1},
//	}
//	qlayer.Attention{Heads: 4, Query: qlayer.RealAmplitudes(2)} // (B, T, D) -> (B, T, D)
//
// An Encoder turns features into states, an Ansatz makes a trained circuit for a number of qubits, a
// qops.Measurement says what is read of its states, and a score (Swap, Hadamard, Orthogonal) says how the
// tokens of an image attend to each other. Each is a function or a struct literal, and so is a custom one.
//
// Unary is an orthogonal layer by a circuit that needs no 2^n numbers, Quanvolution a convolution whose
// filters are circuits, ReuploadingClassifier a classifier of as little as one qubit.
//
// Angles are parameters of the group "quantum", without weight decay: a decay would pull a rotation towards
// the identity, which is no simpler than any other. They start from a normal distribution of standard
// deviation InitAngle; a Circuit takes others (UniformAngles, SmallAngles, IdentityBlocks).
package qlayer

// InitAngle is the standard deviation, in radians, of first angles: wide enough to break symmetry, narrow
// enough to stay off the flat landscape of a random circuit (McClean et al., arXiv:1803.11173). The PyTorch
// yardstick docs/peers/torch_vit.py uses the same.
const InitAngle = 0.5
