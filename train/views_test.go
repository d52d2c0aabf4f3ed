package train_test

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train"
)

// byHand returns the pictures of a split of 8×8 as a view shows them.
func byHand(t testing.TB, split data.Split, v data.View) *data.Images {
	t.Helper()
	moved := split
	moved.Images = make([]uint8, len(split.Images))
	for i := range moved.Images {
		image, y, x := i/(side*side), i/side%side-v.Y, i%side-v.X
		if y < 0 || y >= side || x < 0 || x >= side {
			continue
		}
		if v.Mirrored {
			x = side - 1 - x
		}
		moved.Images[i] = split.Images[(image*side+y)*side+x]
	}
	return planesOf(t, moved)
}

// The prediction over views is the mean of the logits of pictures that were mirrored and moved by hand, with
// the loss and the metrics of that mean, in both dtypes, whatever the number of threads.
func TestViewsByHand(t *testing.T) {
	const n = 23 // the last micro-batch is not full
	split := data.Split{Shape: data.Shape{Height: side, Width: side, Channels: 1}}
	for i := range n * side * side {
		split.Images = append(split.Images, uint8(i*i*7+i*13))
	}
	for i := range n {
		split.Labels = append(split.Labels, i*i%classes)
	}
	images := planesOf(t, split)
	views := data.Augment{Flip: true, Shift: 2}.Views()
	if len(views) != 6 {
		t.Fatalf("views %+v", views)
	}
	for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		st := modelStore(t, 3, small(), dtype)
		open := func(threads int) *train.Predictor {
			spec := train.ImageSpec(1, side)
			spec.Dtype = dtype
			p, err := train.NewPredictor(st, train.PredictorConfig{Model: small(), Spec: spec, Micro: 5,
				Threads: threads})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(p.Close)
			return p
		}
		evaluate := func(p *train.Predictor, images *data.Images) *train.Evaluation {
			e, err := p.Evaluate(context.Background(), train.Images{Images: images, Dtype: dtype})
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		p := open(2)
		mean := make([]float64, n*classes)
		for _, v := range views {
			for i, logit := range evaluate(p, byHand(t, split, v)).Predictions {
				mean[i] += v.Weight * logit
			}
		}
		loss, right := 0.0, 0
		for i, label := range split.Labels {
			row, sum, best := mean[i*classes:(i+1)*classes], 0.0, 0
			for c, z := range row {
				sum += math.Exp(z)
				if z > row[best] {
					best = c
				}
			}
			loss += (math.Log(sum) - row[label]) / n
			if best == label {
				right++
			}
		}
		of := train.Images{Images: images, Dtype: dtype}
		e, err := p.EvaluateViews(context.Background(), of, views)
		if err != nil {
			t.Fatal(err)
		}
		tolerance := map[tensor.Dtype]float64{tensor.Float32: 1e-6, tensor.Float64: 1e-14}[dtype]
		for i, logit := range e.Predictions {
			if math.Abs(logit-mean[i]) > tolerance {
				t.Fatalf("%v: logit %d is %v, by hand %v", dtype, i, logit, mean[i])
			}
		}
		if math.Abs(e.Loss-loss) > 10*tolerance || e.Metrics.Loss != e.Loss ||
			e.Metrics.Accuracy != float64(right)/n || !slices.Equal(e.Labels, split.Labels) {
			t.Errorf("%v: loss %v, by hand %v; accuracy %v, by hand %v", dtype, e.Loss, loss, e.Metrics.Accuracy,
				float64(right)/n)
		}
		again, err := open(3).EvaluateViews(context.Background(), of, views)
		if err != nil || !slices.Equal(again.Predictions, e.Predictions) || asJSON(t, again) != asJSON(t, e) {
			t.Errorf("%v: other predictions with 3 threads (%v)", dtype, err)
		}
		one, err := p.EvaluateViews(context.Background(), of, data.Augment{}.Views())
		plain := evaluate(p, images)
		if err != nil || !slices.Equal(one.Predictions, plain.Predictions) || asJSON(t, one) != asJSON(t, plain) {
			t.Errorf("%v: one view is not the plain prediction (%v)", dtype, err)
		}
	}
}

