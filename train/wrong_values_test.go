package train_test

import (
	"context"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"github.com/spf13/pflag"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/rundir"
)

// What else is exported does not panic either on what is nil, empty or of another size.
func TestWrongValues(t *testing.T) {
	ctx := context.Background()
	images := stripes(t, 8, 1)
	p, err := train.NewPredictor(nn.NewStore(1), train.PredictorConfig{Model: mlp(),
		Spec: train.ImageSpec(1, side)})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	config := train.PredictorConfig{Model: mlp(), Spec: train.ImageSpec(1, side)}
	predictor := func(st *nn.Store, change func(c *train.PredictorConfig)) func() error {
		return func() error { c := config; change(&c); _, err := train.NewPredictor(st, c); return err }
	}
	for want, f := range map[string]func() error{
		"want a Model or a Forward": func() error { _, err := train.Loop{}.Run(ctx); return err },
		"the train split is nil": func() error {
			_, err := train.Loop{Model: mlp()}.Identity()
			return err
		},
		"want a Model":   func() error { _, err := train.Task{}.Run(ctx); return err },
		"no Model":       func() error { _, err := train.Task{}.Identity(); return err },
		"no Model,":      func() error { _, err := train.Loop{}.OpenBest(1); return err },
		"no Model, want": func() error { _, err := train.Task{}.Bench(ctx, 1); return err },
		"and not in those of its": func() error {
			_, err := train.Task{Loop: train.Loop{Train: drawn{3}}}.OpenBest(1)
			return err
		},
		"want a Store": predictor(nil, func(*train.PredictorConfig) {}),
		"Micro and Threads": predictor(nn.NewStore(1),
			func(c *train.PredictorConfig) { c.Micro = -1 }),
		"no dtype, want": predictor(nn.NewStore(1),
			func(c *train.PredictorConfig) { c.Spec = train.Spec{} }),
		"an example: shape (0, -1, -1) has a dimension below 1": predictor(nn.NewStore(1),
			func(c *train.PredictorConfig) { c.Spec = train.ImageSpec(0, -1) }),
		"the given split is nil":    func() error { _, err := p.Evaluate(ctx, nil); return err },
		"the given split: is empty": func() error { _, err := p.Evaluate(ctx, train.Images{}); return err },
		"has examples of float64": func() error {
			_, err := p.Evaluate(ctx, train.Arrays{Inputs: []*tensor.Dense{normal[float64](1, 4, 1, 8, 8)}})
			return err
		},
		"another kind of target": func() error {
			_, err := p.Evaluate(ctx, train.Arrays{Inputs: []*tensor.Dense{normal[float32](1, 4, 1, 8, 8)},
				Values: normal[float32](1, 4, 3)})
			return err
		},
		"no image -1 among 8": func() error {
			_, err := p.Attention(ctx, train.Images{Images: images},
				-1)
			return err
		},
		"split is nil": func() error { _, err := p.Attention(ctx, nil, 0); return err },
		"train split: has no images": func() error {
			_, err := train.Loop{Model: mlp(),
				Train: noImages{}}.Run(ctx)
			return err
		},
		"crop -1": func() error {
			_, err := train.Images{Images: images, Augment: data.Augment{Crop: -1}}.Spec()
			return err
		},
		"input 0 is nil": func() error {
			_, err := train.Arrays{Inputs: []*tensor.Dense{nil}}.Spec()
			return err
		},
		"epochs is 0":            func() error { return train.Recipe{}.Check(train.Tables{}) },
		"no attention to show":   func() error { _, err := train.Maps(nil, false); return err },
		"0 probabilities":        func() error { _, err := metric.Classify(nil, nil, 0); return err },
		"1 scores for 0 answers": func() error { _, err := metric.AUC([]float64{1}, nil); return err },
		"none to write":          func() error { return (*rundir.Weights)(nil).Save("x") },
		"no weights":             func() error { return (*rundir.Weights)(nil).CopyTo(nn.NewStore(1)) },
		"no such file":           func() error { _, err := rundir.ReadWeights("nowhere"); return err },
		"nowhere": func() error {
			_, err := rundir.ReadCheckpoint("nowhere", nil, nil)
			return err
		},
		"is of another run": func() error {
			return rundir.CheckIdentity("a", nil,
				map[string]string{"seed": "1"})
		},
	} {
		quietly(t, want, f)
	}
	x := []*tensor.Dense{normal[float32](1, 4, 3)}
	for name, f := range map[string]func() error{
		"no images": func() error { return train.Images{}.Fill(&train.Batch{}) },
		"no batch": func() error {
			return train.Images{Images: images}.Fill(&train.Batch{Rows: []int{0}})
		},
		"no inputs": func() error { return train.Arrays{Inputs: x}.Fill(&train.Batch{Rows: []int{0}}) },
		"no such row": func() error {
			return train.Arrays{Inputs: x}.Fill(&train.Batch{Rows: []int{4}, Inputs: x})
		},
		"too many rows": func() error {
			return train.Arrays{Inputs: x}.Fill(&train.Batch{Rows: make([]int, 9), Inputs: x})
		},
		"another dtype": func() error {
			return train.Arrays{Inputs: x}.Fill(&train.Batch{Rows: []int{1},
				Inputs: []*tensor.Dense{normal[float64](1, 4, 3)}})
		},
		"empty predictor": func() error {
			_, err := (&train.Predictor{}).Evaluate(ctx, drawn{3})
			return err
		},
		"nothing open": func() error {
			_, err := (&train.Predictor{}).Attention(ctx, drawn{3}, 0)
			return err
		},
	} {
		quietly(t, name, func() error { return errors.WithMessage(f(), name) })
	}
	p.Close()
	(&train.Predictor{}).Close()
	if (&train.Predictor{}).Scope() != nil || len(train.Gradients(nil)) != 0 ||
		(&train.Batch{}).Random(3) == nil {
		t.Error("something of nothing")
	}
	var zero train.Recipe
	zero.Flags(pflag.NewFlagSet("zero", pflag.ContinueOnError))
	if n := len((&train.Evaluation{}).Probabilities()); n != 0 {
		t.Errorf("%d probabilities of nothing", n)
	}
	if n := (train.Images{}).Len() + (train.Arrays{}).Len() +
		len(rundir.WeightsOf(nil, nil).Tensors); n != 0 {
		t.Errorf("%d examples and tensors of nothing", n)
	}
}

