package op

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/gorgonia"
)

// Program is a graph that can be run: built, differentiated, with a plan of its memory, and compiled for the
// nodes that are wanted.
//
//	var logits *gorgonia.Node
//	p, err := op.NewProgram(func(g *gorgonia.ExprGraph) (op.Outputs, error) {
//		…
//		return op.Outputs{Cost: loss, WRT: s.Params(), Keep: gorgonia.Nodes{logits}}, nil
//	})
//	defer p.Close()
//	err = p.Run()
//	logits, err := op.Elements[float32](logits.Value())
//	gradient, err := op.Elements[float32](p.Grad(leaf))
//
// A run computes the nodes named in Outputs, the gradients, and what these depend on; no other node gets a
// value. Nodes take turns in the same memory: the value of a node that Outputs does not name lasts no longer
// than it is needed. Values are overwritten by the next run. A steady run allocates nothing for nodes of this
// module.
//
// A Program runs on the goroutine that calls Run, one call at a time. Several Programs over the same weights
// may run side by side, but they must be built one after the other: Gorgonia's graphs share state while they
// are built.
type Program struct {
	graph   *G.ExprGraph
	outputs Outputs
	grads   map[*G.Node]*G.Node // by leaf
	machine *gorgonia.Machine   // nil if there is nothing to compute
	last    []int               // groups of Outputs.Ready that are ready when a run ends
	open    bool
}

// Outputs says what a Program computes.
type Outputs struct {
	Cost *G.Node // the scalar to differentiate; nil for a Program that only evaluates
	WRT  G.Nodes // the leaves to differentiate Cost by
	Keep G.Nodes // further nodes whose values are read after a run

	Ready *Ready // of gradients that are read during a run; nil: none. Needs SharedMemory

	Memory MemoryPlan // SharedMemory, unless a test compares
}

// MemoryPlan says where the nodes of a Program have their values. All plans give the same results to the last
// bit.
type MemoryPlan int

const (
	// SharedMemory lets nodes use the same memory one after the other, as Kernel.Memory allows.
	SharedMemory MemoryPlan = iota

	// SeparateMemory gives every node memory of its own, and leaves Gorgonia's additions of gradients as they
	// are. It takes more memory and time, and nothing that Kernel.Memory says matters.
	SeparateMemory

	// HostileMemory is SeparateMemory, with everything done to a kernel that its Kernel.Memory allows others
	// to do: what its Backward ignores and its scratch memory are overwritten by NaN, and results are written
	// over operands. A kernel that says too much gives other results than with SeparateMemory, whatever graph
	// it is in. It is for tests: gradcheck and nntest compare the three. It overwrites leaves for a moment,
	// so no other Program over the same leaves may run at the same time.
	HostileMemory
)

// NewProgram returns the Program of the graph that build fills. It calls build more than once if Gorgonia
// confuses two nodes (see Build), so build must set what it sets anew at each call.
//
// It returns build's error, and an error if Cost is not a scalar of the graph that depends on each of WRT
// through a differentiable path, if one of Cost and WRT is given without the other, or if nothing is to be
// computed.
func NewProgram(build func(g *G.ExprGraph) (Outputs, error)) (*Program, error) {
	if build == nil {
		return nil, errors.New("op: NewProgram: the function is nil")
	}
	p := &Program{}
	var err error
	if p.graph, err = Build(func(g *G.ExprGraph) error { return p.differentiate(g, build) }); err != nil {
		return nil, err
	}
	wanted := p.wanted()
	if len(wanted) > 0 {
		switch p.outputs.Memory {
		case SharedMemory:
			if err = p.planMemory(wanted); err != nil {
				return nil, err
			}
		case HostileMemory:
			distrust(p.graph)
		}
		if p.machine, err = gorgonia.NewMachine(p.graph, wanted...); err != nil {
			return nil, errors.WithMessage(err, "op: NewProgram")
		}
	}
	p.open = true
	return p, nil
}

