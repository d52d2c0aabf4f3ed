package cli

import (
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// teacher returns the teacher of a run on a set that is read through a transform; nil if there is none.
func (c config) teacher(set *data.Set, t data.Transform) (*train.Teacher, error) {
	if c.Teacher == "" {
		return nil, nil
	}
	file, err := findWeights(c.Teacher)
	if err != nil {
		return nil, errors.WithMessage(err, "teacher")
	}
	m, err := trained.Options{Names: c.names}.Open(file)
	if err != nil {
		return nil, errors.WithMessage(err, "teacher")
	}
	m.Close()
	meta := m.Metadata()
	a := meta.Config
	if !a.Pictures() || set.Kind() != data.Pictures || a.Output != vit.OutputClasses ||
		set.Target != data.TargetClasses {
		return nil, usageError{errors.Errorf("teacher %s is for %s and %s, the data has %ss of %v: a "+
			"teacher teaches the "+
			"classes of pictures", c.Teacher, a.InputText(), a.OutputText(), set.Target.Noun(), set.Kind())}
	}
	if a.Channels != set.Channels || a.Image != t.Size {
		return nil, errors.Errorf("teacher %s sees images of %s, size %d, the student %d, size %d",
			c.Teacher, words.Count(a.Channels, "channel"), a.Image, set.Channels, t.Size)
	}
	if !slices.Equal(meta.Classes, set.Classes) {
		return nil, errors.Errorf("teacher %s knows the classes %s, want those of the data, %s",
			c.Teacher, strings.Join(meta.Classes, ", "), strings.Join(set.Classes, ", "))
	}
	teacher := &train.Teacher{Model: m.Layer(), Weights: m.Weights(), Weight: c.DistillWeight,
		Temperature: c.Temperature}
	teacher.Scale, teacher.Shift = rescale(normal{t.Mean, t.Std}, normal{meta.Mean, meta.Std}, set.Channels)
	return teacher, nil
}

// normal is how a model wants images normalised: minus mean, divided by std, for each channel.
type normal struct{ mean, std []float32 }

// rescale returns scale and shift such that scale·x + shift converts pixels from one normalisation to
// another, channel by channel; nil if both are the same.
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

// channel returns the mean and the standard deviation of a channel; 0 and 1 for pixels as they are.
func (n normal) channel(c int) (mean, std float32) {
	if n.mean == nil {
		return 0, 1
	}
	return n.mean[c], n.std[c]
}
