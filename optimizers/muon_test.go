package optimizers_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
)

// shaped is the task of testdata/muon.py: a matrix, filters of a convolution and a bias.
type shaped[T op.Float] struct {
	values, grads [3][]T
	params        []optimizers.Param
}

func newShaped[T op.Float]() *shaped[T] {
	k := &shaped[T]{}
	shapes := []tensor.Shape{{2, 3}, {3, 2, 2, 1}, {2}}
	k.values = [3][]T{{0.5, -1.25, 2, 0.75, -0.1, 3.5}, make([]T, 12), {0.3, -0.7}}
	for i := range k.values[1] {
		k.values[1][i] = T(math.Sin(float64(i)))
	}
	for i, name := range []string{"blocks.0.mlp.0.weight", "stem.1.weight", "blocks.0.mlp.0.bias"} {
		k.grads[i] = make([]T, len(k.values[i]))
		k.params = append(k.params, optimizers.Param{Name: name, NoDecay: i == 2,
			Value: tensor.New(tensor.WithShape(shapes[i]...), tensor.WithBacking(k.values[i])),
			Grad:  tensor.New(tensor.WithShape(shapes[i]...), tensor.WithBacking(k.grads[i]))})
	}
	return k
}

func (k *shaped[T]) train(t *testing.T, opt optimizers.Optimizer, schedule optimizers.Schedule, from,
	to int) {
	t.Helper()
	for step := from; step < to; step++ {
		at := float64(step)
		for i, w := range k.values[0] {
			k.grads[0][i] = T(math.Pow(float64(w), 3) - 0.5*math.Sin(float64(i)+at))
		}
		for i, w := range k.values[1] {
			k.grads[1][i] = T(float64(w) - math.Cos(float64(i)*at))
		}
		for i, w := range k.values[2] {
			k.grads[2][i] = T(math.Cos(3*float64(w) + at))
		}
		if err := opt.Update(k.params, schedule.At(step, 20)); err != nil {
			t.Fatal(err)
		}
	}
}

func (k *shaped[T]) all() []T { return slices.Concat(k.values[0], k.values[1], k.values[2]) }

// averaged returns what an optimizer wants to be evaluated.
func (k *shaped[T]) averaged(t *testing.T, opt optimizers.Optimizer) []T {
	t.Helper()
	var all []T
	for i, p := range k.params {
		x := make([]T, len(k.values[i]))
		ok, err := opt.(optimizers.Averaging).Average(p, vector(x))
		if err != nil || !ok {
			t.Fatalf("%s: %v, %v", p.Name, ok, err)
		}
		all = append(all, x...)
	}
	return all
}

func muon(change func(c *optimizers.Muon)) optimizers.Muon {
	c := optimizers.DefaultMuon()
	change(&c)
	return c
}

// The numbers are those of NumPy: python3 testdata/muon.py
func TestMatricesAsNumPy(t *testing.T) {
	for _, c := range []struct {
		name     string
		config   optimizers.Config
		schedule optimizers.Schedule
		averages bool
		want     []float64
	}{
		{"Muon", muon(func(c *optimizers.Muon) { c.Decay = 0.1 }), optimizers.Constant{}, false, []float64{
			0.4506134456048408, -0.8107156165601923, 1.7672910531391748, 0.6761340306125276,
			-0.15134893329866783, 2.939586082138696, 0.24490567052465512, 0.6232843863467482, 0.685180626054961,
			0.17206315279542125, -0.46594170477839547, -0.6594489593898162, -0.1627979042495827,
			0.5757090992873807, 0.7956271673887855, 0.32413639600653044, -0.3494853885459447,
			-0.6024974153482878, 0.29396993239513064, -0.7528881914307044,
		}},
		{"Muon without Nesterov", muon(func(c *optimizers.Muon) {
			c.Decay, c.Momentum, c.Nesterov, c.Steps = 0, 0.8, false, 3
		}), optimizers.Constant{}, false, []float64{
			0.49537439920511694, -0.8901853856473962, 1.9540011319082875, 0.7481134874950622,
			-0.1687828118553579, 3.2548900532341434, 0.23062051011263834, 0.6670207222753973, 0.7397159225098741,
			0.18253819037647406, -0.5700427013376391, -0.7384518659786852, -0.23092566759575217,
			0.6218474484179013, 0.8499189852715314, 0.35028605813028857, -0.4422398359413321,
			-0.7130831902717095, 0.29396993239513064, -0.7528881914307044,
		}},
		{"ScheduleFree", optimizers.ScheduleFree(adamW(0.1)), optimizers.Constant{Warmup: 4}, true, []float64{
			0.33669856717869434, -0.8215404835893343, 1.4681008048633246, 0.48104885299203615,
			-0.0739031206381417, 2.8578925549750327, 0.46184640783971276, 0.4363106081100784, 0.512171036937164,
			0.07302514591334401, -0.4218403866119017, -0.5728516440743241, -0.28680297252798115,
			0.2974690589428456, 0.5738043129137675, 0.19546957285572203, -0.2828154594974092,
			-0.6046719745097177, 0.2881517764163915, -0.7238450589787185, 0.3501299492759127,
			-0.8482510021089178, 1.5021569662066838, 0.49220484117938584, -0.07410927300146454,
			2.9023930494128947, 0.4311153657560741, 0.45684720543914265, 0.5359771254759902, 0.07535854418441638,
			-0.446200794746182, -0.5997120365097807, -0.28657422899404983, 0.3072944883012685,
			0.5995036046964841, 0.20801785646921167, -0.29977039353944007, -0.6300685681836333,
			0.2961484958824792, -0.7307441762170279,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			wide, narrow := newShaped[float64](), newShaped[float32]()
			o, n := open(t, c.config, 0.05), open(t, c.config, 0.05)
			wide.train(t, o, c.schedule, 0, 20)
			narrow.train(t, n, c.schedule, 0, 20)
			got, less := wide.all(), narrow.all()
			if c.averages {
				got, less = append(got, wide.averaged(t, o)...), append(less, narrow.averaged(t, n)...)
			}
			if len(got) != len(c.want) {
				t.Fatalf("%d values, want %d", len(got), len(c.want))
			}
			for i, want := range c.want {
				if math.Abs(got[i]-want) > 1e-12 {
					t.Errorf("element %d: %.16g, want %.16g", i, got[i], want)
				}
				if math.Abs(float64(less[i])-want) > 1e-4 {
					t.Errorf("element %d in float32: %.9g, want %.9g", i, less[i], want)
				}
			}
		})
	}
}

