package nn

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn/op"
)

// Layer maps a node to a node. A layer is plain configuration: its parameters live in the Scope's Store, so
// one Layer value serves any number of graphs, and writing a layer is writing Forward.
type Layer interface {
	Forward(s *Scope, x *G.Node) (*G.Node, error)
}

// Func makes a Layer of a function.
type Func func(s *Scope, x *G.Node) (*G.Node, error)

// Forward calls f. It returns an error if f is nil or panics.
func (f Func) Forward(s *Scope, x *G.Node) (y *G.Node, err error) {
	defer foreign.Recover(&err, "function", f)
	return f(s, x)
}

// Chain applies layers one after the other; the i-th finds its parameters under "i.". An error names it, as
// in "1.qlayer.Circuit: 5 features for 4 qubits".
type Chain []Layer

// Forward returns the last layer's result; of an empty Chain, x. It returns an error if a layer is nil,
// fails, panics, or gives no node.
func (c Chain) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if err := op.CheckNode(x); err != nil {
		return nil, err
	}
	for i, layer := range c {
		y, err := forward(layer, s.Sub(strconv.Itoa(i)), x)
		if err != nil {
			return nil, errors.WithMessagef(err, "%d.%s", i, typeName(layer))
		}
		x = y
	}
	return x, nil
}

// Residual returns x + Layer(x), with the Layer's parameters in the Scope itself.
type Residual struct{ Layer Layer }

// Forward returns x + Layer(x). It returns an error if the Layer is nil, fails, panics, or changes the shape.
func (r Residual) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	if err := op.CheckNode(x); err != nil {
		return nil, err
	}
	y, err := forward(r.Layer, s, x)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(x.Shape(), y.Shape()) { // Add would broadcast a narrow result
		return nil, errors.Errorf("a residual of shape %v onto shape %v, want equal shapes",
			y.Shape(), x.Shape())
	}
	return Add(x, y)
}

// forward calls a layer that a user gave, and does not trust it.
func forward(layer Layer, s *Scope, x *G.Node) (y *G.Node, err error) {
	if layer == nil {
		return nil, errors.New("the layer is nil")
	}
	defer foreign.Recover(&err, "layer", layer)
	y, err = layer.Forward(s, x)
	if err == nil && y == nil {
		err = errors.New("the layer gives no node and no error")
	}
	return y, err
}

// typeName returns a layer's type as its user writes it: "nn.Linear".
func typeName(layer Layer) string {
	if layer == nil {
		return "nil"
	}
	return strings.TrimPrefix(reflect.TypeOf(layer).String(), "*")
}
