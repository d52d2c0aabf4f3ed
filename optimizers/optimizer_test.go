package optimizers_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
)

// configs is the conformance table: every optimizer keeps every law below.
var configs = []struct {
	name   string
	config optimizers.Config
	lr     float64
}{
	{"AdamW", optimizers.DefaultAdamW(), 0.05},
	{"AdamW without decay", adamW(0), 0.05},
	{"SGD", optimizers.SGD{}, 0.05},
	{"SGD with momentum", optimizers.SGD{Momentum: 0.8, Decay: 0.01}, 0.05},
	{"SGD with Nesterov's momentum", optimizers.SGD{Momentum: 0.8, Nesterov: true}, 0.05},
	{"Muon", optimizers.DefaultMuon(), 0.05},
	{"ScheduleFree", optimizers.DefaultScheduleFree(), 0.05},
	{"custom Rule", optimizers.Rule{Name: "Sign", F32: sign[float32], F64: sign[float64]}, 0.05},
}

func sign[T op.Float](s optimizers.Step[T]) {
	for i, g := range s.Grad {
		s.Value[i] -= T(math.Copysign(s.LR, float64(g)))
	}
}

func TestResumeIsExact(t *testing.T) {
	for _, c := range configs {
		t.Run(c.name+"/float32", func(t *testing.T) { resume[float32](t, c.config, c.lr) })
		t.Run(c.name+"/float64", func(t *testing.T) { resume[float64](t, c.config, c.lr) })
	}
}

func resume[T op.Float](t *testing.T, config optimizers.Config, lr float64) {
	schedule := optimizers.DefaultOneCycle()
	straight, opt := newTask[T](), open(t, config, lr)
	straight.train(t, opt, schedule, 0, 30)
	saved := opt.State()
	half := straight.values()
	straight.train(t, opt, schedule, 30, 50)

	resumed, again := newTask[T](), open(t, config, lr)
	copy(resumed.w, half[:6])
	copy(resumed.b, half[6:])
	slices.Reverse(resumed.params)
	if err := again.SetState(saved); err != nil {
		t.Fatal(err)
	}
	if again.Steps() != 30 {
		t.Errorf("%d steps after SetState, want 30", again.Steps())
	}
	resumed.train(t, again, schedule, 30, 50)
	if !slices.Equal(resumed.values(), straight.values()) {
		t.Errorf("resumed %v, straight %v", resumed.values(), straight.values())
	}
}

func TestNoDecayIsExempt(t *testing.T) {
	for _, config := range []optimizers.Config{adamW(0.5), optimizers.SGD{Decay: 0.5},
		optimizers.SGD{Decay: 0.5, Momentum: 0.9}} {
		weight, bias := param("w", []float64{2}, []float64{0}), param("b", []float32{2}, []float32{0})
		bias.NoDecay = true
		if err := open(t, config, 0.1).Update([]optimizers.Param{weight, bias},
			optimizers.Rates{Factor: 0.5}); err != nil {
			t.Fatal(err)
		}
		if w := elements[float64](t, weight.Value)[0]; math.Abs(w-1.95) > 1e-15 { // 2·(1 − 0.5·0.1·0.5)
			t.Errorf("%+v: weight %v after one step of nothing but decay, want 1.95", config, w)
		}
		if b := elements[float32](t, bias.Value)[0]; b != 2 {
			t.Errorf("%+v: bias %v, want 2 still", config, b)
		}
	}
}

func TestAdamWWithoutDecay(t *testing.T) {
	p := param("w", []float64{2}, []float64{0})
	if err := open(t, adamW(0), 1e-3).Update([]optimizers.Param{p}, optimizers.Rates{Factor: 1}); err != nil {
		t.Fatal(err)
	}
	if w := elements[float64](t, p.Value)[0]; w != 2 {
		t.Errorf("weight %v, want 2 still", w)
	}
}

