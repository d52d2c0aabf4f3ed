package data

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
)

// maxClasses bounds the classes of files that do not come with class names.
const maxClasses = 1 << 16

// fillTargets reads what is to be predicted, as the option as of a name says. Without it, real numbers with
// fractions are values; rows of 0 and 1 that are not all one-hot are labels, in the form of ChestMNIST; all
// else is classes.
func (s *Set) fillTargets(p parts, o Options) error {
	target, guessed := TargetClasses, ""
	if as, said := o.form["as"]; said {
		var err error
		if target, err = parseTarget(as); err != nil {
			return err
		}
	} else {
		for i, part := range p {
			if part.labels == nil {
				continue
			}
			t, why := part.labels.suggests()
			if t != TargetClasses {
				target, guessed = t, partNames[i]+": "+why
				break
			}
		}
	}
	if target == TargetClasses {
		return s.fillLabels(p)
	}
	if guessed != "" {
		s.note(fmt.Sprintf("%s: read as %s; as=classes, as=labels or as=values say otherwise", guessed, target))
	}
	s.Target = target
	width := 0
	for i, part := range p {
		if part.images == nil {
			continue
		}
		k, err := part.labels.outputs(target)
		if err == nil && width > 0 && k != width {
			err = errors.Errorf("targets %v, want %d for each example as in another split", part.labels.dims, width)
		}
		if err == nil && part.labels.dims[0] != s.splits()[i].Len() {
			err = errors.Errorf("%s and targets %v, want one row for each",
				words.Count(s.splits()[i].Len(), "example"), part.labels.dims)
		}
		if err != nil {
			return errors.WithMessage(err, partNames[i])
		}
		width = k
		s.splits()[i].Target = target
		s.splits()[i].Targets = part.labels.floats(func(v float64) float32 { return float32(v) })
	}
	if s.Classes == nil {
		s.Unnamed = true
		for k := range width {
			s.Classes = append(s.Classes, strconv.Itoa(k))
		}
	}
	if len(s.Classes) != width {
		return errors.Errorf("%s for %s", words.Count(len(s.Classes), "name"),
			words.Count(width, target.Noun()))
	}
	return nil
}

// suggests returns what an array can be taken for, and why; classes if it is nothing else.
func (a *array) suggests() (t Target, why string) {
	if a.kind == 'U' || a.kind == 'S' || a.Len() == 0 {
		return TargetClasses, ""
	}
	low, high, whole := a.span()
	switch {
	case !whole && high-low-(high-low) == 0:
		return TargetValues, fmt.Sprintf("targets %v are real numbers", a.dims)
	case len(a.dims) == 2 && a.dims[1] > 1 && whole && low >= 0 && high <= 1:
		if _, err := a.oneHot(); err != nil {
			return TargetLabels, fmt.Sprintf("targets %v of 0 and 1 have rows with none or several", a.dims)
		}
	}
	return TargetClasses, ""
}

// outputs returns how many labels or values an example has, in an array (N) or (N, K).
func (a *array) outputs(t Target) (int, error) {
	switch {
	case a.kind == 'U' || a.kind == 'S':
		return 0, errors.Errorf("targets of text, want numbers for %s", t)
	case len(a.dims) == 1:
		return 1, nil
	case len(a.dims) == 2 && a.dims[1] > 0:
		return a.dims[1], nil
	}
	return 0, errors.Errorf("targets %v, want (N) or (N, %ss)", a.dims, t.Noun())
}

// fillLabels reads the labels of a set: text, or numbers that stand for themselves. A set with class names
// has labels that count them from 0; the classes of any other are what labels it has, in their order.
func (s *Set) fillLabels(p parts) error {
	values, names := make([][]float64, len(p)), make([][]string, len(p))
	width := 0
	for i, part := range p {
		if part.images == nil {
			continue
		}
		var err error
		if names[i], values[i], err = part.labels.labels(&width); err != nil {
			return errors.WithMessage(err, partNames[i])
		}
	}
	text := slices.ContainsFunc(names, func(n []string) bool { return n != nil })
	numbers := slices.ContainsFunc(values, func(v []float64) bool { return v != nil })
	if text && numbers {
		return errors.New("labels that are text in one split and numbers in another")
	}
	if text {
		return s.label(names, func(classes []string) []string { return classes })
	}
	return s.number(values, width)
}

// label gives the classes of a set the texts that label its images.
func (s *Set) label(names [][]string, sorted func([]string) []string) error {
	if s.Classes == nil {
		classes := slices.Concat(names...)
		slices.Sort(classes)
		s.Classes = sorted(slices.Compact(classes))
	}
	for i, split := range s.splits() {
		for _, name := range names[i] {
			label, ok := slices.BinarySearch(s.Classes, name)
			if !ok {
				return errors.Errorf("%s: label %q is not one of the classes", partNames[i], name)
			}
			split.Labels = append(split.Labels, label)
		}
	}
	return nil
}

