package data

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestMatchClasses(t *testing.T) {
	for name, c := range map[string]struct {
		set, model []string
		unnamed    bool
		want       []int // of the images 0, 1, 2, …, one of each class; -1: left out
		notes      string
		fails      string
	}{
		"same": {[]string{"ant", "bee"}, []string{"ant", "bee"}, false, []int{0, 1}, "", ""},
		"other order": {[]string{"ant", "bee"}, []string{"bee", "ant"}, false, []int{1, 0},
			"classes stand in another order than the model's: matched by name", ""},
		"renamed": {[]string{"bee", "cat", "zant"}, []string{"ant", "bee", "cat"}, false, []int{1, 2, -1},
			"left out 1 image of what is no class of the model's: zant; no image of the model's class ant", ""},
		"missing": {[]string{"bee"}, []string{"ant", "bee"}, false, []int{1},
			"no image of the model's class ant", ""},
		"extra": {[]string{"ant", "bee", "cow"}, []string{"ant", "bee"}, false, []int{0, 1, -1},
			"left out 1 image of what is no class of the model's: cow", ""},
		"case": {[]string{"Ant", "BEE"}, []string{"ant", "bee"}, false, []int{0, 1},
			"names that differ in case or in spaces around them were matched: Ant is ant, BEE is bee", ""},
		"spaces": {[]string{"ant ", " Bee"}, []string{"ant", "bee"}, false, []int{0, 1},
			`names that differ in case or in spaces around them were matched: "ant " is ant, " Bee" is bee`, ""},
		"the very name": {[]string{"ant"}, []string{"Ant", "ant", "ANT"}, false, []int{1},
			"no image of the model's classes Ant, ANT", ""},
		"one for two": {[]string{"ant"}, []string{"Ant", "ANT", "bee"}, false, nil, "",
			`class "ant" could be "Ant" or "ANT" of the model's: rename it`},
		"two for one": {[]string{"Ant", "ant "}, []string{"ant", "bee"}, false, nil, "",
			`classes "Ant" and "ant " could both be "ant" of the model's: rename one`},
		"case taken": {[]string{"Ant", "ant"}, []string{"ant", "bee"}, false, []int{-1, 0},
			"left out 1 image of what is no class of the model's: Ant; no image of the model's class bee", ""},
		"numbers": {[]string{"0", "1"}, []string{"ant", "bee"}, true, []int{0, 1},
			"labels have no names and were taken as the model's classes in order: 0 is ant, 1 is bee", ""},
		"number": {[]string{"1"}, []string{"ant", "bee"}, true, []int{1}, "labels have no names and " +
			"were taken as the model's classes in order: 1 is bee; no image of the model's class ant", ""},
		"named 0": {[]string{"0", "1"}, []string{"ant", "bee"}, false, nil, "",
			"has the classes 0, 1, none of which is one of the model's: ant, bee"},
		"digits": {[]string{"3", "7"}, strings.Fields("0 1 2 3 4 5 6 7 8 9"), true, []int{3, 7},
			"no image of the model's classes 0, 1, 2, 4, 5, 6, 8, 9", ""},
		"from 1": {[]string{"0", "1"}, []string{"1", "2"}, true, []int{-1, 0},
			"left out 1 image of what is no class of the model's: 0; no image of the model's class 2", ""},
		"none common": {[]string{"cow"}, []string{"ant", "bee"}, false, nil, "",
			"none of which is one of the model's"},
	} {
		n := len(c.set)
		split := Split{Shape: grey1, Images: randomBytes(n, 1), Labels: make([]int, n)}
		for i := range n {
			split.Labels[i] = i
		}
		real := Split{Shape: grey1, Floats: make([]float32, n), Labels: slices.Clone(split.Labels)}
		for i := range n {
			real.Floats[i] = float32(i)
		}
		for _, part := range []Split{split, real} {
			set := &Set{Name: "new", Classes: c.set, Test: part, Unnamed: c.unnamed}
			err := set.Match(c.model)
			if c.fails != "" {
				wantError(t, err, "data: new", c.fails)
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			var labels []int
			var bytes []uint8
			var floats []float32
			for i, label := range c.want {
				if label >= 0 {
					labels = append(labels, label)
					bytes, floats = append(bytes, split.Images[i]), append(floats, real.Floats[i])
				}
			}
			pixels := slices.Equal(set.Test.Images, bytes) && set.Test.Floats == nil ||
				slices.Equal(set.Test.Floats, floats) && set.Test.Images == nil
			if notes := strings.Join(set.Notes, "; "); notes != c.notes ||
				!slices.Equal(set.Test.Labels, labels) ||
				!pixels ||
				!slices.Equal(set.Classes, c.model) {
				t.Errorf("%s: labels %v, want %v; notes %q", name, set.Test.Labels, labels, notes)
			}
		}
	}
}

// Fit gives images the shape, the place and the channels that a picture from a file gets.
func TestFit(t *testing.T) {
	for _, from := range []Shape{{4, 6, 1}, {12, 9, 1}, {4, 6, 3}, {30, 20, 3}, {7, 9, 1}, {7, 9, 3}} {
		for _, to := range []Shape{{8, 8, 1}, {8, 8, 3}, {7, 9, 1}, {7, 9, 3}, {9, 11, 3}} {
			split := randomSplit(from, 2, 2, 1)
			p := throughPNG(t, split.pixels(1))
			want, err := p.Split(to, false)
			if err != nil {
				t.Fatal(err)
			}
			got, err := split.Fit(to)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Images[to.Len():], want.Images) || got.Len() != 2 || got.Shape != to {
				t.Errorf("%v to %v: not as a picture", from, to)
			}
			floats := Split{Shape: from, Floats: make([]float32, len(split.Images))}
			for i, v := range split.Images {
				floats.Floats[i] = float32(v) / 255
			}
			real, err := floats.Fit(to)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range want.Images {
				if d := float64(real.Floats[to.Len()+i])*255 - float64(v); d > 2 || d < -2 {
					t.Errorf("%v to %v: real number %d is %v of 255, want %d", from, to, i, d+float64(v), v)
					break
				}
			}
		}
	}
}

// Real numbers larger than the model's input are scaled down as bytes are.
func TestRealNumbersAreScaledDown(t *testing.T) {
	split := randomSplit(Shape{40, 30, 3}, 2, 2, 1)
	floats := Split{Shape: split.Shape, Floats: make([]float32, len(split.Images))}
	for i, v := range split.Images {
		floats.Floats[i] = float32(v)*2 - 100 // of no known scale
	}
	a, b := make([]float32, 2*16*16*3), make([]float32, 2*16*16*3)
	if err := imagesOf(t, split, 16).Fill(a, []int{0, 1}); err != nil {
		t.Fatal(err)
	}
	if err := imagesOf(t, floats, 16).Fill(b, []int{0, 1}); err != nil {
		t.Fatal(err)
	}
	for i := range a {
		x := i % 16
		if want := a[i]*510 - 100; x >= 2 && x < 14 && (b[i]-want > 4 || want-b[i] > 4) {
			t.Fatalf("value %d is %v, want %v", i, b[i], want)
		}
	}
}
