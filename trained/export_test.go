package trained_test

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/onnxtest"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// pixels returns images of a model as they are given to its ONNX file: (N, C, H, W) in [0,1].
func pixels(s data.Split) []float64 {
	c, plane := s.Channels, s.Height*s.Width
	x := make([]float64, len(s.Images))
	for i := range s.Len() {
		for p := range plane {
			for k := range c {
				x[(i*c+k)*plane+p] = float64(float32(s.Images[(i*plane+p)*c+k]) / 255)
			}
		}
	}
	return x
}

// logits returns what the model makes of images.
func logits(t *testing.T, m *trained.Model, s data.Split) []float64 {
	t.Helper()
	images, err := m.Metadata().Transform().Apply(s)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.NewPredictor(1, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	e, err := p.Evaluate(context.Background(), train.Images{Images: images})
	if err != nil {
		t.Fatal(err)
	}
	return e.Predictions
}

// largest returns the largest difference, and the largest number of want.
func largest(t *testing.T, got, want []float64) (difference, scale float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d numbers, want %d", len(got), len(want))
	}
	for i, v := range want {
		difference, scale = max(difference, math.Abs(got[i]-v)), max(scale, math.Abs(v))
	}
	return difference, scale
}

// The ONNX file of every built-in model, run by a plain interpreter, gives the model's logits.
func TestONNX(t *testing.T) {
	for _, name := range append(vit.Names(), "hqvit:hadamard", "hqvit:cosine:first-token", "hqvit:uniform",
		"hqvit:identity", "hqvit:orthogonal:mean") {
		if strings.HasSuffix(name, "-m") && (testing.Short() || name != "hqvit-m") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			m := open(t, saved(t, name, func(m *trained.Metadata) {
				m.Mean, m.Std = []float32{0.13},
					[]float32{0.31}
			}))
			split, _, err := m.Fit(picture(t, 3))
			if err != nil {
				t.Fatal(err)
			}
			exported, err := m.ONNX(trained.Export{Probabilities: true})
			if err != nil {
				t.Fatal(err)
			}
			out := interpret(t, exported.Bytes, split)
			if d, scale := largest(t, out["logits"].Data, logits(t, m, split)); d > 1e-5*scale {
				t.Errorf("logits off by %.2g of %.2g", d, scale)
			}
			p, err := m.PredictPixels(context.Background(), split)
			if err != nil {
				t.Fatal(err)
			}
			if d, _ := largest(t, out["probabilities"].Data, p[0].Probabilities); d > 1e-5 {
				t.Errorf("probabilities off by %.2g", d)
			}
		})
	}
}

func shapeOf(s data.Split) []int { return []int{s.Len(), s.Channels, s.Height, s.Width} }

