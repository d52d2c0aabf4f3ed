//go:build !amd64

package statevec

// routines returns the assembly kernels of a named instruction set, of which this machine has none.
func routines(string) (*assembly, *assembly) { return nil, nil }
