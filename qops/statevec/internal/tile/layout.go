package tile

import (
	"math/bits"
	"slices"
	"unsafe"

	"github.com/hqvit/hqvit/internal/dense"
)

// Position says which amplitudes of a buffer the lanes hold: lane l begins at amplitude Base[l], for l <
// Count.
type Position struct {
	Base  [Lanes]int
	Count int
}

// adjacent tells whether the lanes are neighbours in the state, n and n of them.
func (p *Position) adjacent(n int) bool {
	for l := 0; l < Lanes; l += n {
		if p.Count < Lanes || p.Base[l+n-1] != p.Base[l]+n-1 {
			return false
		}
	}
	return true
}

// Layout says where the amplitudes of a lane stand in a state and where in a tile: amplitude amp[j] at
// place[j].
type Layout struct {
	amp, place []int32

	// By line of 64 bytes: its number in the state, and the blocks of the tile that its numbers go to, those
	// of the imaginary parts behind those of the real ones. Empty unless a line holds neighbouring amplitudes
	// of a lane.
	lines, columns []int32
}

// line is how many bytes the assembly reads or writes at one place.
const line = 64

// perLine returns how many amplitudes of a state a line holds.
func perLine[T dense.Float](real bool) int {
	n := line / int(unsafe.Sizeof(T(0)))
	if real {
		return n
	}
	return n / 2
}

// LastQubits returns how many qubits at the end of a circuit should be in a tile together or not at all:
// their amplitudes make a line, or the lanes of an amplitude on real states.
func LastQubits[T dense.Float](real bool) int {
	if real {
		return bits.Len(Lanes) - 1
	}
	return bits.Len(uint(perLine[T](real))) - 1
}

// NewLayout returns the layout of tiles of a given size, which is at least that of the lanes. It shares the
// tables of another layout, which may be nil, as far as they are equal.
func NewLayout[T dense.Float](amp, place []int32, real bool, size int, other *Layout) Layout {
	lay, n := Layout{amp: amp, place: place}, perLine[T](real)
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

// HasLines tells whether lines of the state hold neighbouring amplitudes of a lane.
func (lay *Layout) HasLines() bool { return len(lay.lines) > 0 }

// MovesByLines tells whether complex states are moved by whole lines, of neighbouring amplitudes or lanes.
func MovesByLines[T dense.Float](lay *Layout, p *Position) bool {
	return lay.HasLines() || p.adjacent(perLine[T](false))
}
