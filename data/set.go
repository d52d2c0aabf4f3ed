package data

import (
	"fmt"
	"strconv"

	"github.com/pkg/errors"
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
		return errors.Errorf("%d images and %d labels, want one label for each image", s.Len(), len(s.Labels))
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

// maxClasses bounds the labels of files that do not come with class names.
const maxClasses = 1 << 16

// numberClasses gives the classes of a set that has no class names the names
// 0, 1, … up to the largest label of its splits.
func (s *Set) numberClasses() error {
	largest := -1
	for _, split := range []Split{s.Train, s.Val, s.Test} {
		for _, label := range split.Labels {
			largest = max(largest, label)
		}
	}
	if largest >= maxClasses {
		return errors.Errorf("label %d out of range [0,%d)", largest, maxClasses)
	}
	for i := range largest + 1 {
		s.Classes = append(s.Classes, strconv.Itoa(i))
	}
	return nil
}

// check returns an error that says what is wrong with a set that a reader has
// filled in.
func (s *Set) check() error {
	for _, part := range []struct {
		name string
		Split
	}{{"train", s.Train}, {"val", s.Val}, {"test", s.Test}} {
		if part.Len() == 0 {
			if part.name == "train" {
				return errors.New("no training images")
			}
			continue
		}
		if err := part.matches(s.Train.Shape, len(s.Classes)); err != nil {
			return errors.WithMessage(err, part.name)
		}
	}
	s.Shape = s.Train.Shape
	return nil
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
