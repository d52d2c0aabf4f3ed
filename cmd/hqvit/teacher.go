package main

import (
	"cmp"
	"os"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
)

// checkTeacher refuses a teacher that is not there, and what only a teacher gives a meaning; where one is, it fills in the defaults.
func (c *config) checkTeacher() error {
	if c.Teacher == "" {
		if c.DistillWeight != 0 || c.Temperature != 0 {
			return errors.Errorf("distill_weight is %v and temperature %v without a teacher, want a teacher or neither", c.DistillWeight, c.Temperature)
		}
		return nil
	}
	c.DistillWeight, c.Temperature = cmp.Or(c.DistillWeight, 0.5), cmp.Or(c.Temperature, 2)
	switch {
	case !(c.DistillWeight > 0 && c.DistillWeight <= 1):
		return errors.Errorf("distill_weight is %v, want (0,1]", c.DistillWeight)
	case !(c.Temperature > 0 && c.Temperature <= 1000):
		return errors.Errorf("temperature is %v, want (0,1000]", c.Temperature)
	}
	if _, err := os.Stat(weightsFile(c.Teacher)); err != nil {
		return errors.Errorf("teacher %s: want the directory of a run or a file of weights; there is no %s", c.Teacher, weightsFile(c.Teacher))
	}
	return nil
}

// teacher returns the teacher of a run on a set that went through a transform; nil if there is none.
func (c *config) teacher(set *data.Set, t data.Transform) (*train.Teacher, error) {
	if c.Teacher == "" {
		return nil, nil
	}
	m, layer, err := readModel(c.Teacher)
	if err != nil {
		return nil, errors.WithMessage(err, "teacher")
	}
	a := m.architecture
	if a.Channels != set.Channels || a.Image != t.Size {
		return nil, errors.Errorf("teacher %s sees images of %d channels and size %d, the student's have %d and %d", c.Teacher, a.Channels, a.Image, set.Channels, t.Size)
	}
	if !slices.Equal(m.classes, set.Classes) {
		return nil, errors.Errorf("teacher %s knows the classes %s, want those of the data, %s", c.Teacher, strings.Join(m.classes, ", "), strings.Join(set.Classes, ", "))
	}
	teacher := &train.Teacher{Model: layer, Weights: m.weights, Weight: c.DistillWeight, Temperature: c.Temperature}
	teacher.Scale, teacher.Shift = rescale(normal{t.Mean, t.Std}, m.normal, set.Channels)
	return teacher, nil
}

// rescale returns what makes of pixels normalized in one way those normalized in another, channel by channel: scale·x + shift. It returns nil for
// the same way.
func rescale(from, to normal, channels int) (scale, shift []float32) {
	same := true
	for c := range channels {
		mean, std := from.channel(c)
		wantedMean, wantedStd := to.channel(c)
		scale, shift = append(scale, std/wantedStd), append(shift, (mean-wantedMean)/wantedStd)
		same = same && scale[c] == 1 && shift[c] == 0
	}
	if same {
		return nil, nil
	}
	return scale, shift
}

// channel returns the mean and the deviation of a channel; 0 and 1 for pixels as they are.
func (n normal) channel(c int) (mean, std float32) {
	if n.Mean == nil {
		return 0, 1
	}
	return n.Mean[c], n.Std[c]
}
