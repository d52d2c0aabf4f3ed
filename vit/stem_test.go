package vit_test

import (
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/vit"
)

// stemmed is a small model behind a stem with strides and norms.
func stemmed(t *testing.T, name string) vit.Config {
	t.Helper()
	c, err := vit.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	c = little(c)
	c.Stem, c.StemStride, c.StemNorm = []int{2, 4}, []int{1, 4}, 2
	if c.Model == vit.Transformer {
		c.Patch = 2
	}
	return c
}

func TestStemWithNormAndStride(t *testing.T) {
	for _, name := range []string{"hqvit", "vit", "cnn"} {
		c := stemmed(t, name)
		if got := c.Tokens(); got != 4 && c.Model == vit.Transformer {
			t.Errorf("%s has %d tokens, want those of patches of 2 in a picture of 4", name, got)
		}
		layer, err := vit.New(c)
		if err != nil {
			t.Fatal(err)
		}
		images := tensor.New(tensor.WithShape(2, 2, 16, 16), tensor.WithBacking(stream(7, 2*2*16*16)))
		var names string
		err = gradcheck.Graph(gradcheck.Config{Samples: 8, Step: 2e-4, Tolerance: 1e-7},
			func(g *G.ExprGraph, dt tensor.Dtype) (*G.Node, G.Nodes, error) {
				st := nn.NewStore(5)
				s := nn.NewScope(g, st)
				logits, err := layer.Forward(s, gradcheck.Leaf(g, dt, 0, images))
				names = strings.Join(st.Names(), " ")
				return logits, s.Params(), err
			})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.Contains(names, "stem.0.norm.weight") || !strings.Contains(names, "stem.1.norm.bias") {
			t.Errorf("%s has the parameters %s, want those of the norms", name, names)
		}
	}
}

func TestStemRefuses(t *testing.T) {
	for want, change := range map[string]func(c *vit.Config){
		"want one for each":        func(c *vit.Config) { c.StemStride = []int{2} },
		"that divides the side":    func(c *vit.Config) { c.StemStride = []int{1, 3} },
		"stem_stride 0 for":        func(c *vit.Config) { c.StemStride = []int{0, 2} },
		"channels of at least 1":   func(c *vit.Config) { c.Stem = []int{2, 0} },
		"a divisor of":             func(c *vit.Config) { c.StemNorm = 3 },
		"stem_norm is -1":          func(c *vit.Config) { c.StemNorm = -1 },
		"stem_norm is 2 for the":   func(c *vit.Config) { c.Stem, c.StemStride = nil, nil },
		"patches of 3 do not tile": func(c *vit.Config) { c.Patch = 3 },
	} {
		c := stemmed(t, "hqvit")
		change(&c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}
