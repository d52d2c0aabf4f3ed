package qlayer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/apitest"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// functions are the exported functions of the package, and types those with exported methods.
var (
	functions = map[string]any{
		"Brick": qlayer.Brick, "Butterfly": qlayer.Butterfly, "Entangling": qlayer.Entangling,
		"Figures": qlayer.Figures, "HardwareEfficient": qlayer.HardwareEfficient,
		"IdentityBlocks": qlayer.IdentityBlocks, "MERA": qlayer.MERA, "Mirrored": qlayer.Mirrored,
		"Product": qlayer.Product, "Pyramid": qlayer.Pyramid, "RealAmplitudes": qlayer.RealAmplitudes,
		"Reuploading": qlayer.Reuploading, "SmallAngles": qlayer.SmallAngles,
		"StronglyEntangling": qlayer.StronglyEntangling, "TreeTensor": qlayer.TreeTensor,
		"UniformAngles": qlayer.UniformAngles,
	}
	types = map[string]reflect.Type{
		"Amplitude": reflect.TypeFor[qlayer.Amplitude](), "Angle": reflect.TypeFor[qlayer.Angle](),
		"Attention": reflect.TypeFor[qlayer.Attention](), "Basis": reflect.TypeFor[qlayer.Basis](),
		"Circuit": reflect.TypeFor[qlayer.Circuit](), "DenseAngle": reflect.TypeFor[qlayer.DenseAngle](),
		"Figure": reflect.TypeFor[qlayer.Figure](), "Hadamard": reflect.TypeFor[qlayer.Hadamard](),
		"IQP": reflect.TypeFor[qlayer.IQP](), "Orthogonal": reflect.TypeFor[qlayer.Orthogonal](),
		"Quanvolution":          reflect.TypeFor[qlayer.Quanvolution](),
		"ReuploadingClassifier": reflect.TypeFor[qlayer.ReuploadingClassifier](),
		"Swap":                  reflect.TypeFor[qlayer.Swap](), "Unary": reflect.TypeFor[qlayer.Unary](),
	}
)

// misbehaving is an encoder that returns what it holds.
type misbehaving struct {
	psi, data *G.Node
	circuit   *circuit.Circuit
	inputs    qops.Inputs
}

func (m misbehaving) Encode(*nn.Scope, *G.Node) (psi, data *G.Node, err error) {
	return m.psi, m.data, nil
}

// byCircuit is a CircuitEncoder that returns what it holds.
type byCircuit struct{ misbehaving }

func (m byCircuit) EncodingCircuit(*G.Node) (*circuit.Circuit, qops.Inputs, error) {
	return m.circuit, m.inputs, nil
}

// pool has values of each type, to be drawn from.
type pool map[reflect.Type][]reflect.Value

func add[T any](p pool, values ...T) {
	for _, v := range values {
		p[reflect.TypeFor[T]()] = append(p[reflect.TypeFor[T]()], reflect.ValueOf(&v).Elem())
	}
}

// draw returns a value of the type, of a struct one with fields that are drawn.
func (p pool) draw(t *testing.T, r *rand.Rand, typ reflect.Type) reflect.Value {
	t.Helper()
	if choices := p[typ]; len(choices) > 0 {
		return choices[r.IntN(len(choices))]
	}
	if typ.Kind() != reflect.Struct {
		t.Fatalf("no values of type %v", typ)
	}
	v := reflect.New(typ).Elem()
	for i := range typ.NumField() {
		if typ.Field(i).IsExported() && r.IntN(2) == 0 {
			v.Field(i).Set(p.draw(t, r, typ.Field(i).Type))
		}
	}
	return v
}

