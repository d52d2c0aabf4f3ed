package train

import (
	"fmt"
	"maps"
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/train/rundir"
)

// Teacher is a trained model whose answers the model of a Loop, the student, learns beside the labels. It
// sees each example as the student does, augmented and mixed, and evaluates it: dropout and its like are off.
// Validation, selection and test are by the labels alone.
type Teacher struct {
	Model   nn.Layer        // of the student's only input -> logits (B, classes) of the same classes
	Weights *rundir.Weights // of Model, in the dtype of the data

	// Weight, in [0,1], and Temperature, above 0 or 0 for 1, are those of losses.Distillation.
	Weight, Temperature float64

	// Scale and Shift make of the student's pixels x of a channel Scale·x + Shift for the teacher; nil: x.
	Scale, Shift []float32
}

// check returns an error for a Teacher that cannot teach on such data; none for no Teacher.
func (t *Teacher) check(s Spec) error {
	switch {
	case t == nil:
		return nil
	case t.Model == nil || t.Weights == nil:
		return errors.New("train: a Teacher needs a Model and its Weights")
	case len(s.Inputs) != 1 || !s.Target.labelled():
		return errors.Errorf("train: a Teacher wants labelled data with one input, got %d inputs",
			len(s.Inputs))
	case !(t.Weight >= 0 && t.Weight <= 1) || !(t.Temperature >= 0):
		return errors.Errorf("train: a Teacher with Weight %v and Temperature %v, want a Weight in [0,1] "+
			"and a Temperature above 0, or 0 for 1", t.Weight, t.Temperature)
	}
	channels := 0
	if len(s.Inputs[0]) > 0 {
		channels = s.Inputs[0][0]
	}
	if len(t.Scale) != len(t.Shift) || t.Scale != nil && len(t.Scale) != channels {
		return errors.Errorf("train: a Teacher with Scale %v and Shift %v, want one for each of %d "+
			"channels, or none", t.Scale, t.Shift, channels)
	}
	return nil
}

// addIdentity puts into an identity what the teacher decides.
func (t *Teacher) addIdentity(id map[string]string) {
	if t == nil {
		return
	}
	maps.Copy(id, map[string]string{
		"teacher": digestOf(t.Weights),
		"distillation": fmt.Sprintf("weight %v, temperature %v, pixels %v + %v",
			t.Weight, t.Temperature, t.Scale, t.Shift),
	})
}

// digestOf stands for weights in an identity.
func digestOf(w *rundir.Weights) string {
	digest, err := w.Digest()
	if err != nil {
		return err.Error() // which the model refuses
	}
	return digest
}

// teaching is a Teacher with its weights in a Store, ready for the graphs that share them.
type teaching struct {
	*Teacher
	store *nn.Store
}

// newTeaching returns nil without a Teacher. It returns an error if the teacher has not so many classes, or
// does not take the student's examples.
func newTeaching(t *Teacher, student plan, classes int) (*teaching, error) {
	if t == nil {
		return nil, nil
	}
	st := nn.NewStore(0)
	p, err := NewPredictor(st, PredictorConfig{Model: t.Model, Spec: student.spec, Micro: student.micro,
		Threads: 1})
	if err != nil {
		return nil, errors.WithMessage(err, "train: teacher")
	}
	defer p.Close()
	if n := p.width(); n != classes {
		return nil, errors.Errorf("train: the teacher tells %d classes apart, the student %d", n, classes)
	}
	return &teaching{t, st}, errors.WithMessage(t.Weights.CopyTo(st), "train: teacher")
}

// plan returns what the teacher's graph beside that of a student is built from.
func (t *teaching) plan(student plan) plan {
	return plan{forward: forwardOf(t.Model), micro: student.micro, spec: student.spec}
}

// forwardOf is the forward of a model of one input.
func forwardOf(model nn.Layer) forward {
	return func(s *nn.Scope, inputs []*G.Node) (*G.Node, error) {
		if len(inputs) != 1 {
			return nil, errors.Errorf("a Model takes one input, the data has %d; use Forward", len(inputs))
		}
		return model.Forward(s, inputs[0])
	}
}

// teach writes the teacher's logits for a micro-batch to dst, with NaN for the rows that are masked.
func teach[T op.Float](t *teaching, r *replica[T], m *microbatch[T], dst []T) error {
	pixels, err := op.Elements[T](r.inputs[0])
	if err != nil {
		return err
	}
	copy(pixels, m.inputs[0])
	if len(t.Scale) > 0 {
		plane := len(pixels) / len(m.keys) / len(t.Scale)
		for i, v := range pixels {
			c := i / plane % len(t.Scale)
			pixels[i] = T(t.Scale[c])*v + T(t.Shift[c])
		}
	}
	if err := r.program.Run(); err != nil {
		return errors.WithMessage(err, "the teacher")
	}
	logits, err := op.Elements[T](r.prediction.Value())
	if err != nil {
		return err
	}
	known := copy(dst, logits[:len(m.Rows)*r.width])
	for i, v := range dst[:known] {
		if v-v != 0 {
			return &op.RowError{Row: i / r.width, Err: errors.Errorf("the teacher's logit %d is %v",
				i%r.width, v)}
		}
	}
	for i := range dst[known:] {
		dst[known+i] = T(math.NaN())
	}
	return nil
}
