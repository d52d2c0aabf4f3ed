package cli

import (
	"context"
	"fmt"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/report/study"
)

// overViews is how good a model is if its predictions are averaged over several views of a picture.
type overViews struct {
	study.Viewed
	first metric.Figure // what it is judged by
}

// String returns it as fields of a line, each behind a space; "" for nil.
func (v *overViews) String() string {
	if v == nil {
		return ""
	}
	form := "%.4f"
	if v.Labels != nil || v.Values != nil {
		form = "%.6g"
	}
	return fmt.Sprintf(" views=%d %s_with_views=%s", len(v.Views), v.first.Name, v.first.Value.Text(form))
}

// overViews evaluates images over the views of the recipe's augmentation; of a file of weights, which has no
// recipe, of what suits the data.
func (m *model) overViews(ctx context.Context, c config, images *data.Images) (*overViews, error) {
	if kind := images.Shape().Kind(); kind != data.Pictures {
		return nil, usageError{errors.Errorf("--views of %v: want pictures, which can be mirrored "+
			"and moved", kind)}
	}
	var augment data.Augment
	switch {
	case c.Augmentation != nil && c.Augment:
		augment = *c.Augmentation
	case c.Augment:
		augment = augmentation(c.Data, images.Channels)
	}
	views := augment.Views()
	e, err := m.EvaluateViews(ctx, train.Images{Images: images}, views)
	if err != nil {
		return nil, err
	}
	return &overViews{study.NewViewed(views, e), e.Figures()[0]}, nil
}
