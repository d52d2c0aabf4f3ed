package data

import (
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/pkg/errors"
)

// Augment says how training images are changed at random. The zero value
// changes nothing; Info.Augment is what suits a listed set.
//
// All random choices follow from (seed, epoch, index of the image), so they are
// the same for any number of threads and any order of the images. What moves
// in from outside an image is black.
type Augment struct {
	// Shift is the largest displacement along each axis, in pixels; 0 or
	// more. For digits 2.
	Shift float64
	// Rotate is the largest rotation either way, in radians, in [0, π]. For
	// digits 0.17, ten degrees.
	Rotate float64
	// Scale is the largest change of size, in [0, 0.99]: factors are in
	// [1-Scale, 1+Scale]. For digits 0.1.
	Scale float64
	// Flip mirrors half of the images left to right. Not for digits.
	Flip bool
	// Crop adds a black margin of this many pixels and cuts out a window of the
	// original size: a displacement by whole pixels. For photographs of 32×32
	// pixels 4.
	Crop int
	// Cutout blackens a square with sides of this many pixels, its centre
	// anywhere in the image (DeVries, Taylor, arXiv:1708.04552). For photographs
	// of 32×32 pixels 8.
	Cutout int
	// MixUp blends an image and its target with another's: λ times the one
	// and 1-λ times the other, λ from Beta(MixUp, MixUp), MixUp in [0.05, 2]
	// (Zhang et al., arXiv:1710.09412). 0 is none, 0.2 is common.
	MixUp float64
	// CutMix replaces a rectangle of about 1-λ of the area by that of another
	// image, and blends the targets in the ratio of the areas, λ from
	// Beta(CutMix, CutMix), CutMix in [0.05, 2] (Yun et al., arXiv:1905.04899).
	// 0 is none, 1 is common. With MixUp too, each image gets one of the two.
	CutMix float64

	// AlternateFlip mirrors half of the images in every second epoch, and the other half in the others, so
	// that two epochs show each image both ways (Keller Jordan, arXiv:2404.00498). It stands in for Flip.
	AlternateFlip bool `yaml:"alternate_flip,omitempty"`
	// RandOps is the number of operations that RandAugment draws for each image from a table of 14 (Cubuk et
	// al., arXiv:1909.13719), with repetition: geometry by the nearest pixel, colours, posterize, solarize.
	// The values are those of torchvision's RandAugment.
	RandOps int `yaml:"rand_ops,omitempty"`
	// RandMagnitude is how far each of them goes, in [0,1]: torchvision's magnitude divided by 30, so 0.3 for
	// its usual 9, or timm's by 10, so 0.9 for its rand-m9.
	RandMagnitude float64 `yaml:"rand_magnitude,omitempty"`
	// Trivial draws one of these operations for each image, at a random magnitude over wide ranges:
	// TrivialAugmentWide (Müller, Hutter, arXiv:2103.10158).
	Trivial bool `yaml:"trivial,omitempty"`
	// Brightness, Contrast and Saturation are the largest change of each, as a fraction in [0, 1], in an order
	// drawn at random: torchvision's ColorJitter without hue.
	Brightness float64 `yaml:"brightness,omitempty"`
	Contrast   float64 `yaml:"contrast,omitempty"`
	Saturation float64 `yaml:"saturation,omitempty"`
	// Erase is the probability that a rectangle of 2 % to a third of the image is filled with normal noise,
	// of mean 0 and deviation 1 as normalised images have them (Zhong et al., arXiv:1708.04896).
	Erase float64 `yaml:"erase,omitempty"`
	// Unmixed is the probability, in [0,1], that an image gets neither MixUp nor CutMix.
	Unmixed float64 `yaml:"unmixed,omitempty"`
	// CutMixShare is the probability of CutMix for an image that gets one of the two; 0: a half.
	CutMixShare float64 `yaml:"cutmix_share,omitempty"`
	// MixEpochs is the number of epochs with MixUp and CutMix, after which there are none; 0: all.
	MixEpochs int `yaml:"mix_epochs,omitempty"`
}

// String returns the options that change something, and all of the first eight.
func (a Augment) String() string {
	var b strings.Builder
	v := reflect.ValueOf(a)
	for i := range v.NumField() {
		if i < 8 || !v.Field(i).IsZero() {
			fmt.Fprintf(&b, " %s:%v", v.Type().Field(i).Name, v.Field(i))
		}
	}
	return "{" + strings.TrimSpace(b.String()) + "}" // the first eight as they are in older runs' identities
}

var (
	forDigits = Augment{Shift: 2, Rotate: 0.17, Scale: 0.1}
	forPhotos = Augment{Flip: true, Crop: 4, Cutout: 8}
)

