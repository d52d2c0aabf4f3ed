package splitmix_test

import (
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/internal/splitmix"
)

var _ rand.Source = new(splitmix.Source)

// The first outputs for the seed 1234567 of the reference implementation,
// https://prng.di.unimi.it/splitmix64.c.
func TestGolden(t *testing.T) {
	s := splitmix.Source(1234567)
	for i, want := range []uint64{
		6457827717110365317, 3203168211198807973, 9817491932198370423,
		4593380528125082431, 16408922859458223821,
	} {
		if got := s.Uint64(); got != want {
			t.Errorf("output %d: %d, want %d", i, got, want)
		}
	}
	if got := splitmix.Mix(1234567); got != 6457827717110365317 {
		t.Errorf("Mix gives %d, want the first output", got)
	}
}

func TestFloat64(t *testing.T) {
	s, sum := splitmix.Source(3), 0.0
	for range 10_000 {
		x := s.Float64()
		if !(x >= 0 && x < 1) {
			t.Fatalf("%v is not in [0,1)", x)
		}
		sum += x
	}
	if mean := sum / 10_000; mean < 0.49 || mean > 0.51 {
		t.Errorf("the mean of 10,000 numbers is %v", mean)
	}
}
