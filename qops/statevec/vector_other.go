//go:build !amd64

package statevec

import (
	"unsafe"
)

// routines returns the assembly kernels of a named instruction set, of which this machine has none.
func routines(string) (*assembly, *assembly) { return nil, nil }

func transpose[T Float](bool, *[lanes]unsafe.Pointer, *layout, unsafe.Pointer) {}

func unzip[T Float](bool, *[lanes]unsafe.Pointer, *layout, unsafe.Pointer, unsafe.Pointer) {}
