//go:build !amd64

package statevec

import (
	"unsafe"

	"github.com/hqvit/hqvit/internal/dense"
)

// routines returns the assembly kernels of a named instruction set, of which this machine has none.
func routines(string) (*assembly, *assembly) { return nil, nil }

func transpose[T dense.Float](bool, *[lanes]unsafe.Pointer, *layout, unsafe.Pointer) {}

func unzip[T dense.Float](bool, *[lanes]unsafe.Pointer, *layout, unsafe.Pointer, unsafe.Pointer) {}
