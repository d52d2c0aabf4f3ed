// Package gradcheck compares the gradients of a graph with central differences of its forward pass.
//
// Check is for a function of tensors, Graph for anything that fills a graph. Both go further than the numbers
// of one run: the gradients of the TapeMachine and of the LispMachine are checked, a second run on other
// values and back has to repeat the first to the last bit, no leaf may be changed by a run, what a Kernel
// says of its memory has to be true, and the float32 graph has to agree with the float64 one.
package gradcheck

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
)

// Config says how to check. The zero value is a strict check of every element.
type Config struct {
	Tolerance float64 // of |gradient − difference| / max(1, |difference|) in float64; 0 means 1e-8
	// of |float32 − float64| / max(1, largest |float64|); 0 means 1e-4; negative leaves float32 out
	Tolerance32 float64
	Step        float64 // of the differences, relative to max(1, |x|); 0 means 1e-3
	Samples     int     // elements checked in each leaf, spread evenly; 0 means all
	Seed        uint64  // of the weights that make a scalar of the result
	// leaves the LispMachine out, for graphs with operations that Gorgonia gets wrong on it
	NoLisp bool
}

func (c Config) withDefaults() Config {
	if c.Tolerance == 0 {
		c.Tolerance = 1e-8
	}
	if c.Tolerance32 == 0 {
		c.Tolerance32 = 1e-4
	}
	if c.Step == 0 {
		c.Step = 1e-3
	}
	return c
}

func (c Config) check() error {
	if !(c.Tolerance > 0) || math.IsNaN(c.Tolerance32) || !(c.Step > 0 && c.Step < 1) || c.Samples < 0 {
		const want = "tolerances above 0, a step in (0,1), and Samples of at least 0"
		return errors.Errorf("gradcheck: %+v, want %s", c, want)
	}
	return nil
}

// Build fills a graph in the given dtype. It returns the result, of any shape, and the leaves to
// differentiate by, with their values set and row-major. It is called several times and must give the same
// graph each time (in float32, rounded).
type Build func(g *G.ExprGraph, dt tensor.Dtype) (out *G.Node, leaves G.Nodes, err error)

// Check returns nil if the gradients of f by every one of its float64 inputs equal central differences, and
// an error that names the first element that does not otherwise. f's result may have any shape: what is
// differentiated is a sum of its elements with fixed random weights.
func Check(c Config, f func(in ...*G.Node) (*G.Node, error), inputs ...*tensor.Dense) error {
	if f == nil || len(inputs) == 0 {
		return errors.New("gradcheck: Check: want a function and at least one input")
	}
	for i, v := range inputs {
		if v == nil || v.Dtype() != tensor.Float64 {
			return errors.Errorf("gradcheck: Check: input %d is none of float64", i)
		}
		for j, x := range v.Float64s() {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return errors.Errorf("gradcheck: Check: input %d holds %v at element %d, want finite "+
					"numbers", i, x, j)
			}
		}
	}
	return Graph(c, func(g *G.ExprGraph, dt tensor.Dtype) (*G.Node, G.Nodes, error) {
		leaves := make(G.Nodes, len(inputs))
		for i, v := range inputs {
			leaves[i] = Leaf(g, dt, i, v)
		}
		out, err := f(leaves...)
		return out, leaves, err
	})
}

// Leaf returns an input node of that dtype, float32 or float64, with a copy of the float64 values, named by
// its index. It returns nil, which every function of nodes refuses, for another dtype, and without a graph or
// values.
func Leaf(g *G.ExprGraph, dt tensor.Dtype, index int, v *tensor.Dense) *G.Node {
	if g == nil || v == nil || v.Dtype() != tensor.Float64 || dt != tensor.Float32 && dt != tensor.Float64 {
		return nil
	}
	values := v.Float64s()
	var backing any = append([]float64{}, values...)
	if dt == tensor.Float32 {
		narrow := make([]float32, len(values))
		for i, x := range values {
			narrow[i] = float32(x)
		}
		backing = narrow
	}
	t := tensor.New(tensor.WithShape(v.Shape()...), tensor.WithBacking(backing))
	name := fmt.Sprintf("in%d", index)
	return G.NewTensor(g, dt, v.Dims(), G.WithShape(v.Shape()...), G.WithName(name), G.WithValue(t))
}

