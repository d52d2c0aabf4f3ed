package data

import (
	"image/color"
	"math"
	"testing"
)

// A digest is that of pixels, labels and shape, whatever the transform.
func TestDigest(t *testing.T) {
	base := func() Split {
		return Split{Shape: Shape{Height: 2, Width: 2, Channels: 1}, Images: []uint8{1, 2, 3, 4, 5, 6, 7, 8},
			Labels: []int{0, 1}}
	}
	digest := func(s Split, tr Transform) string {
		images, err := tr.Apply(s)
		if err != nil {
			t.Fatal(err)
		}
		return images.Digest()
	}
	want := digest(base(), Transform{Size: 2})
	if got := digest(base(), Transform{Size: 4, Mean: []float32{0.5}, Std: []float32{2}}); got != want ||
		len(want) != 64 {
		t.Errorf("%s with a transform, want %s", got, want)
	}
	for name, change := range map[string]func(s *Split){
		"a pixel": func(s *Split) { s.Images[5] ^= 1 },
		"a label": func(s *Split) { s.Labels[1] = 0 },
		"shape":   func(s *Split) { s.Shape = Shape{Height: 1, Width: 4, Channels: 1} },
		"floats":  func(s *Split) { s.Images, s.Floats = nil, []float32{1, 2, 3, 4, 5, 6, 7, 8} },
	} {
		s := base()
		change(&s)
		if got := digest(s, Transform{Size: 4}); got == want {
			t.Errorf("%s changed, and the digest is the same", name)
		}
	}
}

// A picture of normalised images has the colours of the files: each channel is brought back before all are
// stretched together.
func TestPictureIsNotNormalised(t *testing.T) {
	s := Split{Shape: Shape{Height: 1, Width: 2, Channels: 3}, Images: []uint8{255, 100, 50, 200, 150, 30},
		Labels: []int{0}}
	images, err := Transform{Size: 2, Mean: []float32{0.9, 0.2, 0.1}, Std: []float32{0.1, 0.5, 2}}.Apply(s)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := images.Picture(0)
	if err != nil {
		t.Fatal(err)
	}
	near := func(a, b uint8) bool { return math.Abs(float64(a)-float64(b)) <= 1 }
	for x, want := range []color.NRGBA{{255, 100, 50, 255}, {200, 150, 30, 255}} {
		got := picture.NRGBAAt(x, 0) // half of a row of black is above: (2−1)/2 = 0
		if !near(got.R, want.R) || !near(got.G, want.G) || !near(got.B, want.B) {
			t.Errorf("pixel %d is %v, want %v", x, got, want)
		}
	}
}
