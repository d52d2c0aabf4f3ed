package train_test

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
)

// normal returns numbers of the standard normal distribution.
func normal[T op.Float](seed uint64, shape ...int) *tensor.Dense {
	random, values := rand.New(rand.NewPCG(seed, 3)), make([]T, tensor.Shape(shape).TotalSize())
	for i := range values {
		values[i] = T(random.NormFloat64())
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
}

// labels returns classes that depend on the examples: whether the first value is positive, in three classes.
func labels[T op.Float](x *tensor.Dense) []int {
	values, _ := op.Elements[T](x)
	n := x.Shape()[0]
	out := make([]int, n)
	for i := range out {
		switch v := values[i*len(values)/n]; {
		case v > 0.4:
			out[i] = 2
		case v > -0.4:
			out[i] = 1
		}
	}
	return out
}

// hybrid is a quantum layer between linear ones: (B, 3) -> (B, out).
func hybrid(out int) nn.Layer {
	return nn.Chain{qlayer.Circuit{Encoder: qlayer.Angle{}, Ansatz: qlayer.Entangling(1)}, nn.Dropout{P: 0.1},
		nn.Linear{Out: out}}
}

// drawn is Data of vectors that are drawn when they are asked for, with their sum as the value.
type drawn struct{ n int }

func (d drawn) Len() int { return d.n }

func (d drawn) Spec() (train.Spec, error) {
	return train.Spec{Dtype: tensor.Float64, Inputs: []tensor.Shape{{3}}, Target: train.Values,
		Values: tensor.Shape{1}}, nil
}

func (d drawn) Fill(b *train.Batch) error {
	x, y := b.Inputs[0].Float64s(), b.Target.Float64s()
	for i := range b.Rows {
		random := b.Random(i)
		for j := range 3 {
			x[3*i+j] = random.Float64()
			y[i] += x[3*i+j]
		}
	}
	return nil
}

// absolute is a custom loss, the sum of |prediction − target|, that says nothing of targets and masks.
type absolute struct{}

func (absolute) Sum(prediction, target *G.Node) (*G.Node, error) {
	difference, err := nn.Sub(prediction, target)
	if err != nil {
		return nil, err
	}
	return op.Apply(op.Kernel[float64]{
		Name: "absolute",
		Forward: func(out []float64, in [][]float64) error {
			out[0] = 0
			for _, v := range in[0] {
				out[0] += math.Abs(v)
			}
			return nil
		},
		Backward: func(din, in [][]float64, _, dout []float64) error {
			for i, v := range in[0] {
				din[0][i] = math.Copysign(dout[0], v)
			}
			return nil
		},
	}, difference)
}

func (l absolute) Mean(prediction, target *G.Node) (*G.Node, error) { return l.Sum(prediction, target) }

// loops are runs over all kinds of models, data and losses, each of 5 epochs of 3 steps, the last not full.
func loops(t testing.TB) map[string]train.Loop {
	x, wide := normal[float64](1, 41, 3), normal[float32](2, 41, 6, 5)
	val := normal[float64](3, 17, 3)
	with := func(l train.Loop, change func(r *train.Recipe)) train.Loop {
		l.Recipe = train.DefaultRecipe()
		l.Recipe.Epochs, l.Recipe.Batch, l.Recipe.Micro, l.Recipe.LR, l.Recipe.Schedule = 5, 16, 5, 0.02,
			"cosine:warmup=2"
		if change != nil {
			change(&l.Recipe)
		}
		return l
	}
	return map[string]train.Loop{
		"values": with(train.Loop{
			Model: hybrid(2),
			Train: train.Arrays{Inputs: []*tensor.Dense{x}, Values: normal[float64](4, 41, 2)},
			Val:   train.Arrays{Inputs: []*tensor.Dense{val}, Values: normal[float64](5, 17, 2)},
		}, func(r *train.Recipe) { r.Loss, r.EMA, r.Clip = "mse", 0.9, 0.1 }),
		"a value each": with(train.Loop{
			Model: hybrid(1), Train: train.Arrays{Inputs: []*tensor.Dense{x}, Values: normal[float64](4, 41)},
		}, func(r *train.Recipe) { r.Loss, r.Optimizer = "mse", "sgd:momentum=0.9" }),
		"classes": with(train.Loop{
			Model: hybrid(3),
			Train: train.Arrays{Inputs: []*tensor.Dense{x}, Labels: labels[float64](x)},
			Val:   train.Arrays{Inputs: []*tensor.Dense{val}, Labels: labels[float64](val)},
			Test:  train.Arrays{Inputs: []*tensor.Dense{val}, Labels: labels[float64](val)},
		}, func(r *train.Recipe) { r.Loss = "cross-entropy:smoothing=0.1" }),
		"classes by squares": with(train.Loop{
			Model: hybrid(3), Train: train.Arrays{Inputs: []*tensor.Dense{x}, Labels: labels[float64](x)},
		}, func(r *train.Recipe) { r.Loss = "mse" }),
		"classes, yes or no": with(train.Loop{
			Model: hybrid(3), Train: train.Arrays{Inputs: []*tensor.Dense{x}, Labels: labels[float64](x)},
		}, func(r *train.Recipe) { r.Loss = "bce" }),
		"sequences": with(train.Loop{
			Model: nn.Chain{nn.Attention{Heads: 1, Score: nn.DotProduct}, nn.Flatten{}, nn.Linear{Out: 3}},
			Train: train.Arrays{Inputs: []*tensor.Dense{wide}, Labels: labels[float32](wide)},
		}, nil),
		"two inputs": with(train.Loop{
			Forward: func(s *nn.Scope, inputs []*G.Node) (*G.Node, error) {
				product, err := nn.Mul(inputs[0], inputs[1])
				if err != nil {
					return nil, err
				}
				return hybrid(1).Forward(s, product)
			},
			Train: train.Arrays{Inputs: []*tensor.Dense{x, normal[float64](6, 41, 3)},
				Values: normal[float64](7, 41, 1)},
		}, func(r *train.Recipe) { r.Loss = "mse" }),
		"drawn": with(train.Loop{Model: hybrid(1), Train: drawn{41}, Val: drawn{17}},
			func(r *train.Recipe) { r.Loss = "mse" }),
		"custom loss": with(train.Loop{
			Model: hybrid(1), Train: train.Arrays{Inputs: []*tensor.Dense{normal[float64](1, 40, 3)},
				Values: normal[float64](4, 40, 1)},
			Tables: train.Tables{Losses: append(losses.Table(),
				losses.Row{Name: "absolute", New: func() losses.Loss { return absolute{} }})},
		}, func(r *train.Recipe) { r.Loss, r.Batch = "absolute", 15 }),
	}
}

func mustLoop(t testing.TB, l train.Loop) *train.Report {
	t.Helper()
	report, err := l.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// One seed has one result for any number of threads and any stops.
func TestLoopHasOneResult(t *testing.T) {
	for name, l := range loops(t) {
		t.Run(name, func(t *testing.T) {
			l.Dir, l.Threads = t.TempDir(), 1
			report := mustLoop(t, l)
			if first, last := report.History[0].Train.Loss, report.History[4].Train.Loss; !(last < first) {
				t.Errorf("the loss went from %v to %v", first, last)
			}
			if labelled := strings.Contains(name, "classes") ||
				name == "sequences"; labelled != report.Best.Train.Accuracy.Known() {
				t.Errorf("accuracy %v, want one of labelled data only", report.Best.Train.Accuracy)
			}
			cut := l
			cut.Dir, cut.Threads = t.TempDir(), 3
			for _, steps := range []int{1, 4, 2} {
				if _, err := cut.Run(&countdown{context.Background(), steps}); !errors.Is(err,
					context.Canceled) {
					t.Fatalf("error %v, want that of a context that is done", err)
				}
				cut.Resume = true
			}
			mustLoop(t, cut)
			if file(t, cut.Dir, rundir.WeightsFile) != file(t, l.Dir, rundir.WeightsFile) {
				t.Error("three threads and three stops give other weights")
			}
			got, want := withoutSeconds(t, file(t, cut.Dir, rundir.MetricsFile)),
				withoutSeconds(t, file(t, l.Dir, rundir.MetricsFile))
			if got != want {
				t.Errorf("metrics\n%swant\n%s", got, want)
			}
		})
	}
}

// A Loop with one step an epoch is the loop that one would write by hand.
func TestLoopIsTheLoopByHand(t *testing.T) {
	const steps = 20
	x, y := normal[float64](1, 12, 3), normal[float64](2, 12, 1)
	model := nn.Chain{qlayer.Circuit{Encoder: qlayer.Angle{}, Ansatz: qlayer.Entangling(1)},
		nn.Linear{Out: 1}}
	byHand := nn.NewStore(7)
	var scope *nn.Scope
	p, err := op.NewProgram(func(g *G.ExprGraph) (out op.Outputs, err error) {
		scope = nn.NewScope(g, byHand)
		prediction, err := model.Forward(scope, G.NodeFromAny(g, x, G.WithName("x")))
		if err != nil {
			return out, err
		}
		out.WRT = scope.Params()
		out.Cost, err = losses.MSE{}.Mean(prediction, G.NodeFromAny(g, y, G.WithName("y")))
		return out, err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	opt, err := optimizers.DefaultAdamW().New(0.1)
	if err != nil {
		t.Fatal(err)
	}
	for step := range steps {
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		if err := opt.Update(train.Gradients(scope), optimizers.Cosine{}.At(step, steps)); err != nil {
			t.Fatal(err)
		}
	}
	recipe := train.DefaultRecipe()
	recipe.Epochs, recipe.Seed, recipe.LR, recipe.Loss, recipe.Schedule = steps, 7, 0.1, "mse", "cosine"
	st := nn.NewStore(7)
	mustLoop(t, train.Loop{
		Model: model, Recipe: recipe, Store: st, Train: train.Arrays{Inputs: []*tensor.Dense{x}, Values: y},
	})
	for _, param := range byHand.Params() {
		for i, want := range param.Values() {
			if got := st.Param(param.Name).Values()[i]; math.Abs(got-want) > 1e-9 {
				t.Errorf("%s[%d] is %v, by hand %v", param.Name, i, got, want)
			}
		}
	}
}
