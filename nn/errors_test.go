package nn_test

import (
	"strings"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
)

// twoNodes is a Score that cannot decide.
func twoNodes(_ *nn.Scope, x *G.Node, _ int) (nn.AttentionScores, error) {
	return nn.AttentionScores{Logits: x, Probs: x}, nil
}

func failing(*nn.Scope, *G.Node) (*G.Node, error) { return nil, errors.New("no luck") }

func TestLayerErrors(t *testing.T) {
	for _, c := range []struct {
		layer nn.Layer
		shape []int
		want  string
	}{
		{nn.Linear{}, []int{2, 3}, "Out is 0, want at least 1"},
		{nn.LayerNorm{Eps: -1}, []int{2, 3}, "Eps is -1, want a positive number"},
		{nn.Dropout{P: 1}, []int{2, 3}, "P is 1, want it in [0,1)"},
		{nn.GroupNorm{Groups: 2, Eps: -1}, []int{2, 4, 3}, "Eps is -1, want a positive number"},
		{nn.GroupNorm{Groups: 3}, []int{2, 4, 3, 3}, "3 groups for 4 channels"},
		{nn.GroupNorm{}, []int{2, 4, 3, 3}, "0 groups for 4 channels"},
		{nn.GroupNorm{Groups: 1}, []int{4}, "want input (B, C, …)"},
		{nn.DropPath{P: -0.1}, []int{2, 3}, "P is -0.1, want it in [0,1)"},
		{nn.MLP{}, []int{2, 3}, "Hidden is 0"},
		{nn.Attention{}, []int{2, 3}, "want input (B, T, D), got shape (2, 3)"},
		{nn.Attention{Heads: 3}, []int{2, 3, 4}, "3 heads for a width of 4, want a divisor of the width"},
		{nn.Attention{Score: twoNodes}, []int{2, 3, 4}, "score: want either Logits or Probs"},
		{nn.Attention{Dropout: 2}, []int{2, 3, 4}, "P is 2"},
		{nn.Patches{Size: 2}, []int{2, 3}, "want input (B, C, S, S), got shape (2, 3)"},
		{nn.Patches{Size: 2}, []int{2, 3, 4, 6}, "want square images (B, C, S, S), got shape (2, 3, 4, 6)"},
		{nn.Patches{Size: 3}, []int{2, 3, 4, 4}, "patches of size 3 for images of side 4"},
		{nn.Patches{}, []int{2, 3, 4, 4}, "patches of size 0"},
		{nn.Position{}, []int{2, 3}, "want input (B, T, D)"},
		{nn.MeanPool{}, []int{2, 3}, "want input (B, T, D)"},
		{nn.Token{Index: 3}, []int{2, 3, 4}, "part [3,4) of axis 1 of shape (2, 3, 4)"},
		{nn.Residual{Layer: nn.Linear{Out: 5}}, []int{2, 3},
			"a residual of shape (2, 5) onto shape (2, 3), want equal shapes"},
		{nn.Residual{Layer: nn.Linear{Out: 1}}, []int{2, 3}, "a residual of shape (2, 1) onto shape (2, 3)"},
		{nn.Chain{nn.GELU{}, nn.Chain{nn.Linear{}}}, []int{2, 3}, "1.nn.Chain: 0.nn.Linear: Out is 0"},
		{nn.Chain{nn.Func(failing)}, []int{2, 3}, "0.nn.Func: no luck"},
		{same{}, []int{2, 3}, "parameter weight is used twice"},
	} {
		g := G.NewGraph()
		x := G.NewTensor(g, tensor.Float64, len(c.shape), G.WithShape(c.shape...), G.WithName("x"))
		_, err := c.layer.Forward(nn.NewScope(g, nn.NewStore(1)), x)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v on %v: got %v, want it to say %q", c.layer, c.shape, err, c.want)
		}
	}
}

// same puts two layers into one Scope.
type same struct{}

func (same) Forward(s *nn.Scope, x *G.Node) (*G.Node, error) {
	y, err := nn.Linear{Out: 3}.Forward(s, x)
	if err != nil {
		return nil, err
	}
	return nn.Linear{Out: 3}.Forward(s, y)
}

