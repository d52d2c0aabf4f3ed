package data

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
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

// exif returns EXIF data with an orientation.
func exif(order binary.AppendByteOrder, orientation uint16) []byte {
	content := []byte("II*\x00")
	if order.String() == "BigEndian" {
		content = []byte("MM\x00*")
	}
	content = order.AppendUint32(content, 8)
	content = order.AppendUint16(content, 2)
	for _, entry := range [][4]uint16{{0x10f, 3, 1, 7}, {0x112, 3, 1, orientation}} { // a maker that is a number
		content = order.AppendUint16(order.AppendUint16(content, entry[0]), entry[1])
		content = order.AppendUint32(content, uint32(entry[2]))
		content = order.AppendUint16(order.AppendUint16(content, entry[3]), 0)
	}
	return order.AppendUint32(content, 0)
}

// withChunk puts a chunk behind the header of a PNG file.
func withChunk(file []byte, kind string, content []byte) []byte {
	chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(content))), kind...)
	chunk = append(chunk, content...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return slices.Concat(file[:33], chunk, file[33:])
}

// A picture stands upright in all eight orientations of EXIF, wherever a format keeps it.
func TestOrientation(t *testing.T) {
	// What a camera stores of the picture 10 20 30 / 40 50 60, by orientation.
	stored := map[uint16]*image.Gray{
		1: {Pix: []uint8{10, 20, 30, 40, 50, 60}, Stride: 3, Rect: image.Rect(0, 0, 3, 2)},
		2: {Pix: []uint8{30, 20, 10, 60, 50, 40}, Stride: 3, Rect: image.Rect(0, 0, 3, 2)}, // mirrored
		3: {Pix: []uint8{60, 50, 40, 30, 20, 10}, Stride: 3, Rect: image.Rect(0, 0, 3, 2)}, // upside down
		4: {Pix: []uint8{40, 50, 60, 10, 20, 30}, Stride: 3, Rect: image.Rect(0, 0, 3, 2)},
		5: {Pix: []uint8{10, 40, 20, 50, 30, 60}, Stride: 2, Rect: image.Rect(0, 0, 2, 3)}, // transposed
		6: {
			Pix:    []uint8{30, 60, 20, 50, 10, 40},
			Stride: 2,
			Rect:   image.Rect(0, 0, 2, 3),
		}, // turned left: turn right
		7: {Pix: []uint8{60, 30, 50, 20, 40, 10}, Stride: 2, Rect: image.Rect(0, 0, 2, 3)},
		8: {
			Pix:    []uint8{40, 10, 50, 20, 60, 30},
			Stride: 2,
			Rect:   image.Rect(0, 0, 2, 3),
		}, // turned right: turn left
	}
	want := corners().Pix
	for o, img := range stored {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			tags := exif(order, o)
			segment := append([]byte("Exif\x00\x00"), tags...)
			jpg := encoded(t, "jpeg", img)
			jpg = slices.Concat(
				jpg[:2],
				[]byte{
					0xff,
					0xe0,
					0,
					4,
					0,
					0,
					0xff,
					0xe1,
					byte(len(segment)+2) >> 7 >> 1,
					byte(len(segment) + 2),
				},
				segment,
				jpg[2:],
			)
			tif := encoded(t, "tiff", img)
			at := len(tif)
			tif = withTag(tif, o)
			for name, content := range map[string][]byte{"PNG": withChunk(encoded(t, "png", img), "eXIf", tags),
				"JPEG": jpg, "TIFF": tif} {
				shape, pixels := readPixels(t, content, 1)
				near := func(a, b uint8) bool { return max(a, b)-min(a, b) < 4 }
				if shape != (Shape{2, 3, 1}) || !slices.EqualFunc(pixels, want, near) {
					t.Errorf("orientation %d in %s (%d): %v %v, want %v", o, name, at, shape, pixels, want)
				}
			}
		}
	}
	for name, content := range map[string][]byte{"none": encoded(t, "jpeg", corners()), "9": withChunk(encoded(t, "png", corners()), "eXIf",
		exif(binary.BigEndian, 9)), "cut": withChunk(encoded(t, "png", corners()), "eXIf", exif(binary.BigEndian, 6)[:20]),
		"no data": []byte("\xff\xd8"), "a chunk beyond": []byte("RIFF\x00\x00\x00\x00WEBPEXIF\xff\xff\xff\xff")} {
		if o := orientationOf(content); o != 1 {
			t.Errorf("%s: orientation %d, want 1", name, o)
		}
	}
	if o := orientationOf(slices.Concat([]byte("RIFF\x00\x00\x00\x00WEBPVP8 \x01\x00\x00\x00a\x00EXIF\x26\x00\x00\x00"),
		exif(binary.LittleEndian, 6))); o != 6 {
		t.Errorf("WebP: orientation %d, want 6", o)
	}
}

