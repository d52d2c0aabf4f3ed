// Package op turns a forward and a backward function into a node of a Gorgonia graph, and a graph into a
// Program that runs.
//
// It holds the only implementation of Gorgonia's Op, SDOp and ADOp in this module, and it is how anybody
// writes a custom Op that is safe there. A Kernel says what is computed; Apply makes the node; everything
// Gorgonia assumes without checking, and fails on later, is done here once:
//
//   - every node has a hash of its own, so the graph never merges two different nodes (Apply, Build, Grad);
//   - a result is written to memory that the node owns and reuses at every run, so a steady run allocates
//     nothing, and no node ever returns or writes its inputs, which is what corrupts weights in Gorgonia;
//   - a panic in a kernel becomes an error of the run instead of the death of the process;
//   - all gradients of a node come from one call of its Backward, on the TapeMachine and on the LispMachine;
//   - gradients that nobody can need, behind StopGradient or by an operand named in Kernel.Constant, are not
//     computed;
//   - a gradient of a gradient is ErrSecondOrder.
//
// A node is written by
//
//	func Square(x *gorgonia.Node) (*gorgonia.Node, error) {
//		return op.ByDtype(x, square[float32], square[float64])
//	}
//
//	func square[T op.Float](x ...*gorgonia.Node) (*gorgonia.Node, error) {
//		return op.Apply(op.Kernel[T]{
//			Name:  "Square",
//			Shape: x[0].Shape(),
//			Forward: func(out []T, in [][]T) error {
//				for i, v := range in[0] {
//					out[i] = v * v
//				}
//				return nil
//			},
//			Backward: func(din, in [][]T, out, dout []T) error {
//				for i, v := range in[0] {
//					din[0][i] = 2 * v * dout[i]
//				}
//				return nil
//			},
//		}, x...)
//	}
//
// and run by a Program:
//
//	p, err := op.NewProgram(func(g *gorgonia.ExprGraph) (op.Outputs, error) {
//		…
//		return op.Outputs{Cost: loss, WRT: weights, Keep: gorgonia.Nodes{result}}, nil
//	})
//	err = p.Run()
//
// What is not promised: a Value that a run leaves in a node is the node's own memory and is overwritten by
// the next run. Copy what must outlive it. A graph belongs to one goroutine; several graphs over the same
// weights may run side by side once they are built.
package op

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn/onnx"
)

// Float is the element type of every node: float32 trains, float64 checks.
type Float interface{ dense.Float }

// ErrSecondOrder is the cause of the error that a gradient of a gradient gives. The backward passes here are
// analytic functions without a derivative of their own; a Hessian is taken by differences of gradients
// instead.
var ErrSecondOrder = errors.New("second-order gradients are not supported")

// NodeFunc makes a node of its operands.
type NodeFunc func(operands ...*G.Node) (*G.Node, error)

// ByDtype returns f32(operands...) or f64(operands...) by the dtype of the first operand, so that one generic
// constructor serves both. It returns an error as CheckNode does for the first operand, and for any other
// dtype.
func ByDtype(operand *G.Node, f32, f64 NodeFunc, more ...*G.Node) (n *G.Node, err error) {
	if err := CheckNode(operand); err != nil {
		return nil, errors.WithMessage(err, "op: operand 0")
	}
	if f32 == nil || f64 == nil {
		return nil, errors.New("op: ByDtype: a function is nil")
	}
	defer foreign.Recover(&err, "function that makes the node", f32)
	operands := append([]*G.Node{operand}, more...)
	switch operand.Dtype() {
	case tensor.Float32:
		return f32(operands...)
	case tensor.Float64:
		return f64(operands...)
	}
	return nil, errors.Errorf("op: operand %s is %v, want float32 or float64",
		operand.Name(), operand.Dtype())
}

// CheckNode returns an error if n is nil, or has no dtype or no shape, as a node that was made without
// gorgonia.WithShape. What asks such a node for them panics, or takes it for a scalar.
func CheckNode(n *G.Node) error {
	if n == nil {
		return errors.New("the node is nil")
	}
	element := n.Type()
	if t, ok := element.(G.TensorType); ok {
		element = t.Of
	}
	if _, ok := element.(tensor.Dtype); !ok {
		return errors.Errorf("node %s has no dtype, its type is %v", n.Name(), n.Type())
	}
	if len(n.Shape()) != n.Dims() {
		return errors.Errorf("node %s has %d axes and the shape %v; make it with gorgonia.WithShape",
			n.Name(), n.Dims(), n.Shape())
	}
	return nil
}

// DtypeOf returns the tensor dtype of T.
func DtypeOf[T Float]() tensor.Dtype {
	if _, ok := any(T(0)).(float32); ok {
		return tensor.Float32
	}
	return tensor.Float64
}

// StopGradient returns a copy of x through which no gradient flows: what comes before it is a constant to the
// loss. A model puts it behind its input images and its frozen weights, so that no gradient to them is ever
// computed.
func StopGradient(x *G.Node) (*G.Node, error) {
	return ByDtype(x, stopGradient[float32], stopGradient[float64])
}

func stopGradient[T Float](x ...*G.Node) (*G.Node, error) {
	return Apply(Kernel[T]{
		Name:     stopName,
		Shape:    x[0].Shape(),
		Forward:  func(out []T, in [][]T) error { copy(out, in[0]); return nil },
		Constant: []int{0},
		Reason:   "it is there to stop gradients",
		ONNX:     func(_ *onnx.Builder, in []onnx.Value) onnx.Value { return in[0] },
	}, x...)
}

const stopName = "Stop"

// Flops returns the work of a graph's matrix products, one evaluation of every node: the sum of Kernel.Flops.
// Elementwise work does not count, nor do gradients; those of a product with two differentiable operands cost
// twice the product.
func Flops(g *G.ExprGraph) int {
	if g == nil {
		return 0
	}
	sum := 0
	for _, n := range g.AllNodes() {
		if f, ok := n.Op().(interface{ flops() int }); ok {
			sum += f.flops()
		}
	}
	return sum
}

func (f *forward[T]) flops() int { return f.kernel.Flops }