func interpret(t *testing.T, file []byte, s data.Split) map[string]onnxtest.Tensor {
	t.Helper()
	m, err := onnxtest.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	out, err := m.Run(map[string]onnxtest.Tensor{"image": {Shape: shapeOf(s), Data: pixels(s)}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func open(t *testing.T, path string) *trained.Model {
	t.Helper()
	m, err := trained.Options{Threads: 1, Seed: 7}.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func picture(t *testing.T, number int) *data.Picture {
	t.Helper()
	p, err := data.NewPicture(drawn(number))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The file says what its readers need, names parameters as the Store does, and holds no angle.
func TestONNXFile(t *testing.T) {
	m := open(t, saved(t, "hqvit", nil))
	path := filepath.Join(t.TempDir(), "model.onnx")
	exported, err := m.ExportONNX(path, trained.Export{Attention: true, Opset: 21})
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(file, exported.Bytes) {
		t.Fatalf("the file is not what was returned: %v", err)
	}
	read, err := onnxtest.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := m.Weights().Digest()
	if err != nil {
		t.Fatal(err)
	}
	if read.IR != 8 || read.Opset != 21 || read.Metadata["sha256"] != digest ||
		read.Metadata["classes"] != m.Weights().Meta["classes"] || read.Metadata["shape"] == "" {
		t.Errorf("IR %d, opset %d, metadata %v", read.IR, read.Opset, read.Metadata)
	}
	var outputs []string
	for _, o := range read.Outputs {
		outputs = append(outputs, o.Name)
	}
	want := []string{"logits", "blocks.0.attn.attention", "blocks.1.attn.attention"}
	if !slices.Equal(outputs, want) {
		t.Errorf("outputs %v, want %v", outputs, want)
	}
	for _, p := range m.Store().Params() {
		tensor, there := read.Initializers[p.Name]
		if angle := strings.HasSuffix(p.Name, "theta"); there == angle {
			t.Errorf("%s is in the file: %v", p.Name, there)
		}
		if there && !slices.Equal(tensor.Data, p.Values()) {
			t.Errorf("%s has other values", p.Name)
		}
	}
	split, _, err := m.Fit(picture(t, 3))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range slices.Collect(slices.Chunk(interpret(t, file, split)["blocks.1.attn.attention"].Data,
		16)) {
		sum := 0.0
		for _, v := range row {
			sum += v
		}
		if math.Abs(sum-1) > 1e-6 {
			t.Errorf("a row of attention sums to %v", sum)
		}
	}
}

func TestONNXRefuses(t *testing.T) {
	shots := open(t, saved(t, "hqvit", func(m *trained.Metadata) { m.Config.Shots = 100 }))
	if _, err := shots.ONNX(trained.Export{}); err == nil ||
		!strings.Contains(err.Error(), "what is exported is exact") {
		t.Errorf("a model with shots: %v", err)
	}
	plain := open(t, saved(t, "logreg", nil))
	for _, e := range []trained.Export{{Opset: 16}, {Opset: 99}, {Attention: true}} {
		if _, err := plain.ONNX(e); err == nil {
			t.Errorf("%+v: no error", e)
		}
	}
	if _, err := (*trained.Model)(nil).ONNX(trained.Export{}); err == nil {
		t.Error("no error for a nil model")
	}
}

// ONNX Runtime gives the model's logits, on the whole test set of the runs whose directories HQVIT_RUNS
// lists.
func TestONNXRuntime(t *testing.T) {
	onnxtest.NeedRuntime(t)
	runs := os.Getenv("HQVIT_RUNS")
	list := strings.FieldsFunc(runs, func(r rune) bool { return r == ',' })
	if len(list) == 0 {
		list = []string{saved(t, "hqvit", nil), saved(t, "vit", nil)}
	}
	for _, run := range list {
		m := open(t, run)
		split := testSplit(t, m, runs != "")
		want := logits(t, m, split)
		for _, opset := range []int{17, 18, 20, 24} {
			exported, err := m.ONNX(trained.Export{Opset: opset})
			if err != nil {
				t.Fatal(err)
			}
			got := onnxtest.Runtime(t, exported.Bytes, onnxtest.Tensor{Shape: shapeOf(split), Data: pixels(split)})
			d, scale := largest(t, got, want)
			t.Logf("%s, opset %d: %d images, largest |Δlogit| %.2g, largest |logit| %.3g", m.Metadata().Model,
				opset, split.Len(), d, scale)
			if d > 1e-5*scale {
				t.Errorf("%s, opset %d: logits off by %.2g of %.2g", run, opset, d, scale)
			}
		}
	}
}

// testSplit returns the test images of a run, or a few drawn ones.
func testSplit(t *testing.T, m *trained.Model, trained bool) data.Split {
	t.Helper()
	if trained {
		set, err := data.Load(context.Background(), m.Metadata().Data, data.Options{NoDownload: true})
		if err != nil {
			t.Fatal(err)
		}
		return set.Test
	}
	all := data.Split{Shape: m.Metadata().Shape}
	for i := range 5 {
		one, _, err := m.Fit(picture(t, i))
		if err != nil {
			t.Fatal(err)
		}
		all.Images = append(all.Images, one.Images...)
	}
	return all
}
