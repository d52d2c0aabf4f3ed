package vit_test

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/vit"
)

// golden is what `docs/peers/torch_vit.py golden` writes: the PyTorch model of the same weights and images,
// in float64.
type golden struct {
	Command   string
	Logits    []float64
	Loss      float64
	Gradients []struct {
		Name                               string
		Size                               int
		First, Middle, Last, Norm, Product float64
	}
}

// stream is n numbers in [-1, 1) of SplitMix64 from that state, as the script draws them.
func stream(seed uint64, n int) []float64 {
	s := splitmix.Source(seed)
	u := make([]float64, n)
	for i := range u {
		u[i] = 2*s.Float64() - 1
	}
	return u
}

// setWeights writes the values of the script into a parameter, number j in the order of names.
func setWeights(t *testing.T, st *nn.Store, j int, name string) {
	t.Helper()
	p := st.Param(name)
	if p == nil {
		t.Fatalf("no parameter %s; there are %v", name, st.Names())
	}
	u := stream(uint64(j+1), p.Value.Shape().TotalSize())
	first := p.Value.Float64s()
	norm := strings.HasPrefix(name, "norm.") || strings.Contains(name, ".n1.") ||
		strings.Contains(name, ".n2.")
	for i := range u {
		switch {
		case norm && strings.HasSuffix(name, "weight"):
			u[i] = 1 + u[i]/10
		case strings.HasSuffix(name, "scale"):
			u[i] += first[i]
		case !strings.HasSuffix(name, "theta"):
			u[i] /= 8
		}
	}
	if err := p.Set(u); err != nil {
		t.Fatal(err)
	}
}

func TestSameLogitsAndGradientsAsPyTorch(t *testing.T) {
	for _, c := range []struct {
		file, model string
		heads       int
	}{{"hqvit-s", "hqvit", 4}, {"hqvit-s-1", "hqvit", 1}, {"vit-s", "vit", 4}, {"hqvit-m", "hqvit-m", 4},
		{"vit-m", "vit-m", 4}} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			cfg, err := vit.Named(c.model)
			if err != nil {
				t.Fatal(err)
			}
			cfg.Heads = c.heads
			compareWithPyTorch(t, c.file, cfg)
		})
	}
}

func compareWithPyTorch(t *testing.T, name string, cfg vit.Config) {
	var want golden
	file, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(file, &want); err != nil {
		t.Fatal(err)
	}
	layer, err := vit.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	pixels := stream(1000, 3*32*32)
	for i, v := range pixels {
		pixels[i] = math.Abs(v)
	}
	st := nn.NewStore(1)
	var logits, loss *G.Node
	leaves := map[string]*G.Node{}
	program, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		images := G.NewTensor(g, tensor.Float64, 4, G.WithShape(3, 1, 32, 32), G.WithName("images"),
			G.WithValue(tensor.New(tensor.WithShape(3, 1, 32, 32), tensor.WithBacking(pixels))))
		labels := G.NewVector(g, tensor.Float64, G.WithShape(3), G.WithName("labels"),
			G.WithValue(tensor.New(tensor.WithShape(3), tensor.WithBacking([]float64{1, 4, 7}))))
		s := nn.NewScope(g, st)
		if logits, err = layer.Forward(s, images); err != nil {
			return op.Outputs{}, err
		}
		loss, err = losses.CrossEntropy{}.Mean(logits, labels)
		for _, leaf := range s.Trained() {
			leaves[leaf.Name] = leaf.Node
		}
		return op.Outputs{Cost: loss, WRT: s.Params(), Keep: G.Nodes{logits}}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	if len(leaves) != len(want.Gradients) {
		t.Fatalf("%d parameters, PyTorch has %d", len(leaves), len(want.Gradients))
	}
	for j, w := range want.Gradients {
		setWeights(t, st, j, w.Name)
	}
	if err := program.Run(); err != nil {
		t.Fatal(err)
	}
	near(t, "loss", values(t, loss.Value())[0], want.Loss, 1)
	for i, v := range values(t, logits.Value()) {
		near(t, "logits", v, want.Logits[i], 1)
	}
	for j, w := range want.Gradients {
		d := values(t, program.Grad(leaves[w.Name]))
		if len(d) != w.Size {
			t.Fatalf("%s has %d values, PyTorch %d", w.Name, len(d), w.Size)
		}
		var norm, product float64
		for i, u := range stream(uint64(j+2001), w.Size) {
			norm += d[i] * d[i]
			product += d[i] * u
		}
		scale := math.Max(1, w.Norm)
		near(t, w.Name+" first", d[0], w.First, scale)
		near(t, w.Name+" middle", d[w.Size/2], w.Middle, scale)
		near(t, w.Name+" last", d[w.Size-1], w.Last, scale)
		near(t, w.Name+" norm", math.Sqrt(norm), w.Norm, scale)
		near(t, w.Name+" product", product, w.Product, scale)
	}
}

func values(t *testing.T, value G.Value) []float64 {
	t.Helper()
	v, err := op.Elements[float64](value)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func near(t *testing.T, what string, got, want, scale float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-10*scale) {
		t.Errorf("%s: %.15g, PyTorch has %.15g", what, got, want)
	}
}
