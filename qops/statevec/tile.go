package statevec

import (
	"math/bits"
	"slices"
	"unsafe"
)

// tile says which amplitudes of a buffer the lanes hold: lane l begins at amplitude base[l], for l < count.
type tile struct {
	base  [lanes]int
	count int
	row   int // of lane 0, if lanes are rows
}

// layout says where the amplitudes of a lane stand in a state and where in a tile.
type layout struct {
	amp, place []int32 // amplitude amp[j] goes to place[j]

	// By line of 64 bytes: its number in the state, and the blocks of the tile that its numbers go to, those of the imaginary parts behind those of the real ones.
	// Empty unless a line holds neighbouring amplitudes of a lane.
	lines, columns []int32
}

// line is how many bytes the assembly reads or writes at one place.
const line = 64

// perLine returns how many amplitudes of a state a line holds.
func perLine[T Float](real bool) int {
	n := line / int(unsafe.Sizeof(T(0)))
	if real {
		return n
	}
	return n / 2
}

// lastQubits returns how many qubits at the end to keep together: their amplitudes make a line, or the lanes of an amplitude on real states.
func lastQubits[T Float](real bool) int {
	if real {
		return bits.Len(lanes) - 1
	}
	return bits.Len(uint(perLine[T](real))) - 1
}

// newLayout is for tiles of a given size, which is at least that of the lanes. It shares the tables of another layout that are equal.
func newLayout[T Float](amp, place []int32, real bool, size int, other *layout) layout {
	lay, n := layout{amp: amp, place: place}, perLine[T](real)
	same := other != nil && slices.Equal(place, other.place)
	if same {
		lay.place = other.place
	}
	if len(amp) < n || int(amp[n-1]) != n-1 {
		return lay
	}
	for j := 0; j < len(amp); j += n {
		lay.lines = append(lay.lines, amp[j]/int32(n))
	}
	if same && len(other.columns) > 0 {
		lay.columns = other.columns
		return lay
	}
	for _, to := range place {
		if lay.columns = append(lay.columns, to); !real {
			lay.columns = append(lay.columns, to+int32(size))
		}
	}
	lay.columns = slices.Clip(lay.columns)
	return lay
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

// load reads a tile from interleaved states. Unused lanes become 0.
func (p *planes[T]) load(src []T, lay *layout, t *tile) {
	if !p.moved(src, lay, t, true) {
		amp, place := lay.amp, lay.place
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
	}
	if t.count < lanes {
		for j := range p.all {
			clear(p.all[j][t.count:])
		}
	}
}

// store is the inverse of load.
func (p *planes[T]) store(dst []T, lay *layout, t *tile) {
	if p.moved(dst, lay, t, false) {
		return
	}
	amp, place := lay.amp, lay.place
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

// moved loads (in) or stores a tile whose lines hold neighbouring amplitudes of a lane, or neighbouring lanes of an amplitude, and returns false for any other.
func (p *planes[T]) moved(state []T, lay *layout, t *tile, in bool) bool {
	v := vector[T]()
	switch n := perLine[T](p.im == nil); {
	case v != nil && v.moves && len(lay.lines) > 0:
		p.transposed(state, lay, t, in)
	case v != nil && v.moves && p.im != nil && t.adjacent(n):
		var lines [lanes]unsafe.Pointer
		for l := 0; l < lanes; l += n {
			lines[l/n] = unsafe.Pointer(&state[2*t.base[l]])
		}
		unzip[T](in, &lines, lay, column(p.re, 0), column(p.im, 0))
	case p.im == nil && t.adjacent(lanes):
		for j, to := range lay.place {
			from := state[t.base[0]+int(lay.amp[j]):]
			if in {
				copy(p.re[to][:], from)
			} else {
				copy(from, p.re[to][:])
			}
		}
	default:
		return false
	}
	return true
}

// adjacent tells whether the lanes of an amplitude are neighbours in the state, n and n of them.
func (t *tile) adjacent(n int) bool {
	for l := 0; l < lanes; l += n {
		if t.count < lanes || t.base[l+n-1] != t.base[l]+n-1 {
			return false
		}
	}
	return true
}

// transposed moves squares, a line of each of as many lanes as it has numbers against one column of as many blocks.
func (p *planes[T]) transposed(state []T, lay *layout, t *tile, in bool) {
	n := line / int(unsafe.Sizeof(T(0)))
	begin, amplitude := unsafe.Pointer(unsafe.SliceData(state)), p.width()*int(unsafe.Sizeof(T(0)))
	for first := 0; first < t.count; first += n {
		var rows [lanes]unsafe.Pointer
		for i := range n {
			l := first + i
			if l >= t.count {
				l = first // stands for the lanes that there are not: scatter writes it last
			}
			rows[i] = unsafe.Add(begin, amplitude*t.base[l])
		}
		transpose[T](in, &rows, lay, column(p.all, first*line/n))
	}
}