// Mixes reports whether targets are blended too, so that Targets is needed.
func (a Augment) Mixes() bool { return a.MixUp > 0 || a.CutMix > 0 }

// Check returns an error that names the first option out of its range.
func (a Augment) Check() error {
	for _, option := range []struct {
		name             string
		value, low, high float64
	}{
		{"shift", a.Shift, 0, maxSize}, {"rotate", a.Rotate, 0, math.Pi}, {"scale", a.Scale, 0, 0.99},
		{"crop", float64(a.Crop), 0, maxSize}, {"cutout", float64(a.Cutout), 0, 2 * maxSize},
		{"mixup", a.MixUp, 0.05, 2}, {"cutmix", a.CutMix, 0.05, 2},
		{"rand_ops", float64(a.RandOps), 0, 14}, {"rand_magnitude", a.RandMagnitude, 0, 1},
		{"brightness", a.Brightness, 0, 1}, {"contrast", a.Contrast, 0, 1}, {"saturation", a.Saturation, 0, 1},
		{"erase", a.Erase, 0, 1}, {"unmixed", a.Unmixed, 0, 1}, {"cutmix_share", a.CutMixShare, 0, 1},
		{"mix_epochs", float64(a.MixEpochs), 0, math.MaxInt32},
	} {
		if option.value != 0 && !(option.value >= option.low && option.value <= option.high) {
			return errors.Errorf("data: augment: %s %v, want 0 or %v to %v",
				option.name, option.value, option.low, option.high)
		}
	}
	switch {
	case a.RandOps > 0 && a.RandMagnitude == 0:
		return errors.New("data: augment: rand_ops without a rand_magnitude, want one above 0, such as 0.3")
	case a.RandMagnitude > 0 && a.RandOps == 0:
		return errors.New("data: augment: rand_magnitude without rand_ops, want a number of them, such as 2")
	}
	return nil
}

// CheckAugment is a.Check, and returns an error too for operations on bytes if the images are real numbers.
func (p *Images) CheckAugment(a Augment) error {
	if err := a.Check(); err != nil {
		return err
	}
	if a.changesPixels() && p != nil && p.images.Images == nil {
		return errors.New("data: augment: rand_ops, trivial, brightness, contrast and saturation are for " +
			"images of 8 bits, and these are real numbers: want them left out")
	}
	return nil
}

// FillAugmented is Fill with each image changed as a says, at random by
// (seed, epoch, index). It returns the errors of Fill, and one if an option is
// out of range.
func (p *Images) FillAugmented(dst []float32, indices []int, a Augment, seed uint64, epoch int) error {
	if err := p.checkBatch(dst, indices); err != nil {
		return err
	}
	if err := p.CheckAugment(a); err != nil {
		return err
	}
	size := p.ImageLen()
	c := changer{Images: p, Augment: a, seed: seed, epoch: epoch, scratch: make([]float32, size)}
	if a.changesPixels() {
		c.raster = newRaster(p.Channels, p.Size)
	}
	other := make([]float32, size)
	for i, index := range indices {
		image := dst[i*size : (i+1)*size]
		c.change(image, index)
		if !a.Mixes() {
			continue
		}
		m := a.mixing(index, p.Len(), p.Size, seed, epoch)
		if m.weight == 1 {
			continue
		}
		c.change(other, m.partner)
		m.blend(image, other, p.Size)
	}
	return nil
}

// Targets writes the target distribution of each image that FillAugmented
// makes with the same arguments, (B, classes): 1 at the label, or λ at the
// image's own label and 1-λ at that of the image it is mixed with. It returns
// an error if dst is too short, an index or a label is out of range, or an
// option of a is.
func (p *Images) Targets(dst []float32, indices []int, classes int, a Augment, seed uint64, epoch int) error {
	if err := a.Check(); err != nil {
		return err
	}
	if classes < 1 || len(dst) < len(indices)*classes {
		return errors.Errorf("data: %d targets of %d classes do not fit into %d values",
			len(indices), classes, len(dst))
	}
	if p == nil || len(p.Labels) != p.Len() {
		return errors.Errorf("data: targets of %d images without labels", p.Len())
	}
	for i, index := range indices {
		if index < 0 || index >= p.Len() {
			return errors.Errorf("data: image %d out of range [0,%d)", index, p.Len())
		}
		m := mixing{partner: index, weight: 1}
		if a.Mixes() {
			m = a.mixing(index, p.Len(), p.Size, seed, epoch)
		}
		own, other := p.Labels[index], p.Labels[m.partner]
		for _, label := range []int{own, other} {
			if label < 0 || label >= classes {
				return errors.Errorf("data: label %d out of range [0,%d)", label, classes)
			}
		}
		row := dst[i*classes : (i+1)*classes]
		fill(row, 0)
		row[own] += m.weight
		row[other] += 1 - m.weight
	}
	return nil
}

