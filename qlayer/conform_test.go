package qlayer_test

import (
	"testing"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/nntest"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

var entangling, amplitudes = qlayer.Entangling(1), qlayer.RealAmplitudes(1)

// layers has one line for every layer, encoder and score of the package: a new one is tested the moment it
// stands here.
var layers = map[string]nntest.Case{
	"Circuit":           layer(qlayer.Circuit{Ansatz: entangling}, in{2, 7}, 3),
	"Circuit of tokens": layer(qlayer.Circuit{Ansatz: qlayer.RealAmplitudes(2)}, in{2, 3, 4}, 2),
	"Circuit, image":    layer(qlayer.Circuit{Ansatz: entangling, Encoder: wholeImage}, in{2, 2, 4}, 3),
	"Circuit, RY":       layer(qlayer.Circuit{Ansatz: entangling, Encoder: qlayer.Angle{}}, in{3, 2}, 2),
	"Circuit, RX": layer(qlayer.Circuit{Ansatz: qlayer.Product(1), Encoder: about(qlayer.AxisX)},
		in{3, 2}, 2),
	"Circuit, RZ": layer(qlayer.Circuit{Ansatz: amplitudes, Encoder: about(qlayer.AxisZ)},
		in{2, 3, 2}, 2),
	"Circuit, dense": layer(qlayer.Circuit{Ansatz: entangling, Encoder: qlayer.DenseAngle{}},
		in{2, 3, 3}, 2),
	"Circuit, basis": layer(qlayer.Circuit{Ansatz: amplitudes, Encoder: qlayer.Basis{}}, in{3, 2}, 2),
	"Circuit, IQP":   layer(qlayer.Circuit{Ansatz: amplitudes, Encoder: qlayer.IQP{}}, in{2, 2, 3}, 3),
	"Circuit, IQP again": layer(qlayer.Circuit{Ansatz: reupload, Encoder: qlayer.IQP{Layers: 1}}, in{2, 2},
		2),
	"Circuit, data again": layer(qlayer.Circuit{Ansatz: again, Encoder: qlayer.Angle{}}, in{3, 2}, 2),

	"Circuit, observables":   layer(measured(qops.Expectations(observable)), in{2, 4}, 1),
	"Circuit, some qubits":   layer(measured(qops.Paulis("ZX", 2, 0)), in{2, 8}, 4),
	"Circuit, probabilities": layer(measured(qops.Probabilities(2, 0)), in{2, 8}, 4),
	"Circuit, purity": layer(qlayer.Circuit{Ansatz: entangling, Measure: qops.Purity(1)}, in{2, 8},
		1),
	"Circuit, fidelities":     layer(measured(qops.Fidelities(bell, flipped)), in{2, 2, 4}, 2),
	"Circuit, custom measure": layer(customMeasure(qlayer.Angle{}), in{2, 2}, 1, 2),
	"Circuit, both custom":    layer(customMeasure(custom{qlayer.Angle{}}), in{2, 2}, 1, 2),
	"Circuit, custom encoder": layer(qlayer.Circuit{Ansatz: entangling, Encoder: custom{qlayer.Amplitude{}},
		Measure: qops.Probabilities()}, in{2, 4}, 4),
	"Circuit, custom circuit encoder": layer(qlayer.Circuit{Ansatz: again, Encoder: tilted{}}, in{2, 2}, 2),
	"Circuit, shifts": layer(qlayer.Circuit{Ansatz: entangling, Gradient: qops.ParameterShift},
		in{2, 4}, 2),
	"Circuit, shifted data": layer(qlayer.Circuit{Ansatz: again, Encoder: qlayer.Angle{},
		Gradient: qops.ParameterShift}, in{3, 2}, 2),
	"Circuit, shifted custom encoder": layer(qlayer.Circuit{Ansatz: again, Encoder: tilted{},
		Gradient: qops.ParameterShift}, in{2, 2}, 2),
	"Circuit, noise": layer(qlayer.Circuit{Ansatz: again, Encoder: qlayer.Angle{}, Noise: noiseOf(
		"depolarizing=0.03,thermal-relaxation=1:20:30:0.1,readout=0.02:0.05")}, in{3, 2}, 2),
	"Circuit, noise behind amplitudes": layer(qlayer.Circuit{Ansatz: entangling,
		Noise: noiseOf("phase-damping=0.1"), Measure: qops.Probabilities(1)}, in{2, 2, 3}, 2),
	"Circuit, frozen": layer(qlayer.Circuit{Ansatz: entangling, Frozen: true}, in{2, 4}, 2),
	"Reuploading": layer(qlayer.Circuit{Ansatz: qlayer.Reuploading(2), Encoder: qlayer.Angle{}},
		in{3, 2}, 2),
	"Mirrored": layer(qlayer.Circuit{Ansatz: qlayer.Mirrored(1, entangling), Init: qlayer.IdentityBlocks(1)},
		in{2, 4}, 2),

	"Quanvolution": {Layer: qlayer.Quanvolution{Size: 2}, Input: in{2, 1, 4, 4}, Output: in{2, 4, 2, 2}},
	"Quanvolution, overlapping": {Layer: qlayer.Quanvolution{Size: 2, Stride: 1,
		Filter: qlayer.Circuit{Ansatz: amplitudes}}, Input: in{2, 2, 3, 3}, Output: in{2, 3, 2, 2}},
	"Quanvolution, frozen": {Layer: qlayer.Quanvolution{Size: 2,
		Filter: qlayer.Circuit{Encoder: qlayer.Angle{},
			Ansatz: entangling, Frozen: true, Measure: qops.Paulis("Z", 3)}}, Input: in{2, 1, 4, 4},
		Output: in{2, 1, 2, 2}},
	"ReuploadingClassifier": layer(qlayer.ReuploadingClassifier{Classes: 3, Layers: 2}, in{3, 2}, 3),
	"ReuploadingClassifier, two": layer(qlayer.ReuploadingClassifier{Classes: 2, Qubits: 2, Layers: 2},
		in{2, 2, 5}, 2),

	"Unary":              layer(qlayer.Unary{}, in{2, 4}, 4),
	"Unary of tokens":    layer(qlayer.Unary{Ansatz: qlayer.Butterfly()}, in{2, 3, 4}, 4),
	"Unary, mirrored":    layer(qlayer.Unary{Ansatz: qlayer.Mirrored(2, qlayer.Pyramid())}, in{3, 3}, 3),
	"Unary, frozen":      layer(qlayer.Unary{Frozen: true}, in{2, 4}, 4),
	"StronglyEntangling": ansatz(qlayer.StronglyEntangling(2)),
	"HardwareEfficient":  ansatz(qlayer.HardwareEfficient(1)),
	"Brick":              ansatz(qlayer.Brick(2)),
	"TreeTensor":         ansatz(qlayer.TreeTensor()),
	"MERA":               ansatz(qlayer.MERA()),
	"Pyramid":            ansatz(qlayer.Pyramid()),
	"Butterfly":          ansatz(qlayer.Butterfly()),

	"Attention":        attention(qlayer.Attention{Heads: 2}),
	"DoublyStochastic": layer(nn.Attention{Heads: 2, Score: qlayer.DoublyStochastic{}.Score}, in{2, 4, 6}, 6),
	"DoublyStochastic, trained": layer(nn.Attention{Score: qlayer.DoublyStochastic{Layers: 3,
		Trained: true}.Score}, in{2, 4, 3}, 3),
	"DoublyStochastic, one token": layer(nn.Attention{Heads: 2, Score: qlayer.DoublyStochastic{}.Score},
		in{2, 1, 6}, 6),
	"Attention, one head": attention(qlayer.Attention{Query: entangling, Key: amplitudes}),
	"Attention, padded":   layer(qlayer.Attention{Heads: 3}, in{2, 3, 9}, 9),
	"Attention, dropout":  attention(qlayer.Attention{Heads: 2, Dropout: 0.3}),
}

// scores has one line for every score: each is tested with several tokens and with one, in two heads and in
// one.
var scores = map[string]nn.Score{
	"Swap, complex":        qlayer.Swap{Query: qlayer.Entangling(2)}.Score,
	"Swap, raw":            qlayer.Swap{Unscaled: true}.Score,
	"Swap, row-normalised": qlayer.Swap{Kind: qops.ScoreRowNormalized, Query: entangling}.Score,
	"Swap, conditional":    qlayer.Swap{Kind: qops.ScoreConditional}.Score,
	"Swap, product":        qlayer.Swap{Query: qlayer.Product(2)}.Score,
	"Swap, frozen":         qlayer.Swap{Frozen: true}.Score,
	"Swap, shifts":         qlayer.Swap{Query: entangling, Gradient: qops.ParameterShift}.Score,
	"Hadamard":             qlayer.Hadamard{}.Score,
	"Hadamard, shifts":     qlayer.Hadamard{Key: entangling, Gradient: qops.ParameterShift}.Score,
	"Hadamard, complex":    qlayer.Hadamard{Query: entangling}.Score,
	"Orthogonal":           qlayer.Orthogonal{}.Score,
	"Orthogonal, narrow":   qlayer.Orthogonal{Reflections: 1}.Score,

	"QSANN":                 qlayer.QSANN{Qubits: 2}.Score,
	"QSANN, values":         qlayer.QSANN{Qubits: 2, All: true, Values: true}.Score,
	"QSANN, amplitudes":     qlayer.QSANN{Encoder: qlayer.Amplitude{}}.Score,
	"ZDistance":             qlayer.ZDistance{Qubits: 2}.Score,
	"ZDistance, values":     qlayer.ZDistance{Qubits: 3, All: true, Values: true}.Score,
	"ZDot":                  qlayer.ZDot{Qubits: 2, Layers: 2}.Score,
	"ZDot, values":          qlayer.ZDot{Qubits: 3, Values: true}.Score,
	"QMSAN":                 qlayer.QMSAN{Query: entangling, Keep: 1}.Score,
	"QMSAN, softmax":        qlayer.QMSAN{Softmax: true}.Score,
	"QKSAN":                 qlayer.QKSAN{Qubits: 2}.Score,
	"QKSAN, shares":         qlayer.QKSAN{Qubits: 3, QAOA: true, Shares: true}.Score,
	"QCSAM":                 qlayer.QCSAM{}.Score,
	"QCSAM, real part":      qlayer.QCSAM{Form: qlayer.ComplexReal, Key: amplitudes}.Score,
	"QCSAM, modulus":        qlayer.QCSAM{Form: qlayer.ComplexModulus}.Score,
	"QPSAN":                 qlayer.QPSAN{}.Score,
	"QPSAN, some":           qlayer.QPSAN{Elements: 3}.Score,
	"RBSPatchwise":          qlayer.RBSPatchwise{Form: qlayer.CrossForm}.Score,
	"RBSPatchwise, squares": qlayer.RBSPatchwise{Squares: true}.Score,
	"RBSAttention":          qlayer.RBSAttention{}.Score,
	"RBSAttention, values":  qlayer.RBSAttention{Form: qlayer.ButterflyForm, Values: true, Squares: true}.Score,
	"RBSCompound":           qlayer.RBSCompound{}.Score,
	"RBSCompound, squares":  qlayer.RBSCompound{Form: qlayer.CrossForm, Squares: true}.Score,
	"QCSAM, real states":    qlayer.QCSAM{Query: amplitudes, Value: entangling}.Score,
}

// mixes is the scores that mix tokens themselves.
var mixes = map[string]bool{"QCSAM": true, "QCSAM, real states": true, "RBSCompound": true,
	"RBSCompound, squares": true}

func init() {
	for name, s := range scores {
		layers[name] = attention(nn.Attention{Heads: 2, Score: s})
		layers[name+", one token"] = layer(nn.Attention{Heads: 2, Score: s}, in{2, 1, 8}, 8)
		layers[name+", one token and head"] = layer(nn.Attention{Score: s}, in{2, 1, 8}, 8)
		for _, kind := range []string{name, name + ", one token", name + ", one token and head"} {
			c := layers[kind]
			if mixes[name] { // coefficients that nobody reads are no graph for the LispMachine
				c.Gradients.NoLisp, c.Gradients.Step = true, 2e-4
			}
			layers[kind] = c
		}
	}
}

type in []int // shape of an input

// layer returns the case of a layer that replaces the last axis of its input.
func layer(l nn.Layer, input in, last ...int) nntest.Case {
	return nntest.Case{Layer: l, Input: input, Output: append(append([]int{}, input[:len(input)-1]...),
		last...)}
}

func ansatz(a qlayer.Ansatz) nntest.Case { return layer(qlayer.Circuit{Ansatz: a}, in{2, 7}, 3) }

func attention(l nn.Layer) nntest.Case { return layer(l, in{2, 3, 8}, 8) }

func about(a qlayer.Axis) qlayer.Encoder { return qlayer.Angle{Axis: a} }

func measured(m qops.Measurement) nn.Layer {
	return qlayer.Circuit{Ansatz: qlayer.Entangling(2), Measure: m}
}

func customMeasure(e qlayer.Encoder) nn.Layer {
	return qlayer.Circuit{Ansatz: entangling, Encoder: e, Measure: qops.MeasureFunc(first)}
}

var (
	wholeImage    = qlayer.Amplitude{Normalize: qops.NormalizeImage, Qubits: 3}
	observable    = statevec.Observable{{Coefficient: 1, Pauli: "XY"}, {Coefficient: -0.5, Pauli: "ZI"}}
	bell, flipped = []complex128{1, 0, 0, 1i}, []complex128{0, 1, 0, 0}
	reupload      = qlayer.Reuploading(1)
)

// again is an ansatz that takes the features a second time.
func again(n int) *circuit.Circuit {
	return qlayer.Entangling(1)(n).RX(0, circuit.Data(1)).RY(n-1, circuit.Data(0))
}

// first is a custom measurement: the first amplitude.
func first(psi *G.Node) (*G.Node, error) { return nn.Slice(psi, psi.Dims()-2, 0, 1) }

// custom is an encoder of states alone.
type custom struct{ qlayer.Encoder }

// tilted is a custom encoder by a circuit: amplitudes that are rotated by the features once more.
type tilted struct{ qlayer.Encoder }

func (tilted) EncodingCircuit(x *G.Node) (*circuit.Circuit, qops.Inputs, error) {
	c := circuit.New(2).RX(0, circuit.Data(0)).RY(1, circuit.Data(1).Times(0.5)).CX(0, 1)
	return c, qops.Inputs{X: x, Data: x}, nil
}

func TestLayersConform(t *testing.T) {
	for name, c := range layers {
		t.Run(name, func(t *testing.T) { nntest.Conform(t, c) })
	}
}

// noiseOf returns a model of noise.
func noiseOf(text string) circuit.Noise {
	n, err := circuit.ParseNoise(text)
	if err != nil {
		panic(err)
	}
	return n
}
