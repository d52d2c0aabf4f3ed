package data

import "math"

// rotation is a 16×16 orthogonal matrix, row after row.
type rotation [matchWidth * matchWidth]float64

// matchWidth is the numbers of a vector of the hidden sets.
const matchWidth = 16

// apply returns the product with a vector.
func (m *rotation) apply(x *[matchWidth]float64) (y [matchWidth]float64) {
	for r := range y {
		for c, v := range x {
			y[r] += m[r*matchWidth+c] * v
		}
	}
	return y
}

// hiddenCircuit is what four qubits make of a state with two layers of RY on each, by angles drawn once, and
// a ring of CX: rotations of pairs of axes, and exchanges.
func hiddenCircuit() (m rotation) {
	const qubits = 4
	r := newStream(forGenerated, 1)
	for column := range matchWidth {
		m[column*matchWidth+column] = 1
	}
	for range 2 {
		for q := range qubits {
			sin, cos := math.Sincos(math.Pi * r.symmetric() / 2)
			bit := 1 << (qubits - 1 - q)
			for i := range matchWidth {
				if i&bit == 0 {
					for c := range matchWidth {
						a, b := m[i*matchWidth+c], m[(i|bit)*matchWidth+c]
						m[i*matchWidth+c], m[(i|bit)*matchWidth+c] = cos*a-sin*b, sin*a+cos*b
					}
				}
			}
		}
		for q := range qubits {
			control, target := 1<<(qubits-1-q), 1<<(qubits-1-(q+1)%qubits)
			for i := range matchWidth {
				if i&control != 0 && i&target == 0 {
					for c := range matchWidth {
						j := (i | target) * matchWidth
						m[i*matchWidth+c], m[j+c] = m[j+c], m[i*matchWidth+c]
					}
				}
			}
		}
	}
	return m
}

// hiddenRotation is drawn evenly from all rotations and reflections: Gaussian columns made orthonormal.
func hiddenRotation() (m rotation) {
	r := newStream(forGenerated, 2)
	for row := range matchWidth {
		v := r.gaussian()
		for earlier := range row {
			dot := 0.0
			for i, x := range v {
				dot += x * m[earlier*matchWidth+i]
			}
			for i := range v {
				v[i] -= dot * m[earlier*matchWidth+i]
			}
		}
		copy(m[row*matchWidth:], unit(v))
	}
	return m
}

// gaussian returns normally distributed numbers (Box and Muller).
func (s *stream) gaussian() (v [matchWidth]float64) {
	for i := 0; i < len(v); i += 2 {
		radius := math.Sqrt(-2 * math.Log(1-s.Float64()))
		sin, cos := math.Sincos(2 * math.Pi * s.Float64())
		v[i], v[i+1] = radius*cos, radius*sin
	}
	return v
}

func unit(v [matchWidth]float64) []float64 {
	norm := 0.0
	for _, x := range v {
		norm += x * x
	}
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = x / math.Sqrt(norm)
	}
	return out
}

// matchNoise is the deviation of a number of the matching vector, to that of the numbers: 0.25.
const matchNoise = 0.25

// drawMatch fills a sequence with vectors of normally distributed numbers, of which vector class + 1 is what
// m makes of vector 0, with some noise, scaled to the same deviation.
func drawMatch(m rotation) func(r *stream, e example, class int) {
	return func(r *stream, e example, class int) {
		first := r.gaussian()
		for t := range e.Height {
			v := r.gaussian()
			switch t {
			case 0:
				v = first
			case class + 1:
				image := m.apply(&first)
				for i := range v {
					v[i] = (image[i] + matchNoise*v[i]) / math.Sqrt(1+matchNoise*matchNoise)
				}
			}
			for i, x := range v {
				e.numbers[t*matchWidth+i] = float32(x)
			}
		}
	}
}
