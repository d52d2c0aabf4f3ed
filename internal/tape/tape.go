// Package tape runs Gorgonia's TapeMachine on the goroutine that asks for it.
//
// The machine's RunAll locks its goroutine to an operating-system thread, starts a second goroutine that runs the program, and waits for it:
// each run puts one thread to sleep and wakes another, and the system often wakes it on a core that is busy with another machine while its
// own falls idle. Two machines on two cores lose a fifth of their speed by that (docs/benchmarks.md). The second goroutine is there for CUDA
// and for BLAS libraries that collect their calls; without either, it does nothing that the first could not.
package tape

import (
	"strings"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
)

// Machine is a TapeMachine over a graph. It belongs to one goroutine.
type Machine struct {
	vm      G.VM
	program program
}

// New returns the machine that computes some nodes of a graph, and of the others what these need.
// It returns an error if gorgonia cannot compile that.
func New(g *G.ExprGraph, wanted ...*G.Node) (*Machine, error) {
	compiled, locations, err := G.CompileFunction(g, g.ExactSubgraphRoots(wanted...).Inputs(), wanted)
	if err != nil {
		return nil, errors.Wrap(err, "compile the graph")
	}
	vm := G.NewTapeMachine(g, G.WithPrecompiled(compiled, locations))
	return &Machine{vm: vm, program: programOf(vm)}, nil
}

// Run computes the graph from its first node on. The results are in the nodes until the next run.
// It returns the error of the node that failed, without what RunAll adds of its instruction.
func (m *Machine) Run() error {
	m.vm.Reset()
	if _, collects := G.WhichBLAS().(G.BatchedBLAS); collects || m.program == nil {
		return ofNode(m.vm.RunAll())
	}
	return ofNode(m.program())
}

// ofNode takes from a machine's error what tells of the machine: "PC 71. Failed to execute instruction …: Failed to carry op.Do(): ".
func ofNode(err error) error {
	for inner := err; inner != nil; {
		text := inner.Error()
		if !strings.HasPrefix(text, "PC ") && !strings.HasPrefix(text, "Failed to carry ") {
			return inner
		}
		if machine, ok := inner.(interface{ Err() error }); ok { // Gorgonia's own, which does not unwrap
			inner = machine.Err()
		} else {
			inner = errors.Unwrap(inner)
		}
	}
	return err
}

// Close frees what the machine holds.
func (m *Machine) Close() error { return errors.Wrap(m.vm.Close(), "close the machine") }

// program runs the instructions of a machine after a Reset, on the calling goroutine; nil: by RunAll alone.
type program func() error
