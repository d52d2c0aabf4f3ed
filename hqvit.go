// Package hqvit is the front of the module: it opens a trained model and gives it pictures, and it is the
// command line for programs with models of their own.
//
//	model, err := hqvit.Open("runs/mnist-hqvit-s1")
//	predictions, err := model.PredictFiles(ctx, "digit.png")
//	fmt.Println(predictions[0].Class, predictions[0].Probability)
//
// The model knows its classes by name, and what was done to the images that it was trained on; a picture gets
// the same. To train a model, use the command hqvit (cmd/hqvit) or package train; package qlayer has quantum
// layers for other Gorgonia graphs.
//
// A program that calls Main is that command, and knows its own scores, ansätze and models beside the built-in
// ones:
//
//	func main() {
//		hqvit.Main(vit.Catalog{Scores: []vit.Score{{Name: "distance", Help: "−s·‖q−k‖²",
//			New: func(vit.ScoreOptions) nn.Score { return Distance }}}})
//	}
//
// This package only puts together what others have: what opens models is package trained, which a program can
// import alone to spare itself the commands.
package hqvit

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/hqvit/hqvit/internal/cli"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// Main is the command hqvit with the names of a catalog beside the built-in ones: `go run . train --model
// hqvit:distance`. All commands know them: train, eval, predict, explain, serve, export, compare, circuit,
// counts, ledger, info, models, bench. A file of weights has the name and the fields of what it was trained
// with, and a program that has these can open it, too (Options.Names).
//
// It reads the arguments of the process, and ends it with the exit code: 2 for a mistake in the call, as in a
// catalog with a mistake, 1 for other failures.
func Main(names vit.Catalog) {
	cli.Main(strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe"), names)
}

// Model is a trained model, safe for concurrent use.
type Model = trained.Model

// Metadata is what a file of weights says of its model.
type Metadata = trained.Metadata

// Options say how a model is opened.
type Options = trained.Options

// Prediction is what a model makes of a picture.
type Prediction = trained.Prediction

// Ranked is a class and its probability.
type Ranked = trained.Ranked

// Export says what of a model is written into an ONNX file.
type Export = trained.Export

// Invert says whether dark and bright are exchanged in a picture before the model sees it.
type Invert = trained.Invert

const (
	InvertAuto   = trained.InvertAuto   // if its background is the opposite of that of the training images
	InvertAlways = trained.InvertAlways // whatever its background
	InvertNever  = trained.InvertNever  // as it is
)

// Open opens the model of a run directory, or of a file of weights such as its best.safetensors. It returns
// an error if there is none, which says what is there and which runs are near, and if the file is damaged, or
// not one that hqvit wrote.
func Open(path string) (*Model, error) { return trained.Open(path) }

// ParseMetadata reads what Metadata.Texts wrote. It returns an error for what is missing, damaged or
// contradicts itself.
func ParseMetadata(texts map[string]string) (Metadata, error) { return trained.ParseMetadata(texts) }
