package train

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

// Teacher is a trained model whose answers a Task's own model, the student, learns beside the labels. It sees each image as the student does,
// augmented and mixed, and evaluates it: dropout and its like are off. Validation, selection and test are by the labels alone.
type Teacher struct {
	Model   nn.Layer // (B, C, S, S) -> logits (B, classes), of the student's classes in their order
	Weights *Weights // of Model, in the Task's Dtype

	// Share, in [0,1], and Temperature, above 0 or 0 for 1, are Weight and Temperature of the losses.Distillation.
	Weight, Temperature float64

	// Scale and Shift make of a channel's pixels x, as the student sees them, Scale·x + Shift for the teacher; nil: x.
	Scale, Shift []float32
}

// check returns an error for a Teacher that cannot teach on images of so many channels; none for no Teacher.
func (t *Teacher) check(channels int) error {
	switch {
	case t == nil:
		return nil
	case t.Model == nil || t.Weights == nil:
		return errors.New("train: a Teacher needs a Model and its Weights")
	case !(t.Weight >= 0 && t.Weight <= 1) || !(t.Temperature >= 0):
		return errors.Errorf("train: a Teacher with a Share of %v and a Temperature of %v, want a Share in [0,1] and a Temperature above 0, or 0 for 1", t.Weight, t.Temperature)
	case len(t.Scale) != len(t.Shift) || t.Scale != nil && len(t.Scale) != channels:
		return errors.Errorf("train: a Teacher with Scale %v and Shift %v, want one for each of %d channels, or none", t.Scale, t.Shift, channels)
	}
	return nil
}

// identify puts into an Identity what the teacher decides.
func (t *Teacher) identify(id map[string]string) {
	if t == nil {
		return
	}
	maps.Copy(id, map[string]string{
		"teacher":      t.Weights.digest(),
		"distillation": fmt.Sprintf("share %v, temperature %v, pixels %v + %v", t.Weight, t.Temperature, t.Scale, t.Shift),
	})
}

// digest is the SHA-256 of the weights' file.
func (w *Weights) digest() string {
	sum := sha256.New()
	if err := w.write(sum); err != nil {
		return err.Error() // of a dtype that Model refuses
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// teaching is a Teacher with its weights in a Store, ready for the graphs that share them.
type teaching struct {
	*Teacher
	store *nn.Store
}

// teaching returns nil without a Teacher. It returns an error if the teacher has not so many classes, or does not take the student's images.
func (t Task) teaching(classes int) (*teaching, error) {
	if t.Teacher == nil {
		return nil, nil
	}
	st := nn.NewStore(0)
	p, err := NewPredictor(st, PredictorConfig{Model: t.Teacher.Model, Channels: t.Train.Channels, Size: t.Train.Size, Micro: t.Micro, Threads: 1, Dtype: t.Dtype})
	if err != nil {
		return nil, errors.WithMessage(err, "train: teacher")
	}
	defer p.Close()
	if n := p.classes(); n != classes {
		return nil, errors.Errorf("train: the teacher tells %d classes apart, the student %d", n, classes)
	}
	return &teaching{t.Teacher, st}, errors.WithMessage(t.Teacher.Weights.CopyTo(st), "train: teacher")
}

// plan returns what the teacher's graph beside that of a student is built of.
func (t *teaching) plan(student plan) plan {
	return plan{model: t.Model, micro: student.micro, channels: student.channels, size: student.size}
}

// teach writes the teacher's logits for a micro-batch to dst, with NaN for the rows that are masked.
func teach[T op.Float](t *teaching, r *replica[T], m *micro[T], dst []T) error {
	copy(r.images, m.images)
	if len(t.Scale) > 0 {
		plane := len(r.images) / len(m.keys) / len(t.Scale)
		for i, v := range r.images {
			c := i / plane % len(t.Scale)
			r.images[i] = T(t.Scale[c])*v + T(t.Shift[c])
		}
	}
	if err := r.machine.Run(); err != nil {
		return errors.WithMessage(err, "the teacher")
	}
	logits, err := op.Elements[T](r.logits.Value())
	if err != nil {
		return err
	}
	known := copy(dst, logits[:len(m.indices)*r.classes])
	for i, v := range dst[:known] {
		if v-v != 0 {
			return errors.Errorf("the teacher's logit %d of row %d is %v", i%r.classes, i/r.classes, v)
		}
	}
	for i := range dst[known:] {
		dst[known+i] = T(math.NaN())
	}
	return nil
}
