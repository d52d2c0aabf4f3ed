package serve

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// The API says what the model says to a program that opens it, to the last bit: of pictures that are
// predicted together, and of the attention of one.
func TestPredictionsAreThoseOfTheModel(t *testing.T) {
	normal := func(m *trained.Metadata) { m.Mean, m.Std = []float32{0.13}, []float32{0.31} }
	dirs := []string{
		saved(t, "hqvit", normal),
		saved(t, "vit", nil),
		saved(t, "cnn", normal),
		saved(t, "hqvit-stem", nil),
	}
	s := start(t, Options{Models: dirs, Threads: 2})
	for _, dir := range dirs {
		m, err := trained.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		var pictures []image.Image
		for i := range 9 {
			pictures = append(pictures, drawnPicture(i))
		}
		want, err := m.Predict(t.Context(), pictures...)
		if err != nil {
			t.Fatal(err)
		}
		id := m.Metadata().Model
		for i, p := range pictures {
			got := answers[prediction](s, 200, s.post("/api/v1/models/"+id+"/predict", "image/png", pngOf(t, p)))
			if !slices.Equal(got.Probabilities, want[i].Probabilities) || got.Class != want[i].Class ||
				got.Probability != want[i].Probability || got.Model != id {
				t.Fatalf("%s, picture %d:\n%+v, want\n%+v", id, i, got, want[i])
			}
			if top := m.Top(want[i], 10); !slices.Equal(got.Classes, top) {
				t.Errorf("%s: classes %v, want %v", id, got.Classes, top)
			}
			a := answers[attention](s, 200, s.post("/api/v1/models/"+id+"/attention", "image/png", pngOf(t, p)))
			if !slices.Equal(a.Probabilities, want[i].Probabilities) {
				t.Errorf("%s: with attention %v, without %v", id, a.Probabilities, want[i].Probabilities)
			}
		}
	}
}

