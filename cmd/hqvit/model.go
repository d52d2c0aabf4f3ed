package main

import (
	"github.com/hqvit/hqvit"
	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
)

// metadata returns what hqvit.Open needs beside the weights.
func (c config) metadata(set *data.Set, t data.Transform) (map[string]string, error) {
	return hqvit.Metadata{
		Model: c.title(), Data: c.dataTitle(), Config: *c.Architecture, Classes: set.Classes, Shape: set.Shape,
		Mean: t.Mean, Std: t.Std, Background: set.Train.Background(), Scale: set.Scale, Unscaled: !set.Scale.Known(),
	}.Texts()
}

// model is a trained model with a Predictor that has the micro-batches of training, for results to the last bit.
type model struct {
	*hqvit.Model
	*train.Predictor
	meta hqvit.Metadata
}

// openModel opens the model of a run, or of a file of weights.
func openModel(path string, threads int) (*model, error) { return openInverting(path, threads, "") }

// openInverting is openModel for pictures that are inverted, or not.
func openInverting(path string, threads int, invert hqvit.Invert) (*model, error) {
	opened, err := hqvit.Options{Threads: threads, Invert: invert}.Open(path)
	if err != nil {
		return nil, err
	}
	p, err := opened.NewPredictor(threads, 0)
	if err != nil {
		opened.Close()
		return nil, err
	}
	return &model{opened, p, opened.Metadata()}, nil
}

// Close frees the graphs of both.
func (m *model) Close() {
	m.Predictor.Close()
	m.Model.Close()
}

// weightsFile returns the file of weights of a run directory, or the path itself.
func weightsFile(path string) string { return rundir.WeightsPath(path) }
