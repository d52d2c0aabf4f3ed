package statevec

import (
	"github.com/hqvit/hqvit/internal/dense"
	"github.com/pkg/errors"
)

// SquaredNorms sets out[r] to ⟨ψ_r|ψ_r⟩ for len(out) states of equal size: 1 for a normalised state.
// It returns an error unless psi divides evenly into them.
func SquaredNorms[T Float](psi, out []T) error {
	width, err := rowWidth(psi, len(out))
	if err != nil {
		return err
	}
	for r := range out {
		out[r] = T(dense.SumSquares(psi[r*width : (r+1)*width]))
	}
	return nil
}

// SquaredNormsAdjoint sets dpsi to the gradient of SquaredNorms, from dout = ∂L/∂out.
func SquaredNormsAdjoint[T Float](psi, dout, dpsi []T) error {
	if err := want("dpsi", len(dpsi), len(psi)); err != nil {
		return err
	}
	width, err := rowWidth(psi, len(dout))
	if err != nil {
		return err
	}
	for r, g := range dout {
		for i := r * width; i < (r+1)*width; i++ {
			dpsi[i] = 2 * g * psi[i]
		}
	}
	return nil
}

// rowWidth returns the length of each of so many equal rows.
func rowWidth[T Float](psi []T, rows int) (int, error) {
	if rows == 0 || len(psi)%rows != 0 {
		return 0, errors.Errorf("statevec: want psi of %d equal states, got %d numbers", rows, len(psi))
	}
	return len(psi) / rows, nil
}
