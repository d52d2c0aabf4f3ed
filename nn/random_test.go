package nn_test

import (
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"

	"github.com/hqvit/hqvit/nn"
)

// first returns the first number of each row, after that many runs.
func first(t *testing.T, seed uint64, path string, runs, rows int, keys ...uint64) []uint64 {
	t.Helper()
	z := nn.NewScope(G.NewGraph(), nn.NewStore(seed)).Random()
	z.SetRows(keys)
	d := z.Stream(path)
	for range runs {
		if err := d.Next(rows); err != nil {
			t.Fatal(err)
		}
	}
	numbers := make([]uint64, rows)
	for r := range numbers {
		s := d.Row(r)
		numbers[r] = s.Uint64()
	}
	return numbers
}

func TestNoiseDependsOnSeedPathAndKey(t *testing.T) {
	keyed := first(t, 1, "a", 1, 3, 7, 8, 9)
	if got := first(t, 1, "a", 5, 2, 9, 7); !slices.Equal(got, []uint64{keyed[2], keyed[0]}) {
		t.Errorf("keys 9, 7 draw %x in a fifth run, 7, 8, 9 drew %x in the first", got, keyed)
	}
	free := first(t, 1, "a", 1, 3)
	if got := first(t, 1, "a", 1, 2); !slices.Equal(got, free[:2]) {
		t.Errorf("without keys, two rows draw %x, three drew %x", got, free)
	}
	for _, c := range []struct {
		what      string
		got, than []uint64
	}{
		{"seed", first(t, 2, "a", 1, 3, 7, 8, 9), keyed},
		{"path", first(t, 1, "b", 1, 3, 7, 8, 9), keyed},
		{"run without keys", first(t, 1, "a", 2, 3), free},
	} {
		for r := range c.got {
			if c.got[r] == c.than[r] {
				t.Errorf("another %s draws the same for row %d", c.what, r)
			}
		}
	}
}

func TestNoiseWantsOneKeyForEachRow(t *testing.T) {
	z := nn.NewScope(G.NewGraph(), nn.NewStore(1)).Random()
	z.SetRows([]uint64{1, 2})
	if err := z.Stream("a").Next(3); z.Rows() != 2 || err == nil ||
		!strings.Contains(err.Error(), "a batch of 3 rows, but SetRows gave 2 keys") {
		t.Errorf("%d keys, got %v", z.Rows(), err)
	}
}
