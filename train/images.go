package train

import (
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn/op"
)

// Images is Data of square images (C, S, S), labelled or not.
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

// Spec returns the shape of an image. The target is the classes, or distributions if the augmentation mixes
// images. It returns an error for an Augment that is out of its range.
func (d Images) Spec() (Spec, error) {
	if d.Images == nil {
		return Spec{}, errors.New("has no images")
	}
	s := Spec{Dtype: d.Dtype, Inputs: []tensor.Shape{{d.Channels, d.Size, d.Size}}}
	if s.Dtype == (tensor.Dtype{}) {
		s.Dtype = tensor.Float32
	}
	switch {
	case d.Labels == nil:
	case d.Augment.Mixes():
		s.Target = Distributions
	default:
		s.Target = Classes
	}
	return s, d.Augment.Check()
}

// Key returns what a model's random numbers for an image are keyed by. With one key for equal images, these
// have equal results whatever their number.
func (d Images) Key(image int) uint64 {
	if image >= 0 && image < len(d.Keys) {
		return d.Keys[image]
	}
	return uint64(image)
}

// Identity returns the augmentation as text.
func (d Images) Identity() string { return fmt.Sprintf("%+v", d.Augment) }

// Fill writes the images, augmented, and their labels. It returns an error if they are not there, or for a
// Batch of another Spec.
func (d Images) Fill(b *Batch) error {
	if d.Images == nil || len(b.Inputs) != 1 || len(b.Labels) > min(len(b.Rows), len(d.Labels)) {
		return errors.New("images: there are none, or the batch is of another Spec")
	}
	if err := d.fillPixels(b); err != nil {
		return err
	}
	for i := range b.Labels {
		b.Labels[i] = d.Labels[b.Rows[i]]
	}
	if b.Target == nil || !d.Augment.Mixes() {
		return nil
	}
	return writeFloat32(b, b.Target, func(dst []float32) error {
		return d.Targets(dst, b.Rows, b.Target.Shape()[1], d.Augment, b.Seed, b.Epoch)
	})
}

func (d Images) fillPixels(b *Batch) error {
	return writeFloat32(b, b.Inputs[0], func(dst []float32) error {
		if d.Augment == (data.Augment{}) {
			return d.Images.Fill(dst, b.Rows)
		}
		return d.FillAugmented(dst, b.Rows, d.Augment, b.Seed, b.Epoch)
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
