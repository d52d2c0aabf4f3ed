package trained_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// saved returns the path of the weights of an untrained model.
func saved(t testing.TB, name string, change func(m *trained.Metadata)) string {
	t.Helper()
	c, err := vit.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	meta := trained.Metadata{Model: name, Data: "digits", Config: c,
		Shape:      data.Shape{Height: 28, Width: 28, Channels: 1},
		Background: data.Dark, Scale: data.Scale{White: 255}}
	for i := range c.Classes {
		meta.Classes = append(meta.Classes, fmt.Sprint("class ", i))
	}
	if change != nil {
		change(&meta)
	}
	return save(t, c, meta)
}

// savedAs is saved with metadata that are not those of the weights.
func savedAs(t testing.TB, name string, change func(m *trained.Metadata)) string {
	t.Helper()
	m, err := trained.Open(saved(t, name, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	meta := m.Metadata()
	c := meta.Config
	change(&meta)
	return save(t, c, meta)
}

// save saves an untrained model of a Config with those metadata.
func save(t testing.TB, c vit.Config, meta trained.Metadata) string {
	t.Helper()
	layer, err := vit.New(c)
	if err != nil {
		t.Fatal(err)
	}
	st := nn.NewStore(7)
	if _, err := op.Build(func(g *G.ExprGraph) error {
		x := G.NewTensor(g, tensor.Float32, 4, G.WithShape(1, c.Channels, c.Image, c.Image), G.WithName("x"))
		_, err := layer.Forward(nn.NewScope(g, st), x)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	texts, err := meta.Texts()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "best.safetensors")
	if err := rundir.WeightsOf(st, texts).Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// drawn returns a grey picture with a bright stroke that depends on its number.
func drawn(number int) image.Image {
	img := image.NewGray(image.Rect(0, 0, 28, 28))
	for y := 4; y < 24; y++ {
		x := 4 + (y*(number%5+1)+3*number)%20
		img.SetGray(x, y, color.Gray{uint8(150 + 7*number%100)})
		img.SetGray(x+1, y, color.Gray{255})
	}
	return img
}

func near(a, b []float64, within float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !(math.Abs(a[i]-b[i]) <= within) {
			return false
		}
	}
	return true
}

func TestPredictIsEvaluate(t *testing.T) {
	for _, name := range []string{"hqvit", "vit", "hqvit-paper", "cnn", "logreg"} {
		path := saved(t, name, func(m *trained.Metadata) { m.Mean, m.Std = []float32{0.13}, []float32{0.31} })
		m, err := trained.Open(filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		var pictures []image.Image
		split := data.Split{Shape: m.Metadata().Shape}
		for i := range 40 {
			pictures = append(pictures, drawn(i))
			split.Images = append(split.Images, drawn(i).(*image.Gray).Pix...)
		}
		images, err := m.Metadata().Transform().Apply(split)
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
		want := e.Probabilities()
		for _, n := range []int{40, 1, 3, 4, 5} {
			got, err := m.Predict(context.Background(), pictures[:n]...)
			if err != nil || len(got) != n {
				t.Fatalf("%s: %d predictions, %v", name, len(got), err)
			}
			for i, g := range got {
				if !near(g.Probabilities, want[i*10:(i+1)*10], 1e-6) {
					t.Errorf("%s, %d pictures: picture %d has %v, want %v", name, n, i, g.Probabilities,
						want[i*10:(i+1)*10])
				}
				if best := m.Top(g, 1)[0]; best.Class != g.Class || best.Probability != g.Probability ||
					g.Inverted {
					t.Errorf("%s: %+v, and at the top %+v", name, g, best)
				}
			}
		}
	}
}

func TestPredictIsSafeForConcurrentUse(t *testing.T) {
	m, err := trained.Options{Threads: 3}.Open(saved(t, "hqvit", nil))
	if err != nil {
		t.Fatal(err)
	}
	want, err := m.Predict(context.Background(), drawn(0), drawn(1), drawn(2), drawn(3))
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for g := range 8 {
		wait.Go(func() {
			for i := range 6 {
				pictures := []image.Image{drawn(g % 4)}
				if i == 2 {
					pictures = []image.Image{drawn(g % 4), drawn(1), drawn(2), drawn(3), drawn(4), drawn(5)}
				}
				got, err := m.Predict(context.Background(), pictures...)
				if err != nil || !near(got[0].Probabilities, want[g%4].Probabilities, 1e-6) {
					t.Errorf("%v, %v, want %v", got, err, want[g%4])
				}
			}
		})
	}
	wait.Wait()
	m.Close()
	m.Close()
	for _, n := range []int{1, 10} {
		if _, err := m.Predict(context.Background(), make([]image.Image, 0)...); err != nil {
			t.Error(err)
		}
		pictures := make([]image.Image, n)
		for i := range pictures {
			pictures[i] = drawn(i)
		}
		if _, err := m.Predict(context.Background(), pictures...); err == nil ||
			!strings.Contains(err.Error(), "closed") {
			t.Errorf("after Close: %v", err)
		}
	}
}

// A picture from a file is that picture from memory, and one on paper is inverted for a model of white
// digits.
func TestPredictFiles(t *testing.T) {
	path := saved(t, "vit", nil)
	m, err := trained.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	paper := image.NewGray(image.Rect(0, 0, 28, 28))
	for i, v := range drawn(3).(*image.Gray).Pix {
		paper.Pix[i] = 255 - v
	}
	file := filepath.Join(t.TempDir(), "paper.png")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, paper); err != nil {
		t.Fatal(err)
	}
	f.Close()
	got, err := m.PredictFiles(context.Background(), file)
	if err != nil {
		t.Fatal(err)
	}
	want, err := m.Predict(context.Background(), drawn(3))
	if err != nil || !near(got[0].Probabilities, want[0].Probabilities, 0) || !got[0].Inverted ||
		want[0].Inverted {
		t.Errorf("%+v, want %+v inverted, %v", got, want, err)
	}
	never, err := trained.Options{Invert: trained.InvertNever}.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer never.Close()
	if got, err := never.PredictFiles(context.Background(), file); err != nil || got[0].Inverted ||
		near(got[0].Probabilities, want[0].Probabilities, 1e-6) {
		t.Errorf("never inverted: %+v, %v", got, err)
	}
}

func TestOpenAndPredictErrors(t *testing.T) {
	good := saved(t, "vit", nil)
	m, err := trained.Open(good)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	unscaled, err := trained.Open(saved(t, "vit", func(m *trained.Metadata) { m.Unscaled = true }))
	if err != nil {
		t.Fatal(err)
	}
	defer unscaled.Close()
	open := func(path string, o trained.Options) error { _, err := o.Open(path); return err }
	predict := func(m *trained.Model, img image.Image) error {
		_, err := m.Predict(context.Background(), img)
		return err
	}
	files := func(path string) error { _, err := m.PredictFiles(context.Background(), path); return err }
	text := filepath.Join(t.TempDir(), "text.png")
	if err := os.WriteFile(text, []byte("no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	_, stopped := m.Predict(done, drawn(1))
	_, shape := m.PredictPixels(context.Background(),
		data.Split{Shape: data.Shape{Height: 2, Width: 2, Channels: 1}, Images: make([]uint8, 4)})
	for want, err := range map[string]error{
		"no such file":                      open("nowhere", trained.Options{}),
		"Threads is -1":                     open(good, trained.Options{Threads: -1}),
		`Invert "maybe"`:                    open(good, trained.Options{Invert: "maybe"}),
		"picture 0: data: the image is nil": predict(m, nil),
		"0×0 pixels":                        predict(m, image.NewGray(image.Rectangle{})),
		"the Model is nil or empty":         predict(nil, drawn(1)),
		"cannot be given a picture":         predict(unscaled, drawn(1)),
		"text.png":                          files(text),
		"nothing.png":                       files("nothing.png"),
		"context canceled":                  stopped,
		"images of 2×2×1, want 28×28×1":     shape,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// A nil Model and an empty one are errors, or give nothing.
func TestMissingModel(t *testing.T) {
	for _, m := range []*trained.Model{nil, {}} {
		if len(m.Classes()) > 0 || m.Path() != "" || m.Weights() != nil || m.Store() != nil || m.Layer() != nil ||
			m.Scope() != nil || len(m.Metadata().Classes) > 0 ||
			m.Top(trained.Prediction{Probabilities: []float64{1}}, 1) != nil {
			t.Error("a missing model has something")
		}
		_, predict := m.Predict(context.Background(), drawn(1))
		_, pixels := m.PredictPixels(context.Background(), data.Split{})
		_, _, fit := m.Fit(nil)
		_, predictor := m.NewPredictor(1, 1)
		for _, err := range []error{predict, pixels, fit, predictor} {
			if err == nil || !strings.Contains(err.Error(), "the Model is nil or empty") {
				t.Error(err)
			}
		}
		m.Close()
	}
}

// What one picture takes, beside 32 of them.
func BenchmarkPredict(b *testing.B) {
	for _, name := range []string{"hqvit", "vit"} {
		m, err := trained.Options{Threads: 1}.Open(saved(b, name, nil))
		if err != nil {
			b.Fatal(err)
		}
		defer m.Close()
		for _, n := range []int{1, 4, 5, 32} {
			pictures := make([]image.Image, n)
			for i := range pictures {
				pictures[i] = drawn(i)
			}
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					if _, err := m.Predict(context.Background(), pictures...); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// The most probable classes of a picture, by the model of a run.
func ExampleOpen() {
	model, err := trained.Open("runs/mnist-hqvit-s1")
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()
	predictions, err := model.PredictFiles(context.Background(), "digit.png")
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range model.Top(predictions[0], 3) {
		fmt.Printf("%s %.1f %%\n", r.Class, 100*r.Probability)
	}
}
