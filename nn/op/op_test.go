package op_test

import (
	"math"
	"strings"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
)

// product is x∘y∘y: two operands with different gradients, so that an exchange of the two shows.
func product[T op.Float](x ...*G.Node) (*G.Node, error) {
	return op.Apply(op.Kernel[T]{
		Name:  "Product",
		Shape: x[0].Shape(),
		Forward: func(out []T, in [][]T) error {
			for i, v := range in[0] {
				out[i] = v * in[1][i] * in[1][i]
			}
			return nil
		},
		Backward: func(din, in [][]T, _, dout []T) error {
			for i, g := range dout {
				x, y := in[0][i], in[1][i]
				if din[0] != nil {
					din[0][i] = g * y * y
				}
				if din[1] != nil {
					din[1][i] = g * 2 * x * y
				}
			}
			return nil
		},
	}, x...)
}

// total is Σx, a scalar.
func total[T op.Float](x ...*G.Node) (*G.Node, error) {
	return op.Apply(op.Kernel[T]{
		Name: "Total",
		Forward: func(out []T, in [][]T) error {
			out[0] = 0
			for _, v := range in[0] {
				out[0] += v
			}
			return nil
		},
		Backward: func(din, _ [][]T, _, dout []T) error {
			for i := range din[0] {
				din[0][i] = dout[0]
			}
			return nil
		},
	}, x...)
}

