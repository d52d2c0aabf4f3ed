package nn

import (
	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn/op"
)

// window is the geometry of a convolution: what a filter sees at each of its positions.
type window struct{ channels, side, kernel, stride, padding, result int }

func (w window) pixels() int    { return w.channels * w.kernel * w.kernel }
func (w window) positions() int { return w.result * w.result }

// unfolder brings images into columns (pixels, positions), so that a convolution is a matrix product, and
// back.
//
// An image often divides into as many tiles of stride×stride as there are positions, as for 3×3 filters with
// a padding of 1. Then the pixels at one corner of all tiles are a plane of result×result, and what a pixel
// of the filter sees is such a plane, shifted: one copy.
type unfolder[T op.Float] struct {
	window
	views []view // of the pixels of the filter; none for images that do not divide into tiles

	// planes (channels, stride, stride, result, result) are those of the image at work; none for a stride of
	// 1, where they are the image.
	planes []T
}

// view is what a pixel of the filter sees: at the positions from ≤ i < to, the value i+shift of all planes in
// a row, whose rows are shifted by so many values to the right. Where that goes over the border of a row, it
// wraps.
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
		c, ky, kx := w.filterPixel(pixel)
		down, cornerY := divideDown(ky-w.padding, w.stride)
		right, cornerX := divideDown(kx-w.padding, w.stride)
		shift := down*w.result + right
		from := min(max(0, -shift), w.positions())
		to := max(from, min(w.positions(), w.positions()-shift))
		plane := (c*w.stride+cornerY)*w.stride + cornerX
		u.views = append(u.views, view{from, to, plane*w.positions() + shift, right})
	}
	return u
}

// filterPixel returns the channel, row and column of a pixel of the filter.
func (w window) filterPixel(pixel int) (c, y, x int) {
	return pixel / (w.kernel * w.kernel), pixel / w.kernel % w.kernel, pixel % w.kernel
}

// unfold writes an image as columns. What lies outside of the image has to be 0 before the first call.
func (u *unfolder[T]) unfold(image, columns []T) {
	if u.views == nil {
		u.eachPair(func(column, pixel int) { columns[column] = image[pixel] })
		return
	}
	planes := image
	if u.stride > 1 {
		planes = u.planes
		u.eachRow(func(row []T, pixel int) {
			for i := range row {
				row[i] = image[pixel+i*u.stride]
			}
		})
	}
	p := u.positions()
	for pixel, v := range u.views {
		column := columns[pixel*p : (pixel+1)*p]
		if v.from < v.to {
			copy(column[v.from:v.to], planes[v.from+v.shift:])
		}
		u.clearWrapped(column, v.right)
	}
}

// fold sets the image to the sum of what columns say of each of its pixels: the transpose of unfold. It
// changes the columns.
func (u *unfolder[T]) fold(columns, image []T) {
	clear(image)
	if u.views == nil {
		u.eachPair(func(column, pixel int) { image[pixel] += columns[column] })
		return
	}
	planes := image
	if u.stride > 1 {
		planes = u.planes
		clear(planes)
	}
	p := u.positions()
	for pixel, v := range u.views {
		column := columns[pixel*p : (pixel+1)*p]
		u.clearWrapped(column, v.right)
		if v.from < v.to {
			sum := planes[v.from+v.shift : v.to+v.shift]
			dense.Add(sum, sum, column[v.from:v.to])
		}
	}
	if u.stride > 1 {
		u.eachRow(func(row []T, pixel int) {
			for i, v := range row {
				image[pixel+i*u.stride] = v
			}
		})
	}
}

// divideDown divides and rounds down.
func divideDown(a, b int) (quotient, rest int) {
	rest = (a%b + b) % b
	return (a - rest) / b, rest
}

// clearWrapped sets to 0 what wrapped around the border of a row.
func (u *unfolder[T]) clearWrapped(column []T, right int) {
	from, to := max(0, u.result-right), u.result
	if right < 0 {
		from, to = 0, min(-right, u.result)
	}
	for ; from < to; from++ { // one column of pixels after the other: with 3×3 filters there is one
		for i := from; i < len(column); i += u.result {
			column[i] = 0
		}
	}
}

// eachRow calls f for each row of the planes: it holds the image's pixels pixel, pixel+stride, … of one row.
func (u *unfolder[T]) eachRow(f func(row []T, pixel int)) {
	pixel := 0
	for c := range u.channels {
		for y := range u.side {
			start := ((c*u.stride+y%u.stride)*u.stride*u.result + y/u.stride) * u.result
			for x := range u.stride {
				f(u.planes[start:start+u.result], pixel+x)
				start += u.positions()
			}
			pixel += u.side
		}
	}
}

// eachPair calls f for each pixel of the filter at each position where it lies inside of the image, one by
// one: for what does not divide into tiles. column is the element of the columns, pixel that of the image.
func (u *unfolder[T]) eachPair(f func(column, pixel int)) {
	for column := range u.pixels() * u.positions() {
		pixel, position := column/u.positions(), column%u.positions()
		c, ky, kx := u.filterPixel(pixel)
		y, x := position/u.result*u.stride+ky-u.padding, position%u.result*u.stride+kx-u.padding
		if y >= 0 && y < u.side && x >= 0 && x < u.side {
			f(column, (c*u.side+y)*u.side+x)
		}
	}
}
