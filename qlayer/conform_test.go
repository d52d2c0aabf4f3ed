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

// layers has one line for every layer, encoder and score of the package: a new one is tested the moment it
// stands here.
var layers = map[string]nntest.Case{
	"Circuit":             {Layer: qlayer.Circuit{Ansatz: qlayer.Entangling(1)}, Input: []int{2, 7}, Output: []int{2, 3}},
	"Circuit of tokens":   {Layer: qlayer.Circuit{Ansatz: qlayer.RealAmplitudes(2)}, Input: []int{2, 3, 4}, Output: []int{2, 3, 2}},
	"Circuit, image":      {Layer: qlayer.Circuit{Ansatz: qlayer.Entangling(1), Encoder: qlayer.Amplitude{Normalize: qops.NormalizeImage, Qubits: 3}}, Input: []int{2, 2, 4}, Output: []int{2, 2, 3}},
	"Circuit, RY":         {Layer: qlayer.Circuit{Ansatz: qlayer.Entangling(1), Encoder: qlayer.Angle{}}, Input: []int{3, 2}, Output: []int{3, 2}},
	"Circuit, RX":         {Layer: qlayer.Circuit{Ansatz: qlayer.Product(1), Encoder: qlayer.Angle{Axis: qlayer.AxisX}}, Input: []int{3, 2}, Output: []int{3, 2}},
	"Circuit, RZ":         {Layer: qlayer.Circuit{Ansatz: qlayer.RealAmplitudes(1), Encoder: qlayer.Angle{Axis: qlayer.AxisZ}}, Input: []int{2, 3, 2}, Output: []int{2, 3, 2}},
	"Circuit, dense":      {Layer: qlayer.Circuit{Ansatz: qlayer.Entangling(1), Encoder: qlayer.DenseAngle{}}, Input: []int{2, 3, 3}, Output: []int{2, 3, 2}},
	"Circuit, basis":      {Layer: qlayer.Circuit{Ansatz: qlayer.RealAmplitudes(1), Encoder: qlayer.Basis{}}, Input: []int{3, 2}, Output: []int{3, 2}},
	"Circuit, IQP":        {Layer: qlayer.Circuit{Ansatz: qlayer.RealAmplitudes(1), Encoder: qlayer.IQP{}}, Input: []int{2, 2, 3}, Output: []int{2, 2, 3}},
	"Circuit, IQP again":  {Layer: qlayer.Circuit{Ansatz: qlayer.Reuploading(1), Encoder: qlayer.IQP{Layers: 1}}, Input: []int{2, 2}, Output: []int{2, 2}},
	"Circuit, data again": {Layer: qlayer.Circuit{Ansatz: again, Encoder: qlayer.Angle{}}, Input: []int{3, 2}, Output: []int{3, 2}},
	"Circuit, observables": {Layer: qlayer.Circuit{Ansatz: qlayer.Entangling(2), Measure: qops.Expectations(
		statevec.Observable{{Coefficient: 1, Pauli: "XY"}, {Coefficient: -0.5, Pauli: "ZI"}})}, Input: []int{2, 4}, Output: []int{2, 1}},
	"Circuit, some qubits":   {Layer: qlayer.Circuit{Ansatz: qlayer.Entangling(2), Measure: qops.Paulis("ZX", 2, 0)}, Input: []int{2, 8}, Output: []int{2, 4}},
	"Circuit, probabilities": {Layer: qlayer.Circuit{Ansatz: qlayer.Entangling(2), Measure: qops.Probabilities(2, 0)}, Input: []int{2, 8}, Output: []int{2, 4}},
	"Circuit, purity":        {Layer: qlayer.Circuit{Ansatz: qlayer.Entangling(1), Measure: qops.Purity(1)}, Input: []int{2, 8}, Output: []int{2, 1}},
	"Circuit, fidelities":    {Layer: qlayer.Circuit{Ansatz: qlayer.Entangling(2), Measure: qops.Fidelities([]complex128{1, 0, 0, 1i}, []complex128{0, 1, 0, 0})}, Input: []int{2, 2, 4}, Output: []int{2, 2, 2}},
	"Circuit, own measure":   {Layer: qlayer.Circuit{Ansatz: qlayer.Entangling(1), Encoder: qlayer.Angle{}, Measure: qops.MeasureFunc(first)}, Input: []int{2, 2}, Output: []int{2, 1, 2}},
	"Circuit, own encoder":   {Layer: qlayer.Circuit{Ansatz: qlayer.Entangling(1), Encoder: own{qlayer.Amplitude{}}, Measure: qops.Probabilities()}, Input: []int{2, 4}, Output: []int{2, 4}},
	"Circuit, shifts":        {Layer: qlayer.Circuit{Ansatz: qlayer.Entangling(1), Gradient: qops.ParameterShift}, Input: []int{2, 4}, Output: []int{2, 2}},
	"Circuit, shifted data":  {Layer: qlayer.Circuit{Ansatz: again, Encoder: qlayer.Angle{}, Gradient: qops.ParameterShift}, Input: []int{3, 2}, Output: []int{3, 2}},
	"Circuit, frozen":        {Layer: qlayer.Circuit{Ansatz: qlayer.Entangling(1), Frozen: true}, Input: []int{2, 4}, Output: []int{2, 2}},

	"Reuploading":                {Layer: qlayer.Circuit{Ansatz: qlayer.Reuploading(2), Encoder: qlayer.Angle{}}, Input: []int{3, 2}, Output: []int{3, 2}},
	"Quanvolution":               {Layer: qlayer.Quanvolution{Size: 2}, Input: []int{2, 1, 4, 4}, Output: []int{2, 4, 2, 2}},
	"Quanvolution, overlapping":  {Layer: qlayer.Quanvolution{Size: 2, Stride: 1, Filter: qlayer.Circuit{Ansatz: qlayer.RealAmplitudes(1)}}, Input: []int{2, 2, 3, 3}, Output: []int{2, 3, 2, 2}},
	"Quanvolution, frozen":       {Layer: qlayer.Quanvolution{Size: 2, Filter: qlayer.Circuit{Encoder: qlayer.Angle{}, Ansatz: qlayer.Entangling(1), Frozen: true, Measure: qops.Paulis("Z", 3)}}, Input: []int{2, 1, 4, 4}, Output: []int{2, 1, 2, 2}},
	"ReuploadingClassifier":      {Layer: qlayer.ReuploadingClassifier{Classes: 3, Layers: 2}, Input: []int{3, 2}, Output: []int{3, 3}},
	"ReuploadingClassifier, two": {Layer: qlayer.ReuploadingClassifier{Classes: 2, Qubits: 2, Layers: 2}, Input: []int{2, 2, 5}, Output: []int{2, 2, 2}},
	"Mirrored": {Layer: qlayer.Circuit{Ansatz: qlayer.Mirrored(1, qlayer.Entangling(1)), Init: qlayer.IdentityBlocks(1)}, Input: []int{2, 4},
		Output: []int{2, 2}},
	"Unary":              {Layer: qlayer.Unary{}, Input: []int{2, 4}, Output: []int{2, 4}},
	"Unary of tokens":    {Layer: qlayer.Unary{Ansatz: qlayer.Butterfly()}, Input: []int{2, 3, 4}, Output: []int{2, 3, 4}},
	"Unary, mirrored":    {Layer: qlayer.Unary{Ansatz: qlayer.Mirrored(2, qlayer.Pyramid())}, Input: []int{3, 3}, Output: []int{3, 3}},
	"Unary, frozen":      {Layer: qlayer.Unary{Frozen: true}, Input: []int{2, 4}, Output: []int{2, 4}},
	"StronglyEntangling": ansatz(qlayer.StronglyEntangling(2)),
	"HardwareEfficient":  ansatz(qlayer.HardwareEfficient(1)),
	"Brick":              ansatz(qlayer.Brick(2)),
	"TreeTensor":         ansatz(qlayer.TreeTensor()),
	"MERA":               ansatz(qlayer.MERA()),
	"Pyramid":            ansatz(qlayer.Pyramid()),
	"Butterfly":          ansatz(qlayer.Butterfly()),

	"Attention":            attention(qlayer.Attention{Heads: 2}),
	"Attention, one head":  attention(qlayer.Attention{Query: qlayer.Entangling(1), Key: qlayer.RealAmplitudes(1)}),
	"Attention, padded":    {Layer: qlayer.Attention{Heads: 3}, Input: []int{2, 3, 9}, Output: []int{2, 3, 9}},
	"Attention, dropout":   attention(qlayer.Attention{Heads: 2, Dropout: 0.3}),
	"Swap, complex":        score(qlayer.Swap{Query: qlayer.Entangling(2)}.Score),
	"Swap, raw":            score(qlayer.Swap{Unscaled: true}.Score),
	"Swap, row-normalised": score(qlayer.Swap{Kind: qops.ScoreRowNormalized, Query: qlayer.Entangling(1)}.Score),
	"Swap, conditional":    score(qlayer.Swap{Kind: qops.ScoreConditional}.Score),
	"Swap, product":        score(qlayer.Swap{Query: qlayer.Product(2)}.Score),
	"Swap, frozen":         score(qlayer.Swap{Frozen: true}.Score),
	"Hadamard":             score(qlayer.Hadamard{}.Score),
	"Hadamard, complex":    score(qlayer.Hadamard{Query: qlayer.Entangling(1)}.Score),
	"Orthogonal":           score(qlayer.Orthogonal{}.Score),
	"Orthogonal, narrow":   score(qlayer.Orthogonal{Reflections: 1}.Score),
}

func ansatz(a qlayer.Ansatz) nntest.Case {
	return nntest.Case{Layer: qlayer.Circuit{Ansatz: a}, Input: []int{2, 7}, Output: []int{2, 3}}
}

func attention(layer nn.Layer) nntest.Case {
	return nntest.Case{Layer: layer, Input: []int{2, 3, 8}, Output: []int{2, 3, 8}}
}

func score(s nn.Score) nntest.Case { return attention(nn.Attention{Heads: 2, Score: s}) }

// again is an ansatz that takes the features a second time.
func again(n int) *circuit.Circuit {
	return qlayer.Entangling(1)(n).RX(0, circuit.Data(1)).RY(n-1, circuit.Data(0))
}

// first is a measurement of one's own: the first amplitude.
func first(psi *G.Node) (*G.Node, error) { return nn.Slice(psi, psi.Dims()-2, 0, 1) }

// own is an encoder that the layer knows nothing of.
type own struct{ qlayer.Encoder }

func TestLayersConform(t *testing.T) {
	for name, c := range layers {
		t.Run(name, func(t *testing.T) { nntest.Conform(t, c) })
	}
}
