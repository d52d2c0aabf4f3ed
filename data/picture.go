package data

import (
	"image"
	"image/color"
	"io"
	"os"
	"reflect"

	"github.com/pkg/errors"
)

// Picture is a decoded picture that does not come from a data set.
type Picture struct {
	img image.Image
	header
}

// ReadPicture decodes a picture: PNG, JPEG, GIF, BMP, TIFF or WebP; name
// appears in errors. It is turned upright as the camera recorded (EXIF). It
// returns an error if the content is no picture, if it is damaged, or if its
// header declares more pixels than 512 MiB hold.
func ReadPicture(r io.Reader, name string) (*Picture, error) {
	if r == nil {
		return nil, errors.Errorf("data: %s: the reader is nil", name)
	}
	content, err := io.ReadAll(io.LimitReader(r, pictureMemory+1))
	if err != nil {
		return nil, errors.Wrapf(err, "data: %s", name)
	}
	if int64(len(content)) > pictureMemory {
		return nil, errors.Errorf("data: %s: more than %s, the limit for a picture", name,
			inBytes(float64(pictureMemory)))
	}
	h, err := readHeader(content)
	if err != nil {
		return nil, errors.WithMessagef(err, "data: %s", name)
	}
	img, err := h.picture(content)
	if err != nil {
		return nil, errors.WithMessagef(err, "data: %s", name)
	}
	return &Picture{img, h}, nil
}

// OpenPicture reads the file of a picture, as ReadPicture does.
func OpenPicture(path string) (*Picture, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, errors.Wrap(err, "data")
	}
	defer file.Close()
	return ReadPicture(file, path)
}

// NewPicture returns an image of the program's own as a Picture. It returns an
// error if it is nil or has no pixel, or more pixels than 512 MiB hold.
func NewPicture(img image.Image) (*Picture, error) {
	if img == nil || reflect.ValueOf(img).Kind() == reflect.Pointer && reflect.ValueOf(img).IsNil() {
		return nil, errors.New("data: the image is nil")
	}
	size := img.Bounds().Size()
	if size.X < 1 || size.Y < 1 || int64(size.X) > pictureMemory/4/int64(size.Y) {
		return nil, errors.Errorf("data: an image of %d×%d pixels, want at least 1 and at most %s of them", size.X,
			size.Y, inBytes(float64(pictureMemory)))
	}
	return &Picture{img: img}, nil
}

// Several reports whether the file holds several frames or pages, of which
// the picture is the first.
func (p *Picture) Several() bool { return p != nil && p.several }

// Background classifies the mean brightness of the outermost pixels of images.
type Background string

const (
	Dark   Background = "dark"   // below 1/4
	Middle Background = "middle" // between: most photographs
	Bright Background = "bright" // above 3/4: paper
)

// backgroundOf classifies the mean of 8-bit values.
func backgroundOf(sum, count int) Background {
	switch mean := float64(sum) / float64(255*max(count, 1)); {
	case mean < 0.25:
		return Dark
	case mean > 0.75:
		return Bright
	}
	return Middle
}

// Opposes reports whether one background is dark and the other bright: to a
// model trained on the one, images on the other look like negatives.
func (b Background) Opposes(other Background) bool {
	return b == Dark && other == Bright || b == Bright && other == Dark
}

// Background returns the background of the picture; Middle if there is none.
// Transparent pixels are blended with black.
func (p *Picture) Background() Background {
	if p.empty() {
		return Middle
	}
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
	return backgroundOf(sum, n)
}

// Background returns the background of all images together, without the black
// that images of a folder are padded with. It is Middle without images and for
// real numbers, unless a reader knew which value is bright.
func (s Split) Background() Background {
	if s.Kind() != Pictures {
		return ""
	}
	if s.background != "" && s.Len() > 0 {
		return s.background
	}
	if s.Len() == 0 || len(s.Images) == 0 || s.check() != nil {
		return Middle
	}
	sum, count := 0, 0
	for at := 0; at < len(s.Images); at += s.Shape.Len() {
		bright, n := s.border(s.Images[at:at+s.Shape.Len()], image.Rect(0, 0, s.Width, s.Height))
		sum, count = sum+bright, count+n
	}
	return backgroundOf(sum, count)
}

// brightness returns the background of real numbers in [0, 1].
func (s Split) brightness() Background {
	sum, count := 0.0, 0
	for i, v := range s.Floats {
		at := i % s.Shape.Len() / s.Channels
		if x, y := at%s.Width, at/s.Width; x == 0 || y == 0 || x == s.Width-1 || y == s.Height-1 {
			sum, count = sum+float64(v), count+1
		}
	}
	return backgroundOf(int(255*sum), count)
}

// border returns the sum and the number of the outermost values of a picture
// that fills a rectangle of an image, (H, W, C).
func (s Shape) border(image []uint8, picture image.Rectangle) (sum, count int) {
	for y := picture.Min.Y; y < picture.Max.Y; y++ {
		row := image[(y*s.Width+picture.Min.X)*s.Channels : (y*s.Width+picture.Max.X)*s.Channels]
		// The second edge is empty if there is one column only.
		edges := [2][]uint8{row[:s.Channels], row[max(len(row)-s.Channels, s.Channels):]}
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

// Split returns the picture as one image without a label, ready for the
// Transform that a model was trained with.
//
// The picture takes the given shape, which should be that of the training
// images: it is scaled down if it is larger, keeping its aspect ratio, centred
// on black, and made grey or coloured. Transparent pixels are blended with
// black. With inverted, dark and bright are exchanged before that; what is
// transparent stays black. It returns an error if there is no picture or the
// shape is not that of an image.
func (p *Picture) Split(shape Shape, inverted bool) (Split, error) {
	if p.empty() {
		return Split{}, errors.New("data: no picture, want one from ReadPicture or NewPicture")
	}
	if err := shape.check(); err != nil {
		return Split{}, errors.WithMessage(err, "data")
	}
	img := p.img
	if inverted {
		img = negative{img}
	}
	split := Split{Shape: shape, Images: make([]uint8, shape.Len())}
	drawInto(split.Images, shape, img, p.orientation)
	return split, nil
}

func (p *Picture) empty() bool { return p == nil || p.img == nil }

// negative is an image with dark and bright exchanged.
type negative struct{ image.Image }

func (n negative) ColorModel() color.Model { return color.RGBA64Model }

// At returns the complement of a colour at the same transparency. Colours are
// premultiplied, so alpha is the brightest value.
func (n negative) At(x, y int) color.Color {
	r, g, b, a := n.Image.At(x, y).RGBA()
	return color.RGBA64{uint16(a - r), uint16(a - g), uint16(a - b), uint16(a)}
}
