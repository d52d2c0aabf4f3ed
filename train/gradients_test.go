package train_test

import (
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/train"
)

// scaled is x·a, where the parameter a may be frozen; a gradient by it is Σ dout·x.
func scaled(frozen bool) nn.Layer {
	return nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
		spec := nn.ParamSpec{Shape: tensor.Shape{1}, Dtype: x.Dtype(), Init: nn.Constant(1), Frozen: frozen}
		a, err := s.Param("a", spec)
		if err != nil {
			return nil, err
		}
		return nn.Mul(x, a)
	})
}

// A second graph over the Store freezes what the first one trains, as an ablation or a teacher does. The
// first one goes on as if it was alone: each parameter moves along its own gradient.
func TestSecondGraphDoesNotChangeTrainingOfTheFirst(t *testing.T) {
	values := tensor.New(tensor.WithShape(1), tensor.WithBacking([]float64{3}))
	train_ := func(second bool) []float64 {
		st := nn.NewStore(1)
		var s *nn.Scope
		p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
			s = nn.NewScope(g, st)
			y, err := (nn.Chain{scaled(false), nn.GELU{}, scaled(false)}).Forward(s,
				gradcheck.Leaf(g, tensor.Float64, 0, values))
			if err != nil {
				return op.Outputs{}, err
			}
			loss, err := nn.Sum(y)
			return op.Outputs{Cost: loss, WRT: s.Params()}, err
		})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if second {
			g := G.NewGraph()
			_, err := (nn.Chain{scaled(true), nn.GELU{}, scaled(false)}).Forward(nn.NewScope(g, st),
				gradcheck.Leaf(g, tensor.Float64, 0, values))
			if err != nil {
				t.Fatal(err)
			}
		}
		opt, err := optimizers.SGD{}.New(0.1)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := p.Run(); err != nil {
				t.Fatal(err)
			}
			if err := opt.Update(train.Gradients(s), optimizers.Rates{Factor: 1}); err != nil {
				t.Fatal(err)
			}
		}
		return append(st.Param("0.a").Values(), st.Param("2.a").Values()...)
	}
	alone := train_(false)
	if alone[0] == 1 || alone[1] == 1 || alone[0] == alone[1] {
		t.Fatalf("parameters %v after two steps: the test shows nothing", alone)
	}
	if got := train_(true); !slices.Equal(got, alone) {
		t.Errorf("parameters %v with a second graph, %v without", got, alone)
	}
}

// A parameter that the graph trains and that the cost was not differentiated by must not stay behind in
// silence.
func TestParameterWithoutAGradientIsRefused(t *testing.T) {
	var s *nn.Scope
	values := tensor.New(tensor.WithShape(1), tensor.WithBacking([]float64{3}))
	p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		s = nn.NewScope(g, nn.NewStore(1))
		y, err := (nn.Chain{scaled(false), scaled(false)}).Forward(s,
			gradcheck.Leaf(g, tensor.Float64, 0, values))
		if err != nil {
			return op.Outputs{}, err
		}
		loss, err := nn.Sum(y)
		return op.Outputs{Cost: loss, WRT: s.Params()[:1]}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	opt, err := optimizers.SGD{}.New(1e-3)
	if err != nil {
		t.Fatal(err)
	}
	err = opt.Update(train.Gradients(s), optimizers.Rates{Factor: 1})
	if err == nil || !strings.Contains(err.Error(), "parameter 1.a: no value or no gradient") {
		t.Errorf("got %v", err)
	}
}
