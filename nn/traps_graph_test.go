package nn_test

import (
	"fmt"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
)

func sameOperation(t *testing.T) {
	by := func(c float64) func(x *G.Node) (*G.Node, error) {
		return func(x *G.Node) (*G.Node, error) { return nn.ScaleBy(x, c) }
	}
	got, _ := compute[float64](t, twice(by(2), by(3)), values(tensor.Shape{2}, 5, 7))
	wantClose(t, "2x and 3x", got, 0, 10, 14, 15, 21)
	check(t, gradcheck.Config{}, func(x *G.Node) (*G.Node, error) { return twice(by(2), by(3))(nil, x) },
		normal(1, 3))
}

func gorgoniaSameOperation(t *testing.T) string {
	x := gradcheck.Leaf(G.NewGraph(), tensor.Float64, 0, normal(1, 2, 3))
	return merged(G.Must(G.SoftMax(x, 1)), G.Must(G.LogSoftMax(x, 1)))
}

func alikeTensors(t *testing.T) {
	const n = 1000
	got, _ := compute[float64](t, func(g *G.ExprGraph, in ...*G.Node) (*G.Node, error) {
		s := nn.NewScope(g, nn.NewStore(1))
		sum := in[0]
		// alike at both ends, which is all that is printed
		for name, middle := range map[string]float64{"a": 1, "b": 10} {
			p, err := s.Param(name, nn.ParamSpec{Shape: tensor.Shape{n}, Dtype: tensor.Float64,
				Init: nn.Constant(0)})
			if err != nil {
				return nil, err
			}
			p.Value().Data().([]float64)[n/2] = middle
			if sum, err = nn.Add(sum, p); err != nil {
				return nil, err
			}
		}
		return nn.Slice(sum, 0, n/2, n/2+1)
	}, values(tensor.Shape{n}, make([]float64, n)...))
	wantClose(t, "sum", got, 0, 11)
}

func gorgoniaAlikeTensors(t *testing.T) string {
	const n = 1000
	got, _ := compute[float64](t, func(_ *G.ExprGraph, in ...*G.Node) (*G.Node, error) {
		sum := in[0]
		for _, middle := range []float64{1, 2} {
			v := make([]float64, n)
			v[n/2] = middle
			var err error
			if sum, err = G.Add(sum,
				G.NewConstant(tensor.New(tensor.WithShape(n), tensor.WithBacking(v)))); err != nil {
				return nil, err
			}
		}
		return nn.Slice(sum, 0, n/2, n/2+1)
	}, values(tensor.Shape{n}, make([]float64, n)...))
	return differ(got, []float64{3})
}

func twoDtypes(t *testing.T) {
	g := G.NewGraph()
	scaled := make(G.Nodes, 2)
	for i, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		n, err := nn.ScaleBy(gradcheck.Leaf(g, dt, i, values(tensor.Shape{2}, 2, 4)), 2.5)
		if err != nil {
			t.Fatal(err)
		}
		scaled[i] = n
	}
	run(t, g)
	narrow, err := op.Elements[float32](scaled[0].Value())
	if err != nil {
		t.Fatal(err)
	}
	wantClose(t, "float32", narrow, 0, 5, 10)
	wantClose(t, "float64", scaled[1].Value().Data().([]float64), 0, 5, 10)
}

