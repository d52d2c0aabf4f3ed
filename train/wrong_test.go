package train_test

import (
	"context"
	"math"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/train"
)

// broken is Data that fails in one way.
type broken struct {
	drawn
	spec train.Spec
	fill func(b *train.Batch) error
}

func (b broken) Spec() (train.Spec, error) {
	if b.spec.Inputs == nil {
		return b.drawn.Spec()
	}
	return b.spec, nil
}

func (b broken) Fill(batch *train.Batch) error {
	if b.fill == nil {
		return nil
	}
	return b.fill(batch)
}

// constant is a model that predicts a leaf.
func constant(shape ...int) nn.Layer {
	return nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
		return s.Param("c", nn.ParamSpec{Shape: shape, Dtype: x.Dtype(), Init: nn.Constant(1)})
	})
}

// A Loop with one wrong value is an error that says what, and nothing panics.
func TestWrongLoops(t *testing.T) {
	x, y := normal[float64](1, 41, 3), normal[float64](2, 41, 2)
	arrays := func(a train.Arrays) func(*train.Loop) {
		return func(l *train.Loop) {
			l.Train, l.Val = a,
				nil
		}
	}
	integers := tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]int{1, 2, 3, 4}))
	inputs := []*tensor.Dense{x}
	noRow := func(*train.Batch) error { return errors.New("no such row") }
	failing := func(fill func(b *train.Batch) error) func(l *train.Loop) {
		return func(l *train.Loop) {
			l.Model, l.Val, l.Train = hybrid(1), nil,
				broken{drawn{9}, train.Spec{}, fill}
		}
	}
	value := func(v float64) func(l *train.Loop) {
		return failing(func(b *train.Batch) error { b.Inputs[0].Float64s()[4] = v; return nil })
	}
	for want, change := range map[string]func(l *train.Loop){
		"no Model, want a Model or a Forward": func(l *train.Loop) { l.Model = nil },
		"a Model and a Forward, want one": func(l *train.Loop) {
			l.Forward = func(*nn.Scope, []*G.Node) (*G.Node, error) { return nil, nil }
		},
		"the train split is nil":    func(l *train.Loop) { l.Train = nil },
		"the train split: is empty": arrays(train.Arrays{}),
		"train split has no labels": arrays(train.Arrays{Inputs: inputs}),
		"41 labels": arrays(train.Arrays{Inputs: []*tensor.Dense{normal[float64](1, 40,
			3)}, Labels: make([]int, 41)}),
		"label 3 is -1": arrays(train.Arrays{Inputs: inputs,
			Labels: append([]int{0, 0, 0, -1}, make([]int, 37)...)}),
		"Labels and Values": arrays(train.Arrays{Inputs: inputs, Labels: make([]int, 41),
			Values: y}),
		"input 1 is nil": arrays(train.Arrays{Inputs: []*tensor.Dense{x, nil}, Values: y}),
		"float32 of shape (41, 2), want": arrays(train.Arrays{Inputs: inputs,
			Values: normal[float32](2, 41, 2)}),
		"want float64 and 41 examples": arrays(train.Arrays{Inputs: inputs,
			Values: normal[float64](2, 40, 2)}),
		"input 0 of shape (4, 1); convert a copy of the numbers: dtype int, want float32 or": arrays(
			train.Arrays{Inputs: []*tensor.Dense{integers}, Labels: make([]int, 4)}),
		"Values of shape (4, 1); convert a copy of the numbers: dtype int": arrays(
			train.Arrays{Inputs: []*tensor.Dense{normal[float64](1, 4, 3)}, Values: integers}),
		"have shape (2), the model":   func(l *train.Loop) { l.Model = hybrid(3) },
		"the data has 2; use Forward": arrays(train.Arrays{Inputs: []*tensor.Dense{x, x}, Values: y}),
		"validation split: has examples of": func(l *train.Loop) {
			l.Val = train.Arrays{Inputs: []*tensor.Dense{normal[float64](3, 17, 4)},
				Values: normal[float64](5, 17, 2)}
		},
		"does not have the targets": func(l *train.Loop) {
			l.Val = train.Arrays{Inputs: []*tensor.Dense{normal[float64](3, 17, 3)}}
		},
		"loss \"l1\", want one of cross":    func(l *train.Loop) { l.Recipe.Loss = "l1" },
		"takes classes or probabilities":    func(l *train.Loop) { l.Recipe.Loss = "cross-entropy" },
		"optimizer \"\", want one of adamw": func(l *train.Loop) { l.Recipe.Optimizer = "" },
		"no option \"decoy\"":               func(l *train.Loop) { l.Recipe.Optimizer = "adamw:decoy=1" },
		"Warmup": func(l *train.Loop) {
			l.Recipe.Schedule = "one-cycle:warmup=15"
		},
		"lr is 0, want above 0":        func(l *train.Loop) { l.Recipe.LR = 0 },
		"lr is NaN":                    func(l *train.Loop) { l.Recipe.LR = math.NaN() },
		"clip is +Inf":                 func(l *train.Loop) { l.Recipe.Clip = math.Inf(1) },
		"epochs is 0":                  func(l *train.Loop) { l.Recipe = train.Recipe{} },
		"select is \"accuracy\", want": func(l *train.Loop) { l.Recipe.Select = "accuracy" },
		"Threads is -1":                func(l *train.Loop) { l.Threads = -1 },
		"Threads is 1099511627776":     func(l *train.Loop) { l.Threads = 1 << 40 },
		"epochs of 3 steps, want at":   func(l *train.Loop) { l.Recipe.Epochs = 1 << 62 },
		"input 0: shape (1099511627776, 3) has 3.299e+12 elements": func(l *train.Loop) {
			l.Val, l.Recipe.Batch, l.Recipe.Micro = nil, 1<<40, 1<<40
		},
		"metric \"loss\": want a new name": func(l *train.Loop) {
			l.Metrics = []train.Metric{{Name: "loss"}}
		},
		"metric m: no": func(l *train.Loop) {
			l.Metrics = []train.Metric{{"m", true,
				func(*train.Evaluation) (float64, error) { return 0, errors.New("no") }}}
		},
		"a Teacher needs": func(l *train.Loop) { l.Teacher = &train.Teacher{} },
		"prediction is nil": func(l *train.Loop) {
			l.Model = nn.Func(func(*nn.Scope,
				*G.Node) (*G.Node, error) {
				return nil, nil
			})
		},
		"want float64 of shape (5, ...)": func(l *train.Loop) { l.Model = constant(4, 2) },
		"no parameter to train": func(l *train.Loop) {
			l.Model, l.Val, l.Train = nn.GELU{}, nil,
				train.Arrays{Inputs: inputs, Values: x}
		},
		"does not say how a row is masked": func(l *train.Loop) {
			l.Tables.Losses = append(losses.Table(),
				losses.Row{Name: "absolute", New: func() losses.Loss { return absolute{} }})
			l.Recipe.Loss = "absolute"
		},
		"its row makes nothing": func(l *train.Loop) {
			l.Tables.Optimizers = []optimizers.Row{{Name: "adamw",
				New: func() optimizers.Config { return nil }}}
		},
		"an example: shape (0) has a dimension below 1": func(l *train.Loop) {
			l.Train = broken{drawn{9}, train.Spec{Dtype: tensor.Float64, Inputs: []tensor.Shape{{0}},
				Target: train.Values}, nil}
		},
		"the unknown target 9": func(l *train.Loop) {
			l.Train = broken{drawn{9}, train.Spec{Dtype: tensor.Float64, Inputs: []tensor.Shape{{1}},
				Target: 9}, nil}
		},
		"of the train split: no such row":         failing(noRow),
		"holds NaN at value 1 of 3 of its input":  value(math.NaN()),
		"holds -Inf at value 1 of 3 of its input": value(math.Inf(-1)),
		"Resume and Overwrite exclude each other": func(l *train.Loop) {
			l.Resume, l.Overwrite = true,
				true
		},
		"patience needs a validation split": func(l *train.Loop) {
			l.Val, l.Recipe.Patience = nil,
				2
		},
		"micro is 17, want at most the batch of 16": func(l *train.Loop) { l.Recipe.Micro = 17 },
	} {
		l := loops(t)["values"]
		change(&l)
		quietly(t, want, func() error { _, err := l.Run(context.Background()); return err })
	}
}

// quietly asks for an error of one line with some words in it, and no panic.
func quietly(t *testing.T, want string, f func() error) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("%s: panic: %v\n%s", want, r, debug.Stack())
		}
	}()
	err := f()
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line with %q", err, want)
	}
}
