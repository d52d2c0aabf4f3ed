// A custom hybrid model: a classical and a quantum path side by side, with a custom ansatz and a learned gate
// between them.
//
// It learns the quadrant product sign(x₀)·sign(x₁)·|x₂| of three inputs.
//
//	go run ./examples/hybrid
package main

import (
	"context"
	"fmt"
	"log"
	"math"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/train"
)

// ladder is an ansatz: three layers of RY on every qubit and RZZ between neighbours, the input entering again
// as angles in each layer.
func ladder(n int) *circuit.Circuit {
	c, angle := circuit.New(n), 0
	next := func() circuit.Angle { angle++; return circuit.Theta(angle - 1) }
	for range 3 {
		for q := range n {
			c.RX(q, circuit.Data(q)).RY(q, next())
		}
		for q := 1; q < n; q++ {
			c.RZZ(q-1, q, next())
		}
	}
	return c
}

// model is gate·quantum + (1−gate)·classical, then a linear layer: (B, 3) -> (B, 1).
var model = nn.Func(func(s *nn.Scope, x *G.Node) (*G.Node, error) {
	classical, err := nn.Chain{nn.Linear{Out: 8}, nn.GELU{}, nn.Linear{Out: 3}}.Forward(s.Sub("classical"), x)
	if err != nil {
		return nil, err
	}
	layer := qlayer.Circuit{Encoder: qlayer.Angle{}, Ansatz: ladder}
	quantum, err := layer.Forward(s.Sub("quantum"), x) // (B, 3)
	if err != nil {
		return nil, err
	}
	gate, err := s.Param("gate", nn.ParamSpec{Shape: tensor.Shape{1}, Dtype: x.Dtype(),
		Init: nn.Constant(0.5), NoDecay: true})
	if err != nil {
		return nil, err
	}
	difference, err := nn.Sub(quantum, classical)
	if err != nil {
		return nil, err
	}
	moved, err := nn.Mul(difference, gate)
	if err != nil {
		return nil, err
	}
	mixed, err := nn.Add(classical, moved)
	if err != nil {
		return nil, err
	}
	return nn.Linear{Out: 1}.Forward(s.Sub("output"), mixed)
})

// quadrants are points in [−2, 2)³ with the product to be learned, drawn anew in each epoch.
type quadrants int

func (q quadrants) Len() int { return int(q) }

func (q quadrants) Spec() (train.Spec, error) {
	point, product := tensor.Shape{3}, tensor.Shape{1}
	return train.Spec{
		Dtype: tensor.Float64, Inputs: []tensor.Shape{point}, Target: train.Values, Values: product,
	}, nil
}

func (q quadrants) Fill(b *train.Batch) error {
	x, y := b.Inputs[0].Float64s(), b.Target.Float64s()
	for i := range b.Rows {
		random, row := b.Random(i), x[3*i:][:3]
		for j := range row {
			row[j] = 4*random.Float64() - 2
		}
		y[i] = math.Copysign(1, row[0]) * math.Copysign(1, row[1]) * math.Abs(row[2])
	}
	return nil
}

func main() {
	weights, recipe := nn.NewStore(3), train.DefaultRecipe()
	recipe.Epochs, recipe.LR, recipe.Loss, recipe.Schedule = 601, 0.02, "mse", "cosine:warmup=20"
	report, err := train.Loop{
		Model: model, Recipe: recipe, Store: weights, Train: quadrants(128), // an epoch is one step
		OnEpoch: func(e train.Epoch) error {
			if e.Epoch%200 == 1 {
				gate := weights.Param("gate").Values()[0]
				fmt.Printf("step %3d  loss %.4f  gate %.3f\n", e.Epoch-1, e.Train.Loss, gate)
			}
			return nil
		},
	}.Run(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(report.Layers)
}
