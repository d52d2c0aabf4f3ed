package train

import (
	"context"
	"time"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
)

// Task is a Loop over labelled images, whose splits it makes: Loop.Train, Val and Test stay nil.
type Task struct {
	Loop

	Train   *data.Images // labelled
	Val     *data.Images // chooses the best epoch; nil: the last is the best
	Test    *data.Images // evaluated once, at the end, with the weights of the best epoch; nil: never
	Augment data.Augment // of Train
	Dtype   tensor.Dtype // zero: float32
}

// images returns the Loop over the images.
func (t Task) images() (Loop, error) {
	l := t.Loop
	if l.Train != nil || l.Val != nil || l.Test != nil {
		return l, errors.New("train: a Task has its images in Train, Val and Test, and not in those of its " +
			"Loop")
	}
	for _, s := range []struct {
		from    *data.Images
		augment data.Augment
		to      *Data
	}{{t.Train, t.Augment, &l.Train}, {t.Val, data.Augment{}, &l.Val}, {t.Test, data.Augment{}, &l.Test}} {
		if s.from != nil {
			*s.to = Images{Images: s.from, Augment: s.augment, Dtype: t.Dtype}
		}
	}
	return l, nil
}

// Run is Loop.Run.
func (t Task) Run(ctx context.Context) (*Report, error) {
	l, err := t.images()
	if err != nil {
		return nil, err
	}
	return l.Run(ctx)
}

// Identity is Loop.Identity.
func (t Task) Identity() (map[string]string, error) {
	l, err := t.images()
	if err != nil {
		return nil, err
	}
	return l.Identity()
}

// OpenBest is Loop.OpenBest.
func (t Task) OpenBest(threads int) (*Predictor, error) {
	l, err := t.images()
	if err != nil {
		return nil, err
	}
	return l.OpenBest(threads)
}

// Bench is Loop.Bench.
func (t Task) Bench(ctx context.Context, round time.Duration) (Throughput, error) {
	l, err := t.images()
	if err != nil {
		return Throughput{}, err
	}
	return l.Bench(ctx, round)
}