// wrongValues returns what a user gets wrong, among some that is right.
func wrongValues() (pool, *G.ExprGraph) {
	p, g := pool{}, G.NewGraph()
	leaf := func(dt tensor.Dtype, shape ...int) *G.Node {
		name := fmt.Sprint("x", len(g.AllNodes()))
		return G.NewTensor(g, dt, len(shape), G.WithShape(shape...), G.WithName(name), G.WithInit(G.Ones()))
	}
	x := leaf(tensor.Float64, 2, 4)
	psi, other := leaf(tensor.Float64, 2, 4, 2), leaf(tensor.Float64, 3, 4, 2)
	add(p, nil, G.NewScalar(g, tensor.Float64, G.WithName("s"), G.WithValue(1.5)), leaf(tensor.Float64, 3), x,
		x,
		leaf(tensor.Float64, 2, 1), leaf(tensor.Float64, 2, 64), leaf(tensor.Float64, 2, 3, 8),
		leaf(tensor.Float64, 1, 1, 4), leaf(tensor.Float64, 2, 1, 4, 4), leaf(tensor.Float64, 1, 2, 3, 4),
		leaf(tensor.Float32, 2, 3, 4), leaf(tensor.Int, 2, 4), psi)
	add(p, -1, 0, 1, 1, 2, 3, 33)
	add(p, 0.0, -1, math.NaN(), 0.5)
	add(p, false, true)
	add(p, "", "name")
	empty := func(int) *circuit.Circuit { return nil }
	broken := func(n int) *circuit.Circuit { return circuit.New(n).CX(0, 0) }
	sized := func(int) *circuit.Circuit { return circuit.New(3).RX(1, circuit.Theta(0)) }
	zero := func(int) *circuit.Circuit { return &circuit.Circuit{} }
	skipping := func(n int) *circuit.Circuit {
		return circuit.New(n).RX(0, circuit.Theta(5)).RBS(0, 1,
			circuit.Theta(0))
	}
	add[qlayer.Ansatz](p, nil, empty, broken, sized, zero, skipping, again, qlayer.Entangling(1),
		qlayer.Pyramid(),
		qlayer.RealAmplitudes(2), qlayer.Mirrored(1, nil), qlayer.Brick(-3), qlayer.Product(0))
	two, trained := circuit.New(2).RX(0, circuit.Data(0)), circuit.New(2).RX(0, circuit.Theta(0))
	add[qlayer.Encoder](p, nil, qlayer.Angle{}, qlayer.Angle{Axis: 9}, qlayer.DenseAngle{}, qlayer.Basis{},
		qlayer.IQP{},
		qlayer.IQP{Layers: -1}, qlayer.Amplitude{}, qlayer.Amplitude{Qubits: -1},
		qlayer.Amplitude{Qubits: 99},
		qlayer.Amplitude{Normalize: 9}, misbehaving{}, misbehaving{psi: x},
		misbehaving{psi: psi, data: other},
		misbehaving{psi: other}, byCircuit{}, byCircuit{misbehaving{circuit: two}},
		byCircuit{misbehaving{circuit: two, inputs: qops.Inputs{Data: psi}}},
		byCircuit{misbehaving{circuit: trained, inputs: qops.Inputs{Theta: x}}},
		byCircuit{misbehaving{circuit: circuit.New(2), inputs: qops.Inputs{Theta: x, X: x}}},
		byCircuit{misbehaving{circuit: &circuit.Circuit{}, inputs: qops.Inputs{X: x}}},
		byCircuit{misbehaving{circuit: circuit.New(99), inputs: qops.Inputs{X: x}}},
		byCircuit{misbehaving{circuit: circuit.New(2), inputs: qops.Inputs{X: other}}})
	fails := errors.New("the caller's")
	add(p, qops.Measurement{}, qops.Paulis("Q"), qops.Paulis("XZ", 99), qops.Purity(), qops.Probabilities(0),
		qops.MeasureFunc(nil), qops.MeasureFunc(func(*G.Node) (*G.Node, error) { return nil, nil }),
		qops.MeasureFunc(func(*G.Node) (*G.Node, error) { return nil, fails }),
		qops.MeasureFunc(func(psi *G.Node) (*G.Node, error) { return psi, nil }),
		qops.NewMeasurement("", nil, nil))
	add(p, qops.Adjoint, qops.Adjoint, qops.ParameterShift, qops.Gradient(-1), qops.Gradient(7))
	add(p, qops.ScoreOverlap, qops.ScoreSigned, qops.ScoreRowNormalized, qops.ScoreKind(-1),
		qops.ScoreKind(9))
	add(p, qops.NormalizeRows, qops.NormalizeImage, qops.NormalizeNone, qops.Normalize(9))
	add(p, qlayer.AxisX, qlayer.AxisZ, qlayer.Axis(-1))
	add[nn.Init](p, nil, nn.Normal(1), qlayer.IdentityBlocks(math.NaN()), qlayer.SmallAngles(-9))
	returns := func(n *G.Node) nn.Layer {
		return nn.Func(func(*nn.Scope, *G.Node) (*G.Node, error) { return n, nil })
	}
	add[nn.Layer](p, nil, nn.Linear{Out: 2}, nn.Linear{Out: -1}, returns(nil), returns(x), returns(psi),
		qlayer.Circuit{}, qlayer.Circuit{Ansatz: entangling})
	add(p, nil, &nn.Store{}, nn.NewStore(1))
	add(p, nil, circuit.New(2), two, trained)
	add(p, nil, []float64{}, []float64{math.NaN(), 1})
	add(p, nil, []qlayer.Register{{"ancilla", 1}, {"nothing", 0}, {"minus", -1}, {"data", 3}})
	return p, g
}

