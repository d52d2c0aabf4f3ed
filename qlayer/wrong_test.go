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
	"github.com/hqvit/hqvit/qops/mitigate"
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
		"UniformAngles": qlayer.UniformAngles, "Shots": qlayer.Shots,
	}
	types = map[string]reflect.Type{
		"Amplitude": reflect.TypeFor[qlayer.Amplitude](), "Angle": reflect.TypeFor[qlayer.Angle](),
		"Attention": reflect.TypeFor[qlayer.Attention](), "Basis": reflect.TypeFor[qlayer.Basis](),
		"Circuit": reflect.TypeFor[qlayer.Circuit](), "DenseAngle": reflect.TypeFor[qlayer.DenseAngle](),
		"Figure": reflect.TypeFor[qlayer.Figure](), "Hadamard": reflect.TypeFor[qlayer.Hadamard](),
		"IQP": reflect.TypeFor[qlayer.IQP](), "Orthogonal": reflect.TypeFor[qlayer.Orthogonal](),
		"QSANN": reflect.TypeFor[qlayer.QSANN](), "ZDistance": reflect.TypeFor[qlayer.ZDistance](),
		"ZDot": reflect.TypeFor[qlayer.ZDot](), "QMSAN": reflect.TypeFor[qlayer.QMSAN](),
		"QKSAN": reflect.TypeFor[qlayer.QKSAN](), "QCSAM": reflect.TypeFor[qlayer.QCSAM](),
		"QPSAN": reflect.TypeFor[qlayer.QPSAN](), "AnglePasses": reflect.TypeFor[qlayer.AnglePasses](),
		"RBSPatchwise":          reflect.TypeFor[qlayer.RBSPatchwise](),
		"RBSAttention":          reflect.TypeFor[qlayer.RBSAttention](),
		"RBSCompound":           reflect.TypeFor[qlayer.RBSCompound](),
		"DoublyStochastic":      reflect.TypeFor[qlayer.DoublyStochastic](),
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
	encode    func(x *G.Node) (*G.Node, error) // in place of psi
}

func (m misbehaving) Encode(_ *nn.Scope, x *G.Node) (psi, data *G.Node, err error) {
	if m.encode != nil {
		psi, err = m.encode(x)
		return psi, nil, err
	}
	return m.psi, m.data, nil
}

// oneState encodes the first row of x alone, without the batch axis.
func oneState(x *G.Node) (*G.Node, error) {
	row, err := nn.Slice(x, 0, 0, 1)
	if err != nil {
		return nil, err
	}
	if row, err = nn.Reshape(row, x.Shape()[1]); err != nil {
		return nil, err
	}
	return qops.EncodeAmplitude(row, qops.EncodeOptions{})
}

// panicking is an ansatz of the caller's, panickingNode a function of a node.
func panicking(int) *circuit.Circuit { panic("the caller's") }

func panickingNode(*G.Node) (*G.Node, error) { panic("the caller's") }

// byCircuit is a CircuitEncoder that returns what it holds.
type byCircuit struct{ misbehaving }

func (m byCircuit) EncodingCircuit(*G.Node) (*circuit.Circuit, qops.Inputs, error) {
	return m.circuit, m.inputs, nil
}

