// Package hqvit opens a trained model and gives it pictures.
//
//	model, err := hqvit.Open("runs/mnist-hqvit-s1")
//	predictions, err := model.PredictFiles(ctx, "digit.png")
//	fmt.Println(predictions[0].Class, predictions[0].Probability)
//
// The model knows its classes by name, and what was done to the images that it was trained on; a picture gets
// the same. To train a model, use the command hqvit (cmd/hqvit) or package train; package qlayer has quantum
// layers for other Gorgonia graphs.
//
// This package only puts together what others have: what opens models is package trained, which a program can
// import alone to spare itself the commands.
package hqvit

import "github.com/hqvit/hqvit/trained"

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

// Invert says whether dark and bright are exchanged in a picture before the model sees it.
type Invert = trained.Invert

const (
	InvertAuto   = trained.InvertAuto   // if its background is the opposite of that of the training images
	InvertAlways = trained.InvertAlways // whatever its background
	InvertNever  = trained.InvertNever  // as it is
)

// Open opens the model of a run directory, or of a file of weights such as its best.safetensors. It returns an
// error if there is none, which says what is there and which runs are near, and if the file is damaged, or not
// one that hqvit wrote.
func Open(path string) (*Model, error) { return trained.Open(path) }

// ParseMetadata reads what Metadata.Texts wrote. It returns an error for what is missing, damaged or contradicts
// itself.
func ParseMetadata(texts map[string]string) (Metadata, error) { return trained.ParseMetadata(texts) }
