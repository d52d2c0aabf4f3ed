package dense

import (
	"math"
	"math/rand/v2"
	"testing"
)

// everySet runs a test with each set of kernels that the machine has, for both element types.
func everySet(t *testing.T, single, double func(t *testing.T)) {
	t.Helper()
	defer func(s set) { current = s }(current)
	for _, s := range available() {
		current = s
		t.Run(s.name+"/float32", single)
		t.Run(s.name+"/float64", double)
	}
}

// guard is what the elements around a slice hold while a kernel runs.
const guard = -12345

// guarded returns n elements within a larger slice; intact tells whether the surroundings are as they were.
func guarded[T Float](n int) (x []T, intact func() bool) {
	const margin = 40
	all := make([]T, n+2*margin)
	for i := range all {
		all[i] = guard
	}
	return all[margin : margin+n : margin+n], func() bool {
		for i := range margin {
			if all[i] != guard || all[margin+n+i] != guard {
				return false
			}
		}
		return true
	}
}

// random returns n guarded elements of a normal distribution.
func random[T Float](r *rand.Rand, n int) []T {
	x, _ := guarded[T](n)
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
	return x
}

func seeded() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// unit is the distance from 1 to the next number.
func unit[T Float]() float64 {
	if _, ok := any(T(0)).(float32); ok {
		return 0x1p-23
	}
	return 0x1p-52
}

// near fails the test unless |got−want| is within `ulps` units of scale, NaN being near NaN.
func near[T Float](t *testing.T, what string, got T, want, scale, ulps float64) {
	t.Helper()
	if math.IsNaN(want) && math.IsNaN(float64(got)) || float64(got) == want {
		return
	}
	if d := math.Abs(float64(got) - want); !(d <= ulps*unit[T]()*scale) {
		t.Fatalf("%s: got %v, want %v (off by %.1f units)", what, got, want, d/scale/unit[T]())
	}
}
