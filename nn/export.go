package nn

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// Export returns a layer with the weights of a Store as an ONNX model. It takes "input", of float32, with the
// batch and axes of the sizes of row behind it, and gives "output".
//
//	model, err := nn.Export(layer, store, []int{2}, op.ExportOptions{})
//	err = os.WriteFile("moons.onnx", model.Bytes, 0o644)
//
// It returns the layer's error and those of op.Export, which takes graphs with other inputs and outputs.
func Export(l Layer, st *Store, row []int, o op.ExportOptions) (*onnx.Model, error) {
	if l == nil {
		return nil, errors.New("nn: Export: the layer is nil")
	}
	if err := op.CheckShape(row); err != nil {
		return nil, errors.WithMessage(err, "nn: Export: row")
	}
	dt := tensor.Float32
	if params := st.Params(); len(params) > 0 {
		dt = params[0].Value.Dtype()
	}
	model, err := op.Export(o, func(g *G.ExprGraph, batch int) (op.Ports, error) {
		shape := slices.Concat([]int{batch}, row)
		x := G.NewTensor(g, dt, len(shape), G.WithShape(shape...), G.WithName("input"))
		y, err := l.Forward(NewEvalScope(g, st), x)
		return op.Ports{Inputs: []op.Port{{Name: "input", Node: x}}, Outputs: []op.Port{{Name: "output", Node: y}}},
			err
	})
	return model, errors.WithMessage(err, "nn: Export")
}
