package chart_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/train/report/chart"
)

// attention is of a model of two blocks over a picture of four patches. The first block has two heads.
func attention() chart.Attention {
	img := image.NewGray(image.Rect(0, 0, 4, 4))
	img.Set(1, 1, color.White)
	return chart.Attention{
		Title: "model", Guess: "seven", Truth: "eight", Mistake: true, Picture: img,
		Rollout: []float64{14.25 / 8, 5.25 / 8, 5.25 / 8, 7.25 / 8},
		Heads:   [][][]float64{{{4, 0, 0, 0}, {1, 1, 1, 1}}, {{.75, .75, .75, 1.75}}},
	}
}

func TestAttentionPictures(t *testing.T) {
	var svg, pixels, again bytes.Buffer
	if err := chart.DrawAttention(&svg, chart.SVG, attention()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">model<", ">truth: eight, prediction: seven (wrong)<", ">block 0, head 1<",
		"<image"} {
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

// A map is that of its patches in their middles, and changes evenly from one to the next. Each head has its
// own scale, and a head that attends evenly has no colour.
func TestMapsAreInterpolated(t *testing.T) {
	var file bytes.Buffer
	a := attention()
	a.Picture = image.NewGray(image.Rect(0, 0, 4, 4))
	if err := chart.DrawAttention(&file, chart.SVG, a); err != nil {
		t.Fatal(err)
	}
	var maps []image.Image
	for _, m := range regexp.MustCompile(`base64,([^"]*)`).FindAllStringSubmatch(file.String(), -1) {
		content, err := base64.StdEncoding.DecodeString(m[1])
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		if img.Bounds().Dx() > 1 {
			maps = append(maps, img)
		}
	}
	if len(maps) != 5 {
		t.Fatalf("%d pictures, want the input, the rollout and three heads", len(maps))
	}
	for i, even := range []bool{true, false, false, true, false} {
		colours, side := map[color.Color]bool{}, maps[i].Bounds().Dx()
		for x := range side / 2 {
			colours[maps[i].At(x+side/4, x+side/4)] = true
		}
		for c := range colours {
			if r, _, _, _ := c.RGBA(); i > 0 && r>>8&3 != r>>14 {
				t.Errorf("picture %d has a red of %d, which is none of 64 levels", i, r>>8)
			}
		}
		if even != (len(colours) == 1) || !even && len(colours) < side/8 {
			t.Errorf("picture %d: %d colours in the middle half of the diagonal", i, len(colours))
		}
	}
	for scale, want := range map[string]int{">8×<": 1, ">1.25×<": 1, ">1.5×<": 2} {
		if n := strings.Count(file.String(), scale); n != want {
			t.Errorf("%d scales have %s, want %d", n, scale, want)
		}
	}
}
