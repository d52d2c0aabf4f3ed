package data

import (
	"math"
	"slices"
)

// raster is an image as bytes, (C, S, S), with as much memory for what is computed of it. Its methods change
// it as Pillow changes an image, to the bit, but that a convolution of the border pixels is not looked at:
// they stay.
type raster struct {
	pix, spare     []uint8
	channels, size int
}

func newRaster(channels, size int) *raster {
	n := channels * size * size
	return &raster{make([]uint8, n), make([]uint8, n), channels, size}
}

// plane returns a channel.
func (r *raster) plane(c int) []uint8 { return r.pix[c*r.size*r.size:][:r.size*r.size] }

// affine moves each pixel from where the matrix (a, b, c; d, e, f) says that it comes from, the nearest one;
// what lies beyond the border is 0. Pillow's Image.transform in fixed point.
func (r *raster) affine(a, b, c, d, e, f float64) {
	fixed := func(v float64) int { return int(math.Floor(v*fraction + 0.5)) }
	right, down := place{fixed(a), fixed(d)}, place{fixed(b), fixed(e)}
	start := place{fixed(c + a/2 + b/2), fixed(f + d/2 + e/2)}
	clear(r.spare)
	area := r.size * r.size
	for y := range r.size {
		at := start.along(down, y)
		for x := range r.size {
			if u, v := at.x>>fractionBits, at.y>>fractionBits; uint(u) < uint(r.size) && uint(v) < uint(r.size) {
				for c := range r.channels {
					r.spare[c*area+y*r.size+x] = r.pix[c*area+v*r.size+u]
				}
			}
			at = at.along(right, 1)
		}
	}
	r.pix, r.spare = r.spare, r.pix
}

// rotate turns the image about its middle, counter-clockwise.
func (r *raster) rotate(degrees float64) {
	sin, cos := math.Sincos(-degrees * math.Pi / 180)
	middle := float64(r.size) / 2
	r.affine(cos, sin, middle-cos*middle-sin*middle, -sin, cos, middle+sin*middle-cos*middle)
}

// blend makes each pixel other + factor·(pixel − other), where other is that of spare, rounded down and
// clipped.
func (r *raster) blend(factor float64) {
	f := float32(factor)
	for i, v := range r.pix {
		other := r.spare[i]
		mixed := float32(other) + f*float32(int(v)-int(other))
		r.pix[i] = uint8(min(max(mixed, 0), 255))
	}
}

// brightness blends with black, by 1 not at all.
func (r *raster) brightness(factor float64) {
	clear(r.spare)
	r.blend(factor)
}

// luminance writes that of each pixel into the first channel of spare.
func (r *raster) luminance() []uint8 {
	area := r.size * r.size
	grey := r.spare[:area]
	copy(grey, r.pix)
	if r.channels == 3 {
		for i := range grey {
			red, green, blue := int(r.pix[i]), int(r.pix[area+i]), int(r.pix[2*area+i])
			grey[i] = uint8((red*19595 + green*38470 + blue*7471 + 0x8000) >> 16)
		}
	}
	return grey
}

// contrast blends with the mean luminance.
func (r *raster) contrast(factor float64) {
	sum := 0
	grey := r.luminance()
	for _, v := range grey {
		sum += int(v)
	}
	mean := uint8(float64(sum)/float64(len(grey)) + 0.5)
	for i := range r.spare {
		r.spare[i] = mean
	}
	r.blend(factor)
}

// saturation blends with the luminance of each pixel; a grey image stays as it is.
func (r *raster) saturation(factor float64) {
	if r.channels != 3 {
		return
	}
	grey := r.luminance()
	for c := 1; c < r.channels; c++ {
		copy(r.spare[c*len(grey):], grey)
	}
	r.blend(factor)
}

// sharpness blends with a smoothed image, (1,1,1; 1,5,1; 1,1,1)/13.
func (r *raster) sharpness(factor float64) {
	copy(r.spare, r.pix)
	area := r.size * r.size
	for c := range r.channels {
		plane, smooth := r.plane(c), r.spare[c*area:(c+1)*area]
		for y := 1; y < r.size-1; y++ {
			for x := 1; x < r.size-1; x++ {
				sum := 4 * int(plane[y*r.size+x])
				for row := y - 1; row <= y+1; row++ {
					at := row*r.size + x
					sum += int(plane[at-1]) + int(plane[at]) + int(plane[at+1])
				}
				smooth[y*r.size+x] = uint8((2*sum + 13) / 26) // rounded
			}
		}
	}
	r.blend(factor)
}

// posterize keeps so many of the 8 bits.
func (r *raster) posterize(bits int) {
	for i := range r.pix {
		r.pix[i] &^= uint8(1<<(8-bits) - 1)
	}
}

// solarize inverts what is not below a threshold.
func (r *raster) solarize(threshold float64) {
	for i, v := range r.pix {
		if float64(v) >= threshold {
			r.pix[i] = 255 - v
		}
	}
}

// autoContrast stretches each channel to 0 to 255.
func (r *raster) autoContrast() {
	for c := range r.channels {
		plane := r.plane(c)
		low, high := slices.Min(plane), slices.Max(plane)
		if low == high {
			continue
		}
		var table [256]uint8
		scale := 255 / float64(high-low)
		for v := range table {
			table[v] = uint8(min(max(float64(v)*scale-float64(low)*scale, 0), 255))
		}
		look(plane, &table)
	}
}

// equalize makes all values of each channel about as frequent.
func (r *raster) equalize() {
	for c := range r.channels {
		plane := r.plane(c)
		var count [256]int
		for _, v := range plane {
			count[v]++
		}
		step := (len(plane) - count[slices.Max(plane)]) / 255
		if step == 0 {
			continue
		}
		var table [256]uint8
		n := step / 2
		for v := range table {
			table[v] = uint8(min(n/step, 255))
			n += count[v]
		}
		look(plane, &table)
	}
}

func look(plane []uint8, table *[256]uint8) {
	for i, v := range plane {
		plane[i] = table[v]
	}
}
