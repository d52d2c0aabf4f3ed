package op_test

import (
	"slices"
	"strings"
	"testing"
	"unsafe"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
)

// twice is 2x, in place where it may be, with memory of its own between.
func twice(x *G.Node) (*G.Node, error) {
	var half []float64
	return op.Apply(op.Kernel[float64]{
		Name: "Twice", Shape: x.Shape(),
		Memory: op.Memory[float64]{
			Scratch:         []op.Buffer[float64]{{Len: x.Shape().TotalSize(), Slice: &half}},
			BackwardIgnores: []int{0, op.Result},
			InPlace:         true,
		},
		Forward: func(out []float64, in [][]float64) error {
			copy(half, in[0])
			for i, v := range half {
				out[i] = 2 * v
			}
			return nil
		},
		Backward: func(din, in [][]float64, out, dout []float64) error {
			if in[0] != nil || out != nil {
				panic("got what it does not read")
			}
			for i, v := range dout {
				din[0][i] = 2 * v
			}
			return nil
		},
	}, x)
}

// plus is a+b, whose gradient is that of both.
func plus(a, b *G.Node) (*G.Node, error) {
	return op.Apply(op.Kernel[float64]{
		Name: "Plus", Shape: a.Shape(), PassThrough: []int{0, 1},
		Memory: op.Memory[float64]{BackwardIgnores: []int{0, 1, op.Result}},
		Forward: func(out []float64, in [][]float64) error {
			for i, v := range in[0] {
				out[i] = v + in[1][i]
			}
			return nil
		},
	}, a, b)
}

// chain is Σ of a long residual chain x + 2x, …, with the gradient to x, and the values between.
type chain struct {
	loss, grad *G.Node
	steps      G.Nodes
}

func newChain(t *testing.T, long int) *chain {
	t.Helper()
	g := G.NewGraph()
	x := matrix(g, "x", make([]float64, 64)...)
	for i := range 64 {
		x.Value().Data().([]float64)[i] = float64(i)
	}
	c := &chain{}
	y := x
	for range long {
		y = must(t)(plus(y, must(t)(twice(y))))
		c.steps = append(c.steps, y)
	}
	c.loss = must(t)(total[float64](y))
	grads, err := op.GradFused(c.loss, x)
	if err != nil {
		t.Fatal(err)
	}
	c.grad = grads[0]
	return c
}

func (c *chain) run(t *testing.T, wanted ...*G.Node) error {
	t.Helper()
	g := c.loss.Graph()
	compiled, locations, err := G.CompileFunction(g, g.ExactSubgraphRoots(wanted...).Inputs(), wanted)
	if err != nil {
		t.Fatal(err)
	}
	m := G.NewTapeMachine(g, G.WithPrecompiled(compiled, locations))
	defer m.Close()
	return m.RunAll()
}

// addresses returns at how many places in memory the steps have their results.
func (c *chain) addresses(t *testing.T) int {
	var all []uintptr
	for _, n := range c.steps {
		v, err := op.Elements[float64](n.Value())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, uintptr(unsafe.Pointer(&v[0])))
	}
	slices.Sort(all)
	return len(slices.Compact(all))
}

func TestShareMemory(t *testing.T) {
	const long = 8
	c, power := newChain(t, long), 1.0
	for range long {
		power *= 3
	}
	if err := op.ShareMemory(c.loss, c.grad, c.steps[2]); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.run(t, c.loss, c.grad, c.steps[2]); err != nil {
			t.Fatal(err)
		}
		wantValues(t, "loss", elements(t, c.loss.Value()), power*63*64/2)
		kept, grad := elements(t, c.steps[2].Value()), elements(t, c.grad.Value())
		for i := range 64 {
			if kept[i] != 27*float64(i) || grad[i] != power {
				t.Fatalf("element %d: a wanted value between is %v, want %v; the gradient %v, want %v",
					i, kept[i], 27*float64(i), grad[i], power)
			}
		}
	}
	if n := c.addresses(t); n > 4 {
		t.Errorf("%d results lie at %d places, want two for all and one for the one that is wanted", long, n)
	}
}

func TestShareMemoryLeavesAloneWhatGorgoniaMayOverwrite(t *testing.T) {
	g := G.NewGraph()
	x := matrix(g, "x", 1, 2, 3, 4)
	y := must(t)(twice(x))
	foreign := G.Must(G.Add(y, x)) // may be written over y
	z := must(t)(total[float64](must(t)(plus(must(t)(twice(must(t)(twice(x)))), foreign))))
	if err := op.ShareMemory(z); err != nil {
		t.Fatal(err)
	}
	c := &chain{loss: z}
	for range 2 {
		if err := c.run(t, z); err != nil {
			t.Fatal(err)
		}
		wantValues(t, "sum", elements(t, z.Value()), 7*10)
	}
}

// A LispMachine has an order of its own, and so has a machine of other nodes.
func TestShareMemoryRefusesAnotherOrder(t *testing.T) {
	c := newChain(t, 3)
	if err := op.ShareMemory(c.loss, c.grad); err != nil {
		t.Fatal(err)
	}
	if err := c.run(t, c.steps[0], c.steps[2]); err != nil {
		t.Fatal(err) // the beginning of the same order
	}
	if err := c.run(t, c.loss, c.grad); err != nil {
		t.Fatal(err)
	}
	other := newChain(t, 3)
	if err := op.ShareMemory(other.steps[2]); err != nil {
		t.Fatal(err)
	}
	if err := op.ShareMemory(other.loss); err != nil {
		t.Fatal(err)
	}
	for _, n := range other.steps {
		if _, err := n.Op().Do(make([]G.Value, 2)...); err == nil {
			t.Error("no error of a node without values")
		}
	}
	one := tensor.New(tensor.WithShape(2, 32), tensor.Of(tensor.Float64))
	if _, err := other.steps[2].Op().Do(one, one); err == nil ||
		!strings.Contains(err.Error(), "shares memory in the order") {
		t.Errorf("out of order a node gives %v", err)
	}
	if err := op.ShareMemory(); err == nil {
		t.Error("no error without a wanted node")
	}
}

// Gradient contributions from several paths are summed by one of our nodes.
func TestGradientsAreSummedByOneNode(t *testing.T) {
	g := G.NewGraph()
	x := matrix(g, "x", 1, 2, 3, 4)
	y := must(t)(twice(x))
	ways := must(t)(plus(must(t)(plus(must(t)(twice(y)), must(t)(twice(must(t)(twice(y)))))), y))
	loss := must(t)(total[float64](ways))
	grads, err := op.GradFused(loss, x)
	if err != nil {
		t.Fatal(err)
	}
	wanted := g.ExactSubgraphRoots(loss, grads[0])
	sums := 0
	for _, n := range wanted.AllNodes() {
		switch name := n.Op(); {
		case name == nil:
		case name.String() == "GradSum":
			sums++
		case name.String()[0] == '+':
			t.Errorf("gorgonia adds up in %v", n)
		}
	}
	if sums != 1 {
		t.Errorf("%d sums, want 1", sums)
	}
	if err := (&chain{loss: loss}).run(t, loss, grads[0]); err != nil {
		t.Fatal(err)
	}
	wantValues(t, "gradient", elements(t, grads[0].Value()), 14, 14, 14, 14)
	run(t, g) // the whole graph, Gorgonia's additions included
	wantValues(t, "gradient", elements(t, grads[0].Value()), 14, 14, 14, 14)
}
