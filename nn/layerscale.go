package nn

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// LayerScale multiplies each feature by a learned number, (…, D) -> (…, D), for the branch of a residual,
// which then begins small. Its parameter gamma (D) starts at Start and is not decayed.
//
// Source: Touvron et al., Going deeper with Image Transformers, arXiv 2103.17239.
type LayerScale struct {
	Start float64 // such as 0.1 to a depth of 18, 1e-5 to 24; above 0
}

// Forward returns gamma⊙x, differentiable in both. It returns an error if Start is not above 0, or x a
// scalar.
func (l LayerScale) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if err := checkFeatures(x); err != nil {
		return nil, err
	}
	if !(l.Start > 0) || math.IsInf(l.Start, 1) {
		return nil, errors.Errorf("Start is %v, want a finite number above 0", l.Start)
	}
	_, d := rows(x)
	spec := ParamSpec{Shape: tensor.Shape{d}, Dtype: x.Dtype(), Init: Constant(l.Start), NoDecay: true}
	gamma, err := s.Param("gamma", spec)
	if err != nil {
		return nil, err
	}
	return Mul(x, gamma)
}
