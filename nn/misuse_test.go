package nn_test

import (
	"fmt"
	"math"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/apitest"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/nntest"
)

// wrongNodes are inputs that no layer takes.
func wrongNodes(g *G.ExprGraph) map[string]*G.Node {
	return map[string]*G.Node{
		"nil":             nil,
		"the zero Node":   new(G.Node),
		"without a shape": G.NewTensor(g, tensor.Float64, 3, G.WithName("shapeless")),
		"of integers":     G.NewTensor(g, tensor.Int, 3, G.WithName("integers"), G.WithShape(2, 3, 4)),
		"without a graph": G.NewConstant(tensor.New(tensor.WithShape(2, 3, 4), tensor.Of(tensor.Float64)),
			G.WithName("loose")),
	}
}

// builds tells what a layer that is right makes of its input: whether it has parameters, without which it
// needs no Scope, and whether it makes anything, without which it takes any node.
func builds(c nntest.Case) (parameters, anything bool) {
	g, st := G.NewGraph(), nn.NewStore(1)
	x := G.NewTensor(g, tensor.Float64, len(c.Input), G.WithName("x"), G.WithShape(c.Input...))
	y, err := c.Layer.Forward(nn.NewScope(g, st), x)
	return len(st.Names()) > 0, err != nil || y != x
}

// layerMisuses calls every layer of the conformance table with wrong nodes and Scopes, and layers that are
// wrong themselves.
func layerMisuses() []apitest.Misuse {
	g := G.NewGraph()
	var calls []apitest.Misuse
	call := func(layer nn.Layer, what string, s *nn.Scope, x *G.Node) {
		name := fmt.Sprintf("%T", layer)[len("nn."):] + ".Forward"
		calls = append(calls, apitest.Wrong(name, what, func() error {
			_, err := layer.Forward(s, x)
			return err
		}))
	}
	softmax := nn.Func(func(_ *nn.Scope, x *G.Node) (*G.Node, error) { return nn.Softmax(x) })
	tried := map[string]nntest.Case{"Func": {Layer: softmax, Input: []int{2, 3, 4}}}
	for name, c := range layers {
		if _, ok := c.Layer.(nn.Func); !ok { // whose function is tried by functionMisuses
			tried[name] = c
		}
	}
	for _, c := range tried {
		parameters, anything := builds(c)
		if !anything {
			continue
		}
		for what, x := range wrongNodes(g) {
			if what == "without a graph" && parameters { // beside parameters, a constant gets theirs
				continue
			}
			call(c.Layer, what, nn.NewScope(g, nn.NewStore(1)), x)
		}
		if !parameters {
			continue
		}
		x := G.NewTensor(g, tensor.Float64, len(c.Input), G.WithName(fmt.Sprint("x", c.Input)),
			G.WithShape(c.Input...))
		for what, s := range map[string]*nn.Scope{
			"nil Scope": nil, "the zero Scope": {}, "Scope without a Store": nn.NewScope(g, nil),
			"Scope without a graph":  nn.NewScope(nil, nn.NewStore(1)),
			"Scope of another graph": nn.NewScope(G.NewGraph(), nn.NewStore(1)),
		} {
			call(c.Layer, what, s, x)
		}
	}
	x := G.NewTensor(g, tensor.Float64, 3, G.WithName("x"), G.WithShape(2, 3, 4))
	silent := nn.Func(func(*nn.Scope, *G.Node) (*G.Node, error) { return nil, nil })
	blind := func(*nn.Scope, *G.Node, int) (nn.AttentionScores, error) { return nn.AttentionScores{}, nil }
	flat := func(_ *nn.Scope, x *G.Node, _ int) (nn.AttentionScores, error) {
		return nn.AttentionScores{Probs: x}, nil
	}
	for what, layer := range map[string]nn.Layer{
		"a nil layer": nn.Chain{nil}, "a layer without a result": nn.Chain{silent},
		"a last layer without one": nn.Chain{nn.GELU{}, silent},
		"no layer":                 nn.Residual{}, "no result": nn.Residual{Layer: silent},
		"a nil function": nn.Func(nil),
		"no scores":      nn.Attention{Score: blind}, "scores of another shape": nn.Attention{Score: flat},
		"negative heads": nn.Attention{Heads: -1}, "NaN": nn.Attention{Dropout: math.NaN()},
		"the zero value": nn.Linear{}, "an Init of NaN": nn.Linear{Out: 1, Init: nn.Constant(math.NaN())},
		"a fan of 0": nn.Linear{Out: 1, Init: nn.FanIn(0)}, "infinite Eps": nn.LayerNorm{Eps: math.Inf(1)},
		"NaN Eps": nn.GroupNorm{Groups: 1, Eps: math.NaN()}, "P of NaN": nn.Dropout{P: math.NaN()},
		"P of 1":           nn.DropPath{P: 1},
		"a negative token": nn.Token{Index: -1}, "a zero MLP": nn.MLP{}, "a zero window": nn.Conv2D{},
		"no start": nn.LayerScale{}, "a start of NaN": nn.LayerScale{Start: math.NaN()},
		"three tokens": nn.DepthwiseTokens{},
		"a zero block": nn.ResidualConv{}, "groups of no channels": nn.ResidualConv{Out: 3, Groups: 2},
		"zero patches": nn.Patches{},
	} {
		call(layer, what, nn.NewScope(g, nn.NewStore(1)), x)
	}
	return calls
}

