// Package op turns a forward and a backward function into a node of a Gorgonia graph.
//
// It holds the only implementation of gorgonia's Op, SDOp and ADOp in this module, and it is how anybody writes a custom Op that is safe
// there. A Kernel says what is computed; Apply makes the node; everything that Gorgonia expects silently and punishes late is done here once:
//
//   - every node has a hash of its own, so the graph never merges two different nodes (Apply, Build, Grad);
//   - a result is written to a buffer that the node owns and reuses at every run, so a steady run allocates nothing, and no node ever
//     returns or writes its inputs, which is what corrupts weights in Gorgonia;
//   - a panic in a kernel becomes an error of the run instead of the death of the process;
//   - all gradients of a node come from one call of its Backward, on the TapeMachine (through gorgonia.Grad) and on the LispMachine alike;
//   - gradients that nobody can need, behind Stop or an input named in Kernel.Constant, are not computed;
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
// What is not promised: a Value that a run leaves in a node is the node's own buffer and is overwritten by the next run. Copy what must
// outlive it. A graph belongs to one goroutine; several graphs over the same weights may run side by side once they are built.
package op

import (
	"slices"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Float is the element type of every node: float32 trains, float64 checks.
type Float interface{ dense.Float }

// ErrSecondOrder is the cause of the error that a gradient of a gradient gives. The backward passes here are analytic functions without a
// derivative of their own; a Hessian is taken by differences of gradients instead.
var ErrSecondOrder = errors.New("second-order gradients are not supported")

// Kernel is one operation: its result and its gradients, computed on the row-major elements of its operands.
//
// Forward and Backward may share private state through their closure, for one Kernel value belongs to one node and its graph to one
// goroutine. They must not keep a slice they were given, write an operand, or start work that outlives the call.
type Kernel[T Float] struct {
	Name  string       // in errors and pictures, e.g. "LayerNorm"
	Shape tensor.Shape // of the result; empty for a scalar

	// Forward writes the result to out. All of out has to be written: it holds the last run's values.
	Forward func(out []T, in [][]T) error

	// Backward writes din[i] = ∂L/∂in[i] for every i whose din[i] is not nil, given dout = ∂L/∂out. It sets, it does not add, and din holds
	// the last run's values. It is called after Forward of the same run, with the same in and out. Nil: the node has no gradient.
	Backward func(din, in [][]T, out, dout []T) error

	// Constant lists the operands that have no gradient by their nature, such as labels and masks.
	Constant []int

	// Reason says, for a Kernel without Backward, why it has none and what to use instead; it ends the error that differentiating it gives.
	Reason string

	// Memory says what memory Forward and Backward need beside their operands and results.
	Memory Memory[T]

	// Through lists operands of the result's shape whose gradient is dout itself, as those of an addition. Backward is not asked for them, and may be nil if
	// there are no others.
	PassThrough []int

	// Flops is the work of the matrix products in Forward, a multiplication and an addition as two; 0 for a Kernel without such products.
	Flops int
}

// Memory is what a plan of a graph's memory may know of a Kernel (ShareMemory, Program). The zero value is always
// right. A false BackwardIgnores or InPlace gives wrong numbers; gradcheck and nntest find it.
type Memory[T Float] struct {
	// Saved is written by Forward and read by Backward; Scratch is what only Forward needs during a call, and
	// BackwardScratch what only Backward needs. They hold nothing from one run to the next: other nodes use the same
	// memory in between.
	Saved, Scratch, BackwardScratch []Buffer[T]

	// BackwardIgnores lists what Backward does not read, operands by their index and Result for out, so that their
	// memory can be used again before. Backward gets nil for them.
	BackwardIgnores []int

	// InPlace says that Forward may be given an out that is in[0], and Backward a din[0] that is dout, where nobody
	// else needs those any more.
	InPlace bool
}

// Result stands for the result of a Kernel among its operands.
const Result = -1

// Buffer is memory that a Kernel asks for: Len elements, in *Slice when it is called. What they hold at first is not defined.
type Buffer[T Float] struct {
	Len   int
	Slice *[]T

	// ForBackward says that Forward needs it for Backward alone: *Slice is nil in a graph that shares memory and never calls Backward.
	ForBackward bool
}

// ensure makes memory that nobody else uses, where there is none yet.
func ensure[T Float](lists ...[]Buffer[T]) {
	for _, list := range lists {
		for _, m := range list {
			if len(*m.Slice) != m.Len {
				*m.Slice = make([]T, m.Len)
			}
		}
	}
}

// Apply returns the node that computes k of the operands. The operands must be of T's dtype and of one graph.
//
// Differentiable once in every operand that is not listed in k.Constant and that depends on a leaf of the graph through
// a path without StopGradient. It returns an error if an operand is nil or has another dtype or graph, or if k is
// incomplete.
func Apply[T Float](k Kernel[T], operands ...*G.Node) (*G.Node, error) {
	if err := k.check(operands); err != nil {
		return nil, err
	}
	f := &forward[T]{kernel: k, contract: newContract[T](k.Name, k.Shape, operands)}
	f.wanted = make([]bool, len(operands))
	f.sizes = make([]int, len(operands))
	r := recordOf(graphOf(operands))
	for i, n := range operands {
		f.wanted[i] = r.needsGrad(n)
		f.sizes[i] = n.Shape().TotalSize()
	}
	for _, i := range k.Constant {
		f.wanted[i] = false
	}
	f.result.shape = k.Shape.Clone()
	f.views = make([]view[T], len(operands))
	f.in = make([][]T, len(operands))
	n, err := G.ApplyOp(f, operands...)
	return n, errors.Wrapf(err, "op: %s", k.Name)
}

// graphOf returns the graph of operands, nil if none has one: a constant of Gorgonia's gets one when it is used.
func graphOf(operands G.Nodes) *G.ExprGraph {
	for _, n := range operands {
		if g := n.Graph(); g != nil {
			return g
		}
	}
	return nil
}

func (k Kernel[T]) check(operands []*G.Node) error {
	if k.Name == "" || k.Forward == nil {
		return errors.Errorf("op: a Kernel needs a Name and a Forward function, got name %q", k.Name)
	}
	if len(operands) == 0 {
		return errors.Errorf("op: %s: a node needs at least one operand", k.Name)
	}
	if i := slices.Index(operands, nil); i >= 0 {
		return errors.Errorf("op: %s: operand %d is nil", k.Name, i)
	}
	want, graph := DtypeOf[T](), graphOf(operands)
	for i, n := range operands {
		if g := n.Graph(); graph == nil || g != nil && g != graph {
			return errors.Errorf("op: %s: operand %d (%s) is of no graph or of another one", k.Name, i, n.Name())
		}
		if n.Dtype() != want {
			return errors.Errorf("op: %s: operand %d (%s) is %v, want %v like the others", k.Name, i, n.Name(), n.Dtype(), want)
		}
	}
	for _, i := range k.Constant {
		if i < 0 || i >= len(operands) {
			return errors.Errorf("op: %s: constant operand %d out of range [0,%d)", k.Name, i, len(operands))
		}
	}
	for _, i := range k.PassThrough {
		if i < 0 || i >= len(operands) || !operands[i].Shape().Eq(k.Shape) {
			return errors.Errorf("op: %s: the gradient passes through to operand %d, want one of the result's shape %v", k.Name, i, k.Shape)
		}
	}
	for _, i := range k.Memory.BackwardIgnores {
		if i != Result && (i < 0 || i >= len(operands)) {
			return errors.Errorf("op: %s: Memory.BackwardIgnores: operand %d out of range [0,%d)", k.Name, i, len(operands))
		}
	}
	for _, d := range k.Shape {
		if d < 1 {
			return errors.Errorf("op: %s: result shape %v has a dimension below 1", k.Name, k.Shape)
		}
	}
	return nil
}

// ByDtype returns f32(operands...) or f64(operands...) by the dtype of the first operand, so that one generic constructor serves both.
// It returns an error for a nil operand or any other dtype.
func ByDtype(operand *G.Node, f32, f64 func(operands ...*G.Node) (*G.Node, error), more ...*G.Node) (*G.Node, error) {
	if operand == nil {
		return nil, errors.New("op: operand 0 is nil")
	}
	operands := append([]*G.Node{operand}, more...)
	switch operand.Dtype() {
	case tensor.Float32:
		return f32(operands...)
	case tensor.Float64:
		return f64(operands...)
	}
	return nil, errors.Errorf("op: operand %s is %v, want float32 or float64", operand.Name(), operand.Dtype())
}

// DtypeOf returns the tensor dtype of T.
func DtypeOf[T Float]() tensor.Dtype {
	if _, ok := any(T(0)).(float32); ok {
		return tensor.Float32
	}
	return tensor.Float64
}

// StopGradient returns a copy of x through which no gradient flows: what stands before it is a constant to the loss. A model puts it behind its
// input pictures and its frozen weights, so that no gradient to them is ever computed.
func StopGradient(x *G.Node) (*G.Node, error) {
	return ByDtype(x, stop[float32], stop[float64])
}

func stop[T Float](x ...*G.Node) (*G.Node, error) {
	return Apply(Kernel[T]{
		Name:     "Stop",
		Shape:    x[0].Shape(),
		Forward:  func(out []T, in [][]T) error { copy(out, in[0]); return nil },
		Constant: []int{0},
		Reason:   "it is there to stop gradients",
	}, x...)
}
