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
// margin of black and the normalisation are in the file. It gives "logits" (N, classes). The texts of
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
	model, err := op.Export(options, func(g *G.ExprGraph, batch int) (op.Ports, error) { return m.ports(e, g, batch) })
	return model, errors.WithMessagef(err, "trained: %s as ONNX", m.path)
}

// ports builds the graph that ONNX exports.
func (m *Model) ports(e Export, g *G.ExprGraph, batch int) (p op.Ports, err error) {
	height, width := m.imageSize()
	shape := G.WithShape(batch, m.meta.Config.Channels, height, width)
	image := G.NewTensor(g, tensor.Float32, 4, shape, G.WithName("image"))
	p.Inputs = []op.Port{{Name: "image", Node: image}}
	x, err := op.ByDtype(image, centre[float32](m.meta.Config.Image), centre[float64](m.meta.Config.Image))
	if err != nil {
		return p, err
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
	leaf := func(name string, values []float32) *G.Node {
		v := tensor.New(tensor.WithShape(len(values), 1, 1), tensor.WithBacking(values))
		return G.NewTensor(g, tensor.Float32, 3, G.WithShape(v.Shape()...), G.WithName(name), G.WithValue(v))
	}
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

// ExportONNX writes the model of ONNX to a file, which is replaced as a whole, and returns it.
func (m *Model) ExportONNX(path string, e Export) (*onnx.Model, error) {
	model, err := m.ONNX(e)
	if err != nil {
		return nil, err
	}
	return model, atomicfile.WriteBytes(path, model.Bytes)
}