// newScopes gives the pool new Scopes: what asks for a parameter twice in one is refused.
func (p pool) newScopes(g *G.ExprGraph) {
	delete(p, reflect.TypeFor[*nn.Scope]())
	add(p, nil, &nn.Scope{}, nn.NewScope(g, nil), nn.NewScope(nil, nn.NewStore(1)),
		nn.NewScope(g, &nn.Store{}),
		nn.NewScope(g, nn.NewStore(1)), nn.NewScope(g, nn.NewStore(1)), nn.NewScope(g, nn.NewStore(1)))
}

// TestNothingPanics calls every exported function and method with values that a user gets wrong, and runs the
// nodes that they make and the circuits of the ansätze.
func TestNothingPanics(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	made := map[string]int{}
	for _, name := range apitest.Functions(t, ".") {
		p, g := wrongValues()
		for i := 0; i < 400 || made[name] == 0 && i < 4000; i++ {
			p.newScopes(g)
			before := len(g.AllNodes())
			f, receiver := find(t, name)
			if call(t, name, f, receiver, p, r) {
				made[name]++
			}
			if len(g.AllNodes()) > before {
				mustNotPanic(t, name, g)
				p, g = wrongValues()
			}
		}
		if made[name] == 0 {
			t.Errorf("%s has never succeeded: the values are all wrong", name)
		}
	}
}

// find returns a function of the package, or a method and the type of its receiver.
func find(t *testing.T, name string) (f reflect.Value, receiver reflect.Type) {
	t.Helper()
	if f := functions[name]; f != nil {
		return reflect.ValueOf(f), nil
	}
	typ, method, _ := strings.Cut(name, ".")
	if receiver = types[typ]; receiver == nil {
		t.Fatalf("%s is not among the functions and types of this test", name)
	}
	m, _ := receiver.MethodByName(method)
	return m.Func, receiver
}

// call calls f with values from the pool, and wants a result or an error. It returns whether there was no
// error.
func call(t *testing.T, name string, f reflect.Value, receiver reflect.Type, p pool, r *rand.Rand) bool {
	t.Helper()
	var in []reflect.Value
	defer func() {
		if problem := recover(); problem != nil {
			t.Errorf("%s%+v panics: %v", name, in, problem)
		}
	}()
	for i := range f.Type().NumIn() {
		in = append(in, p.draw(t, r, f.Type().In(i)))
	}
	out := f.Call(in)
	last := out[len(out)-1]
	if err, ok := last.Interface().(error); ok && err != nil {
		return false
	}
	if first := out[0]; first.Kind() == reflect.Pointer && first.IsNil() {
		t.Errorf("%s%+v returns neither a result nor an error", name, in)
	}
	if a, ok := out[0].Interface().(qlayer.Ansatz); ok {
		for _, n := range []int{-1, 0, 1, 2, 5, 33} {
			if c := a(n); c != nil {
				_ = c.String()
			}
		}
	}
	return true
}

// mustNotPanic runs a graph: an error is right, but not a panic that a node turned into one.
func mustNotPanic(t *testing.T, name string, g *G.ExprGraph) {
	t.Helper()
	m := G.NewTapeMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil && strings.Contains(err.Error(), "panic") {
		t.Errorf("%s: the run panics: %v", name, err)
	}
}
