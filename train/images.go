package train

import (
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn/op"
)

// Images is Data of square images (C, S, S), sequences (T, F) or vectors (F), with their classes, labels or
// values, or without.
type Images struct {
	*data.Images
	Augment data.Augment // changes them at random, by seed, epoch and image
	Dtype   tensor.Dtype // zero: float32
	Keys    []uint64     // see Key; nil: the numbers of the images
}

// Len returns the number of images, 0 without any.
func (d Images) Len() int {
	if d.Images == nil {
		return 0
	}
	return d.Images.Len()
}

// Spec returns the shape of an example. The target is the classes, or distributions if the augmentation mixes
// images, or labels or values. It returns an error for an Augment that is out of its range, and for one of
// what is no picture.
func (d Images) Spec() (Spec, error) {
	if d.Images == nil {
		return Spec{}, errors.New("has no images")
	}
	s := Spec{Dtype: d.Dtype, Inputs: []tensor.Shape{d.ExampleShape()}}
	if s.Dtype == (tensor.Dtype{}) {
		s.Dtype = tensor.Float32
	}
	if d.Shape().Kind() != data.Pictures && d.Augment != (data.Augment{}) {
		return s, errors.Errorf("has %v, which are not augmented: want no Augment", d.Shape().Kind())
	}
	switch {
	case d.Answers != nil && d.Augment.Mixes():
		return s, errors.Errorf("has %ss, of which no mixture is made: want no mixup and no cutmix",
			d.Target().Noun())
	case d.Answers != nil:
		s.Target, s.Values = Values, tensor.Shape{d.Outputs()}
		if d.Target() == data.TargetLabels {
			s.Target = Labels
		}
	case d.Labels == nil:
	case d.Augment.Mixes():
		s.Target = Distributions
	default:
		s.Target = Classes
	}
	return s, d.CheckAugment(d.Augment)
}

// Key returns what a model's random numbers for an image are keyed by. With one key for equal images, these
// have equal results whatever their number.
func (d Images) Key(image int) uint64 {
	if image >= 0 && image < len(d.Keys) {
		return d.Keys[image]
	}
	return uint64(image)
}

// Units returns the mean and the deviation of each value, where the targets are brought to 0 and 1.
func (d Images) Units() (mean, std []float64) {
	if d.Images == nil {
		return nil, nil
	}
	for i, m := range d.Standard.Mean {
		mean, std = append(mean, float64(m)), append(std, float64(d.Standard.Std[i]))
	}
	return mean, std
}

// Identity returns the augmentation as text.
func (d Images) Identity() string { return fmt.Sprintf("%+v", d.Augment) }

// Fill writes the images, augmented, and their labels. It returns an error if they are not there, or for a
// Batch of another Spec.
func (d Images) Fill(b *Batch) error {
	return d.fillPixels(b, func(dst []float32) error { return d.pixels(dst, b, b.Rows) })
}

// pixels writes some of the images of a batch.
func (d Images) pixels(dst []float32, b *Batch, rows []int) error {
	if d.Augment == (data.Augment{}) {
		return d.Images.Fill(dst, rows)
	}
	return d.FillAugmented(dst, rows, d.Augment, b.Seed, b.Epoch)
}

// fillPixels lets write fill the input, and writes the targets.
func (d Images) fillPixels(b *Batch, write func(dst []float32) error) error {
	return d.fill(b, func() error { return writeFloat32(b, b.Inputs[0], write) })
}

// fill is fillPixels with a function that knows where to write.
func (d Images) fill(b *Batch, write func() error) error {
	if d.Images == nil || len(b.Inputs) != 1 || len(b.Labels) > min(len(b.Rows), len(d.Labels)) {
		return errors.New("images: there are none, or the batch is of another Spec")
	}
	if err := write(); err != nil {
		return err
	}
	for i := range b.Labels {
		b.Labels[i] = d.Labels[b.Rows[i]]
	}
	if b.Target != nil && d.Answers != nil {
		return writeFloat32(b, b.Target, func(dst []float32) error {
			k := d.Outputs()
			if len(dst) < len(b.Rows)*k {
				return errors.Errorf("images: %d targets for %d examples of %d", len(dst), len(b.Rows), k)
			}
			for i, row := range b.Rows {
				copy(dst[i*k:(i+1)*k], d.Answers[row*k:])
			}
			return nil
		})
	}
	if b.Target == nil || !d.Augment.Mixes() {
		return nil
	}
	return writeFloat32(b, b.Target, func(dst []float32) error {
		return d.Targets(dst, b.Rows, b.Target.Shape()[1], d.Augment, b.Seed, b.Epoch)
	})
}

// writeFloat32 lets write fill a tensor of float32, or the scratch memory for one of float64.
func writeFloat32(b *Batch, t *tensor.Dense, write func(dst []float32) error) error {
	if t.Dtype() == tensor.Float32 {
		dst, err := op.Elements[float32](t)
		if err != nil {
			return err
		}
		return write(dst)
	}
	dst, err := op.Elements[float64](t)
	if err != nil {
		return err
	}
	if len(b.scratch) < len(dst) {
		b.scratch = make([]float32, len(dst))
	}
	narrow := b.scratch[:len(dst)]
	clear(narrow)
	if err := write(narrow); err != nil {
		return err
	}
	for i, v := range narrow {
		dst[i] = float64(v)
	}
	return nil
}
