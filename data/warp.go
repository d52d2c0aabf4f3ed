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
		mirrored: random.Uint64()&1 == 1 && a.Flip,
	}
	if a.AlternateFlip {
		first := newStream(forFlip, seed, uint64(index))
		d.mirrored = (first.Uint64()^uint64(epoch))&1 == 1
	}
	d.dx += float64(random.intn(2*a.Crop+1) - a.Crop)
	d.dy += float64(random.intn(2*a.Crop+1) - a.Crop)
	y, x := random.intn(size), random.intn(size)
	d.cut = boxAround(y, x, a.Cutout, size)
	return d
}

// still reports whether the image stays in its place.
func (d drawn) still() bool {
	return d.whole() && d.dx == 0 && d.dy == 0 && !d.mirrored
}

// whole reports whether pixels go to pixels, so that nothing is interpolated.
func (d drawn) whole() bool {
	return d.angle == 0 && d.scale == 1 && d.dx == math.Trunc(d.dx) && d.dy == math.Trunc(d.dy)
}

// warp writes src mirrored, then rotated and scaled about its middle, then
// displaced.
func (d drawn) warp(dst, src []float32, p *Images) {
	if !d.whole() {
		d.interpolate(dst, src, p)
		return
	}
	plane := p.Size * p.Size
	for c := range p.Channels {
		d.move(dst[c*plane:(c+1)*plane], src[c*plane:(c+1)*plane], p.Size, p.value[c][0])
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

// place is a place in a plane, in fixed point.
type place struct{ x, y int }

// along returns the place n steps on.
func (p place) along(step place, n int) place { return place{p.x + n*step.x, p.y + n*step.y} }

// inside reports whether the four pixels around a place lie in the plane.
func (p place) inside(size int) bool {
	return uint(p.x>>fractionBits) < uint(size-1) && uint(p.y>>fractionBits) < uint(size-1)
}

// interpolate computes every pixel from the four around the place that it
// comes from.
func (d drawn) interpolate(dst, src []float32, p *Images) {
	size, plane := p.Size, p.Size*p.Size
	start, right, down := d.inverse(size)
	for y := range size {
		// The places inside follow each other without a gap.
		first, begin := 0, start
		for ; first < size && !begin.inside(size); first++ {
			begin = begin.along(right, 1)
		}
		end, last := size, start.along(right, size-1)
		for ; end > first && !last.inside(size); end-- {
			last = last.along(right, -1)
		}
		for c := range p.Channels {
			row, from, black := dst[c*plane+y*size:][:size], src[c*plane:(c+1)*plane], p.value[c][0]
			for x := range first {
				row[x] = border(from, size, start.along(right, x), black)
			}
			bilinearRow(row[first:end], from, size, begin, right)
			for x := end; x < size; x++ {
				row[x] = border(from, size, start.along(right, x), black)
			}
		}
		start = start.along(down, 1)
	}
}

// inverse returns where the first pixel comes from, and how far from there
// its neighbours on the right and below do.
func (d drawn) inverse(size int) (start, right, down place) {
	sin, cos := math.Sincos(d.angle)
	sin, cos = sin/d.scale, cos/d.scale
	fixed := func(v float64) int { return int(math.Round(v * fraction)) }
	middle := float64(size-1) / 2
	x, y := -middle-d.dx, -middle-d.dy
	start = place{fixed(cos*x + sin*y), fixed(cos*y - sin*x)}
	right, down = place{fixed(cos), fixed(-sin)}, place{fixed(sin), fixed(cos)}
	if d.mirrored {
		start.x, right.x, down.x = -start.x, -right.x, -down.x
	}
	return start.along(place{fixed(middle), fixed(middle)}, 1), right, down
}

// bilinearRow interpolates at places that are all inside.
func bilinearRow(row, src []float32, size int, at, right place) {
	for x := range row {
		corner := (at.y>>fractionBits)*size + at.x>>fractionBits
		upper, lower := src[corner:corner+2], src[corner+size:corner+size+2]
		row[x] = bilinear(upper[0], upper[1], lower[0], lower[1], at)
		at.x += right.x
		at.y += right.y
	}
}

// bilinear blends the four pixels around a place.
func bilinear(a, b, c, d float32, at place) float32 {
	fx, fy := float32(at.x&(fraction-1))*(1./fraction), float32(at.y&(fraction-1))*(1./fraction)
	a += fx * (b - a)
	c += fx * (d - c)
	return a + fy*(c-a)
}

// border interpolates at a place on the border of a plane or beyond, where
// all is black.
func border(src []float32, size int, at place, black float32) float32 {
	x, y := at.x>>fractionBits, at.y>>fractionBits
	if x < -1 || y < -1 || x >= size || y >= size {
		return black
	}
	pixel := func(x, y int) float32 {
		if uint(x) < uint(size) && uint(y) < uint(size) {
			return src[y*size+x]
		}
		return black
	}
	return bilinear(pixel(x, y), pixel(x+1, y), pixel(x, y+1), pixel(x+1, y+1), at)
}
