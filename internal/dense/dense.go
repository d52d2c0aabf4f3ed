// Package dense holds the numeric kernels that the fused operations share: matrix products and elementwise
// functions over dense row-major float32 and float64 slices.
//
// # Layout
//
// A matrix of r rows and c columns with leading dimension ld ≥ c keeps element (i, j) at x[i*ld+j]. Kernels
// without a leading dimension take ld = c.
//
// # Kernel sets
//
// Four sets of kernels compute the same functions: plain Go (every machine), AVX2 with FMA and AVX-512
// (amd64), and NEON (arm64). CPU names the one in use, the environment variable HQVIT_CPU (generic, avx2,
// avx512 or neon) forces one, Check reports what came of it. Sets agree to rounding.
//
// # Promises
//
// Every function is deterministic: the order of summation depends on shapes alone, never on alignment, on
// threads or on what ran before. A row of a result does not depend on the position of the row. Nothing
// allocates in the steady state and nothing starts a goroutine; calls may run side by side as long as no
// slice that one writes is touched by another. Slices that are too short panic, as indexing does: callers are
// the operations of this module, which check shapes first. Unless said otherwise the output must not overlap
// the inputs except by being the same slice.
package dense

// Float is the element type of all kernels: float32 trains, float64 checks.
type Float interface{ float32 | float64 }
