package train

import (
	"context"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn"
)

// ImageAttention is what a model predicts for one example, and what it attends to in it.
type ImageAttention struct {
	Probabilities []float64        // (classes), in [0,1]
	Blocks        []BlockAttention // of each block, in the order of the model; none if it has no attention
}

// Attention returns what the model predicts for one example, and its taps of attention (B, H, T, T). It
// returns an error if there is no such example, for Data of another Spec, and for inputs or predictions that
// are not finite.
func (p *Predictor) Attention(ctx context.Context, d Data, index int) (*ImageAttention, error) {
	if err := checkContext(ctx); err != nil {
		return nil, err
	}
	s, err := p.given(d)
	if err != nil {
		return nil, err
	}
	if index < 0 || index >= s.Len() {
		return nil, errors.Errorf("train: attention: no %s %d among %d", s.noun, index, s.Len())
	}
	return p.attention(ctx, s, index)
}

func (e *evaluation[T]) attention(ctx context.Context, s *split, index int) (*ImageAttention, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err := e.checkSplit(s); err != nil {
		return nil, err
	}
	if e.tapped == nil {
		p := e.plan
		p.taps, p.tokens = true, true
		var err error
		if e.tapped, err = newReplica[T](p, e.store); err != nil {
			return nil, err
		}
	}
	m, err := newMicrobatch(s, e.tapped)
	if err != nil {
		return nil, err
	}
	if err := m.fill(e.tapped, 0, []int{index}); err != nil {
		return nil, err
	}
	logits := make([]float64, e.width())
	if _, err := predict(e.tapped, m, logits); err != nil {
		return nil, blameWeights("train: ", e.store, err)
	}
	a := &ImageAttention{Probabilities: e.spec.Target.probabilities(logits, len(logits))}
	a.Blocks, err = e.tapped.firstAttention()
	return a, err
}

// firstAttention returns the taps of attention for the first row of the batch.
func (r *replica[T]) firstAttention() (blocks []BlockAttention, err error) {
	var tokens []float64 // of the attention whose coefficients come next
	for _, tap := range r.scope.Taps() {
		shape := tap.Node.Shape()
		if tap.Kind == nn.TapValue || tap.Kind == nn.TapAttention && shape.Dims() != 4 {
			continue
		}
		values, err := elements(tap.Node)
		if err != nil {
			return nil, errors.WithMessagef(err, "train: tap %s", tap.Name)
		}
		if tap.Kind == nn.TapTokens {
			tokens = slices.Clone(values[:shape.TotalSize()/shape[0]])
			continue
		}
		b := BlockAttention{Heads: shape[1], Tokens: shape[2], Input: tokens}
		b.Coefficients = append(b.Coefficients, values[:b.Heads*b.Tokens*b.Tokens]...)
		blocks, tokens = append(blocks, b), nil
	}
	return blocks, nil
}