// changer changes images at random, with memory for one.
type changer struct {
	*Images
	Augment
	seed    uint64
	epoch   int
	scratch []float32
	raster  *raster // nil: pixels keep their colours
}

// change writes an image: changed pixel by pixel, then moved, then with parts blackened or erased.
func (c changer) change(dst []float32, index int) {
	d := c.draw(index, c.Size, c.seed, c.epoch)
	still := d.still()
	src := c.scratch
	if still {
		src = dst
	}
	if c.raster == nil {
		c.image(src, index)
	} else {
		c.Images.raster(c.raster, index)
		c.changePixels(c.raster, index, c.seed, c.epoch)
		c.fromRaster(src, c.raster)
	}
	if !still {
		d.warp(dst, src, c.Images)
	}
	c.blacken(dst, d.cut)
	c.erase(dst, c.Channels, c.Size, index, c.seed, c.epoch)
}

// blacken makes a box of an image black.
func (p *Images) blacken(image []float32, cut box) {
	if cut.empty() {
		return
	}
	for c := range p.Channels {
		for y := cut.top; y < cut.bottom; y++ {
			row := image[(c*p.Size+y)*p.Size:][:p.Size]
			fill(row[cut.left:cut.right], p.value[c][0])
		}
	}
}

// box is a rectangle of pixels, without its right column and bottom row.
type box struct{ top, bottom, left, right int }

func (b box) empty() bool { return b.top >= b.bottom || b.left >= b.right }

// boxAround returns a square clipped to an image of the given size.
func boxAround(y, x, side, size int) box {
	top, left := y-side/2, x-side/2
	return box{max(top, 0), min(top+side, size), max(left, 0), min(left+side, size)}
}

// mixing is how an image is blended with a partner.
type mixing struct {
	partner int
	weight  float32 // of the image itself
	pasted  box     // of the partner; empty: the images are blended throughout
}

// mixing draws what an image is blended with, out of n images.
func (a Augment) mixing(index, n, size int, seed uint64, epoch int) mixing {
	if a.stays(index, seed, epoch) {
		return mixing{partner: index, weight: 1}
	}
	random := newStream(forMix, seed, uint64(epoch), uint64(index))
	m := mixing{partner: random.intn(n)}
	cut := a.CutMix > 0
	if cut && a.MixUp > 0 {
		if coin := random.Uint64(); a.CutMixShare == 0 {
			cut = coin&1 == 1
		} else {
			cut = math.Ldexp(float64(coin>>11), -53) < a.CutMixShare
		}
	}
	if !cut {
		m.weight = float32(random.beta(a.MixUp))
		return m
	}
	side := int(math.Round(float64(size) * math.Sqrt(1-random.beta(a.CutMix))))
	m.pasted = boxAround(random.intn(size), random.intn(size), side, size)
	area := (m.pasted.bottom - m.pasted.top) * (m.pasted.right - m.pasted.left)
	m.weight = 1 - float32(area)/float32(size*size)
	return m
}

// stays reports whether an image is mixed with none.
func (a Augment) stays(index int, seed uint64, epoch int) bool {
	if a.MixEpochs > 0 && epoch >= a.MixEpochs {
		return true
	}
	random := newStream(forUnmixed, seed, uint64(epoch), uint64(index))
	return a.Unmixed > 0 && random.Float64() < a.Unmixed
}

// beta returns a number from Beta(α, α), 0.05 ≤ α ≤ 2 (Jöhnk, 1964).
func (s *stream) beta(alpha float64) float64 {
	for {
		x, y := math.Pow(s.Float64(), 1/alpha), math.Pow(s.Float64(), 1/alpha)
		if sum := x + y; sum > 0 && sum <= 1 {
			return x / sum
		}
	}
}

func (m mixing) blend(image, partner []float32, size int) {
	if m.weight == 1 {
		return
	}
	if m.pasted == (box{}) {
		for i, v := range partner {
			image[i] = m.weight*image[i] + (1-m.weight)*v
		}
		return
	}
	for from := 0; from < len(image); from += size * size {
		for y := m.pasted.top; y < m.pasted.bottom; y++ {
			row := from + y*size
			copy(image[row+m.pasted.left:row+m.pasted.right], partner[row+m.pasted.left:])
		}
	}
}