// noImages has a length and no images.
type noImages struct{ train.Images }

func (noImages) Len() int { return 3 }

// The row that a layer names in data (B, T, P) is the sequence, not the token.
func TestErrorNamesTheSequence(t *testing.T) {
	x := normal[float32](1, 40, 6, 5)
	l := train.Loop{
		Model: nn.Chain{
			nn.Func(func(_ *nn.Scope, x *G.Node) (*G.Node, error) {
				return op.Apply(op.Kernel[float32]{Name: "Picky", Shape: x.Shape(),
					Forward: func(out []float32, in [][]float32) error {
						copy(out, in[0])
						for row := range 8 {
							for _, v := range in[0][row*30 : row*30+30] {
								if v == 9 {
									return &op.RowError{Row: row, Err: errors.New("a nine")}
								}
							}
						}
						return nil
					}}, x)
			}),
			nn.Flatten{}, nn.Linear{Out: 3},
		},
		Train:  train.Arrays{Inputs: []*tensor.Dense{x}, Labels: labels[float32](x)},
		Recipe: train.DefaultRecipe(),
	}
	l.Recipe.Batch, l.Recipe.Micro = 40, 8
	x.Float32s()[17*30+20] = 9 // token 4 of sequence 17
	_, err := l.Run(context.Background())
	if err == nil || !strings.Contains(err.Error(), " is example 17; examples [") ||
		!strings.Contains(err.Error(), "a nine") {
		t.Errorf("error %v, want one that names example 17", err)
	}
}