// Neither a nil node nor a scalar may panic: a layer in the middle of a model meets what the one before it
// gave.
func TestNilAndScalarInputs(t *testing.T) {
	g := G.NewGraph()
	scalar := G.NewScalar(g, tensor.Float64, G.WithName("c"))
	for _, layer := range []nn.Layer{
		nn.Linear{Out: 2}, nn.LayerNorm{}, nn.GELU{}, nn.Dropout{P: 0.1}, nn.DropPath{P: 0.1},
		nn.GroupNorm{Groups: 1}, nn.MLP{Hidden: 2}, nn.Attention{}, nn.Attention{Score: nn.UniformScore},
		nn.Patches{Size: 1}, nn.Position{}, nn.MeanPool{}, nn.Flatten{}, nn.Token{}, layerOf(nn.Softmax),
		layerOf(nn.Sum),
		nn.Residual{Layer: nn.Linear{Out: 2}}, nn.Chain{nn.Linear{Out: 2}},
	} {
		if _, err := layer.Forward(nn.NewScope(g, nn.NewStore(1)), nil); err == nil {
			t.Errorf("%T of nil: no error", layer)
		}
		// GELU and Sum take a scalar; the others must refuse it without a panic.
		if n, err := layer.Forward(nn.NewScope(g, nn.NewStore(1)), scalar); err == nil && n.Dims() != 0 {
			t.Errorf("%T of a scalar: no error", layer)
		}
	}
}

func TestPrimitiveErrors(t *testing.T) {
	g := G.NewGraph()
	leaf := func(name string, shape ...int) *G.Node {
		return G.NewTensor(g, tensor.Float64, len(shape), G.WithShape(shape...), G.WithName(name))
	}
	x, maps := leaf("x", 2, 3, 4), leaf("maps", 2, 2, 3, 3)
	for _, c := range []struct {
		want string
		make func() (*G.Node, error)
	}{
		{"Reshape: shape (2, 3, 4) (24 elements) to (5, 5) (25)",
			func() (*G.Node, error) { return nn.Reshape(x, 5, 5) }},
		{"Reshape: shape (2, 3, 4) to (-4, -6), want sizes of at least 1",
			func() (*G.Node, error) { return nn.Reshape(x, -4, -6) }},
		{"Transpose: [0 0 1] is not a permutation of the 3 axes",
			func() (*G.Node, error) { return nn.Transpose(x, 0, 0, 1) }},
		{"Slice: axis 3 of shape (2, 3, 4), which has axes [0,3)",
			func() (*G.Node, error) { return nn.Slice(x, 3, 0, 1) }},
		{"Slice: part [2,2) of axis 1", func() (*G.Node, error) { return nn.Slice(x, 1, 2, 2) }},
		{"Slice: part [-1,2) of axis 1", func() (*G.Node, error) { return nn.Slice(x, 1, -1, 2) }},
		{"Slice: part [1,9) of axis 1", func() (*G.Node, error) { return nn.Slice(x, 1, 1, 9) }},
		{"Concat: no operands", func() (*G.Node, error) { return nn.Concat(0) }},
		{"Concat: operand 1 has shape (2, 5, 3), the first (2, 3, 4)",
			func() (*G.Node, error) { return nn.Concat(1, x, leaf("y", 2, 5, 3)) }},
		{"MatMul: shapes (2, 3, 4) and (2, 3, 4)", func() (*G.Node, error) { return nn.MatMul(x, x) }},
		{"MatMul: shapes (2, 3, 4) and (3, 4, 5)",
			func() (*G.Node, error) { return nn.MatMul(x, leaf("b", 3, 4, 5)) }},
		{"MatMul: shapes (3) and (2, 3, 4)", func() (*G.Node, error) { return nn.MatMul(leaf("v", 3), x) }},
		{"Mul: shape (2, 3) does not fit, and cannot be broadcast to, shape (2, 3, 4)",
			func() (*G.Node, error) { return nn.Mul(x, leaf("m", 2, 3)) }},
		{"Sub: shape (2, 3, 4) does not fit, and cannot be broadcast to, shape (3, 4)",
			func() (*G.Node, error) { return nn.Sub(leaf("s", 3, 4), x) }},
		{"Mean: axis -1", func() (*G.Node, error) { return nn.Mean(x, -1) }},
		{"HeadProducts: 3 heads for a width of 4",
			func() (*G.Node, error) { return nn.HeadProducts(x, x, 3, 1) }},
		{"HeadProducts: queries of shape (2, 3, 4), want keys like them, got (2, 2, 4)",
			func() (*G.Node, error) { return nn.HeadProducts(x, leaf("k", 2, 2, 4), 2, 1) }},
		{"Mix: want input (B, H, T, T), got shape (2, 3, 4)",
			func() (*G.Node, error) { return nn.Mix(x, x) }},
		{"Mix: coefficients of shape (2, 2, 3, 3) for values of shape (2, 5, 4)",
			func() (*G.Node, error) { return nn.Mix(maps, leaf("w", 2, 5, 4)) }},
		{"ScaleHeads: scales of shape (3) for shape (2, 2, 3, 3)",
			func() (*G.Node, error) { return nn.ScaleHeads(maps, leaf("z", 3), 1) }},
		{"operand 1: the node is nil", func() (*G.Node, error) { return nn.Add(x, nil) }},
		{"operand 0: the node is nil", func() (*G.Node, error) { return nn.ScaleBy(nil, 1) }},
	} {
		if _, err := c.make(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want it to say %q", err, c.want)
		}
	}
}
