package data

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"slices"
	"testing"
)

// Of a file with several frames or pages the first is the picture, in its place.
func TestSeveralFrames(t *testing.T) {
	frame := func(level uint8, r image.Rectangle) *image.Paletted {
		img := image.NewPaletted(r, color.Palette{color.Gray{level}, color.Gray{0}})
		return img
	}
	whole := image.Rect(0, 0, 4, 4)
	animation := func(frames ...*image.Paletted) []byte {
		g := gif.GIF{
			Image:  frames,
			Delay:  make([]int, len(frames)),
			Config: image.Config{Width: 4, Height: 4},
		}
		var file bytes.Buffer
		if err := gif.EncodeAll(&file, &g); err != nil {
			t.Fatal(err)
		}
		return file.Bytes()
	}
	several := func(content []byte) bool {
		p, err := ReadPicture(bytes.NewReader(content), "a")
		if err != nil {
			t.Fatal(err)
		}
		return p.Several()
	}
	two := animation(frame(100, whole), frame(200, whole))
	if shape, pixels := readPixels(t, two, 1); shape != (Shape{4, 4, 1}) || pixels[0] != 100 ||
		!several(two) {
		t.Errorf("two frames: %v %v", shape, pixels)
	}
	if several(animation(frame(100, whole))) || several(encoded(t, "png", corners())) ||
		several(encoded(t, "tiff", corners())) {
		t.Error("one frame is several")
	}
	part := animation(frame(100, image.Rect(1, 1, 3, 2)))
	if shape, pixels := readPixels(t, part, 1); shape != (Shape{4, 4, 1}) ||
		!slices.Equal(pixels[:8], []uint8{0, 0, 0, 0, 0, 100, 100, 0}) {
		t.Errorf("a frame within its canvas: %v %v", shape, pixels)
	}
	if !several(withChunk(encoded(t, "png", corners()), "acTL", make([]byte, 8))) {
		t.Error("an animated PNG is one picture")
	}
	pages := withTag(encoded(t, "tiff", corners()), 1)
	binary.LittleEndian.PutUint32(pages[len(pages)-4:], 8)
	if !several(pages) {
		t.Error("two pages are one picture")
	}
	set, err := Load(t.Context(),
		"folder:"+write(t, map[string][]byte{"a/1.gif": two, "b/2.gif": two, "b/3.gif": part}), Options{})
	if err != nil ||
		!slices.Contains(set.Notes, "of several frames or pages the first was taken: in 2 pictures") {
		t.Errorf("notes %q; %v", set.Notes, err)
	}
}
