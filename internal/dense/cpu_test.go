package dense

import (
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	best, plain := set{name: "best"}, set{name: "plain"}
	for _, c := range []struct{ wanted, got, err string }{
		{"", "best", ""},
		{"plain", "plain", ""},
		{"avx1024", "best", `HQVIT_CPU="avx1024": this machine runs best, plain; best is in use`},
	} {
		s, err := choose(c.wanted, []set{best, plain})
		if s.name != c.got {
			t.Errorf("choose(%q) = %s, want %s", c.wanted, s.name, c.got)
		}
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("choose(%q): error %v, want %q", c.wanted, err, c.err)
		}
	}
}

func TestNothingAllocates(t *testing.T) { everySet(t, testAllocs[float32], testAllocs[float64]) }

func testAllocs[T Float](t *testing.T) {
	const n = 40
	x, y, z := make([]T, n*n), make([]T, n*n), make([]T, n*n)
	for name, run := range map[string]func(){
		"Gemm":      func() { Gemm(false, true, n, n, n, 1, x, n, y, n, 0, z, n) },
		"GemmBias":  func() { GemmBias(true, n, n, n, x, n, y, n, x[:n], z, n) },
		"GemmBatch": func() { GemmBatch(4, true, false, 8, 8, 8, 1, x, 8, 64, y, 8, 64, 0, z, 8, 64) },
		"Softmax":   func() { Softmax(n, n, x, y) },
		"LayerNorm": func() { LayerNorm(n, n, x, x[:n], y[:n], 1e-5, y, z, z[:n]) },
		"GELUGrad":  func() { GELUGrad(x, y, z) },
		"AdamW":     func() { AdamW(x, y, z, z, AdamWStep{Correct1: 1, Correct2: 1}) },
		"LogSumExp": func() { LogSumExp(x) },
	} {
		if got := testing.AllocsPerRun(20, run); got != 0 {
			t.Errorf("%s allocates %v times a call", name, got)
		}
	}
}
