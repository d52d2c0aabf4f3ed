package train

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
)

// Normalization brings each feature, a place on the last axis of a tensor, to mean 0 and deviation 1:
// (x−Mean)/Std. As JSON it goes into Loop.Meta, for those who open the weights.
type Normalization struct {
	Mean []float64 `json:"mean"`
	Std  []float64 `json:"std"` // none 0
}

// Normalization returns that of one of the Inputs, over all of its examples: measure it on the training part
// alone, and apply it to all. A feature that is the same everywhere gets the deviation 1. It returns the
// errors of Spec, and one for an input that is not there, or has no features or values that are not finite.
func (a Arrays) Normalization(input int) (n Normalization, err error) {
	if _, err := a.Spec(); err != nil {
		return n, err
	}
	if input < 0 || input >= len(a.Inputs) || a.Inputs[input].Dims() < 2 {
		return n, errors.Errorf("arrays: normalization of input %d, want one of %d with features on its "+
			"last axis",
			input, len(a.Inputs))
	}
	values, err := op.Float64s(a.Inputs[input])
	if err != nil {
		return n, errors.WithMessagef(err, "arrays: input %d", input)
	}
	features := lastAxis(a.Inputs[input])
	rows := float64(len(values) / features)
	n = Normalization{make([]float64, features), make([]float64, features)}
	for i, v := range values {
		n.Mean[i%features] += v / rows
	}
	for i, v := range values {
		away := v - n.Mean[i%features]
		n.Std[i%features] += away * away / rows
	}
	for j, variance := range n.Std {
		n.Std[j] = math.Sqrt(variance)
		if variance == 0 {
			n.Std[j] = 1
		}
		if math.IsNaN(n.Std[j]) || math.IsInf(n.Std[j], 0) {
			return Normalization{}, errors.Errorf("arrays: feature %d of input %d is not finite everywhere",
				j, input)
		}
	}
	return n, nil
}

// Apply returns a normalized copy of a tensor of float32 or float64, row-major. It returns an error for
// another tensor, and one whose last axis has another number of features.
func (n Normalization) Apply(x *tensor.Dense) (*tensor.Dense, error) {
	if x == nil || x.Dims() == 0 {
		return nil, errors.New("train: normalization of no tensor, want one with features on its last axis")
	}
	if err := op.CheckDtype(x.Dtype()); err != nil {
		return nil, errors.WithMessage(err, "train: normalization")
	}
	features := lastAxis(x)
	if x.RequiresIterator() || x.DataOrder().IsColMajor() || len(n.Mean) != features || len(n.Std) != features {
		return nil, errors.Errorf("train: normalization of %d means and %d deviations, and a tensor of %v: "+
			"want one of each for each place on the last axis, in row-major order",
			len(n.Mean), len(n.Std), x.Shape())
	}
	normal, err := op.Float64s(x)
	if err != nil {
		return nil, errors.WithMessage(err, "train: normalization")
	}
	for i, v := range normal {
		normal[i] = (v - n.Mean[i%features]) / n.Std[i%features]
	}
	if x.Dtype() == tensor.Float64 {
		return tensor.New(tensor.WithShape(x.Shape().Clone()...), tensor.WithBacking(normal)), nil
	}
	narrow := make([]float32, len(normal))
	for i, v := range normal {
		narrow[i] = float32(v)
	}
	return tensor.New(tensor.WithShape(x.Shape().Clone()...), tensor.WithBacking(narrow)), nil
}

func lastAxis(x *tensor.Dense) int { return x.Shape()[x.Dims()-1] }
