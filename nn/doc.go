// Package nn holds classical layers for Gorgonia graphs, the parameters they train, and safe primitives for
// custom models.
//
// A layer is a struct literal and one method; its parameters live in a Store by name and outlive the graphs
// that use them:
//
//	st := nn.NewStore(seed)
//	p, err := op.NewProgram(func(g *gorgonia.ExprGraph) (op.Outputs, error) {
//		s := nn.NewScope(g, st)
//		x := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(32, 6), gorgonia.WithName("x"))
//		y, err := nn.Chain{nn.Linear{Out: 16}, nn.GELU{}, nn.Linear{Out: 1}}.Forward(s, x) // (32, 1)
//		…
//		return op.Outputs{Cost: loss, WRT: s.Params()}, nil
//	})
//
// The first axis of a layer's input is the batch B; of a sequence, the others are tokens T and width D. Every
// layer works in float32 and in float64, whichever its input has, and asks for its parameters in that dtype.
//
// Functions of nodes (Reshape, Slice, Concat, Transpose, MatMul, Softmax, Add, Sub, Mul, Mean, Sum, ScaleBy,
// ScaleHeads, Mix) are what custom layers are made of. Each result has memory of its own: none of them can
// change an operand, which many of Gorgonia's own operations do. All are differentiable once; a gradient of a
// gradient is op.ErrSecondOrder.
//
// A layer's error does not name the layer: Chain does that, and where it stands.
package nn
