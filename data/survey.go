package data

import (
	"context"

	"github.com/pkg/errors"
	"golang.org/x/sync/semaphore"

	"github.com/hqvit/hqvit/internal/words"
)

// survey is what the headers of the pictures of a set say together.
type survey struct {
	count   int
	first   Shape
	other   error // the first picture of another size than the first one
	colours bool  // some can hold colours
	several int   // files with several frames or pages
	turned  int   // pictures that a camera held otherwise
}

// add adds a picture, whose name is for errors.
func (s *survey) add(name string, content []byte) error {
	h, err := readHeader(content)
	if err != nil {
		return errors.WithMessage(err, name)
	}
	if s.count++; s.count == 1 {
		s.first = Shape{h.height, h.width, 1}
	}
	if s.other == nil && (h.height != s.first.Height || h.width != s.first.Width) {
		s.other = errors.Errorf("%s is %d×%d, the first image %d×%d: give a size for all images",
			name, h.height, h.width, s.first.Height, s.first.Width)
	}
	if h.several {
		s.several++
	}
	if h.orientation > 1 {
		s.turned++
	}
	s.colours = s.colours || !h.grey
	return nil
}

// common returns the shape that all pictures get: that of the options, else the size of the first one, and 1
// channel if all are grey.
func (s *survey) common(o Options) (Shape, error) {
	shape := s.first
	switch {
	case o.Shape != (Shape{}):
		shape = o.Shape
	case o.Size != 0:
		shape.Height, shape.Width = o.Size, o.Size
	case s.other != nil:
		return Shape{}, s.other
	}
	if o.Shape == (Shape{}) {
		if shape.Channels = o.Channels; shape.Channels == 0 && s.colours {
			shape.Channels = 3
		} else if shape.Channels == 0 {
			shape.Channels = 1
		}
	}
	if err := shape.check(); err != nil {
		return Shape{}, err
	}
	err := checkMemory(float64(s.count) * float64(shape.Len()))
	return shape, errors.WithMessagef(err, "%d images of %v", s.count, shape)
}

// note says what was decided.
func (s *survey) note(set *Set) {
	if s.several > 0 {
		set.note("of several frames or pages the first was taken: in " + words.Count(s.several, "picture"))
	}
	if s.turned > 0 {
		set.note("turned upright, as the camera recorded (EXIF): " + words.Count(s.turned, "picture"))
	}
}

// drawPicture decodes a picture into the pixels of an image, and returns the sum and the number of its
// outermost values. It waits until memory has room for the picture.
func drawPicture(ctx context.Context, pixels []uint8, shape Shape, name string, content []byte,
	memory *semaphore.Weighted) (bright, n int, err error) {
	h, err := readHeader(content)
	if err != nil {
		return 0, 0, errors.WithMessage(err, name)
	}
	if err := memory.Acquire(ctx, int64(h.size)); err != nil {
		return 0, 0, errors.WithMessage(err, "stopped while reading the images")
	}
	defer memory.Release(int64(h.size))
	img, err := h.picture(content)
	if err != nil {
		return 0, 0, errors.WithMessage(err, name)
	}
	bright, n = shape.border(pixels, drawInto(pixels, shape, img, h.orientation))
	return bright, n, nil
}
