package statevec

import (
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/statevec/internal/tile"
)

// SetReal sets the first amplitudes of psi to the real numbers factor·x; those beyond x stay as they are.
//
//	x    K numbers
//	psi  2·K numbers, or more
//
// It returns an error if psi is shorter.
func SetReal[T Float](psi, x []T, factor T) error {
	if err := checkReal(psi, x); err != nil {
		return err
	}
	tile.Widen(x, factor, psi[:2*len(x)])
	return nil
}

// RealParts sets x to the real parts of the first amplitudes of psi.
//
//	x    K numbers
//	psi  2·K numbers, or more
//
// It returns an error if psi is shorter.
func RealParts[T Float](x, psi []T) error {
	if err := checkReal(psi, x); err != nil {
		return err
	}
	tile.Narrow(psi[:2*len(x)], x)
	return nil
}

func checkReal[T Float](psi, x []T) error {
	if len(psi) < 2*len(x) {
		return errors.Errorf("statevec: want psi of at least %d numbers, two for each of x, got %d", 2*len(x),
			len(psi))
	}
	return nil
}
