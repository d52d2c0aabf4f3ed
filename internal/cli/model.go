package cli

import (
	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// metadata returns what trained.Open needs beside the weights.
func (c config) metadata(set *data.Set, t data.Transform) (map[string]string, error) {
	return trained.Metadata{
		Model: c.title(), Data: c.dataTitle(), Config: *c.Architecture, Classes: set.Classes, Shape: set.Shape,
		Mean: t.Mean, Std: t.Std, Background: set.Train.Background(), Scale: set.Scale,
		Unscaled: !set.Scale.Known(),
		Targets:  t.Target, Table: set.Table,
	}.Texts()
}

// model is a trained model with a Predictor that has the micro-batches of training, for results to the last
// bit.
type model struct {
	*trained.Model
	*train.Predictor
	meta  trained.Metadata
	names vit.Catalog
}

// openModel opens the model of a run, or of a file of weights.
func (p program) openModel(path string, o trained.Options) (*model, error) {
	o.Names = p.names
	var wrong error // of the change, which the flags ask for
	if change := o.Change; change != nil {
		o.Change = func(c *vit.Config) {
			change(c)
			wrong = c.Check()
		}
	}
	opened, err := o.Open(path)
	if wrong != nil {
		return nil, usageError{wrong}
	}
	if err != nil {
		return nil, err
	}
	predictor, err := opened.NewPredictor(o.Threads, 0)
	if err != nil {
		opened.Close()
		return nil, err
	}
	return &model{opened, predictor, opened.Metadata(), p.names}, nil
}

// Close frees the graphs of both.
func (m *model) Close() {
	m.Predictor.Close()
	m.Model.Close()
}
