package train

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn/op"
)

// microbatch is a Batch in the inputs of a replica. Rows beyond those of the examples are masked.
type microbatch[T op.Float] struct {
	Batch
	split  *split
	inputs [][]T    // the elements of Inputs
	target []T      // of the graph
	keys   []uint64 // of all rows, see nn.RandomSource
	labels []int    // memory of Labels
}

// trainSplit is the name of the split that a Loop trains on.
const trainSplit = "train"

// split is a Data with what errors call it.
type split struct {
	data Data
	size int // of it
	spec Spec
	seed uint64
	name string // "train"
	noun string // of an example: "image"
}

// Len returns the number of examples.
func (s *split) Len() int { return s.size }

// fill lets the Data write examples.
func (s *split) fill(b *Batch) (err error) {
	defer foreign.Recover(&err, "Data", s.data)
	return s.data.Fill(b)
}

// key is what the random numbers of an example are keyed by.
func (s *split) key(example int) uint64 {
	if d, ok := s.data.(interface{ Key(example int) uint64 }); ok {
		return d.Key(example)
	}
	return uint64(example)
}

// undo makes values (N, K) of what a model predicts for them, in place, if the Data has units.
func (s *split) undo(values []float64) (err error) {
	d, ok := s.data.(interface{ Units() (mean, std []float64) })
	if !ok {
		return nil
	}
	defer foreign.Recover(&err, "Data", s.data)
	mean, std := d.Units()
	if len(mean) == 0 {
		return nil
	}
	if len(std) != len(mean) || len(values)%len(mean) != 0 {
		return errors.Errorf("train: the %s split has %d means and %d deviations, want one of each for each value",
			s.name, len(mean), len(std))
	}
	for i, v := range values {
		values[i] = v*std[i%len(std)] + mean[i%len(mean)]
	}
	return nil
}

// identity returns that of the Data, if it has one.
func (s *split) identity() (text string, ok bool) {
	d, ok := s.data.(interface{ Identity() string })
	if !ok {
		return "", false
	}
	return s.text(d.Identity), true
}

// digest returns that of the contents of the Data, if it has one.
func (s *split) digest() (text string, ok bool) {
	d, ok := s.data.(interface{ Digest() string })
	if !ok {
		return "", false
	}
	return s.text(d.Digest), true
}

// text calls a method of the Data; a panic becomes the text.
func (s *split) text(method func() string) (text string) {
	err := error(nil)
	defer func() {
		if err != nil {
			text = err.Error()
		}
	}()
	defer foreign.Recover(&err, "Data", s.data)
	return method()
}

// newSplit returns a split of a Data, with the seed of a run; a nil Data is empty.
func newSplit(name string, d Data, seed uint64) (*split, error) {
	if d == nil {
		return nil, errors.Errorf("train: the %s split is nil", name)
	}
	s := &split{data: d, seed: seed, name: name, noun: "example"}
	if name != trainSplit { // a Data that draws its examples draws others
		hash := fnv.New64a()
		hash.Write([]byte(name))
		s.seed ^= hash.Sum64()
	}
	if images, ok := d.(Images); ok && images.Shape().Kind() == data.Pictures {
		s.noun = "image"
	}
	var err error
	s.size, s.spec, err = measure(d)
	return s, errors.WithMessagef(err, "train: the %s split", name)
}

// newMicrobatch returns a micro-batch of a split in the inputs of a replica.
func newMicrobatch[T op.Float](s *split, r *replica[T]) (*microbatch[T], error) {
	m := &microbatch[T]{split: s, target: r.target, keys: make([]uint64, r.micro),
		labels: make([]int, r.micro)}
	m.Seed, m.Inputs = s.seed, r.inputs
	for _, t := range r.inputs {
		values, err := op.Elements[T](t)
		if err != nil {
			return nil, err
		}
		m.inputs = append(m.inputs, values)
	}
	if r.target != nil && s.spec.Target.numeric() {
		shape := r.prediction.Shape()
		if s.spec.Values != nil {
			shape = append(tensor.Shape{r.micro}, s.spec.Values...)
		}
		m.Target = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(r.target))
	}
	return m, nil
}

// fill prepares the examples with those numbers; the result does not depend on what m held. Its errors are
// dataErrors.
func (m *microbatch[T]) fill(r *replica[T], epoch int, rows []int) error {
	if err := m.prepare(r, epoch, rows); err != nil {
		return dataError{err}
	}
	return nil
}