// functionMisuses calls functions of one node or more with wrong ones, and with wrong numbers.
func functionMisuses() []apitest.Misuse {
	g := G.NewGraph()
	x := G.NewTensor(g, tensor.Float64, 3, G.WithName("x"), G.WithShape(2, 3, 4))
	maps := G.NewTensor(g, tensor.Float64, 4, G.WithName("maps"), G.WithShape(2, 2, 3, 3))
	node := func(f func(x *G.Node) (*G.Node, error)) func(x *G.Node) error {
		return func(x *G.Node) error { _, err := f(x); return err }
	}
	var calls []apitest.Misuse
	for _, c := range []struct {
		name string
		call func(x *G.Node) error
	}{
		{"Add", node(func(y *G.Node) (*G.Node, error) { return nn.Add(x, y) })},
		{"Add", node(func(y *G.Node) (*G.Node, error) { return nn.Add(y, x) })},
		{"Sub", node(func(y *G.Node) (*G.Node, error) { return nn.Sub(y, x) })},
		{"Mul", node(func(y *G.Node) (*G.Node, error) { return nn.Mul(y, x) })},
		{"MatMul", node(func(y *G.Node) (*G.Node, error) { return nn.MatMul(y, x) })},
		{"MatMul", node(func(y *G.Node) (*G.Node, error) { return nn.MatMul(x, y) })},
		{"ScaleBy", node(func(y *G.Node) (*G.Node, error) { return nn.ScaleBy(y, 2) })},
		{"Softmax", node(nn.Softmax)},
		{"Sum", node(nn.Sum)},
		{"Mean", node(func(y *G.Node) (*G.Node, error) { return nn.Mean(y, 0) })},
		{"Reshape", node(func(y *G.Node) (*G.Node, error) { return nn.Reshape(y, 24) })},
		{"Transpose", node(func(y *G.Node) (*G.Node, error) { return nn.Transpose(y) })},
		{"Slice", node(func(y *G.Node) (*G.Node, error) { return nn.Slice(y, 0, 0, 1) })},
		{"Concat", node(func(y *G.Node) (*G.Node, error) { return nn.Concat(0, x, y) })},
		{"Concat", node(func(y *G.Node) (*G.Node, error) { return nn.Concat(0, y, x) })},
		{"HeadProducts", node(func(y *G.Node) (*G.Node, error) { return nn.HeadProducts(y, x, 2, 1) })},
		{"HeadProducts", node(func(y *G.Node) (*G.Node, error) { return nn.HeadProducts(x, y, 2, 1) })},
		{"HeadDistances", node(func(y *G.Node) (*G.Node, error) { return nn.HeadDistances(y, x, 2, 1) })},
		{"HeadDistances", node(func(y *G.Node) (*G.Node, error) { return nn.HeadDistances(x, y, 2, 1) })},
		{"UnitHeads", node(func(y *G.Node) (*G.Node, error) { return nn.UnitHeads(y, 2) })},
		{"RowShares", node(nn.RowShares)},
		{"Mix", node(func(y *G.Node) (*G.Node, error) { return nn.Mix(y, x) })},
		{"Mix", node(func(y *G.Node) (*G.Node, error) { return nn.Mix(maps, y) })},
		{"ScaleHeads", node(func(y *G.Node) (*G.Node, error) { return nn.ScaleHeads(y, x, 1) })},
		{"ScaleHeads", node(func(y *G.Node) (*G.Node, error) { return nn.ScaleHeads(maps, y, 1) })},
	} {
		for what, wrong := range wrongNodes(g) {
			// beside a node with one, a constant gets it
			if what == "without a graph" && c.name != "Softmax" {
				continue
			}
			calls = append(calls, apitest.Wrong(c.name, what, func() error { return c.call(wrong) }))
		}
	}
	for _, c := range []struct {
		name, what string
		make       func() (*G.Node, error)
	}{
		{"ScaleBy", "NaN", func() (*G.Node, error) { return nn.ScaleBy(x, math.NaN()) }},
		{"HeadProducts", "an infinite factor", func() (*G.Node,
			error) {
			return nn.HeadProducts(x, x, 2, math.Inf(1))
		}},
		{"HeadProducts", "no heads", func() (*G.Node, error) { return nn.HeadProducts(x, x, 0, 1) }},
		{"ScaleHeads", "NaN", func() (*G.Node, error) {
			return nn.ScaleHeads(maps, G.NewVector(g, tensor.Float64, G.WithName("s"), G.WithShape(2)),
				math.NaN())
		}},
		{"Reshape", "to nothing", func() (*G.Node, error) { return nn.Reshape(x) }},
		{"Reshape", "to an empty axis", func() (*G.Node, error) { return nn.Reshape(x, 24, 0) }},
		{"Transpose", "an axis twice", func() (*G.Node, error) { return nn.Transpose(x, 0, 0, 1) }},
		{"Slice", "from behind to", func() (*G.Node, error) { return nn.Slice(x, 0, 1, 0) }},
		{"Mean", "an axis that is not there", func() (*G.Node, error) { return nn.Mean(x, 3) }},
		{"Concat", "nothing", func() (*G.Node, error) { return nn.Concat(0) }},
		{"Add", "another graph", func() (*G.Node, error) {
			return nn.Add(x, G.NewTensor(G.NewGraph(), tensor.Float64, 3, G.WithName("x"),
				G.WithShape(2, 3, 4)))
		}},
		{"Add", "another dtype", func() (*G.Node, error) {
			return nn.Add(x, G.NewTensor(g, tensor.Float32, 3, G.WithName("narrow"), G.WithShape(2, 3, 4)))
		}},
	} {
		calls = append(calls, apitest.Wrong(c.name, c.what, func() error { _, err := c.make(); return err }))
	}
	for name, f := range scores {
		score := func(what string, x *G.Node, heads int) {
			calls = append(calls, apitest.Wrong(name, what, func() error {
				_, err := f(nn.NewScope(g, nn.NewStore(1)), x, heads)
				return err
			}))
		}
		for what, wrong := range wrongNodes(g) {
			if what != "without a graph" {
				score(what, wrong, 2)
			}
		}
		score("a matrix", G.NewMatrix(g, tensor.Float64, G.WithName("m"), G.WithShape(2, 3)), 2)
		for _, heads := range []int{0, -1, 3, 5} {
			score(fmt.Sprint(heads, " heads"), x, heads)
		}
	}
	return calls
}

