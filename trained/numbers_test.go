package trained_test

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/onnxtest"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// savedNumbers writes a model of sequences or vectors with its first weights, and returns the path of its
// file.
func savedNumbers(t *testing.T, name string, examples vit.Config, meta trained.Metadata) string {
	t.Helper()
	c, err := vit.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	meta.Config = c.For(examples)
	meta.Model, meta.Data, meta.Unscaled = name, "numbers", true
	meta.Shape = data.Shape{Height: examples.Steps, Channels: examples.Features}
	for i := range examples.Features {
		meta.Mean, meta.Std = append(meta.Mean, float32(i)), append(meta.Std, float32(2+i))
	}
	texts, err := meta.Texts()
	if err != nil {
		t.Fatal(err)
	}
	st := nn.NewStore(5)
	if _, _, err := vit.Graph(meta.Config, st, 1); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name+".safetensors")
	if err := rundir.WeightsOf(st, texts).Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// Of numbers a model answers with values in their units, or with a probability of each label, and its ONNX
// file gives the same of the same numbers.
func TestNumbers(t *testing.T) {
	sequences := vit.Config{Steps: 3, Features: 2, Classes: 2, Output: vit.OutputLabels}
	vectors := vit.Config{Features: 6, Classes: 2, Output: vit.OutputValues}
	x := []float32{3, -1, 0.5, 7, 2, 1e-3}
	input := make([]float64, len(x))
	for i, v := range x {
		input[i] = float64(v)
	}
	for _, name := range []string{"hqvit", "vit-matched", "logreg"} {
		m := open(t, savedNumbers(t, name, sequences, trained.Metadata{Classes: []string{"wet", "cold"}}))
		p, err := m.PredictNumbers(t.Context(), x, x)
		if err != nil {
			t.Fatal(err)
		}
		out := interpretNumbers(t, m, "sequence", []int{1, 3, 2}, input)
		for k, z := range out["logits"].Data {
			if want := 1 / (1 + math.Exp(-z)); math.Abs(p[0].Probabilities[k]-want) > 1e-5 {
				t.Errorf("%s: probability %v, the file says %v", name, p[0].Probabilities[k], want)
			}
		}
		if p[0].Values != nil || !slices.Equal(p[0].Probabilities, p[1].Probabilities) || len(m.Top(p[0], 5)) != 2 {
			t.Errorf("%s: %+v", name, p)
		}

		units := data.Standard{Mean: []float32{100, -5}, Std: []float32{20, 0.5}}
		m = open(t, savedNumbers(t, name, vectors, trained.Metadata{Classes: []string{"price", "age"},
			Targets: units}))
		if p, err = m.PredictNumbers(t.Context(), x); err != nil {
			t.Fatal(err)
		}
		split := data.Split{Shape: m.Metadata().Shape, Floats: x}
		raw := logits(t, m, split) // of an Evaluation, in the units of the transform
		out = interpretNumbers(t, m, "vector", []int{1, 6}, input)
		for k, got := range p[0].Values {
			if d := math.Abs(got - out["values"].Data[k]); d > 1e-3 {
				t.Errorf("%s: value %v, the file says %v", name, got, out["values"].Data[k])
			}
			if math.Abs(got-raw[k]) > 1e-4 { // of another graph
				t.Errorf("%s: value %v, an evaluation has %v", name, got, raw[k])
			}
		}
		if p[0].Class != "" || p[0].Probabilities != nil {
			t.Errorf("%s: %+v", name, p[0])
		}
	}
}

func interpretNumbers(t *testing.T, m *trained.Model, input string, shape []int,
	x []float64) map[string]onnxtest.Tensor {
	t.Helper()
	exported, err := m.ONNX(trained.Export{})
	if err != nil {
		t.Fatal(err)
	}
	file, err := onnxtest.Read(exported.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	out, err := file.Run(map[string]onnxtest.Tensor{input: {Shape: shape, Data: x}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWrongNumbers(t *testing.T) {
	vectors := vit.Config{Features: 2, Classes: 1, Output: vit.OutputValues}
	table := &data.Table{Columns: []data.Column{{Name: "a"}, {Name: "b"}}, Targets: []string{"y"}}
	m := open(t, savedNumbers(t, "vit", vectors, trained.Metadata{Classes: []string{"y"}, Table: table}))
	ctx := t.Context()
	for want, f := range map[string]func() error{
		"example 1 has 3 numbers, want 2": func() error {
			_,
				err := m.PredictNumbers(ctx, []float32{1, 2}, []float32{1, 2, 3})
			return err
		},
		"holds NaN": func() error {
			_,
				err := m.PredictNumbers(ctx, []float32{float32(math.NaN()), 1})
			return err
		},
		"cannot be given a picture": func() error { _, err := m.Predict(ctx, drawn(3)); return err },
		"line 2: column b holds no value": func() error {
			_,
				err := m.PredictRows(ctx, strings.NewReader("b,a\n,1\n"))
			return err
		},
		"no rows to read": func() error { _, err := m.PredictRows(ctx, nil); return err },
		"no output probabilities": func() error {
			_,
				err := m.ONNX(trained.Export{Probabilities: true})
			return err
		},
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if p, err := m.PredictRows(ctx, strings.NewReader("b,y,a\n2,0,1\n")); err != nil || len(p) != 1 ||
		len(p[0].Values) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	meta := m.Metadata()
	for want, change := range map[string]func(m *trained.Metadata){
		"the Table has 1 feature": func(
			m *trained.Metadata) {
			m.Table = &data.Table{Columns: table.Columns[:1]}
		},
		"the Shape is 3 features, want 2 features":  func(m *trained.Metadata) { m.Shape.Channels = 3 },
		"0 names for the 1 value":                   func(m *trained.Metadata) { m.Classes = nil },
		"1 mean and 2 deviations for 2 features":    func(m *trained.Metadata) { m.Mean = m.Mean[:1] },
		"the Targets have 2 means and 0 deviations": func(m *trained.Metadata) { m.Targets.Mean = []float32{1, 2} },
		"the Targets have 1 mean and 1 deviation for 1 label": func(m *trained.Metadata) {
			m.Config.Output, m.Targets = vit.OutputLabels, data.Standard{Mean: []float32{1}, Std: []float32{1}}
		},
	} {
		changed := meta
		change(&changed)
		if _, err := changed.Texts(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	pictures := open(t, saved(t, "vit", nil))
	if _, err := pictures.PredictNumbers(ctx, []float32{1}); err == nil ||
		!strings.Contains(err.Error(), "was trained on pictures") {
		t.Error(err)
	}
	if _, err := pictures.PredictRows(ctx, strings.NewReader("a\n")); err == nil ||
		!strings.Contains(err.Error(), "not on a table") {
		t.Error(err)
	}
}
