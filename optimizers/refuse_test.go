package optimizers_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/optimizers"
)

func TestConfigOutOfRange(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		config optimizers.Config
		lr     float64
		want   string
	}{
		{optimizers.DefaultAdamW(), -1, "AdamW: learning rate -1"},
		{optimizers.DefaultAdamW(), nan, "learning rate NaN"},
		{optimizers.DefaultAdamW(), 0, "learning rate 0"},
		{optimizers.AdamW{}, 1, "Eps 0, want a finite number above 0, such as that of DefaultAdamW"},
		{optimizers.AdamW{Beta1: 1}, 1, "Beta1 1"},
		{optimizers.AdamW{Beta2: -0.1}, 1, "Beta2 -0.1"},
		{optimizers.AdamW{Eps: -1}, 1, "Eps -1"},
		{adamW(nan), 1, "Decay NaN"},
		{adamW(-1), 1, "Decay -1, want a finite number of at least 0"},
		{optimizers.SGD{}, inf, "SGD: learning rate +Inf"},
		{optimizers.SGD{Momentum: 1}, 1, "Momentum 1"},
		{optimizers.SGD{Nesterov: true}, 1, "Nesterov"},
		{optimizers.SGD{Decay: -1}, 1, "Decay -1"},
		{optimizers.Rule{Name: "Half", F32: sign[float32]}, 1, "F64"},
		{optimizers.Rule{Name: "Dotted", F32: sign[float32], F64: sign[float64], Moments: []string{"a.b"}}, 1,
			"without a dot"},
	} {
		if _, err := c.config.New(c.lr); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want %q", c.config, err, c.want)
		}
	}
}

func TestRefusedUpdateChangesNothing(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	full := optimizers.Rates{Factor: 1}
	for _, c := range []struct {
		name  string
		spoil func(k *task[float64])
		rates optimizers.Rates
		want  string
	}{
		{"NaN", func(k *task[float64]) { k.db[1] = nan }, full, "the gradient of 0.bias has norm NaN"},
		{"infinity", func(k *task[float64]) { k.dw[4] = -inf }, full,
			"the gradient of 0.weight has norm +Inf"},
		{"another parameter", func(k *task[float64]) { k.params[1].Name = "1.bias" }, full,
			"1.bias was not there before"},
		{"another size", func(k *task[float64]) { k.params[1] = param("0.bias", k.w, k.dw) }, full,
			"0.bias has 6 elements, 2 before"},
		{"another dtype",
			func(k *task[float64]) { k.params[1] = param("0.bias", make([]float32, 2), make([]float32, 2)) },
			full, "float32 parameter 0.bias"},
		{"one twice", func(k *task[float64]) { k.params[1] = k.params[0] }, full,
			"two parameters are named 0.weight"},
		{"one missing", func(k *task[float64]) { k.params = k.params[:1] }, full, "1 parameters, 2 before"},
		{"gradient of another size", func(k *task[float64]) { k.params[1].Grad = k.params[0].Grad }, full,
			"parameter 0.bias: 2 elements, its gradient has 6"},
		{"gradient of another dtype",
			func(k *task[float64]) { k.params[1].Grad = vector(make([]float32, 2)) }, full,
			"0.bias: gradient"},
		{"no gradient", func(k *task[float64]) { k.params[1].Grad = nil }, full,
			"0.bias: no value or no gradient"},
		{"strided value", func(k *task[float64]) {
			k.params[0].Value = tensor.New(tensor.WithShape(3, 2), tensor.AsFortran(slices.Clone(k.w)))
		}, full, "0.weight: the value or the gradient is not row-major"},
		{"negative rate", func(*task[float64]) {}, optimizers.Rates{Factor: -1}, "factor -1"},
		{"momentum 1", func(*task[float64]) {}, optimizers.Rates{Factor: 1, Momentum: 1}, "momentum 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, opt := newTask[float64](), open(t, optimizers.DefaultAdamW(), 1e-3)
			k.train(t, opt, optimizers.Constant{}, 0, 2)
			values, state := k.values(), opt.State()
			broken := &task[float64]{k.w, k.b, slices.Clone(k.dw), slices.Clone(k.db), nil}
			broken.params = []optimizers.Param{param("0.weight", broken.w, broken.dw),
				param("0.bias", broken.b, broken.db)}
			c.spoil(broken)
			err := opt.Update(broken.params, c.rates)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if !slices.Equal(values, k.values()) || opt.Steps() != 2 {
				t.Errorf("%d steps, values %v, want 2 and %v", opt.Steps(), k.values(), values)
			}
			for name, m := range opt.State().Moments {
				if !slices.Equal(m.Float64s(), state.Moments[name].Float64s()) {
					t.Errorf("%s has changed", name)
				}
			}
			k.train(t, opt, optimizers.Constant{}, 2, 3) // it can go on
		})
	}
}

