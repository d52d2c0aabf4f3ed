package gorgonia

import (
	"reflect"
	"unsafe"

	G "gorgonia.org/gorgonia"
)

// Unnamed is the name that Gorgonia gives a leaf without one.
var Unnamed = new(G.Node).Name()

// IsAddition reports whether a node is Gorgonia's elementwise addition of two tensors of one shape, by which
// it sums the gradients that reach a node over several paths. Its Op is unexported, so it is recognized by
// its text.
//
// Fallback: an addition that is not recognized stays Gorgonia's, which is slower and not wrong.
func IsAddition(n *G.Node) bool {
	if n.Op() == nil || n.Op().String() != "+ false" || n.Dims() == 0 {
		return false
	}
	operands := Children(n)
	return len(operands) == 2 && operands[0].Shape().Eq(n.Shape()) && operands[1].Shape().Eq(n.Shape())
}

// Children returns the operands of a node, in their order; the slice is the node's own. A leaf and a constant
// have none.
//
// It reads an unexported field. The exported way, Graph.From, searches the whole graph for each node it meets
// first, and finds another node after one has been removed, which Gorgonia's Grad does.
//
// Fallback: Graph.From, if the field is not there.
func Children(n *G.Node) G.Nodes {
	if childrenField.known {
		return *(*G.Nodes)(unsafe.Add(unsafe.Pointer(n), childrenField.offset))
	}
	return childrenByGraph(n)
}

func childrenByGraph(n *G.Node) G.Nodes {
	var nodes G.Nodes
	for it := n.Graph().From(n.ID()); it.Next(); {
		nodes = append(nodes, it.Node().(*G.Node))
	}
	return nodes
}

// childrenField is where a Node keeps its operands.
var childrenField = func() (field struct {
	offset uintptr
	known  bool
}) {
	f, known := reflect.TypeFor[G.Node]().FieldByName("children")
	field.offset, field.known = f.Offset, known && f.Type == reflect.TypeFor[G.Nodes]()
	return field
}()
