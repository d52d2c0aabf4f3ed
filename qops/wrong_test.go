package qops_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/apitest"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/mitigate"
	"github.com/hqvit/hqvit/qops/statevec"
)

// functions are the exported functions and methods of the package.
var functions = map[string]any{
	"Apply": qops.Apply, "CircuitScores": qops.CircuitScores, "EncodeAmplitude": qops.EncodeAmplitude,
	"Expectations": qops.Expectations, "Fidelities": qops.Fidelities, "Fidelity": qops.Fidelity,
	"Hamiltonian": qops.Hamiltonian, "Measure": qops.Measure, "MeasureCircuit": qops.MeasureCircuit,
	"MeasureFunc": qops.MeasureFunc, "NewMeasurement": qops.NewMeasurement, "Overlap": qops.Overlap,
	"Paulis": qops.Paulis, "Prepare": qops.Prepare, "Probabilities": qops.Probabilities,
	"Purity": qops.Purity,
	"Qubits": qops.Qubits, "Reflections": qops.Reflections, "Scores": qops.Scores, "Unitary": qops.Unitary,
	"Gradient.String": qops.Gradient.String, "EstimateFidelities": qops.EstimateFidelities,
	"EstimateProbabilities": qops.EstimateProbabilities, "EstimateSigned": qops.EstimateSigned,
	"MeasureNoisy": qops.MeasureNoisy, "MeasureTrajectories": qops.MeasureTrajectories,
	"NoisyScores": qops.NoisyScores, "DeviceScores": qops.DeviceScores,
	"Measurement.WithShots": qops.Measurement.WithShots, "Measurement.Mitigated": qops.Measurement.Mitigated,
}

// pool has values of each type.
type pool struct{ apitest.Pool }

// nodes returns the nodes of the pool.
func (p pool) nodes() (nodes G.Nodes) {
	for _, v := range p.Pool[reflect.TypeFor[*G.Node]()] {
		nodes = append(nodes, v.Interface().(*G.Node))
	}
	return nodes
}

// wrongNodes adds nodes that a user gets wrong, among some that are right, of a new graph.
func (p pool) wrongNodes() *G.ExprGraph {
	g, i := G.NewGraph(), 0
	leaf := func(dt tensor.Dtype, shape ...int) *G.Node {
		i++
		return gradcheck.Leaf(g, dt, i, random(uint64(i), shape...))
	}
	bad := random(7, 2, 3)
	bad.Float64s()[4] = math.NaN()
	p.Add((*G.Node)(nil), G.NewScalar(g, tensor.Float64, G.WithName("scalar"), G.WithValue(0.5)),
		G.NewMatrix(g, tensor.Int, G.WithShape(2, 3), G.WithName("int"), G.WithInit(G.Zeroes())),
		leaf(tensor.Float64, 1), leaf(tensor.Float64, 2), leaf(tensor.Float64, 3), leaf(tensor.Float64, 2, 2),
		leaf(tensor.Float64, 2, 3), leaf(tensor.Float64, 2, 3), leaf(tensor.Float64, 4, 2),
		leaf(tensor.Float64, 2, 4, 2),
		leaf(tensor.Float64, 2, 2, 4, 2), leaf(tensor.Float64, 2, 3, 4), leaf(tensor.Float64, 1, 1, 8),
		leaf(tensor.Float64, 2, 4, 4), leaf(tensor.Float64, 2, 4, 4, 2), leaf(tensor.Float32, 2, 3),
		leaf(tensor.Float32, 2, 4, 2), gradcheck.Leaf(g, tensor.Float64, 99, bad))
	return g
}