// wrongValues returns what a user gets wrong, among some that is right.
func wrongValues() (apitest.Pool, *G.ExprGraph) {
	p, g := apitest.Pool{}, G.NewGraph()
	leaf := func(dt tensor.Dtype, shape ...int) *G.Node {
		name := fmt.Sprint("x", len(g.AllNodes()))
		return G.NewTensor(g, dt, len(shape), G.WithShape(shape...), G.WithName(name), G.WithInit(G.Ones()))
	}
	x := leaf(tensor.Float64, 2, 4)
	psi, other := leaf(tensor.Float64, 2, 4, 2), leaf(tensor.Float64, 3, 4, 2)
	apitest.Put(p, nil, G.NewScalar(g, tensor.Float64, G.WithName("s"), G.WithValue(1.5)),
		leaf(tensor.Float64, 3), x,
		x,
		leaf(tensor.Float64, 2, 1), leaf(tensor.Float64, 2, 64), leaf(tensor.Float64, 2, 3, 8),
		leaf(tensor.Float64, 1, 1, 4), leaf(tensor.Float64, 2, 1, 4, 4), leaf(tensor.Float64, 1, 2, 3, 4),
		leaf(tensor.Float32, 2, 3, 4), leaf(tensor.Int, 2, 4), psi)
	apitest.Put(p, -1, 0, 1, 1, 2, 3, 33)
	apitest.Put(p, 0.0, -1, math.NaN(), 0.5)
	apitest.Put(p, false, true)
	apitest.Put(p, "", "name")
	apitest.Put[qops.Compile](p, nil, func(c *circuit.Circuit) (*circuit.Noisy, []int, error) {
		noisy, err := circuit.Noise{}.Apply(c)
		return noisy, []int{0, 1}, err
	}, func(*circuit.Circuit) (*circuit.Noisy, []int, error) { panic("the caller's") })
	apitest.Put(p, nil, make([]circuit.NoiseRule, 1), noiseOf("bit-flip=0.1").After)
	apitest.Put(p, nil, make([]circuit.IdleRule, 1), noiseOf("idle:bit-flip=0.1").Idle)
	apitest.Put(p, nil, circuit.Durations(nil), func(circuit.Operation) (float64, error) { return 1, nil })
	apitest.Put(p, nil, make([]circuit.Confusion, 2), []circuit.Confusion{{P10: 3}},
		noiseOf("readout=0.1").Readout)
	empty := func(int) *circuit.Circuit { return nil }
	broken := func(n int) *circuit.Circuit { return circuit.New(n).CX(0, 0) }
	sized := func(int) *circuit.Circuit { return circuit.New(3).RX(1, circuit.Theta(0)) }
	zero := func(int) *circuit.Circuit { return &circuit.Circuit{} }
	skipping := func(n int) *circuit.Circuit {
		return circuit.New(n).RX(0, circuit.Theta(5)).RBS(0, 1,
			circuit.Theta(0))
	}
	apitest.Put[qlayer.Ansatz](p, nil, empty, broken, sized, zero, skipping, again, qlayer.Entangling(1),
		qlayer.Pyramid(), panicking, qlayer.Entangling(1<<40), qlayer.Mirrored(1, panicking),
		qlayer.RealAmplitudes(2), qlayer.Mirrored(1, nil), qlayer.Brick(-3), qlayer.Product(0))
	two, trained := circuit.New(2).RX(0, circuit.Data(0)), circuit.New(2).RX(0, circuit.Theta(0))
	apitest.Put[qlayer.Encoder](p, nil, qlayer.Angle{}, qlayer.Angle{Axis: 9}, qlayer.DenseAngle{},
		qlayer.Basis{},
		qlayer.IQP{},
		qlayer.IQP{Layers: -1}, qlayer.Amplitude{}, qlayer.Amplitude{Qubits: -1},
		qlayer.Amplitude{Qubits: 99},
		qlayer.Amplitude{Normalize: 9}, misbehaving{}, misbehaving{psi: x},
		misbehaving{encode: oneState}, misbehaving{encode: panickingNode},
		(*qlayer.Angle)(nil), (*misbehaving)(nil),
		misbehaving{psi: psi, data: other},
		misbehaving{psi: other}, byCircuit{}, byCircuit{misbehaving{circuit: two}},
		byCircuit{misbehaving{circuit: two, inputs: qops.Inputs{Data: psi}}},
		byCircuit{misbehaving{circuit: trained, inputs: qops.Inputs{Theta: x}}},
		byCircuit{misbehaving{circuit: circuit.New(2), inputs: qops.Inputs{Theta: x, X: x}}},
		byCircuit{misbehaving{circuit: &circuit.Circuit{}, inputs: qops.Inputs{X: x}}},
		byCircuit{misbehaving{circuit: circuit.New(99), inputs: qops.Inputs{X: x}}},
		byCircuit{misbehaving{circuit: circuit.New(2), inputs: qops.Inputs{X: other}}})
	apitest.Put[qlayer.CircuitEncoder](p, nil, qlayer.Amplitude{}, qlayer.Angle{},
		qlayer.AnglePasses{Qubits: -1}, qlayer.AnglePasses{Qubits: 2}, byCircuit{}, (*qlayer.Angle)(nil))
	apitest.Put(p, qlayer.ComplexMixing, qlayer.ComplexReal, qlayer.ComplexModulus, qlayer.ComplexForm(7))
	apitest.Put(p, qlayer.PyramidForm, qlayer.CrossForm, qlayer.ButterflyForm, qlayer.RBSForm(-1))
	fails := errors.New("the caller's")
	apitest.Put(p, qops.Measurement{}, qops.Paulis("Q"), qops.Paulis("XZ", 99), qops.Purity(),
		qops.Probabilities(0),
		qops.MeasureFunc(nil), qops.MeasureFunc(func(*G.Node) (*G.Node, error) { return nil, nil }),
		qops.MeasureFunc(func(*G.Node) (*G.Node, error) { return nil, fails }),
		qops.MeasureFunc(func(psi *G.Node) (*G.Node, error) { return psi, nil }),
		qops.NewMeasurement("", nil, nil),
		qops.MeasureFunc(panickingNode))
	apitest.Put(p, qops.Adjoint, qops.Adjoint, qops.ParameterShift, qops.Gradient(-1), qops.Gradient(7))
	apitest.Put(p, qops.ScoreOverlap, qops.ScoreSigned, qops.ScoreRowNormalized, qops.ScoreKind(-1),
		qops.ScoreKind(9))
	apitest.Put(p, qops.NormalizeRows, qops.NormalizeImage, qops.NormalizeNone, qops.Normalize(9))
	apitest.Put(p, mitigate.Plan{}, mitigate.Plan{}, mitigate.Plan{Readout: mitigate.Inverse},
		mitigate.Plan{Readout: 9}, mitigate.Plan{ZNE: mitigate.ZNE{Scales: []float64{1, 3}}},
		mitigate.Plan{ZNE: mitigate.ZNE{Scales: []float64{math.NaN()}}},
		mitigate.Plan{Keep: mitigate.Symmetry{Of: mitigate.Weight, Value: 1}},
		mitigate.Plan{Keep: mitigate.Symmetry{Of: 9}})
	apitest.Put(p, qlayer.AxisX, qlayer.AxisZ, qlayer.Axis(-1))
	apitest.Put[nn.Init](p, nil, nn.Normal(1), qlayer.IdentityBlocks(math.NaN()), qlayer.SmallAngles(-9))
	returns := func(n *G.Node) nn.Layer {
		return nn.Func(func(*nn.Scope, *G.Node) (*G.Node, error) { return n, nil })
	}
	apitest.Put[nn.Layer](p, nil, nn.Linear{Out: 2}, nn.Linear{Out: -1}, returns(nil), returns(x),
		returns(psi),
		qlayer.Circuit{}, qlayer.Circuit{Ansatz: entangling}, (*nn.Linear)(nil),
		nn.Func(func(*nn.Scope, *G.Node) (*G.Node, error) { panic("the caller's") }))
	apitest.Put(p, nil, &nn.Store{}, nn.NewStore(1))
	apitest.Put(p, nil, circuit.New(2), two, trained)
	apitest.Put(p, nil, []int{}, []int{-1, 3})
	apitest.Put(p, nil, []float64{}, []float64{math.NaN(), 1})
	apitest.Put(p, nil, []qlayer.Register{{"ancilla", 1}, {"nothing", 0}, {"minus", -1}, {"data", 3}})
	return p, g
}

