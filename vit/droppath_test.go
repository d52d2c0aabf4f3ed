package vit_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/vit"
)

// one is an attention that returns 1 everywhere and taps its input.
func one(s *nn.Scope, x *G.Node) (*G.Node, error) {
	s.Tap("in", nn.TapValue, x)
	p, err := s.Param("one", nn.ParamSpec{Shape: tensor.Shape{1}, Dtype: x.Dtype(), Init: nn.Constant(1)})
	if err != nil {
		return nil, err
	}
	zero, err := nn.Sub(x, x)
	if err != nil {
		return nil, err
	}
	return nn.Add(zero, p)
}

// A branch of block i of L is dropped with probability p·i/L: with an attention of ones and an MLP of zeros,
// a block adds 0 to an image, or 1/(1−p·i/L).
func TestDropPathGrowsWithDepth(t *testing.T) {
	const images, p, depth = 3000, 0.8, 4
	c := vit.Config{Model: vit.Transformer, Image: 2, Channels: 1, Classes: 2, Patch: 2, Depth: depth,
		Hidden: 1, DropPath: p, NoAttentionNorm: true, Pooling: vit.PoolMean}
	st := nn.NewStore(3)
	var taps G.Nodes
	program, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		s := nn.NewScope(g, st)
		x := G.NewTensor(g, tensor.Float64, 4, G.WithName("x"), G.WithShape(images, 1, 2, 2),
			G.WithInit(G.Ones()))
		_, err := vit.Encoder{Config: c, Attention: nn.Func(one)}.Forward(s, x)
		taps = nil
		for _, tap := range s.Taps() {
			taps = append(taps, tap.Node)
		}
		return op.Outputs{Keep: taps}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	for i := range depth {
		for _, name := range []string{"weight", "bias"} {
			clear(st.Param(fmt.Sprintf("blocks.%d.mlp.2.%s", i, name)).Value.Float64s())
		}
	}
	if err := program.Run(); err != nil {
		t.Fatal(err)
	}
	for i := range depth - 1 {
		before, after := values(t, taps[i].Value()), values(t, taps[i+1].Value())
		rate, fell := p*float64(i+1)/depth, 0
		for k := 0; k < len(after); k += len(after) / images {
			switch added := after[k] - before[k]; {
			case math.Abs(added) < 1e-12:
				fell++
			case math.Abs(added-1/(1-rate)) > 1e-12:
				t.Fatalf("block %d adds %v to an image, want 0 or %v", i, added, 1/(1-rate))
			}
		}
		if got := float64(fell) / images; math.Abs(got-rate) > 4*math.Sqrt(rate*(1-rate)/images) {
			t.Errorf("block %d is dropped for %v of the images, want %v", i, got, rate)
		}
	}
}

// Fields that a model does not use are not in its metadata, and so not in the identity of a run.
func TestUnusedFieldsAreNotWritten(t *testing.T) {
	text, err := json.Marshal(vit.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"drop_path", "stem"} {
		if strings.Contains(string(text), field) {
			t.Errorf("%s has a %s", text, field)
		}
	}
}

func TestCheckRefusesDropPath(t *testing.T) {
	c, err := vit.Named("hqvit")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []float64{-0.1, 1, math.NaN()} {
		c.DropPath = p
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), "drop_path is") {
			t.Errorf("drop_path %v: %v, want an error", p, err)
		}
	}
}
