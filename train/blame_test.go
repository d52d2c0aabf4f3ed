package train_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/apitest"
	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/train"
)

// explosive is a part of a run that panics in one of its methods.
type explosive struct {
	drawn
	losses.Loss
	optimizers.Optimizer
	in string
}

func (e explosive) explode(method string) {
	if e.in == method {
		panic("the caller's")
	}
}

func (e explosive) Len() int                  { e.explode("Len"); return e.drawn.Len() }
func (e explosive) Spec() (train.Spec, error) { e.explode("Spec"); return e.drawn.Spec() }
func (e explosive) Fill(b *train.Batch) error { e.explode("Fill"); return e.drawn.Fill(b) }
func (e explosive) Identity() string          { e.explode("Identity"); return "" }
func (e explosive) At(int, int) (r optimizers.Rates) {
	e.explode("At")
	return optimizers.Rates{Factor: 1}
}

func (e explosive) Sum(prediction, target *G.Node) (*G.Node, error) {
	e.explode("Sum")
	return losses.MSE{}.Sum(prediction, target)
}

func (e explosive) New(lr float64) (optimizers.Optimizer, error) {
	e.explode("New")
	opt, err := optimizers.SGD{}.New(lr)
	return explosive{Optimizer: opt, in: e.in}, err
}

func (e explosive) Update(params []optimizers.Param, r optimizers.Rates) error {
	e.explode("Update")
	return e.Optimizer.Update(params, r)
}

// Whatever a user gives and panics, on whatever goroutine, is an error of the run that says what it was and
// keeps the stack.
func TestPanicsOfTheCaller(t *testing.T) {
	bad := func(method string) explosive { return explosive{drawn: drawn{41}, in: method} }
	data := func(method string) func(l *train.Loop) {
		return func(l *train.Loop) { l.Model, l.Val, l.Train = hybrid(1), nil, bad(method) }
	}
	for want, change := range map[string]func(l *train.Loop){
		"build the model: the function (nn.Func) panics: the caller's": func(l *train.Loop) {
			l.Model = nn.Func(func(*nn.Scope, *G.Node) (*G.Node, error) { panic("the caller's") })
		},
		"the Forward (train.forward) panics: the caller's": func(l *train.Loop) {
			l.Model, l.Forward = nil, func(*nn.Scope, []*G.Node) (*G.Node, error) { panic("the caller's") }
		},
		"train split: the Data (train_test.explosive) panics: the caller's":   data("Len"),
		"the train split: the Data (train_test.explosive) panics: the caller": data("Spec"),
		"of the train split: the Data (train_test.explosive) panics: the":     data("Fill"),
		"validation split: the Data (train_test.explosive) panics": func(l *train.Loop) {
			l.Model, l.Train, l.Val = hybrid(1), drawn{41}, bad("Fill")
		},
		"the loss (train_test.explosive) panics: the caller's": func(l *train.Loop) {
			l.Tables.Losses = []losses.Row{{Name: "mse", New: func() losses.Loss { return bad("Sum") }}}
		},
		"the function that makes it (func() losses.Loss) panics": func(l *train.Loop) {
			l.Tables.Losses = []losses.Row{{Name: "mse", New: func() losses.Loss { panic("the caller's") }}}
		},
		"optimizer's configuration (train_test.explosive) panics": func(l *train.Loop) {
			l.Tables.Optimizers = []optimizers.Row{{Name: "adamw",
				New: func() optimizers.Config { return bad("New") }}}
		},
		"the optimizer (train_test.explosive) panics": func(l *train.Loop) {
			l.Tables.Optimizers = []optimizers.Row{{Name: "adamw",
				New: func() optimizers.Config { return bad("Update") }}}
		},
		"the schedule (train_test.explosive) panics": func(l *train.Loop) {
			l.Tables.Schedules = []optimizers.ScheduleRow{{Name: "one-cycle",
				New: func() optimizers.Schedule { return bad("At") }}}
			l.Recipe.Schedule = "one-cycle"
		},
		"metric m: the function Value (func(*train.Evaluation) (float64, error))": func(l *train.Loop) {
			l.Metrics = []train.Metric{{Name: "m",
				Value: func(*train.Evaluation) (float64, error) { panic("the caller's") }}}
		},
		"the OnStep (func(train.Step) error) panics": func(l *train.Loop) {
			l.OnStep = func(train.Step) error { panic("the caller's") }
		},
		"the OnEpoch (func(train.Epoch) error) panics": func(l *train.Loop) {
			l.OnEpoch = func(train.Epoch) error { panic("the caller's") }
		},
		"the Model is nil (*nn.Linear)": func(l *train.Loop) { l.Model = (*nn.Linear)(nil) },
		"the train split: the Data is nil (*train.Arrays)": func(l *train.Loop) {
			l.Train = (*train.Arrays)(nil)
		},
		"validation split: the Data is nil (*train.Images)": func(l *train.Loop) {
			l.Val = (*train.Images)(nil)
		},
	} {
		l := loops(t)["values"]
		l.Threads = 2
		change(&l)
		quietly(t, want, func() error {
			_, err := l.Run(context.Background())
			if trace := fmt.Sprintf("%+v", err); strings.Contains(want, "panics") &&
				!strings.Contains(trace, "train_test.") {
				t.Errorf("%s: no stack in %s", want, trace)
			}
			return err
		})
	}
	apitest.NilReceivers(t, (*train.Predictor)(nil))
}

