package trained

import (
	"maps"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/vit"
)

// Export says what of a model is written into an ONNX file. The zero value writes logits, by
// onnx.DefaultOpset.
type Export struct {
	Opset         int  // version of ONNX's operators; 0: onnx.DefaultOpset
	Probabilities bool // also an output "probabilities" (N, classes)
	Attention     bool // also the maps of each block (N, heads, T, T), by names such as blocks.0.attn.attention
}

// ONNX returns the model in the ONNX format, for programs without Go: op.Export of its graph. It takes
// "image", (N, C, H, W) of float32, which are pixels in [0,1], 8-bit ones divided by 255, of the height and
// width of the training images, or, where the model saw those scaled down, of the side of Metadata.Config. A
// margin of black and the normalisation are in the file. It gives "logits" (N, classes). A model of sequences
// takes "sequence" (N, T, F), one of vectors "vector" (N, F), in the units of the training data, and one of
// values gives "values" (N, K) in theirs. The texts of
// Metadata are in the file's metadata, with the SHA-256 of the weights.
//
// It returns an error for a model with shots or noise, for what is exported is exact: see Options.Change.
func (m *Model) ONNX(e Export) (*onnx.Model, error) {
	if m.missing() {
		return nil, errMissing
	}
	texts := maps.Clone(m.weights.Meta)
	digest, err := m.weights.Digest()
	if err != nil {
		return nil, err
	}
	texts["sha256"] = digest
	m.building.Lock()
	defer m.building.Unlock()
	options := op.ExportOptions{Opset: e.Opset, Name: m.meta.Model, Metadata: texts}
	model, err := op.Export(options, func(g *G.ExprGraph, batch int) (op.Ports,
		error) {
		return m.ports(e, g, batch)
	})
	return model, errors.WithMessagef(err, "trained: %s as ONNX", m.path)
}

// ports builds the graph that ONNX exports.
func (m *Model) ports(e Export, g *G.ExprGraph, batch int) (p op.Ports, err error) {
	c := m.meta.Config
	name, shape := "image", append(tensor.Shape{batch}, c.InputShape()...)
	switch {
	case c.Pictures():
		shape[2], shape[3] = m.imageSize()
	case c.Steps > 0:
		name = "sequence"
	default:
		name = "vector"
	}
	x := G.NewTensor(g, tensor.Float32, shape.Dims(), G.WithShape(shape...), G.WithName(name))
	p.Inputs = []op.Port{{Name: name, Node: x}}
	if c.Pictures() {
		if x, err = op.ByDtype(x, centre[float32](c.Image), centre[float64](c.Image)); err != nil {
			return p, err
		}
	}
	x, err = m.normalize(g, x)
	if err != nil {
		return p, err
	}
	s := nn.NewEvalScope(g, m.store)
	logits, err := m.layer.Forward(s, x)
	if err != nil {
		return p, err
	}
	p.Outputs = []op.Port{{Name: "logits", Node: logits}}
	if c.Output == vit.OutputValues {
		values, err := m.inUnits(g, logits)
		if err != nil {
			return p, err
		}
		p.Outputs[0] = op.Port{Name: "values", Node: values}
	}
	if e.Probabilities && c.Output != vit.OutputClasses {
		return p, errors.Errorf("no output probabilities of %s: they are for classes; those of labels are "+
			"1/(1+exp(−logit))", c.OutputText())
	}
	if e.Probabilities {
		probabilities, err := nn.Softmax(logits)
		if err != nil {
			return p, err
		}
		p.Outputs = append(p.Outputs, op.Port{Name: "probabilities", Node: probabilities})
	}
	if !e.Attention {
		return p, nil
	}
	before := len(p.Outputs)
	for _, tap := range s.Taps() {
		if tap.Kind == nn.TapAttention {
			p.Outputs = append(p.Outputs, op.Port{Name: tap.Name, Node: tap.Node})
		}
	}
	if len(p.Outputs) == before {
		return p, errors.New("the model has no attention")
	}
	return p, nil
}

// imageSize returns height and width of the images that an exported model takes.
func (m *Model) imageSize() (height, width int) {
	side := m.meta.Config.Image
	if s := m.meta.Shape; s.Height <= side && s.Width <= side {
		return s.Height, s.Width
	}
	return side, side
}

// centre puts images (B, C, H, W) in the middle of black squares, as data.Transform does.
func centre[T op.Float](side int) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		batch, channels, height, width := x[0].Shape()[0], x[0].Shape()[1], x[0].Shape()[2], x[0].Shape()[3]
		top, left := (side-height)/2, (side-width)/2
		return op.Apply(op.Kernel[T]{
			Name:  "Centre",
			Shape: tensor.Shape{batch, channels, side, side},
			Forward: func(out []T, in [][]T) error {
				clear(out)
				for row := range batch * channels * height {
					plane, y := row/height, row%height
					copy(out[(plane*side+top+y)*side+left:], in[0][row*width:(row+1)*width])
				}
				return nil
			},
			ONNX: func(b *onnx.Builder, in []onnx.Value) onnx.Value {
				return b.Pad(in[0], []int{0, 0, top, left}, []int{0, 0, side - height - top, side - width - left})
			},
		}, x...)
	}
}

// normalize returns (x−Mean)/Std of each channel.
func (m *Model) normalize(g *G.ExprGraph, x *G.Node) (*G.Node, error) {
	if m.meta.Mean == nil {
		return x, nil
	}
	axes := []int{1, 1}
	if !m.meta.Config.Pictures() {
		axes = nil // the features are the last axis
	}
	leaf := func(name string, values []float32) *G.Node { return constant(g, name, values, axes...) }
	inverse := make([]float32, len(m.meta.Std))
	for i, s := range m.meta.Std {
		inverse[i] = 1 / s
	}
	centred, err := nn.Sub(x, leaf("normalization.mean", append([]float32{}, m.meta.Mean...)))
	if err != nil {
		return nil, err
	}
	return nn.Mul(centred, leaf("normalization.inverse_std", inverse))
}

// inUnits returns v·Std + Mean of each value.
func (m *Model) inUnits(g *G.ExprGraph, values *G.Node) (*G.Node, error) {
	t := m.meta.Targets
	if !t.Known() {
		return values, nil
	}
	scaled, err := nn.Mul(values, constant(g, "targets.std", append([]float32{}, t.Std...)))
	if err != nil {
		return nil, err
	}
	return nn.Add(scaled, constant(g, "targets.mean", append([]float32{}, t.Mean...)))
}

// constant returns a leaf of values along the first axis, with these axes behind it.
func constant(g *G.ExprGraph, name string, values []float32, axes ...int) *G.Node {
	v := tensor.New(tensor.WithShape(append([]int{len(values)}, axes...)...), tensor.WithBacking(values))
	return G.NewTensor(g, tensor.Float32, v.Dims(), G.WithShape(v.Shape()...), G.WithName(name), G.WithValue(v))
}

// ExportONNX writes the model of ONNX to a file, which is replaced as a whole, and returns it.
func (m *Model) ExportONNX(path string, e Export) (*onnx.Model, error) {
	model, err := m.ONNX(e)
	if err != nil {
		return nil, err
	}
	return model, atomicfile.WriteBytes(path, model.Bytes)
}
