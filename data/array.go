package data

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// array is a block of elements as a file stores them, row-major.
type array struct {
	kind   byte // NumPy's letter: b truth values, u and i integers, f real numbers, U and S text
	size   int  // bytes of an element
	order  binary.ByteOrder
	dims   []int
	values []byte
}

// Len returns the number of elements.
func (a array) Len() int { return len(a.values) / max(a.size, 1) }

// number returns an element that is not text.
func (a array) number(i int) float64 {
	b := a.values[i*a.size : (i+1)*a.size]
	var raw uint64
	switch a.size {
	case 1:
		raw = uint64(b[0])
	case 2:
		raw = uint64(a.order.Uint16(b))
	case 4:
		raw = uint64(a.order.Uint32(b))
	default:
		raw = a.order.Uint64(b)
	}
	switch {
	case a.kind == 'f' && a.size == 8:
		return math.Float64frombits(raw)
	case a.kind == 'f' && a.size == 4:
		return float64(math.Float32frombits(uint32(raw)))
	case a.kind == 'f':
		return halfPrecision(uint16(raw))
	case a.kind == 'i':
		shift := 64 - 8*a.size
		return float64(int64(raw<<shift) >> shift)
	}
	return float64(raw)
}

// text returns an element of text, without the zeros that fill it up.
func (a array) text(i int) string {
	b := a.values[i*a.size : (i+1)*a.size]
	if a.kind == 'S' {
		return strings.TrimRight(string(b), "\x00")
	}
	var runes []rune
	for ; len(b) >= 4; b = b[4:] {
		runes = append(runes, rune(a.order.Uint32(b)))
	}
	return strings.TrimRight(string(runes), "\x00")
}

// halfPrecision returns a number of 16 bits: a sign, 5 of exponent, 10 of fraction (IEEE 754).
func halfPrecision(bits uint16) float64 {
	exponent, fraction := int(bits>>10&0x1f), float64(bits&0x3ff)
	v := 0.0
	switch exponent {
	case 0:
		v = math.Ldexp(fraction, -24)
	case 31:
		v = math.Inf(1)
		if fraction != 0 {
			v = math.NaN()
		}
	default:
		v = math.Ldexp(1024+fraction, exponent-25)
	}
	if bits>>15 == 1 {
		v = -v
	}
	return v
}

// rowMajor returns an array that is stored column by column, as Fortran does, row by row.
func (a array) rowMajor() array {
	if len(a.dims) < 2 || len(a.values) == 0 {
		return a
	}
	strides := make([]int, len(a.dims))
	step := a.size
	for i, d := range a.dims {
		strides[i], step = step, step*d
	}
	values, index, from := make([]byte, 0, len(a.values)), make([]int, len(a.dims)), 0
	for range a.Len() {
		values = append(values, a.values[from:from+a.size]...)
		for i := len(index) - 1; i >= 0; i-- {
			index[i]++
			from += strides[i]
			if index[i] < a.dims[i] {
				break
			}
			from -= index[i] * strides[i]
			index[i] = 0
		}
	}
	a.values = values
	return a
}

// span returns the smallest and the largest number, and whether all are whole. NaN is not whole; an
// array without elements has the range from +Inf to -Inf.
func (a array) span() (low, high float64, whole bool) {
	if a.kind == 'u' && a.size == 1 && len(a.values) > 0 {
		return float64(slices.Min(a.values)), float64(slices.Max(a.values)), true
	}
	low, high, whole = math.Inf(1), math.Inf(-1), true
	for i := range a.Len() {
		v := a.number(i)
		low, high = math.Min(low, v), math.Max(high, v)
		whole = whole && v == math.Trunc(v)
	}
	return low, high, whole
}

// sized returns an error unless an array of the given dimensions has exactly
// n values.
func sized(dims []int, n int) error {
	want := 1
	for _, d := range dims {
		if d < 0 || d > 0 && want > (1<<62)/d {
			return errors.Errorf("header says %v values, the file holds %d", dims, n)
		}
		want *= d
	}
	if want != n {
		return errors.Errorf("header says %v = %d values, the file holds %d", dims, want, n)
	}
	return nil
}
