package nn

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
)

// Layer maps a node to a node. A layer is plain configuration: its parameters live in the Scope's Store, so one Layer value serves any
// number of graphs, and writing a layer is writing Forward.
type Layer interface {
	Forward(s *Scope, x *G.Node) (*G.Node, error)
}

// Func makes a Layer of a function.
type Func func(s *Scope, x *G.Node) (*G.Node, error)

// Forward calls f.
func (f Func) Forward(s *Scope, x *G.Node) (*G.Node, error) { return f(s, x) }

// Chain applies layers one after the other; the i-th finds its parameters under "i.". An error names it, as in
// "1.qlayer.Circuit: 5 features for 4 qubits".
type Chain []Layer

// Forward returns the last layer's result; of an empty Chain, x.
func (c Chain) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	for i, layer := range c {
		var err error
		if x, err = layer.Forward(s.Sub(strconv.Itoa(i)), x); err != nil {
			return nil, errors.WithMessage(err, fmt.Sprintf("%d.%s", i, kindOf(layer)))
		}
	}
	return x, nil
}

// Residual returns x + Layer(x), with the Layer's parameters in the Scope itself.
type Residual struct{ Layer Layer }

// Forward returns x + Layer(x). It returns an error if the Layer changes the shape.
func (r Residual) Forward(s *Scope, x *G.Node) (*G.Node, error) {
	y, err := r.Layer.Forward(s, x)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(shapeOf(x), shapeOf(y)) { // Add would broadcast a narrow result
		return nil, errors.Errorf("a residual of shape %v onto shape %v, want equal shapes", shapeOf(y), shapeOf(x))
	}
	return Add(x, y)
}

// kindOf is a layer's type as its user writes it: "nn.Linear".
func kindOf(layer Layer) string {
	return strings.TrimPrefix(reflect.TypeOf(layer).String(), "*")
}
