package gorgonia

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
)

// Machine is a TapeMachine over a part of a graph. It belongs to one goroutine.
//
// It runs on the goroutine that calls Run. The TapeMachine's own RunAll locks its goroutine to an
// operating-system thread, starts a second goroutine that runs the program, and waits for it: each run puts
// one thread to sleep and wakes another, often on a core that is busy with another machine while its own
// falls idle. Two machines on two cores lose a fifth of their speed by that (docs/benchmarks.md). The second
// goroutine serves CUDA and BLAS libraries that collect their calls; without either, the first can do the
// work. Where one of them is in use, or with the build tag hqvit_runall, Run calls RunAll.
type Machine struct {
	vm     G.VM
	direct func() error // runs the instructions of vm after a Reset; nil: by RunAll alone
}

// NewMachine returns the machine that computes the wanted nodes of a graph, and whatever these depend on.
// It returns an error if Gorgonia cannot compile that; it would panic where no wanted node depends on a leaf.
func NewMachine(g *G.ExprGraph, wanted ...*G.Node) (m *Machine, err error) {
	defer recoverTo(&err, "compile the graph")
	inputs := g.ExactSubgraphRoots(wanted...).Inputs()
	if len(inputs) == 0 {
		return nil, errors.New("the nodes to compute depend on no leaf of the graph")
	}
	compiled, locations, err := G.CompileFunction(g, inputs, wanted)
	if err != nil {
		return nil, errors.Wrap(err, "compile the graph")
	}
	vm := G.NewTapeMachine(g, G.WithPrecompiled(compiled, locations))
	return &Machine{vm: vm, direct: directRun(vm)}, nil
}

// OperandsFirst returns the wanted nodes of a graph and whatever these depend on, each behind its operands:
// the order in which a Machine for them runs. It returns an error if the graph has a cycle.
func OperandsFirst(g *G.ExprGraph, wanted ...*G.Node) (G.Nodes, error) {
	sorted, err := G.Sort(g.ExactSubgraphRoots(wanted...))
	slices.Reverse(sorted)
	return sorted, errors.Wrap(err, "sort the graph")
}

// Run computes the graph from its first node on. The results are in the nodes until the next run. It returns
// the error of the node that failed, see NodeError, and an error for a panic in one of Gorgonia's operations.
func (m *Machine) Run() (err error) {
	defer recoverTo(&err, "run the graph")
	m.vm.Reset()
	if _, collects := G.WhichBLAS().(G.BatchedBLAS); collects || m.direct == nil {
		return NodeError(m.vm.RunAll())
	}
	return NodeError(m.direct())
}

// Close frees what the machine holds.
func (m *Machine) Close() error { return errors.Wrap(m.vm.Close(), "close the machine") }
