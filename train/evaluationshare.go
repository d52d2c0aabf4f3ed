package train

import (
	"bytes"
	"encoding/gob"

	"github.com/pkg/errors"
)

// evaluationShare is what one member of a team has found of an evaluation: of its micro-batches and their
// examples.
type evaluationShare struct {
	Losses, Predictions, Targets []float64
	Labels                       []int
	Taps                         []tapShare
}

// tapShare is a tapSums.
type tapShare struct {
	Rows   int
	Values []TapValue
	Summed []bool
}

// found returns what this member has found.
func (j *evaluationJob[T]) found() ([]byte, error) {
	rows, width := j.rows(j.own), j.examples.Width
	s := evaluationShare{
		Losses:      j.losses[j.own.from:j.own.to],
		Predictions: j.examples.Predictions[rows.from*width : rows.to*width],
	}
	if j.examples.Targets != nil {
		s.Targets = j.examples.Targets[rows.from*width : rows.to*width]
	}
	if j.examples.Labels != nil {
		s.Labels = j.examples.Labels[rows.from:rows.to]
	}
	for i := j.own.from; i < min(j.own.to, len(j.taps)); i++ {
		s.Taps = append(s.Taps, tapShare{j.taps[i].rows, j.taps[i].values, j.taps[i].summed})
	}
	var text bytes.Buffer
	err := gob.NewEncoder(&text).Encode(s)
	return text.Bytes(), errors.WithStack(err)
}

// take fills in what a member has found.
func (j *evaluationJob[T]) take(member int, found []byte) error {
	var s evaluationShare
	if err := gob.NewDecoder(bytes.NewReader(found)).Decode(&s); err != nil {
		return errors.Wrap(err, "train: evaluation")
	}
	if j.taken+len(s.Losses) > j.count || len(s.Taps) > max(0, len(j.taps)-j.taken) {
		return errors.Errorf("train: member %d has evaluated other data than this one", member)
	}
	row := j.rows(span{j.taken, j.taken}).from
	copy(j.losses[j.taken:], s.Losses)
	copy(j.examples.Predictions[row*j.examples.Width:], s.Predictions)
	if j.examples.Targets != nil {
		copy(j.examples.Targets[row*j.examples.Width:], s.Targets)
	}
	if j.examples.Labels != nil {
		copy(j.examples.Labels[row:], s.Labels)
	}
	for i, t := range s.Taps {
		j.taps[j.taken+i] = tapSums{t.Rows, t.Values, t.Summed}
	}
	j.taken += len(s.Losses)
	return nil
}

// rows returns the examples of some micro-batches.
func (j *evaluationJob[T]) rows(micros span) span {
	n := j.split.Len()
	return span{min(n, micros.from*j.micro), min(n, micros.to*j.micro)}
}
