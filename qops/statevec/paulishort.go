package statevec

import "math/bits"

// Operators that move neighbouring amplitudes act on blocks of 16 of them, by tables.
const (
	shortQubits = 4
	shortSize   = 1 << shortQubits
)

type shortBlock[T Float] = [2 * shortSize]T

// short tells whether the operator moves less than a block alike, in states of so many amplitudes.
func (p pauliOperator) short(amplitudes int) bool {
	return amplitudes >= shortSize && (p.flip|p.sign)&(shortSize-1) != 0
}

// shortTable is how a Pauli operator moves the amplitudes of a block.
type shortTable[T Float] struct {
	flip  int          // of the index in the block
	signs [shortSize]T // of the amplitudes before they are moved
	high  pauliOperator
	top   int // blocks above that in which a pair begins
}

func newShortTable[T Float](p pauliOperator, amplitudes int) (t shortTable[T]) {
	t.flip = p.flip & (shortSize - 1)
	for k := range t.signs {
		t.signs[k] = signOf[T](bits.OnesCount(uint(k&p.sign))&1 == 1)
	}
	t.high = pauliOperator{flip: p.flip >> shortQubits, sign: p.sign >> shortQubits}
	t.top = amplitudes >> shortQubits
	if t.high.flip != 0 {
		t.top = 1 << (bits.Len(uint(t.high.flip)) - 1)
	}
	return t
}

// blocksOf returns two blocks of a state that the operator exchanges, and the signs that it gives each; the same
// block twice if it stays.
func (t *shortTable[T]) blocksOf(x []T, i int) (a, b *shortBlock[T]) {
	return (*shortBlock[T])(x[2*shortSize*i:]), (*shortBlock[T])(x[2*shortSize*(i^t.high.flip):])
}

func (t *shortTable[T]) sign(block int) T {
	return signOf[T](bits.OnesCount(uint(block&t.high.sign))&1 == 1)
}

// moveShort is movePauli.
func moveShort[T Float](p pauliOperator, dagger bool, dst, src []T) {
	t := newShortTable[T](p, len(src)/2)
	all := signOf[T](dagger && p.swapped())
	for from, count := 0, len(src)/(2*shortSize); from < count; from += 2 * t.top {
		for i := from; i < min(from+t.top, count); i++ {
			a, b := t.blocksOf(src, i)
			x, y := t.blocksOf(dst, i)
			in, other := *a, *b
			moveBlock(&t, all*t.sign(i), &in, y)
			if t.high.flip != 0 {
				moveBlock(&t, all*t.sign(i^t.high.flip), &other, x)
			}
		}
	}
}

// moveBlock moves a block to another.
func moveBlock[T Float](t *shortTable[T], sign T, from, to *shortBlock[T]) {
	for k, s := range t.signs {
		s *= sign
		j := 2 * (k ^ t.flip) & (2*shortSize - 2)
		to[j], to[j+1] = s*from[2*k], s*from[2*k+1]
	}
}

// expectShort is expectPauli.
func expectShort[T Float](p pauliOperator, psi []T) (norm, value float64) {
	t := newShortTable[T](p, len(psi)/2)
	for from, count := 0, len(psi)/(2*shortSize); from < count; from += 2 * t.top {
		for i := from; i < min(from+t.top, count); i++ {
			a, b := t.blocksOf(psi, i)
			var n, v T
			for k, s := range t.signs { // of ψⱼ at k, which comes to ψᵢ
				j := 2 * (k ^ t.flip) & (2*shortSize - 2)
				re, im, r, m := a[j], a[j+1], b[2*k], b[2*k+1]
				n += re*re + im*im
				if p.turns&1 == 0 {
					v += s * (re*r + im*m)
				} else {
					v += s * (im*r - re*m)
				}
			}
			v *= t.sign(i ^ t.high.flip)
			if t.high.flip != 0 {
				v *= 2
				for _, x := range b {
					n += x * x
				}
			}
			norm, value = norm+float64(n), value+float64(v)
		}
	}
	if p.turns >= 2 {
		value = -value
	}
	return norm, value
}

// projectShort is projectPauli.
func projectShort[T Float](p pauliOperator, minus bool, scale float64, dst, src []T) {
	t, half := newShortTable[T](p, len(src)/2), T(scale/2)
	w := half * signOf[T](minus != (p.turns >= 2))
	for from, count := 0, len(src)/(2*shortSize); from < count; from += 2 * t.top {
		for i := from; i < min(from+t.top, count); i++ {
			a, b := t.blocksOf(src, i)
			x, y := t.blocksOf(dst, i)
			in, other := *a, *b
			combine(&t, half, w*t.sign(i^t.high.flip), p.turns&1 == 1, &in, &other, x)
			if t.high.flip != 0 {
				combine(&t, half, w*t.sign(i), p.turns&1 == 1, &other, &in, y)
			}
		}
	}
}

// combine sets to to a block times half and what comes to it from another times w, and i if quarter is set.
func combine[T Float](t *shortTable[T], half, w T, quarter bool, here, other, to *shortBlock[T]) {
	for k, s := range t.signs {
		s *= w
		j := 2 * (k ^ t.flip) & (2*shortSize - 2)
		re, im := other[2*k], other[2*k+1]
		if quarter {
			re, im = -im, re
		}
		to[j], to[j+1] = half*here[j]+s*re, half*here[j+1]+s*im
	}
}
