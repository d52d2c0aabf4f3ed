package op

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
)

// sum is the node of a gradient that comes by several ways. Gorgonia's own additions are scalar code.
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

// summed returns one sum for gradients that gorgonia has added up one by one, and any other gradient as it is. It adds in gorgonia's order. Gorgonia's
// additions stay in the graph, where nobody reads them: a machine for what is wanted of the graph (internal/tape) leaves them out.
func summed[T Float](grad *G.Node) (*G.Node, error) {
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
	s := &sum[T]{contract: newContract[T]("GradSum", grad.Shape(), parts), views: make([]view[T], len(parts)), parts: make([][]T, len(parts)), result: result[T]{shape: grad.Shape().Clone()}}
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
