package statevec

import (
	"math/bits"

	"github.com/hqvit/hqvit/qops/circuit"
)

// pauliOperator is i^turns·X^flip·Z^sign on the qubits of a state, as masks over the index of an amplitude. With as
// many turns as flip and sign have ones in common it is a product of letters X, Y, Z.
type pauliOperator struct {
	flip, sign, turns int
}

func (p pauliOperator) trivial() bool { return p.flip|p.sign == 0 }

// times returns the operator p·q.
func (p pauliOperator) times(q pauliOperator) pauliOperator {
	turns := p.turns + q.turns + 2*bits.OnesCount(uint(p.sign&q.flip))
	return pauliOperator{p.flip ^ q.flip, p.sign ^ q.sign, turns & 3}
}

// cliffords knows of the gates that it was asked about how they turn Pauli strings into Pauli strings.
type cliffords map[cliffordKey][]pauliOperator

type cliffordKey struct {
	gate     circuit.Gate
	controls int
}

// imagesOf returns U·P·U† of a gate U for X of each of its qubits, and then Z of each, with masks over its own
// qubits, the first of them the most significant bit; nil unless the gate has no free angle and at most two
// qubits, and all of them are Pauli strings.
func (c cliffords) imagesOf(g circuit.Operation) []pauliOperator {
	n := len(g.Controls) + len(g.Qubits)
	if n > 2 || !g.Constant() {
		return nil
	}
	key := cliffordKey{g.Gate, len(g.Controls)}
	images, known := c[key]
	if !known || len(g.Angles) > 0 {
		images = newImages(transferOf(g), n)
		if len(g.Angles) == 0 {
			c[key] = images
		}
	}
	return images
}

// newImages reads the images from the matrix of a gate on Pauli coefficients.
func newImages(transfer circuit.Matrix, n int) (images []pauliOperator) {
	size := 1 << (2 * n)
	if len(transfer) != size*size {
		return nil
	}
	for _, letter := range []int{1, 2} { // X, Z
		for k := range n {
			column, found := letter<<(2*(n-1-k)), false
			for row := range size {
				v := real(transfer[row*size+column])
				if v*v < 1-1e-12 {
					continue
				}
				p := pauliOperator{}
				for b := range n { // two bits a qubit, z and x
					p.flip |= row >> (2 * b) & 1 << b
					p.sign |= row >> (2*b + 1) & 1 << b
				}
				if p.turns = bits.OnesCount(uint(p.flip & p.sign)); v < 0 {
					p.turns += 2
				}
				images, found = append(images, p), true
				break
			}
			if !found {
				return nil
			}
		}
	}
	return images
}

// behind returns U·p·U† for a gate on some qubits of n, whose images are known.
func (p pauliOperator) behind(images []pauliOperator, qubits []int, n int) pauliOperator {
	k := len(qubits)
	all, local := 0, pauliOperator{}
	for i, x := range images {
		q := 1 << (n - 1 - qubits[i%k])
		if all |= q; i < k && p.flip&q != 0 || i >= k && p.sign&q != 0 {
			local = local.times(x)
		}
	}
	out := pauliOperator{p.flip &^ all, p.sign &^ all, (p.turns + local.turns) & 3}
	for i, q := range qubits {
		bit := 1 << (n - 1 - q)
		if local.flip>>(k-1-i)&1 == 1 {
			out.flip |= bit
		}
		if local.sign>>(k-1-i)&1 == 1 {
			out.sign |= bit
		}
	}
	return out
}

// blocks calls f for the runs of amplitudes that the operator moves alike: those from i on and those from
// j = i^flip on, of size amplitudes each, by their first numbers. minus tells whether the sign of those at i
// changes. Each pair comes once.
func (p pauliOperator) blocks(amplitudes int, f func(i, j, size int, minus bool)) {
	step := amplitudes
	if mask := p.flip | p.sign; mask != 0 {
		step = mask & -mask
	}
	top := amplitudes // above the block in which a pair begins
	if p.flip != 0 {
		top = 1 << (bits.Len(uint(p.flip)) - 1)
	}
	for from := 0; from < amplitudes; from += 2 * top {
		for i := from; i < min(from+top, amplitudes); i += step {
			f(2*i, 2*(i^p.flip), 2*step, bits.OnesCount(uint(i&p.sign))&1 == 1)
		}
	}
}

