// Package gradcheck compares the gradients of a graph with central differences of its forward pass.
//
// Check is for a function of tensors, Graph for anything that fills a graph. Both go further than the numbers of one run: the gradients of
// the TapeMachine and of the LispMachine are checked, a second run on other values and back has to repeat the first to the last bit, no
// leaf may be changed by a run, and the float32 graph has to agree with the float64 one.
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
	Tolerance   float64 // of |gradient − difference| / max(1, |difference|) in float64; 0 means 1e-8
	Tolerance32 float64 // of |float32 − float64| / max(1, largest |float64|); 0 means 1e-4; negative leaves float32 out
	Step        float64 // of the differences, relative to max(1, |x|); 0 means 1e-3
	Samples     int     // elements checked in each leaf, spread evenly; 0 means all
	Seed        uint64  // of the weights that make a scalar of the result
	NoLisp      bool    // leaves the LispMachine out, for graphs with operations of gorgonia's that are wrong on it
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

// Build fills a graph in the given dtype. It returns the result, of any shape, and the leaves to differentiate by, with their values set
// and row-major. It is called several times and must give the same graph each time (in float32, rounded).
type Build func(g *G.ExprGraph, dt tensor.Dtype) (out *G.Node, leaves G.Nodes, err error)

// Check returns nil if the gradients of f by every one of its float64 inputs equal central differences, and an error that names the first
// element that does not otherwise. f's result may have any shape: what is differentiated is a sum of its elements with fixed random weights.
func Check(c Config, f func(in ...*G.Node) (*G.Node, error), inputs ...*tensor.Dense) error {
	return Graph(c, func(g *G.ExprGraph, dt tensor.Dtype) (*G.Node, G.Nodes, error) {
		leaves := make(G.Nodes, len(inputs))
		for i, v := range inputs {
			leaves[i] = Leaf(g, dt, i, v)
		}
		out, err := f(leaves...)
		return out, leaves, err
	})
}

// Leaf returns an input node of that dtype with a copy of the float64 values, named by its index.
func Leaf(g *G.ExprGraph, dt tensor.Dtype, index int, v *tensor.Dense) *G.Node {
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
	return G.NewTensor(g, dt, v.Dims(), G.WithShape(v.Shape()...), G.WithName(fmt.Sprintf("in%d", index)), G.WithValue(t))
}

// Graph is Check for whatever build puts into a graph.
func Graph(c Config, build Build) error {
	c = c.withDefaults()
	grads, err := tape[float64](c, build)
	if err != nil {
		return errors.WithMessage(err, "float64, TapeMachine")
	}
	if err := differences(c, build, grads); err != nil {
		return errors.WithMessage(err, "float64, TapeMachine against central differences")
	}
	if !c.NoLisp {
		lisp, err := lispMachine(c, build)
		if err != nil {
			return errors.WithMessage(err, "float64, LispMachine")
		}
		if err := agree(lisp, grads, 1e-12); err != nil {
			return errors.WithMessage(err, "LispMachine against TapeMachine")
		}
	}
	if c.Tolerance32 < 0 {
		return nil
	}
	narrow, err := tape[float32](c, build)
	if err != nil {
		return errors.WithMessage(err, "float32, TapeMachine")
	}
	return errors.WithMessage(agree(narrow, grads, c.Tolerance32), "float32 against float64")
}

// differences compares the gradients with differences of fourth order, whose error at the default step is near 1e-12.
func differences(c Config, build Build, grads [][]float64) error {
	p, err := newProgram[float64](c, build, false)
	if err != nil {
		return err
	}
	defer p.close()
	for i, x := range p.leaves {
		stride := 1
		if c.Samples > 0 && len(x) > c.Samples {
			stride = len(x) / c.Samples
		}
		for j := 0; j < len(x); j += stride {
			at := x[j]
			h := c.Step * math.Max(1, math.Abs(at))
			var f [4]float64
			for k, offset := range []float64{-2, -1, 1, 2} {
				x[j] = at + offset*h
				if err := p.run(); err != nil {
					return err
				}
				f[k] = p.cost()
			}
			x[j] = at
			want := (f[0] - 8*f[1] + 8*f[2] - f[3]) / (12 * h)
			if e := math.Abs(grads[i][j]-want) / math.Max(1, math.Abs(want)); !(e <= c.Tolerance) {
				return errors.Errorf("leaf %d (%s), element %d: gradient %.12g, difference %.12g, error %.2g over %.2g", i, p.names[i], j, grads[i][j], want, e, c.Tolerance)
			}
		}
	}
	return nil
}

// agree compares two sets of gradients, relative to the largest of each leaf.
func agree(got, want [][]float64, tolerance float64) error {
	for i := range want {
		largest := 1.0
		for _, w := range want[i] {
			largest = math.Max(largest, math.Abs(w))
		}
		for j, w := range want[i] {
			if e := math.Abs(got[i][j]-w) / largest; !(e <= tolerance) {
				return errors.Errorf("leaf %d, element %d: %.9g, want %.9g, error %.2g over %.2g", i, j, got[i][j], w, e, tolerance)
			}
		}
	}
	return nil
}

// weighted is Σ wᵢ xᵢ with weights in ±[0.5, 1.5) from the seed: any error in any element of the result shows in it.
func weighted[T op.Float](seed uint64) func(x ...*G.Node) (*G.Node, error) {
	return func(x ...*G.Node) (*G.Node, error) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := make([]T, elements(x[0].Shape()))
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

func elements(shape tensor.Shape) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
