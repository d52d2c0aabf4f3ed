package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	"github.com/pkg/errors"
)

// Transform says how an image becomes the input of a model: a square of
// float32 values for each channel.
//
// An 8-bit pixel becomes pixel/255, in [0, 1]; a real number stays as it is.
// An image larger than Size is scaled down by Catmull-Rom interpolation,
// keeping its aspect ratio. A smaller one is centred on a
// black square (28 to 32: two pixels on each side). Then, if Mean and Std are
// given, every value v of channel c becomes (v-Mean[c])/Std[c], the black
// margin too. Statistics computes them.
//
// A sequence or a vector keeps its shape, and Size is not read. Its channels
// are its features, each of which has a mean and a deviation of its own.
type Transform struct {
	Size      int       // side S of the square, at least 1
	Mean, Std []float32 // one for each channel; nil: no normalisation

	// Target is what a model gets for the values that it is to predict: the
	// value v number k becomes (v-Target.Mean[k])/Target.Std[k].
	Target Standard
}

// maxSize bounds the side of a model's input.
const maxSize = 4096

// Apply returns the images of a split as the model reads them. They share the
// split's memory unless images have to be scaled down. It returns an error if
// the split is malformed, the size is out of range, there is not one finite
// mean and one positive deviation for each channel.
func (t Transform) Apply(split Split) (*Images, error) {
	if err := split.check(); err != nil {
		return nil, errors.WithMessage(err, "data: transform")
	}
	if split.Kind() != Pictures {
		t.Size = 0
	} else if t.Size < 1 || t.Size > maxSize {
		return nil, errors.Errorf("data: transform: size %d, want 1 to %d", t.Size, maxSize)
	}
	if err := t.Target.check(split.Outputs()); err != nil && split.Targets != nil {
		return nil, errors.WithMessage(err, "data: transform")
	}
	c := split.Channels
	if t.Mean == nil && t.Std == nil {
		t.Mean, t.Std = make([]float32, c), ones(c)
	}
	if len(t.Mean) != c || len(t.Std) != c {
		return nil, errors.Errorf("data: transform: %d means and %d deviations for %d channels",
			len(t.Mean), len(t.Std), c)
	}
	for i := range c {
		if !(t.Std[i] > 0) || math.IsInf(float64(t.Std[i]), 0) || t.Mean[i]-t.Mean[i] != 0 {
			return nil, errors.Errorf("data: transform: mean %v and deviation %v of channel %d, "+
				"want a finite mean and a positive deviation", t.Mean[i], t.Std[i], i)
		}
	}
	if split.Kind() == Pictures && max(split.Height, split.Width) > t.Size {
		split = shrink(split, t.Size)
	}
	p := &Images{Channels: c, Size: t.Size, Labels: split.Labels, images: split, mean: t.Mean, std: t.Std,
		Standard: t.Target, Answers: t.Target.apply(split.Targets)}
	for i := range c * min(1, p.Size) {
		var values [256]float32
		for v := range values {
			values[v] = (float32(v)/255 - t.Mean[i]) / t.Std[i]
		}
		p.value = append(p.value, values)
	}
	return p, nil
}

