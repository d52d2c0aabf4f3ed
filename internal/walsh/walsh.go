// Package walsh is the Walsh–Hadamard transform.
package walsh

// Transform replaces x by Σⱼ (−1)^|j&k|·xⱼ, |j&k| the number of ones that j and k have in common. The length
// of x must be a power of two. It takes two bits of the index in one pass over x, the lowest two in place.
func Transform(x []float64) {
	h := 1
	if len(x) >= 4 {
		for i := 0; i+4 <= len(x); i += 4 {
			p := x[i : i+4 : i+4]
			p[0], p[1], p[2], p[3] = butterfly(p[0], p[1], p[2], p[3])
		}
		h = 4
	}
	for ; 4*h <= len(x); h *= 4 {
		for i := 0; i < len(x); i += 4 * h {
			a, b, c, d := x[i:i+h], x[i+h:i+2*h], x[i+2*h:i+3*h], x[i+3*h:i+4*h]
			b, c, d = b[:len(a)], c[:len(a)], d[:len(a)]
			for j := range a {
				a[j], b[j], c[j], d[j] = butterfly(a[j], b[j], c[j], d[j])
			}
		}
	}
	if 2*h <= len(x) {
		a, b := x[:h], x[h:]
		for j, u := range a {
			v := b[j]
			a[j], b[j] = u+v, u-v
		}
	}
}

// butterfly is the transform of four numbers.
func butterfly(a, b, c, d float64) (float64, float64, float64, float64) {
	s, t, u, v := a+b, a-b, c+d, c-d
	return s + u, t + v, s - u, t - v
}
