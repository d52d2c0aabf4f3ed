package walsh

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"
)

func TestTransform(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for n := 1; n <= 512; n *= 2 {
		x, want := make([]float64, n), make([]float64, n)
		for j := range x {
			x[j] = rng.NormFloat64()
			for k := range want {
				want[k] += x[j] * (1 - 2*float64(bits.OnesCount(uint(j&k))&1))
			}
		}
		Transform(x)
		for k, w := range want {
			if math.Abs(x[k]-w) > 1e-12 {
				t.Fatalf("length %d, entry %d: got %v, want %v", n, k, x[k], w)
			}
		}
	}
}
