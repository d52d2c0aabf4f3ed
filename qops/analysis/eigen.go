package analysis

import (
	"cmp"
	"math"
	"math/cmplx"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// hermitian returns the eigenvalues of a Hermitian matrix of so many rows, in rising order, and eigenvectors
// as columns, each twice: those of the real symmetric matrix (A −B; B A) of its real and imaginary part.
func hermitian(m []complex128, n int, vectors bool) ([]float64, *mat.Dense, error) {
	s := mat.NewSymDense(2*n, nil)
	for r := range n {
		for c := range n {
			z := (m[r*n+c] + cmplx.Conj(m[c*n+r])) / 2
			if r <= c {
				s.SetSym(r, c, real(z))
				s.SetSym(n+r, n+c, real(z))
			}
			s.SetSym(r, n+c, -imag(z))
		}
	}
	var e mat.EigenSym
	if !e.Factorize(s, vectors) {
		return nil, nil, errors.New("the eigenvalues of a matrix were not found: are all its entries finite?")
	}
	if !vectors {
		return e.Values(nil), nil, nil
	}
	var v mat.Dense
	e.VectorsTo(&v)
	return e.Values(nil), &v, nil
}

// hermitianValues returns the eigenvalues of a Hermitian matrix, in rising order.
func hermitianValues(m []complex128, n int) ([]float64, error) {
	twice, _, err := hermitian(m, n, false)
	return everySecond(twice), err
}

// everySecond returns x[0], x[2], ….
func everySecond[T any](x []T) (out []T) {
	for i := 0; i < len(x); i += 2 {
		out = append(out, x[i])
	}
	return out
}

// unitaryPhases returns the phases of the eigenvalues of a unitary matrix in (−π, π], in rising order: its
// eigenvectors are those of a Hermitian combination of its two Hermitian parts.
func unitaryPhases(u []complex128, n int) ([]float64, error) {
	// Any angle but those few at which two eigenvalues meet will do.
	a, b := math.Sincos(0.7310585786300049)
	h := make([]complex128, n*n)
	for r := range n {
		for c := range n {
			z, w := u[r*n+c], cmplx.Conj(u[c*n+r])
			h[r*n+c] = complex(a/2, 0)*(z+w) + complex(0, -b/2)*(z-w)
		}
	}
	_, v, err := hermitian(h, n, true)
	if err != nil {
		return nil, err
	}
	phases := make([]float64, 2*n)
	x := make([]complex128, n)
	for k := range phases {
		for r := range x {
			x[r] = complex(v.At(r, k), v.At(n+r, k))
		}
		value := complex128(0)
		for r := range x {
			for c := range x {
				value += cmplx.Conj(x[r]) * u[r*n+c] * x[c]
			}
		}
		phases[k] = cmplx.Phase(value)
	}
	slices.SortFunc(phases, cmp.Compare)
	return everySecond(phases), nil
}
