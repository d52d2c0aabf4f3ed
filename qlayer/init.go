package qlayer

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qops/circuit"
)

// UniformAngles draws angles uniformly from [−π, π). In wide and deep circuits such a start has gradients
// that vanish with the number of qubits (McClean et al., arXiv:1803.11173).
func UniformAngles() nn.Init { return nn.Uniform(-math.Pi, math.Pi) }

// SmallAngles draws angles from a normal distribution of standard deviation 1/(2√(layers+2)), which keeps the
// gradient of an observable on one qubit from vanishing with the number of qubits. Negative layers give NaN,
// which a layer refuses.
//
// Source: Zhang, Liu, Hsieh, Tao, arXiv:2203.09376.
func SmallAngles(layers int) nn.Init {
	if layers < 0 {
		return nn.Constant(math.NaN())
	}
	return nn.Normal(1 / (2 * math.Sqrt(float64(layers+2))))
}

// IdentityBlocks makes every block of Mirrored the identity at first: its angles are normal of standard
// deviation sd in radians, each equal to its mirror image. Training begins from a circuit that does nothing,
// and yet every angle has a gradient.
//
// Source: Grant, Wossnig, Ostaszewski, Benedetti, arXiv:1903.05076.
func IdentityBlocks(sd float64) nn.Init {
	return func(r *rand.Rand, shape tensor.Shape, dst []float64) {
		nn.Normal(sd)(r, shape, dst)
		for i := 1; i < len(dst); i += 2 {
			dst[i] = dst[i-1]
		}
	}
}

// Mirrored returns the ansatz of blocks × (a, then the adjoint of a with angles of its own): what
// IdentityBlocks starts from.
//
// If a has P angles, it has 2·blocks·P: in block b, θ[2(b·P+i)] is a's angle i and θ[2(b·P+i)+1] that of the
// adjoint. Its depth is at most 2·blocks times a's. Its matrix is real if a's is. Fixed gates at the end of a
// meet their inverse and are lost: RealAmplitudes needs two layers to entangle here.
func Mirrored(blocks int, a Ansatz) Ansatz {
	return newAnsatz(func(c *circuit.Circuit, _ func() circuit.Angle) {
		half, err := a.build(c.Qubits())
		if err != nil {
			c.Fail(errors.WithMessage(err, "Mirrored"))
			return
		}
		p, back := half.NumTheta(), half.Adjoint()
		appendLayers(c, "Mirrored", blocks, func(b int) {
			appendRenumbered(c, half, func(i int) int { return 2 * (b*p + i) })
			appendRenumbered(c, back, func(i int) int { return 2*(b*p+i) + 1 })
		})
	})
}

// appendRenumbered appends the operations of o, whose trained angle i becomes the angle number(i).
func appendRenumbered(c, o *circuit.Circuit, number func(i int) int) {
	for _, g := range o.Operations() {
		angles := slices.Clone(g.Angles)
		for i := range angles {
			if angles[i].Source == circuit.Trainable {
				angles[i].Index = number(angles[i].Index)
			}
		}
		c.Control(g.Controls, g.Gate, angles, g.Qubits...)
	}
}
