package op

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/internal/gorgonia"
	"github.com/hqvit/hqvit/nn/onnx"
)

// Ports are what an exported graph takes and what it gives.
type Ports struct {
	Inputs  []Port // leaves; the first axis is the batch
	Outputs []Port // nodes that depend on an input
}

// Port is a node of a graph with its name in the exported model.
type Port struct {
	Name string
	Node *G.Node
}

// ExportOptions say how a graph is exported. The zero value is ONNX of onnx.DefaultOpset.
type ExportOptions struct {
	Opset    int               // version of the operator set; 0: onnx.DefaultOpset
	Name     string            // of the graph; empty: "hqvit"
	Metadata map[string]string // texts for whoever reads the file
}

// Export returns a graph as an ONNX model, for batches of any size: what its Outputs are of its Inputs.
//
// What depends on no input, such as the unitary of a circuit of trained angles, is computed here and written
// as a constant. Parameters keep their names. Numbers are written in float32, whatever the dtype of the
// graph, and are exact in the sense that there are no shots and no noise.
//
// build fills a graph for batches of a given size, as a layer's Forward does on an nn.NewEvalScope. It is
// called for several sizes, which are prime numbers, and more than once for each, as NewProgram has it. The
// model is right for every batch size as far as the graph is the same function of rows for each: Export
// returns an error that names the first node in which two sizes differ, beyond the sizes of axes. It also
// returns build's error, and one that names the node for a node whose Kernel has no ONNX, for operations of
// Gorgonia's own that depend on an input, for a leaf without a value that is no input, and for an output that
// depends on none.
func Export(o ExportOptions, build func(g *G.ExprGraph, batch int) (Ports, error)) (*onnx.Model, error) {
	if build == nil {
		return nil, errors.New("op: Export: the function is nil")
	}
	if o.Name == "" {
		o.Name = "hqvit"
	}
	var difference error
	// A size that a prime divides by chance, or a layer that goes another way from some batch size on, makes
	// two files differ; the next pair may agree.
	for _, sizes := range [...][2]int{{61, 67}, {127, 131}, {257, 263}} {
		first, err := exportFor(o, sizes[0], build)
		if err != nil {
			return nil, err
		}
		second, err := exportFor(o, sizes[1], build)
		if err != nil {
			return nil, err
		}
		if difference = first.Difference(second); difference == nil {
			return first.Model(o.Name, o.Metadata)
		}
	}
	return nil, errors.WithMessage(difference, "op: Export: the graph is another function for another "+
		"batch size")
}

// exportFor writes the graph for batches of one size.
func exportFor(o ExportOptions, batch int, build func(g *G.ExprGraph, batch int) (Ports,
	error)) (*onnx.Builder, error) {
	var ports Ports
	g, err := Build(func(g *G.ExprGraph) (err error) {
		defer foreign.Recover(&err, "function that builds the graph", build)
		ports, err = build(g, batch)
		return err
	})
	if err != nil {
		return nil, err
	}
	e := &exporter{b: onnx.NewBuilder(o.Opset, batch), values: map[*G.Node]onnx.Value{},
		varies: map[*G.Node]bool{}}
	if err = e.open(g, ports); err == nil {
		err = e.fold(g)
	}
	if err == nil {
		err = e.write(ports)
	}
	return e.b, errors.WithMessage(err, "op: Export")
}

// exporter writes one graph.
type exporter struct {
	b      *onnx.Builder
	order  G.Nodes                // operands first
	varies map[*G.Node]bool       // depends on an input
	values map[*G.Node]onnx.Value // of what is written
}

// open writes the inputs, and finds what depends on them.
func (e *exporter) open(g *G.ExprGraph, p Ports) error {
	if len(p.Inputs) == 0 || len(p.Outputs) == 0 {
		return errors.Errorf("%d inputs and %d outputs, want at least one of each", len(p.Inputs), len(p.Outputs))
	}
	for _, port := range slices.Concat(p.Inputs, p.Outputs) {
		if port.Node == nil || port.Node.Graph() != g {
			return errors.Errorf("%q is %v, want a node of the graph", port.Name, port.Node)
		}
	}
	for _, in := range p.Inputs {
		if len(gorgonia.Children(in.Node)) > 0 || in.Node.Dims() == 0 {
			return errors.Errorf("input %q is %v, want a leaf with an axis for the batch", in.Name, in.Node)
		}
		e.varies[in.Node] = true
		e.values[in.Node] = e.b.Input(in.Name, in.Node.Shape()...)
	}
	var outputs G.Nodes
	for _, out := range p.Outputs {
		outputs = append(outputs, out.Node)
	}
	var err error
	if e.order, err = gorgonia.OperandsFirst(g, outputs...); err != nil {
		return err
	}
	for _, n := range e.order {
		e.varies[n] = e.varies[n] || slices.ContainsFunc(gorgonia.Children(n), func(c *G.Node) bool {
			return e.varies[c]
		})
	}
	for _, out := range p.Outputs {
		if !e.varies[out.Node] {
			return errors.Errorf("output %q depends on no input", out.Name)
		}
	}
	return nil
}

