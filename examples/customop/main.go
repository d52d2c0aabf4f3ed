// A custom Op: a forward and a backward function become a node of a Gorgonia graph, checked against central
// differences.
//
// The Op is Swish, x·σ(βx), with a learned β: two gradients from one sweep.
//
//	go run ./examples/customop
package main

import (
	"fmt"
	"log"
	"math"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
)

// Swish returns x·σ(βx) for x of any shape and β of shape (1). Differentiable once in both.
func Swish(x, beta *G.Node) (*G.Node, error) {
	return op.ByDtype(x, swish[float32], swish[float64], beta)
}

func swish[T op.Float](operands ...*G.Node) (*G.Node, error) {
	sigmoid := make([]T, operands[0].Shape().TotalSize()) // kept by the forward for the backward
	return op.Apply(op.Kernel[T]{
		Name:  "Swish",
		Shape: operands[0].Shape(),
		Forward: func(out []T, in [][]T) error {
			x, beta := in[0], float64(in[1][0])
			for i, v := range x {
				sigmoid[i] = T(1 / (1 + math.Exp(-beta*float64(v))))
				out[i] = v * sigmoid[i]
			}
			return nil
		},
		Backward: func(din, in [][]T, _, dout []T) error {
			x, beta := in[0], in[1][0]
			var dbeta T
			for i, g := range dout {
				s := sigmoid[i]
				slope := s * (1 - s)
				dbeta += g * x[i] * x[i] * slope
				if din[0] != nil { // nil where nobody wants it
					din[0][i] = g * (s + beta*x[i]*slope)
				}
			}
			if din[1] != nil {
				din[1][0] = dbeta
			}
			return nil
		},
	}, operands...)
}

func main() {
	x := tensor.New(tensor.WithShape(2, 3), tensor.WithBacking([]float64{-2, -1, -0.3, 0.4, 1, 2.5}))
	beta := tensor.New(tensor.WithShape(1), tensor.WithBacking([]float64{1.3}))

	// TapeMachine and LispMachine, float64 and float32, repeated runs: one line.
	err := gradcheck.Check(gradcheck.Config{}, func(in ...*G.Node) (*G.Node,
		error) {
		return Swish(in[0], in[1])
	}, x, beta)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("gradients of Swish equal central differences")
}