// A run without a context says so.
func TestNilContext(t *testing.T) {
	var none context.Context
	l := loops(t)["values"]
	p, err := train.NewPredictor(nn.NewStore(1), train.PredictorConfig{Model: mlp(),
		Spec: train.ImageSpec(1, side)})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for name, f := range map[string]func() error{
		"Run":       func() error { _, err := l.Run(none); return err },
		"Bench":     func() error { _, err := l.Bench(none, 1); return err },
		"Evaluate":  func() error { _, err := p.Evaluate(none, drawn{3}); return err },
		"Attention": func() error { _, err := p.Attention(none, drawn{3}, 0); return err },
	} {
		if err := f(); err == nil || !strings.HasPrefix(err.Error(), "train: the context is nil") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// A model that asks for other parameters in each of its graphs cannot be trained: gradients of one graph
// would go to another, and the weights that are evaluated would not be those that were trained.
func TestOtherNamesAtEachCall(t *testing.T) {
	calls := 0
	names := func(name func(s *nn.Scope) string) nn.Layer {
		return nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
			calls++
			return nn.Linear{Out: 2}.Forward(s.Sub(name(s)), x)
		})
	}
	for name, model := range map[string]nn.Layer{
		"each call": names(func(*nn.Scope) string { return fmt.Sprint("layer", calls) }),
		"training": names(func(s *nn.Scope) string {
			if s.Training() {
				return "training"
			}
			return "evaluation"
		}),
	} {
		for threads := 1; threads < 3; threads++ {
			l := loops(t)["values"]
			l.Model, l.Threads = model, threads
			quietly(t, "in one graph and not in another", func() error {
				_, err := l.Run(context.Background())
				if err == nil {
					t.Errorf("%s, %d threads", name, threads)
				}
				return err
			})
		}
	}
	order := nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
		calls++
		first, second := "a", "b"
		if calls%2 == 0 {
			first, second = second, first
		}
		for _, name := range []string{first, second} {
			var err error
			if x, err = (nn.Linear{Out: 3, NoBias: true}).Forward(s.Sub(name), x); err != nil {
				return nil, err
			}
		}
		return nn.Linear{Out: 2}.Forward(s, x)
	})
	l := loops(t)["values"]
	l.Model, l.Threads = order, 2
	quietly(t, "want one order", func() error { _, err := l.Run(context.Background()); return err })
}

// NaN is told where it is first: in a weight, or in an example.
func TestBlameForNaN(t *testing.T) {
	store := func(l train.Loop, value float64) *nn.Store {
		st := nn.NewStore(3)
		p, err := train.NewPredictor(st, train.PredictorConfig{Model: l.Model, Spec: train.Spec{
			Dtype: tensor.Float64, Inputs: []tensor.Shape{{3}}, Target: train.Values}})
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
		first := st.Params()[0]
		values := first.Values()
		values[1] = value
		if err := first.Set(values); err != nil {
			t.Fatal(err)
		}
		return st
	}
	for _, value := range []float64{math.NaN(), math.Inf(1)} {
		l := loops(t)["values"]
		l.Store = store(l, value)
		want := fmt.Sprintf("parameter %s holds %v at value 1 of ", l.Store.Params()[0].Name, value)
		quietly(t, want, func() error {
			_, err := l.Run(context.Background())
			if err != nil && (strings.Contains(err.Error(), "learning rate") ||
				strings.Contains(err.Error(), "example ")) {
				t.Errorf("%v", err)
			}
			return err
		})
		p, err := train.NewPredictor(l.Store, train.PredictorConfig{Model: l.Model, Loss: losses.MSE{},
			Spec: train.Spec{Dtype: tensor.Float64, Inputs: []tensor.Shape{{3}}, Target: train.Values}})
		if err != nil {
			t.Fatal(err)
		}
		quietly(t, "train: "+want, func() error {
			_, err := p.Evaluate(context.Background(), l.Val)
			return err
		})
		p.Close()
	}
	l := loops(t)["values"]
	l.Model, l.Val = hybrid(1), nil
	l.Train = broken{drawn{41}, train.Spec{}, func(b *train.Batch) error {
		err := drawn{41}.Fill(b)
		if b.Epoch == 2 && b.Rows[0] == 7 {
			b.Inputs[0].Float64s()[0] = math.NaN()
		}
		return err
	}}
	l.Recipe.Loss, l.Recipe.Micro = "mse", 1
	quietly(t, "example 7 of the train split holds NaN at value 0", func() error {
		_, err := l.Run(context.Background())
		if err != nil && strings.Contains(err.Error(), "learning rate") {
			t.Errorf("%v", err)
		}
		return err
	})
}
