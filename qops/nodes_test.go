package qops_test

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/internal/apitest"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// nodes has an entry for every function of the package that makes a node.
var nodes = map[string]struct {
	make   function
	inputs []*tensor.Dense
}{
	"EncodeAmplitude": {encode(qops.EncodeOptions{}), []*tensor.Dense{random(1, 2, 3)}},
	"Apply": {applied(mixed(2)), []*tensor.Dense{random(1, 2, 4, 2), random(2, 3),
		random(3, 2, 3)}},
	"Prepare": {prepared(mixed(2)), []*tensor.Dense{random(2, 3), random(3, 2, 3)}},
	"Measure": {measured(qops.Fidelities([]complex128{1, 2i, 0, -1})),
		[]*tensor.Dense{random(1, 2, 4, 2)}},
	"Fidelity":    {fidelity, []*tensor.Dense{random(1, 2, 4, 2), random(2, 2, 4, 2)}},
	"Hamiltonian": {hamiltonian("XY", "ZI"), []*tensor.Dense{random(1, 2, 4, 2), random(2, 2)}},
	"Overlap":     {overlap, []*tensor.Dense{random(1, 1, 2, 4, 2), random(2, 1, 3, 4, 2)}},
	"Unitary":     {unitary(tangled(2), tangled(2)), []*tensor.Dense{random(1, 2, 3), random(2, 2, 3)}},
	"Scores": {func(in ...*G.Node) (*G.Node, error) {
		return qops.Scores(in[0], in[1], qops.ScoreOptions{Scale: in[2]})
	}, []*tensor.Dense{random(1, 2, 3, 4), random(2, 2, 2, 2), random(3, 2)}},
	"CircuitScores": {routed(tangled(2), tangled(2), qops.ScoreOptions{}, qops.PatchwiseRoute),
		[]*tensor.Dense{random(1, 2, 3, 6), random(2, 2, 3), random(3, 2, 3), random(4, 2)}},
	// what shots do: TestShotGradients
	"EstimateFidelities": {estimated(qops.EstimateFidelities),
		[]*tensor.Dense{random(1, 2, 4, 2), random(2, 2, 4, 2)}},
	"EstimateProbabilities": {estimated(qops.EstimateProbabilities),
		[]*tensor.Dense{random(1, 2, 4, 2), random(2, 2, 4, 2)}},
	"EstimateSigned": {estimated(qops.EstimateSigned),
		[]*tensor.Dense{random(1, 2, 4, 2), random(2, 2, 4, 2)}},
	"Reflections": {reflections, []*tensor.Dense{random(1, 2, 3, 4)}},
	"MeasureNoisy": {func(in ...*G.Node) (*G.Node, error) {
		noise, err := circuit.ParseNoise("depolarizing=0.05,amplitude-damping=0.1,readout=0.02:0.1")
		if err != nil {
			return nil, err
		}
		c, err := noise.Apply(mixed(2))
		if err != nil {
			return nil, err
		}
		return qops.MeasureNoisy(c, qops.Probabilities(0), qops.Inputs{X: in[0], Theta: in[1], Data: in[2]})
	}, []*tensor.Dense{random(1, 2, 3), random(2, 3), random(3, 2, 3)}},
	// mixtures, whose draws do not depend on the angles
	"MeasureTrajectories": {func(in ...*G.Node) (*G.Node, error) {
		noise, err := circuit.ParseNoise("depolarizing=0.1,phase-damping=0.1,readout=0.02:0.1")
		if err != nil {
			return nil, err
		}
		c, err := noise.Apply(mixed(2))
		if err != nil {
			return nil, err
		}
		return qops.MeasureTrajectories(c, qops.Probabilities(0), qops.Inputs{X: in[0], Theta: in[1], Data: in[2]},
			qops.Shots{Count: 20, Seeds: seedsFrom(3)})
	}, []*tensor.Dense{random(1, 2, 3), random(2, 3), random(3, 2, 3)}},
	"NoisyScores": {func(in ...*G.Node) (*G.Node, error) {
		noise, err := circuit.ParseNoise("depolarizing=0.05,amplitude-damping=0.1,readout=0.02:0.1")
		if err != nil {
			return nil, err
		}
		q, k := layered(2, 1, true), layered(2, 2, false)
		return qops.NoisyScores(in[0], q, k, in[1], in[2], noise, qops.ScoreOptions{Gain: 9, Scale: in[3]})
	}, []*tensor.Dense{wave(1.7, 0.4, 2, 3, 6), random(2, 2, 4), random(3, 2, 4), random(4, 2)}},
	"DeviceScores": {func(in ...*G.Node) (*G.Node, error) {
		return qops.DeviceScores(in[0], layered(2, 1, true), layered(2, 2, false), in[1], in[2], exchanged,
			qops.ScoreOptions{Gain: 9, Scale: in[3]})
	}, []*tensor.Dense{wave(1.7, 0.4, 2, 3, 6), random(2, 2, 4), random(3, 2, 4), random(4, 2)}},
	"MeasureCircuit": {func(in ...*G.Node) (*G.Node, error) {
		inputs := qops.Inputs{X: in[0], Theta: in[1], Data: in[2]}
		return qops.MeasureCircuit(mixed(2), qops.Probabilities(0), inputs, qops.Adjoint)
	}, []*tensor.Dense{random(1, 2, 3), random(2, 3), random(3, 2, 3)}},
}

