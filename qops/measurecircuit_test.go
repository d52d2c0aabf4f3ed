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

// measurements are all of them on two qubits.
var measurements = map[string]qops.Measurement{
	"expectations": qops.Expectations(statevec.Observable{term(0.7, "XY"), term(-1, "ZI")},
		statevec.Observable{term(1, "IZ")}),
	"Paulis":        qops.Paulis("ZX", 1, 0),
	"probabilities": qops.Probabilities(1, 0),
	"purity":        qops.Purity(1),
	"fidelities":    qops.Fidelities([]complex128{1, 2i, -1, 0.5}, []complex128{0, 0, 1, 0}),
	"zero value":    {},
}

// byNodes is what MeasureCircuit stands for, node by node.
func byNodes(c *circuit.Circuit, in qops.Inputs, m qops.Measurement) (*G.Node, error) {
	var psi *G.Node
	var err error
	if in.X == nil {
		psi, err = qops.Prepare(c, in.Theta, in.Data)
	} else if psi, err = qops.EncodeAmplitude(in.X,
		qops.EncodeOptions{Normalize: in.Normalize, Qubits: c.Qubits()}); err == nil {
		psi, err = qops.Apply(c, psi, in.Theta, in.Data)
	}
	if err != nil {
		return nil, err
	}
	return qops.Measure(psi, m)
}

// cases of MeasureCircuit: what it takes, and the inputs.
var cases = map[string]struct {
	circuit *circuit.Circuit
	take    func(in ...*G.Node) qops.Inputs
	inputs  []*tensor.Dense
}{
	"theta": {tangled(2), takeTheta, []*tensor.Dense{random(1, 3)}},
	"theta and data": {mixed(2), func(in ...*G.Node) qops.Inputs {
		return qops.Inputs{Theta: in[0], Data: in[1]}
	}, []*tensor.Dense{random(1, 3), random(2, 2, 2, 3)}},
	"data": {circuit.New(2).RX(0, circuit.Data(1)).CRY(0, 1, circuit.Data(0)),
		func(in ...*G.Node) qops.Inputs {
			return qops.Inputs{Data: in[0]}
		}, []*tensor.Dense{random(1, 3, 2)}},
	"amplitudes": {tangled(2), func(in ...*G.Node) qops.Inputs {
		return qops.Inputs{X: in[0], Theta: in[1]}
	}, []*tensor.Dense{random(3, 2, 3), random(1, 3)}},
	"image": {tangled(2), func(in ...*G.Node) qops.Inputs {
		return qops.Inputs{X: in[0], Normalize: qops.NormalizeImage, Theta: in[1]}
	}, []*tensor.Dense{random(3, 2, 2, 3), random(1, 3)}},
	"kept": {mixed(2), func(in ...*G.Node) qops.Inputs {
		return qops.Inputs{X: in[0], Normalize: qops.NormalizeNone, Theta: in[1], Data: in[2]}
	}, []*tensor.Dense{random(3, 2, 4), random(1, 3), random(2, 2, 3)}},
	"no angles": {circuit.New(2).H(0).CX(0, 1).T(1), func(in ...*G.Node) qops.Inputs {
		return qops.Inputs{X: in[0]}
	}, []*tensor.Dense{random(3, 4)}},
}

// measureCase returns MeasureCircuit of a case.
func measureCase(name string) function {
	return func(in ...*G.Node) (*G.Node, error) {
		c := cases[name]
		return qops.MeasureCircuit(c.circuit, qops.Paulis("Z"), c.take(in...), qops.Adjoint)
	}
}

func takeTheta(in ...*G.Node) qops.Inputs { return qops.Inputs{Theta: in[0]} }

// TestMeasureCircuit equals the nodes that it stands for, and has by every method the gradient of central
// differences, on both of Gorgonia's machines and in both types.
func TestMeasureCircuit(t *testing.T) {
	for name, c := range cases {
		for what, m := range measurements {
			for _, method := range []qops.Gradient{qops.Adjoint, qops.ParameterShift,
				qops.FiniteDifferences} {
				if what == "purity" && method == qops.ParameterShift {
					continue
				}
				t.Run(fmt.Sprint(name, ", ", what, ", ", method), func(t *testing.T) {
					f := func(in ...*G.Node) (*G.Node, error) {
						return qops.MeasureCircuit(c.circuit, m, c.take(in...), method)
					}
					if err := gradcheck.Check(gradcheck.Config{Tolerance32: 1e-3}, f,
						c.inputs...); err != nil {
						t.Error(err)
					}
					if method != qops.Adjoint {
						return
					}
					want := func(in ...*G.Node) (*G.Node,
						error) {
						return byNodes(c.circuit, c.take(in...), m)
					}
					near(t, "values", mustEvaluate(t, f, c.inputs...), mustEvaluate(t, want, c.inputs...),
						1e-13)
					whole := gradients(t, want, c.inputs...)
					for i, g := range gradients(t, f, c.inputs...) {
						near(t, fmt.Sprint("gradient ", i), g, whole[i], 1e-13)
					}
				})
			}
		}
	}
}

