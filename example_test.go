package hqvit_test

import (
	"context"
	"fmt"
	"image"
	"log"
	"os"

	"github.com/hqvit/hqvit"
	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/vit"
)

// half returns a grey picture of 8×8 pixels whose left or right half is bright.
func half(right bool) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range img.Pix {
		if (i%8 >= 4) == right {
			img.Pix[i] = 220
		}
	}
	return img
}

// A program trains a model on pictures in memory, with the Metadata that Open wants to see, and opens it.
func Example() {
	dir, err := os.MkdirTemp("", "halves")
	check(err)
	defer os.RemoveAll(dir)

	cfg := vit.Config{Model: vit.LogReg, Image: 8, Channels: 1, Classes: 2}
	layer, err := vit.New(cfg)
	check(err)
	split := data.Split{Shape: data.Shape{Height: 8, Width: 8, Channels: 1}}
	for label, right := range []bool{false, true} {
		split.Images = append(split.Images, half(right).Pix...)
		split.Labels = append(split.Labels, label)
	}
	images, err := data.Transform{Size: 8}.Apply(split)
	check(err)
	meta, err := hqvit.Metadata{Model: "logreg", Data: "halves", Config: cfg, Classes: []string{"left", "right"},
		Shape: split.Shape, Background: split.Background(), Scale: data.Scale{White: 255}}.Texts()
	check(err)
	recipe := train.DefaultRecipe()
	recipe.Epochs, recipe.LR = 100, 0.05
	_, err = train.Task{Loop: train.Loop{Model: layer, Recipe: recipe, Dir: dir, Meta: meta}, Train: images}.Run(
		context.Background())
	check(err)

	model, err := hqvit.Open(dir)
	check(err)
	defer model.Close()
	predictions, err := model.Predict(context.Background(), half(true))
	check(err)
	fmt.Printf("%s, probability above 0.9: %v\n", predictions[0].Class, predictions[0].Probability > 0.9)
	// Output: right, probability above 0.9: true
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
