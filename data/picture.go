package data

import (
	"image"
	"image/color"
	"io"

	"github.com/pkg/errors"
)

// Picture is a decoded PNG or JPEG image that is not of any set.
type Picture struct{ img image.Image }

// ReadPicture decodes a PNG or JPEG image; the name is for errors. It returns an error if it is neither, or if its header promises more
// pixels than its bytes warrant. The orientation that a camera notes beside the pixels is not looked at.
func ReadPicture(r io.Reader, name string) (*Picture, error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, errors.Wrapf(err, "data: %s", name)
	}
	img, err := decodeImage(content)
	if err != nil {
		return nil, errors.WithMessagef(err, "data: %s", name)
	}
	return &Picture{img}, nil
}

// Background is what pictures stand on: the mean brightness of their outermost pixels, in words.
type Background string

const (
	Dark   Background = "dark"   // below 1/4
	Middle Background = "middle" // as of photographs
	Bright Background = "bright" // above 3/4: paper
)

func groundOf(sum, pixels int) Background {
	switch mean := float64(sum) / float64(255*max(pixels, 1)); {
	case mean < 0.25:
		return Dark
	case mean > 0.75:
		return Bright
	}
	return Middle
}

// Opposes says that one is dark and the other bright: pictures of the one ground look like negatives to who knows the other.
func (g Background) Opposes(other Background) bool {
	return g == Dark && other == Bright || g == Bright && other == Dark
}

// Background returns what the picture stands on. Transparent pixels are blended with black.
func (p *Picture) Background() Background {
	b, sum, n := p.img.Bounds(), 0, 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		step := max(b.Dx()-1, 1)
		if y == b.Min.Y || y == b.Max.Y-1 {
			step = 1
		}
		for x := b.Min.X; x < b.Max.X; x += step {
			sum += int(color.GrayModel.Convert(p.img.At(x, y)).(color.Gray).Y)
			n++
		}
	}
	return groundOf(sum, n)
}

// Background returns what the images stand on, all taken together, without the black that pictures of a folder were set in; Middle for real
// numbers, of which nothing says which is bright.
func (s Split) Background() Background {
	if len(s.Images) == 0 {
		return Middle
	}
	if s.ground != "" {
		return s.ground
	}
	sum, count := 0, 0
	for at := 0; at < len(s.Images); at += s.Shape.Len() {
		ofImage, pixels := s.border(s.Images[at:at+s.Shape.Len()], image.Rect(0, 0, s.Width, s.Height))
		sum, count = sum+ofImage, count+pixels
	}
	return groundOf(sum, count)
}

// border returns the sum of the outermost values of a picture that stands in an image, (H, W, C), and how many they are.
func (s Shape) border(image []uint8, picture image.Rectangle) (sum, count int) {
	for y := picture.Min.Y; y < picture.Max.Y; y++ {
		row := image[(y*s.Width+picture.Min.X)*s.Channels : (y*s.Width+picture.Max.X)*s.Channels]
		edges := [2][]uint8{row[:s.Channels], row[max(len(row)-s.Channels, s.Channels):]} // of a single column the second is empty
		if y == picture.Min.Y || y == picture.Max.Y-1 {
			edges = [2][]uint8{row}
		}
		for _, edge := range edges {
			for _, v := range edge {
				sum += int(v)
			}
			count += len(edge)
		}
	}
	return sum, count
}

// Split returns the picture as one image without a label, ready for the Transform that a model was trained with. It is brought to the given
// shape, that of the training images: made smaller if it is larger, its aspect kept, and set in the middle of a black image; grey or coloured
// as the shape says. Transparent pixels are blended with black. Inverted, dark is bright and bright is dark, before it is set in black; what
// is transparent stays black.
func (p *Picture) Split(shape Shape, inverted bool) (Split, error) {
	if err := shape.check(); err != nil {
		return Split{}, errors.WithMessage(err, "data")
	}
	img := p.img
	if inverted {
		img = negative{img}
	}
	split := Split{Shape: shape, Images: make([]uint8, shape.Len())}
	drawInto(split.Images, shape, img)
	return split, nil
}

// negative is an image with dark and bright exchanged.
type negative struct{ image.Image }

func (n negative) ColorModel() color.Model { return color.RGBA64Model }

// At returns the complement of a colour under its own transparency: colours are premultiplied, so that alpha is the brightest.
func (n negative) At(x, y int) color.Color {
	r, g, b, a := n.Image.At(x, y).RGBA()
	return color.RGBA64{uint16(a - r), uint16(a - g), uint16(a - b), uint16(a)}
}
