package data

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestOrderIsAPermutation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(-1, 300).Draw(t, "n")
		seed, epoch := rapid.Uint64().Draw(t, "seed"), rapid.IntRange(0, 1000).Draw(t, "epoch")
		order := Permutation(n, seed, epoch)
		if !slices.Equal(order, Permutation(n, seed, epoch)) {
			t.Fatal("two orders for one seed and epoch")
		}
		slices.Sort(order)
		for i, v := range order {
			if i != v {
				t.Fatalf("%d at %d after sorting", v, i)
			}
		}
		if len(order) != max(n, 0) {
			t.Fatalf("%d of %d indices", len(order), n)
		}
	})
}

// Runs must be repeatable with later versions and on other machines. The
// numbers come from a second implementation, in Python's integers.
func TestOrderStaysTheSame(t *testing.T) {
	for _, c := range []struct {
		seed  uint64
		epoch int
		want  []int
	}{
		{1, 0, []int{4, 3, 6, 0, 2, 7, 1, 5}},
		{1, 1, []int{0, 7, 5, 6, 3, 2, 1, 4}},
		{2, 0, []int{0, 2, 7, 3, 5, 1, 6, 4}},
	} {
		if diff := cmp.Diff(c.want, Permutation(8, c.seed, c.epoch)); diff != "" {
			t.Errorf("seed %d, epoch %d (-want +got)\n%s", c.seed, c.epoch, diff)
		}
	}
}

// Of 3·2^61 numbers the 2^64 outputs of the generator cannot have equal
// shares: without rejection, a quarter instead of a third would be 2 modulo 3.
func TestIntnHasNoBias(t *testing.T) {
	random := newStream(1)
	var counts [3]int
	for range 9000 {
		counts[random.intn(3<<61)%3]++
	}
	for rest, n := range counts {
		if n < 2700 || n > 3300 {
			t.Errorf("%d of 9000 numbers are %d modulo 3", n, rest)
		}
	}
}

// Each index comes first about equally often: 700 times of 7,000, and a
// deviation of 150 is six standard deviations.
func TestOrderIsUniform(t *testing.T) {
	var first [10]int
	for epoch := range 7000 {
		first[Permutation(10, 3, epoch)[0]]++
	}
	for i, n := range first {
		if n < 550 || n > 850 {
			t.Errorf("%d is first %d times of 7000", i, n)
		}
	}
}
