package circuit

import (
	"fmt"
	"slices"
	"strings"
)

// mistake is an operation that was refused, and its place among those of the circuit, from 1 on.
type mistake struct {
	err   error
	place int
}

// refuse records the error of the next operation, which does not fit.
func (c *Circuit) refuse(err error) *Circuit {
	c = c.orBroken()
	c.refused++
	return c.Fail(mistake{err, len(c.ops) + c.refused})
}

// Error returns the text with the place.
func (m mistake) Error() string { return mistakes{m}.Error() }

// Unwrap returns the error alone.
func (m mistake) Unwrap() error { return m.err }

// mistakes are the errors of a circuit, in the order in which they were made.
type mistakes []error

// Error returns the texts one after the other, those that differ in their place only as one: a wrong qubit in
// a loop over layers is one mistake.
func (m mistakes) Error() string {
	var texts []string
	places := map[string][]int{}
	for _, err := range m {
		place := 0
		if one, ok := err.(mistake); ok {
			err, place = one.err, one.place
		}
		text := err.Error()
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
		if place > 0 && !slices.Contains(places[text], place) {
			places[text] = append(places[text], place)
		}
	}
	for i, text := range texts {
		switch list := places[text]; len(list) {
		case 0:
		case 1:
			texts[i] += fmt.Sprintf(" (the %s operation)", ordinal(list[0]))
		default:
			texts[i] += fmt.Sprintf(" (the %s operation, and %d more)", ordinal(list[0]), len(list)-1)
		}
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns the errors.
func (m mistakes) Unwrap() []error { return m }

// ordinal returns 1st, 2nd, 3rd, 4th, 11th, 21st.
func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprint(n, suffix)
}