// wrongValues returns everything else that a user gets wrong, among some that is right, and nodes of a graph.
func wrongValues() (pool, *G.ExprGraph) {
	p := pool{apitest.Pool{}}
	g := p.wrongNodes()
	other := pool{apitest.Pool{}}
	other.wrongNodes()
	p.Add(other.nodes()[7], other.nodes()[10]) // of another graph
	p.Add((*circuit.Circuit)(nil), &circuit.Circuit{}, circuit.New(0), circuit.New(99), circuit.New(2).H(7),
		circuit.New(2).H(0), tangled(2), mixed(2), layered(2, 1, false),
		layered(3, 1, true))
	flip, err := circuit.NewChannel("bit-flip", 0.1)
	p.Add((*circuit.Noisy)(nil), &circuit.Noisy{}, circuit.NewNoisy(0), circuit.NewNoisy(2),
		circuit.NewNoisy(29),
		circuit.NewNoisy(2).Disturb(flip, 7), circuit.NewNoisy(2).Disturb(flip,
			1).Confuse(circuit.Confusion{P10: 2}),
		circuit.NewNoisy(2).Apply(mixed(2).Operations()[0]).Disturb(flip, 1))
	if err != nil {
		panic(err)
	}
	p.Add(qops.Compile(nil), qops.Compile(exchanged),
		qops.Compile(func(*circuit.Circuit) (*circuit.Noisy, []int, error) { return nil, nil, nil }),
		qops.Compile(func(*circuit.Circuit) (*circuit.Noisy, []int, error) { panic("the caller's") }))
	p.Add(circuit.Noise{}, circuit.Noise{After: []circuit.NoiseRule{{Channel: flip}}},
		circuit.Noise{After: make([]circuit.NoiseRule, 1)}, circuit.Noise{Readout: make([]circuit.Confusion, 5)})
	p.Add(-1, 0, 1, 2, 99)
	p.Add("", "Z", "XYZ", "Q", "ZZ")
	p.Add([]string(nil), []string{""}, []string{"ZZ"}, []string{"ZZ", "XI"}, []string{"Q"})
	p.Add([]int(nil), []int{0}, []int{1, 0}, []int{0, 0}, []int{-1}, []int{99})
	p.Add([]statevec.Observable(nil), []statevec.Observable{nil}, []statevec.Observable{{}},
		[]statevec.Observable{{term(1, "ZI")}, {term(1, "IZ")}},
		[]statevec.Observable{{term(math.NaN(), "ZZ")}}, []statevec.Observable{{term(1, "Q")}})
	p.Add([][]complex128(nil), [][]complex128{nil}, [][]complex128{{1, 0, 0, 1i}},
		[][]complex128{{0, 0, 0, 0}})
	panics := func(int) (statevec.Measurement[float64], error) { panic("the caller's") }
	nilPointer := func(int) (statevec.Measurement[float64], error) {
		return (*statevec.RowMeasurement[float64])(nil), nil
	}
	opensExplosive := func(int) (statevec.Measurement[float64], error) { return explosive{}, nil }
	f32, f64 := reflect.TypeFor[func(int) (statevec.Measurement[float32], error)](),
		reflect.TypeOf(openNothing)
	p.Pool[f32] = []reflect.Value{reflect.Zero(f32)}
	p.Pool[f64] = []reflect.Value{reflect.Zero(f64), reflect.ValueOf(openNothing),
		reflect.ValueOf(panics), reflect.ValueOf(nilPointer), reflect.ValueOf(opensExplosive)}
	p.Add((func(*G.Node) (*G.Node, error))(nil), func(*G.Node) (*G.Node, error) { return nil, nil },
		func(psi *G.Node) (*G.Node, error) { return psi, nil },
		func(psi *G.Node) (*G.Node, error) { panic("the caller's") })
	p.Add(qops.Measurement{}, qops.Paulis("XY"), qops.Paulis("", 9), qops.Purity(), qops.Probabilities(1),
		qops.MeasureFunc(nil),
		qops.NewMeasurement("", nil, nil), qops.NewMeasurement("", nil, openNothing), qops.Expectations(nil),
		qops.NewMeasurement("bad", nil, panics), qops.NewMeasurement("bad", nil, nilPointer),
		qops.NewMeasurement("bad", nil, opensExplosive),
		qops.MeasureFunc(func(*G.Node) (*G.Node, error) { panic("the caller's") }))
	p.Add(qops.Gradient(-1), qops.Adjoint, qops.ParameterShift, qops.FiniteDifferences, qops.Gradient(9))
	for _, s := range wrongShots() {
		p.Add(s, qops.Paulis("ZX").WithShots(s), qops.Purity(0).WithShots(s),
			qops.MeasureFunc(nil).WithShots(s), qops.NewMeasurement("bad", nil, opensExplosive).WithShots(s))
	}
	for _, plan := range wrongPlans() {
		p.Add(plan, qops.Paulis("ZX").Mitigated(plan), qops.Purity(0).Mitigated(plan),
			qops.Probabilities().Mitigated(plan),
			qops.MeasureFunc(nil).Mitigated(plan), qops.NewMeasurement("bad", nil, opensExplosive).Mitigated(plan))
	}
	p.Add(qops.EncodeOptions{}, qops.EncodeOptions{Normalize: 9},
		qops.EncodeOptions{Normalize: -1, Qubits: -1},
		qops.EncodeOptions{Qubits: 99}, qops.EncodeOptions{Normalize: qops.NormalizeImage, Qubits: 3})
	r := rand.New(rand.NewPCG(1, uint64(len(p.Pool))))
	for range 20 {
		any := func() *G.Node { return p.nodes()[r.IntN(len(p.nodes()))] }
		p.Add(qops.ScoreOptions{Kind: qops.ScoreKind(r.IntN(6) - 1), Gain: r.NormFloat64(), Scale: any(),
			Shots: wrongShots()[r.IntN(len(wrongShots()))], Mitigation: wrongPlans()[r.IntN(len(wrongPlans()))]})
		p.Add(qops.Inputs{X: any(), Normalize: qops.Normalize(r.IntN(5) - 1), Theta: any(), Data: any()})
	}
	p.Add(qops.Inputs{}, qops.Inputs{X: p.nodes()[7], Theta: p.nodes()[5]},
		qops.Inputs{Theta: p.nodes()[5], Data: p.nodes()[7]},
		qops.ScoreOptions{}, qops.ScoreOptions{Kind: qops.ScoreRowNormalized})
	return p, g
}

