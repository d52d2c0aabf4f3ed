package nntest_test

import (
	"testing"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/nntest"
)

// Squares is a custom layer: the squares of Linear(x), (B, D) -> (B, Out).
type Squares struct{ Out int }

func (l Squares) Forward(s *nn.Scope, x *G.Node) (*G.Node, error) {
	y, err := nn.Linear{Out: l.Out}.Forward(s, x)
	if err != nil {
		return nil, err
	}
	return nn.Mul(y, y)
}

// One call in a test of your own, on batches of 4 rows of 6 features.
func ExampleConform() {
	var t *testing.T // that of func TestSquares(t *testing.T)
	nntest.Conform(t, nntest.Case{Layer: Squares{Out: 3}, Input: []int{4, 6}, Output: []int{4, 3}})
}
