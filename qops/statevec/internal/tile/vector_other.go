//go:build !amd64 && !arm64

package tile

import "github.com/hqvit/hqvit/internal/dense"

// kernelsFor returns the kernels for an instruction set, of which this machine has none.
func kernelsFor(string) (*kernels[float32], *kernels[float64]) { return nil, nil }

func moveRows[T dense.Float](bool, *[Lanes]*T, *Layout, *T) {}

func movePairs[T dense.Float](bool, *[Lanes]*T, *Layout, *T, *T) {}
