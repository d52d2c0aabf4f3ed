package op_test

import (
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
)

func TestHeads(t *testing.T) {
	h, err := op.NewHeads(tensor.Shape{2, 5, 12}, 3)
	if err != nil || h.HeadWidth() != 4 || !h.MapShape().Eq(tensor.Shape{2, 3, 5, 5}) {
		t.Errorf("got %+v of width %d with maps %v, error %v", h, h.HeadWidth(), h.MapShape(), err)
	}
	for want, c := range map[string]struct {
		x     tensor.Shape
		count int
	}{
		"want x (B, T, D), got (2, 12)":                             {tensor.Shape{2, 12}, 3},
		"want x (B, T, D), got ()":                                  {nil, 1},
		"0 heads for a width of 12, want a divisor of the width":    {tensor.Shape{2, 5, 12}, 0},
		"-3 heads for a width of 12, want a divisor of the width":   {tensor.Shape{2, 5, 12}, -3},
		"5 heads for a width of 12, want a divisor of the width":    {tensor.Shape{2, 5, 12}, 5},
		"1000 heads for a width of 12, want a divisor of the width": {tensor.Shape{2, 5, 12}, 1000},
	} {
		if _, err := op.NewHeads(c.x, c.count); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d heads of %v: got error %v, want %q", c.count, c.x, err, want)
		}
	}
}