// newScopes gives the pool new Scopes: what asks for a parameter twice in one is refused.
func newScopes(p apitest.Pool, g *G.ExprGraph) {
	delete(p, reflect.TypeFor[*nn.Scope]())
	apitest.Put(p, nil, &nn.Scope{}, nn.NewScope(g, nil), nn.NewScope(nil, nn.NewStore(1)),
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
			newScopes(p, g)
			before := len(g.AllNodes())
			out := p.Call(t, r, name, find(t, name))
			if out != nil {
				made[name]++
				drawAnsatz(out[0])
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

// find returns a function of the package, or a method.
func find(t *testing.T, name string) reflect.Value {
	t.Helper()
	if f := functions[name]; f != nil {
		return reflect.ValueOf(f)
	}
	typ, method, _ := strings.Cut(name, ".")
	receiver := types[typ]
	if receiver == nil {
		t.Fatalf("%s is not among the functions and types of this test", name)
	}
	m, _ := receiver.MethodByName(method)
	return m.Func
}

// drawAnsatz prints the circuits of an ansatz, if it is one.
func drawAnsatz(v reflect.Value) {
	if a, ok := v.Interface().(qlayer.Ansatz); ok {
		for _, n := range []int{-1, 0, 1, 2, 5, 33, 1 << 50} {
			if c := a(n); c != nil {
				_ = c.String()
			}
		}
	}
}

// mustNotPanic runs a graph: an error is right, but not a panic that a node turned into one.
func mustNotPanic(t *testing.T, name string, g *G.ExprGraph) {
	t.Helper()
	m := G.NewTapeMachine(g)
	defer m.Close()
	apitest.NoPanic(t, name, m.RunAll())
}