// fold computes the constants: those nodes that depend on no input and that one that does depend on one
// reads.
func (e *exporter) fold(g *G.ExprGraph) error {
	var computed, constants G.Nodes
	seen := map[*G.Node]bool{}
	for _, n := range e.order {
		if !e.varies[n] {
			continue
		}
		for _, c := range gorgonia.Children(n) {
			if c = behindStop(c); e.varies[c] || seen[c] {
				continue
			}
			seen[c] = true
			constants = append(constants, c)
			if len(gorgonia.Children(c)) > 0 {
				computed = append(computed, c)
			}
		}
	}
	if len(computed) > 0 {
		m, err := gorgonia.NewMachine(g, computed...)
		if err != nil {
			return err
		}
		defer m.Close()
		if err = m.Run(); err != nil {
			return err
		}
	}
	for _, n := range constants {
		if err := e.constant(n); err != nil {
			return err
		}
	}
	return nil
}

// behindStop returns the operand of StopGradient of a leaf, which is the same constant by its own name, and
// any other node as it is.
func behindStop(n *G.Node) *G.Node {
	for n.Op() != nil && n.Op().String() == stopName {
		n = gorgonia.Children(n)[0]
	}
	return n
}

func (e *exporter) constant(n *G.Node) error {
	isLeaf := len(gorgonia.Children(n)) == 0
	if n.Value() == nil {
		return errors.Errorf("leaf %s has no value, want one, or that it is among the inputs", n.Name())
	}
	data, err := Float64s(n.Value())
	if err != nil {
		return errors.WithMessagef(err, "constant %s", n.Name())
	}
	if isLeaf && n.Op() == nil && n.Name() != gorgonia.Unnamed {
		e.values[n] = e.b.Parameter(n.Name(), data, n.Shape()...)
	} else {
		e.values[n] = e.b.Const(data, n.Shape()...)
	}
	return nil
}

// write writes what depends on the inputs.
func (e *exporter) write(p Ports) error {
	for _, n := range e.order {
		if _, done := e.values[n]; done || !e.varies[n] {
			continue
		}
		if err := e.node(n); err != nil {
			return err
		}
	}
	for _, out := range p.Outputs {
		e.b.Output(out.Name, e.values[out.Node])
	}
	return e.b.Err()
}

func (e *exporter) node(n *G.Node) error {
	f, ours := n.Op().(interface {
		onnx() func(b *onnx.Builder, in []onnx.Value) onnx.Value
	})
	if !ours {
		return errors.Errorf("node %s: an operation of Gorgonia's own has no ONNX form: want one of "+
			"package nn, or a Kernel with ONNX", n.Op())
	}
	name, form := n.Op().String(), f.onnx()
	if form == nil {
		return errors.Errorf("%s has no ONNX form: want a Kernel with ONNX", name)
	}
	var in []onnx.Value
	for _, c := range gorgonia.Children(n) {
		in = append(in, e.values[behindStop(c)])
	}
	e.b.Label(name)
	out, err := callForm(form, e.b, in)
	if err == nil {
		err = e.b.Err()
	}
	if err == nil && !slices.Equal(out.Shape(), []int(n.Shape())) {
		err = errors.Errorf("the form has the shape %v, the node %v", out.Shape(), n.Shape())
	}
	e.values[n] = out
	return errors.WithMessage(err, name)
}

// callForm calls the form of a Kernel that a user wrote.
func callForm(form func(*onnx.Builder, []onnx.Value) onnx.Value, b *onnx.Builder,
	in []onnx.Value) (v onnx.Value, err error) {
	defer foreign.Recover(&err, "ONNX form", form)
	return form(b, in), nil
}

func (f *forward[T]) onnx() func(b *onnx.Builder, in []onnx.Value) onnx.Value { return f.kernel.ONNX }
