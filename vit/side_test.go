package vit_test

import (
	"strings"
	"testing"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/vit"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A model for another side asks for the parameters of the model, and no other; the Store would refuse another
// shape.
func TestForSideKeepsTheParameters(t *testing.T) {
	change := func(name string, f func(c *vit.Config)) vit.Config {
		c, err := vit.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		f(&c)
		return c
	}
	nothing := func(*vit.Config) {}
	for _, c := range []vit.Config{
		change("hqvit:mean", nothing), change("vit:sequence", nothing), change("hqvit-stem:first-token", nothing),
		change("hqvit-stem:sequence", func(c *vit.Config) {
			c.StemBlocks, c.StemNorm, c.Beside = []int{1, 2}, 4, "depthwise"
		}),
		change("hqvit-m:mean", func(c *vit.Config) { c.Position = false }),
		change("cnn", func(c *vit.Config) { c.Pooling = vit.PoolMean }),
	} {
		model, err := vit.New(c)
		if err != nil {
			t.Fatal(err)
		}
		st := nn.NewStore(1)
		forward := func(layer nn.Layer, side int) error {
			g := G.NewGraph()
			x := G.NewTensor(g, tensor.Float32, 4, G.WithName("x"), G.WithShape(2, 1, side, side))
			y, err := layer.Forward(nn.NewScope(g, st), x)
			if err == nil && !y.Shape().Eq(tensor.Shape{2, 10}) {
				t.Errorf("%s, side %d: logits of shape %v", c.Name(), side, y.Shape())
			}
			return err
		}
		if err := forward(model, 32); err != nil {
			t.Fatal(err)
		}
		names := strings.Join(st.Names(), " ")
		small, err := model.(vit.Encoder).ForSide(16)
		if err != nil {
			t.Fatalf("%s: %v", c.Name(), err)
		}
		if err := forward(small, 16); err != nil {
			t.Errorf("%s: %v", c.Name(), err)
		}
		if got := strings.Join(st.Names(), " "); got != names {
			t.Errorf("%s has the parameters %s, for side 16 %s", c.Name(), names, got)
		}
		if err := forward(model, 32); err != nil {
			t.Errorf("%s is no longer for side 32: %v", c.Name(), err)
		}
	}
	for want, c := range map[string]vit.Config{
		"pooling flatten":      change("hqvit", nothing),
		"position: false":      change("hqvit-m:mean", nothing),
		"want pooling mean":    change("cnn", nothing),
		"a logreg has weights": change("logreg", nothing),
		"for sequences": change("vit:mean",
			func(c *vit.Config) { *c = c.For(vit.Config{Steps: 4, Features: 2, Classes: 2}) }),
		"do not tile a picture of sid": change("vit:mean", func(c *vit.Config) { c.Image = 24 }),
	} {
		model, err := vit.New(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := model.(vit.Encoder).ForSide(12); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", c.Name(), err, want)
		}
	}
}