// Values are averaged in their units, and compared in them.
func TestViewsOfValues(t *testing.T) {
	split := data.Split{Shape: data.Shape{Height: side, Width: side, Channels: 1}, Target: data.TargetValues}
	for i := range 6 * side * side {
		split.Images = append(split.Images, uint8(i*i*5+i*11))
	}
	split.Targets = []float32{3, 5, 9, 2, 4, 8}
	standard := data.StandardOf(split.Targets, 1)
	of := func(s data.Split) train.Images {
		images, err := data.Transform{Size: side, Target: standard}.Apply(s)
		if err != nil {
			t.Fatal(err)
		}
		return train.Images{Images: images}
	}
	spec, err := of(split).Spec()
	if err != nil {
		t.Fatal(err)
	}
	p, err := train.NewPredictor(nn.NewStore(1), train.PredictorConfig{
		Model: nn.Chain{nn.Flatten{}, nn.Linear{Out: 1}}, Spec: spec, Micro: 4, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	views := data.Augment{Flip: true}.Views()
	e, err := p.EvaluateViews(context.Background(), of(split), views)
	if err != nil {
		t.Fatal(err)
	}
	mirrored := split
	mirrored.Images = make([]uint8, len(split.Images))
	for i, pixel := range split.Images {
		mirrored.Images[i/side*side+side-1-i%side] = pixel
	}
	plain, err := p.Evaluate(context.Background(), of(split))
	if err != nil {
		t.Fatal(err)
	}
	other, err := p.Evaluate(context.Background(), of(mirrored))
	if err != nil {
		t.Fatal(err)
	}
	square := 0.0
	for i, v := range e.Predictions {
		want := (plain.Predictions[i] + other.Predictions[i]) / 2
		if math.Abs(v-want) > 1e-5 || math.Abs(e.Targets[i]-float64(split.Targets[i])) > 1e-5 {
			t.Errorf("value %d is %v, by hand %v; its target %v", i, v, want, e.Targets[i])
		}
		square += (want - float64(split.Targets[i])) * (want - float64(split.Targets[i])) / 6
	}
	if math.Abs(e.OfValues.RMSE-math.Sqrt(square)) > 1e-5 {
		t.Errorf("RMSE %v, by hand %v", e.OfValues.RMSE, math.Sqrt(square))
	}
}

func TestViewsRefused(t *testing.T) {
	p, err := train.NewPredictor(nn.NewStore(1), train.PredictorConfig{Model: mlp(),
		Spec: train.ImageSpec(1, side)})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	images := train.Images{Images: stripes(t, 3, 1)}
	augmented := images
	augmented.Augment = data.Augment{Flip: true}
	vectors, err := data.Transform{}.Apply(data.Split{Shape: data.Shape{Channels: 2}, Floats: []float32{1, 2},
		Labels: []int{0}})
	if err != nil {
		t.Fatal(err)
	}
	one := []data.View{{Weight: 1}}
	for want, call := range map[string]func() error{
		"0 views whose weights sum to 0": func() error { return viewsError(p, images, nil) },
		"sum to 0.5":                     func() error { return viewsError(p, images, []data.View{{Weight: 0.5}}) },
		"sum to NaN": func() error {
			return viewsError(p, images,
				[]data.View{{Weight: math.NaN()}})
		},
		"augmented":              func() error { return viewsError(p, augmented, one) },
		"want pictures":          func() error { return viewsError(p, train.Images{Images: vectors}, one) },
		"empty":                  func() error { return viewsError(p, train.Images{}, one) },
		"NewPredictor makes one": func() error { return viewsError(nil, images, one) },
		"context is nil": func() error {
			var none context.Context
			_, err := p.EvaluateViews(none, images, one)
			return err
		},
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}

func viewsError(p *train.Predictor, images train.Images, views []data.View) error {
	_, err := p.EvaluateViews(context.Background(), images, views)
	return err
}

// asJSON returns the metrics as text, in which what has no value is equal to itself.
func asJSON(t testing.TB, e *train.Evaluation) string {
	t.Helper()
	text, err := json.Marshal(e.Metrics)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