// Every optimizer comes to the known minimum of Σᵢ cᵢ(xᵢ − aᵢ)² when its learning rate falls to 0; the mean
// of one that averages all of its way comes there more slowly, at a rate that stays.
func TestReachesTheMinimum(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 0))
	c, a, x := make([]float64, 5), make([]float64, 5), make([]float64, 5)
	for i := range x {
		c[i], a[i] = 0.5+r.Float64(), r.NormFloat64()
	}
	for _, config := range configs {
		p := param("x", x, make([]float64, 5))
		p.NoDecay = true
		clear(x)
		opt := open(t, config.config, config.lr)
		steps, schedule := 600, optimizers.Schedule(optimizers.Cosine{})
		mean, averages := opt.(optimizers.Averaging)
		if averages {
			steps, schedule = 60000, optimizers.Constant{}
		}
		for step := range steps {
			grad := elements[float64](t, p.Grad)
			for i := range x {
				grad[i] = 2 * c[i] * (x[i] - a[i])
			}
			if err := opt.Update([]optimizers.Param{p}, schedule.At(step, steps)); err != nil {
				t.Fatal(err)
			}
		}
		if averages {
			if ok, err := mean.Average(p, p.Value); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}
		for i := range x {
			if math.Abs(x[i]-a[i]) > 1e-3 {
				t.Errorf("%s: x[%d] = %v, the minimum is at %v", config.name, i, x[i], a[i])
			}
		}
	}
}

func TestSteadyUpdateAllocatesNothing(t *testing.T) {
	for _, c := range configs {
		k, opt := newTask[float32](), open(t, c.config, c.lr)
		k.train(t, opt, optimizers.Constant{}, 0, 1)
		allocated := testing.AllocsPerRun(20, func() {
			if _, err := optimizers.ClipGlobalNorm(k.params, 0.1); err != nil {
				t.Fatal(err)
			}
			if err := opt.Update(k.params, optimizers.DefaultOneCycle().At(3, 50)); err != nil {
				t.Fatal(err)
			}
		})
		if allocated != 0 {
			t.Errorf("%s: %v allocations in a step", c.name, allocated)
		}
	}
}

func TestStateIsACopy(t *testing.T) {
	k, opt := newTask[float64](), open(t, optimizers.DefaultAdamW(), 1e-3)
	k.train(t, opt, optimizers.Constant{}, 0, 3)
	before := opt.State()
	names := []string{"exp_avg.0.bias", "exp_avg.0.weight", "exp_avg_sq.0.bias", "exp_avg_sq.0.weight"}
	for _, name := range names {
		if before.Moments[name] == nil {
			t.Fatalf("no %s in %v", name, before.Moments)
		}
	}
	if len(before.Moments) != len(names) || before.Steps != 3 {
		t.Errorf("%d moments after %d steps, want %d after 3", len(before.Moments), before.Steps, len(names))
	}
	if err := opt.SetState(before); err != nil {
		t.Fatal(err)
	}
	kept := before.Moments["exp_avg.0.bias"].Clone().(*tensor.Dense)
	k.train(t, opt, optimizers.Constant{}, 3, 6)
	if !slices.Equal(before.Moments["exp_avg.0.bias"].Float64s(), kept.Float64s()) {
		t.Error("training has changed a state that was taken before")
	}
}

// A factor of a parameter is one of its learning rate, in every optimizer; 0 is 1, and a wrong one is an
// error.
func TestLRFactor(t *testing.T) {
	for _, c := range configs {
		with, without := newTask[float64](), newTask[float64]()
		with.params[0].LRFactor, with.params[1].LRFactor = 0.5, 0.5
		without.train(t, open(t, c.config, c.lr/2), optimizers.Constant{}, 0, 5)
		with.train(t, open(t, c.config, c.lr), optimizers.Constant{}, 0, 5)
		if !slices.Equal(with.values(), without.values()) {
			t.Errorf("%s: half the factor gives %v, half the rate %v", c.name, with.values(), without.values())
		}
		one, none := newTask[float64](), newTask[float64]()
		one.params[0].LRFactor = 1
		one.train(t, open(t, c.config, c.lr), optimizers.Constant{}, 0, 5)
		none.train(t, open(t, c.config, c.lr), optimizers.Constant{}, 0, 5)
		if !slices.Equal(one.values(), none.values()) {
			t.Errorf("%s: 0 and 1 are not the same factor", c.name)
		}
		for _, wrong := range []float64{-1, math.NaN(), math.Inf(1)} {
			k := newTask[float64]()
			k.params[1].LRFactor = wrong
			before := k.values()
			k.differentiate(0)
			err := open(t, c.config, c.lr).Update(k.params, optimizers.Rates{Factor: 1})
			if err == nil || !strings.Contains(err.Error(), "0.bias: LRFactor") ||
				!slices.Equal(k.values(), before) {
				t.Errorf("%s: factor %v: %v", c.name, wrong, err)
			}
		}
	}
}
