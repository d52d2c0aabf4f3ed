package main

import (
	"testing"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/nntest"
)

func TestDistance(t *testing.T) {
	nntest.Conform(t, nntest.Case{Layer: nn.Attention{Heads: 2, Score: Distance}, Input: []int{2, 3, 4},
		Output: []int{2, 3, 4}})
}
