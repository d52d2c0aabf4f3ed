package statevec

import (
	"slices"

	"github.com/hqvit/hqvit/internal/dense"
)

// transferMap is a linear map of the Pauli coefficients of one or two qubits: a channel, or an error of
// readout.
type transferMap struct {
	qubits []int
	t      []float64 // 4^k square
}

// appendMap appends a map to those that act before it, into the last one if that is on the same qubits.
func appendMap(maps []transferMap, qubits []int, t []float64) []transferMap {
	for i := len(maps) - 1; i >= 0; i-- {
		if slices.Equal(maps[i].qubits, qubits) {
			maps[i].t = product(t, maps[i].t)
			return maps
		}
		if slices.ContainsFunc(maps[i].qubits, func(q int) bool { return slices.Contains(qubits, q) }) {
			break
		}
	}
	return append(maps, transferMap{slices.Clone(qubits), t})
}

// letters returns how many Pauli strings a matrix is over: 4 of one qubit, 16 of two.
func letters(t []float64) int {
	if len(t) == 16 {
		return 4
	}
	return 16
}

// product returns the matrix a·b.
func product(a, b []float64) []float64 {
	d := letters(a)
	out := make([]float64, len(a))
	for i := range d {
		for k := range d {
			for j := range d {
				out[i*d+j] += a[i*d+k] * b[k*d+j]
			}
		}
	}
	return out
}

// affine returns the factors of a map that scales coefficients, and what it adds to each of that of I, nil if
// nothing; false for any other map, and for one of two qubits that adds.
func (m transferMap) affine() (scale, shift []float64, ok bool) {
	d := letters(m.t)
	scale = make([]float64, d)
	for i, v := range m.t {
		row, column := i/d, i%d
		switch {
		case row == column:
			scale[row] = v
		case v == 0:
		case column != 0 || d > 4:
			return nil, nil, false
		default:
			if shift == nil {
				shift = make([]float64, d)
			}
			shift[row] = v
		}
	}
	return scale, shift, true
}

// stride returns how far coefficients are apart that differ by one in the letter of a qubit.
func stride(q, n int) int { return 1 << (2 * (n - 1 - q)) }

// mapper applies maps to rows of coefficients. Most kinds of noise scale coefficients, and perhaps add some
// of that of I: what scales is one factor a coefficient for many maps together, unless these are too many.
type mapper[T Float] struct {
	n     int
	parts []mapperPart[T]
}

// mapperPart is one of factors, a scale, a shift or a map.
type mapperPart[T Float] struct {
	factors []T         // by coefficient
	scale   []float64   // by the letters of the qubits
	shift   *[4]T       // what is added to each letter of a qubit of the coefficient of I
	m       transferMap // with its qubits, in any case but factors
	t, back [16]T       // that of one qubit, and its transpose
}

// maxFactors bounds the coefficients that have factors of their own.
const maxFactors = 1 << 14

func newMapper[T Float](n int, maps []transferMap) mapper[T] {
	out := mapper[T]{n: n}
	for _, m := range maps {
		scale, shift, ok := m.affine()
		if !ok {
			p := mapperPart[T]{m: m}
			for i := 0; i < 16 && len(m.qubits) == 1; i++ {
				p.t[i], p.back[i/4+i%4*4] = T(m.t[i]), T(m.t[i])
			}
			out.parts = append(out.parts, p)
			continue
		}
		if 1<<(2*n) > maxFactors {
			out.parts = append(out.parts, mapperPart[T]{m: m, scale: scale})
		} else {
			scaleLetters(m.qubits, scale, n, out.factorsFor(m.qubits))
		}
		if shift != nil {
			added := [4]T{0, T(shift[1]), T(shift[2]), T(shift[3])}
			out.parts = append(out.parts, mapperPart[T]{m: m, shift: &added})
		}
	}
	return out
}

// factorsFor returns factors that can take up more of some qubits: the last ones, unless what follows is on
// one of these.
func (c *mapper[T]) factorsFor(qubits []int) []T {
	for i := range slices.Backward(c.parts) {
		p := &c.parts[i]
		if p.factors != nil {
			return p.factors
		}
		if slices.ContainsFunc(p.m.qubits, func(q int) bool { return slices.Contains(qubits, q) }) {
			break
		}
	}
	ones := slices.Repeat([]T{1}, 1<<(2*c.n))
	c.parts = append(c.parts, mapperPart[T]{factors: ones})
	return ones
}

// apply replaces coefficients by those behind the maps.
func (c mapper[T]) apply(r []T) {
	for i := range c.parts {
		c.parts[i].apply(c.n, r, false)
	}
}

