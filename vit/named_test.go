package vit_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/vit"
)

// little makes a model small enough for central differences.
func little(c vit.Config) vit.Config {
	c.Image, c.Channels, c.Classes = 16, 2, 3
	if c.Model == vit.Transformer {
		c.Hidden, c.Depth = 5, 1
	}
	if c.Embed > 0 {
		c.Embed = 8
	}
	for i := range c.Stem {
		c.Stem[i] = 2
	}
	c.StemNorm = min(c.StemNorm, 2)
	return c
}

func TestGradientsOfEveryModel(t *testing.T) {
	names := vit.Names()
	for _, score := range vit.ScoreNames() {
		names = append(names, "hqvit:"+score, "hqvit-m:"+score)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := vit.Named(name)
			if err != nil {
				t.Fatal(err)
			}
			c = little(c)
			noise := splitmix.Source(11)
			pixels := make([]float64, 2*c.Channels*c.Image*c.Image)
			for i := range pixels {
				pixels[i] = 2*noise.Float64() - 1
			}
			images := tensor.New(tensor.WithShape(2, c.Channels, c.Image, c.Image),
				tensor.WithBacking(pixels))
			build := func(g *G.ExprGraph, dt tensor.Dtype) (*G.Node, G.Nodes, error) {
				layer, err := vit.New(c)
				if err != nil {
					return nil, nil, err
				}
				s := nn.NewScope(g, nn.NewStore(5))
				logits, err := layer.Forward(s, gradcheck.Leaf(g, dt, 0, images))
				return logits, s.Params(), err
			}
			// coefficients that nobody reads, beside mixed tokens, are no graph for the LispMachine
			mixes := strings.HasSuffix(name, ":qcsam") || strings.HasSuffix(name, ":rbs-compound")
			if err := gradcheck.Graph(gradcheck.Config{Samples: 8, Step: 2e-4, Tolerance: 1e-7, NoLisp: mixes},
				build); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNamedRefuses(t *testing.T) {
	for name, want := range map[string]string{
		"hqvit:none": "there are the scores swap, hadamard", "logreg:mean": "has no attention to change",
		"vit-matched-x": `no model "hqvit-x"`, "hqvit:matched:cosine": "a matched model has the score dot",
		"resnet": "there are cnn",
	} {
		if _, err := vit.Named(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", name, err, want)
		}
	}
}

// trained returns the names of the parameters that have a gradient.
func trained(t *testing.T, name string) string {
	t.Helper()
	c, err := vit.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	layer, err := vit.New(c)
	if err != nil {
		t.Fatal(err)
	}
	g := G.NewGraph()
	s := nn.NewScope(g, nn.NewStore(1))
	logits, err := layer.Forward(s, G.NewTensor(g, tensor.Float32, 4, G.WithName("x"),
		G.WithShape(2, 1, 32, 32)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (losses.CrossEntropy{}).Sum(logits,
		G.NewVector(g, tensor.Float32, G.WithName("y"), G.WithShape(2))); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range s.Trained() {
		names = append(names, p.Name)
	}
	return strings.Join(names, " ")
}

func TestLadderTrainsWhatItSays(t *testing.T) {
	for name, want := range map[string]struct{ has, lacks string }{
		"hqvit":            {"blocks.1.attn.q.theta", "reflections"},
		"hqvit:frozen":     {"blocks.1.attn.scale", "theta"},
		"hqvit:product":    {"blocks.1.attn.k.theta", "reflections"},
		"hqvit:orthogonal": {"blocks.1.attn.reflections", "theta"},
		"hqvit:dot":        {"blocks.1.attn.q.weight", "scale"},
		"hqvit:identity":   {"blocks.1.attn.v.weight", "attn.q"},
		"cnn":              {"stem.3.weight", "blocks"},
		"logreg":           {"head.weight", "stem"},
	} {
		if got := trained(t, name); !strings.Contains(got, want.has) || strings.Contains(got, want.lacks) {
			t.Errorf("%s trains %s; want %s and no %s", name, got, want.has, want.lacks)
		}
	}
}

func TestMatchHasAsManyParameters(t *testing.T) {
	for _, name := range []string{"hqvit-s", "hqvit-m", "hqvit-stem", "hqvit-paper", "colour"} {
		ref, err := vit.Named(strings.Replace(name, "colour", "hqvit-s", 1))
		if err != nil {
			t.Fatal(err)
		}
		if name == "colour" {
			ref.Channels, ref.Classes = 3, 5
		}
		c, gap, err := vit.Match(ref)
		if err != nil {
			t.Fatal(err)
		}
		want, quantum, err := vit.Parameters(ref)
		if err != nil {
			t.Fatal(err)
		}
		got, none, err := vit.Parameters(c)
		if err != nil {
			t.Fatal(err)
		}
		if c.Score != "dot" || got-want != gap || gap*gap*50*50 > want*want || quantum == 0 || none != 0 {
			t.Errorf("%s has %d parameters (%d quantum), its match %s %d (%d quantum) with "+
				"hidden %d and gap %d, want within 2 %%",
				name, want, quantum, c.Name(), got, none, c.Hidden, gap)
		}
		t.Logf("%s %d, matched ViT %d with width %d, hidden %d", name, want, got, c.Width(), c.Hidden)
	}
}

func TestVaryChangesFromLeftToRight(t *testing.T) {
	reference, err := vit.Named("hqvit-m:mean:cosine")
	if err != nil || reference.Pooling != vit.PoolMean || reference.Score != "cosine" {
		t.Fatalf("hqvit-m:mean:cosine is %+v, %v", reference, err)
	}
	twin, err := vit.Named("hqvit-m:mean:cosine:matched")
	if err != nil {
		t.Fatal(err)
	}
	want, _, err := vit.Match(reference)
	if err != nil || !reflect.DeepEqual(twin, want) {
		t.Errorf("matched is %+v, want the match %+v, %v", twin, want, err)
	}
	c, changes, err := vit.ParseName("vit-matched-m:first-token")
	if err != nil || !slices.Equal(changes, []string{"matched", "first-token"}) {
		t.Fatalf("vit-matched-m:first-token has the changes %v, %v", changes, err)
	}
	varied, match, err := vit.Modify(c, changes...)
	if err != nil || match == nil || !reflect.DeepEqual(*match, c) || varied.Score != "dot" ||
		varied.Pooling != vit.PoolFirstToken {
		t.Errorf("vit-matched-m:first-token is %+v and matches %+v, %v", varied, match, err)
	}
}
