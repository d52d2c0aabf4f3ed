package data

import (
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"path/filepath"
	"testing"
)

func crcOf(content []byte) (crc [4]byte) {
	binary.BigEndian.PutUint32(crc[:], crc32.ChecksumIEEE(content))
	return crc
}

// openInto reads the file of a picture as one image of a shape.
func openInto(path string, shape Shape) (Split, error) {
	p, err := OpenPicture(path)
	if err != nil {
		return Split{}, err
	}
	return p.Split(shape, false)
}

func TestOpenPicture(t *testing.T) {
	half := color.NRGBA{255, 255, 255, 128} // blended with black: half of full intensity
	for _, c := range []struct {
		name   string
		file   []byte
		shape  Shape
		row    int
		column int
		want   []uint8
	}{
		{"as it is", pngFile(4, 4, red), Shape{4, 4, 3}, 0, 0, []uint8{255, 0, 0}},
		{"in the middle", pngFile(2, 2, red), Shape{4, 6, 3}, 1, 2, []uint8{255, 0, 0}},
		{"black around", pngFile(2, 2, red), Shape{4, 6, 3}, 0, 2, []uint8{0, 0, 0}},
		{"smaller", pngFile(40, 80, red), Shape{4, 4, 3}, 1, 3, []uint8{255, 0, 0}},
		{"aspect kept", pngFile(40, 80, red), Shape{4, 4, 3}, 0, 3, []uint8{0, 0, 0}},
		// 0.299·255, ITU-R BT.601
		{"grey from colour", pngFile(4, 4, red), Shape{4, 4, 1}, 3, 3, []uint8{76}},
		{"colour from grey", pngFile(4, 4, grey), Shape{4, 4, 3}, 3, 3, []uint8{90, 90, 90}},
		{"half transparent", pngFile(4, 4, half), Shape{4, 4, 3}, 0, 0, []uint8{128, 128, 128}},
	} {
		t.Run(c.name, func(t *testing.T) {
			split, err := openInto(filepath.Join(write(t, map[string][]byte{"a.png": c.file}), "a.png"),
				c.shape)
			if err != nil {
				t.Fatal(err)
			}
			if split.Len() != 1 || split.Shape != c.shape || split.Labels != nil {
				t.Fatalf("%d images of %v, labels %v", split.Len(), split.Shape, split.Labels)
			}
			got := split.Images[(c.row*c.shape.Width+c.column)*c.shape.Channels:][:c.shape.Channels]
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("pixel %v, want %v", got, c.want)
				}
			}
		})
	}
}

func TestOpenPictureErrors(t *testing.T) {
	dir := write(t, map[string][]byte{"a.png": pngFile(2, 2, red), "b.png": lyingPNG(),
		"c.png": []byte("GIF89a")})
	for _, c := range []struct {
		file  string
		shape Shape
		want  string
	}{
		{"none.png", grey28, "no such file"},
		{"a.png", Shape{28, 28, 2}, "want sides of 1 to 4096 and 1 or 3 channels"},
		{"a.png", Shape{0, 28, 1}, "0×28×1"},
		{"b.png", grey28, "more than a file of"},
		{"c.png", grey28, "c.png: the file is damaged or of a rare kind: GIF"},
	} {
		_, err := openInto(filepath.Join(dir, c.file), c.shape)
		wantError(t, err, "data: ", c.want)
	}
}

// A picture of one colour stays so, and one that grows brighter to the right
// still does, at every size.
func TestShrinkKeepsColourAndGradient(t *testing.T) {
	ramp := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range ramp.Pix {
		ramp.Pix[i] = uint8(i % 64 * 4)
	}
	for _, side := range []int{32, 20, 7, 2} {
		split := Split{Shape: Shape{64, 64, 1}, Images: ramp.Pix}
		small := shrink(split, side)
		if small.Shape != (Shape{side, side, 1}) {
			t.Fatalf("images of %v, want sides of %d", small.Shape, side)
		}
		for i := range small.Images {
			if i%side > 0 && small.Images[i] <= small.Images[i-1] {
				t.Errorf("side %d: %d after %d", side, small.Images[i], small.Images[i-1])
			}
		}
		flat := shrink(Split{Shape: Shape{64, 64, 3}, Images: fullOf(64*64*3, 77)}, side)
		for _, v := range flat.Images {
			if v != 77 {
				t.Fatalf("side %d: %d in a picture of 77", side, v)
			}
		}
	}
}

func fullOf(n int, v uint8) []uint8 {
	x := make([]uint8, n)
	for i := range x {
		x[i] = v
	}
	return x
}
