package optimizers_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/apitest"
	"github.com/hqvit/hqvit/optimizers"
)

// wrongParams are what no Update and no clipping takes.
func wrongParams() map[string][]optimizers.Param {
	x, nan := vector([]float64{1, 2}), vector([]float64{1, math.NaN()})
	view, err := tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float64{1, 2, 3, 4})).Slice(nil,
		tensor.S(1))
	if err != nil {
		panic(err)
	}
	return map[string][]optimizers.Param{
		"the zero Param":   {{}},
		"no gradient":      {{Name: "w", Value: x}},
		"a nil tensor":     {{Name: "w", Value: x, Grad: (*tensor.Dense)(nil)}},
		"a nil value":      {{Name: "w", Value: (*tensor.Dense)(nil), Grad: x}},
		"two dtypes":       {{Name: "w", Value: x, Grad: vector([]float32{1, 2})}},
		"two sizes":        {{Name: "w", Value: x, Grad: vector([]float64{1})}},
		"integers":         {{Name: "w", Value: G.NewI(1), Grad: G.NewI(1)}},
		"a NaN gradient":   {{Name: "w", Value: x, Grad: nan}},
		"a strided tensor": {{Name: "w", Value: view.(*tensor.Dense), Grad: x}},
	}
}

// absent is an Optimizer of which there is none.
type absent struct{ optimizers.Optimizer }

func updateMisuses() []apitest.Misuse {
	var calls []apitest.Misuse
	metric := func(optimizers.Param) (mat.Symmetric,
		error) {
		return mat.NewSymDense(2, []float64{1, 0, 0, 1}), nil
	}
	all := []optimizers.Config{optimizers.NaturalGradient{Metric: metric}}
	for _, c := range configs {
		all = append(all, c.config)
	}
	for _, config := range all {
		name := typeName(config)
		for _, lr := range []float64{0, -1, math.NaN(), math.Inf(1)} {
			calls = append(calls, apitest.Wrong(name+".New", "a learning rate", func() error {
				_, err := config.New(lr)
				return err
			}))
		}
		update := func(what string, params []optimizers.Param, r optimizers.Rates) {
			calls = append(calls, apitest.Wrong(name+".New", "Update: "+what, func() error {
				opt, err := config.New(1e-3)
				if err != nil {
					panic(err)
				}
				return opt.Update(params, r)
			}))
		}
		for what, params := range wrongParams() {
			update(what, params, optimizers.Rates{Factor: 1})
		}
		right := []optimizers.Param{param("w", []float64{1, 2}, []float64{1, 2})}
		update("no parameters", nil, optimizers.Rates{Factor: 1})
		update("a negative factor", right, optimizers.Rates{Factor: -1})
		update("a momentum of 1", right, optimizers.Rates{Factor: 1, Momentum: 1})
	}
	return calls
}

func typeName(v any) string { return strings.TrimPrefix(fmt.Sprintf("%T", v), "optimizers.") }

// rowMisuses checks the rows of both tables with each of their numbers wrong.
func rowMisuses() []apitest.Misuse {
	var calls []apitest.Misuse
	for _, row := range optimizers.Table() {
		for what, wrong := range apitest.Spoilt(row.New()) {
			calls = append(calls, apitest.Wrong(typeName(wrong)+".Check", what,
				func() error { return wrong.(interface{ Check() error }).Check() }))
		}
	}
	for _, row := range optimizers.Schedules() {
		s := row.New()
		calls = append(calls, apitest.Harmless(typeName(s)+".At", "a negative step", func() { s.At(-5, -7) }))
		for what, wrong := range apitest.Spoilt(s) {
			calls = append(calls, apitest.Wrong(typeName(wrong)+".Check", what,
				func() error { return wrong.(interface{ Check(int) error }).Check(10) }))
		}
	}
	return calls
}