func TestPicturesComeInEveryForm(t *testing.T) {
	s := start(t, Options{Models: []string{saved(t, "hqvit", nil)}})
	const path = "/api/v1/models/hqvit/predict"
	picture := drawnPicture(3)
	file := pngOf(t, picture)
	want := answers[prediction](s, 200, s.post(path, "image/png", file))
	inJSON := func(key string, value any) []byte {
		text, err := json.Marshal(map[string]any{key: value})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	var flat, rows, nested []any
	for y := range 28 {
		var row, cells []any
		for x := range 28 {
			v := picture.Pix[28*y+x]
			flat, row, cells = append(flat, v), append(row, v), append(cells, []any{v})
		}
		rows, nested = append(rows, row), append(nested, cells)
	}
	text := base64.StdEncoding.EncodeToString(file)
	for name, r := range map[string]*http.Request{
		"without a type":   s.post(path, "", file),
		"as curl sends it": s.post(path, "application/x-www-form-urlencoded", file),
		"base64":           s.post(path, "application/json", inJSON("image", text)),
		"a data URL": s.post(path, "application/json; charset=utf-8",
			inJSON("image", "data:image/png;base64,"+text)),
		"pixels":            s.post(path, "application/json", inJSON("pixels", flat)),
		"rows of pixels":    s.post(path, "application/json", inJSON("pixels", rows)),
		"channels of those": s.post(path, "application/json", inJSON("pixels", nested)),
	} {
		got := answers[prediction](s, 200, r)
		if !slices.Equal(got.Probabilities, want.Probabilities) {
			t.Errorf("%s: %v, want %v", name, got.Probabilities, want.Probabilities)
		}
	}
	paper := image.NewGray(picture.Rect)
	for i, v := range picture.Pix {
		paper.Pix[i] = 255 - v
	}
	got := answers[prediction](s, 200, s.post(path, "image/png", pngOf(t, paper)))
	if !got.Inverted || !slices.Equal(got.Probabilities, want.Probabilities) {
		t.Errorf("on paper: %+v, want it inverted", got)
	}
	got = answers[prediction](s, 200, s.post(path+"?invert=never", "image/png", pngOf(t, paper)))
	if got.Inverted || slices.Equal(got.Probabilities, want.Probabilities) {
		t.Errorf("on paper, never inverted: %+v", got)
	}
	got = answers[prediction](s, 200, s.post(path+"?invert=always", "image/png", pngOf(t, paper)))
	if !got.Inverted || !slices.Equal(got.Probabilities, want.Probabilities) {
		t.Errorf("on paper, always inverted: %+v", got)
	}
}

// A model that was trained on numbers of an unknown scale takes numbers, and no pictures.
func TestNumbersOfAnUnknownScale(t *testing.T) {
	dir := saved(t, "vit", func(m *trained.Metadata) { m.Unscaled, m.Scale = true, data.Scale{} })
	s := start(t, Options{Models: []string{dir}})
	values := make([]float32, 28*28)
	for i := range values {
		values[i] = float32(i%7) - 2.25
	}
	text, err := json.Marshal(map[string]any{"pixels": values})
	if err != nil {
		t.Fatal(err)
	}
	m, err := trained.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	want, err := m.PredictPixels(
		t.Context(),
		data.Split{Shape: m.Metadata().Shape, Floats: slices.Repeat(values, 5)},
	)
	if err != nil {
		t.Fatal(err)
	}
	got := answers[prediction](s, 200, s.post("/api/v1/models/vit/predict", "application/json", text))
	if !slices.Equal(got.Probabilities, want[0].Probabilities) {
		t.Errorf("%v, want %v", got.Probabilities, want[0].Probabilities)
	}
	s.wrong(
		422,
		"nothing says which is black",
		s.post("/api/v1/models/vit/predict", "image/png", pngOf(t, drawnPicture(1))),
	)
	// What overflows is an error, of nobody else.
	huge := strings.ReplaceAll(string(text), "-2.25", "3e38")
	s.send(500, s.post("/api/v1/models/vit/predict", "application/json", []byte(huge)))
	answers[prediction](s, 200, s.post("/api/v1/models/vit/predict", "application/json", text))
}

func TestAttentionIsThatOfTheModel(t *testing.T) {
	dir := saved(t, "hqvit", nil)
	s := start(t, Options{Models: []string{dir}})
	m, err := trained.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	p, err := m.NewPredictor(1, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	picture := drawnPicture(2)
	images, err := m.Metadata().Transform().Apply(data.Split{Shape: m.Metadata().Shape, Images: picture.Pix})
	if err != nil {
		t.Fatal(err)
	}
	seen, err := p.Attention(t.Context(), train.Images{Images: images}, 0)
	if err != nil {
		t.Fatal(err)
	}
	maps, err := train.Maps(seen.Blocks, m.Metadata().Config.Pooling == vit.PoolFirstToken)
	if err != nil {
		t.Fatal(err)
	}
	const path = "/api/v1/models/hqvit/attention"
	a := answers[attention](s, 200, s.post(path, "image/png", pngOf(t, picture)))
	if !slices.Equal(a.Rollout, maps.Rollout) || a.Side != 4 || len(a.Blocks) != 2 {
		t.Fatalf(
			"rollout %v, want %v; %d patches a side, %d blocks",
			a.Rollout,
			maps.Rollout,
			a.Side,
			len(a.Blocks),
		)
	}
	for b, block := range a.Blocks {
		for h := range 4 {
			if !slices.Equal(block.Maps[h], maps.Heads[b][h]) {
				t.Errorf("block %d, head %d: %v, want %v", b, h, block.Maps[h], maps.Heads[b][h])
			}
			if got := slices.Concat(
				block.Coefficients[h]...); !slices.Equal(
				got,
				seen.Blocks[b].Coefficients[256*h:256*(h+1)],
			) {
				t.Errorf("block %d, head %d: other coefficients", b, h)
			}
		}
	}
	shown, err := png.Decode(bytes.NewReader(a.Seen))
	if err != nil || shown.Bounds().Dx() != 32 {
		t.Errorf("what is seen: %v, %v, want 32 pixels a side", shown, err)
	}
	svg := s.send(200, s.post(path+"?format=svg", "image/png", pngOf(t, picture)))
	if !bytes.HasPrefix(svg, []byte("<svg")) || !bytes.Contains(svg, []byte("block 1, head 3")) {
		t.Errorf("%.100s", svg)
	}
}
