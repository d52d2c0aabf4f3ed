package qops_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops/circuit"
)

// function is anything that makes a node of nodes.
type function func(in ...*G.Node) (*G.Node, error)

// evaluate returns what f makes of the inputs, and the error of building or running it.
func evaluate[T op.Float](f function, inputs ...*tensor.Dense) ([]T, tensor.Shape, error) {
	g := G.NewGraph()
	leaves := make(G.Nodes, len(inputs))
	for i, v := range inputs {
		leaves[i] = gradcheck.Leaf(g, op.DtypeOf[T](), i, v)
	}
	out, err := f(leaves...)
	if err != nil {
		return nil, nil, err
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		return nil, nil, err
	}
	data, err := op.Elements[T](out.Value())
	return slices.Clone(data), out.Shape(), err
}

func mustEvaluate(t *testing.T, f function, inputs ...*tensor.Dense) []float64 {
	t.Helper()
	v, _, err := evaluate[float64](f, inputs...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// random returns a tensor of normal numbers.
func random(seed uint64, shape ...int) *tensor.Dense {
	r := rand.New(rand.NewPCG(seed, 7))
	v := make([]float64, tensor.Shape(shape).TotalSize())
	for i := range v {
		v[i] = r.NormFloat64()
	}
	return tensorOf(v, shape...)
}

func tensorOf(v []float64, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v))
}

// wave returns the tensor of sin(step·i + shift), as docs/peers/attention_golden.py makes it.
func wave(step, shift float64, shape ...int) *tensor.Dense {
	v := make([]float64, tensor.Shape(shape).TotalSize())
	for i := range v {
		v[i] = math.Sin(step*float64(i) + shift)
	}
	return tensorOf(v, shape...)
}

// near fails unless every number of got is that of want to within tol.
func near(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d numbers, want %d", what, len(got), len(want))
	}
	for i := range want {
		if d := math.Abs(got[i] - want[i]); !(d <= tol) {
			t.Fatalf("%s, element %d: got %.15g, want %.15g (off by %.2g)", what, i, got[i], want[i], d)
		}
	}
}

// layered returns a circuit of layers of RY, with RZ behind each if it is complex, and a ring of CX.
func layered(qubits, layers int, complex bool) *circuit.Circuit {
	c := circuit.New(qubits)
	next := 0
	angle := func() circuit.Angle { next++; return circuit.Theta(next - 1) }
	for range layers {
		for q := range qubits {
			c.RY(q, angle())
			if complex {
				c.RZ(q, angle())
			}
		}
		for q := 0; q < qubits && qubits > 1; q++ {
			c.CX(q, (q+1)%qubits)
		}
	}
	return c
}

func widen[T op.Float](x []T) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// gradients returns the gradients of the sum of f's result by the inputs.
func gradients(t *testing.T, f function, inputs ...*tensor.Dense) [][]float64 {
	t.Helper()
	g := G.NewGraph()
	leaves := make(G.Nodes, len(inputs))
	for i, v := range inputs {
		leaves[i] = gradcheck.Leaf(g, tensor.Float64, i, v)
	}
	out, err := f(leaves...)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := G.Sum(out)
	if err != nil {
		t.Fatal(err)
	}
	grads, err := op.Grad(sum, leaves...)
	if err != nil {
		t.Fatal(err)
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	all := make([][]float64, len(grads))
	for i, n := range grads {
		v, err := op.Elements[float64](n.Value())
		if err != nil {
			t.Fatal(err)
		}
		all[i] = slices.Clone(v)
	}
	return all
}

// wantError fails unless building or running f on the inputs gives an error that says want, and takes no
// memory to speak of.
func wantError(t *testing.T, name, want string, f function, inputs ...*tensor.Dense) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	defer func() {
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s: the error comes after an allocation of %d bytes", name, n)
		}
	}()
	if _, _, err := evaluate[float64](f, inputs...); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got error %v, want it to say %q", name, err, want)
	}
}

// tangled returns an unsymmetric complex circuit of many kinds of gates with shared, scaled and shifted
// angles: 3 of theta, no data.
func tangled(qubits int) *circuit.Circuit {
	last := qubits - 1
	c := circuit.New(qubits).H(0).T(last).RX(0, circuit.Theta(2).Plus(0.7)).CRY(last, 0, circuit.Theta(1))
	c.RZ(last, circuit.Theta(0).Times(-0.5).Plus(0.3)).CX(0, last).U(0, circuit.Theta(0), circuit.Const(0.4),
		circuit.Theta(2))
	return c.RXX(0, last, circuit.Theta(1).Times(1.5)).ISwap(last, 0).RY(0, circuit.Theta(1))
}