// Singular values end near 1, of tall and of wide matrices: an update of a matrix with orthogonal rows (or
// columns) of lengths 1 to 8 has rows of nearly equal lengths.
func TestMuonOrthogonalizes(t *testing.T) {
	for _, shape := range []tensor.Shape{{4, 16}, {16, 4}} {
		value, grad := make([]float64, 64), make([]float64, 64)
		for i := range 4 {
			at, step := i*16, 1
			if shape[0] > shape[1] {
				at, step = i, 4
			}
			for j := range 4 { // four places of its own
				grad[at+(4*i+j)*step] = float64(1+2*i) / 2
			}
		}
		p := optimizers.Param{Name: "w", Value: tensor.New(tensor.WithShape(shape...), tensor.WithBacking(value)),
			Grad: tensor.New(tensor.WithShape(shape...), tensor.WithBacking(grad))}
		opt := open(t, muon(func(c *optimizers.Muon) { c.Decay = 0 }), 0.01)
		if err := opt.Update([]optimizers.Param{p}, optimizers.Rates{Factor: 1}); err != nil {
			t.Fatal(err)
		}
		for i := range 4 {
			square := 0.0
			for j, g := range grad {
				if g == float64(1+2*i)/2 {
					square += value[j] * value[j]
				}
			}
			// the scale is 0.2·√16
			if s := math.Sqrt(square) / (0.01 * 0.8); s < 0.6 || s > 1.25 {
				t.Errorf("%v: singular value %d is %v", shape, i, s)
			}
		}
	}
}

func TestMuonLeavesExceptionsToAdamW(t *testing.T) {
	plain, except := newShaped[float64](), newShaped[float64]()
	plain.train(t, open(t, optimizers.DefaultAdamW(), 0.05), optimizers.Constant{}, 0, 5)
	except.train(t, open(t, muon(func(c *optimizers.Muon) { c.Except = "blocks.*+stem.?.weight" }), 0.05),
		optimizers.Constant{}, 0, 5)
	if !slices.Equal(plain.all(), except.all()) {
		t.Errorf("%v, want those of AdamW, %v", except.all(), plain.all())
	}
}

func TestResumeOfMatricesIsExact(t *testing.T) {
	for name, config := range map[string]optimizers.Config{"Muon": optimizers.DefaultMuon(),
		"ScheduleFree": optimizers.DefaultScheduleFree()} {
		straight, opt := newShaped[float32](), open(t, config, 0.05)
		straight.train(t, opt, optimizers.DefaultOneCycle(), 0, 12)
		saved, half := opt.State(), straight.all()
		straight.train(t, opt, optimizers.DefaultOneCycle(), 12, 20)
		resumed, again := newShaped[float32](), open(t, config, 0.05)
		copy(resumed.values[0], half)
		copy(resumed.values[1], half[6:])
		copy(resumed.values[2], half[18:])
		if err := again.SetState(saved); err != nil {
			t.Fatal(err)
		}
		resumed.train(t, again, optimizers.DefaultOneCycle(), 12, 20)
		if !slices.Equal(resumed.all(), straight.all()) {
			t.Errorf("%s: resumed %v, straight %v", name, resumed.all(), straight.all())
		}
		if name == "ScheduleFree" && !slices.Equal(resumed.averaged(t, again), straight.averaged(t, opt)) {
			t.Error("the averages differ after resuming")
		}
	}
}

func TestAverageIsRefused(t *testing.T) {
	opt := open(t, optimizers.DefaultScheduleFree(), 0.1).(optimizers.Averaging)
	k := newTask[float32]()
	if ok, err := opt.Average(k.params[0], vector(make([]float32, 6))); ok || err != nil {
		t.Errorf("before the first step: %v, %v, want none", ok, err)
	}
	k.train(t, opt, optimizers.Constant{}, 0, 1)
	if _, err := opt.Average(k.params[0], vector(make([]float32, 5))); err == nil ||
		!strings.Contains(err.Error(), "its place 5, want 6") {
		t.Errorf("a place that is too small: %v", err)
	}
	if _, err := opt.Average(optimizers.Param{}, nil); err == nil {
		t.Error("nothing is accepted")
	}
}