// back replaces the gradient by the coefficients behind the maps by that by those before them.
func (c mapper[T]) back(r []T) {
	for i := range slices.Backward(c.parts) {
		c.parts[i].apply(c.n, r, true)
	}
}

func (p *mapperPart[T]) apply(n int, r []T, back bool) {
	switch {
	case p.factors != nil:
		for from := 0; from < len(r); from += len(p.factors) {
			row := r[from : from+len(p.factors)]
			dense.Mul(row, row, p.factors)
		}
	case p.scale != nil:
		scaleLetters(p.m.qubits, p.scale, n, r)
	case p.shift != nil:
		applyShift(p.shift, stride(p.m.qubits[0], n), r, back)
	case len(p.m.qubits) == 2:
		applyToPair(p.m, n, r, back)
	case back:
		applyToOne(&p.back, stride(p.m.qubits[0], n), r)
	default:
		applyToOne(&p.t, stride(p.m.qubits[0], n), r)
	}
}

// applyShift adds to the letters of a qubit some of what is at I, or carries the gradient back.
func applyShift[T Float](shift *[4]T, step int, r []T, back bool) {
	for letter, s := range shift {
		if s == 0 {
			continue
		}
		from, to := 0, letter*step
		if back {
			from, to = to, from
		}
		for i := 0; i < len(r); i += 4 * step {
			if step >= 16 {
				dense.Axpy(s, r[i+from:i+from+step], r[i+to:i+to+step])
				continue
			}
			for j := i; j < i+step; j++ {
				r[j+to] += s * r[j+from]
			}
		}
	}
}

// applyToOne applies a map of one qubit, whose letters are so far apart.
func applyToOne[T Float](t *[16]T, step int, r []T) {
	if step == 1 {
		for from := 0; from+4 <= len(r); from += 4 {
			q := r[from : from+4 : from+4]
			q[0], q[1], q[2], q[3] = mapped(t, q[0], q[1], q[2], q[3])
		}
		return
	}
	for from := 0; from < len(r); from += 4 * step {
		a := r[from : from+step]
		b, c, d := r[from+step:][:len(a)], r[from+2*step:][:len(a)], r[from+3*step:][:len(a)]
		for j := range a {
			a[j], b[j], c[j], d[j] = mapped(t, a[j], b[j], c[j], d[j])
		}
	}
}

func mapped[T Float](t *[16]T, i, x, z, y T) (T, T, T, T) {
	return t[0]*i + t[1]*x + t[2]*z + t[3]*y, t[4]*i + t[5]*x + t[6]*z + t[7]*y,
		t[8]*i + t[9]*x + t[10]*z + t[11]*y, t[12]*i + t[13]*x + t[14]*z + t[15]*y
}

// applyToPair applies a map of two qubits, or its transpose.
func applyToPair[T Float](m transferMap, n int, r []T, back bool) {
	step, other := stride(m.qubits[0], n), stride(m.qubits[1], n)
	var t [256]T
	for i, v := range m.t {
		if back {
			i = i/16 + i%16*16
		}
		t[i] = T(v)
	}
	eachWithoutLetters(step, other, len(r), func(base int) {
		var in [16]T
		for i := range in {
			in[i] = r[base+i/4*step+i%4*other]
		}
		for i := range in {
			sum := T(0)
			for k, v := range t[i*16 : i*16+16] {
				sum += v * in[k]
			}
			r[base+i/4*step+i%4*other] = sum
		}
	})
}

// scaleLetters multiplies the coefficients by a factor for the letters of some qubits.
func scaleLetters[T Float](qubits []int, factors []float64, n int, r []T) {
	step := stride(qubits[0], n)
	if len(qubits) == 1 {
		for k, f := range factors {
			for from := k * step; f != 1 && from < len(r); from += 4 * step {
				for j := range r[from : from+step] {
					r[from+j] *= T(f)
				}
			}
		}
		return
	}
	other := stride(qubits[1], n)
	high, low := max(step, other), min(step, other)
	for i := 0; i < len(r); i += 4 * high {
		for j := i; j < i+high; j += 4 * low {
			for k, f := range factors {
				if f == 1 {
					continue
				}
				run := r[j+k/4*step+k%4*other:][:low]
				for x := range run {
					run[x] *= T(f)
				}
			}
		}
	}
}

// eachWithoutLetters calls f for every index in which two letters, of these strides, are I.
func eachWithoutLetters(a, b, size int, f func(base int)) {
	high, low := max(a, b), min(a, b)
	for i := 0; i < size; i += 4 * high {
		for j := i; j < i+high; j += 4 * low {
			for k := j; k < j+low; k++ {
				f(k)
			}
		}
	}
}
