package cli

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/job"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// headOnImage is a head of quantum attention of a model, on one image.
type headOnImage struct {
	*trained.Model
	job.Head
	figure      qlayer.Figure
	block, head int
	image       data.Split // as the model gets it
	factor      float64    // of the overlaps: the logits of attention are factor·S
}

// openHead returns a head of a model, which is to be opened without noise and shots, on an image that has the
// form of its training images.
func openHead(m *trained.Model, image data.Split, block, head int) (*headOnImage, error) {
	h := &headOnImage{Model: m, block: block, head: head, image: image}
	var err error
	if h.figure, err = (circuitFlags{block: block, head: head}).build(m.Metadata().Config,
		m.Store()); err != nil {
		return nil, err
	}
	if h.figure.Query == nil {
		return nil, usageError{errors.Errorf("%s has the score %s, and jobs are of a SWAP test: want a "+
			"model with the "+
			"score swap, such as hqvit", m.Path(), m.Metadata().Config.Score)}
	}
	theta, err := h.figure.Theta(m.Store(), head)
	if err != nil {
		return nil, err
	}
	scale := m.Store().Param(h.figure.Layer + ".scale")
	if scale == nil || len(scale.Values()) <= head {
		return nil, usageError{errors.Errorf("%s has no learned scale of its overlaps: want a model with "+
			"the score swap, such "+
			"as hqvit", m.Path())}
	}
	queries := h.figure.Query.NumTheta()
	h.Head = job.Head{Query: h.figure.Query, Key: h.figure.Key, ThetaQuery: theta[:queries],
		ThetaKey: theta[queries:]}
	if h.Image, _, err = h.run(nil); err != nil {
		return nil, err
	}
	h.Width = len(h.Image) / h.Tokens
	h.factor = float64(h.Tokens*h.Tokens) * scale.Values()[head]
	return h, nil
}

// run returns what the head sees of the image, tokens × width, and the probabilities of the classes, with
// these overlaps in place of the head's own; nil: its own.
func (h *headOnImage) run(overlaps []float64) (seen, probabilities []float64, err error) {
	c := h.Metadata().Config
	images, err := h.Metadata().Transform().Apply(h.image)
	if err != nil {
		return nil, nil, err
	}
	pixels := make([]float32, images.ImageLen())
	if err := images.Fill(pixels, []int{0}); err != nil {
		return nil, nil, err
	}
	encoder, ok := h.Layer().(vit.Encoder)
	attention, also := encoder.Attention.(nn.Attention)
	if !ok || !also || attention.Score == nil {
		return nil, nil, usageError{errors.Errorf("%s is no transformer with a score of its attention: "+
			"want a model such as "+
			"hqvit", h.Path())}
	}
	score := attention.Score
	var x, logits *G.Node
	replaced := func(s *nn.Scope, tokens *G.Node, heads int) (nn.AttentionScores, error) {
		w, err := score(s, tokens, heads)
		if err != nil || s.Path() != h.figure.Layer {
			return w, err
		}
		x = tokens
		if overlaps != nil {
			w.Logits, err = h.replace(w.Logits, overlaps)
		}
		return w, err
	}
	p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		shape := append(tensor.Shape{1}, c.InputShape()...)
		leaf := G.NewTensor(g, tensor.Float32, shape.Dims(), G.WithName("images"), G.WithShape(shape...),
			G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(pixels))))
		attention.Score = replaced
		encoder.Attention = attention
		logits, err = encoder.Forward(nn.NewEvalScope(g, h.Store()), leaf)
		if err == nil && x == nil {
			err = errors.Errorf("%s has no attention at %s", h.Path(), h.figure.Layer)
		}
		return op.Outputs{Keep: G.Nodes{logits, x}}, err
	})
	if err != nil {
		return nil, nil, err
	}
	defer p.Close()
	if err := p.Run(); err != nil {
		return nil, nil, err
	}
	tokens, err := op.Float64s(x.Value())
	if err != nil {
		return nil, nil, err
	}
	h.Tokens = x.Shape()[1]
	d := x.Shape()[2]
	width := d / h.figure.Heads
	for row := range slices.Chunk(tokens, d) {
		seen = append(seen, row[h.head*width:(h.head+1)*width]...)
	}
	values, err := op.Float64s(logits.Value())
	if err != nil {
		return nil, nil, err
	}
	probabilities = make([]float64, len(values))
	dense.Softmax(1, len(values), values, probabilities)
	return seen, probabilities, nil
}

// replace returns the logits of attention with those that the overlaps make for the head.
func (h *headOnImage) replace(logits *G.Node, overlaps []float64) (*G.Node, error) {
	return op.Apply(op.Kernel[float32]{
		Name:   "MeasuredHead",
		Shape:  logits.Shape().Clone(),
		Reason: "it is there to be read",
		Forward: func(out []float32, in [][]float32) error {
			copy(out, in[0])
			for i, s := range overlaps {
				out[h.head*len(overlaps)+i] = float32(h.factor * s)
			}
			return nil
		},
	}, logits)
}

// attention returns the attention coefficients that overlaps make, the rows of a softmax.
func (h *headOnImage) attention(overlaps []float64) []float64 {
	logits, out := make([]float64, len(overlaps)), make([]float64, len(overlaps))
	for i, s := range overlaps {
		logits[i] = h.factor * s
	}
	dense.Softmax(h.Tokens, h.Tokens, logits, out)
	return out
}

// deviation is how far numbers are from exact ones.
type deviation struct {
	RMS     float64 `json:"rms"`
	Largest float64 `json:"largest"`
}

func deviationOf(got, want []float64) (d deviation) {
	for i, v := range got {
		d.RMS += (v - want[i]) * (v - want[i]) / float64(len(got))
		d.Largest = max(d.Largest, math.Abs(v-want[i]))
	}
	d.RMS = math.Sqrt(d.RMS)
	return d
}
