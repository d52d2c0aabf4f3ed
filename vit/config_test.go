package vit_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/vit"
)

func named(t *testing.T, name string) vit.Config {
	t.Helper()
	c, err := vit.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The built-in pairs differ in the score and in nothing else.
func TestPairsDifferInTheScoreAlone(t *testing.T) {
	for _, size := range []string{"", "-s", "-m", "-stem"} {
		quantum, classical := named(t, "hqvit"+size), named(t, "vit"+size)
		if quantum.Score != "swap" || classical.Score != "dot" || quantum.Heads != 4 {
			t.Errorf("hqvit%s has score %s and %d heads, vit%s score %s",
				size, quantum.Score, quantum.Heads, size, classical.Score)
		}
		if quantum.Score = "dot"; !reflect.DeepEqual(quantum, classical) ||
			!reflect.DeepEqual(named(t, "hqvit"+size+":dot"), classical) {
			t.Errorf("vit%s is %+v, want %+v", size, classical, quantum)
		}
	}
	for _, name := range []string{"hqvit-paper", "hqvit-paper-mean"} {
		if heads := named(t, name).Heads; heads != 1 {
			t.Errorf("%s has %d heads, the paper one", name, heads)
		}
	}
}

// Changing a Config changes no other.
func TestNamedIsTheCallersOwn(t *testing.T) {
	for _, name := range vit.Names() {
		c, want := named(t, name), named(t, name)
		for i := range c.Stem {
			c.Stem[i] = 99
		}
		if got := named(t, name); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %+v after a change of a copy, want %+v", name, got, want)
		}
	}
	c := named(t, "hqvit-stem")
	layer, err := vit.New(c)
	if err != nil {
		t.Fatal(err)
	}
	modified, _, err := vit.Modify(c, "mean")
	if err != nil {
		t.Fatal(err)
	}
	c.Stem[0] = 99
	if stem := layer.(vit.Encoder).Stem; stem[0] != 16 || modified.Stem[0] != 16 {
		t.Errorf("the model has the stem %v and its modification %v", stem, modified.Stem)
	}
}

func TestName(t *testing.T) {
	for expression, want := range map[string]string{
		"hqvit-s": "hqvit", "vit-s": "vit", "hqvit:dot": "vit", "vit:swap": "hqvit",
		"vit:cosine":          "hqvit:cosine",
		"hqvit-m:mean:cosine": "hqvit-m:cosine:mean", "hqvit-stem:dot:mean": "vit-stem:mean",
		"vit-m:flatten":    "vit-m",
		"hqvit-paper:mean": "hqvit-paper-mean", "hqvit-paper-mean:flatten": "hqvit-paper",
		"hqvit-paper:dot": "vit-paper", "vit-paper:swap": "hqvit-paper", "hqvit-paper-mean:dot": "vit-paper:mean",
		"cnn": "cnn", "logreg": "logreg",
		"vit-matched": "vit-matched", "vit-matched-m:mean": "vit-matched-m:mean",
		"hqvit:mean:matched": "vit-matched:mean", "hqvit-paper:matched": "hqvit-paper:matched",
	} {
		c := named(t, expression)
		c.Image, c.Classes = 64, 7
		if got := c.Name(); got != want {
			t.Errorf("%s is called %s, want %s", expression, got, want)
		}
		if again, err := vit.Named(want); err == nil {
			again.Image, again.Classes = 64, 7
			if !reflect.DeepEqual(again, c) {
				t.Errorf("%s is %+v and called %s, which is %+v", expression, c, want, again)
			}
		}
	}
	for want, change := range map[string]func(c *vit.Config){
		"hqvit":              func(c *vit.Config) {},
		"hqvit-p8-d64-b6-h4": func(c *vit.Config) { c.Depth = 6 },
		"vit-p8-d64-b6-h4:mean": func(c *vit.Config) {
			c.Depth, c.Score, c.Pooling = 6, "dot",
				vit.PoolMean
		},
		"hqvit-p4-d24-b2-h2:uniform": func(c *vit.Config) {
			c.Patch, c.Embed, c.Heads, c.Score = 4, 24, 2,
				"uniform"
		},
		"hqvit-stem-p8-d64-b2-h4": func(c *vit.Config) { c.Stem, c.StemStride = []int{1}, []int{1} },
		"hqvit-stem": func(c *vit.Config) {
			c.Stem, c.StemStride, c.Patch = []int{16, 16},
				[]int{2, 2}, 2
		},
		"vit": func(c *vit.Config) { c.Score, c.Layers, c.Stem = "dot", 0, []int{} },
		"cnn-8-16": func(c *vit.Config) {
			*c = vit.Config{Model: vit.CNN, Image: 8, Channels: 1, Classes: 2, Stem: []int{8, 16}}
		},
		"hqvit-p8-d64-b2-h4:product:mean": func(c *vit.Config) {
			c.Score, c.Pooling, c.DropPath = "product",
				vit.PoolMean, 0.1
		},
	} {
		c := named(t, "hqvit")
		change(&c)
		if got := c.Name(); got != want {
			t.Errorf("%+v is called %s, want %s", c, got, want)
		}
	}
	for expression, want := range map[string]string{
		"hqvit:matched": "vit-matched", "vit-matched-m": "vit-matched-m",
		"hqvit-s:matched:mean": "vit-matched:mean",
		"hqvit:mean:matched":   "hqvit:mean:matched", "hqvit-paper:matched": "hqvit-paper:matched",
	} {
		c, changes, err := vit.ParseName(expression)
		if err != nil {
			t.Fatal(err)
		}
		c, match, err := vit.Modify(c, changes...)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.MatchedName(*match); got != want {
			t.Errorf("%s is called %s, want %s", expression, got, want)
		}
	}
}

