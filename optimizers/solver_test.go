package optimizers_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
)

var (
	_ G.Solver            = (*optimizers.Solver)(nil)
	_ optimizers.Schedule = optimizers.Constant{}
)

// The regression y = X·w has full rank and no noise: its minimum is at the w that made y.
var (
	inputs  = []float64{1, 0.5, -1, 2, -0.5, 1.5, 0.25, -2, 1, 1, 1, 0.5, -1.5, 0, 2}
	weights = []float64{0.5, -1.25, 2}
)

// regression is a plain Gorgonia program over a parameter of a Store.
type regression struct {
	weight  *nn.Param
	params  G.Nodes
	machine G.VM
}

func newRegression[T op.Float](t *testing.T) *regression {
	t.Helper()
	x, y := make([]T, 15), make([]T, 5)
	for i, v := range inputs {
		x[i] = T(v)
		y[i/3] += T(v * weights[i%3])
	}
	store, dt := nn.NewStore(1), op.DtypeOf[T]()
	var scope *nn.Scope
	g, err := op.Build(func(g *G.ExprGraph) error {
		scope = nn.NewScope(g, store)
		w, err := scope.Param("w", nn.ParamSpec{Shape: tensor.Shape{3, 1}, Dtype: dt, Init: nn.Normal(1)})
		if err != nil {
			return err
		}
		in := G.NewMatrix(g, dt, G.WithShape(5, 3), G.WithName("x"),
			G.WithValue(tensor.New(tensor.WithShape(5, 3), tensor.WithBacking(x))))
		want := G.NewMatrix(g, dt, G.WithShape(5, 1), G.WithName("y"),
			G.WithValue(tensor.New(tensor.WithShape(5, 1), tensor.WithBacking(y))))
		out, err := G.Mul(in, w)
		if err != nil {
			return err
		}
		cost, err := losses.MSE{}.Mean(out, want)
		if err != nil {
			return err
		}
		_, err = op.Grad(cost, scope.Params()...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	params := scope.Params()
	r := &regression{weight: store.Param("w"), params: params,
		machine: G.NewTapeMachine(g, G.BindDualValues(params...))}
	t.Cleanup(func() { r.machine.Close() })
	return r
}

// run adds the gradients of one run to those that the nodes hold.
func (r *regression) run(t *testing.T) {
	t.Helper()
	if err := r.machine.RunAll(); err != nil {
		t.Fatal(err)
	}
	r.machine.Reset()
}

func (r *regression) train(t *testing.T, solver G.Solver, steps int) {
	t.Helper()
	for range steps {
		r.run(t)
		if err := solver.Step(G.NodesToValueGrads(r.params)); err != nil {
			t.Fatal(err)
		}
	}
}

// distance is that of the Store's parameter to the minimum.
func (r *regression) distance() float64 {
	far := 0.0
	for i, want := range weights {
		var w float64
		if r.weight.Value.Dtype() == tensor.Float64 {
			w = r.weight.Value.Float64s()[i]
		} else {
			w = float64(r.weight.Value.Float32s()[i])
		}
		far = math.Max(far, math.Abs(w-want))
	}
	return far
}

func ours(t *testing.T, c optimizers.Config, lr float64) *optimizers.Solver {
	return &optimizers.Solver{Optimizer: open(t, c, lr), Schedule: optimizers.Cosine{Warmup: 10}, Total: 800,
		Clip: 5}
}

func TestParametersTrainWithAnySolver(t *testing.T) {
	for _, c := range []struct {
		name   string
		solver func() G.Solver
	}{
		{"Gorgonia's Adam", func() G.Solver { return G.NewAdamSolver(G.WithLearnRate(0.05)) }},
		{"Gorgonia's SGD", func() G.Solver { return G.NewVanillaSolver(G.WithLearnRate(0.1)) }},
		{"AdamW", func() G.Solver { return ours(t, adamW(0), 0.05) }},
		{"SGD", func() G.Solver { return ours(t, optimizers.SGD{}, 0.1) }},
		{"SGD with momentum",
			func() G.Solver { return ours(t, optimizers.SGD{Momentum: 0.9, Nesterov: true}, 0.05) }},
	} {
		for name, r := range map[string]*regression{"float32": newRegression[float32](t),
			"float64": newRegression[float64](t)} {
			if far := r.distance(); far < 0.1 {
				t.Fatalf("%s, %s: starts at the minimum", c.name, name)
			}
			r.train(t, c.solver(), 800)
			if far := r.distance(); far > 1e-3 {
				t.Errorf("%s, %s: %v from the minimum", c.name, name, far)
			}
		}
	}
}

// Gorgonia's own AdamW computes the new weights and throws them away, which is why there is one here. Should
// this test fail, Gorgonia has mended it.
func TestGorgoniasAdamWNeverUpdates(t *testing.T) {
	for _, c := range []struct {
		solver G.Solver
		moves  bool
	}{
		{G.NewAdamW(G.WithLearnRate(0.1)), false},
		{&optimizers.Solver{Optimizer: open(t, optimizers.DefaultAdamW(), 0.1)}, true},
	} {
		r := newRegression[float64](t)
		before := slices.Clone(r.weight.Value.Float64s())
		r.train(t, c.solver, 10)
		if moved := !slices.Equal(before, r.weight.Value.Float64s()); moved != c.moves {
			t.Errorf("%T moves the weights: %v, want %v", c.solver, moved, c.moves)
		}
	}
}

func TestSolverEqualsGorgoniasAdam(t *testing.T) {
	a, b := newRegression[float64](t), newRegression[float64](t)
	a.train(t, &optimizers.Solver{Optimizer: open(t, adamW(0), 0.05)}, 50)
	b.train(t, G.NewAdamSolver(G.WithLearnRate(0.05)), 50)
	for i, w := range a.weight.Value.Float64s() {
		if want := b.weight.Value.Float64s()[i]; math.Abs(w-want) > 1e-12 {
			t.Errorf("weight %d: %v, Gorgonia's %v", i, w, want)
		}
	}
}

// A machine adds to the gradients it finds, so a step zeroes them, and a step after two runs goes twice as
// far.
func TestSolverStepsAlongTheSumOfRuns(t *testing.T) {
	once, twice := newRegression[float64](t), newRegression[float64](t)
	once.train(t, &optimizers.Solver{Optimizer: open(t, optimizers.SGD{}, 0.1)}, 1)
	twice.run(t)
	twice.train(t, &optimizers.Solver{Optimizer: open(t, optimizers.SGD{}, 0.05)}, 1)
	for i, w := range twice.weight.Value.Float64s() {
		if want := once.weight.Value.Float64s()[i]; math.Abs(w-want) > 1e-15 {
			t.Errorf("weight %d: %v, want %v", i, w, want)
		}
	}
	grad, err := twice.params[0].Grad()
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range elements[float64](t, grad) {
		if g != 0 {
			t.Errorf("gradient %d is %v after the step, want 0", i, g)
		}
	}
}

// leaf is a ValueGrad that is not a Gorgonia node.
type leaf struct {
	name        string
	value, grad G.Value
}

func (l leaf) Name() string           { return l.name }
func (l leaf) Value() G.Value         { return l.value }
func (l leaf) Grad() (G.Value, error) { return l.grad, nil }

func TestSolverTakesScalarsAndNamelessLeaves(t *testing.T) {
	w, b := vector([]float64{1, 2}), G.NewF64(3)
	model := []G.ValueGrad{leaf{"", w, vector([]float64{1, -1})}, leaf{"b", b, G.NewF64(10)}}
	noDecay := func(name string) bool { return name == "b" }
	solver := &optimizers.Solver{Optimizer: open(t, optimizers.SGD{Momentum: 0.5, Decay: 1}, 0.1),
		NoDecay: noDecay}
	if err := solver.Step(model); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(w.Float64s(), []float64{0.8, 1.9}) || *b != 2 {
		t.Errorf("values %v and %v, want [0.8 1.9] and 2", w, *b)
	}
	moments := solver.Optimizer.State().Moments
	if moments["momentum_buffer.#0"] == nil || moments["momentum_buffer.b"] == nil {
		t.Errorf("moments %v, want those of #0 and b", moments)
	}
}

func TestNamelessNodesAreToldApart(t *testing.T) {
	g := G.NewGraph()
	a := G.NewVector(g, tensor.Float64, G.WithShape(2), G.WithValue(vector([]float64{1, 2})))
	b := G.NewVector(g, tensor.Float64, G.WithShape(3), G.WithValue(vector([]float64{3, 4, 5})))
	cost := G.Must(G.Add(G.Must(G.Sum(a)), G.Must(G.Sum(b))))
	if _, err := G.Grad(cost, a, b); err != nil {
		t.Fatal(err)
	}
	m := G.NewTapeMachine(g, G.BindDualValues(a, b))
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	solver := &optimizers.Solver{Optimizer: open(t, optimizers.SGD{}, 1)}
	if err := solver.Step([]G.ValueGrad{a, b}); err != nil {
		t.Fatal(err)
	}
	if got := elements[float64](t, b.Value()); !slices.Equal(got, []float64{2, 3, 4}) {
		t.Errorf("b is %v, want [2 3 4]", got)
	}
}

func TestSolverRefuses(t *testing.T) {
	unbound := G.NewVector(G.NewGraph(), tensor.Float64, G.WithShape(1), G.WithName("w"),
		G.WithValue(vector([]float64{1})))
	sgd := open(t, optimizers.SGD{}, 1e-3)
	for _, c := range []struct {
		name   string
		solver optimizers.Solver
		model  []G.ValueGrad
		want   string
	}{
		{"no optimizer", optimizers.Solver{}, nil, "without an Optimizer"},
		{"no parameters", optimizers.Solver{Optimizer: sgd}, nil, "no parameters"},
		{"nil", optimizers.Solver{Optimizer: sgd}, []G.ValueGrad{nil}, "parameter 0 is nil"},
		{"no total", optimizers.Solver{Optimizer: sgd, Schedule: optimizers.Cosine{}}, nil,
			"Total is 0, want the steps"},
		{"long warm-up", optimizers.Solver{Optimizer: sgd, Schedule: optimizers.Cosine{Warmup: 10},
			Total: 10}, nil, "Warmup 10"},
		{"no gradient", optimizers.Solver{Optimizer: sgd}, []G.ValueGrad{unbound},
			"parameter w has no gradient"},
		{"NaN", optimizers.Solver{Optimizer: sgd},
			[]G.ValueGrad{leaf{"w", vector([]float64{1}), vector([]float64{math.NaN()})}},
			"gradient of w has norm NaN"},
		{"whole numbers", optimizers.Solver{Optimizer: sgd}, []G.ValueGrad{leaf{"w", G.NewI(1), G.NewI(1)}},
			"parameter w"},
	} {
		if err := c.solver.Step(c.model); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}
