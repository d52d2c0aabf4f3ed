package main

import (
	"testing"

	"github.com/hqvit/hqvit/nn/nntest"
	"github.com/hqvit/hqvit/qlayer"
)

func TestRing(t *testing.T) {
	nntest.Conform(t, nntest.Case{Layer: qlayer.Circuit{Ansatz: Ring(2)}, Input: []int{2, 8},
		Output: []int{2, 3}})
}
