// Package splitmix is a small counter-based generator of random numbers. A stream of it costs nothing to
// start and depends on its first state only, so that each image, row and layer can have its own.
//
// Source: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
package splitmix

// Gamma is what a Source adds to its state for each number: 2⁶⁴ over the golden ratio, made odd.
const Gamma = 0x9e3779b97f4a7c15

// Source is the state of a generator, which any number can start. It is a math/rand/v2.Source.
type Source uint64

// Uint64 returns the next number.
func (s *Source) Uint64() uint64 {
	*s += Gamma
	return Finish(uint64(*s))
}

// Float64 returns the next number in [0,1).
func (s *Source) Float64() float64 { return float64(s.Uint64()>>11) * 0x1p-53 }

// Mix returns the first number of the Source that starts at x: a hash of x.
func Mix(x uint64) uint64 { return Finish(x + Gamma) }

// Finish spreads the bits of a state over a number.
func Finish(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
