package chart_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/train/report/chart"
)

// attention is of a model of two blocks over a picture of four patches. The first block has two heads.
func attention() chart.Attention {
	img := image.NewGray(image.Rect(0, 0, 4, 4))
	img.Set(1, 1, color.White)
	return chart.Attention{
		Title: "model", Guess: "seven", Picture: img,
		Rollout: []float64{14.25 / 8, 5.25 / 8, 5.25 / 8, 7.25 / 8},
		Heads:   [][][]float64{{{4, 0, 0, 0}, {1, 1, 1, 1}}, {{.75, .75, .75, 1.75}}},
	}
}

func TestAttentionPictures(t *testing.T) {
	var svg, pixels, again bytes.Buffer
	if err := chart.DrawAttention(&svg, chart.SVG, attention()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">model<", ">seven<", ">rollout<", "<image"} {
		if !strings.Contains(svg.String(), want) {
			t.Errorf("the picture has no %s", want)
		}
	}
	a := attention()
	cells := [][]chart.Cell{{{Picture: a.Picture},
		{Picture: a.Picture, Map: a.Rollout, Note: "one", Mistake: true}, {}}}
	for _, b := range []*bytes.Buffer{&pixels, &again} {
		if err := chart.DrawMaps(b, chart.PNG, "two", []string{"input", "a", "b"}, cells); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(pixels.Bytes(), again.Bytes()) {
		t.Error("another picture the second time")
	}
	for want, rows := range map[string][][]chart.Cell{
		"no map":                       {{{}, {}, {}}},
		"row 0 has 1 cells":            {{{}}},
		"want finite ones of a square": {{{}, {Map: []float64{1, 2}}, {}}},
		"the picture is empty":         {{{}, {Picture: image.NewGray(image.Rectangle{})}, {}}},
	} {
		if err := chart.DrawMaps(&bytes.Buffer{}, chart.SVG, "", []string{"input", "a", "b"},
			rows); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
	if img, err := png.Decode(&pixels); err != nil || img.Bounds().Dx() < 500 {
		t.Errorf("no picture of three panels: %v", err)
	}
}

func TestAttentionThatCannotBeDrawn(t *testing.T) {
	for want, change := range map[string]func(*chart.Attention){
		"no picture":                        func(a *chart.Attention) { a.Picture = nil },
		"no maps":                           func(a *chart.Attention) { a.Heads = nil },
		"block 1 has no heads":              func(a *chart.Attention) { a.Heads[1] = nil },
		"block 0, head 1 has no map":        func(a *chart.Attention) { a.Heads[0][1] = nil },
		"rollout: 3 values":                 func(a *chart.Attention) { a.Rollout = a.Rollout[:3] },
		"block 1, head 0: 2 values":         func(a *chart.Attention) { a.Heads[1][0] = make([]float64, 2) },
		"block 0, head 0: 4 values, want f": func(a *chart.Attention) { a.Heads[0][0][3] = math.NaN() },
	} {
		a := attention()
		change(&a)
		if err := chart.DrawAttention(&bytes.Buffer{}, chart.SVG, a); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
	if _, err := chart.FormatOf("a.gif"); err == nil || !strings.Contains(err.Error(), "a.gif") {
		t.Errorf("a.gif: %v", err)
	}
}
