package qops_test

import (
	"fmt"
	"math"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// readouts are all of them on two qubits.
var readouts = map[string]qops.Readout{
	"observables":   qops.ReadObservables(statevec.Observable{term(0.7, "XY"), term(-1, "ZI")}, statevec.Observable{term(1, "IZ")}),
	"probabilities": qops.ReadProbabilities(1, 0),
	"purity":        qops.ReadPurity(1),
	"fidelities":    qops.ReadFidelities([]complex128{1, 2i, -1, 0.5}, []complex128{0, 0, 1, 0}),
}

// byNodes is what Evaluate stands for, node by node.
func byNodes(c *circuit.Circuit, in qops.Inputs, r string) (*G.Node, error) {
	var psi *G.Node
	var err error
	if in.X == nil {
		psi, err = qops.Prepare(c, in.Theta, in.Data)
	} else if psi, err = qops.EncodeAmplitude(in.X, qops.EncodeOptions{Normalize: in.Normalize, Qubits: c.Qubits()}); err == nil {
		psi, err = qops.Apply(c, psi, in.Theta, in.Data)
	}
	if err != nil {
		return nil, err
	}
	switch r {
	case "observables":
		return qops.Expect(psi, []statevec.Observable{{term(0.7, "XY"), term(-1, "ZI")}, {term(1, "IZ")}})
	case "probabilities":
		return qops.Probabilities(psi, 1, 0)
	case "purity":
		return qops.Purity(psi, 1)
	}
	return nil, fmt.Errorf("no readout %s", r)
}

// cases of Evaluate: what it takes, and the inputs.
var cases = map[string]struct {
	circuit *circuit.Circuit
	take    func(in ...*G.Node) qops.Inputs
	inputs  []*tensor.Dense
}{
	"theta":          {tangled(2), func(in ...*G.Node) qops.Inputs { return qops.Inputs{Theta: in[0]} }, []*tensor.Dense{random(1, 3)}},
	"theta and data": {mixed(2), func(in ...*G.Node) qops.Inputs { return qops.Inputs{Theta: in[0], Data: in[1]} }, []*tensor.Dense{random(1, 3), random(2, 2, 2, 3)}},
	"data": {circuit.New(2).RX(0, circuit.Data(1)).CRY(0, 1, circuit.Data(0)), func(in ...*G.Node) qops.Inputs { return qops.Inputs{Data: in[0]} },
		[]*tensor.Dense{random(1, 3, 2)}},
	"amplitudes": {tangled(2), func(in ...*G.Node) qops.Inputs { return qops.Inputs{X: in[0], Theta: in[1]} }, []*tensor.Dense{random(3, 2, 3), random(1, 3)}},
	"image": {tangled(2), func(in ...*G.Node) qops.Inputs {
		return qops.Inputs{X: in[0], Normalize: qops.NormalizeImage, Theta: in[1]}
	}, []*tensor.Dense{random(3, 2, 2, 3), random(1, 3)}},
	"kept": {mixed(2), func(in ...*G.Node) qops.Inputs {
		return qops.Inputs{X: in[0], Normalize: qops.NormalizeNone, Theta: in[1], Data: in[2]}
	}, []*tensor.Dense{random(3, 2, 4), random(1, 3), random(2, 2, 3)}},
	"no angles": {circuit.New(2).H(0).CX(0, 1).T(1), func(in ...*G.Node) qops.Inputs { return qops.Inputs{X: in[0]} }, []*tensor.Dense{random(3, 4)}},
}

// TestEvaluate equals the nodes that it stands for, and has by every method the gradient of central differences, on both of Gorgonia's machines and in both types.
func TestEvaluate(t *testing.T) {
	for name, c := range cases {
		for of, r := range readouts {
			for _, method := range []qops.Gradient{qops.Adjoint, qops.ParameterShift, qops.Differences} {
				if of == "purity" && method == qops.ParameterShift {
					continue
				}
				t.Run(fmt.Sprint(name, ", ", of, ", ", method), func(t *testing.T) {
					f := func(in ...*G.Node) (*G.Node, error) { return qops.Evaluate(c.circuit, r, c.take(in...), method) }
					if err := gradcheck.Check(gradcheck.Config{Tolerance32: 1e-3}, f, c.inputs...); err != nil {
						t.Error(err)
					}
					single := of == "purity" && (name == "theta" || name == "no angles") // of which there is no node
					if of == "fidelities" || single || method != qops.Adjoint {
						return
					}
					want := func(in ...*G.Node) (*G.Node, error) { return byNodes(c.circuit, c.take(in...), of) }
					near(t, "values", mustEvaluate(t, f, c.inputs...), mustEvaluate(t, want, c.inputs...), 1e-13)
					whole := gradients(t, want, c.inputs...)
					for i, g := range gradients(t, f, c.inputs...) {
						near(t, fmt.Sprint("gradient ", i), g, whole[i], 1e-13)
					}
				})
			}
		}
	}
}

// TestEvaluateOfAnyLength: a factor of a row does not show, and a row of zeros stays one, without a gradient.
func TestEvaluateOfAnyLength(t *testing.T) {
	theta := random(1, 3)
	f := func(in ...*G.Node) (*G.Node, error) {
		return qops.Evaluate(tangled(2), qops.ReadProbabilities(), qops.Inputs{X: in[0], Normalize: qops.NormalizeImage, Theta: in[1]}, qops.Adjoint)
	}
	anyLength[float32](t, f, 1e-5, random(3, 2, 2, 3), theta)
	anyLength[float64](t, f, 1e-14, random(3, 2, 2, 3), theta)
	dark := tensorOf([]float64{1, 2, 0, 0, 1e-310, 0}, 3, 2)
	rows := func(in ...*G.Node) (*G.Node, error) {
		return qops.Evaluate(tangled(2), qops.ReadProbabilities(), qops.Inputs{X: in[0], Theta: in[1]}, qops.Adjoint)
	}
	near(t, "dark rows", mustEvaluate(t, rows, dark, theta)[4:], make([]float64, 8), 0)
	near(t, "their gradient", gradients(t, rows, dark, theta)[0][2:], make([]float64, 4), 0)
}

func TestEvaluateErrors(t *testing.T) {
	z, theta := qops.ReadObservables(statevec.EachZ(2)...), random(1, 3)
	near := circuit.New(2).Evolution(circuit.Matrix{5: 1, 10: 1 + 1e-7, 15: 1 + 2e-7}, circuit.Theta(2), 0, 1)
	for _, c := range []struct {
		name, want string
		circuit    *circuit.Circuit
		readout    qops.Readout
		take       func(in ...*G.Node) qops.Inputs
		gradient   qops.Gradient
		inputs     []*tensor.Dense
	}{
		{"no circuit", "qops: Evaluate: the circuit is nil", nil, z, cases["theta"].take, 0, []*tensor.Dense{theta}},
		{"circuit", "cx: qubit 2 out of range [0,2)", circuit.New(2).CX(0, 2), z, cases["theta"].take, 0, []*tensor.Dense{theta}},
		{"readout", "want a Readout", tangled(2), qops.Readout{}, cases["theta"].take, 0, []*tensor.Dense{theta}},
		{"observables", "want at least one observable", tangled(2), qops.ReadObservables(), cases["theta"].take, 0, []*tensor.Dense{theta}},
		{"qubits", "qubit 5 out of range [0,2)", tangled(2), qops.ReadProbabilities(5), cases["theta"].take, 0, []*tensor.Dense{theta}},
		{"purity by shifts", "want expectations, for which the shift rules hold", tangled(2), qops.ReadPurity(0), cases["theta"].take, qops.ParameterShift, []*tensor.Dense{theta}},
		{"gate without a rule", "no stable shift rule", near, z, cases["theta"].take, qops.ParameterShift, []*tensor.Dense{theta}},
		{"gradient", "unknown Gradient 7", tangled(2), z, cases["theta"].take, 7, []*tensor.Dense{theta}},
		{"theta", "want theta (3), got (4)", tangled(2), z, cases["theta"].take, 0, []*tensor.Dense{random(1, 4)}},
		{"data", "the circuit needs data (2, 3), got none", mixed(2), z, cases["amplitudes"].take, 0, []*tensor.Dense{random(1, 2, 4), theta}},
		{"wide", "5 values do not fit the amplitudes of 2 qubits", tangled(2), z, cases["amplitudes"].take, 0, []*tensor.Dense{random(1, 2, 5), theta}},
		{"image", "want X (…, D), or (…, T, D)", tangled(2), z, cases["image"].take, 0, []*tensor.Dense{random(1, 4), theta}},
		{"large", "32 states of 28 qubits take 64 GiB", tangled(28), z, cases["amplitudes"].take, 0, []*tensor.Dense{random(1, 32, 4), theta}},
		{"NaN theta", "theta 2 is NaN", tangled(2), z, cases["theta"].take, 0, []*tensor.Dense{tensorOf([]float64{1, 2, math.NaN()}, 3)}},
		{"NaN feature", "row 1: element (0,0) is NaN", tangled(2), z, cases["amplitudes"].take, 0, []*tensor.Dense{tensorOf([]float64{1, 2, math.NaN(), 1}, 2, 2), theta}},
		{"infinite data", "data of row 1, element 2 is +Inf", mixed(2), z, cases["theta and data"].take, 0, []*tensor.Dense{theta, tensorOf([]float64{1, 2, 3, 4, 5, math.Inf(1)}, 2, 3)}},
	} {
		wantError(t, c.name, c.want, func(in ...*G.Node) (*G.Node, error) {
			return qops.Evaluate(c.circuit, c.readout, c.take(in...), c.gradient)
		}, c.inputs...)
	}
	if _, err := qops.Evaluate(circuit.New(2).H(0), z, qops.Inputs{}, qops.Adjoint); err == nil {
		t.Error("no inputs: no error")
	}
}
