package nn

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
)

// checkOperands returns an error if one of the operands of the named function is nil or has no shape.
func checkOperands(name string, operands ...*G.Node) error {
	for i, n := range operands {
		if err := op.CheckNode(n); err != nil {
			return errors.WithMessagef(err, "nn: %s: operand %d", name, i)
		}
	}
	return nil
}

// checkAxis returns an error if x has no such axis.
func checkAxis(name string, x *G.Node, axis int) error {
	if err := checkOperands(name, x); err != nil {
		return err
	}
	if axis < 0 || axis >= x.Dims() {
		return errors.Errorf("nn: %s: axis %d of shape %v, which has axes [0,%d)",
			name, axis, x.Shape(), x.Dims())
	}
	return nil
}

// checkAxes returns an error if x has another number of axes than the form, such as "(B, T, D)", names.
func checkAxes(x *G.Node, form string, axes int) error {
	if err := op.CheckNode(x); err != nil {
		return errors.WithMessagef(err, "want input %s", form)
	}
	if x.Dims() != axes {
		return errors.Errorf("want input %s, got shape %v", form, x.Shape())
	}
	return nil
}

// checkFeatures returns an error if x has no last axis.
func checkFeatures(x *G.Node) error {
	if err := op.CheckNode(x); err != nil {
		return errors.WithMessage(err, "want input (…, D)")
	}
	if x.Dims() == 0 {
		return errors.New("want input (…, D), got a scalar")
	}
	return nil
}

// checkFactor returns an error if c is NaN or infinite.
func checkFactor(name string, c float64) error {
	if math.IsNaN(c) || math.IsInf(c, 0) {
		return errors.Errorf("nn: %s: the factor is %v, want a finite number", name, c)
	}
	return nil
}

// positiveOr returns v, or standard for 0. It returns an error if v is negative, NaN or infinite.
func positiveOr(name string, v, standard float64) (float64, error) {
	if v == 0 {
		return standard, nil
	}
	if !(v > 0) || math.IsInf(v, 1) {
		return 0, errors.Errorf("%s is %v, want a positive number", name, v)
	}
	return v, nil
}

// rows returns the size of x as a matrix over its last axis.
func rows(x *G.Node) (count, width int) {
	shape := x.Shape()
	width = shape[shape.Dims()-1]
	return shape.TotalSize() / width, width
}

// withLast returns shape with another last axis.
func withLast(shape tensor.Shape, last int) tensor.Shape {
	out := shape.Clone()
	out[len(out)-1] = last
	return out
}

// shapeOf returns x's shape for messages, nil if there is no x.
func shapeOf(x *G.Node) tensor.Shape {
	if x == nil {
		return nil
	}
	return x.Shape()
}
