package op

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/internal/gorgonia"
)

// sum is the node that adds up gradient contributions from several paths.
type sum[T Float] struct {
	contract
	result result[T]
	in     reader[T]
	slot   *executionSlot // set if the graph shares memory
}

func (s *sum[T]) Do(values ...G.Value) (v G.Value, err error) {
	defer s.guard(&err)
	if err = s.in.read(values); err != nil {
		return nil, err
	}
	if err = s.slot.enter(); err != nil {
		return nil, err
	}
	s.result.allocate()
	parts := s.in.data
	dense.Add(s.result.data, parts[0], parts[1])
	for _, part := range parts[2:] {
		dense.Add(s.result.data, s.result.data, part)
	}
	return s.result.value, nil
}

func (s *sum[T]) DiffWRT(n int) []bool { return slices.Repeat([]bool{true}, n) }

func (s *sum[T]) SymDiff(G.Nodes, *G.Node, *G.Node) (G.Nodes, error) {
	return nil, errors.Wrap(ErrSecondOrder, "op: sum of gradients")
}

// gradFused is Grad for a graph of which a machine computes the wanted nodes alone, as a Program does.
// Gradient contributions from several paths are summed by one node, in Gorgonia's order and with
// bit-identical results; Gorgonia's own additions, in scalar code, stay in the graph without a reader.
func gradFused(cost *G.Node, wrt ...*G.Node) (G.Nodes, error) {
	if cost != nil && cost.Graph() != nil {
		r := recordOf(cost.Graph())
		r.fusedSums = true
		defer func() { r.fusedSums = false }()
	}
	return Grad(cost, wrt...)
}

// fuseSum returns one sum for gradients that Gorgonia has added up one by one, and any other gradient as it
// is.
func fuseSum[T Float](grad *G.Node) (*G.Node, error) {
	if !recordOf(grad.Graph()).fusedSums || grad.Dtype() != DtypeOf[T]() || !gorgonia.IsAddition(grad) {
		return grad, nil
	}
	var parts G.Nodes
	for n := grad; ; {
		operands := gorgonia.Children(n)
		parts = append(parts, operands[1])
		n = operands[0]
		// A sum that is itself the gradient of a node is computed for that node, and ends the chain. Without
		// that a deep chain of additions would be summed anew for each of its members.
		if !gorgonia.IsAddition(n) || len(n.DerivOf()) > 0 {
			parts = append(parts, n)
			break
		}
	}
	slices.Reverse(parts)
	s := &sum[T]{
		contract: newContract[T]("GradSum", grad.Shape(), parts),
		result:   result[T]{shape: grad.Shape().Clone()},
		in:       newReader[T](parts),
	}
	return G.ApplyOp(s, parts...)
}