func gorgoniaTwoDtypes(t *testing.T) (wrong string) {
	g := G.NewGraph()
	defer func() {
		if r := recover(); r != nil {
			wrong = fmt.Sprint("it panics: ", r)
		}
	}()
	for i, c := range []*G.Node{G.NewConstant(float32(2.5)), G.NewConstant(2.5)} {
		if _, err := G.Mul(gradcheck.Leaf(g, c.Dtype(), i, values(tensor.Shape{2}, 2, 4)), c); err != nil {
			return errorText(err)
		}
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	return errorText(m.RunAll())
}

func fifthAxis(t *testing.T) {
	err := gradcheck.Check(gradcheck.Config{}, func(in ...*G.Node) (*G.Node,
		error) {
		return nn.Mul(in[0], in[1])
	},
		normal(1, 2, 1, 2, 2, 3), normal(2, 2, 1, 1, 2, 1))
	if err != nil {
		t.Error(err)
	}
}

func gorgoniaFifthAxis(t *testing.T) (wrong string) {
	defer func() {
		if r := recover(); r != nil {
			wrong = fmt.Sprint("it panics: ", r)
		}
	}()
	g := G.NewGraph()
	a := gradcheck.Leaf(g, tensor.Float64, 0, normal(1, 2, 1, 2, 2, 3))
	b := gradcheck.Leaf(g, tensor.Float64, 1, normal(2, 2, 1, 2, 2, 1))
	_, err := G.BroadcastAdd(a, b, nil, []byte{4})
	if err != nil {
		return errorText(err)
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	return errorText(m.RunAll())
}

func sharedMemory(t *testing.T) {
	st := nn.NewStore(1)
	leaves := make(G.Nodes, 2)
	for i := range leaves {
		g := G.NewGraph()
		s := nn.NewScope(g, st)
		if _, err := (nn.Linear{Out: 2}).Forward(s,
			gradcheck.Leaf(g, tensor.Float64, 0, normal(1, 2, 3))); err != nil {
			t.Fatal(err)
		}
		leaves[i] = s.Params()[0]
	}
	a, b := leaves[0].Value().(*tensor.Dense), leaves[1].Value().(*tensor.Dense)
	if a == b {
		t.Error("two graphs share one header")
	}
	if &a.Float64s()[0] != &b.Float64s()[0] {
		t.Error("two graphs do not share their weights")
	}
}

func secondGradient(t *testing.T) {
	g := G.NewGraph()
	x := gradcheck.Leaf(g, tensor.Float64, 0, normal(1, 3))
	for i, wrong := range []bool{false, true} {
		loss, err := nn.Sum(x)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := op.Grad(loss, x); (err != nil) != wrong {
			t.Errorf("gradient %d of the graph: error %v", i, err)
		}
	}
}

func gorgoniaSecondGradient(t *testing.T) string {
	g := G.NewGraph()
	x := gradcheck.Leaf(g, tensor.Float64, 0, normal(1, 3))
	square := G.Must(G.Square(x))
	var grads G.Nodes
	for _, cost := range []*G.Node{G.Must(G.Sum(square)), G.Must(G.Sum(G.Must(G.Tanh(square))))} {
		d, err := G.Grad(cost, x)
		if err != nil {
			t.Fatal(err)
		}
		grads = append(grads, d...)
	}
	return merged(grads[0], grads[1])
}

func staleRun(t *testing.T) {
	g := G.NewGraph()
	x := gradcheck.Leaf(g, tensor.Float64, 0, values(tensor.Shape{2}, 1, 2))
	y, err := nn.ScaleBy(x, 3)
	if err != nil {
		t.Fatal(err)
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	for _, first := range []float64{1, 10} {
		x.Value().Data().([]float64)[0] = first
		m.Reset()
		if err := m.RunAll(); err != nil {
			t.Fatal(err)
		}
		wantClose(t, "3x", y.Value().Data().([]float64), 0, 3*first, 6)
	}
}

func gorgoniaStaleRun(t *testing.T) string {
	g := G.NewGraph()
	x := gradcheck.Leaf(g, tensor.Float64, 0, values(tensor.Shape{2}, 1, 2))
	y := G.Must(G.Square(x))
	m := G.NewTapeMachine(g)
	defer m.Close()
	for _, first := range []float64{1, 10} {
		x.Value().Data().([]float64)[0] = first
		if err := m.RunAll(); err != nil {
			t.Fatal(err)
		}
	}
	return differ(y.Value().Data().([]float64)[0], 100.0)
}