func TestFirstUpdateWithTwoOfOneName(t *testing.T) {
	p := param("w", []float64{1}, []float64{1})
	err := open(t, optimizers.SGD{}, 1e-3).Update([]optimizers.Param{p, p}, optimizers.Rates{Factor: 1})
	if err == nil || !strings.Contains(err.Error(), "two parameters are named w") {
		t.Errorf("error %v", err)
	}
}

func TestForeignStateIsRefused(t *testing.T) {
	one := vector([]float64{1})
	moments := func(m map[string]*tensor.Dense) optimizers.State {
		return optimizers.State{Steps: 1,
			Moments: m}
	}
	for _, c := range []struct {
		name  string
		state optimizers.State
		want  string
	}{
		{"of SGD", moments(map[string]*tensor.Dense{"momentum_buffer.w": one}),
			"momentum_buffer.w: no such moment here"},
		{"half", moments(map[string]*tensor.Dense{"exp_avg.w": one}), "exp_avg_sq.w is missing"},
		{"two sizes",
			moments(map[string]*tensor.Dense{"exp_avg.w": one, "exp_avg_sq.w": vector([]float64{1, 2})}),
			"another moment of w has"},
		{"whole numbers",
			moments(map[string]*tensor.Dense{"exp_avg.w": tensor.New(tensor.WithShape(1),
				tensor.WithBacking([]int{1}))}), "int, want float32 or float64"},
		{"empty", moments(nil), "1 steps without exp_avg and exp_avg_sq"},
		{"no tensor", moments(map[string]*tensor.Dense{"exp_avg.w": nil}), "exp_avg.w: no tensor"},
		{"negative steps", optimizers.State{Steps: -1}, "-1 steps"},
	} {
		opt := open(t, optimizers.DefaultAdamW(), 1e-3)
		if err := opt.SetState(c.state); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		if opt.Steps() != 0 {
			t.Errorf("%s: %d steps after a refused state", c.name, opt.Steps())
		}
	}
}

func TestClipRefusesWhatIsNotFinite(t *testing.T) {
	huge := param("huge", []float64{0, 0}, []float64{1e200, 1})
	for _, c := range []struct {
		params []optimizers.Param
		max    float64
		want   string
	}{
		{[]optimizers.Param{param("w", []float32{0}, []float32{1}),
			param("b", []float32{0}, []float32{float32(math.NaN())})}, 1, "the gradient of b has norm NaN"},
		{[]optimizers.Param{huge}, 1, "the gradient of huge has norm +Inf"},
		{nil, -1, "max -1"},
		{nil, math.NaN(), "max NaN"},
	} {
		if _, err := optimizers.ClipGlobalNorm(c.params, c.max); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

func TestClipOnlyMeasures(t *testing.T) {
	for _, max := range []float64{0, 5.1, math.Inf(1)} {
		p := param("w", []float32{0, 0}, []float32{3, -4})
		norm, err := optimizers.ClipGlobalNorm([]optimizers.Param{p}, max)
		if g := elements[float32](t, p.Grad); err != nil || norm != 5 || g[0] != 3 || g[1] != -4 {
			t.Errorf("max %v: norm %v, gradient %v, error %v", max, norm, g, err)
		}
	}
}
