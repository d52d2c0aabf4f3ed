package nn

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// present returns an error if one of the operands of the named primitive is nil.
func present(name string, operands ...*G.Node) error {
	for i, n := range operands {
		if n == nil {
			return errors.Errorf("nn: %s: operand %d is nil", name, i)
		}
	}
	return nil
}

// axisOf returns an error if x has no such axis.
func axisOf(name string, x *G.Node, axis int) error {
	if err := present(name, x); err != nil {
		return err
	}
	if axis < 0 || axis >= x.Dims() {
		return errors.Errorf("nn: %s: axis %d of shape %v, which has axes [0,%d)", name, axis, x.Shape(), x.Dims())
	}
	return nil
}

// rows sees x as a matrix over its last axis.
func rows(x *G.Node) (count, width int) {
	shape := x.Shape()
	width = shape[shape.Dims()-1]
	return product(shape) / width, width
}

// want returns an error if x has another number of axes than the form, such as "(B, T, D)", names.
func want(x *G.Node, form string, axes int) error {
	if x == nil {
		return errors.Errorf("want input %s, got no node", form)
	}
	if x.Dims() != axes {
		return errors.Errorf("want input %s, got shape %v", form, x.Shape())
	}
	return nil
}

// features returns an error if x has no last axis.
func features(x *G.Node) error {
	if x == nil || x.Dims() == 0 {
		return errors.New("want input (…, D), got no node or a scalar")
	}
	return nil
}

// resized returns shape with another last axis.
func resized(shape tensor.Shape, last int) tensor.Shape {
	out := shape.Clone()
	out[len(out)-1] = last
	return out
}

// shapeOf is x's shape, for messages: nil if there is no x.
func shapeOf(x *G.Node) tensor.Shape {
	if x == nil {
		return nil
	}
	return x.Shape()
}
