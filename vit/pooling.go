package vit

import (
	"slices"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
)

// Pooling says how the tokens of the last block become one vector for the classifier.
type Pooling string

const (
	PoolFlatten    Pooling = "flatten"     // all tokens one after the other, (B, T·D)
	PoolMean       Pooling = "mean"        // their mean, (B, D)
	PoolFirstToken Pooling = "first-token" // token 0 alone, (B, D)
	PoolSequence   Pooling = "sequence"    // their mean with learned weights, (B, D), see nn.SequencePool
)

// poolings is the table of them.
var poolings = []struct {
	name  Pooling
	layer nn.Layer // (B, T, D) -> (B, T·D) or (B, D)
}{
	{PoolFlatten, nn.Flatten{}},
	{PoolMean, nn.MeanPool{}},
	{PoolFirstToken, nn.Token{Index: 0}},
	{PoolSequence, nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
		return nn.SequencePool{}.Forward(s.Sub("pool"), x)
	})},
}

// Poolings returns the names of all poolings.
func Poolings() []string {
	var names []string
	for _, row := range poolings {
		names = append(names, string(row.name))
	}
	return names
}

// pooling returns the layer before the classifier; of a CNN or LogReg it takes images.
func (e Encoder) pooling() nn.Layer {
	if e.Model == CNN && e.Pooling == PoolMean {
		return nn.Func(meanOfPlaces)
	}
	for _, row := range poolings {
		if e.Model == Transformer && row.name == e.Pooling {
			return row.layer
		}
	}
	return nn.Flatten{}
}

// meanOfPlaces is the mean of each channel: (B, C, S, S) -> (B, C).
func meanOfPlaces(_ *nn.Scope, x *G.Node) (*G.Node, error) {
	sh := x.Shape()
	flat, err := nn.Reshape(x, slices.Concat(sh[:2], []int{sh[2:].TotalSize()})...)
	if err != nil {
		return nil, err
	}
	return nn.Mean(flat, 2)
}
