package data_test

import (
	"context"
	"fmt"

	"github.com/hqvit/hqvit/data"
)

// The first batch of an epoch, as a model of 32×32 pixels reads it.
func Example() {
	set, err := data.Load(context.Background(), "mnist", data.Options{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	train, err := data.Transform{Size: 32}.Apply(set.Train)
	if err != nil {
		fmt.Println(err)
		return
	}
	batch := make([]float32, 128*train.ImageLen())
	order := data.Permutation(train.Len(), 1, 0)
	if err := train.Fill(batch, order[:128]); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.Title, set.Shape, set.Train.Len(), set.Val.Len(), set.Test.Len())
	// Output: MNIST 28×28×1 55000 5000 10000
}
