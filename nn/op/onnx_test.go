package op_test

import (
	"strings"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/onnxtest"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/onnx"
	"github.com/hqvit/hqvit/nn/op"
)

// exportOf exports a function of one input (B, width).
func exportOf(width int, f func(x *G.Node) (*G.Node, error)) (*onnx.Model, error) {
	return op.Export(op.ExportOptions{}, func(g *G.ExprGraph, batch int) (op.Ports, error) {
		x := G.NewMatrix(g, tensor.Float64, G.WithShape(batch, width), G.WithName("x"))
		y, err := f(x)
		return op.Ports{Inputs: []op.Port{{Name: "x", Node: x}}, Outputs: []op.Port{{Name: "y", Node: y}}}, err
	})
}

// leaf returns a constant of the graph of x.
func leaf(x *G.Node, name string, values ...float64) *G.Node {
	v := tensor.New(tensor.WithShape(len(values)), tensor.WithBacking(values))
	return G.NewVector(x.Graph(), tensor.Float64, G.WithShape(len(values)), G.WithName(name), G.WithValue(v))
}

// runExported returns y of an exported model, and the model.
func runExported(t *testing.T, m *onnx.Model, x onnxtest.Tensor) (onnxtest.Tensor, *onnxtest.Model) {
	t.Helper()
	read, err := onnxtest.Read(m.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	out, err := read.Run(map[string]onnxtest.Tensor{"x": x})
	if err != nil {
		t.Fatal(err)
	}
	return out["y"], read
}

// What depends on parameters alone is one constant; a parameter that is read as it is keeps its name, frozen
// or not.
func TestExportFolds(t *testing.T) {
	m, err := exportOf(2, func(x *G.Node) (*G.Node, error) {
		a, b := leaf(x, "a", 2, 3), leaf(x, "b", 5, 7)
		product, err := nn.Mul(a, b)
		if err != nil {
			return nil, err
		}
		product = G.Must(G.Square(product)) // Gorgonia's own is fine among constants
		frozen, err := op.StopGradient(b)
		if err != nil {
			return nil, err
		}
		y, err := nn.Mul(x, product)
		if err != nil {
			return nil, err
		}
		return nn.Add(y, frozen)
	})
	if err != nil {
		t.Fatal(err)
	}
	y, read := runExported(t, m, onnxtest.Tensor{Shape: []int{1, 2}, Data: []float64{1, -1}})
	onnxtest.Compare(t, y, onnxtest.Tensor{Shape: []int{1, 2}, Data: []float64{105, -434}}, 1e-6)
	if _, kept := read.Initializers["b"]; !kept || len(read.Initializers) != 2 || len(read.Nodes) != 2 {
		t.Errorf("initializers %v, %d nodes; want b and a constant, and 2", read.Order, len(read.Nodes))
	}
}

// Sizes that the primes divide, the batch on another axis, and the batch summed away are right.
func TestExportOfBatches(t *testing.T) {
	for name, c := range map[string]struct {
		width int
		f     func(x *G.Node) (*G.Node, error)
		want  func(batch int) []int
	}{
		"61 and 67": {61 * 67, func(x *G.Node) (*G.Node, error) {
			return nn.Reshape(x, x.Shape()[0], 67, 61)
		}, func(b int) []int { return []int{b, 67, 61} }},
		"rows joined": {6, func(x *G.Node) (*G.Node, error) {
			return nn.Reshape(x, 3*x.Shape()[0], 2)
		}, func(b int) []int { return []int{3 * b, 2} }},
		"batch last": {6, func(x *G.Node) (*G.Node, error) {
			y, err := nn.Transpose(x)
			if err != nil {
				return nil, err
			}
			return nn.Reshape(y, 2, 3, x.Shape()[0])
		}, func(b int) []int { return []int{2, 3, b} }},
		"no batch": {6, func(x *G.Node) (*G.Node, error) { return nn.Mean(x, 0) },
			func(int) []int { return []int{6} }},
		"sum": {6, nn.Sum, func(int) []int { return nil }},
		"itself": {6, func(x *G.Node) (*G.Node, error) { return x, nil },
			func(b int) []int { return []int{b, 6} }},
	} {
		m, err := exportOf(c.width, c.f)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, batch := range []int{1, 4, 61} {
			x := onnxtest.Tensor{Shape: []int{batch, c.width}, Data: make([]float64, batch*c.width)}
			for i := range x.Data {
				x.Data[i] = float64(i % 17)
			}
			g := G.NewGraph()
			in := G.NewMatrix(g, tensor.Float64, G.WithShape(batch, c.width), G.WithName("x"),
				G.WithValue(tensor.New(tensor.WithShape(batch, c.width),
					tensor.WithBacking(append([]float64{}, x.Data...)))))
			out, err := c.f(in)
			if err != nil {
				t.Fatal(err)
			}
			machine := G.NewTapeMachine(g)
			if err := machine.RunAll(); err != nil {
				t.Fatal(err)
			}
			want, err := op.Elements[float64](out.Value())
			if err != nil {
				t.Fatal(err)
			}
			y, _ := runExported(t, m, x)
			onnxtest.Compare(t, y, onnxtest.Tensor{Shape: c.want(batch), Data: want}, 1e-6)
			machine.Close()
		}
	}
}

// strange is a kernel with that form.
func strange(form func(b *onnx.Builder, in []onnx.Value) onnx.Value) func(x *G.Node) (*G.Node, error) {
	return func(x *G.Node) (*G.Node, error) {
		return op.Apply(op.Kernel[float64]{
			Name: "Strange", Shape: x.Shape(), ONNX: form,
			Forward: func(out []float64, in [][]float64) error { copy(out, in[0]); return nil },
		}, x)
	}
}

// Every reason why a graph cannot be exported names the node.
func TestExportRefuses(t *testing.T) {
	for want, f := range map[string]func(x *G.Node) (*G.Node, error){
		"another function for another batch size: ScaleBy": func(x *G.Node) (*G.Node, error) {
			return nn.ScaleBy(x, 1/float64(x.Shape()[0]))
		},
		"another function for another batch size: Slice": func(x *G.Node) (*G.Node, error) {
			return nn.Slice(x, 0, 1, x.Shape()[0])
		},
		"another function for another batch size: ScaleBy: operator Mul_2": func(x *G.Node) (*G.Node, error) {
			y, err := x, error(nil)
			for range x.Shape()[0] % 10 {
				if y, err = nn.ScaleBy(y, 2); err != nil {
					return nil, err
				}
			}
			return y, nil
		},
		"two axes of the result grow with the batch": func(x *G.Node) (*G.Node, error) {
			t, err := nn.Transpose(x)
			if err != nil {
				return nil, err
			}
			square, err := nn.MatMul(x, t)
			if err != nil {
				return nil, err
			}
			return nn.Reshape(square, 1, 1, x.Shape()[0], x.Shape()[0])
		},
		"an operation of Gorgonia's own has no ONNX form": func(x *G.Node) (*G.Node, error) { return G.Tanh(x) },
		"Strange has no ONNX form":                        strange(nil),
		"Strange: the form has the shape": strange(func(b *onnx.Builder, in []onnx.Value) onnx.Value {
			return b.Mean(in[0], false, 1)
		}),
		"panic": strange(func(*onnx.Builder, []onnx.Value) onnx.Value { panic("at once") }),
		"Strange: no such thing": strange(func(b *onnx.Builder, in []onnx.Value) onnx.Value {
			b.Fail(errors.New("no such thing"))
			return in[0]
		}),
		"leaf mask has no value": func(x *G.Node) (*G.Node, error) {
			return nn.Add(x, G.NewVector(x.Graph(), tensor.Float64, G.WithShape(6), G.WithName("mask")))
		},
		`output "y" depends on no input`: func(x *G.Node) (*G.Node,
			error) {
			return nn.ScaleBy(leaf(x, "a", 1), 2)
		},
		"no such layer": func(*G.Node) (*G.Node, error) {
			return nil,
				errors.New("no such layer")
		},
	} {
		if _, err := exportOf(6, f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	for _, o := range []op.ExportOptions{{Opset: 16}, {Opset: -1}, {Opset: 1000}} {
		_, err := op.Export(o, func(g *G.ExprGraph, batch int) (op.Ports, error) {
			x := G.NewMatrix(g, tensor.Float64, G.WithShape(batch, 2), G.WithName("x"))
			return op.Ports{Inputs: []op.Port{{Name: "x", Node: x}}, Outputs: []op.Port{{Name: "y", Node: x}}}, nil
		})
		if err == nil || !strings.Contains(err.Error(), "want opset 17 to") {
			t.Errorf("opset %d: %v", o.Opset, err)
		}
	}
	if _, err := op.Export(op.ExportOptions{}, nil); err == nil {
		t.Error("no error for a nil function")
	}
	if _, err := op.Export(op.ExportOptions{}, func(*G.ExprGraph, int) (op.Ports, error) {
		return op.Ports{},
			nil
	}); err == nil {
		t.Error("no error for no ports")
	}
}
