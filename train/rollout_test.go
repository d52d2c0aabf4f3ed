package train_test

import (
	"math"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/train"
)

// twoBlocks is the attention over four patches of a model of two blocks, of which the first has two heads.
func twoBlocks() []train.BlockAttention {
	return []train.BlockAttention{
		{Heads: 2, Tokens: 4, Coefficients: []float64{
			1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, // all attend to patch 0
			0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, // each to the next
		}},
		{Heads: 1, Tokens: 4, Coefficients: []float64{
			.25, .25, .25, .25, .25, .25, .25, .25, .25, .25, .25, .25, 0, 0, 0, 1,
		}},
	}
}

func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-12 {
			t.Errorf("%s: %v, want %v", what, got, want)
			return
		}
	}
}

func mapsOf(t *testing.T, blocks []train.BlockAttention, firstToken bool) *train.AttentionMaps {
	t.Helper()
	maps, err := train.Maps(blocks, firstToken)
	if err != nil {
		t.Fatal(err)
	}
	return maps
}

func TestMapsAreMultiplesOfAnEvenShare(t *testing.T) {
	maps := mapsOf(t, twoBlocks(), false)
	near(t, "head 0", maps.Heads[0][0], []float64{4, 0, 0, 0})
	near(t, "head 1", maps.Heads[0][1], []float64{1, 1, 1, 1})
	near(t, "mean of the heads of block 0", maps.Blocks[0], []float64{2.5, .5, .5, .5})
	near(t, "block 1", maps.Heads[1][0], []float64{.75, .75, .75, 1.75})
	near(t, "block 1", maps.Blocks[1], []float64{.75, .75, .75, 1.75})
	near(t, "head 1 from token 0", mapsOf(t, twoBlocks(), true).Heads[0][1], []float64{0, 4, 0, 0})
}

// By hand. The mean of block 0 is rows ½e₀+½e₁, ½e₀+½e₂, ½e₀+½e₃, e₀; with the residual, halved: rows
// (¾,¼,0,0), (¼,½,¼,0), (¼,0,½,¼), (½,0,0,½). Block 1 likewise: (⅝,⅛,⅛,⅛), (⅛,⅝,⅛,⅛), (⅛,⅛,⅝,⅛), (0,0,0,1).
// The column means of block 1 are (7,7,7,11)/32; times block 0: (7·(¾+¼+¼)+11·½, 7·(¼+½), 7·(¼+½),
// 7·¼+11·½)/32 = (14.25, 5.25, 5.25, 7.25)/32, times 4.
func TestRolloutByHand(t *testing.T) {
	near(t, "rollout", mapsOf(t, twoBlocks(), false).Rollout,
		[]float64{14.25 / 8, 5.25 / 8, 5.25 / 8, 7.25 / 8})
}

func TestAttentionWithoutMaps(t *testing.T) {
	for want, change := range map[string]func([]train.BlockAttention) []train.BlockAttention{
		"no attention to show": func([]train.BlockAttention) []train.BlockAttention { return nil },
		"want (H, T, T)": func(b []train.BlockAttention) []train.BlockAttention {
			b[1].Heads = 2
			return b
		},
		"block 0 has 0 coefficients": func([]train.BlockAttention) []train.BlockAttention {
			return make([]train.BlockAttention, 2)
		},
		"want a square of patches": func([]train.BlockAttention) []train.BlockAttention {
			return []train.BlockAttention{{Heads: 1, Tokens: 2, Coefficients: make([]float64, 4)}}
		},
		"the same in all blocks": func(b []train.BlockAttention) []train.BlockAttention {
			return append(b, train.BlockAttention{Heads: 1, Tokens: 1, Coefficients: []float64{1}})
		},
		"a coefficient that is not in [0": func(b []train.BlockAttention) []train.BlockAttention {
			b[0].Coefficients[3] = math.NaN()
			return b
		},
	} {
		if _, err := train.Maps(change(twoBlocks()), false); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}
