package data

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"slices"
	"testing"
)

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
	for name, content := range map[string][]byte{"none": encoded(t, "jpeg", corners()),
		"9": withChunk(encoded(t, "png", corners()), "eXIf",
			exif(binary.BigEndian, 9)), "cut": withChunk(encoded(t, "png", corners()), "eXIf",
			exif(binary.BigEndian, 6)[:20]),
		"no data": []byte("\xff\xd8"), "a chunk beyond": []byte("RIFF\x00\x00\x00\x00WEBPEXIF\xff\xff\xff\xff")} {
		if o := orientationOf(content); o != 1 {
			t.Errorf("%s: orientation %d, want 1", name, o)
		}
	}
	if o := orientationOf(slices.Concat([]byte("RIFF\x00\x00\x00\x00WEBPVP8 "+
		"\x01\x00\x00\x00a\x00EXIF\x26\x00\x00\x00"), exif(binary.LittleEndian, 6))); o != 6 {
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