func TestMisuse(t *testing.T) {
	calls := append(append(layerMisuses(), functionMisuses()...), storeMisuses()...)
	apitest.Check(t, ".", calls, map[string]string{
		"NewStore": "it takes any seed",
		"Normal":   "tried as an Init",
		"FanIn":    "tried as an Init",
	})
}

func TestNilAndZeroValues(t *testing.T) {
	apitest.NilReceivers(t, (*nn.Scope)(nil), (*nn.Store)(nil), (*nn.Param)(nil), (*nn.RandomSource)(nil),
		(*nn.RandomStream)(nil))
	apitest.Prints(t, nn.Param{}, nn.Linear{}, nn.Chain{nil},
		nn.Tap{}, nn.Note{}, nn.Figure{}, nn.SummaryRow{}, nn.Scope{}, nn.Store{})
}

// What a user gives and panics is an error that says whose it is.
func TestPanicsOfTheCaller(t *testing.T) {
	bad := nn.Func(func(*nn.Scope, *G.Node) (*G.Node, error) { panic("the caller's") })
	score := func(*nn.Scope, *G.Node, int) (nn.AttentionScores, error) { panic("the caller's") }
	for want, layer := range map[string]nn.Layer{
		"0.nn.Func: the function (nn.Func) panics: the caller's": nn.Chain{bad},
		"0.nn.Linear: the layer is nil (*nn.Linear)":             nn.Chain{(*nn.Linear)(nil)},
		"the layer is nil (*nn.MLP)":                             nn.Residual{Layer: (*nn.MLP)(nil)},
		"score: the score (nn.Score) panics: the caller's":       nn.Attention{Score: score},
		"the function is nil (nn.Func)":                          nn.Func(nil),
		"1.nn.Chain: 0.nn.GELU: the layer is nil (*nn.GELU)": nn.Chain{
			nn.GELU{}, nn.Chain{(*nn.GELU)(nil)}},
	} {
		g := G.NewGraph()
		x := G.NewTensor(g, tensor.Float64, 3, G.WithName("x"), G.WithShape(2, 3, 4))
		_, err := layer.Forward(nn.NewScope(g, nn.NewStore(1)), x)
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// A zero Store is an empty one with seed 0.
func TestZeroStore(t *testing.T) {
	for _, st := range []*nn.Store{{}, nn.NewStore(0)} {
		g := G.NewGraph()
		x := G.NewMatrix(g, tensor.Float64, G.WithName("x"), G.WithShape(2, 3))
		if _, err := (nn.Linear{Out: 2}).Forward(nn.NewScope(g, st), x); err != nil {
			t.Fatal(err)
		}
		if got := st.Param("weight").Values(); len(got) != 6 || got[0] == got[1] {
			t.Errorf("first values %v", got)
		}
	}
}
