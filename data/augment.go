package data

import (
	"math"

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
	} {
		if option.value != 0 && !(option.value >= option.low && option.value <= option.high) {
			return errors.Errorf("data: augment: %s %v, want 0 or %v to %v",
				option.name, option.value, option.low, option.high)
		}
	}
	return nil
}

// FillAugmented is Fill with each image changed as a says, at random by
// (seed, epoch, index). It returns the errors of Fill, and one if an option is
// out of range.
func (p *Images) FillAugmented(dst []float32, indices []int, a Augment, seed uint64, epoch int) error {
	if err := a.Check(); err != nil {
		return err
	}
	if err := p.checkBatch(dst, indices); err != nil {
		return err
	}
	size := p.ImageLen()
	scratch := make([]float32, 2*size)
	for i, index := range indices {
		image := dst[i*size : (i+1)*size]
		p.change(image, scratch[:size], index, a.draw(index, p.Size, seed, epoch))
		if !a.Mixes() {
			continue
		}
		m := a.mixing(index, p.Len(), p.Size, seed, epoch)
		p.change(scratch[size:], scratch[:size], m.partner, a.draw(m.partner, p.Size, seed, epoch))
		m.blend(image, scratch[size:], p.Size)
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

// change writes an image changed by d; scratch holds one image.
func (p *Images) change(dst, scratch []float32, index int, d drawn) {
	if d.still() {
		p.image(dst, index)
	} else {
		p.image(scratch, index)
		d.warp(dst, scratch, p)
	}
	if d.cut.empty() {
		return
	}
	for c := range p.Channels {
		for y := d.cut.top; y < d.cut.bottom; y++ {
			row := dst[(c*p.Size+y)*p.Size:][:p.Size]
			fill(row[d.cut.left:d.cut.right], p.value[c][0])
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
	random := newStream(forMix, seed, uint64(epoch), uint64(index))
	m := mixing{partner: random.intn(n)}
	cut := a.CutMix > 0 && (a.MixUp == 0 || random.Uint64()&1 == 1)
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
