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

// looks is a model of two blocks on a picture of four patches. The first block has two heads.
func looks() chart.Attention {
	img := image.NewGray(image.Rect(0, 0, 4, 4))
	img.Set(1, 1, color.White)
	return chart.Attention{
		Title: "model", Guess: "seven", Picture: img,
		Blocks: []chart.Heads{
			{Heads: 2, Tokens: 4, Weights: []float64{
				1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, // all look at patch 0
				0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, // each at the next
			}},
			{Heads: 1, Tokens: 4, Weights: []float64{
				.25, .25, .25, .25, .25, .25, .25, .25, .25, .25, .25, .25, 0, 0, 0, 1,
			}},
		},
	}
}

func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-12 {
			t.Errorf("%s: %v, want %v", what, got, want)
			return
		}
	}
}

func TestMapsAreMultiplesOfAnEvenShare(t *testing.T) {
	a := looks()
	near(t, "head 0", a.Map(0, 0), []float64{4, 0, 0, 0})
	near(t, "head 1", a.Map(0, 1), []float64{1, 1, 1, 1})
	near(t, "block 1", a.Map(1, 0), []float64{.75, .75, .75, 1.75})
	a.FirstToken = true
	near(t, "head 1 from token 0", a.Map(0, 1), []float64{0, 4, 0, 0})
}

// By hand. The mean of block 0 is rows ½e₀+½e₁, ½e₀+½e₂, ½e₀+½e₃, e₀; with the residual, halved: rows
// (¾,¼,0,0), (¼,½,¼,0), (¼,0,½,¼), (½,0,0,½). Block 1 likewise: (⅝,⅛,⅛,⅛), (⅛,⅝,⅛,⅛), (⅛,⅛,⅝,⅛), (0,0,0,1). The column means of block 1
// are (7,7,7,11)/32; times block 0: (7·(¾+¼+¼)+11·½, 7·(¼+½), 7·(¼+½), 7·¼+11·½)/32 = (14.25, 5.25, 5.25, 7.25)/32, times 4.
func TestRolloutByHand(t *testing.T) {
	near(t, "rollout", looks().Rollout(), []float64{14.25 / 8, 5.25 / 8, 5.25 / 8, 7.25 / 8})
}

func TestAttentionPictures(t *testing.T) {
	var svg, pixels, again bytes.Buffer
	if err := chart.DrawAttention(&svg, chart.SVG, looks()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">model<", ">seven<", ">rollout<", "<image"} {
		if !strings.Contains(svg.String(), want) {
			t.Errorf("the picture has no %s", want)
		}
	}
	rollout, blocks, err := looks().Maps()
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean of the heads of block 0", blocks[0], []float64{2.5, .5, .5, .5})
	cells := [][]chart.Cell{{{Picture: looks().Picture}, {Picture: looks().Picture, Map: rollout, Note: "one", Wrong: true}, {}}}
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
	} {
		if err := chart.DrawMaps(&bytes.Buffer{}, chart.SVG, "", []string{"input", "a", "b"}, rows); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
	if img, err := png.Decode(&pixels); err != nil || img.Bounds().Dx() < 500 {
		t.Errorf("no picture of three panels: %v", err)
	}
}

func TestAttentionThatCannotBeDrawn(t *testing.T) {
	for want, change := range map[string]func(*chart.Attention){
		"no picture":                 func(a *chart.Attention) { a.Picture = nil },
		"no attention to show":       func(a *chart.Attention) { a.Blocks = nil },
		"want (H, T, T)":             func(a *chart.Attention) { a.Blocks[1].Heads = 2 },
		"want a square of patches":   func(a *chart.Attention) { a.Blocks = []chart.Heads{{Heads: 1, Tokens: 2, Weights: make([]float64, 4)}} },
		"a weight that is not in [0": func(a *chart.Attention) { a.Blocks[0].Weights[3] = math.NaN() },
	} {
		a := looks()
		change(&a)
		if err := chart.DrawAttention(&bytes.Buffer{}, chart.SVG, a); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
	if _, err := chart.FormatOf("a.gif"); err == nil || !strings.Contains(err.Error(), "a.gif") {
		t.Errorf("a.gif: %v", err)
	}
}
