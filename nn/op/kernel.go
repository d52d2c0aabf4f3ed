package op

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/onnx"
)

// Kernel is one operation: its result and its gradients, computed on the row-major elements of its operands.
//
// Forward and Backward may share private state through their closure, for one Kernel value belongs to one
// node and its graph to one goroutine. They must not keep a slice they were given, write an operand, or start
// work that outlives the call.
type Kernel[T Float] struct {
	Name  string       // in errors and drawings, e.g. "LayerNorm"
	Shape tensor.Shape // of the result; empty for a scalar

	// Forward writes the result to out. All of out has to be written: it holds the last run's values.
	Forward func(out []T, in [][]T) error

	// Backward writes din[i] = ∂L/∂in[i] for every i whose din[i] is not nil, given dout = ∂L/∂out. It sets,
	// it does not add, and din holds the last run's values. It is called after Forward of the same run, with
	// the same in and out. Nil: the node has no gradient.
	Backward func(din, in [][]T, out, dout []T) error

	// Constant lists the operands that have no gradient by their nature, such as labels and masks.
	Constant []int

	// PassThrough lists operands of the result's shape whose gradient is dout itself, as those of an
	// addition. Backward is not asked for them, and may be nil if there are no others.
	PassThrough []int

	// Reason says, for a Kernel without Backward, why it has none and what to use instead; it ends the error
	// that differentiating it gives.
	Reason string

	// Memory says what memory Forward and Backward need beside their operands and results.
	Memory Memory[T]

	// Flops is the work of the matrix products in Forward, a multiplication and an addition as two; 0 without
	// any.
	Flops int

	// ONNX writes what Forward computes as operators of ONNX, and returns the result, of the Kernel's Shape.
	// In are the operands; those that depend on no input of the model are constants. What cannot be written
	// is an error for onnx.Builder.Fail. Nil: Export returns an error that names the node.
	ONNX func(b *onnx.Builder, in []onnx.Value) onnx.Value
}

// Memory is what the memory plan of a graph may assume of a Kernel. The zero value is always right. A false
// BackwardIgnores or InPlace gives wrong numbers: gradcheck and nntest find it, by HostileMemory.
type Memory[T Float] struct {
	// Saved is written by Forward and read by Backward; Scratch is what only Forward needs during a call, and
	// BackwardScratch what only Backward needs. They hold nothing from one run to the next: other nodes use
	// the same memory in between.
	Saved, Scratch, BackwardScratch []Buffer[T]

	// BackwardIgnores lists what Backward does not read, operands by their index and Result for out, so that
	// their memory can be used again before. Backward gets nil for them.
	BackwardIgnores []int

	// InPlace says that Forward may be given an out that is in[0], and Backward a din[0] that is dout, where
	// nobody else needs those any more. Operand 0 has as many elements as the result.
	InPlace bool
}

// Result stands for the result of a Kernel among its operands.
const Result = -1

// Buffer is memory that a Kernel asks for: Len elements, in *Slice when it is called. What they hold at first
// is not defined.
type Buffer[T Float] struct {
	Len   int
	Slice *[]T

	// ForBackward says that Forward needs it for Backward alone: *Slice is nil in a graph that shares memory
	// and never calls Backward.
	ForBackward bool
}

// allocate makes memory that nobody else uses, where there is none yet.
func allocate[T Float](lists ...[]Buffer[T]) {
	for _, list := range lists {
		for _, b := range list {
			if len(*b.Slice) != b.Len {
				*b.Slice = make([]T, b.Len)
			}
		}
	}
}

