package nn_test

import (
	"math"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
)

// paths runs DropPath on rows of ones with those keys.
func paths(t *testing.T, p float64, keys []uint64) []float64 {
	t.Helper()
	y, _ := compute[float64](t, func(g *G.ExprGraph, in ...*G.Node) (*G.Node, error) {
		s := nn.NewScope(g, nn.NewStore(4))
		s.Random().SetRows(keys)
		return nn.DropPath{P: p}.Forward(s, in[0])
	}, values(tensor.Shape{len(keys), 3}, slices.Repeat([]float64{1}, 3*len(keys))...))
	return y
}

func TestDropPathDropsWholeRows(t *testing.T) {
	keys := make([]uint64, 4000)
	for i := range keys {
		keys[i] = uint64(i)
	}
	for _, p := range []float64{0.1, 0.5, 0.9} {
		kept, y := 0.0, paths(t, p, keys)
		for r := range keys {
			row := y[3*r : 3*r+3]
			if row[0] != row[1] || row[0] != row[2] || row[0] != 0 && math.Abs(row[0]-1/(1-p)) > 1e-15 {
				t.Fatalf("p = %v: a row of ones became %v, want it 0 or %v", p, row, 1/(1-p))
			}
			if row[0] != 0 {
				kept += 1 / float64(len(keys))
			}
		}
		if math.Abs(kept-(1-p)) > 4*math.Sqrt(p*(1-p)/float64(len(keys))) {
			t.Errorf("p = %v: %v of the rows stay", p, kept)
		}
		alone := paths(t, p, []uint64{7, 3000, 12})
		if want := []float64{y[3*7], y[3*3000], y[3*12]}; alone[0] != want[0] || alone[3] != want[1] ||
			alone[6] != want[2] {
			t.Errorf("p = %v: rows 7, 3000 and 12 alone become %v, among all %v", p, alone, want)
		}
	}
}
