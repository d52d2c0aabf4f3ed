package single_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/single"
)

func TestCheck(t *testing.T) {
	for _, v := range []float64{0, 1, -1, 0.1, 1.2e-38, -1.2e-38, 3.4e38, 0.9999999, 1.00000000001, math.Inf(1),
		math.NaN()} {
		if err := single.Check(v); err != nil {
			t.Errorf("%v: %v", v, err)
		}
	}
	for v, want := range map[float64]string{
		1e-320: "too small", -1e-45: "too small", 1.1e-38: "too small", 3.5e38: "too large", -1e300: "too large",
		0.99999999: "1 in float32",
	} {
		if err := single.Check(v); err == nil || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v: %v, want %s", v, err, want)
		}
	}
}