// Graph is Check for whatever build puts into a graph.
func Graph(c Config, build Build) error {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return err
	}
	if build == nil {
		return errors.New("gradcheck: Graph: the function is nil")
	}
	grads, err := tapeGradients[float64](c, build)
	if err != nil {
		return errors.WithMessage(err, "float64, TapeMachine")
	}
	if err := checkDifferences(c, build, grads); err != nil {
		return errors.WithMessage(err, "float64, TapeMachine against central differences")
	}
	if !c.NoLisp {
		lisp, err := lispGradients(c, build)
		if err != nil {
			return errors.WithMessage(err, "float64, LispMachine")
		}
		if err := compare(lisp, grads, 1e-12); err != nil {
			return errors.WithMessage(err, "LispMachine against TapeMachine")
		}
	}
	if c.Tolerance32 < 0 {
		return nil
	}
	narrow, err := tapeGradients[float32](c, build)
	if err != nil {
		return errors.WithMessage(err, "float32, TapeMachine")
	}
	return errors.WithMessage(compare(narrow, grads, c.Tolerance32), "float32 against float64")
}

// checkDifferences compares the gradients with differences of fourth order, whose error at the default step
// is near 1e-12.
func checkDifferences(c Config, build Build, grads [][]float64) error {
	p, err := newProgram[float64](c, build, false, op.SharedMemory)
	if err != nil {
		return err
	}
	defer p.Close()
	for i, x := range p.leaves {
		stride := 1
		if c.Samples > 0 && len(x) > c.Samples {
			stride = len(x) / c.Samples
		}
		for j := 0; j < len(x); j += stride {
			want, err := p.difference(x, j, c.Step)
			if err != nil {
				return err
			}
			if e := math.Abs(grads[i][j]-want) / math.Max(1, math.Abs(want)); !(e <= c.Tolerance) {
				const form = "leaf %d (%s), element %d: gradient %.12g, difference %.12g, off by %.2g > %.2g"
				return errors.Errorf(form, i, p.names[i], j, grads[i][j], want, e, c.Tolerance)
			}
		}
	}
	return nil
}

// compare returns an error if two sets of gradients differ, relative to the largest of each leaf.
func compare(got, want [][]float64, tolerance float64) error {
	for i := range want {
		largest := 1.0
		for _, w := range want[i] {
			largest = math.Max(largest, math.Abs(w))
		}
		for j, w := range want[i] {
			if e := math.Abs(got[i][j]-w) / largest; !(e <= tolerance) {
				return errors.Errorf("leaf %d, element %d: %.9g, want %.9g, error %.2g over %.2g",
					i, j, got[i][j], w, e, tolerance)
			}
		}
	}
	return nil
}

// weighted returns Σ wᵢ xᵢ with weights in ±[0.5, 1.5) from the seed: any error in any element of the result
// shows in it.
func weighted[T op.Float](seed uint64) op.NodeFunc {
	return func(x ...*G.Node) (*G.Node, error) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := make([]T, x[0].Shape().TotalSize())
		for i := range w {
			w[i] = T(0.5 + r.Float64())
			if r.IntN(2) == 0 {
				w[i] = -w[i]
			}
		}
		return op.Apply(op.Kernel[T]{
			Name: "WeightedSum",
			Forward: func(out []T, in [][]T) error {
				sum := 0.0
				for i, v := range in[0] {
					sum += float64(w[i] * v)
				}
				out[0] = T(sum)
				return nil
			},
			Backward: func(din, _ [][]T, _, dout []T) error {
				for i, v := range w {
					din[0][i] = v * dout[0]
				}
				return nil
			},
		}, x...)
	}
}
