package statevec

import "unsafe"

// tile says which amplitudes of a buffer the lanes hold: lane l begins at amplitude base[l], for l < count.
type tile struct {
	base  [lanes]int
	count int
	row   int // of lane 0, if lanes are rows
}

// runs iterates over the amplitudes of every lane, in runs of eight: a cache line or two of each lane at a time.
func (t *tile) runs(size int) func(yield func(lane, first int) bool) {
	return func(yield func(lane, first int) bool) {
		for first := 0; first < size; first += run {
			for l := range t.count {
				if !yield(l, first) {
					return
				}
			}
		}
	}
}

const run = 8

// load reads a tile from interleaved states; the amplitude amp[j] goes to place[j]. Unused lanes become 0.
func (p planes[T]) load(src []T, amp, place []int32, t *tile) {
	if v := vector[T](); v != nil && v.transposes && p.transposable(amp) {
		p.transposed(src, amp, place, t, true)
		return
	}
	if t.adjacent() {
		p.loadAdjacent(src, amp, place, t)
		return
	}
	for l, first := range t.runs(len(amp)) {
		for j := first; j < min(first+run, len(amp)); j++ {
			k, to := t.base[l]+int(amp[j]), place[j]
			if p.im == nil {
				p.re[to][l] = src[k]
			} else {
				p.re[to][l], p.im[to][l] = src[2*k], src[2*k+1]
			}
		}
	}
	if t.count < lanes {
		p.clear(t.count)
	}
}

// store is the inverse of load.
func (p planes[T]) store(dst []T, amp, place []int32, t *tile) {
	if v := vector[T](); v != nil && v.transposes && p.transposable(amp) {
		p.transposed(dst, amp, place, t, false)
		return
	}
	if t.adjacent() {
		p.storeAdjacent(dst, amp, place, t)
		return
	}
	for l, first := range t.runs(len(amp)) {
		for j := first; j < min(first+run, len(amp)); j++ {
			k, from := t.base[l]+int(amp[j]), place[j]
			if p.im == nil {
				dst[k] = p.re[from][l]
			} else {
				dst[2*k], dst[2*k+1] = p.re[from][l], p.im[from][l]
			}
		}
	}
}

// adjacent tells whether the lanes of an amplitude are neighbours in the state.
func (t *tile) adjacent() bool { return t.count == lanes && t.base[lanes-1] == t.base[0]+lanes-1 }

func (p planes[T]) loadAdjacent(src []T, amp, place []int32, t *tile) {
	for j, to := range place[:len(amp)] {
		k := t.base[0] + int(amp[j])
		if p.im == nil {
			p.re[to] = block[T](src[k:])
			continue
		}
		from, re, im := (*[2 * lanes]T)(src[2*k:]), &p.re[to], &p.im[to]
		for l := range lanes {
			re[l], im[l] = from[2*l], from[2*l+1]
		}
	}
}

func (p planes[T]) storeAdjacent(dst []T, amp, place []int32, t *tile) {
	for j, from := range place[:len(amp)] {
		k := t.base[0] + int(amp[j])
		if p.im == nil {
			copy(dst[k:], p.re[from][:])
			continue
		}
		to, re, im := (*[2 * lanes]T)(dst[2*k:]), &p.re[from], &p.im[from]
		for l := range lanes {
			to[2*l], to[2*l+1] = re[l], im[l]
		}
	}
}

// clear zeroes the lanes from first on.
func (p planes[T]) clear(first int) {
	for _, plane := range [][]block[T]{p.re, p.im} {
		for j := range plane {
			clear(plane[j][first:])
		}
	}
}

// line is what a transposition reads or writes at one place.
const line = 64

// perLine returns how many numbers and how many amplitudes a line holds.
func (p planes[T]) perLine() (numbers, amplitudes int) {
	numbers = line / int(unsafe.Sizeof(T(0)))
	if p.im == nil {
		return numbers, numbers
	}
	return numbers, numbers / 2
}

// transposable tells whether neighbouring amplitudes of the tile are neighbours in a state, at least a line of them.
func (p planes[T]) transposable(amp []int32) bool {
	_, n := p.perLine()
	return len(amp) >= n && int(amp[n-1]) == n-1
}

// transposed is load (in) or store for such amplitudes: squares of lines, one line of each lane against one piece of each block.
func (p planes[T]) transposed(state []T, amp, place []int32, t *tile, in bool) {
	var rows, columns [lanes]unsafe.Pointer
	var unused [lanes]T // what lanes beyond the last read and write
	numbers, step := p.perLine()
	width := numbers / step
	for j := 0; j < len(amp); j += step {
		for lane := 0; lane < lanes; lane += numbers {
			for i := range numbers {
				rows[i] = unsafe.Pointer(&unused)
				if l := lane + i; l < t.count {
					rows[i] = unsafe.Pointer(&state[width*(t.base[l]+int(amp[j]))])
				}
			}
			for i := range step {
				columns[width*i] = unsafe.Pointer(&p.re[place[j+i]][lane])
				if width == 2 {
					columns[2*i+1] = unsafe.Pointer(&p.im[place[j+i]][lane])
				}
			}
			if in {
				transpose(unsafe.Sizeof(T(0)), &rows, &columns)
			} else {
				transpose(unsafe.Sizeof(T(0)), &columns, &rows)
			}
		}
	}
}
