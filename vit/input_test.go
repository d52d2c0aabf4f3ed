package vit_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/vit"
)

var (
	sequences = vit.Config{Steps: 5, Features: 3, Classes: 4}
	vectors   = vit.Config{Features: 7, Classes: 1, Output: vit.OutputValues}
)

// A name stays what it is, whatever the examples, and comes back with all that belongs to it.
func TestNamesOfOtherExamples(t *testing.T) {
	for _, examples := range []vit.Config{sequences, vectors} {
		for _, name := range []string{"hqvit", "vit", "hqvit-m", "hqvit-paper", "hqvit:cosine", "vit:mean",
			"logreg"} {
			c, err := vit.Named(name)
			if err != nil {
				t.Fatal(err)
			}
			c = c.For(examples)
			if err := c.Check(); err != nil || c.Name() != name {
				t.Errorf("%s is called %s, %v", name, c.Name(), err)
			}
			if again := c.For(examples); fmt.Sprint(again) != fmt.Sprint(c) {
				t.Errorf("%s changes when it is fitted again: %v, %v", name, c, again)
			}
		}
		reference, _ := vit.Named("hqvit")
		reference = reference.For(examples)
		match, gap, err := vit.Match(reference)
		if err != nil || match.Name() != "vit-matched" || gap > 100 || gap < -100 ||
			!slices.Equal(match.InputShape(), reference.InputShape()) {
			t.Errorf("%s, %d parameters away, %v", match.Name(), gap, err)
		}
	}
}

func TestWrongInputs(t *testing.T) {
	hqvit, _ := vit.Named("hqvit")
	for want, change := range map[string]func(c *vit.Config){
		"features is 0, want at least 1":               func(c *vit.Config) { c.Features = 0 },
		"image is 32 and channels 0 beside steps 5":    func(c *vit.Config) { c.Image = 32 },
		"patch is 8, and the model is for sequences":   func(c *vit.Config) { c.Patch = 8 },
		"a stem has convolutions over pictures":        func(c *vit.Config) { c.Stem = []int{8} },
		"embed is 0 for vectors":                       func(c *vit.Config) { c.Steps, c.Embed = 0, 0 },
		"classes is 1, want at least 2":                func(c *vit.Config) { c.Classes = 1 },
		`output is "numbers", want labels or values`:   func(c *vit.Config) { c.Output = "numbers" },
		"4 heads for a width of 3":                     func(c *vit.Config) { c.Embed = 0 },
		"smaller image, depth, hidden, embed, layers ": func(c *vit.Config) { c.Steps = 1 << 20 },
	} {
		c := hqvit.For(sequences)
		change(&c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	layer, err := vit.New(hqvit.For(sequences))
	if err != nil {
		t.Fatal(err)
	}
	g := G.NewGraph()
	x := G.NewMatrix(g, tensor.Float32, G.WithName("x"), G.WithShape(2, 15))
	if _, err := layer.Forward(nn.NewScope(g, nn.NewStore(1)), x); err == nil ||
		!strings.Contains(err.Error(), "want (B, 5 3), for sequences of 5 steps of 3 features") {
		t.Error(err)
	}
}

// The register of the index can number more tokens than there are. What a token attends to sums to 1 over
// those that are there.
func TestTokensAreNotPadded(t *testing.T) {
	hqvit, _ := vit.Named("hqvit")
	for _, examples := range []vit.Config{sequences, vectors} {
		c := hqvit.For(examples)
		layer, err := vit.New(c)
		if err != nil {
			t.Fatal(err)
		}
		var maps *G.Node
		p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
			shape := append(tensor.Shape{1}, c.InputShape()...)
			values := make([]float32, shape.TotalSize())
			for i := range values {
				values[i] = float32(i%5) - 1.5
			}
			x := G.NewTensor(g, tensor.Float32, shape.Dims(), G.WithName("x"), G.WithShape(shape...),
				G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))))
			s := nn.NewEvalScope(g, nn.NewStore(3))
			y, err := layer.Forward(s, x)
			for _, tap := range s.Taps() {
				if tap.Kind == nn.TapAttention && maps == nil {
					maps = tap.Node
				}
			}
			return op.Outputs{Keep: G.Nodes{y, maps}}, err
		})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		tokens := c.Tokens()
		if !maps.Shape().Eq(tensor.Shape{1, 4, tokens, tokens}) {
			t.Fatalf("attention %v over %d tokens", maps.Shape(), tokens)
		}
		values, err := op.Float64s(maps.Value())
		if err != nil {
			t.Fatal(err)
		}
		for row := range slices.Chunk(values, tokens) {
			sum := 0.0
			for _, v := range row {
				sum += v
			}
			if math.Abs(sum-1) > 1e-5 {
				t.Errorf("coefficients %v sum to %v", row, sum)
			}
		}
	}
}
