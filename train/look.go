package train

import (
	"context"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
)

// ImageAttention is what a model makes of one image.
type ImageAttention struct {
	Probabilities []float64        // (classes), in [0,1]
	Blocks        []BlockAttention // the attention of each block, in the order of the model; none if it has no attention
}

// Look returns what the model makes of one image of a split, labelled or not, and the taps of attention (B, H, T, T) for it. It returns an error
// if there is no such image, one of another size, and for pixels or results that are not finite.
func (p *Predictor) Look(ctx context.Context, images *data.Images, index int) (*ImageAttention, error) {
	if images == nil || index < 0 || index >= images.Len() {
		return nil, errors.Errorf("train: look: no image %d in the split", index)
	}
	return p.look(ctx, images, index)
}

func (e *evaluation[T]) look(ctx context.Context, planes *data.Images, index int) (*ImageAttention, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err := e.fits("given", planes); err != nil {
		return nil, err
	}
	if e.tapped == nil {
		p := e.plan
		p.taps = true
		var err error
		if e.tapped, err = newReplica[T](p, e.store); err != nil {
			return nil, err
		}
	}
	r, l := e.tapped, loader[T]{plan: e.plan, split: "given", planes: planes}
	m, logits, loss := l.newMicro(r), make([]float64, e.classes()), 0.0
	if err := l.fill(m, 0, []int{index}); err != nil {
		return nil, err
	}
	if err := e.one(r, m, logits, &loss); err != nil {
		return nil, err
	}
	look := &ImageAttention{Probabilities: make([]float64, len(logits))}
	softmax(look.Probabilities, logits)
	for _, tap := range r.scope.Taps() {
		shape := tap.Node.Shape()
		if tap.Kind != nn.TapAttention || shape.Dims() != 4 {
			continue
		}
		values, err := elements(tap.Node)
		if err != nil {
			return nil, errors.WithMessagef(err, "train: tap %s", tap.Name)
		}
		b := BlockAttention{Heads: shape[1], Tokens: shape[2]}
		b.Coefficients = append(b.Coefficients, values[:b.Heads*b.Tokens*b.Tokens]...) // the image is the first row of the batch
		look.Blocks = append(look.Blocks, b)
	}
	return look, nil
}

// Trained returns a Predictor of the best weights that a run left in Dir, of so many threads; 0: GOMAXPROCS. It returns an error if there are
// none, or those of another model.
func (t Task) Trained(threads int) (*Predictor, error) {
	weights, err := ReadWeights(t.path(WeightsFile))
	if err != nil {
		return nil, err
	}
	t = t.withDefaults()
	t.Threads = threads
	st := nn.NewStore(t.Seed)
	p, err := t.predictor(st, false)
	if err != nil {
		return nil, err
	}
	if err := weights.CopyTo(st); err != nil {
		p.Close()
		return nil, errors.WithMessage(err, t.path(WeightsFile))
	}
	return p, nil
}
