package op_test

import (
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/apitest"
	"github.com/hqvit/hqvit/nn/op"
)

// kernels that are incomplete, each on an x of (2, 2).
func kernelMisuses(x *G.Node) []apitest.Misuse {
	right := op.Kernel[float64]{
		Name: "Copy", Shape: tensor.Shape{2, 2},
		Forward:  func(out []float64, in [][]float64) error { copy(out, in[0]); return nil },
		Backward: func(din, _ [][]float64, _, dout []float64) error { copy(din[0], dout); return nil },
	}
	buffer := func(n int, slice *[]float64) []op.Buffer[float64] {
		return []op.Buffer[float64]{{Len: n, Slice: slice}}
	}
	shared := new([]float64)
	var calls []apitest.Misuse
	for what, change := range map[string]func(k *op.Kernel[float64]){
		"the zero value":           func(k *op.Kernel[float64]) { *k = op.Kernel[float64]{} },
		"no Forward":               func(k *op.Kernel[float64]) { k.Forward = nil },
		"a negative dimension":     func(k *op.Kernel[float64]) { k.Shape = tensor.Shape{-2, -2} },
		"Constant out of range":    func(k *op.Kernel[float64]) { k.Constant = []int{-1} },
		"PassThrough out of range": func(k *op.Kernel[float64]) { k.PassThrough = []int{1} },
		"PassThrough of another shape": func(k *op.Kernel[float64]) {
			k.PassThrough, k.Shape = []int{0},
				tensor.Shape{4}
		},
		"BackwardIgnores out of range": func(k *op.Kernel[float64]) { k.Memory.BackwardIgnores = []int{1} },
		"BackwardIgnores below Result": func(k *op.Kernel[float64]) { k.Memory.BackwardIgnores = []int{-2} },
		"a Buffer without a Slice":     func(k *op.Kernel[float64]) { k.Memory.Saved = buffer(3, nil) },
		"a Buffer of negative length": func(k *op.Kernel[float64]) {
			k.Memory.Scratch = buffer(-1,
				new([]float64))
		},
		"a Buffer that no memory holds": func(k *op.Kernel[float64]) {
			k.Memory.Saved = buffer(1<<50, new([]float64))
		},
		"a shape whose product overflows": func(k *op.Kernel[float64]) {
			k.Shape = tensor.Shape{1 << 40, 1 << 40}
		},
		"InPlace of another size": func(k *op.Kernel[float64]) {
			k.Memory.InPlace, k.Shape = true, tensor.Shape{2, 3}
		},
		"one Slice in different places": func(k *op.Kernel[float64]) {
			k.Memory.Saved, k.Memory.Scratch = buffer(3, shared), buffer(3, shared)
		},
	} {
		k := right
		change(&k)
		calls = append(calls, apitest.Wrong("Apply", what, func() error {
			_, err := op.Apply(k, x)
			return err
		}))
	}
	for what, operands := range map[string]G.Nodes{
		"no operand": nil, "a nil operand": {x, nil}, "the zero Node": {new(G.Node)},
		"another dtype": {G.NewMatrix(x.Graph(), tensor.Float32, G.WithName("narrow"), G.WithShape(2, 2))},
		"no shape":      {G.NewMatrix(x.Graph(), tensor.Float64, G.WithName("shapeless"))},
		"no graph":      {G.NewConstant(1.0)},
		"another graph": {x, matrix(G.NewGraph(), "y", 1, 2)},
	} {
		calls = append(calls, apitest.Wrong("Apply", what, func() error {
			_, err := op.Apply(right, operands...)
			return err
		}))
	}
	return calls
}

type gradFunc func(cost *G.Node, wrt ...*G.Node) (G.Nodes, error)