// wrongShots returns shots that a user gets wrong, and some that are right.
func wrongShots() []qops.Shots {
	ok := func([]uint64) error { return nil }
	return []qops.Shots{{}, {Count: -1}, {Count: 5}, {Count: 5, Seeds: ok}, {Count: 1 << 60, Seeds: ok},
		{Count: 1, Seeds: func([]uint64) error { return errors.New("the caller's") }},
		{Count: 9, Seeds: func([]uint64) error { panic("the caller's") }},
		{Count: 9, Seeds: ok, Stderr: func(*G.Node) { panic("the caller's") }},
		{Count: 9, Seeds: ok, Stderr: func(*G.Node) {}}}
}

// wrongPlans returns mitigations that a user gets wrong, and some that are right.
func wrongPlans() []mitigate.Plan {
	two := mitigate.ZNE{Scales: []float64{1, 3}}
	return []mitigate.Plan{{}, {}, {ZNE: two}, {Readout: mitigate.Inverse}, {Readout: 9},
		{ZNE: two, Readout: mitigate.LeastSquares}, {Keep: mitigate.Symmetry{Of: mitigate.Weight, Value: 1}},
		{Keep: mitigate.Symmetry{Of: 9}}, {ZNE: mitigate.ZNE{Scales: []float64{math.NaN()}}},
		{ZNE: mitigate.ZNE{Scales: []float64{1, 1.001}, Fit: mitigate.Exponential, Circuit: true}}}
}

// TestNothingPanics calls every exported function with values that a user gets wrong, and runs the nodes that
// it makes.
func TestNothingPanics(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		p, g := wrongValues()
		for range 2000 {
			before := len(g.AllNodes())
			p.Call(t, r, name, reflect.ValueOf(functions[name]))
			if len(g.AllNodes()) > before {
				mustNotPanic(t, name, g)
				p, g = wrongValues()
			}
		}
	}
}

// TestOneWrongOperand gives every function that makes a node right operands but for one.
func TestOneWrongOperand(t *testing.T) {
	r, all := rand.New(rand.NewPCG(1, 1)), pool{apitest.Pool{}}
	all.wrongNodes()
	for name, n := range nodes {
		for wrong := range n.inputs {
			for i := range all.nodes() {
				p := pool{apitest.Pool{}}
				g := p.wrongNodes()
				operands := make(G.Nodes, len(n.inputs))
				for j, v := range n.inputs {
					operands[j] = gradcheck.Leaf(g, tensor.Float64, 100+j, v)
				}
				operands[wrong] = p.nodes()[i]
				given := apitest.Pool{}
				given.Add([]*G.Node(operands))
				given.Call(t, r, fmt.Sprintf("%s, operand %d", name, wrong), reflect.ValueOf(n.make))
				mustNotPanic(t, name, g)
			}
		}
	}
}

// explosive is a measurement of the caller's that panics when it is used.
type explosive struct{ statevec.Measurement[float64] }

func (explosive) Outputs() int    { return 1 }
func (explosive) Quadratic() bool { return true }

// mustNotPanic runs a graph: an error is right, but not a panic that the node turned into one.
func mustNotPanic(t *testing.T, name string, g *G.ExprGraph) {
	t.Helper()
	m := G.NewTapeMachine(g)
	defer m.Close()
	apitest.NoPanic(t, name, m.RunAll())
}

// TestEveryFunctionIsCalled finds exported functions and methods that TestNothingPanics does not call.
func TestEveryFunctionIsCalled(t *testing.T) {
	for _, name := range apitest.Functions(t, ".") {
		if functions[name] == nil {
			t.Errorf("%s is not among the functions of this test", name)
		}
	}
}
