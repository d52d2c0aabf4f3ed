package train_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"os"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/train"
)

// A hybrid model of your own, in a directory from which it can be resumed at any moment.
func ExampleLoop() {
	x := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]float64{0, 0, 0, 1, 1, 0, 1, 1}))
	xor := tensor.New(tensor.WithShape(4, 1), tensor.WithBacking([]float64{-1, 1, 1, -1}))
	dir, err := os.MkdirTemp("", "xor")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	recipe := train.DefaultRecipe()
	recipe.Epochs, recipe.LR, recipe.Loss = 200, 0.1, "mse"
	report, err := train.Loop{
		Model: nn.Chain{qlayer.Circuit{Encoder: qlayer.Angle{}, Ansatz: qlayer.Entangling(2)},
			nn.Linear{Out: 1}},
		Recipe: recipe,
		Train:  train.Arrays{Inputs: []*tensor.Dense{x}, Values: xor},
		Dir:    dir, Resume: true,
	}.Run(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d parameters, %d of them angles\n", report.Parameters, report.Groups["quantum"])
	fmt.Println("loss below 0.001:", report.Best.Train.Loss < 0.001)
	// Output:
	// 11 parameters, 8 of them angles
	// loss below 0.001: true
}

// circles is Data that is drawn when it is asked for: points, and the circle that each lies on.
type circles struct{ n int }

func (c circles) Len() int { return c.n }

func (c circles) Spec() (train.Spec, error) {
	return train.Spec{Dtype: tensor.Float64, Inputs: []tensor.Shape{{2}}, Target: train.Classes}, nil
}

func (c circles) Fill(b *train.Batch) error {
	x := b.Inputs[0].Float64s()
	for i := range b.Rows {
		random := b.Random(i) // another stream for each epoch and example
		sin, cos := math.Sincos(2 * math.Pi * random.Float64())
		label := random.IntN(2)
		radius := 1 + float64(label)
		x[2*i], x[2*i+1], b.Labels[i] = radius*cos, radius*sin, label
	}
	return nil
}

// Data of your own is drawn or read when it is asked for.
func ExampleData() {
	recipe := train.DefaultRecipe()
	recipe.Epochs, recipe.LR = 20, 0.05
	report, err := train.Loop{
		Model: nn.MLP{Hidden: 16, Out: 2}, Recipe: recipe, Train: circles{400},
	}.Run(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("above 99 %:", report.Best.Train.Accuracy > 0.99)
	// Output:
	// above 99 %: true
}
