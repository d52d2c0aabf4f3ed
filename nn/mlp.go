package nn

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
)

// MLP is Linear, GELU, Linear over the last axis: (…, D) -> (…, Out), with Dropout behind each Linear. Its
// parameters are 0.weight, 0.bias, 2.weight and 2.bias, the names of PyTorch's Sequential(Linear, GELU,
// Linear).
type MLP struct {
	Hidden  int     // width of the layer between
	Out     int     // 0 means D
	Dropout float64 // probability, in [0,1)
}

// Forward returns the result, differentiable in x and all parameters. It returns an error if a width is below
// 1 or Dropout is not in [0,1).
func (m MLP) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if err := checkFeatures(x); err != nil {
		return nil, err
	}
	if m.Hidden < 1 || m.Out < 0 {
		const want = "a Hidden of at least 1, and an Out of at least 0, which means the input's width"
		return nil, errors.Errorf("Hidden is %d and Out %d, want %s", m.Hidden, m.Out, want)
	}
	out := m.Out
	if out == 0 {
		_, out = rows(x)
	}
	dropout := Dropout{P: m.Dropout}
	activation := Func(func(s *Scope, x *G.Node) (*G.Node, error) {
		y, err := GELU{}.Forward(s, x)
		if err != nil {
			return nil, err
		}
		return dropout.Forward(s, y)
	})
	y, err := Chain{Linear{Out: m.Hidden}, activation, Linear{Out: out}}.Forward(s, x)
	if err != nil {
		return nil, err
	}
	return dropout.Forward(s, y)
}
