package statevec

import "slices"

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

// product returns the matrix a·b.
func product(a, b []float64) []float64 {
	d := 4
	if len(a) == 256 {
		d = 16
	}
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

// transposed returns the map that carries gradients back.
func (m transferMap) transposed() transferMap {
	d := 4
	if len(m.t) == 256 {
		d = 16
	}
	out := make([]float64, len(m.t))
	for i := range d {
		for j := range d {
			out[j*d+i] = m.t[i*d+j]
		}
	}
	return transferMap{m.qubits, out}
}

// diagonal returns the factors of a map that only scales coefficients, nil for any other.
func (m transferMap) diagonal() []float64 {
	d := 4
	if len(m.t) == 256 {
		d = 16
	}
	out := make([]float64, d)
	for i, v := range m.t {
		if i/d == i%d {
			out[i/d] = v
		} else if v != 0 {
			return nil
		}
	}
	return out
}

// stride returns how far coefficients are apart that differ by one in the letter of a qubit.
func stride(q, n int) int { return 1 << (2 * (n - 1 - q)) }

// applyMap applies a map to the coefficients of n qubits, of any number of rows.
func applyMap[T Float](m transferMap, n int, r []T) {
	if factors := m.diagonal(); factors != nil {
		scaleLetters(m.qubits, factors, n, r)
		return
	}
	step := stride(m.qubits[0], n)
	if len(m.qubits) == 1 {
		var t [16]T
		for i, v := range m.t {
			t[i] = T(v)
		}
		for from := 0; from < len(r); from += 4 * step {
			a, b, c, d := r[from:from+step], r[from+step:from+2*step], r[from+2*step:from+3*step],
				r[from+3*step:from+4*step]
			for j, i := range a {
				x, z, y := b[j], c[j], d[j]
				a[j] = t[0]*i + t[1]*x + t[2]*z + t[3]*y
				b[j] = t[4]*i + t[5]*x + t[6]*z + t[7]*y
				c[j] = t[8]*i + t[9]*x + t[10]*z + t[11]*y
				d[j] = t[12]*i + t[13]*x + t[14]*z + t[15]*y
			}
		}
		return
	}
	other := stride(m.qubits[1], n)
	eachWithoutLetters(step, other, len(r), func(base int) {
		var in [16]T
		for i := range in {
			in[i] = r[base+i/4*step+i%4*other]
		}
		for i := range in {
			sum := T(0)
			for k, v := range m.t[i*16 : i*16+16] {
				sum += T(v) * in[k]
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
	eachWithoutLetters(step, other, len(r), func(base int) {
		for i, f := range factors {
			r[base+i/4*step+i%4*other] *= T(f)
		}
	})
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