func (m *microbatch[T]) prepare(r *replica[T], epoch int, rows []int) error {
	m.Epoch, m.Rows, m.Labels = epoch, append(m.Rows[:0], rows...), nil
	if m.split.spec.Target.labelled() {
		m.Labels = m.labels[:len(rows)]
		for i := range m.Labels {
			m.Labels[i] = -1
		}
	}
	for _, values := range m.inputs {
		clear(values)
	}
	clear(m.target)
	labels := len(m.Labels)
	err := m.split.fill(&m.Batch)
	if err == nil && (len(m.Rows) != len(rows) || len(m.Labels) != labels || len(m.Inputs) != len(m.inputs)) {
		err = errors.New("Fill has changed the number of Rows, Labels or Inputs of the Batch")
	}
	if err != nil {
		return errors.WithMessagef(err, "train: %s", m.split.examples(rows))
	}
	for i := range m.keys {
		m.keys[i] = uint64(epoch) << 32
		if i < len(rows) {
			m.keys[i] = uint64(epoch)<<32 ^ m.split.key(rows[i])
		}
	}
	for i, values := range m.inputs {
		used := len(rows) * len(values) / len(m.keys)
		clear(values[used:]) // a Data may have written too much
		if err := checkFinite(m, values[:used], "input", i); err != nil {
			return err
		}
	}
	if m.target == nil {
		return nil
	}
	return m.fillTarget(r)
}

// fillTarget writes the labels into the target of the graph, or checks the values there, and masks the other
// rows.
func (m *microbatch[T]) fillTarget(r *replica[T]) error {
	rows := len(m.Rows)
	if m.split.spec.Target == NoTarget {
		rows = 0
	}
	width := len(m.target) / len(m.keys)
	used := m.target[:rows*width]
	if m.Target != nil {
		if err := checkFinite(m, used, "target", 0); err != nil {
			return err
		}
	} else if err := m.writeLabels(used, width, r.form); err != nil {
		return err
	}
	for i := range m.target[len(used):] {
		m.target[len(used)+i] = T(r.form.mask)
	}
	return nil
}

// writeLabels writes the labels as class indices or as rows of one 1.
func (m *microbatch[T]) writeLabels(target []T, width int, form targetForm) error {
	classes := form.classes
	if !form.indices {
		classes = width
	}
	for i, label := range m.Labels {
		switch {
		case label < 0:
			return errors.Errorf("train: %s has the label %d, want a class index",
				m.split.example(m.Rows[i]), label)
		case classes > 0 && label >= classes:
			return errors.Errorf("train: %s has the label %d, the model tells %d classes apart, from 0 on",
				m.split.example(m.Rows[i]), label, classes)
		case form.indices:
			target[i] = T(label)
		default:
			target[i*width+label] = 1
		}
	}
	return nil
}

// checkFinite returns an error that names the first of the values that is not finite.
func checkFinite[T op.Float](m *microbatch[T], values []T, what string, number int) error {
	if s := dense.SumSquares(values); s-s == 0 {
		return nil
	}
	n := len(values) / len(m.Rows)
	for i, v := range values {
		if v-v != 0 {
			if len(m.inputs) > 1 && what == "input" {
				what += " " + strconv.Itoa(number)
			}
			return errors.Errorf("train: %s holds %v at value %d of %d of its %s, want finite values",
				m.split.example(m.Rows[i/n]), v, i%n, n, what)
		}
	}
	return nil // large numbers, whose squares are not finite
}

// example names one example in an error.
func (s *split) example(number int) string {
	return fmt.Sprintf("%s %d of the %s split", s.noun, number, s.name)
}

// examples names several.
func (s *split) examples(numbers []int) string {
	const shown = 8
	list := fmt.Sprint(numbers)
	if len(numbers) > shown {
		list = fmt.Sprintf("%s … %d in all]",
			strings.TrimSuffix(fmt.Sprint(numbers[:shown]), "]"), len(numbers))
	}
	return fmt.Sprintf("%ss %s of the %s split", s.noun, list, s.name)
}

// nameRows adds to the error of a graph which examples it is about.
func (m *microbatch[T]) nameRows(err error) error {
	if err == nil {
		return nil
	}
	which := m.split.examples(m.Rows)
	var at *op.RowError
	if errors.As(err, &at) && at.Row >= 0 && at.Row < len(m.Rows) {
		which = fmt.Sprintf("row %d is %s %d; %s", at.Row, m.split.noun, m.Rows[at.Row], which)
	}
	return errors.WithMessage(err, which)
}
