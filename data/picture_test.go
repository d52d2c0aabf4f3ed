package data

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// throughPNG returns an image as its file is read.
func throughPNG(t *testing.T, img image.Image) *Picture {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	p, err := ReadPicture(&file, "a")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestGround(t *testing.T) {
	for _, c := range []struct {
		level uint8
		want  Background
	}{{0, Dark}, {63, Dark}, {64, Middle}, {191, Middle}, {192, Bright}, {255, Bright}} {
		img := image.NewGray(image.Rect(0, 0, 5, 4)) // what is inside does not count
		for i := range img.Pix {
			if x, y := i%5, i/5; x == 0 || y == 0 || x == 4 || y == 3 {
				img.Pix[i] = c.level
			} else {
				img.Pix[i] = 255 - c.level
			}
		}
		p := throughPNG(t, img)
		split := Split{Shape: Shape{4, 5, 1}, Images: img.Pix}
		if p.Background() != c.want || split.Background() != c.want {
			t.Errorf("%d: the picture stands on %s, the split on %s, want %s",
				c.level, p.Background(), split.Background(), c.want)
		}
	}
	if !Dark.Opposes(Bright) || !Bright.Opposes(Dark) || Dark.Opposes(Dark) || Middle.Opposes(Bright) ||
		Dark.Opposes("") {
		t.Error("only dark and bright oppose each other")
	}
	if g := (Split{Shape: Shape{1, 1, 1}, Floats: []float32{0}}).Background(); g != Middle {
		t.Errorf("real numbers stand on %s", g)
	}
}

// Pictures of a folder stand on their own ground, not on the black that their form has them set in: else wide
// photographs would count as pictures on black, and one on paper would be inverted for their model.
func TestGroundOfFolderIsThatOfPictures(t *testing.T) {
	for level, want := range map[uint8]Background{20: Dark, 120: Middle, 250: Bright} {
		files := map[string][]byte{}
		for i, class := range []string{"a", "b", "a", "b", "a", "b"} {
			wide := image.NewGray(image.Rect(0, 0, 40, 10))
			for p := range wide.Pix {
				wide.Pix[p] = level
			}
			var file bytes.Buffer
			if err := png.Encode(&file, wide); err != nil {
				t.Fatal(err)
			}
			files[class+"/"+string(rune('0'+i))+".png"] = file.Bytes()
		}
		set, err := Load(t.Context(), "folder:"+write(t, files), Options{Size: 8})
		if err != nil {
			t.Fatal(err)
		}
		if got := set.Train.First(2).Background(); got != want {
			t.Errorf("pictures of level %d stand on %s, want %s", level, got, want)
		}
	}
}

// Inverted, a picture is its negative within its own edges: what it is set in, and what is transparent, stays
// black.
func TestPictureInverted(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	img.Set(0, 0, color.NRGBA{255, 100, 0, 255})
	p := throughPNG(t, img)
	for _, c := range []struct {
		inverted bool
		want     []uint8
	}{
		{false, []uint8{0, 0, 0, 255, 100, 0, 0, 0, 0, 0, 0, 0}},
		{true, []uint8{0, 0, 0, 0, 155, 255, 0, 0, 0, 0, 0, 0}},
	} {
		split, err := p.Split(Shape{1, 4, 3}, c.inverted)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(split.Images, c.want) {
			t.Errorf("inverted %v: %v, want %v", c.inverted, split.Images, c.want)
		}
	}
	_, err := p.Split(Shape{0, 4, 3}, false)
	wantError(t, err, "0×4×3")
}