// estimated makes fidelities and estimates them exactly.
func estimated(estimate func(*G.Node, qops.Shots) (*G.Node, error)) function {
	return func(in ...*G.Node) (*G.Node, error) {
		f, err := fidelity(in...)
		if err != nil {
			return nil, err
		}
		return estimate(f, qops.Shots{})
	}
}

// TestEveryNode has the gradient of central differences on the TapeMachine and on the LispMachine, in float64
// and float32, and no second one.
func TestEveryNode(t *testing.T) {
	for name, n := range nodes {
		t.Run(name, func(t *testing.T) {
			if err := gradcheck.Check(gradcheck.Config{}, n.make, n.inputs...); err != nil {
				t.Error(err)
			}
			g := G.NewGraph()
			leaves := make(G.Nodes, len(n.inputs))
			for i, v := range n.inputs {
				leaves[i] = gradcheck.Leaf(g, tensor.Float64, i, v)
			}
			out, err := n.make(leaves...)
			if err != nil {
				t.Fatal(err)
			}
			grads, err := op.Grad(G.Must(G.Sum(out)), leaves...)
			if err != nil {
				t.Fatal(err)
			}
			for i, d := range grads {
				if _, err := op.Grad(G.Must(G.Sum(d)), leaves...); !errors.Is(err, op.ErrSecondOrder) {
					t.Errorf("gradient of gradient %d: error %v, want ErrSecondOrder", i, err)
				}
			}
		})
	}
	for _, name := range makers(t) {
		if _, ok := nodes[name]; !ok {
			t.Errorf("%s is not among the nodes of this test", name)
		}
	}
}

// TestRowErrors: the error of a run says which row of the batch holds a NaN, whatever axes follow: the image,
// not the token.
func TestRowErrors(t *testing.T) {
	states, theta := random(1, 4, 2, 4, 2), random(2, 3)
	image := qops.Inputs{Normalize: qops.NormalizeImage}
	measuredImage := func(in ...*G.Node) (*G.Node, error) {
		inputs := image
		inputs.X, inputs.Theta = in[0], in[1]
		return qops.MeasureCircuit(tangled(2), qops.Paulis("Z"), inputs, qops.Adjoint)
	}
	c, inputs := layered(2, 1, false), scoreInputs(layered(2, 1, false), layered(2, 1, false), 4, 2, 1, 3)
	for _, n := range []struct {
		name   string
		make   function
		inputs []*tensor.Dense
		at     int // which input holds the NaN
	}{
		{"Apply", applied(mixed(2)), []*tensor.Dense{states, theta, random(3, 4, 2, 3)}, 2},
		{"Prepare", prepared(mixed(2)), []*tensor.Dense{theta, random(3, 4, 2, 3)}, 1},
		{"MeasureCircuit, data", measureCase("theta and data"), []*tensor.Dense{theta, random(3, 4, 2, 3)},
			1},
		{"MeasureCircuit, rows", measureCase("amplitudes"), []*tensor.Dense{random(3, 4, 2, 3), theta}, 0},
		{"MeasureCircuit, image", measuredImage, []*tensor.Dense{random(3, 4, 2, 3), theta}, 0},
		{"EncodeAmplitude, rows", encode(qops.EncodeOptions{}), []*tensor.Dense{random(3, 4, 2, 3)}, 0},
		{"EncodeAmplitude, image", encode(qops.EncodeOptions{Normalize: qops.NormalizeImage}),
			[]*tensor.Dense{random(3, 4, 2, 3)}, 0},
		{"Scores", routed(c, c, qops.ScoreOptions{}, qops.MatrixRoute), inputs, 0},
		{"CircuitScores", routed(c, c, qops.ScoreOptions{Kind: qops.ScoreConditional}, qops.PatchwiseRoute),
			inputs, 0},
	} {
		wrong := slices.Clone(n.inputs)
		wrong[n.at] = wrong[n.at].Clone().(*tensor.Dense)
		wrong[n.at].Float64s()[2*6+4] = math.NaN() // row 2, token 1, feature 1
		p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
			leaves := make(G.Nodes, len(wrong))
			for i, v := range wrong {
				leaves[i] = gradcheck.Leaf(g, tensor.Float64, i, v)
			}
			out, err := n.make(leaves...)
			return op.Outputs{Keep: G.Nodes{out}}, err
		})
		if err != nil {
			t.Fatal(n.name, err)
		}
		err = p.Run()
		var row *op.RowError
		if !errors.As(err, &row) || row.Row != 2 || !strings.Contains(err.Error(), "(1, 1) is NaN") {
			t.Errorf("%s: got error %v, want an op.RowError of row 2 that names (1, 1)", n.name, err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}

// makers returns the exported functions of the package whose first result is a node.
func makers(t *testing.T) (names []string) {
	t.Helper()
	for _, name := range apitest.Functions(t, ".") {
		if f := functions[name]; f != nil && reflect.TypeOf(f).Out(0) == reflect.TypeFor[*G.Node]() {
			names = append(names, name)
		}
	}
	if len(names) < 12 {
		t.Errorf("only %d makers of nodes found: %v", len(names), names)
	}
	return names
}

// exchanged compiles a circuit for a device that exchanges two qubits at the end, and has noise.
func exchanged(c *circuit.Circuit) (*circuit.Noisy, []int, error) {
	noise, err := circuit.ParseNoise("depolarizing=0.02,amplitude-damping=0.05")
	if err != nil {
		return nil, nil, err
	}
	noisy, err := noise.Apply(circuit.New(3).Append(c, 2, 1).Swap(1, 0))
	return noisy, []int{2, 0}, err
}
