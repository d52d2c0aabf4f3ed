package data

import (
	"slices"
	"testing"
)

// The views of an augmentation, and that their weights sum to 1.
func TestViewsFollowTheAugmentation(t *testing.T) {
	as := func(weight float64) View { return View{Weight: weight} }
	mirrored := func(weight float64) View { return View{Mirrored: true, Weight: weight} }
	moved := func(by int, mirrored bool, weight float64) View { return View{mirrored, by, by, weight} }
	for name, c := range map[string]struct {
		augment Augment
		want    []View
	}{
		"nothing":         {Augment{}, []View{as(1)}},
		"colours":         {Augment{Brightness: 0.4, Cutout: 8, MixUp: 0.2, Rotate: 0.1}, []View{as(1)}},
		"half a pixel":    {Augment{Shift: 0.9}, []View{as(1)}},
		"mirrored":        {Augment{Flip: true}, []View{as(0.5), mirrored(0.5)}},
		"alternate flips": {Augment{AlternateFlip: true}, []View{as(0.5), mirrored(0.5)}},
		"digits":          {forDigits, []View{as(0.5), moved(-2, false, 0.25), moved(2, false, 0.25)}},
		"one pixel":       {Augment{Crop: 1}, []View{as(0.5), moved(-1, false, 0.25), moved(1, false, 0.25)}},
		"photographs": {forPhotos, []View{as(0.25), mirrored(0.25), moved(-2, false, 0.125),
			moved(-2, true, 0.125), moved(2, false, 0.125), moved(2, true, 0.125)}},
	} {
		got, sum := c.augment.Views(), 0.0
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		for _, v := range got {
			sum += v.Weight
		}
		if sum != 1 {
			t.Errorf("%s: the weights sum to %v", name, sum)
		}
	}
}

// Each pixel of a view is that of the picture at the place that the displacement and the mirror say, and
// black outside.
func TestFillViewByHand(t *testing.T) {
	const side, size = 5, 7 // with a margin
	p := imagesOf(t, randomSplit(Shape{side, side, 3}, 4, 2, 3), size)
	plain := make([]float32, 2*p.ImageLen())
	if err := p.Fill(plain, []int{2, 0}); err != nil {
		t.Fatal(err)
	}
	for _, v := range []View{{}, {Mirrored: true}, {X: 2, Y: 2}, {Mirrored: true, X: -2, Y: -2}, {X: -1, Y: 3},
		{X: 1 << 40, Y: -1 << 62}} {
		got := make([]float32, len(plain))
		if err := p.FillView(got, []int{2, 0}, v); err != nil {
			t.Fatal(err)
		}
		for i, value := range got {
			plane, y, x := i/(size*size), i/size%size-v.Y, i%size-v.X
			want := p.value[plane%3][0]
			if x >= 0 && x < size && y >= 0 && y < size {
				if v.Mirrored {
					x = size - 1 - x
				}
				want = plain[(plane*size+y)*size+x]
			}
			if value != want {
				t.Fatalf("%+v: value %d is %v, want %v", v, i, value, want)
			}
		}
	}
}

func TestFillViewRefuses(t *testing.T) {
	p := imagesOf(t, randomSplit(Shape{4, 4, 1}, 2, 2, 1), 4)
	wantError(t, p.FillView(make([]float32, 15), []int{0}, View{}), "do not fit")
	wantError(t, p.FillView(make([]float32, 16), []int{2}, View{}), "image 2 out of range")
	wantError(t, (*Images)(nil).FillView(nil, nil, View{}), "Transform.Apply")
	vectors, err := Transform{}.Apply(Split{Shape: Shape{Channels: 2}, Floats: []float32{1, 2},
		Labels: []int{0}})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, vectors.FillView(make([]float32, 2), []int{0}, View{}), "views of", "want pictures")
}