// TestMeasureCircuitOfAnyLength: a factor of a row does not show, and a row of zeros stays one, without a
// gradient.
func TestMeasureCircuitOfAnyLength(t *testing.T) {
	theta := random(1, 3)
	measured := func(n qops.Normalize) function {
		return func(in ...*G.Node) (*G.Node, error) {
			inputs := qops.Inputs{X: in[0], Normalize: n, Theta: in[1]}
			return qops.MeasureCircuit(tangled(2), qops.Probabilities(), inputs, qops.Adjoint)
		}
	}
	anyLength[float32](t, measured(qops.NormalizeImage), 1e-5, random(3, 2, 2, 3), theta)
	anyLength[float64](t, measured(qops.NormalizeImage), 1e-14, random(3, 2, 2, 3), theta)
	dark := tensorOf([]float64{1, 2, 0, 0, 1e-310, 0}, 3, 2)
	rows := measured(qops.NormalizeRows)
	near(t, "dark rows", mustEvaluate(t, rows, dark, theta)[4:], make([]float64, 8), 0)
	near(t, "their gradient", gradients(t, rows, dark, theta)[0][2:], make([]float64, 4), 0)
}

func TestMeasureCircuitErrors(t *testing.T) {
	z, theta := qops.Paulis("Z"), random(1, 3)
	take, features := cases["theta"].take, cases["amplitudes"].take
	near := circuit.New(2).Evolution(circuit.Matrix{5: 1, 10: 1 + 1e-7, 15: 1 + 2e-7}, circuit.Theta(2), 0, 1)
	custom := qops.MeasureFunc(func(psi *G.Node) (*G.Node, error) { return psi, nil })
	nothing := qops.MeasureFunc(func(*G.Node) (*G.Node, error) { return nil, nil })
	for _, c := range []struct {
		name, want  string
		circuit     *circuit.Circuit
		measurement qops.Measurement
		take        func(in ...*G.Node) qops.Inputs
		gradient    qops.Gradient
		inputs      []*tensor.Dense
	}{
		{"no circuit", "qops: MeasureCircuit: the circuit is nil", nil, z, take, 0, tensors(theta)},
		{"circuit", "cx: qubit 2 out of range [0,2)", circuit.New(2).CX(0, 2), z, take, 0, tensors(theta)},
		{"no function", "MeasureFunc: want a function, got nil", tangled(2), qops.MeasureFunc(nil), take, 0,
			tensors(theta)},
		{"no node", "MeasureFunc: want a node, got nil", tangled(2), nothing, take, 0, tensors(theta)},
		{"no function of a dtype", "Mine: want a function for states of float64, got nil", tangled(2),
			qops.NewMeasurement("Mine", nil, nil), take, 0, tensors(theta)},
		{"nothing measured", "Mine: want at least one number of a state", tangled(2),
			qops.NewMeasurement("Mine", nil, openNothing), take, 0, tensors(theta)},
		{"observables", "want at least one observable", tangled(2), qops.Expectations(), take, 0,
			tensors(theta)},
		{"qubits", "qubit 5 out of range [0,2)", tangled(2), qops.Probabilities(5), take, 0, tensors(theta)},
		{"purity by shifts", "want expectations, for which the shift rules hold", tangled(2), qops.Purity(0),
			take,
			qops.ParameterShift, tensors(theta)},
		{"custom by shifts", "want a measurement other than a MeasureFunc for Gradient ParameterShift",
			tangled(2), custom,
			take, qops.ParameterShift, tensors(theta)},
		{"gate without a rule", "no stable shift rule", near, z, take,
			qops.ParameterShift, tensors(theta)},
		{"gradient", "unknown Gradient 7", tangled(2), z, take, 7, tensors(theta)},
		{"theta", "want theta (3), got (4)", tangled(2), z, take, 0, tensors(random(1, 4))},
		{"data", "the circuit needs data (2, 3), got none", mixed(2), z, features, 0,
			tensors(random(1, 2, 4), theta)},
		{"wide", "5 values do not fit the amplitudes of 2 qubits", tangled(2), z, features, 0,
			tensors(random(1, 2, 5), theta)},
		{"image", "want x (…, D), or (…, T, D)", tangled(2), z, cases["image"].take, 0,
			tensors(random(1, 4), theta)},
		{"large", "32 states of 28 qubits take 64 GiB", tangled(28), z, features, 0,
			tensors(random(1, 32, 4), theta)},
		{"NaN theta", "theta 2 is NaN", tangled(2), z, take, 0,
			tensors(tensorOf([]float64{1, 2, math.NaN()}, 3))},
		{"NaN feature", "row 1: x 0 is NaN", tangled(2), z, features, 0,
			tensors(tensorOf([]float64{1, 2, math.NaN(), 1}, 2, 2), theta)},
		{"infinite data", "row 1: data 2 is +Inf", mixed(2), z, cases["theta and data"].take, 0,
			tensors(theta, tensorOf([]float64{1, 2, 3, 4, 5, math.Inf(1)}, 2, 3))},
	} {
		wantError(t, c.name, c.want, func(in ...*G.Node) (*G.Node, error) {
			return qops.MeasureCircuit(c.circuit, c.measurement, c.take(in...), c.gradient)
		}, c.inputs...)
	}
	if _, err := qops.MeasureCircuit(circuit.New(2).H(0), z, qops.Inputs{}, qops.Adjoint); err == nil {
		t.Error("no inputs: no error")
	}
}

func openNothing(int) (statevec.Measurement[float64], error) { return nil, nil }

func tensors(list ...*tensor.Dense) []*tensor.Dense { return list }
