package data

import "math"

// drawn is what chance made of the geometry of one image.
type drawn struct {
	dx, dy       float64 // displacement of the content in pixels
	angle, scale float64
	mirrored     bool
	cut          box // blackened
}

// draw takes all numbers in a fixed order, whatever the options, so that one
// option does not change what another does.
func (a Augment) draw(index, size int, seed uint64, epoch int) drawn {
	random := newStream(forAugment, seed, uint64(epoch), uint64(index))
	d := drawn{
		dx:       a.Shift * random.symmetric(),
		dy:       a.Shift * random.symmetric(),
		angle:    a.Rotate * random.symmetric(),
		scale:    1 + a.Scale*random.symmetric(),
		mirrored: random.next()&1 == 1 && a.Flip,
	}
	d.dx += float64(random.intn(2*a.Crop+1) - a.Crop)
	d.dy += float64(random.intn(2*a.Crop+1) - a.Crop)
	y, x := random.intn(size), random.intn(size)
	d.cut = boxAround(y, x, a.Cutout, size)
	return d
}

// still says whether the image stays in its place.
func (d drawn) still() bool {
	return d.whole() && d.dx == 0 && d.dy == 0 && !d.mirrored
}

// whole says whether pixels go to pixels, so that nothing is interpolated.
func (d drawn) whole() bool {
	return d.angle == 0 && d.scale == 1 && d.dx == math.Trunc(d.dx) && d.dy == math.Trunc(d.dy)
}

// warp writes src mirrored, then rotated and scaled about its middle, then
// displaced.
func (d drawn) warp(dst, src []float32, p *Planes) {
	plane := p.Size * p.Size
	for c := range p.Channels {
		to, from, black := dst[c*plane:(c+1)*plane], src[c*plane:(c+1)*plane], p.value[c][0]
		if d.whole() {
			d.move(to, from, p.Size, black)
		} else {
			d.interpolate(to, from, p.Size, black)
		}
	}
}

// move displaces a plane by whole pixels, and mirrors it.
func (d drawn) move(dst, src []float32, size int, black float32) {
	dx, dy := int(d.dx), int(d.dy)
	for y := range size {
		row := dst[y*size : (y+1)*size]
		if y-dy < 0 || y-dy >= size {
			fill(row, black)
			continue
		}
		from := src[(y-dy)*size : (y-dy+1)*size]
		left, right := min(max(dx, 0), size), max(min(size+dx, size), 0)
		fill(row[:left], black)
		fill(row[max(right, left):], black)
		if !d.mirrored {
			if left < right {
				copy(row[left:right], from[left-dx:])
			}
			continue
		}
		for x := left; x < right; x++ {
			row[x] = from[size-1-(x-dx)]
		}
	}
}

// The inverse map runs over the source in steps of 1/fraction pixel.
const (
	fractionBits = 16
	fraction     = 1 << fractionBits
)

// interpolate computes every pixel of a plane from the four around the place
// that it comes from.
func (d drawn) interpolate(dst, src []float32, size int, black float32) {
	sin, cos := math.Sincos(d.angle)
	sin, cos = sin/d.scale, cos/d.scale
	fixed := func(v float64) int { return int(math.Round(v * fraction)) }
	// Where x and y of the source go, for each step along x and y of dst.
	xx, xy, yx, yy := fixed(cos), fixed(sin), fixed(-sin), fixed(cos)
	middle := float64(size-1) / 2
	x0 := fixed(cos*(-middle-d.dx) + sin*(-middle-d.dy))
	y0 := fixed(-sin*(-middle-d.dx) + cos*(-middle-d.dy))
	if d.mirrored {
		xx, xy, x0 = -xx, -xy, -x0
	}
	x0, y0 = x0+fixed(middle), y0+fixed(middle)
	for y := range size {
		sx, sy := x0+y*xy, y0+y*yy
		row := dst[y*size : (y+1)*size]
		for x := range row {
			row[x] = sample(src, size, sx, sy, black)
			sx += xx
			sy += yx
		}
	}
}

// sample returns the bilinear interpolation of a plane at a place in fixed
// point; outside the plane is black.
func sample(src []float32, size, sx, sy int, black float32) float32 {
	x, y := sx>>fractionBits, sy>>fractionBits
	fx, fy := float32(sx&(fraction-1))*(1./fraction), float32(sy&(fraction-1))*(1./fraction)
	var a, b, c, d float32
	if uint(x) < uint(size-1) && uint(y) < uint(size-1) {
		upper := src[y*size+x:]
		lower := upper[size:]
		a, b, c, d = upper[0], upper[1], lower[0], lower[1]
	} else {
		a, b = pixel(src, size, x, y, black), pixel(src, size, x+1, y, black)
		c, d = pixel(src, size, x, y+1, black), pixel(src, size, x+1, y+1, black)
	}
	a += fx * (b - a)
	c += fx * (d - c)
	return a + fy*(c-a)
}

func pixel(src []float32, size, x, y int, black float32) float32 {
	if uint(x) < uint(size) && uint(y) < uint(size) {
		return src[y*size+x]
	}
	return black
}
