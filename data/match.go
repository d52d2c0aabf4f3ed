package data

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
)

// Match makes the classes of a set those of a model, by name: labels are renumbered, and images of classes
// that the model does not know are left out. Names that differ in case only are the same; labels without
// names, none of which is a name of the model's, are its classes in order. What does not match is noted. It
// returns an error if no class does, or for a set that is not sound.
func (s *Set) Match(classes []string) error {
	if slices.Equal(s.Classes, classes) {
		return nil
	}
	if err := s.check(); err != nil {
		return errors.WithMessage(err, "data")
	}
	to, how := s.matching(classes)
	var unknown, renamed []string
	matched := 0
	for from, name := range s.Classes {
		switch {
		case to[from] < 0:
			unknown = append(unknown, name)
			continue
		case name != classes[to[from]]:
			renamed = append(renamed, name+" is "+classes[to[from]])
		}
		matched++
	}
	if matched == 0 {
		return errors.Errorf("data: %s has the classes %s, none of which is one of the model's: %s", s.Name,
			list(s.Classes), list(classes))
	}
	if len(unknown) > 0 {
		images := 0
		for _, split := range s.splits() {
			images += split.countUnknown(to)
		}
		s.note(fmt.Sprintf("left out %s of what is no class of the model's: %s", words.Count(images, "image"),
			list(unknown)))
	}
	if len(renamed) > 0 {
		s.note(how + list(renamed))
	}
	if missing := without(classes, to); len(missing) > 0 {
		s.note(fmt.Sprintf("no image of the model's %s %s", words.Noun(len(missing), "class"), list(missing)))
	} else if len(unknown)+len(renamed) == 0 {
		s.note("classes stand in another order than the model's: matched by name")
	}
	for _, split := range s.splits() {
		split.relabel(to)
	}
	s.Classes, s.Unnamed = slices.Clone(classes), false
	return nil
}

// matching returns for each class of a set the number of the model's class that it is, −1 for none, and what
// a note says before names that differ.
func (s *Set) matching(classes []string) (to []int, how string) {
	to = make([]int, len(s.Classes))
	found := false
	for from, name := range s.Classes {
		to[from] = slices.Index(classes, name)
		found = found || to[from] >= 0
	}
	for from, name := range s.Classes {
		same := func(class string) bool { return strings.EqualFold(strings.TrimSpace(class), strings.TrimSpace(name)) }
		at := slices.IndexFunc(classes, same)
		if to[from] < 0 && at >= 0 && !slices.Contains(to, at) {
			to[from], found = at, true
		}
	}
	if found || !s.Unnamed {
		return to, "names that differ in case only were matched: "
	}
	for from, name := range s.Classes {
		if n, err := strconv.Atoi(name); err == nil && n >= 0 && n < len(classes) {
			to[from] = n
		}
	}
	return to, "labels have no names and were taken as the model's classes in order: "
}

// without returns the classes that nothing is matched to.
func without(classes []string, to []int) []string {
	var missing []string
	for i, name := range classes {
		if !slices.Contains(to, i) {
			missing = append(missing, name)
		}
	}
	return missing
}

// countUnknown returns how many images have a label that becomes none.
func (s *Split) countUnknown(to []int) int {
	n := 0
	for _, label := range s.Labels[:min(len(s.Labels), s.Len())] {
		if to[label] < 0 {
			n++
		}
	}
	return n
}

// relabel renumbers the labels of a split and leaves out images whose label becomes −1.
func (s *Split) relabel(to []int) {
	if s.Len() == 0 {
		return
	}
	size, old := s.Shape.Len(), *s
	s.Labels = make([]int, 0, len(old.Labels))
	all := old.countUnknown(to) == 0
	if !all {
		s.Images, s.Floats = nil, nil
	}
	for i, label := range old.Labels {
		if to[label] < 0 {
			continue
		}
		s.Labels = append(s.Labels, to[label])
		if all {
			continue
		}
		if old.Floats != nil {
			s.Floats = append(s.Floats, old.Floats[i*size:(i+1)*size]...)
		} else {
			s.Images = append(s.Images, old.Images[i*size:(i+1)*size]...)
		}
	}
}
