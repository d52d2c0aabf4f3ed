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

// withParts is a small model with all that a block and a classifier can have beside the usual.
func withParts(t *testing.T) vit.Config {
	t.Helper()
	c := little(named(t, "hqvit"))
	c.Pooling, c.Beside, c.LayerScale = vit.PoolSequence, "depthwise", 0.1
	return c
}

func TestPartsOfABlock(t *testing.T) {
	c := withParts(t)
	layer, err := vit.New(c)
	if err != nil {
		t.Fatal(err)
	}
	shape := append(tensor.Shape{2}, c.InputShape()...)
	images := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(stream(7, shape.TotalSize())))
	var names string
	err = gradcheck.Graph(gradcheck.Config{Samples: 4, Step: 2e-4, Tolerance: 1e-7},
		func(g *G.ExprGraph, dt tensor.Dtype) (*G.Node, G.Nodes, error) {
			st := nn.NewStore(5)
			s := nn.NewScope(g, st)
			logits, err := layer.Forward(s, gradcheck.Leaf(g, dt, 0, images))
			names = " " + strings.Join(st.Names(), " ") + " "
			return logits, s.Params(), err
		})
	if err != nil {
		t.Error(err)
	}
	for _, want := range []string{"blocks.0.beside.weight", "blocks.0.ls1.gamma", "blocks.0.ls2.gamma",
		"pool.weight", "pool.bias"} {
		if !strings.Contains(names, " "+want+" ") {
			t.Errorf("it has the parameters%s, want %s", names, want)
		}
	}
}

// A block is the sum of its parts: x + γ₁(attention + convolution), then + γ₂·MLP.
func TestBlockIsItsDefinition(t *testing.T) {
	const batch, tokens, width = 2, 4, 6
	x := tensor.New(tensor.WithShape(batch, tokens, width), tensor.WithBacking(stream(3, batch*tokens*width)))
	run := func(build func(s *nn.Scope, x *G.Node) (*G.Node, error)) []float64 {
		g := G.NewGraph()
		y, err := build(nn.NewScope(g, nn.NewStore(5)), gradcheck.Leaf(g, tensor.Float64, 0, x))
		if err != nil {
			t.Fatal(err)
		}
		m := G.NewTapeMachine(g)
		defer m.Close()
		if err := m.RunAll(); err != nil {
			t.Fatal(err)
		}
		return y.Value().Data().([]float64)
	}
	got := run(vit.Block{Attention: nn.Attention{Heads: 2}, Beside: nn.DepthwiseTokens{}, Hidden: 5,
		LayerScale: 0.25}.Forward)
	// the scales are 1/4 at the start; the parameters follow from seed and name
	want := run(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
		quarter := func(x, y *G.Node) (*G.Node, error) {
			y, err := nn.ScaleBy(y, 0.25)
			if err != nil {
				return nil, err
			}
			return nn.Add(x, y)
		}
		n1, _ := nn.LayerNorm{}.Forward(s.Sub("n1"), x)
		a, _ := nn.Attention{Heads: 2}.Forward(s.Sub("attn"), n1)
		d, _ := nn.DepthwiseTokens{}.Forward(s.Sub("beside"), n1)
		sum, _ := nn.Add(a, d)
		x, _ = quarter(x, sum)
		n2, _ := nn.LayerNorm{}.Forward(s.Sub("n2"), x)
		mlp, err := nn.MLP{Hidden: 5}.Forward(s.Sub("mlp"), n2)
		if err != nil {
			return nil, err
		}
		return quarter(x, mlp)
	})
	for i := range want {
		if d := got[i] - want[i]; d > 1e-14 || d < -1e-14 {
			t.Fatalf("value %d: %v, want %v", i, got[i], want[i])
		}
	}
}

func TestPartsOfABlockAreChecked(t *testing.T) {
	for want, change := range map[string]func(c *vit.Config){
		"beside \"conv\"":       func(c *vit.Config) { c.Beside = "conv" },
		"layer_scale is -0.1":   func(c *vit.Config) { c.LayerScale = -0.1 },
		"layer_scale is 2":      func(c *vit.Config) { c.LayerScale = 2 },
		"grid of a picture's p": func(c *vit.Config) { *c = c.For(vit.Config{Steps: 4, Features: 4, Classes: 2}) },
	} {
		c := withParts(t)
		change(&c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}
