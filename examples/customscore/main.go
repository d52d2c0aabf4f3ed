// A ViT with a custom attention score, trained beside the ViT on a part of MNIST, saved, and opened again.
// docs/scores.md explains it, and main_test.go tests the score.
//
//	go run ./examples/customscore
//	go run ./examples/customscore -short   # a few steps
package main

import (
	"context"
	"flag"
	"fmt"
	"image"
	"log"
	"path/filepath"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit"
	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/vit"
)

// Distance is the score −s·‖q_i − k_j‖², q = Linear(x), k = Linear(x), with a learned sharpness s of each
// head: a token attends to those that are near it. ‖q_i‖² is the same along a row, so that the softmax loses
// it: it is left out.
func Distance(s *nn.Scope, x *gorgonia.Node, heads int) (nn.AttentionScores, error) {
	d := x.Shape()[2]
	q, err := nn.Linear{Out: d}.Forward(s.Sub("q"), x) // (B, T, D)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	k, err := nn.Linear{Out: d}.Forward(s.Sub("k"), x) // (B, T, D)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	twice, err := nn.HeadProducts(q, k, heads, 2) // (B, H, T, T): 2⟨q_i, k_j⟩
	if err != nil {
		return nn.AttentionScores{}, err
	}
	norms, err := normsOfKeys(k, heads) // (B, H, 1, T): ‖k_j‖²
	if err != nil {
		return nn.AttentionScores{}, err
	}
	near, err := nn.Sub(twice, norms)
	if err != nil {
		return nn.AttentionScores{}, err
	}
	scale, err := s.Param("scale", nn.ParamSpec{Shape: tensor.Shape{heads}, Dtype: x.Dtype(),
		Init: nn.Constant(0.1), NoDecay: true})
	if err != nil {
		return nn.AttentionScores{}, err
	}
	logits, err := nn.ScaleHeads(near, scale, 1)
	return nn.AttentionScores{Logits: logits}, err
}

// normsOfKeys returns ‖k_j‖² of every head, (B, H, 1, T): a row that stands for all queries.
func normsOfKeys(k *gorgonia.Node, heads int) (*gorgonia.Node, error) {
	b, t, d := k.Shape()[0], k.Shape()[1], k.Shape()[2]
	n, err := nn.Mul(k, k)
	for _, next := range []func(n *gorgonia.Node) (*gorgonia.Node, error){
		func(n *gorgonia.Node) (*gorgonia.Node, error) { return nn.Reshape(n, b, t, heads, d/heads) },
		func(n *gorgonia.Node) (*gorgonia.Node, error) { return nn.Mean(n, 3) },                   // (B, T, H)
		func(n *gorgonia.Node) (*gorgonia.Node, error) { return nn.ScaleBy(n, float64(d/heads)) }, // a sum again
		func(n *gorgonia.Node) (*gorgonia.Node, error) { return nn.Transpose(n, 0, 2, 1) },
		func(n *gorgonia.Node) (*gorgonia.Node, error) { return nn.Reshape(n, b, heads, 1, t) },
	} {
		if err != nil {
			return nil, err
		}
		n, err = next(n)
	}
	return n, err
}

// withDistance is the backbone of HQViT and ViT with this score in every block. It does not read cfg.Score.
func withDistance(cfg vit.Config) nn.Layer {
	return vit.Encoder{Config: cfg, Attention: nn.Attention{Heads: cfg.Heads, Score: Distance}}
}

const runs = "runs/customscore" // the directory of the trained models

// digits are pictures of MNIST.
type digits struct {
	*data.Set
	train, val, test *data.Images
}

// load returns the first n training pictures, and some others.
func load(n int) digits {
	set, err := data.Load(context.Background(), "mnist", data.Options{})
	check(err)
	images := func(s data.Split, n int) *data.Images {
		result, err := data.Transform{Size: 32}.Apply(s.First(n))
		check(err)
		return result
	}
	return digits{set, images(set.Train, n), images(set.Val, 1000), images(set.Test, 2000)}
}

// fit trains a model into runs/customscore/NAME. All models get the same recipe, seed and pictures.
func (d digits) fit(name string, model nn.Layer, cfg vit.Config, epochs int) {
	meta, err := hqvit.Metadata{Model: name, Data: d.Name, Config: cfg, Classes: d.Classes, Shape: d.Shape,
		Background: d.Train.Background(), Scale: d.Scale}.Texts()
	check(err)
	recipe := train.DefaultRecipe()
	recipe.Epochs = epochs
	recipe.Batch, recipe.Micro = vit.DefaultBatch(cfg)
	report, err := train.Task{
		Loop: train.Loop{Model: model, Recipe: recipe, Name: name, DataName: d.Name, ClassNames: d.Classes,
			Meta: meta, Dir: filepath.Join(runs, name), Overwrite: true},
		Train: d.train, Val: d.val, Test: d.test, Augment: data.Augment{Shift: 2},
	}.Run(context.Background())
	check(err)
	fmt.Printf("%s: %d parameters, test accuracy %.2f\n", name, report.Parameters, report.TestAccuracy)
}

func main() {
	short := flag.Bool("short", false, "a few steps")
	flag.Parse()
	pictures, epochs := 4000, 4
	if *short {
		pictures, epochs = 256, 1
	}
	mnist := load(pictures)
	for _, name := range []string{"vit", "vit-matched"} {
		cfg, err := vit.Named(name)
		check(err)
		model, err := vit.New(cfg)
		check(err)
		mnist.fit(name, model, cfg, epochs)
	}
	cfg, err := vit.Named("vit")
	check(err)
	cfg.Score = "distance" // by which those who open the file of weights know it
	mnist.fit("distance", withDistance(cfg), cfg, epochs)

	picture, err := mnist.test.Picture(0)
	check(err)
	fmt.Println("opened again, it reads a", answer(filepath.Join(runs, "distance"), picture))
}

// names are what the program knows beside the built-in names.
var names = vit.Catalog{Scores: []vit.Score{{Name: "distance", Help: "−s·‖q−k‖²",
	New: func(vit.ScoreOptions) nn.Score { return Distance }}}}

// answer opens the model in a directory and returns the class that it gives a picture.
func answer(dir string, img image.Image) string {
	model, err := hqvit.Options{Names: names}.Open(dir)
	check(err)
	defer model.Close()
	predictions, err := model.Predict(context.Background(), img)
	check(err)
	return predictions[0].Class
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