func (p *Program) differentiate(g *G.ExprGraph, build func(g *G.ExprGraph) (Outputs, error)) (err error) {
	if p.outputs, err = build(g); err != nil {
		return err
	}
	o := &p.outputs
	if err = o.check(g); err != nil {
		return errors.WithMessage(err, "op: NewProgram")
	}
	p.grads = make(map[*G.Node]*G.Node, len(o.WRT))
	if o.Cost == nil {
		return nil
	}
	grad := gradFused
	if o.Memory != SharedMemory {
		grad = Grad
	}
	grads, err := grad(o.Cost, o.WRT...)
	for i, n := range grads {
		p.grads[o.WRT[i]] = n
	}
	return err
}

func (o *Outputs) check(g *G.ExprGraph) error {
	switch {
	case o.Memory < SharedMemory || o.Memory > HostileMemory:
		return errors.Errorf("Memory is %d, want SharedMemory, SeparateMemory or HostileMemory", o.Memory)
	case o.Ready != nil && (o.Ready.Call == nil || o.Memory != SharedMemory):
		return errors.New("Ready needs a function to call, and SharedMemory")
	case o.Cost == nil && len(o.WRT) > 0:
		return errors.Errorf("%d leaves to differentiate by and no Cost", len(o.WRT))
	case o.Cost != nil && len(o.WRT) == 0:
		return errors.New("a Cost and no leaf to differentiate it by; to compute it only, name it in Keep")
	case o.Cost == nil && len(o.Keep) == 0:
		return errors.New("nothing to compute: want a Cost with WRT, or a node in Keep")
	case o.Cost != nil && o.Cost.Graph() != g:
		return errors.Errorf("the Cost is %v, want a node of the graph", o.Cost)
	}
	for i, n := range o.Keep {
		if n == nil || n.Graph() != g {
			return errors.Errorf("node %d of Keep is %v, want a node of the graph", i, n)
		}
	}
	return nil
}

// planMemory lets the nodes share memory, and those call that tell of gradients.
func (p *Program) planMemory(wanted G.Nodes) error {
	a, err := shareMemory(wanted...)
	ready := p.outputs.Ready
	if err != nil || ready == nil {
		return err
	}
	groups, err := ready.gradsOf(p)
	if err != nil {
		return err
	}
	p.last = a.callWhenReady(groups, ready.Call)
	return nil
}

// wanted returns the nodes that the machine computes. Leaves and constants have their values anyway.
func (p *Program) wanted() G.Nodes {
	var nodes G.Nodes
	add := func(n *G.Node) {
		if len(gorgonia.Children(n)) > 0 {
			nodes = append(nodes, n)
		}
	}
	for _, n := range p.outputs.Keep {
		add(n)
	}
	for _, leaf := range p.outputs.WRT {
		add(p.grads[leaf])
	}
	if p.outputs.Cost != nil {
		add(p.outputs.Cost)
	}
	return nodes
}

// Run computes the graph for the values that its leaves hold now.
//
// It returns the error of the node that failed, such as a *RowError, or of a leaf without a value. The
// Program can be run again.
func (p *Program) Run() error {
	if p == nil || !p.open {
		return errors.New("op: Program: not open; NewProgram makes one, Close ends it")
	}
	if p.machine == nil {
		return nil
	}
	if err := p.machine.Run(); err != nil {
		return err
	}
	for _, group := range p.last {
		p.outputs.Ready.Call(group)
	}
	return nil
}

// Graph returns the Program's graph. Nothing may be added to it.
func (p *Program) Graph() *G.ExprGraph {
	if p == nil {
		return nil
	}
	return p.graph
}

// Grad returns ∂Cost/∂leaf as the last run left it: the Program's own memory until the next run. It returns
// nil for a node that is not in Outputs.WRT, and before the first run.
func (p *Program) Grad(leaf *G.Node) G.Value {
	if n := p.GradNode(leaf); n != nil {
		return n.Value()
	}
	return nil
}

// GradNode returns the node of ∂Cost/∂leaf, or nil for a node that is not in Outputs.WRT.
func (p *Program) GradNode(leaf *G.Node) *G.Node {
	if p == nil {
		return nil
	}
	return p.grads[leaf]
}

// Close frees what the Program holds. It can be called more than once.
func (p *Program) Close() error {
	if p == nil || !p.open {
		return nil
	}
	p.open = false
	if p.machine == nil {
		return nil
	}
	return p.machine.Close()
}
