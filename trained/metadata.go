package trained

import (
	"encoding/json"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/vit"
)

// Metadata is what a file of weights says of its model: all that is needed to build it and to give it
// examples. In the file they are the metadata of the safetensors format, texts by these keys:
//
//	model          name of the model
//	data           name of the data set
//	architecture   Config, in JSON
//	classes        names of the classes, labels or values, in the order of the outputs: a list in JSON
//	shape          of the training examples, as data.Shape has it: {"Height", "Width", "Channels"}
//	normalization  {"mean", "std"} of each channel or feature; missing: as they are
//	targets        {"mean", "std"} of each value that is predicted; missing: as they are
//	table          columns of a file of comma-separated values, a data.Table; missing: of another one
//	background     of the training images: "dark", "middle" or "bright"
//	scale          of the numbers in the files of the training images: {"black", "white"}; null: unknown
//
// A run adds others, of its epoch and its files, see packages train and train/rundir.
type Metadata struct {
	Model, Data string
	Config      vit.Config
	Classes     []string
	Shape       data.Shape
	Mean, Std   []float32       // of each channel or feature: x is given as (x−Mean)/Std; nil: as it is
	Targets     data.Standard   // of each value: the model gives (v−Mean)/Std; zero: v itself
	Table       *data.Table     // columns of files of comma-separated values; nil: trained on another one
	Background  data.Background // empty: unknown
	// Scale is that of the numbers in files, which a reader brings to [0, 1], black to white. The model sees
	// those: pictures are given to it in [0, 1] whatever the Scale, so a program that trains on other numbers
	// says Unscaled.
	Scale    data.Scale
	Unscaled bool // trained on real numbers of which nothing says which is black and which is white
}

// normalization is the JSON of Mean and Std.
type normalization struct {
	Mean []float32 `json:"mean"`
	Std  []float32 `json:"std"`
}

// Texts returns the metadata as they are written into a file of weights. It returns an error for what
// ParseMetadata would refuse, so that no run ends with weights that nobody can open.
func (m Metadata) Texts() (map[string]string, error) {
	if err := m.check(); err != nil {
		return nil, errors.WithMessage(err, "trained: Metadata")
	}
	texts := map[string]string{"model": m.Model, "data": m.Data}
	values := map[string]any{
		"architecture": m.Config, "classes": m.Classes, "shape": m.Shape, "background": m.Background,
		"scale": m.Scale,
	}
	if m.Unscaled {
		values["scale"] = nil
	}
	if m.Mean != nil {
		values["normalization"] = normalization{m.Mean, m.Std}
	}
	if m.Targets.Known() {
		values["targets"] = m.Targets
	}
	if m.Table != nil {
		values["table"] = m.Table
	}
	for key, value := range values {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, errors.Wrapf(err, "trained: metadata %q", key)
		}
		texts[key] = string(text)
	}
	return texts, nil
}

// ParseMetadata reads what Texts wrote. It returns an error for what is missing, damaged or contradicts
// itself.
func ParseMetadata(texts map[string]string) (m Metadata, err error) {
	m.Model, m.Data = texts["model"], texts["data"]
	var n normalization
	for _, f := range []struct {
		key      string
		value    any
		optional bool
	}{
		{"architecture", &m.Config, false}, {"classes", &m.Classes, false}, {"shape", &m.Shape, false},
		{"normalization", &n, true}, {"background", &m.Background, true}, {"scale", &m.Scale, true},
		{"targets", &m.Targets, true}, {"table", &m.Table, true},
	} {
		text, ok := texts[f.key]
		if !ok && f.optional {
			continue
		}
		if !ok {
			return m, errors.Errorf("no %q in the metadata: this is no model of the command hqvit. If a program "+
				"trained it with train.Loop, read it there, with rundir.ReadWeights and CopyTo", f.key)
		}
		if err := json.Unmarshal([]byte(text), f.value); err != nil {
			return m, errors.Errorf("metadata %q is damaged: %v", f.key, err)
		}
	}
	m.Mean, m.Std, m.Unscaled = n.Mean, n.Std, texts["scale"] == "null"
	return m, m.check()
}