// withTag appends a directory with the orientation to a TIFF file of this package's encoder, and makes it the
// first.
func withTag(file []byte, o uint16) []byte {
	order := binary.LittleEndian
	at := order.Uint32(file[4:])
	n := order.Uint16(file[at:])
	entries := file[at+2 : at+2+12*uint32(n)]
	var before, after []byte
	for ; len(entries) > 0; entries = entries[12:] {
		if order.Uint16(entries) < 0x112 {
			before = append(before, entries[:12]...)
		} else {
			after = append(after, entries[:12]...)
		}
	}
	tag := order.AppendUint16(order.AppendUint16(nil, 0x112), 3)
	tag = order.AppendUint32(order.AppendUint32(tag, 1), uint32(o))
	order.PutUint32(file[4:], uint32(len(file)))
	file = order.AppendUint16(file, n+1)
	return order.AppendUint32(slices.Concat(file, before, tag, after), 0)
}

// A large picture that was turned is as if it had been stored upright, at the model's size too.
func TestOrientationOfLargePicture(t *testing.T) {
	upright, turned := image.NewGray(image.Rect(0, 0, 60, 40)), image.NewGray(image.Rect(0, 0, 40, 60))
	for y := range 40 {
		for x := range 60 {
			v := color.Gray{uint8(x*4 + y%7)}
			upright.SetGray(x, y, v)
			turned.SetGray(y, 59-x, v) // orientation 6: its first row is the right side
		}
	}
	shape := Shape{12, 12, 1}
	split := func(content []byte) []uint8 {
		p, err := ReadPicture(bytes.NewReader(content), "a")
		if err != nil {
			t.Fatal(err)
		}
		s, err := p.Split(shape, false)
		if err != nil {
			t.Fatal(err)
		}
		return s.Images
	}
	a := split(encoded(t, "png", upright))
	b := split(withChunk(encoded(t, "png", turned), "eXIf", exif(binary.BigEndian, 6)))
	for i := range a {
		if max(a[i], b[i])-min(a[i], b[i]) > 1 {
			t.Fatalf("pixel %d is %d turned and %d upright", i, b[i], a[i])
		}
	}
}

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

// Memory is limited by memory: a page that compresses well is sound, and pixels beyond the limit are not.
func TestPictureMemory(t *testing.T) {
	page := image.NewPaletted(
		image.Rect(0, 0, 2480, 3508),
		color.Palette{color.White, color.Black},
	) // A4 at 300 dpi
	for x := 200; x < 2200; x++ {
		page.SetColorIndex(x, 1000, 1)
	}
	content := encoded(t, "png", page)
	if len(content) > 9000 {
		t.Fatalf("%d bytes, want a page of at most 9 kB", len(content))
	}
	p, err := ReadPicture(bytes.NewReader(content), "page")
	if err != nil {
		t.Fatal(err)
	}
	if split, err := p.Split(grey28, false); err != nil || p.Background() != Bright || split.Images[14] == 0 {
		t.Errorf("the page stands on %s; %v", p.Background(), err)
	}
	dir := write(t, map[string][]byte{"a/1.png": content, "b/2.png": content})
	if set, err := Load(t.Context(), "folder:"+dir, Options{Size: 32}); err != nil || set.Channels != 1 {
		t.Error(err)
	}
	limitMemory(t, 1<<20, 1<<20)
	_, err = ReadPicture(bytes.NewReader(content), "page")
	wantError(t, err, "2480×3508 pixels, which take 8.7 MB of memory: at most 1.05 MB are read")
	small := encoded(t, "png", image.NewGray(image.Rect(0, 0, 400, 400)))
	files := map[string][]byte{}
	for _, name := range strings.Fields("a/1 a/2 a/3 a/4 b/1 b/2 b/3 b/4") {
		files[name+".png"] = small
	}
	_, err = Load(t.Context(), "folder:"+write(t, files), Options{})
	wantError(t, err, "8 images of 400×400×1: 1.28 MB are more than the 1.05 MB of memory that there are")
	if _, err = Load(t.Context(), "folder:"+write(t, files), Options{Size: 100}); err != nil {
		t.Error(err)
	}
	_, err = ReadPicture(bytes.NewReader(lyingPNG()), "a")
	wantError(t, err, "the file is damaged: its PNG header says 32768×32768 pixels, more than a file of")
	_, err = ReadPicture(bytes.NewReader(make([]byte, 1<<20+1)), "a")
	wantError(t, err, "more than 1.05 MB, the limit for a picture")
}
