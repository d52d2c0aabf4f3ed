// A custom hybrid model in a module of its own, with a custom layer, data and metric: TestCustomModelResumes
// kills and resumes it.
package main

import (
	"context"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"time"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/train"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// squared is a layer: (B, D) -> (B, D).
func squared(s *nn.Scope, x *gorgonia.Node) (*gorgonia.Node, error) { return nn.Mul(x, x) }

func main() {
	random := rand.New(rand.NewPCG(1, 2))
	x, y := make([]float64, 200*3), make([]float64, 200)
	for i := range x {
		x[i] = random.NormFloat64()
		y[i/3] += math.Sin(x[i])
	}
	recipe := train.DefaultRecipe()
	recipe.Epochs, recipe.Batch, recipe.LR, recipe.Loss, recipe.EMA = 60, 50, 0.02, "mse", 0.9
	report, err := train.Loop{
		Model: nn.Chain{
			qlayer.Circuit{Encoder: qlayer.Angle{}, Ansatz: qlayer.Entangling(2)},
			nn.Dropout{P: 0.1}, nn.Func(squared), nn.Linear{Out: 1},
		},
		Train:  train.Arrays{Inputs: []*tensor.Dense{matrix(x, 3)}, Values: matrix(y, 1)},
		Recipe: recipe, Dir: os.Args[1], Resume: true,
		// something to be killed in
		OnStep: func(train.Step) error { time.Sleep(time.Millisecond); return nil },
	}.Run(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("loss %.6f after %d epochs\n", report.Best.Train.Loss, report.Best.Epoch)
}

func matrix(values []float64, columns int) *tensor.Dense {
	return tensor.New(tensor.WithShape(len(values)/columns, columns), tensor.WithBacking(values))
}