func must(t *testing.T) func(n *G.Node, err error) *G.Node {
	return func(n *G.Node, err error) *G.Node {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}

func matrix(g *G.ExprGraph, name string, v ...float64) *G.Node {
	return G.NewMatrix(g, tensor.Float64, G.WithShape(2, len(v)/2), G.WithName(name),
		G.WithValue(tensor.New(tensor.WithShape(2, len(v)/2), tensor.WithBacking(v))))
}

func run(t *testing.T, g *G.ExprGraph) {
	t.Helper()
	m := G.NewTapeMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
}

func elements(t *testing.T, v G.Value) []float64 {
	t.Helper()
	data, err := op.Elements[float64](v)
	if err != nil {
		t.Fatal(err)
	}
	return append([]float64{}, data...)
}

func wantValues(t *testing.T, what string, got []float64, want ...float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
	for i := range got {
		if math.Abs(got[i]-want[i]) > 1e-12 {
			t.Fatalf("%s: got %v, want %v", what, got, want)
		}
	}
}

func TestGradientsOfOneSweep(t *testing.T) {
	g := G.NewGraph()
	x, y := matrix(g, "x", 1, 2, 3, 4), matrix(g, "y", 5, -6, 7, 0.5)
	loss := must(t)(total[float64](must(t)(product[float64](x, y))))
	grads, err := op.Grad(loss, x, y)
	if err != nil {
		t.Fatal(err)
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	for range 3 { // the buffers are reused: the third run must equal the first
		if err := m.RunAll(); err != nil {
			t.Fatal(err)
		}
		wantValues(t, "loss", elements(t, loss.Value()), 25+72+147+1)
		wantValues(t, "dx", elements(t, grads[0].Value()), 25, 36, 49, 0.25)
		wantValues(t, "dy", elements(t, grads[1].Value()), 10, -24, 42, 4)
		wantValues(t, "x after the run", elements(t, x.Value()), 1, 2, 3, 4)
		m.Reset()
	}
}

func TestLispMachine(t *testing.T) {
	g := G.NewGraph()
	x, y := matrix(g, "x", 1, 2, 3, 4), matrix(g, "y", 5, -6, 7, 0.5)
	p := must(t)(product[float64](x, y))
	// y is used twice: its gradients must add
	must(t)(total[float64](must(t)(product[float64](p, y))))
	m := G.NewLispMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	dx, err := x.Grad()
	if err != nil {
		t.Fatal(err)
	}
	dy, err := y.Grad()
	if err != nil {
		t.Fatal(err)
	}
	wantValues(t, "dx", elements(t, dx), 625, 1296, 2401, 0.0625)
	wantValues(t, "dy", elements(t, dy), 4*125, 4*2*-216, 4*3*343, 4*4*0.125)
}

func TestPanicBecomesError(t *testing.T) {
	g := G.NewGraph()
	bad := op.Kernel[float64]{Name: "Bad", Shape: tensor.Shape{2, 2},
		Forward: func(out []float64, in [][]float64) error {
			out[len(out)] = 1
			return nil
		}}
	must(t)(op.Apply(bad, matrix(g, "x", 1, 2, 3, 4)))
	m := G.NewTapeMachine(g)
	defer m.Close()
	err := m.RunAll()
	if err == nil || !strings.Contains(err.Error(), "op: Bad: panic: ") {
		t.Fatalf("want the panic as an error that names the op, got %v", err)
	}
}

func TestStopSparesTheGradient(t *testing.T) {
	g := G.NewGraph()
	x, w := matrix(g, "x", 1, 2, 3, 4), matrix(g, "w", 5, -6, 7, 0.5)
	stopped := must(t)(op.StopGradient(x))
	swept := 0
	k := op.Kernel[float64]{
		Name: "Watched", Shape: tensor.Shape{2, 2},
		Forward: func(out []float64, in [][]float64) error { copy(out, in[1]); return nil },
		Backward: func(din, _ [][]float64, _, dout []float64) error {
			swept++
			if din[0] != nil {
				t.Error("a gradient was asked for behind Stop")
			}
			copy(din[1], dout)
			return nil
		},
	}
	loss := must(t)(total[float64](must(t)(op.Apply(k, stopped, w))))
	grads, err := op.Grad(loss, w)
	if err != nil {
		t.Fatal(err)
	}
	run(t, g)
	wantValues(t, "dw", elements(t, grads[0].Value()), 1, 1, 1, 1)
	if swept != 1 {
		t.Errorf("Backward ran %d times, want 1", swept)
	}
	if _, err := op.Grad(loss, x); err == nil {
		t.Error("a gradient through Stop must be an error")
	}
}

func TestSecondOrderIsAnError(t *testing.T) {
	g := G.NewGraph()
	x, y := matrix(g, "x", 1, 2, 3, 4), matrix(g, "y", 1, 1, 1, 2)
	loss := must(t)(total[float64](must(t)(product[float64](x, y))))
	grads, err := op.Grad(loss, x, y)
	if err != nil {
		t.Fatal(err)
	}
	for i, gr := range grads {
		second := must(t)(total[float64](gr))
		if _, err := op.Grad(second, x); !errors.Is(err, op.ErrSecondOrder) {
			t.Errorf("gradient %d: op.Grad of a gradient gave %v, want ErrSecondOrder", i, err)
		}
		if _, err := G.Grad(second, y); err == nil ||
			!strings.Contains(err.Error(), op.ErrSecondOrder.Error()) {
			t.Errorf("gradient %d: gorgonia.Grad of a gradient gave %v, want it to say %q",
				i, err, op.ErrSecondOrder)
		}
	}
}

func TestRefusals(t *testing.T) {
	g := G.NewGraph()
	x := matrix(g, "x", 1, 2, 3, 4)
	f32 := G.NewMatrix(g, tensor.Float32, G.WithShape(2, 2), G.WithName("narrow"))
	ints := G.NewMatrix(g, tensor.Int, G.WithShape(2, 2), G.WithName("count"))
	copying := func(out []float64, in [][]float64) error { copy(out, in[0]); return nil }
	apply := func(k op.Kernel[float64], in ...*G.Node) func() error {
		return func() error { _, err := op.Apply(k, in...); return err }
	}
	for _, c := range []struct {
		what, want string
		do         func() error
	}{
		{"no name", "needs a Name", apply(op.Kernel[float64]{Forward: copying}, x)},
		{"no operand", "at least one operand", apply(op.Kernel[float64]{Name: "Copy", Forward: copying})},
		{"nil operand", "operand 1: the node is nil",
			apply(op.Kernel[float64]{Name: "Copy", Forward: copying}, x, nil)},
		{"mixed dtypes", "operand 1 (narrow) is float32, want float64",
			apply(op.Kernel[float64]{Name: "Copy", Forward: copying}, x, f32)},
		{"shape", "dimension below 1",
			apply(op.Kernel[float64]{Name: "Copy", Shape: tensor.Shape{2, 0}, Forward: copying}, x)},
		{"constant", "out of range [0,1)",
			apply(op.Kernel[float64]{Name: "Copy", Shape: tensor.Shape{2, 2}, Forward: copying,
				Constant: []int{1}}, x)},
		{"int", "want float32 or float64", func() error { _, err := op.StopGradient(ints); return err }},
		{"nil", "operand 0: the node is nil", func() error { _, err := op.StopGradient(nil); return err }},
		{"no backward", "Copy has no gradient: it samples", func() error {
			n := must(t)(op.Apply(op.Kernel[float64]{Name: "Copy", Shape: tensor.Shape{2, 2},
				Forward: copying, Reason: "it samples"}, x))
			_, err := op.Grad(must(t)(total[float64](n)), x)
			return err
		}},
		{"not scalar", "want a scalar cost", func() error { _, err := op.Grad(x, x); return err }},
	} {
		if err := c.do(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want it to say %q", c.what, err, c.want)
		}
	}
}

func TestWrongValuesAreErrors(t *testing.T) {
	for _, c := range []struct {
		what, want string
		value      *tensor.Dense
	}{
		{"more rows", "built for 4 elements, the value has 6 (shape (3, 2))",
			tensor.New(tensor.WithShape(3, 2), tensor.Of(tensor.Float64))},
		{"float32", "built for float64, the value is float32",
			tensor.New(tensor.WithShape(2, 2), tensor.Of(tensor.Float32))},
	} {
		g := G.NewGraph()
		x := G.NewMatrix(g, tensor.Float64, G.WithShape(2, 2), G.WithName("x"))
		must(t)(op.StopGradient(x))
		if err := G.Let(x, c.value); err != nil {
			continue // refused earlier by Gorgonia itself
		}
		m := G.NewTapeMachine(g)
		if err := m.RunAll(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want it to say %q", c.what, err, c.want)
		}
		m.Close()
	}
}

func TestStridedOperandsAreRead(t *testing.T) {
	g := G.NewGraph()
	x := matrix(g, "x", 1, 2, 3, 4, 5, 6)
	column := must(t)(op.StopGradient(must(t)(G.Slice(x, nil, G.S(1)))))
	transposed := must(t)(op.StopGradient(must(t)(G.Transpose(x, 1, 0))))
	run(t, g)
	wantValues(t, "column 1", elements(t, column.Value()), 2, 5)
	wantValues(t, "transpose", elements(t, transposed.Value()), 1, 4, 2, 5, 3, 6)
}