// Apply returns the node that computes k of the operands. The operands must be of T's dtype and of one graph.
//
// Differentiable once in every operand that is not listed in k.Constant and that depends on a leaf of the
// graph through a path without StopGradient. It returns an error if an operand is nil or has another dtype or
// graph, if k is incomplete, and for a result or a Buffer of more than MaxElements.
func Apply[T Float](k Kernel[T], operands ...*G.Node) (*G.Node, error) {
	if err := k.check(operands); err != nil {
		return nil, err
	}
	f := &forward[T]{kernel: k, contract: newContract[T](k.Name, k.Shape, operands)}
	f.wanted = make([]bool, len(operands))
	r := recordOf(graphOf(operands))
	for i, n := range operands {
		f.wanted[i] = r.needsGrad(n) && !slices.Contains(k.Constant, i)
	}
	f.result.shape = k.Shape.Clone()
	f.in = newReader[T](operands)
	n, err := G.ApplyOp(f, operands...)
	return n, errors.Wrapf(err, "op: %s", k.Name)
}

// graphOf returns the graph of operands, nil if none has one: a constant of Gorgonia's gets one when it is
// used.
func graphOf(operands G.Nodes) *G.ExprGraph {
	for _, n := range operands {
		if g := n.Graph(); g != nil {
			return g
		}
	}
	return nil
}

func (k Kernel[T]) check(operands G.Nodes) error {
	if k.Name == "" || k.Forward == nil {
		return errors.Errorf("op: a Kernel needs a Name and a Forward function, got name %q", k.Name)
	}
	if err := checkOperands[T](operands); err != nil {
		return errors.WithMessagef(err, "op: %s", k.Name)
	}
	if err := CheckShape(k.Shape); err != nil {
		return errors.WithMessagef(err, "op: %s: result", k.Name)
	}
	for _, i := range k.Constant {
		if i < 0 || i >= len(operands) {
			return errors.Errorf("op: %s: Constant: operand %d out of range [0,%d)", k.Name, i, len(operands))
		}
	}
	for _, i := range k.PassThrough {
		if i < 0 || i >= len(operands) || !slices.Equal(operands[i].Shape(), k.Shape) {
			return errors.Errorf("op: %s: PassThrough: operand %d, want one of the result's shape %v",
				k.Name, i, k.Shape)
		}
	}
	if first := operands[0].Shape(); k.Memory.InPlace && first.TotalSize() != k.Shape.TotalSize() {
		return errors.Errorf("op: %s: Memory: InPlace: operand 0 has shape %v, want as many elements as "+
			"the result of shape %v", k.Name, first, k.Shape)
	}
	return errors.WithMessagef(k.Memory.check(len(operands)), "op: %s: Memory", k.Name)
}

func checkOperands[T Float](operands G.Nodes) error {
	if len(operands) == 0 {
		return errors.New("a node needs at least one operand")
	}
	for i, n := range operands {
		if err := CheckNode(n); err != nil {
			return errors.WithMessagef(err, "operand %d", i)
		}
	}
	want, graph := DtypeOf[T](), graphOf(operands)
	for i, n := range operands {
		if g := n.Graph(); graph == nil || g != nil && g != graph {
			return errors.Errorf("operand %d (%s) is of no graph or of another one", i, n.Name())
		}
		if n.Dtype() != want {
			return errors.Errorf("operand %d (%s) is %v, want %v like the others",
				i, n.Name(), n.Dtype(), want)
		}
	}
	return nil
}

func (m Memory[T]) check(operands int) error {
	for _, i := range m.BackwardIgnores {
		if i != Result && (i < 0 || i >= operands) {
			return errors.Errorf("BackwardIgnores: operand %d out of range [0,%d)", i, operands)
		}
	}
	seen := map[*[]T]bool{}
	for _, b := range slices.Concat(m.Saved, m.Scratch, m.BackwardScratch) {
		if b.Len < 0 || b.Len > MaxElements || b.Slice == nil || seen[b.Slice] {
			return errors.Errorf("a Buffer of length %d, want 0 to %d, with a Slice of its own",
				b.Len, MaxElements)
		}
		seen[b.Slice] = true
	}
	return nil
}

func (m Memory[T]) ignores(operand int) bool { return slices.Contains(m.BackwardIgnores, operand) }
