package dense

import "time"

// The limits of the machine, exported for the benchmarks of all packages: they report what share of the limit
// that binds a kernel reaches, a figure that says more than a time and holds on the next machine.

// fmaChains is the number of independent sums that FMA carries; the assembly has the same number.
const fmaChains = 12

// FMA computes for as long as n rounds take and returns how many floating-point operations that were, a
// multiplication and an addition counting as two. It touches no memory: operations per second of FMA are the
// limit that the share of a kernel is taken of, for the element type and the set in use.
func FMA[T Float](n int) (flops int) {
	if n <= 0 {
		return 0
	}
	k := active[T]()
	k.fma(n)
	return 2 * n * fmaChains * k.lanes
}

// genericFMA multiplies and adds four lanes of fmaChains sums; what Go compiles that to is the limit of the
// plain kernels.
func genericFMA[T Float](n int) {
	var s0, s1, s2, s3 [fmaChains]T
	x := T(0.5)
	for range n {
		for i := range s0 {
			s0[i] += x * x
			s1[i] += x * x
			s2[i] += x * x
			s3[i] += x * x
		}
	}
	sink(s0, s1, s2, s3)
}

// sink keeps the compiler from dropping sums that nobody reads.
//
//go:noinline
func sink[T Float](...[fmaChains]T) {}

// Peak returns the GFLOP/s of FMA, the best of twenty short runs. Clocks drift, so a share is taken of one
// measured beside it.
func Peak[T Float]() (best float64) {
	for range 20 {
		start := time.Now()
		flops := FMA[T](20_000)
		best = max(best, float64(flops)/float64(time.Since(start).Nanoseconds()))
	}
	return best
}

// firstCache is a working set that the first cache of any processor holds, in bytes.
const firstCache = 16 << 10

// Bandwidth returns the GB/s at which passes touch a working set of so many bytes, each byte once: by the
// fastest of reading it, copying one half to the other and scaling it in place, the best of short runs. It
// says what the memory gives that holds such a set, the first cache or the last.
func Bandwidth(bytes int) (best float64) {
	x := make([]float32, max(bytes/4, 64))
	half := len(x) / 2
	passes := max(1, 1<<20/len(x))
	for _, pass := range []func(){
		func() { Scale(1, x) }, func() { copy(x[:half], x[half:]) }, func() { Dot(x[:half], x[half:]) },
	} {
		for run, began := 0, time.Now(); run < 4 || time.Since(began) < 3*time.Millisecond; run++ {
			start := time.Now()
			for range passes {
				pass()
			}
			rate := float64(4*len(x)*passes) / float64(time.Since(start).Nanoseconds())
			if run > 0 { // the first warms the caches
				best = max(best, rate)
			}
		}
	}
	return best
}

// Roof returns the least nanoseconds that work takes of which three things are known, the longest of what
// they take: floating-point operations, by Peak; bytes that instructions read and write, a byte that is
// changed in place twice, by the first cache; bytes of the working set, by the memory that holds it.
func Roof[T Float](flops, moved, set int) float64 {
	return max(float64(flops)/Peak[T](), float64(moved)/Bandwidth(firstCache), float64(set)/Bandwidth(set))
}
