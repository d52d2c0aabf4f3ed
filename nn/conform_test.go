package nn_test

import (
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/onnxtest"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/nntest"
)

// layerOf makes a layer of a function of nodes.
func layerOf(f func(x *G.Node) (*G.Node, error)) nn.Layer {
	return nn.Func(func(_ *nn.Scope, x *G.Node) (*G.Node, error) { return f(x) })
}

// with makes a layer of a function of its input and a parameter of that shape.
func with(shape tensor.Shape, f func(x, p *G.Node) (*G.Node, error)) nn.Layer {
	return nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
		p, err := s.Param("p", nn.ParamSpec{Shape: shape, Dtype: x.Dtype(), Init: nn.Normal(1)})
		if err != nil {
			return nil, err
		}
		return f(x, p)
	})
}

// overHeads applies HeadProducts to both orders of x and a fixed multiple of it, so that queries and keys
// differ.
func overHeads(x *G.Node) (*G.Node, error) {
	y, err := nn.Mul(x, x)
	if err != nil {
		return nil, err
	}
	return nn.HeadProducts(x, y, 2, 0.3)
}

// steep is for functions with large higher derivatives, whose differences need a smaller step.
var steep = gradcheck.Config{Step: 5e-5}

var layers = map[string]nntest.Case{
	"Linear":             {Layer: nn.Linear{Out: 3}, Input: []int{4, 5}, Output: []int{4, 3}},
	"Linear one column":  {Layer: nn.Linear{Out: 1}, Input: []int{4, 5}, Output: []int{4, 1}},
	"Linear one feature": {Layer: nn.Linear{Out: 3}, Input: []int{4, 1}, Output: []int{4, 3}},
	"Linear on tokens": {Layer: nn.Linear{Out: 3, NoBias: true}, Input: []int{2, 3, 5},
		Output: []int{2, 3, 3}},
	"Linear on four axes": {Layer: nn.Linear{Out: 3, Init: nn.Normal(1)}, Input: []int{2, 3, 2, 5},
		Output: []int{2, 3, 2, 3}},
	"LayerNorm": {Layer: nn.LayerNorm{}, Input: []int{3, 5}, Output: []int{3, 5},
		Gradients: steep},
	"LayerNorm on tokens": {Layer: nn.LayerNorm{Eps: 0.1}, Input: []int{2, 3, 4}, Output: []int{2, 3, 4}},
	"GELU":                {Layer: nn.GELU{}, Input: []int{3, 2, 4}, Output: []int{3, 2, 4}},
	"Dropout of none":     {Layer: nn.Dropout{}, Input: []int{3, 4}, Output: []int{3, 4}},
	"Dropout of few":      {Layer: nn.Dropout{P: 0.1}, Input: []int{3, 40}, Output: []int{3, 40}},
	"Dropout of most":     {Layer: nn.Dropout{P: 0.9}, Input: []int{3, 4, 10}, Output: []int{3, 4, 10}},
	"Dropout twice":       {Layer: nn.Func(dropTwice), Input: []int{3, 20}, Output: []int{3, 20}},
	"DropPath of none":    {Layer: nn.DropPath{}, Input: []int{3, 4}, Output: []int{3, 4}},
	"DropPath":            {Layer: nn.DropPath{P: 0.4}, Input: []int{5, 3, 4}, Output: []int{5, 3, 4}},
	"DropPath twice": {Layer: nn.Chain{nn.DropPath{P: 0.3}, nn.DropPath{P: 0.3}}, Input: []int{6, 4},
		Output: []int{6, 4}},
	"MLP": {Layer: nn.MLP{Hidden: 6}, Input: []int{2, 3, 4}, Output: []int{2, 3, 4}},
	"MLP to another width": {Layer: nn.MLP{Hidden: 6, Out: 3, Dropout: 0.3}, Input: []int{3, 4},
		Output: []int{3, 3}},
	"Attention": {Layer: nn.Attention{Heads: 2}, Input: []int{2, 3, 4}, Output: []int{2, 3, 4}},
	"Attention of one head": {Layer: nn.Attention{Dropout: 0.3}, Input: []int{2, 3, 5},
		Output: []int{2, 3, 5}},
	"Attention of one token": {Layer: nn.Attention{Heads: 3}, Input: []int{2, 1, 6}, Output: []int{2, 1, 6}},
	"Patches":                {Layer: nn.Patches{Size: 2}, Input: []int{2, 3, 4, 4}, Output: []int{2, 4, 12}},
	"Patches of a pixel":     {Layer: nn.Patches{Size: 1}, Input: []int{2, 3, 2, 2}, Output: []int{2, 4, 3}},
	"Patches of an image":    {Layer: nn.Patches{Size: 4}, Input: []int{2, 1, 4, 4}, Output: []int{2, 1, 16}},
	"FeatureTokens":          {Layer: nn.FeatureTokens{Width: 3}, Input: []int{4, 5}, Output: []int{4, 5, 3}},
	"FeatureTokens of one":   {Layer: nn.FeatureTokens{Width: 2}, Input: []int{3, 1}, Output: []int{3, 1, 2}},
	"Position":               {Layer: nn.Position{}, Input: []int{3, 2, 4}, Output: []int{3, 2, 4}},
	"Conv2D": {Layer: nn.Conv2D{Out: 3, Kernel: 3, Padding: 1}, Input: []int{2, 2, 4, 4},
		Output: []int{2, 3, 4, 4}},
	"Conv2D of stride 2": {Layer: nn.Conv2D{Out: 2, Kernel: 3, Stride: 2, Padding: 1},
		Input: []int{2, 3, 5, 5}, Output: []int{2, 2, 3, 3}},
	"Conv2D without bias": {Layer: nn.Conv2D{Out: 3, Kernel: 3, Padding: 1, NoBias: true},
		Input: []int{2, 2, 4, 4}, Output: []int{2, 3, 4, 4}},
	"ResidualConv": {Layer: nn.ResidualConv{Out: 4, Groups: 2}, Input: []int{2, 4, 4, 4},
		Output: []int{2, 4, 4, 4}, Gradients: steep},
	"ResidualConv of stride 2": {Layer: nn.ResidualConv{Out: 4, Stride: 2, Groups: 1},
		Input: []int{2, 3, 4, 4}, Output: []int{2, 4, 2, 2}, Gradients: steep},
	"ResidualConv without norms": {Layer: nn.ResidualConv{Out: 3}, Input: []int{2, 2, 4, 4},
		Output: []int{2, 3, 4, 4}},
	"SequencePool":           {Layer: nn.SequencePool{}, Input: []int{2, 3, 4}, Output: []int{2, 4}},
	"LayerScale":             {Layer: nn.LayerScale{Start: 0.1}, Input: []int{2, 3, 4}, Output: []int{2, 3, 4}},
	"DepthwiseTokens":        {Layer: nn.DepthwiseTokens{}, Input: []int{2, 9, 4}, Output: []int{2, 9, 4}},
	"DepthwiseTokens of one": {Layer: nn.DepthwiseTokens{}, Input: []int{3, 1, 2}, Output: []int{3, 1, 2}},
	"GroupNorm": {Layer: nn.GroupNorm{Groups: 2}, Input: []int{2, 4, 3, 3},
		Output: []int{2, 4, 3, 3}, Gradients: steep},
	"GroupNorm of all": {Layer: nn.GroupNorm{Groups: 1, Eps: 0.1}, Input: []int{3, 3, 4},
		Output: []int{3, 3, 4}},
	"GroupNorm of each": {Layer: nn.GroupNorm{Groups: 3}, Input: []int{2, 3, 2, 3},
		Output: []int{2, 3, 2, 3}, Gradients: steep},
	"MeanPool": {Layer: nn.MeanPool{}, Input: []int{2, 3, 4}, Output: []int{2, 4}},
	"Flatten":  {Layer: nn.Flatten{}, Input: []int{2, 3, 4}, Output: []int{2, 12}},
	"Token":    {Layer: nn.Token{Index: 1}, Input: []int{2, 3, 4}, Output: []int{2, 4}},
	"Residual": {Layer: nn.Residual{Layer: nn.Linear{Out: 4}}, Input: []int{2, 3, 4},
		Output: []int{2, 3, 4}},
	"Chain": {Layer: nn.Chain{nn.Linear{Out: 3}, nn.GELU{}, nn.LayerNorm{}},
		Input: []int{4, 5}, Output: []int{4, 3}, Gradients: steep},
	"empty Chain": {Layer: nn.Chain{}, Input: []int{2, 3}, Output: []int{2, 3}},

	"Reshape": {Layer: layerOf(func(x *G.Node) (*G.Node,
		error) {
		return nn.Reshape(x, x.Shape()[0], 2, 6)
	}), Input: []int{2, 3, 4}, Output: []int{2, 2, 6}},
	"Softmax": {Layer: layerOf(nn.Softmax), Input: []int{2, 3, 4}, Output: []int{2, 3, 4}},
	"ScaleBy": {Layer: layerOf(func(x *G.Node) (*G.Node,
		error) {
		return nn.ScaleBy(x, -2.5)
	}), Input: []int{2, 3}, Output: []int{2, 3}},
	"HeadProducts": {Layer: layerOf(overHeads), Input: []int{2, 3, 4},
		Output: []int{2, 2, 3, 3}},
	"HeadDistances": {Layer: layerOf(func(x *G.Node) (*G.Node, error) {
		y, err := nn.Mul(x, x)
		if err != nil {
			return nil, err
		}
		return nn.HeadDistances(x, y, 2, -0.3)
	}), Input: []int{2, 3, 4}, Output: []int{2, 2, 3, 3}},
	"RowShares": {Layer: layerOf(func(x *G.Node) (*G.Node, error) {
		y, err := nn.Mul(x, x)
		if err != nil {
			return nil, err
		}
		return nn.RowShares(y)
	}), Input: []int{2, 3, 4}, Output: []int{2, 3, 4}},
	"UnitHeads": {Layer: layerOf(func(x *G.Node) (*G.Node, error) { return nn.UnitHeads(x, 2) }),
		Input: []int{2, 3, 4}, Output: []int{2, 3, 4}},
	"ScaleHeads": {Layer: with(tensor.Shape{2},
		func(x, p *G.Node) (*G.Node, error) { return nn.ScaleHeads(x, p, 0.7) }), Input: []int{2, 2, 3, 3},
		Output: []int{2, 2, 3, 3}},
	"Mean of tokens": {Layer: layerOf(func(x *G.Node) (*G.Node, error) { return nn.Mean(x, 1) }),
		Input: []int{2, 3, 4}, Output: []int{2, 4}},
	"Mean of features": {Layer: layerOf(func(x *G.Node) (*G.Node, error) { return nn.Mean(x, 2) }),
		Input: []int{2, 3, 4}, Output: []int{2, 3}},
	"Mean of the middle of five axes": {
		Layer: layerOf(func(x *G.Node) (*G.Node, error) { return nn.Mean(x, 2) }),
		Input: []int{2, 2, 3, 4, 2}, Output: []int{2, 2, 4, 2}},
	"Sum": {Layer: layerOf(func(x *G.Node) (*G.Node, error) {
		y, err := nn.Sum(x)
		if err != nil {
			return nil, err
		}
		return nn.Mul(x, y)
	}), Input: []int{2, 3}, Output: []int{2, 3}, MixesRows: true},
	"Transpose": {Layer: layerOf(func(x *G.Node) (*G.Node, error) { return nn.Transpose(x, 0, 3, 1, 2) }),
		Input: []int{2, 3, 4, 5}, Output: []int{2, 5, 3, 4}},
	"Slice": {Layer: layerOf(func(x *G.Node) (*G.Node, error) { return nn.Slice(x, 1, 1, 3) }),
		Input: []int{2, 4, 3}, Output: []int{2, 2, 3}},
	"Concat": {Layer: layerOf(func(x *G.Node) (*G.Node, error) {
		y, err := nn.ScaleBy(x, -3)
		if err != nil {
			return nil, err
		}
		return nn.Concat(1, x, y, x)
	}), Input: []int{2, 2, 3}, Output: []int{2, 6, 3}},
	"MatMul": {Layer: with(tensor.Shape{3, 5}, nn.MatMul), Input: []int{4, 3},
		Output: []int{4, 5}},
	"MatMul of a batch and a matrix": {Layer: with(tensor.Shape{3, 5}, nn.MatMul), Input: []int{2, 4, 3},
		Output: []int{2, 4, 5}},
	"MatMul of batches":          {Layer: layerOf(gram), Input: []int{2, 3, 4}, Output: []int{2, 3, 3}},
	"MatMul of batches of heads": {Layer: layerOf(gram), Input: []int{2, 2, 3, 4}, Output: []int{2, 2, 3, 3}},
}

