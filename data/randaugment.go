package data

import "math"

// operation is one that RandAugment and TrivialAugment draw. They differ in how far it goes, as torchvision's
// do: by t = magnitude in [0,1] times the largest value, or from the value that changes nothing towards that.
type operation struct {
	name       string
	signed     bool    // in either direction
	rand, wide float64 // the largest value, in RandAugment and in TrivialAugmentWide
	apply      func(r *raster, v float64)
}

// translation is the largest one of RandAugment, as a fraction of the side, and that of TrivialAugmentWide in
// pixels.
const (
	translation     = 150.0 / 331
	wideTranslation = 32
)

// operations are those of torchvision 0.15, without magnitudes of their own where they are 0.
var operations = []operation{
	{"identity", false, 0, 0, func(*raster, float64) {}},
	{"shear-x", true, 0.3, 0.99, func(r *raster, v float64) { r.affine(1, v, 0, 0, 1, 0) }},
	{"shear-y", true, 0.3, 0.99, func(r *raster, v float64) { r.affine(1, 0, 0, v, 1, 0) }},
	{"translate-x", true, translation, wideTranslation,
		func(r *raster, v float64) { r.affine(1, 0, math.Trunc(v), 0, 1, 0) }},
	{"translate-y", true, translation, wideTranslation,
		func(r *raster, v float64) { r.affine(1, 0, 0, 0, 1, math.Trunc(v)) }},
	{"rotate", true, 30, 135, (*raster).rotate},
	{"brightness", true, 0.9, 0.99, func(r *raster, v float64) { r.brightness(1 + v) }},
	{"color", true, 0.9, 0.99, func(r *raster, v float64) { r.saturation(1 + v) }},
	{"contrast", true, 0.9, 0.99, func(r *raster, v float64) { r.contrast(1 + v) }},
	{"sharpness", true, 0.9, 0.99, func(r *raster, v float64) { r.sharpness(1 + v) }},
	{"posterize", false, 4, 6, func(r *raster, v float64) { r.posterize(8 - int(math.RoundToEven(v))) }},
	{"solarize", false, 255, 255, func(r *raster, v float64) { r.solarize(255 - v) }},
	{"auto-contrast", false, 0, 0, func(r *raster, _ float64) { r.autoContrast() }},
	{"equalize", false, 0, 0, func(r *raster, _ float64) { r.equalize() }},
}

// trivialBins is the number of magnitudes that TrivialAugment draws from.
const trivialBins = 31

// changesPixels reports whether Augment has an operation on bytes.
func (a Augment) changesPixels() bool {
	return a.RandOps > 0 || a.Trivial || a.Brightness > 0 || a.Contrast > 0 || a.Saturation > 0
}

// changePixels draws the operations of an image and applies them: first those of the colours.
func (a Augment) changePixels(r *raster, index int, seed uint64, epoch int) {
	random := newStream(forPixels, seed, uint64(epoch), uint64(index))
	a.jitter(r, &random)
	draw := func(t float64, wide bool) {
		o := operations[random.intn(len(operations))]
		largest := o.rand
		if wide {
			largest = o.wide
		} else if largest == translation {
			largest *= float64(r.size)
		}
		if negative := random.Uint64()&1 == 1; negative && o.signed {
			t = -t
		}
		o.apply(r, t*largest)
	}
	for range a.RandOps {
		draw(a.RandMagnitude, false)
	}
	if a.Trivial {
		draw(float64(random.intn(trivialBins))/(trivialBins-1), true)
	}
}

// jitter changes brightness, contrast and saturation, in an order drawn at random.
func (a Augment) jitter(r *raster, random *stream) {
	changes := []struct {
		largest float64
		apply   func(*raster, float64)
	}{
		{a.Brightness, (*raster).brightness}, {a.Contrast, (*raster).contrast},
		{a.Saturation, (*raster).saturation},
	}
	order := []int{0, 1, 2}
	random.shuffle(order)
	for _, i := range order {
		factor := 1 + changes[i].largest*random.symmetric()
		if changes[i].largest > 0 {
			changes[i].apply(r, max(factor, 0))
		}
	}
}

// raster writes the bytes of an image, black around one that is smaller.
func (p *Images) raster(r *raster, index int) {
	clear(r.pix)
	height, width := p.images.Height, p.images.Width
	top, left := (p.Size-height)/2, (p.Size-width)/2
	src := p.images.Images[index*height*width*p.Channels:][:height*width*p.Channels]
	for c := range p.Channels {
		plane := r.plane(c)
		for y := range height {
			row := plane[(top+y)*p.Size+left:][:width]
			for x := range row {
				row[x] = src[(y*width+x)*p.Channels+c]
			}
		}
	}
}

// fromRaster writes bytes as the model reads them.
func (p *Images) fromRaster(dst []float32, r *raster) {
	area := p.Size * p.Size
	for c := range p.Channels {
		value := &p.value[c]
		for i, v := range r.plane(c) {
			dst[c*area+i] = value[v]
		}
	}
}
