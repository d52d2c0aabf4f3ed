package data

import (
	"fmt"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/internal/words"
)

// Shape is the size of an example, which says what it is:
//
//	a picture   Height × Width pixels of 1 channel (grey) or 3 (red, green, blue)
//	a sequence  Height steps of so many Channels, its features; Width is 0
//	a vector    so many Channels, its features; Height and Width are 0
type Shape struct{ Height, Width, Channels int }

// Kind is what an example is.
type Kind int

// The kinds. Pictures is that of a shape of nothing, too.
const (
	Pictures Kind = iota
	Sequences
	Vectors
)

// String returns the kind in the plural, as options name it.
func (k Kind) String() string {
	return [...]string{"pictures", "sequences", "vectors"}[min(max(k, 0), Vectors)]
}

// Noun returns what one example is called: an image, or an example of any other kind.
func (k Kind) Noun() string {
	if k == Pictures {
		return "image"
	}
	return "example"
}

// of says what examples of a shape are.
func (k Kind) of(s Shape) string {
	if k == Pictures {
		return "a picture of " + s.String()
	}
	return "a " + [...]string{"", "sequence", "vector"}[k] + " of " + s.String()
}

// maxNumbers bounds the numbers of a sequence or a vector.
const maxNumbers = 1 << 20

// Kind returns what an example of the shape is; Picture for a shape of nothing.
func (s Shape) Kind() Kind {
	switch {
	case s.Width != 0 || s.Height < 0 || s.Channels < 1:
		return Pictures
	case s.Height > 0:
		return Sequences
	}
	return Vectors
}

// Len returns the number of values of one example; 0 for a shape of nothing.
func (s Shape) Len() int {
	switch {
	case s.Kind() != Pictures && s.check() != nil:
		return 0
	case s.Kind() != Pictures:
		return max(1, s.Height) * s.Channels
	case min(s.Height, s.Width, s.Channels) < 1:
		return 0
	}
	return s.Height * s.Width * s.Channels
}

// String returns height×width×channels, 28×28×1, or 28 steps of 3 features, or 3 features.
func (s Shape) String() string {
	switch s.Kind() {
	case Sequences:
		return words.Count(s.Height, "step") + " of " + words.Count(s.Channels, "feature")
	case Vectors:
		return words.Count(s.Channels, "feature")
	}
	return fmt.Sprintf("%d×%d×%d", s.Height, s.Width, s.Channels)
}

// Target is what is to be predicted of an example.
type Target string

// The targets.
const (
	TargetClasses Target = ""       // one class of several
	TargetLabels  Target = "labels" // which of several labels it has: none, some or all
	TargetValues  Target = "values" // real numbers
)

// Noun returns what one of the set's Classes is: a class, a label or a value.
func (t Target) Noun() string {
	switch t {
	case TargetLabels:
		return "label"
	case TargetValues:
		return "value"
	}
	return "class"
}

// want says which numbers a target has.
func (t Target) want() string {
	if t == TargetLabels {
		return "0 or 1"
	}
	return "finite numbers"
}

// parseTarget reads the option as of a name.
func parseTarget(text string) (Target, error) {
	switch text {
	case "classes":
		return TargetClasses, nil
	case string(TargetLabels), string(TargetValues):
		return Target(text), nil
	}
	return "", errors.Errorf("as=%s%s, want as=classes, as=labels or as=values", text,
		suggest.Among(text, []string{"classes", "labels", "values"}))
}

// parseKind reads the option of of a name.
func parseKind(text string) (Kind, error) {
	for _, k := range []Kind{Pictures, Sequences, Vectors} {
		if text == k.String() {
			return k, nil
		}
	}
	return 0, errors.Errorf("of=%s%s, want of=pictures, of=sequences or of=vectors", text,
		suggest.Among(text, []string{"pictures", "sequences", "vectors"}))
}