func TestMisuse(t *testing.T) {
	calls := append(updateMisuses(), rowMisuses()...)
	for what, params := range wrongParams() {
		calls = append(calls, apitest.Wrong("ClipGlobalNorm", what, func() error {
			_, err := optimizers.ClipGlobalNorm(params, 1)
			return err
		}))
	}
	failing := func(optimizers.Param) (mat.Symmetric, error) { return nil, errors.New("none") }
	calls = append(calls,
		apitest.Wrong("ClipGlobalNorm", "NaN", func() error {
			_, err := optimizers.ClipGlobalNorm(nil, math.NaN())
			return err
		}),
		apitest.Wrong("AdamW.New", "the zero value",
			func() error { _, err := optimizers.AdamW{}.New(1e-3); return err }),
		apitest.Wrong("AdamW.Check", "the zero value", func() error { return optimizers.AdamW{}.Check() }),
		apitest.Wrong("NaturalGradient.New", "the zero value",
			func() error { _, err := optimizers.NaturalGradient{}.New(1); return err }),
		apitest.Wrong("NaturalGradient.Check", "the zero value",
			func() error { return optimizers.NaturalGradient{}.Check() }),
		apitest.Wrong("NaturalGradient.Check", "NaN", func() error {
			return optimizers.NaturalGradient{Metric: failing, Damping: math.NaN()}.Check()
		}),
		apitest.Wrong("Rule.New", "the zero value",
			func() error { _, err := optimizers.Rule{}.New(1); return err }),
		apitest.Wrong("Solver.Step", "nil", func() error { return (*optimizers.Solver)(nil).Step(nil) }),
		apitest.Wrong("Solver.Step", "the zero value",
			func() error { return new(optimizers.Solver).Step(nil) }),
		apitest.Wrong("CheckSchedule", "nil", func() error { return optimizers.CheckSchedule(nil, 10) }),
		apitest.Wrong("CheckSchedule", "the zero OneCycle",
			func() error { return optimizers.CheckSchedule(optimizers.OneCycle{}, 10) }),
		apitest.Wrong("Constant.Check", "a long warm-up",
			func() error { return optimizers.Constant{Warmup: 10}.Check(10) }),
		apitest.Wrong("Cosine.Check", "Floor above 1",
			func() error { return optimizers.Cosine{Floor: 2}.Check(10) }),
		apitest.Wrong("OneCycle.Check", "the zero value",
			func() error { return optimizers.OneCycle{}.Check(10) }),
		apitest.Harmless("Constant.At", "a negative step",
			func() { optimizers.Constant{Warmup: -1}.At(-5, -7) }),
		apitest.Harmless("OneCycle.At", "the zero value", func() { optimizers.OneCycle{}.At(0, 0) }),
		apitest.Wrong("Parse", "nothing", func() error {
			_, _, err := optimizers.Parse("", nil)
			return err
		}),
		apitest.Wrong("Parse", "a row without New", func() error {
			_, _, err := optimizers.Parse("a", []optimizers.Row{{Name: "a"}})
			return err
		}),
		apitest.Wrong("ParseSchedule", "nothing", func() error {
			_, _, err := optimizers.ParseSchedule("", nil)
			return err
		}),
		apitest.Wrong("ParseSchedule", "a row that makes nothing", func() error {
			row := optimizers.ScheduleRow{Name: "a", New: func() optimizers.Schedule { return nil }}
			_, _, err := optimizers.ParseSchedule("a", []optimizers.ScheduleRow{row})
			return err
		}),
		apitest.Wrong("Parse", "a row that panics", func() error {
			row := optimizers.Row{Name: "a", New: func() optimizers.Config { panic("the caller's") }}
			_, _, err := optimizers.Parse("a", []optimizers.Row{row})
			return err
		}),
		apitest.Wrong("CheckSchedule", "a nil pointer",
			func() error { return optimizers.CheckSchedule((*optimizers.Cosine)(nil), 10) }),
		apitest.Wrong("Rule.New", "Update: a function that panics", func() error {
			opt, err := optimizers.Rule{Name: "Mine", F32: func(optimizers.Step[float32]) {},
				F64: func(optimizers.Step[float64]) { panic("the caller's") }}.New(1)
			if err != nil {
				panic(err)
			}
			return opt.Update([]optimizers.Param{param("w", []float64{1}, []float64{1})},
				optimizers.Rates{Factor: 1})
		}),
		apitest.Wrong("NaturalGradient.New", "Update: a Metric that panics", func() error {
			opt, err := optimizers.NaturalGradient{
				Metric: func(optimizers.Param) (mat.Symmetric, error) { panic("the caller's") }}.New(1)
			if err != nil {
				panic(err)
			}
			return opt.Update([]optimizers.Param{param("w", []float64{1}, []float64{1})},
				optimizers.Rates{Factor: 1})
		}),
		apitest.Wrong("Solver.Step", "an Optimizer that is a nil pointer", func() error {
			return (&optimizers.Solver{Optimizer: (*absent)(nil)}).Step(nil)
		}),
		apitest.Wrong("Solver.Step", "a Schedule that is a nil pointer", func() error {
			opt, err := optimizers.SGD{}.New(1)
			if err != nil {
				panic(err)
			}
			s := &optimizers.Solver{Optimizer: opt, Schedule: (*optimizers.Cosine)(nil), Total: 9}
			return s.Step(nil)
		}),
		apitest.Harmless("Row.Options", "the zero Row", func() { optimizers.Row{}.Options() }),
		apitest.Harmless("ScheduleRow.Options", "the zero Row",
			func() { optimizers.ScheduleRow{}.Options() }),
	)
	apitest.Check(t, ".", calls, nil)
}