func TestDefaultBatch(t *testing.T) {
	for name, want := range map[string][2]int{
		"hqvit": {128, 32}, "vit": {128, 32}, "hqvit-m": {64, 16}, "vit-m": {64, 16},
		"vit-matched-m": {64, 16},
		"hqvit-stem":    {128, 32}, "hqvit-paper": {128, 32}, "cnn": {128, 32}, "logreg": {128, 32},
	} {
		for _, channels := range []int{1, 3} {
			c := named(t, name)
			c.Channels = channels
			if batch, micro := vit.DefaultBatch(c); [2]int{batch, micro} != want {
				t.Errorf("%s of %d channels: %d and %d, want %v", name, channels, batch, micro, want)
			}
		}
	}
}

// No value that a user gets wrong makes an exported function panic: it is an error, or a 0 where there is
// nothing to count.
func TestWrongValuesAreErrors(t *testing.T) {
	wrong := map[string]vit.Config{"nothing": {}}
	sound := []string{"hqvit", "vit", "hqvit-stem", "cnn", "logreg"}
	for _, name := range sound {
		for what, change := range map[string]func(c *vit.Config){
			"no model":           func(c *vit.Config) { c.Model = "" },
			"an unknown model":   func(c *vit.Config) { c.Model = "hqvit" },
			"no image":           func(c *vit.Config) { c.Image = 0 },
			"no channels":        func(c *vit.Config) { c.Channels = 0 },
			"one class":          func(c *vit.Config) { c.Classes = 1 },
			"negative patch":     func(c *vit.Config) { c.Patch = -1 },
			"negative embed":     func(c *vit.Config) { c.Embed = -1 },
			"negative depth":     func(c *vit.Config) { c.Depth = -1 },
			"negative hidden":    func(c *vit.Config) { c.Hidden = -1 },
			"negative heads":     func(c *vit.Config) { c.Heads = -1 },
			"odd heads":          func(c *vit.Config) { c.Heads = 7 },
			"an unknown score":   func(c *vit.Config) { c.Score = "none" },
			"an unknown pooling": func(c *vit.Config) { c.Pooling = "max" },
			"NaN dropout":        func(c *vit.Config) { c.Dropout = math.NaN() },
			"NaN drop path":      func(c *vit.Config) { c.DropPath = math.NaN() },
			"a long stem":        func(c *vit.Config) { c.Stem, c.StemStride = []int{4, 4, 4}, []int{2} },
			"strides alone":      func(c *vit.Config) { c.Stem, c.StemStride = nil, []int{2} },
			"a zero stride":      func(c *vit.Config) { c.Stem, c.StemStride = []int{4}, []int{0} },
			"a stem of nothing":  func(c *vit.Config) { c.Stem, c.StemStride = []int{0}, nil },
			"a norm of 5":        func(c *vit.Config) { c.Stem, c.StemNorm = []int{4}, 5 },
			"a norm alone":       func(c *vit.Config) { c.Stem, c.StemNorm = nil, 1 },
		} {
			c := named(t, name)
			change(&c)
			wrong[name+" with "+what] = c
		}
	}
	for _, name := range []string{"hqvit", "vit", "hqvit-stem"} {
		for what, change := range map[string]func(c *vit.Config){
			"no patch": func(c *vit.Config) { c.Patch = 0 }, "no depth": func(c *vit.Config) { c.Depth = 0 },
			"no hidden":    func(c *vit.Config) { c.Hidden = 0 },
			"no heads":     func(c *vit.Config) { c.Heads = 0 },
			"no score":     func(c *vit.Config) { c.Score = "" },
			"no pooling":   func(c *vit.Config) { c.Pooling = "" },
			"a patch of 5": func(c *vit.Config) { c.Patch = 5 },
		} {
			c := named(t, name)
			change(&c)
			wrong[name+" with "+what] = c
		}
	}
	c := named(t, "hqvit")
	c.Layers = 0
	wrong["circuits without layers"] = c
	for _, name := range []string{"cnn", "logreg"} {
		c := named(t, name)
		c.Depth = 2
		wrong[name+" with blocks"] = c
	}
	for what, c := range wrong {
		t.Run(what, func(t *testing.T) {
			c.Tokens()
			c.Width()
			c.Name()
			c.MatchedName(vit.Config{})
			vit.DefaultBatch(c)
			calls := map[string]func() error{
				"Check": c.Check,
				"New": func() error {
					_, err := vit.New(c)
					return err
				},
				"Parameters": func() error {
					_, _, err := vit.Parameters(c)
					return err
				},
				"Flops": func() error {
					_, _, err := vit.Flops(c, 1)
					return err
				},
				"Match": func() error {
					_, _, err := vit.Match(c)
					return err
				},
				"Modify": func() error {
					_, _, err := vit.Modify(c, "flatten")
					return err
				},
				"Modify by nothing": func() error {
					_, _, err := vit.Modify(c)
					return err
				},
				"Encoder": func() error {
					g := G.NewGraph()
					_, err := vit.Encoder{Config: c}.Forward(nn.NewScope(g, nn.NewStore(0)),
						G.NewMatrix(g, tensor.Float32, G.WithShape(1, 1), G.WithName("x")))
					return err
				},
			}
			for name, call := range calls {
				if changed := name == "Modify" && strings.HasSuffix(what, "pooling") &&
					c.Model == vit.Transformer; call() == nil && !changed {
					t.Errorf("%s: no error", name)
				}
			}
		})
	}
	for _, name := range sound {
		layer, err := vit.New(named(t, name))
		if err != nil {
			t.Fatal(err)
		}
		g := G.NewGraph()
		s := nn.NewScope(g, nn.NewStore(0))
		for what, call := range map[string]func() (*G.Node, error){
			"no images": func() (*G.Node, error) { return layer.Forward(s, nil) },
			"no scope": func() (*G.Node, error) {
				return layer.Forward(nil, G.NewTensor(g, tensor.Float32, 4, G.WithShape(1, 1, 32, 32),
					G.WithName("x")))
			},
			"a matrix": func() (*G.Node, error) {
				return layer.Forward(s, G.NewMatrix(g, tensor.Float32, G.WithShape(1, 1024), G.WithName("m")))
			},
			"small images": func() (*G.Node, error) {
				return layer.Forward(s, G.NewTensor(g, tensor.Float32, 4, G.WithShape(1, 1, 28, 28),
					G.WithName("s")))
			},
		} {
			if y, err := call(); err == nil || y != nil {
				t.Errorf("%s, %s: %v, no error", name, what, y)
			}
		}
		if _, _, err := vit.Flops(named(t, name), 0); err == nil {
			t.Errorf("%s: flops of no images: no error", name)
		}
		if _, err := (vit.Encoder{Config: named(t, "vit")}).Forward(s,
			G.NewTensor(g, tensor.Float32, 4, G.WithShape(1, 1, 32, 32), G.WithName("e"))); err == nil {
			t.Error("an Encoder without Attention: no error")
		}
	}
	if _, err := (vit.Block{}).Forward(nil, nil); err == nil {
		t.Error("a Block of nothing: no error")
	}
	for _, name := range []string{"", ":", "hqvit:", "hqvit::mean", ":mean",
		"vit-matched-stem:matched:swap"} {
		if _, err := vit.Named(name); err == nil {
			t.Errorf("Named(%q): no error", name)
		}
	}
}
