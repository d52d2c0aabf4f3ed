package train

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

// Sided is a model for pictures of one side that also gives the model with the same parameters for those of
// another. With Recipe.ImageSizes, a model that is none is used as it is. It returns an error if parameters
// depend on the side.
type Sided interface {
	ForSide(side int) (nn.Layer, error)
}

// parseSizes reads Recipe.ImageSizes, and returns them in their one canonical form.
func (r Recipe) parseSizes() (sides []int, canonical string, err error) {
	var texts []string
	for _, text := range listOf(r.ImageSizes) {
		side, err := strconv.Atoi(text)
		if err != nil || side < 1 || len(sides) > 0 && side <= sides[len(sides)-1] {
			return nil, "", errors.Errorf("image_sizes is %q, want sides in pixels, each larger than the "+
				"one before, "+
				"such as 16,24", r.ImageSizes)
		}
		sides, texts = append(sides, side), append(texts, strconv.Itoa(side))
	}
	switch {
	case r.ImageSizes != "" && len(sides) == 0:
		return nil, "", errors.Errorf("image_sizes is %q, want sides in pixels, such as 16,24", r.ImageSizes)
	case len(sides) > 0 && r.Epochs <= len(sides):
		return nil, "", errors.Errorf("image_sizes has %s before the model's own, and epochs is %d: want an "+
			"epoch for each, and one for that", words.Count(len(sides), "side"), r.Epochs)
	}
	return sides, strings.Join(texts, ","), nil
}

// phase is epochs at the beginning of a run in which pictures are smaller.
type phase[T op.Float] struct {
	side   int
	until  int // the first epoch, from 0, that is not of it
	split  *split
	engine *engine[T] // nil: it is over
}

// addPhases builds the graphs of Recipe.ImageSizes over the Store of the run: so many equal parts of its
// epochs, and one more for the model as it is.
func (r *run[T]) addPhases(p plan, threads int) error {
	if len(r.sizes) == 0 {
		return nil
	}
	images, ok := r.Loop.Train.(Images)
	switch {
	case !ok || images.Shape().Kind() != data.Pictures:
		return errors.New("train: image_sizes: the examples are no pictures: want it left out")
	case p.teacher != nil:
		return errors.New("train: image_sizes with a teacher, who knows one size alone: want one of the two")
	case r.sizes[len(r.sizes)-1] >= images.Size:
		return errors.Errorf("train: image_sizes %v, want sides below that of the model's pictures, %d",
			r.sizes, images.Size)
	}
	for i, side := range r.sizes {
		if err := r.addPhase(p, threads, images, side, (i+1)*r.Recipe.Epochs/(len(r.sizes)+1)); err != nil {
			return errors.WithMessagef(err, "train: image_sizes: side %d", side)
		}
	}
	return nil
}

func (r *run[T]) addPhase(p plan, threads int, images Images, side, until int) (err error) {
	one := phase[T]{side: side, until: until}
	if one.split, err = newSplit(trainSplit, smaller{images, side}, r.Recipe.Seed); err != nil {
		return err
	}
	p.spec = one.split.spec
	if p.forward, err = r.forwardOf(side); err != nil {
		return err
	}
	if one.engine, err = newEngine(p, r.store, r.team, threads); err != nil {
		return err
	}
	r.phases = append(r.phases, one)
	return nil
}

// forwardOf returns the model for pictures of a side.
func (r *run[T]) forwardOf(side int) (f forward, err error) {
	sided, ok := r.Model.(Sided)
	if !ok {
		return r.forward, nil
	}
	defer foreign.Recover(&err, "ForSide", r.Model)
	model, err := sided.ForSide(side)
	if err != nil {
		return nil, err
	}
	return chooseForward(model, nil)
}

// enter makes the engine that of the present epoch, and closes those that are not needed any more.
func (r *run[T]) enter() {
	at, examples := r.last, r.train
	for i := len(r.phases) - 1; i >= 0; i-- {
		p := &r.phases[i]
		switch {
		case r.Epoch < p.until:
			at, examples = p.engine, p.split
		case p.engine != nil:
			p.engine.close()
			p.engine = nil
		}
	}
	if at != r.engine || at.feed == nil {
		r.engine = at
		r.engine.feed = &feed{split: examples, batch: r.Recipe.Batch, micro: r.Recipe.Micro, epoch: r.Epoch,
			step: r.Step}
	}
}

// sizesText says which pictures are small for how long; "" if none are.
func (r *run[T]) sizesText() string {
	var parts []string
	from := 1
	for _, p := range r.phases {
		epochs := fmt.Sprintf("epochs %d to %d", from, p.until)
		if from == p.until {
			epochs = fmt.Sprintf("epoch %d", from)
		}
		parts = append(parts, fmt.Sprintf("%d pixels in %s", p.side, epochs))
		from = p.until + 1
	}
	if parts == nil {
		return ""
	}
	return "sides of " + words.List(append(parts, fmt.Sprintf("the full side from epoch %d on", from)), "and")
}

// smaller is Images brought to another side after they are augmented: each pixel is the mean of the area that
// it covers, so that what the augmentation does is in proportion.
type smaller struct {
	Images
	side int
}

// Spec returns that of the images, for the side.
func (d smaller) Spec() (Spec, error) {
	s, err := d.Images.Spec()
	if err == nil {
		s.Inputs = []tensor.Shape{{d.Channels, d.side, d.side}}
	}
	return s, err
}

// Fill writes the small images and their targets.
func (d smaller) Fill(b *Batch) error {
	whole, size := make([]float32, d.ImageLen()), d.Channels*d.side*d.side
	return d.fillPixels(b, func(dst []float32) error {
		for i := range b.Rows {
			if err := d.pixels(whole, b, b.Rows[i:i+1]); err != nil {
				return err
			}
			for c := range d.Channels {
				shrink(dst[i*size+c*d.side*d.side:][:d.side*d.side], whole[c*d.Size*d.Size:][:d.Size*d.Size],
					d.side, d.Size)
			}
		}
		return nil
	})
}

// shrink writes a plane of side from as one of side to: the mean of the area that each pixel covers.
func shrink(dst, src []float32, to, from int) {
	rows := make([]float32, to*from)
	for i := range to {
		row := rows[i*from : (i+1)*from]
		cover(i, to, from, func(j int, share float32) {
			for x, v := range src[j*from : (j+1)*from] {
				row[x] += share * v
			}
		})
		for x := range to {
			sum := float32(0)
			cover(x, to, from, func(j int, share float32) { sum += share * row[j] })
			dst[i*to+x] = sum
		}
	}
}

// cover calls add with each of from cells that cell i of to covers on a line, and with its share of the cell.
func cover(i, to, from int, add func(j int, share float32)) {
	// in units of 1/to of a cell: [i·from, (i+1)·from)
	for at := i * from; at < (i+1)*from; {
		j := at / to
		end := min((j+1)*to, (i+1)*from)
		add(j, float32(end-at)/float32(from))
		at = end
	}
}