// check returns an error unless the parts of the metadata are there and fit each other.
func (m Metadata) check() error {
	if err := m.checkOutputs(); err != nil {
		return err
	}
	channels := m.Config.Channels
	if !m.Config.Pictures() {
		return m.checkNumbers()
	}
	switch {
	case m.Config.Image < 1 || channels < 1 || m.Config.Classes < 1:
		return errors.Errorf("the Config is for images of side %d with %s and %s, want at least 1 of each; "+
			"it is that "+
			"of the model", m.Config.Image, words.Count(channels, "channel"),
			words.Count(m.Config.Classes, "class"))
	case len(m.Classes) != m.Config.Classes:
		return errors.Errorf("%s for the %s of the model", words.Count(len(m.Classes), "name"),
			words.Count(m.Config.Classes, "class"))
	case m.Shape.Height < 1 || m.Shape.Width < 1 || m.Shape.Channels != channels:
		return errors.Errorf("the Shape is %v, want that of the training images before they were fitted to "+
			"the model, "+
			"with its %s", m.Shape, words.Count(channels, "channel"))
	case (m.Mean != nil || m.Std != nil) && (len(m.Mean) != channels || len(m.Std) != channels):
		return errors.Errorf("the normalization has %s and %s for %s", words.Count(len(m.Mean), "mean"),
			words.Count(len(m.Std), "deviation"), words.Count(channels, "channel"))
	}
	return nil
}

// checkNumbers is check of a model of sequences or vectors.
func (m Metadata) checkNumbers() error {
	c := m.Config
	want := data.Shape{Height: c.Steps, Channels: c.Features}
	switch n := c.Features; {
	case n < 1 || c.Steps < 0 || c.Classes < 1:
		return errors.Errorf("the Config is for %s and %s, want at least 1 of each", c.InputText(), c.OutputText())
	case len(m.Classes) != c.Classes:
		return errors.Errorf("%s for the %s of the model", words.Count(len(m.Classes), "name"), c.OutputText())
	case m.Shape != want:
		return errors.Errorf("the Shape is %v, want %v, as the model takes them", m.Shape, want)
	case (m.Mean != nil || m.Std != nil) && (len(m.Mean) != n || len(m.Std) != n):
		return errors.Errorf("the normalization has %s and %s for %s", words.Count(len(m.Mean), "mean"),
			words.Count(len(m.Std), "deviation"), words.Count(n, "feature"))
	case m.Table != nil && (c.Steps > 0 || len(m.Table.Features()) != n):
		return errors.Errorf("the Table has %s, the model takes %s",
			words.Count(len(m.Table.Features()), "feature"), c.InputText())
	}
	return nil
}

// checkOutputs returns an error unless Targets fit the Config.
func (m Metadata) checkOutputs() error {
	k := m.Config.Classes
	if t := m.Targets; (t.Known() || t.Std != nil) && (m.Config.Output != vit.OutputValues || len(t.Mean) != k ||
		len(t.Std) != k) {
		return errors.Errorf("the Targets have %s and %s for %s: want one of each for each value",
			words.Count(len(t.Mean), "mean"), words.Count(len(t.Std), "deviation"), m.Config.OutputText())
	}
	return nil
}

// Transform returns what an example goes through on its way to the model, once it has the Shape.
func (m Metadata) Transform() data.Transform {
	return data.Transform{Size: m.Config.Image, Mean: m.Mean, Std: m.Std, Target: m.Targets}
}

// Spec returns what the model is trained on.
func (m Metadata) Spec() train.Spec {
	s := train.Spec{Dtype: tensor.Float32, Inputs: []tensor.Shape{m.Config.InputShape()}, Target: train.Classes}
	switch m.Config.Output {
	case vit.OutputLabels:
		s.Target, s.Values = train.Labels, tensor.Shape{m.Config.Classes}
	case vit.OutputValues:
		s.Target, s.Values = train.Values, tensor.Shape{m.Config.Classes}
	}
	return s
}