func programMisuses(g *G.ExprGraph, x *G.Node) []apitest.Misuse {
	scalar := G.NewScalar(g, tensor.Float64, G.WithName("s"))
	grad := func(what string, f gradFunc, cost *G.Node, wrt ...*G.Node) apitest.Misuse {
		return apitest.Wrong("Grad", what, func() error { _, err := f(cost, wrt...); return err })
	}
	calls := []apitest.Misuse{
		apitest.Wrong("Build", "a nil function", func() error { _, err := op.Build(nil); return err }),
		apitest.Wrong("NewProgram", "a nil function", func() error {
			_, err := op.NewProgram(nil)
			return err
		}),
		apitest.Wrong("Build", "a function that panics", func() error {
			_, err := op.Build(func(*G.ExprGraph) error { panic("the caller's") })
			return err
		}),
		apitest.Wrong("NewProgram", "a function that panics", func() error {
			_, err := op.NewProgram(func(*G.ExprGraph) (op.Outputs, error) { panic("the caller's") })
			return err
		}),
		apitest.Wrong("NewProgram", "an unknown plan", func() error {
			_, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
				return op.Outputs{Keep: G.Nodes{matrix(g, "x", 1, 2)}, Memory: 7}, nil
			})
			return err
		}),
		apitest.Wrong("NewProgram", "a leaf of nothing but constants", func() error {
			_, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
				one, two := G.NewConstant(1.0, G.In(g)), G.NewConstant(2.0, G.In(g))
				return op.Outputs{Keep: G.Nodes{G.Must(G.Add(one, two))}}, nil
			})
			return err
		}),
		apitest.Wrong("Program.Run", "nil", func() error { return (*op.Program)(nil).Run() }),
		apitest.Wrong("Program.Run", "the zero value", func() error { return new(op.Program).Run() }),
		apitest.Wrong("Program.Run", "a leaf without a value", func() error {
			p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
				empty := G.NewMatrix(g, tensor.Float64, G.WithName("x"), G.WithShape(2, 2))
				y, err := op.StopGradient(empty)
				return op.Outputs{Keep: G.Nodes{y}}, err
			})
			if err != nil {
				panic(err)
			}
			return p.Run()
		}),
		apitest.Wrong("Program.Run", "a leaf without a value, read by Gorgonia", func() error {
			p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
				empty := G.NewMatrix(g, tensor.Float64, G.WithName("x"), G.WithShape(2, 2))
				return op.Outputs{Keep: G.Nodes{G.Must(G.Tanh(empty))}}, nil
			})
			if err != nil {
				panic(err)
			}
			return p.Run()
		}),
		apitest.Harmless("Program.Grad", "nil", func() {
			(*op.Program)(nil).Grad(nil)
			new(op.Program).Grad(x)
		}),
		apitest.Harmless("Program.GradNode", "nil", func() {
			(*op.Program)(nil).GradNode(nil)
			new(op.Program).GradNode(x)
		}),
		apitest.Harmless("Program.Graph", "nil", func() { (*op.Program)(nil).Graph() }),
		apitest.Harmless("Program.Close", "nil", func() {
			(*op.Program)(nil).Close()
			new(op.Program).Close()
		}),
	}
	for name, f := range map[string]gradFunc{"": op.Grad, "fused, ": op.GradFused} {
		calls = append(calls,
			grad(name+"a nil cost", f, nil, x),
			grad(name+"the zero Node", f, new(G.Node), x),
			grad(name+"a cost without a graph", f, G.NewConstant(1.0), x),
			grad(name+"a matrix", f, x, x),
			grad(name+"nothing to differentiate by", f, scalar),
			grad(name+"a nil leaf", f, scalar, nil),
			grad(name+"a leaf of another graph", f, scalar, matrix(G.NewGraph(), "x", 1, 2)),
			grad(name+"a leaf it does not depend on", f, G.Must(G.Sum(x)), matrix(g, "z", 1, 2)),
		)
	}
	return calls
}

