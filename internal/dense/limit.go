package dense

// fmaChains is the number of independent sums that FMA carries; the assembly has the same number.
const fmaChains = 12

// FMA computes for as long as n rounds take and returns how many floating-point operations that were, a multiplication and an addition counting as two.
// It touches no memory: operations per second of FMA are the limit that the share of a kernel is taken of, for the element type and the set in use.
func FMA[T Float](n int) (flops int) {
	if n <= 0 {
		return 0
	}
	k := active[T]()
	k.fma(n)
	return 2 * n * fmaChains * k.lanes
}

// genericFMA multiplies and adds four lanes of fmaChains sums; what Go compiles that to is the limit of the plain kernels.
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
