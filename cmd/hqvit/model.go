package main

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/vit"
)

// The metadata of best.safetensors: names as they are, everything else in JSON.
const (
	architectureKey = "architecture" // the vit.Config
	classesKey      = "classes"      // names of the classes
	shapeKey        = "shape"        // of the training images, a data.Shape
	modelKey        = "model"        // name of the model
	dataKey         = "data"         // name of the data set

	// These are not in every file.
	normalKey     = "normalization" // a normal
	backgroundKey = "background"    // of the training images, a data.Background
	scaleKey      = "scale"         // of the numbers in the files of the training images, a data.Scale; null: unknown
)

// normal is how a model wants images normalised: minus Mean, divided by Std, for each channel.
type normal struct {
	Mean []float32 `json:"mean"`
	Std  []float32 `json:"std"`
}

// metadata returns what openModel needs beside the weights.
func (c config) metadata(set *data.Set, t data.Transform) (map[string]string, error) {
	meta := map[string]string{modelKey: c.title(), dataKey: c.dataTitle()}
	values := map[string]any{
		architectureKey: c.Architecture, classesKey: set.Classes, shapeKey: set.Shape,
		backgroundKey: set.Train.Background(),
	}
	values[scaleKey] = nil
	if set.Scale.Known() {
		values[scaleKey] = set.Scale
	}
	if t.Mean != nil {
		values[normalKey] = normal{t.Mean, t.Std}
	}
	for key, value := range values {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, errors.Wrap(err, key)
		}
		meta[key] = string(text)
	}
	return meta, nil
}

// model is a trained model, ready to evaluate.
type model struct {
	*train.Predictor
	path         string // of the weights
	weights      *rundir.Weights
	store        *nn.Store
	architecture vit.Config
	classes      []string
	shape        data.Shape      // of the training images
	normal       normal          // empty: pixels as they are
	background   data.Background // of the training images; empty: unknown
	unscaled     bool            // they were real numbers, of which nobody knows which is black and which is white
}

// transform is what an image goes through on its way to the model.
func (m *model) transform() data.Transform {
	return data.Transform{Size: m.architecture.Image, Mean: m.normal.Mean, Std: m.normal.Std}
}

// weightsFile returns the file of weights of a run directory, or the path itself.
func weightsFile(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return filepath.Join(path, rundir.WeightsFile)
	}
	return path
}

// readModel returns the model of a run, or of a file of weights, without a Predictor, and its layer.
func readModel(path string) (*model, nn.Layer, error) {
	path = weightsFile(path)
	w, err := rundir.ReadWeights(path)
	if err != nil {
		return nil, nil, err
	}
	m := model{path: path, weights: w, store: nn.NewStore(0)}
	if err := m.read(w.Meta); err != nil {
		return nil, nil, errors.WithMessage(err, path)
	}
	layer, err := vit.New(m.architecture)
	return &m, layer, errors.WithMessage(err, path)
}

// openModel rebuilds the model of a run, or of a file of weights, from the weights and their metadata.
func openModel(path string, threads int) (*model, error) {
	m, layer, err := readModel(path)
	if err != nil {
		return nil, err
	}
	a := m.architecture
	_, micro := vit.DefaultBatch(a)
	m.Predictor, err = train.NewPredictor(m.store, train.PredictorConfig{
		Model: layer, Spec: train.ImageSpec(a.Channels, a.Image), Micro: micro, Threads: threads,
	})
	if err != nil {
		return nil, err
	}
	return m, errors.WithMessage(m.weights.CopyTo(m.store), m.path)
}

// read fills in what the metadata say.
func (m *model) read(meta map[string]string) error {
	for _, f := range []struct {
		key      string
		value    any
		optional bool
	}{
		{architectureKey, &m.architecture, false}, {classesKey, &m.classes, false},
		{shapeKey, &m.shape, false},
		{normalKey, &m.normal, true}, {backgroundKey, &m.background, true},
	} {
		text, ok := meta[f.key]
		if !ok && f.optional {
			continue
		}
		if !ok {
			return errors.Errorf("no %q in the metadata, want a file that hqvit train wrote", f.key)
		}
		if err := json.Unmarshal([]byte(text), f.value); err != nil {
			return errors.Wrapf(err, "metadata %q", f.key)
		}
	}
	m.unscaled = meta[scaleKey] == "null"
	if len(m.classes) != m.architecture.Classes {
		return errors.Errorf("%d names for the %d classes of the model",
			len(m.classes), m.architecture.Classes)
	}
	return nil
}
