package op

import (
	"slices"
	"sync"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
)

// sum is the node of a gradient that comes by several ways.
type sum[T Float] struct {
	contract
	result result[T]
	views  []view[T]
	parts  [][]T
	sizes  []int
	turn   *turn // set if the graph's memory is shared
}

func (s *sum[T]) Do(values ...G.Value) (v G.Value, err error) {
	defer s.guard(&err)
	if err = readAll(s.views, s.parts, s.sizes, values); err != nil {
		return nil, err
	}
	if err = s.turn.take(); err != nil {
		return nil, err
	}
	s.result.ensure()
	dense.Add(s.result.data, s.parts[0], s.parts[1])
	for _, part := range s.parts[2:] {
		dense.Add(s.result.data, s.result.data, part)
	}
	return s.result.value, nil
}

func (s *sum[T]) DiffWRT(n int) []bool { return allTrue(n) }

func (s *sum[T]) SymDiff(G.Nodes, *G.Node, *G.Node) (G.Nodes, error) {
	return nil, errors.Wrap(ErrSecondOrder, "op: sum of gradients")
}

func (s *sum[T]) share(p *plan, n *G.Node) {
	s.turn = p.turn()
	for _, c := range s.operands {
		p.reads(c)
	}
	p.of[n] = writes(p, &s.result)
	p.over(s.operands, p.of[n])
}

// GradSummed is Grad for a graph of which a machine computes the wanted nodes alone (ShareMemory says how). A gradient that comes by several ways is added
// up by one node, in gorgonia's order and to the same last bit; gorgonia's own additions, in scalar code, stay in the graph without a reader.
func GradSummed(cost *G.Node, wrt ...*G.Node) (G.Nodes, error) {
	if cost != nil {
		summing.Store(cost.Graph(), true)
		defer summing.Delete(cost.Graph())
	}
	return Grad(cost, wrt...)
}

// summing holds the graphs that GradSummed differentiates just now.
var summing sync.Map

// summed returns one sum for gradients that gorgonia has added up one by one, and any other gradient as it is.
func summed[T Float](grad *G.Node) (*G.Node, error) {
	if _, wanted := summing.Load(grad.Graph()); !wanted {
		return grad, nil
	}
	var parts G.Nodes
	at := grad
	for isAddition(at) {
		two := children(at)
		parts, at = append(parts, two[1]), two[0]
	}
	if parts == nil || grad.Dtype() != DtypeOf[T]() {
		return grad, nil
	}
	parts = append(parts, at)
	slices.Reverse(parts)
	s := &sum[T]{contract: newContract[T]("GradSum", grad.Shape(), parts), result: result[T]{shape: grad.Shape().Clone()}}
	s.views, s.parts = make([]view[T], len(parts)), make([][]T, len(parts))
	for range parts {
		s.sizes = append(s.sizes, size(grad.Shape()))
	}
	return G.ApplyOp(s, parts...)
}

// isAddition tells whether a node is gorgonia's addition of two tensors of one shape.
func isAddition(n *G.Node) bool {
	if n.Op() == nil || n.Op().String() != "+ false" || n.Dims() == 0 {
		return false
	}
	two := children(n)
	return len(two) == 2 && two[0].Shape().Eq(n.Shape()) && two[1].Shape().Eq(n.Shape())
}
