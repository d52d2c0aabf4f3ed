package qops_test

import (
	"fmt"
	"log"
	"math"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// ⟨Z⟩ of two qubits after RY(0.3) and CX, with the gradient by the angle: cos 0.3 on both, and −sin 0.3
// twice.
func ExampleMeasureCircuit() {
	c := circuit.New(2).RY(0, circuit.Theta(0)).CX(0, 1)
	angles := tensor.New(tensor.WithShape(1), tensor.WithBacking([]float64{0.3}))
	var theta, z, sum *G.Node
	p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		theta = G.NodeFromAny(g, angles, G.WithName("theta"))
		var err error
		if z, err = qops.MeasureCircuit(c, qops.Paulis("Z"), qops.Inputs{Theta: theta}, qops.Adjoint); err != nil {
			return op.Outputs{}, err
		}
		sum, err = G.Sum(z)
		return op.Outputs{Cost: sum, WRT: G.Nodes{theta}, Keep: G.Nodes{z}}, err
	})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	if err := p.Run(); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f, want %.4f\n", z.Value().Data(), math.Cos(0.3))
	fmt.Printf("%.4f, want %.4f\n", p.Grad(theta).Data(), -2*math.Sin(0.3))
	// Output:
	// [0.9553 0.9553], want 0.9553
	// [-0.5910], want -0.5910
}
