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
		"stem_blocks [1] for":      func(c *vit.Config) { c.StemBlocks = []int{1} },
		"stem_blocks [-1 0], w":    func(c *vit.Config) { c.StemBlocks = []int{-1, 0} },
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

// resnet20 is the yardstick of He et al. for CIFAR-10, with group norms and 1×1 convolutions as shortcuts.
func resnet20() vit.Config {
	return vit.Config{Model: vit.CNN, Image: 32, Channels: 3, Classes: 10, Stem: []int{16, 32, 64},
		StemStride: []int{1, 2, 2}, StemBlocks: []int{3, 3, 3}, StemNorm: 8, Pooling: vit.PoolMean}
}

func TestResidualStemIsAResNet(t *testing.T) {
	c := resnet20()
	// 19 convolutions, two shortcuts, weight and bias of 21 norms and of the first convolution, the classifier
	want := 9*(3*16+6*16*16) + 9*(16*32+5*32*32) + 9*(32*64+5*64*64) + 16*32 + 32*64 +
		2*(7*16+7*32+7*64) + 16 + 64*10 + 10
	if got, _, err := vit.Parameters(c); err != nil || got != want {
		t.Errorf("%d parameters, %v, want %d", got, err, want)
	}
	if got := c.Name(); got != "cnn-16x3-32x3-64x3:mean" {
		t.Errorf("it is called %s", got)
	}
	if s := c.Size(); s.Weights < 0.95*float64(want) || s.Weights > 1.05*float64(want) {
		t.Errorf("estimated %v weights of %d", s.Weights, want)
	}
	flops, _, err := vit.Flops(c, 2)
	if err != nil || flops < 80e6 || flops > 84e6 { // 41 million multiplications
		t.Errorf("%d flops, %v, want about 82 million", flops, err)
	}
}

func TestResidualStemGradients(t *testing.T) {
	for _, name := range []string{"hqvit", "cnn"} {
		c := stemmed(t, name)
		c.StemBlocks, c.StemStride = []int{1, 2}, []int{1, 4}
		if c.Model == vit.CNN {
			c.Pooling = vit.PoolMean
		}
		layer, err := vit.New(c)
		if err != nil {
			t.Fatal(err)
		}
		images := tensor.New(tensor.WithShape(2, 2, 16, 16), tensor.WithBacking(stream(7, 2*2*16*16)))
		var names string
		err = gradcheck.Graph(gradcheck.Config{Samples: 4, Step: 5e-5, Tolerance: 1e-6},
			func(g *G.ExprGraph, dt tensor.Dtype) (*G.Node, G.Nodes, error) {
				st := nn.NewStore(5)
				s := nn.NewScope(g, st)
				logits, err := layer.Forward(s, gradcheck.Leaf(g, dt, 0, images))
				names = " " + strings.Join(st.Names(), " ")
				return logits, s.Params(), err
			})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, want := range []string{" stem.0.in.weight", " stem.0.0.conv1.weight", " stem.1.0.shortcut.weight",
			" stem.1.1.norm2.bias"} {
			if !strings.Contains(names, want) {
				t.Errorf("%s has the parameters%s, want%s", name, names, want)
			}
		}
	}
}