func TestMisuse(t *testing.T) {
	g := G.NewGraph()
	x := matrix(g, "x", 1, 2, 3, 4)
	pass := func(x ...*G.Node) (*G.Node, error) { return x[0], nil }
	byDtype := func(what string, n *G.Node, f32, f64 func(...*G.Node) (*G.Node, error)) apitest.Misuse {
		return apitest.Wrong("ByDtype", what, func() error { _, err := op.ByDtype(n, f32, f64); return err })
	}
	calls := append(kernelMisuses(x), programMisuses(g, x)...)
	port := func(n *G.Node) []op.Port { return []op.Port{{Name: "x", Node: n}} }
	for what, build := range map[string]func(g *G.ExprGraph, batch int) (op.Ports, error){
		"a nil function":         nil,
		"a function that panics": func(*G.ExprGraph, int) (op.Ports, error) { panic("the caller's") },
		"no ports":               func(*G.ExprGraph, int) (op.Ports, error) { return op.Ports{}, nil },
		"nil nodes": func(*G.ExprGraph, int) (op.Ports,
			error) {
			return op.Ports{Inputs: port(nil), Outputs: port(nil)}, nil
		},
		"another graph": func(*G.ExprGraph, int) (op.Ports,
			error) {
			return op.Ports{Inputs: port(x), Outputs: port(x)}, nil
		},
		"a scalar input": func(g *G.ExprGraph, _ int) (op.Ports, error) {
			n := G.NewScalar(g, tensor.Float64, G.WithName("s"))
			return op.Ports{Inputs: port(n), Outputs: port(n)}, nil
		},
		"no name": func(g *G.ExprGraph, batch int) (op.Ports, error) {
			n := G.NewMatrix(g, tensor.Float64, G.WithName("s"), G.WithShape(batch, 2))
			return op.Ports{Inputs: []op.Port{{Node: n}}, Outputs: port(n)}, nil
		},
	} {
		calls = append(calls, apitest.Wrong("Export", what, func() error {
			_, err := op.Export(op.ExportOptions{}, build)
			return err
		}))
	}
	calls = append(calls,
		byDtype("a nil node", nil, pass, pass),
		byDtype("the zero Node", new(G.Node), pass, pass),
		byDtype("integers", G.NewVector(g, tensor.Int, G.WithName("i"), G.WithShape(2)), pass, pass),
		byDtype("no functions", x, nil, nil),
		byDtype("a function that panics", x, pass,
			func(...*G.Node) (*G.Node, error) { panic("the caller's") }),
		apitest.Wrong("CheckDtype", "the zero Dtype", func() error { return op.CheckDtype(tensor.Dtype{}) }),
		apitest.Wrong("CheckDtype", "integers", func() error { return op.CheckDtype(tensor.Int) }),
		apitest.Wrong("CheckShape", "an empty axis",
			func() error { return op.CheckShape(tensor.Shape{2, 0}) }),
		apitest.Wrong("CheckShape", "too many elements",
			func() error { return op.CheckShape(tensor.Shape{op.MaxElements, 2}) }),
		apitest.Wrong("CheckNode", "nil", func() error { return op.CheckNode(nil) }),
		apitest.Wrong("CheckNode", "the zero Node", func() error { return op.CheckNode(new(G.Node)) }),
		apitest.Wrong("CheckNode", "no shape", func() error {
			return op.CheckNode(G.NewMatrix(g, tensor.Float64, G.WithName("shapeless")))
		}),
		apitest.Wrong("StopGradient", "nil", func() error { _, err := op.StopGradient(nil); return err }),
		apitest.Wrong("Elements", "nil", func() error { _, err := op.Elements[float32](nil); return err }),
		apitest.Wrong("Elements", "a nil tensor", func() error {
			_, err := op.Elements[float32]((*tensor.Dense)(nil))
			return err
		}),
		apitest.Wrong("Float64s", "nil", func() error { _, err := op.Float64s(nil); return err }),
		apitest.Wrong("Float64s", "a nil tensor", func() error {
			_, err := op.Float64s((*tensor.Dense)(nil))
			return err
		}),
		apitest.Wrong("Float64s", "integers", func() error {
			_, err := op.Float64s(tensor.New(tensor.WithBacking([]int{1, 2})))
			return err
		}),
		apitest.Wrong("Elements", "another dtype", func() error {
			_, err := op.Elements[float32](tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(2)))
			return err
		}),
		apitest.Wrong("NewHeads", "a matrix",
			func() error { _, err := op.NewHeads(tensor.Shape{2, 3}, 1); return err }),
		apitest.Wrong("NewHeads", "no shape", func() error { _, err := op.NewHeads(nil, 1); return err }),
		apitest.Wrong("HeadWidth", "no heads", func() error { _, err := op.HeadWidth(4, 0); return err }),
		apitest.Wrong("HeadWidth", "no divisor", func() error { _, err := op.HeadWidth(4, 3); return err }),
		apitest.Harmless("Heads.MapShape", "the zero value", func() { op.Heads{}.MapShape() }),
		apitest.Harmless("Heads.HeadWidth", "the zero value", func() { op.Heads{}.HeadWidth() }),
		apitest.Harmless("Flops", "a nil graph", func() { op.Flops(nil) }),
		apitest.Harmless("RowError.Error", "the zero value", func() { _ = new(op.RowError).Error() }),
		apitest.Harmless("RowError.Unwrap", "the zero value", func() { _ = errors.Unwrap(new(op.RowError)) }),
	)
	apitest.Check(t, ".", calls, map[string]string{
		"BLAS.Sgemm": "it panics where gonum's does: TestBLASPanicsAsGonum",
		"BLAS.Dgemm": "it panics where gonum's does: TestBLASPanicsAsGonum",
	})
}