func ones(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

// Images is a split as a model reads it: float32 images (N, C, S, S), or
// sequences (N, T, C) or vectors (N, C), each computed when it is asked for.
// It comes from Transform.Apply and is safe for concurrent use; its fields are
// not to be changed.
type Images struct {
	Channels, Size int       // C, and S: 0 for what is no picture
	Labels         []int     // (N); nil for examples without classes
	Answers        []float32 // (N, K), the targets of labels or values; nil without
	Standard       Standard  // that Answers have; to be undone for predictions

	images    Split
	value     [][256]float32 // of an 8-bit pixel, for each channel
	mean, std []float32
}

// Len returns the number of images.
func (p *Images) Len() int {
	if p == nil {
		return 0
	}
	return p.images.Len()
}

// Shape returns the shape of an example in its file.
func (p *Images) Shape() Shape {
	if p == nil {
		return Shape{}
	}
	return p.images.Shape
}

// Target returns what Answers are: labels or values.
func (p *Images) Target() Target {
	if p == nil {
		return TargetClasses
	}
	return p.images.Target
}

// Outputs returns K, the labels or values of an example.
func (p *Images) Outputs() int {
	if p == nil {
		return 0
	}
	return p.images.Outputs()
}

// ExampleShape returns the shape of an example as a model reads it: (C, S, S), (T, C) or (C).
func (p *Images) ExampleShape() []int {
	switch {
	case p == nil:
		return nil
	case p.images.Kind() == Sequences:
		return []int{p.images.Height, p.images.Channels}
	case p.images.Kind() == Vectors:
		return []int{p.images.Channels}
	}
	return []int{p.Channels, p.Size, p.Size}
}

// ImageLen returns the number of values of one example: C·S·S of an image.
func (p *Images) ImageLen() int {
	switch {
	case p == nil:
		return 0
	case p.images.Kind() != Pictures:
		return p.images.Shape.Len()
	}
	return p.Channels * p.Size * p.Size
}

// Fill writes the images with the given indices into dst, (B, C, S, S) with
// B at least len(indices); the rest of dst is left as it is. It returns an
// error if dst is too short or an index is out of range.
func (p *Images) Fill(dst []float32, indices []int) error {
	if err := p.checkBatch(dst, indices); err != nil {
		return err
	}
	for i, index := range indices {
		p.image(dst[i*p.ImageLen():(i+1)*p.ImageLen()], index)
	}
	return nil
}

func (p *Images) checkBatch(dst []float32, indices []int) error {
	if err := p.check(indices); err != nil {
		return err
	}
	if len(dst) < len(indices)*p.ImageLen() {
		return errors.Errorf("data: %d images of %d values do not fit into %d",
			len(indices), p.ImageLen(), len(dst))
	}
	return nil
}

// check returns an error unless there are images with these indices.
func (p *Images) check(indices []int) error {
	if p == nil || p.Channels != len(p.mean) || p.images.Kind() == Pictures && (p.Channels != len(p.value) ||
		p.Size < max(p.images.Height, p.images.Width) || p.Size > maxSize) {
		return errors.New("data: images that do not come from Transform.Apply, or were changed since")
	}
	for _, index := range indices {
		if index < 0 || index >= p.Len() {
			return errors.Errorf("data: image %d out of range [0,%d)", index, p.Len())
		}
	}
	return nil
}

// image writes one image, (C, S, S), or a sequence or vector.
func (p *Images) image(dst []float32, index int) {
	if p.images.Kind() != Pictures {
		for i, v := range p.images.Floats[index*len(dst) : (index+1)*len(dst)] {
			dst[i] = (v - p.mean[i%p.Channels]) / p.std[i%p.Channels]
		}
		return
	}
	height, width := p.images.Height, p.images.Width
	top, left := (p.Size-height)/2, (p.Size-width)/2
	for c := range p.Channels {
		plane := dst[c*p.Size*p.Size : (c+1)*p.Size*p.Size]
		black := p.value[c][0]
		fill(plane[:top*p.Size], black)
		fill(plane[(top+height)*p.Size:], black)
		for y := range height {
			row := plane[(top+y)*p.Size : (top+y+1)*p.Size]
			fill(row[:left], black)
			fill(row[left+width:], black)
			p.row(row[left:left+width], index, y, c)
		}
	}
}

// row writes channel c of row y of an image.
func (p *Images) row(dst []float32, index, y, c int) {
	from := (index*p.images.Height + y) * p.images.Width * p.Channels
	to := from + p.images.Width*p.Channels
	if p.images.Images == nil {
		src := p.images.Floats[from:to]
		for x := range dst {
			dst[x] = (src[x*p.Channels+c] - p.mean[c]) / p.std[c]
		}
		return
	}
	src, value := p.images.Images[from:to], &p.value[c]
	if p.Channels == 1 {
		for x, pixel := range src[:len(dst)] {
			dst[x] = value[pixel]
		}
		return
	}
	for x := range dst {
		dst[x] = value[src[x*p.Channels+c]]
	}
}

// Digest returns the SHA-256 of all pixels and labels, as the files had them, in hexadecimal; empty if there
// are no images.
func (p *Images) Digest() string {
	if p == nil {
		return ""
	}
	h := sha256.New()
	fmt.Fprintln(h, p.images.Shape, len(p.images.Images), len(p.images.Floats), p.Labels)
	h.Write(p.images.Images)
	if len(p.images.Floats) > 0 {
		_ = binary.Write(h, binary.LittleEndian, p.images.Floats) // a hash takes everything
	}
	if len(p.images.Targets) > 0 {
		_ = binary.Write(h, binary.LittleEndian, p.images.Targets)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Picture returns an image in the size that the model reads, but before
// normalisation, its darkest value black and its brightest white: grey for one
// channel, else the channels as red, green and blue. It returns an error if
// there is no such image.
func (p *Images) Picture(index int) (*image.NRGBA, error) {
	if err := p.check([]int{index}); err != nil {
		return nil, err
	}
	if p.images.Kind() != Pictures {
		return nil, errors.Errorf("data: example %d is no picture but %s", index,
			p.images.Kind().of(p.images.Shape))
	}
	values := make([]float32, p.ImageLen())
	p.image(values, index)
	area := p.Size * p.Size
	for i := range values {
		values[i] = values[i]*p.std[i/area] + p.mean[i/area]
	}
	low, high := slices.Min(values), slices.Max(values)
	level := func(channel, at int) uint8 {
		if !(high > low) {
			return 0
		}
		return uint8(255 * (values[channel%p.Channels*area+at] - low) / (high - low))
	}
	img := image.NewNRGBA(image.Rect(0, 0, p.Size, p.Size))
	for at := range area {
		img.SetNRGBA(at%p.Size, at/p.Size, color.NRGBA{level(0, at), level(1, at), level(2, at), 0xff})
	}
	return img, nil
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

// Statistics returns the mean and the standard deviation of each channel of
// a split over all its pixels, 8-bit ones as pixel/255: what Transform takes.
// A channel that does not vary gets the deviation 1. Compute them from the
// training split, and use them for every split. It returns an error if the
// split is malformed or has no images.
func Statistics(split Split) (mean, std []float32, err error) {
	if err := split.check(); err != nil {
		return nil, nil, errors.WithMessage(err, "data: statistics")
	}
	if split.Len() == 0 {
		return nil, nil, errors.New("data: statistics: no images")
	}
	c := split.Channels
	if split.Kind() != Pictures {
		s := StandardOf(split.Floats, c)
		return s.Mean, s.Std, nil
	}
	mean, std = make([]float32, c), ones(c)
	for i := range c {
		var n, sum, square float64
		add := func(v, times float64) {
			n += times
			sum += times * v
			square += times * v * v
		}
		var histogram [256]int // exact, and fast
		for j := i; j < len(split.Images); j += c {
			histogram[split.Images[j]]++
		}
		for v, times := range histogram {
			add(float64(v)/255, float64(times))
		}
		for j := i; j < len(split.Floats); j += c {
			add(float64(split.Floats[j]), 1)
		}
		mean[i] = float32(sum / n)
		if variance := square/n - sum/n*(sum/n); variance > 1e-12 {
			std[i] = float32(math.Sqrt(variance))
		}
	}
	return mean, std, nil
}