// number gives the classes of a set the numbers that label its images, unless it has class names: then a
// label is an index. One-hot labels of a width are an index among so many.
func (s *Set) number(values [][]float64, width int) error {
	all := slices.Concat(values...)
	slices.Sort(all)
	all = slices.Compact(all)
	switch {
	case s.Classes != nil:
		all = sequence(len(s.Classes))
	case width > 0:
		all = sequence(width)
	case len(all) > maxClasses:
		return errors.Errorf("%d different labels, want at most %d classes", len(all), maxClasses)
	}
	if s.Classes == nil {
		s.Unnamed = true
		for _, v := range all {
			s.Classes = append(s.Classes, strconv.FormatFloat(v, 'f', -1, 64))
		}
		s.note(numberingRemark(all))
	}
	for i, split := range s.splits() {
		if values[i] != nil {
			split.Labels = make([]int, len(values[i]))
		}
		for at, v := range values[i] {
			label, ok := slices.BinarySearch(all, v)
			if !ok {
				return errors.Errorf("%s: label %d is %s, out of range [0,%d)", partNames[i], at,
					number(v), len(all))
			}
			split.Labels[at] = label
		}
	}
	return nil
}

// sequence returns 0, 1, …, n−1.
func sequence(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	return x
}

// numberingRemark says which labels a set has unless they are 0, 1, … without a gap.
func numberingRemark(labels []float64) string {
	n := len(labels)
	if n == 0 || labels[0] == 0 && labels[n-1] == float64(n-1) {
		return ""
	}
	var names []string
	for _, v := range labels {
		names = append(names, strconv.FormatFloat(v, 'f', -1, 64))
	}
	return fmt.Sprintf("labels are %s: %s, named by these numbers", list(names),
		words.Count(n, "class"))
}

// list joins names with commas, the first ones if there are many.
func list(names []string) string {
	if more := len(names) - 12; more > 0 {
		return strings.Join(names[:10], ", ") + fmt.Sprintf(" and %d more", len(names)-10)
	}
	return strings.Join(names, ", ")
}

// labels returns the label of each image, as text or as a whole number: those of an array (N) or (N, 1), or
// the place of the 1 in each row of one-hot labels (N, K), of which it sets the width.
func (a *array) labels(width *int) (names []string, values []float64, err error) {
	oneHot := len(a.dims) == 2 && a.dims[1] > 1
	if !oneHot && len(a.dims) != 1 && (len(a.dims) != 2 || a.dims[1] != 1) {
		return nil, nil, errors.Errorf("labels %v, want (N) or (N, 1), or one-hot (N, classes)", a.dims)
	}
	if a.kind == 'U' || a.kind == 'S' {
		if oneHot {
			return nil, nil, errors.Errorf("labels %v of text, want one for each image", a.dims)
		}
		names = make([]string, a.Len())
		for i := range names {
			if names[i] = a.text(i); names[i] == "" {
				return nil, nil, errors.Errorf("label %d is empty", i)
			}
		}
		return names, nil, nil
	}
	if oneHot {
		*width = a.dims[1]
		values, err = a.oneHot()
		return nil, values, err
	}
	values = make([]float64, a.Len())
	for i := range values {
		values[i] = a.number(i)
		if err := checkLabel(i, values[i]); err != nil {
			return nil, nil, err
		}
	}
	return nil, values, nil
}

// checkLabel refuses a label that is no name of a class.
func checkLabel(i int, v float64) error {
	switch {
	case v != math.Trunc(v) || math.IsInf(v, 0):
		return errors.Errorf("label %d is %s: want whole numbers, which name classes, or as=values for "+
			"values to be "+
			"predicted as numbers (regression)", i, number(v))
	case math.Abs(v) > 1<<53:
		return errors.Errorf("label %d is %s, want numbers of at most 53 bits", i, number(v))
	}
	return nil
}

// oneHot returns the place of the 1 in each row, and an error that says what labels (N, K) are that are not
// one-hot.
func (a *array) oneHot() ([]float64, error) {
	n, k := a.dims[0], a.dims[1]
	places := make([]float64, n)
	for i := range n {
		ones, binary := 0, true
		for c := range k {
			switch a.number(i*k + c) {
			case 1:
				ones++
				places[i] = float64(c)
			case 0:
			default:
				binary = false
			}
		}
		if !binary {
			return nil, errors.Errorf(
				"labels %v: row %d holds other numbers than 0 and 1; want a label for each "+
					"image, (N), or one-hot labels, or as=values for several values to be predicted as numbers",
				a.dims,
				i,
			)
		}
		if ones != 1 {
			return nil, errors.Errorf(
				"labels %v: image %d has %d of %d classes: want one for each image, or as=labels for "+
					"several labels",
				a.dims,
				i,
				ones,
				k,
			)
		}
	}
	return places, nil
}
