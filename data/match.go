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
// that the model does not know are left out. Names that differ only in case or in spaces around them are the
// same, where no other class has the very name; labels without names, none of which is a name of the model's,
// are its classes in order. What does not match is noted. It returns an error if no class does, if two are
// the same one or one could be two, and for a set that is not sound.
func (s *Set) Match(classes []string) error {
	if slices.Equal(s.Classes, classes) {
		return nil
	}
	if s.Target != TargetClasses {
		if !s.Unnamed || len(s.Classes) != len(classes) {
			return errors.Errorf("data: %s has the %ss %s, want those of the model in their order: %s", s.Name,
				s.Target.Noun(), list(s.Classes), list(classes))
		}
		s.Classes, s.Unnamed = slices.Clone(classes), false
		return nil
	}
	if err := s.check(); err != nil {
		return errors.WithMessage(err, "data")
	}
	to, how, err := s.matching(classes)
	if err != nil {
		return errors.WithMessagef(err, "data: %s", s.Name)
	}
	var unknown, renamed []string
	matched := 0
	for from, name := range s.Classes {
		switch {
		case to[from] < 0:
			unknown = append(unknown, name)
			continue
		case name != classes[to[from]]:
			renamed = append(renamed, shown(name)+" is "+shown(classes[to[from]]))
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
		s.note(fmt.Sprintf("left out %s of what is no class of the model's: %s",
			words.Count(images, s.Kind().Noun()), list(unknown)))
	}
	if len(renamed) > 0 {
		s.note(how + list(renamed))
	}
	if missing := without(classes, to); len(missing) > 0 {
		s.note(fmt.Sprintf("no %s of the model's %s %s", s.Kind().Noun(), words.Noun(len(missing), "class"),
			list(missing)))
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
func (s *Set) matching(classes []string) (to []int, how string, err error) {
	to = make([]int, len(s.Classes))
	found := false
	for from, name := range s.Classes {
		to[from] = slices.Index(classes, name)
		found = found || to[from] >= 0
	}
	exact, by := slices.Clone(to), map[int]string{}
	for from, name := range s.Classes {
		if exact[from] >= 0 {
			continue
		}
		for at, class := range classes {
			if slices.Contains(exact, at) || !strings.EqualFold(strings.TrimSpace(class), strings.TrimSpace(name)) {
				continue
			}
			if to[from] >= 0 {
				return nil, "", errors.Errorf("class %q could be %q or %q of the model's: rename it", name,
					classes[to[from]], class)
			}
			if other, taken := by[at]; taken {
				return nil, "", errors.Errorf("classes %q and %q could both be %q of the model's: rename one",
					other, name, class)
			}
			to[from], by[at], found = at, name, true
		}
	}
	if found || !s.Unnamed {
		return to, "names that differ in case or in spaces around them were matched: ", nil
	}
	for from, name := range s.Classes {
		if n, err := strconv.Atoi(name); err == nil && n >= 0 && n < len(classes) {
			to[from] = n
		}
	}
	return to, "labels have no names and were taken as the model's classes in order: ", nil
}

// shown quotes a name whose spaces would not be seen.
func shown(name string) string {
	if strings.TrimSpace(name) != name {
		return strconv.Quote(name)
	}
	return name
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
