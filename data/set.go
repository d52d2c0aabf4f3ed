package data

import (
	"fmt"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
)

// Shape is the size of an image in pixels and its number of channels,
// 1 (grey) or 3 (red, green, blue).
type Shape struct{ Height, Width, Channels int }

// Len returns the number of values of one image; 0 unless all three are positive.
func (s Shape) Len() int {
	if min(s.Height, s.Width, s.Channels) < 1 {
		return 0
	}
	return s.Height * s.Width * s.Channels
}

// String returns height×width×channels: 28×28×1.
func (s Shape) String() string { return fmt.Sprintf("%d×%d×%d", s.Height, s.Width, s.Channels) }

// Set is a data set in memory.
type Set struct {
	Name    string   // as given to Load
	Title   string   // as written in a report
	Classes []string // name of each label
	Licence string
	Source  string // where it is published, or the user's path

	Shape // of every image

	Train, Val, Test Split

	Scale   Scale // of the numbers in the files: what a model of these images can be given
	Unnamed bool  // Classes are the label values of the files, and no names
	Unsplit bool  // the files have no splits of their own: Test is cut from Train, unless Options.Whole

	// Notes say in a sentence each what a reader had to decide or leave out, for the user to know.
	Notes []string
}

// note adds a sentence to the notes of a set, unless it is empty.
func (s *Set) note(text string) {
	if text != "" {
		s.Notes = append(s.Notes, text)
	}
}

// Split is one part of a set: images and their labels.
//
//	Images  (N, H, W, C)  0 is black, 255 is full intensity
//	Floats  (N, H, W, C)  instead of Images if the file holds real numbers, used as they are
//	Labels  (N)           in [0, number of classes); nil for images without labels
type Split struct {
	Shape
	Images []uint8
	Floats []float32
	Labels []int

	background Background // of pictures before they were padded with black; empty: follows from Images
}

// Len returns the number of images.
func (s Split) Len() int {
	if s.Shape.Len() == 0 {
		return 0
	}
	return (len(s.Images) + len(s.Floats)) / s.Shape.Len()
}

// First returns the first n images, in the same memory: all if there are no
// more than n, none if n is negative.
func (s Split) First(n int) Split {
	if n = max(n, 0); n >= s.Len() {
		return s
	}
	size := s.Shape.Len()
	s.Images, s.Floats = s.Images[:min(len(s.Images), n*size)], s.Floats[:min(len(s.Floats), n*size)]
	if s.Labels != nil {
		s.Labels = s.Labels[:min(len(s.Labels), n)]
	}
	return s
}

// check returns an error that says what is wrong with a split, from a reader
// or made by the user.
func (s Split) check() error {
	if err := s.Shape.check(); err != nil {
		return err
	}
	switch {
	case s.Images != nil && s.Floats != nil:
		return errors.New("both 8-bit images and real numbers, want one of them")
	case (len(s.Images)+len(s.Floats))%s.Shape.Len() != 0:
		return errors.Errorf("%d values are not a whole number of images of %v",
			len(s.Images)+len(s.Floats), s.Shape)
	case s.Labels != nil && len(s.Labels) != s.Len():
		return errors.Errorf("%s and %s, want one label for each image", words.Count(s.Len(), "image"),
			words.Count(len(s.Labels), "label"))
	}
	return nil
}

// Counts returns the number of images of each class. Labels out of range are
// not counted.
func (s Split) Counts(classes int) []int {
	counts := make([]int, max(classes, 0))
	for _, label := range s.Labels {
		if label >= 0 && label < classes {
			counts[label]++
		}
	}
	return counts
}

// check returns an error that says what is wrong with a set that a reader has
// filled in.
func (s *Set) check() error {
	for _, part := range []struct {
		name string
		Split
	}{{"train", s.Train}, {"val", s.Val}, {"test", s.Test}} {
		if part.Len() == 0 {
			continue
		}
		if s.Shape == (Shape{}) {
			s.Shape = part.Shape
		}
		if err := part.matches(s.Shape, len(s.Classes)); err != nil {
			return errors.WithMessage(err, part.name)
		}
	}
	return nil
}

// noteEmpty notes the classes that have no training image although others have.
func (s *Set) noteEmpty() {
	var names []string
	counts := s.Train.Counts(len(s.Classes))
	for class, n := range counts {
		if n == 0 {
			names = append(names, s.Classes[class])
		}
	}
	if len(names) > 0 && s.Train.Len() > 0 {
		s.note(fmt.Sprintf("no training image of %d of %d classes: %s", len(names), len(counts), list(names)))
	}
}

// matches returns an error unless the split holds labelled, finite images of
// the given shape.
func (s Split) matches(shape Shape, classes int) error {
	if s.Shape != shape {
		return errors.Errorf("images are %v, those of training %v", s.Shape, shape)
	}
	if err := s.check(); err != nil {
		return err
	}
	if s.Labels == nil {
		return errors.Errorf("%d images without labels", s.Len())
	}
	for i, label := range s.Labels {
		if label < 0 || label >= classes {
			return errors.Errorf("label %d is %d, out of range [0,%d)", i, label, classes)
		}
	}
	return finite(s.Floats, s.Shape.Len())
}
