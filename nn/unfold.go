package nn

import (
	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// window is the geometry of a convolution: what a filter sees at each of its places.
type window struct{ channels, side, kernel, stride, padding, result int }

func (w window) pixels() int { return w.channels * w.kernel * w.kernel }
func (w window) places() int { return w.result * w.result }

// unfolder brings pictures into columns (pixels, places), so that a convolution is a matrix product, and back.
//
// A picture often falls into as many tiles of stride×stride as there are places, as for 3×3 filters with a padding of 1. Then the pixels at one corner
// of all tiles are a plane of result×result, and what a pixel of the filter sees is such a plane, shifted: one copy.
type unfolder[T op.Float] struct {
	window
	views  []view // of the pixels of the filter; none for pictures that do not fall into tiles
	planes []T    // (channels, stride, stride, result, result) of the picture at work; none for a stride of 1, where it is the picture
}

// view is what a pixel of the filter sees: at the places from ≤ i < to, the value i+shift of all planes in a row, whose rows are shifted by so many
// values to the right. Where that goes over the border of a row, it wraps.
type view struct{ from, to, shift, right int }

func newUnfolder[T op.Float](w window) *unfolder[T] {
	u := &unfolder[T]{window: w}
	if w.side != w.result*w.stride {
		return u
	}
	if w.stride > 1 {
		u.planes = make([]T, w.channels*w.side*w.side)
	}
	for pixel := range w.pixels() {
		c, ky, kx := pixel/(w.kernel*w.kernel), pixel/w.kernel%w.kernel, pixel%w.kernel
		down, cornerY := divide(ky-w.padding, w.stride)
		right, cornerX := divide(kx-w.padding, w.stride)
		shift := down*w.result + right
		from := min(max(0, -shift), w.places())
		to := max(from, min(w.places(), w.places()-shift))
		plane := (c*w.stride+cornerY)*w.stride + cornerX
		u.views = append(u.views, view{from, to, plane*w.places() + shift, right})
	}
	return u
}

// unfold writes a picture as columns. What lies outside of the picture has to be 0 before the first.
func (u *unfolder[T]) unfold(picture, columns []T) {
	if u.views == nil {
		u.each(func(at, from int) { columns[at] = picture[from] })
		return
	}
	planes := picture
	if u.stride > 1 {
		planes = u.planes
		u.corners(func(plane []T, at int) {
			for i := range plane {
				plane[i] = picture[at+i*u.stride]
			}
		})
	}
	p := u.places()
	for pixel, v := range u.views {
		column := columns[pixel*p : (pixel+1)*p]
		if v.from < v.to {
			copy(column[v.from:v.to], planes[v.from+v.shift:])
		}
		u.clearWrapped(column, v.right)
	}
}

// fold sets the picture to the sum of what columns say of each of its pixels: the transpose of unfold. It changes the columns.
func (u *unfolder[T]) fold(columns, picture []T) {
	clear(picture)
	if u.views == nil {
		u.each(func(at, from int) { picture[from] += columns[at] })
		return
	}
	planes := picture
	if u.stride > 1 {
		planes = u.planes
		clear(planes)
	}
	p := u.places()
	for pixel, v := range u.views {
		column := columns[pixel*p : (pixel+1)*p]
		u.clearWrapped(column, v.right)
		if v.from < v.to {
			sum := planes[v.from+v.shift : v.to+v.shift]
			dense.Add(sum, sum, column[v.from:v.to])
		}
	}
	if u.stride > 1 {
		u.corners(func(plane []T, at int) {
			for i, v := range plane {
				picture[at+i*u.stride] = v
			}
		})
	}
}

// divide rounds down.
func divide(a, b int) (quotient, rest int) {
	rest = (a%b + b) % b
	return (a - rest) / b, rest
}

// clearWrapped sets to 0 what wrapped around the border of a row.
func (u *unfolder[T]) clearWrapped(column []T, right int) {
	from, to := max(0, u.result-right), u.result
	if right < 0 {
		from, to = 0, min(-right, u.result)
	}
	for row := 0; from < to && row < len(column); row += u.result {
		for i := row + from; i < row+to; i++ {
			column[i] = 0
		}
	}
}

// corners calls f for each row of the planes: it holds the picture's pixels at, at+stride, … of one row.
func (u *unfolder[T]) corners(f func(plane []T, at int)) {
	at := 0
	for c := range u.channels {
		for y := range u.side {
			row := ((c*u.stride+y%u.stride)*u.stride*u.result + y/u.stride) * u.result
			for x := range u.stride {
				f(u.planes[row:row+u.result], at+x)
				row += u.places()
			}
			at += u.side
		}
	}
}

// each calls f for each pixel of the filter at each place where it lies inside of the picture, one by one: for what does not fall into tiles.
func (u *unfolder[T]) each(f func(at, from int)) {
	for at := range u.pixels() * u.places() {
		pixel, place := at/u.places(), at%u.places()
		c, ky, kx := pixel/(u.kernel*u.kernel), pixel/u.kernel%u.kernel, pixel%u.kernel
		y, x := place/u.result*u.stride+ky-u.padding, place%u.result*u.stride+kx-u.padding
		if y >= 0 && y < u.side && x >= 0 && x < u.side {
			f(at, (c*u.side+y)*u.side+x)
		}
	}
}