// swapped tells whether the sign of the amplitudes at j = i^flip is the other one of those at i.
func (p pauliOperator) swapped() bool { return bits.OnesCount(uint(p.flip&p.sign))&1 == 1 }

func signOf[T Float](minus bool) T {
	if minus {
		return -1
	}
	return 1
}

// movePauli sets dst to X^flip·Z^sign of src, which may be dst, or to its inverse.
func movePauli[T Float](p pauliOperator, dagger bool, dst, src []T) {
	if p.short(len(src) / 2) {
		moveShort(p, dagger, dst, src)
		return
	}
	p.blocks(len(src)/2, func(i, j, size int, minus bool) {
		toJ, toI := signOf[T](minus), signOf[T](minus != p.swapped())
		if dagger { // (X^flip·Z^sign)† = Z^sign·X^flip
			toJ, toI = toI, toJ
		}
		a, b := src[i:i+size], src[j:][:size]
		x, y := dst[i:][:size], dst[j:][:size]
		if i == j {
			for k, v := range a {
				x[k] = toJ * v
			}
			return
		}
		for k, v := range a {
			x[k], y[k] = toI*b[k], toJ*v
		}
	})
}

// expectPauli returns ⟨ψ|ψ⟩ and ⟨ψ|P|ψ⟩ for a product of letters P.
func expectPauli[T Float](p pauliOperator, psi []T) (norm, value float64) {
	if p.short(len(psi) / 2) {
		return expectShort(p, psi)
	}
	// ψ̄ᵢ·i^turns·ψⱼ of a pair, and its conjugate: the real part, or that of i times it.
	quarter := p.turns&1 == 1
	p.blocks(len(psi)/2, func(i, j, size int, minus bool) {
		a, b := psi[i:i+size], psi[j:][:size]
		here, both := 0.0, 0.0
		switch {
		case i == j:
			for _, v := range a {
				here += float64(v) * float64(v)
			}
			both = here
		case quarter:
			for k := 0; k+1 < len(a); k += 2 {
				r, s, u, v := float64(a[k]), float64(a[k+1]), float64(b[k]), float64(b[k+1])
				here += r*r + s*s + u*u + v*v
				both += 2 * (u*s - v*r) // i·ψⱼ·ψ̄ᵢ
			}
		default:
			for k, v := range a {
				r, u := float64(v), float64(b[k])
				here += r*r + u*u
				both += 2 * r * u
			}
		}
		norm += here
		if minus != (i != j && p.swapped()) { // the sign of what comes from j to i
			both = -both
		}
		value += both
	})
	if p.turns >= 2 {
		value = -value
	}
	return norm, value
}

// projectPauli sets dst to scale times the part of src, which may be dst, on which a product of letters P is 1,
// or −1 if minus is set.
func projectPauli[T Float](p pauliOperator, minus bool, scale float64, dst, src []T) {
	if p.short(len(src) / 2) {
		projectShort(p, minus, scale, dst, src)
		return
	}
	minus = minus != (p.turns >= 2)
	quarter := p.turns&1 == 1
	p.blocks(len(src)/2, func(i, j, size int, odd bool) {
		a, x, y := src[i:i+size], dst[i:][:size], dst[j:][:size]
		if i == j {
			if odd != minus {
				clear(x)
				return
			}
			s := T(scale)
			for k, v := range a {
				x[k] = s * v
			}
			return
		}
		// w·ψⱼ is what comes to i, and w̄·ψᵢ to j: w is i^turns and the signs.
		b, half := src[j:][:size], T(scale/2)
		w := signOf[T](minus != (odd != p.swapped()))
		if !quarter {
			for k, v := range a {
				r := half * (v + w*b[k])
				x[k], y[k] = r, w*r
			}
			return
		}
		for k := 0; k+1 < len(a); k += 2 {
			re, im := half*(a[k]-w*b[k+1]), half*(a[k+1]+w*b[k])
			x[k], x[k+1] = re, im
			y[k], y[k+1] = w*im, -w*re
		}
	})
}
