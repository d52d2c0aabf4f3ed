package data

import (
	"fmt"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
)

// Set is a data set in memory.
type Set struct {
	Name    string   // as given to Load
	Title   string   // as written in a report
	Classes []string // name of each class; of each label or value, as Target says
	Target  Target   // what is to be predicted: classes, labels or values
	Licence string
	Source  string // where it is published, or the user's path

	Shape // of every example

	// Table says what the columns of a file of comma-separated values are; nil for any other set.
	Table *Table

	Train, Val, Test Split

	Scale   Scale // of the numbers in the files: what a model of these images can be given
	Unnamed bool  // Classes are the label values of the files or their numbers, and no names
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

// Split is one part of a set: examples and what is to be predicted of them.
//
//	Images   (N, H, W, C)  pictures: 0 is black, 255 is full intensity
//	Floats   (N, H, W, C)  instead of Images if the file holds real numbers, used as they are;
//	         (N, T, F)     sequences
//	         (N, F)        vectors
//	Labels   (N)           in [0, number of classes); nil for examples without labels
//	Targets  (N, K)        instead of Labels: 0 or 1 for each label, or values
type Split struct {
	Shape
	Images  []uint8
	Floats  []float32
	Labels  []int
	Targets []float32
	Target  Target // what Targets are: labels or values

	background Background // of pictures before they were padded with black; empty: follows from Images
}

// Len returns the number of examples.
func (s Split) Len() int {
	if s.Shape.Len() == 0 {
		return 0
	}
	return (len(s.Images) + len(s.Floats)) / s.Shape.Len()
}

// Outputs returns K, the labels or values of an example in Targets; 0 without them.
func (s Split) Outputs() int {
	if s.Len() == 0 {
		return 0
	}
	return len(s.Targets) / s.Len()
}

// Varies reports whether two examples differ in what is to be predicted of them.
func (s Split) Varies() bool {
	k := s.Outputs()
	for i := range s.Targets {
		if k > 0 && s.Targets[i] != s.Targets[i%k] {
			return true
		}
	}
	for _, label := range s.Labels {
		if label != s.Labels[0] {
			return true
		}
	}
	return false
}

// First returns the first n examples, in the same memory: all if there are no
// more than n, none if n is negative.
func (s Split) First(n int) Split {
	if n = max(n, 0); n >= s.Len() {
		return s
	}
	size := s.Shape.Len()
	s.Targets = s.Targets[:n*s.Outputs()]
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
	case s.Images != nil && s.Kind() != Pictures:
		return errors.Errorf("8-bit images of %v, want real numbers", s.Shape)
	case s.Labels != nil && s.Targets != nil:
		return errors.New("both labels and targets, want one of them")
	case s.Images != nil && s.Floats != nil:
		return errors.New("both 8-bit images and real numbers, want one of them")
	case (len(s.Images)+len(s.Floats))%s.Shape.Len() != 0:
		return errors.Errorf("%d values are not a whole number of images of %v",
			len(s.Images)+len(s.Floats), s.Shape)
	case s.Labels != nil && len(s.Labels) != s.Len():
		noun := s.Kind().Noun()
		return errors.Errorf("%s and %s, want one label for each %s", words.Count(s.Len(), noun),
			words.Count(len(s.Labels), "label"), noun)
	case (s.Targets != nil) != (s.Target != TargetClasses) && s.Len() > 0:
		return errors.Errorf("%d targets of %q, want targets of labels or values", len(s.Targets), string(s.Target))
	case s.Targets != nil && (s.Len() == 0 || len(s.Targets)%s.Len() != 0):
		return errors.Errorf("%d targets for %s, want as many for each", len(s.Targets),
			words.Count(s.Len(), "example"))
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
		if err := part.matches(s.Shape, s.Target, len(s.Classes)); err != nil {
			return errors.WithMessage(err, part.name)
		}
	}
	return nil
}

// noteEmpty notes the classes that have no training image although others have.
func (s *Set) noteEmpty() {
	if s.Target != TargetClasses {
		return
	}
	var names []string
	counts := s.Train.Counts(len(s.Classes))
	for class, n := range counts {
		if n == 0 {
			names = append(names, s.Classes[class])
		}
	}
	if len(names) > 0 && s.Train.Len() > 0 {
		s.note(fmt.Sprintf("no training %s of %d of %d classes: %s", s.Kind().Noun(), len(names), len(counts),
			list(names)))
	}
}

// matches returns an error unless the split holds finite examples of the given
// shape, with targets of so many classes, labels or values.
func (s Split) matches(shape Shape, target Target, classes int) error {
	if s.Shape != shape {
		return errors.Errorf("%ss are %v, those of training %v", s.Kind().Noun(), s.Shape, shape)
	}
	if err := s.check(); err != nil {
		return err
	}
	switch {
	case s.Target != target:
		return errors.Errorf("the split has %ss, the set %ss", s.Target.Noun(), target.Noun())
	case target == TargetClasses && s.Labels == nil:
		return errors.Errorf("%s without labels", words.Count(s.Len(), s.Kind().Noun()))
	case target != TargetClasses && s.Outputs() != classes:
		return errors.Errorf("%s for each of %s, want %d", words.Count(s.Outputs(), "target"),
			words.Count(s.Len(), "example"), classes)
	}
	for i, v := range s.Targets {
		if v-v != 0 || target == TargetLabels && v != 0 && v != 1 {
			return errors.Errorf("example %d has the target %v, want %s", i/classes, v, target.want())
		}
	}
	for i, label := range s.Labels {
		if label < 0 || label >= classes {
			return errors.Errorf("label %d is %d, out of range [0,%d)", i, label, classes)
		}
	}
	return finite(s.Floats, s.Shape.Len(), s.Kind())
}