func dropTwice(s *nn.Scope, x *G.Node) (*G.Node, error) {
	y, err := nn.Dropout{P: 0.3}.Forward(s, x)
	if err != nil {
		return nil, err
	}
	return nn.Dropout{P: 0.3}.Forward(s, y)
}

// gram is x·(x∘x)ᵀ of the last two axes.
func gram(x *G.Node) (*G.Node, error) {
	y, err := nn.Mul(x, x)
	if err != nil {
		return nil, err
	}
	perm := []int{0, 2, 1}
	if x.Dims() == 4 {
		perm = []int{0, 1, 3, 2}
	}
	if y, err = nn.Transpose(y, perm...); err != nil {
		return nil, err
	}
	return nn.MatMul(x, y)
}

// broadcasts are the shapes that fit an input of (2, 3, 4).
var broadcasts = []tensor.Shape{{2, 3, 4}, {3, 4}, {4}, {1}, {1, 4}, {3, 1}, {2, 1, 1}, {2, 1, 4}, {2, 3, 1},
	{1, 3, 4}, {1, 1, 1}}

func TestArithmeticConforms(t *testing.T) {
	for name, f := range map[string]func(x, p *G.Node) (*G.Node, error){"Add": nn.Add, "Sub": nn.Sub,
		"Mul": nn.Mul} {
		for _, shape := range broadcasts {
			// A parameter with a batch axis is for that batch only, so the laws that change it are checked by
			// the gradients of Check.
			inputs := []*tensor.Dense{normal(1, 2, 3, 4), normal(2, shape...)}
			if err := gradcheck.Check(gradcheck.Config{},
				func(in ...*G.Node) (*G.Node, error) { return f(in[0], in[1]) }, inputs...); err != nil {
				t.Errorf("%s of (2, 3, 4) and %v: %v", name, shape, err)
			}
		}
	}
}

func TestLayersConform(t *testing.T) {
	for name, c := range layers {
		t.Run(name, func(t *testing.T) { nntest.Conform(t, c) })
	}
}

// Every layer but those that draw or have kernels of the tests' own is exported.
func TestExport(t *testing.T) {
	for name, c := range layers {
		t.Run(name, func(t *testing.T) { onnxtest.Layer(t, c.Layer, c.Input[1:]) })
	}
}
