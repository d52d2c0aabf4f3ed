package data

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// encoded returns a picture in a format.
func encoded(t testing.TB, format string, img image.Image) []byte {
	t.Helper()
	var file bytes.Buffer
	var err error
	switch format {
	case "png":
		err = png.Encode(&file, img)
	case "jpeg":
		err = jpeg.Encode(&file, img, &jpeg.Options{Quality: 100})
	case "gif":
		err = gif.Encode(&file, img, nil)
	case "bmp":
		err = bmp.Encode(&file, img)
	case "tiff":
		err = tiff.Encode(&file, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// corners is a picture of 3×2 whose pixels all differ.
func corners() *image.Gray {
	return &image.Gray{Pix: []uint8{10, 20, 30, 40, 50, 60}, Stride: 3, Rect: image.Rect(0, 0, 3, 2)}
}

// readPixels returns the pixels of a picture in its own size.
func readPixels(t *testing.T, content []byte, channels int) (Shape, []uint8) {
	t.Helper()
	p, err := ReadPicture(bytes.NewReader(content), "a")
	if err != nil {
		t.Fatal(err)
	}
	shape := Shape{p.height, p.width, channels}
	split, err := p.Split(shape, false)
	if err != nil {
		t.Fatal(err)
	}
	return shape, split.Images
}

// A picture is the same in every format that can hold it, whatever its model of colours.
func TestPicturesOfEveryFormat(t *testing.T) {
	grey := corners()
	draw := func(canvas interface {
		image.Image
		Set(x, y int, c color.Color)
	}) image.Image {
		for i, v := range grey.Pix {
			canvas.Set(i%3, i/3, color.Gray{v})
		}
		return canvas
	}
	size := grey.Rect
	var levels color.Palette
	for _, v := range grey.Pix {
		levels = append(levels, color.Gray{v})
	}
	for name, c := range map[string]struct {
		img     image.Image
		formats string
		grey    bool
	}{
		"grey":         {grey, "png bmp tiff", true},
		"grey 16 bit":  {draw(image.NewGray16(size)), "png tiff", true},
		"colour":       {draw(image.NewRGBA(size)), "png bmp tiff", false},
		"16 bit":       {draw(image.NewNRGBA64(size)), "png tiff", false},
		"transparent":  {draw(image.NewNRGBA(size)), "png tiff", false},
		"palette":      {draw(image.NewPaletted(size, levels)), "png gif bmp tiff", true},
		"grey in JPEG": {grey, "jpeg", true},
	} {
		for format := range strings.FieldsSeq(c.formats) {
			content := encoded(t, format, c.img)
			shape, pixels := readPixels(t, content, 1)
			h, err := readHeader(content)
			near := func(a, b uint8) bool { return format == "jpeg" && max(a, b)-min(a, b) < 4 || a == b }
			if shape != (Shape{2, 3, 1}) || !slices.EqualFunc(pixels, grey.Pix, near) || err != nil {
				t.Errorf("%s in %s: %v, %v, want %v; %v", name, format, shape, pixels, grey.Pix, err)
			}
			if h.grey != c.grey && format != "bmp" && name != "transparent" {
				t.Errorf("%s in %s: grey %v, want %v", name, format, h.grey, c.grey)
			}
		}
	}
	// One pixel of lossless WebP, as its encoder writes it: VP8L, transparent black.
	webp := []byte(
		"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00",
	)
	if shape, pixels := readPixels(t, webp, 3); shape != (Shape{1, 1, 3}) ||
		!slices.Equal(pixels, []uint8{0, 0, 0}) {
		t.Errorf("WebP: %v %v", shape, pixels)
	}
	animated := []byte(
		"RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00ANIM\x00\x00\x00\x00",
	)
	_, err := readHeader(animated)
	wantError(t, err, "an animated WebP, which is not read")
}

// Go's own test pictures have what no encoder of Go writes: CMYK, progressive and subsampled JPEG.
func TestPicturesOfOtherEncoders(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("no go command: ", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(root)), "src", "image", "testdata")
	for _, name := range []string{"video-001.cmyk.jpeg", "video-001.progressive.jpeg", "video-001.rgb.jpeg",
		"video-001.q50.420.jpeg", "video-001.5bpp.gif", "video-001.interlaced.gif"} {
		reference := "video-001.png"
		if strings.Contains(name, "cmyk") {
			reference = "video-001.cmyk.png"
		}
		content, err := os.ReadFile(filepath.Join(dir, name))
		same, sameErr := os.ReadFile(filepath.Join(dir, reference))
		if err != nil || sameErr != nil {
			t.Skip("Go's sources are not here: ", err, sameErr)
		}
		shape, want := readPixels(t, same, 3)
		got, pixels := readPixels(t, content, 3)
		sum := 0
		for i := range min(len(want), len(pixels)) {
			sum += int(max(want[i], pixels[i]) - min(want[i], pixels[i]))
		}
		if mean := float64(sum) / float64(len(want)); got != shape || mean > 12 {
			t.Errorf("%s: %v, mean difference %v", name, got, mean)
		}
	}
}
