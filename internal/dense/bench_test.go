package dense

import (
	"fmt"
	"testing"
	"time"
)

func BenchmarkGemm(b *testing.B) {
	benchGemm[float32](b, "float32")
	benchGemm[float64](b, "float64")
}

func benchGemm[T Float](b *testing.B, element string) {
	for _, s := range []struct {
		batch, m, n, k int
		kinds          []string
	}{
		{1, 64, 64, 64, []string{"NN"}}, {1, 256, 256, 256, []string{"NN"}},
		{1, 512, 64, 64, []string{"NT", "NN"}}, {1, 512, 128, 64, []string{"NT", "NN"}}, {1, 512, 64, 128, []string{"NT", "NN"}},
		{1, 1024, 128, 128, []string{"NT", "NN"}}, {1, 1024, 256, 128, []string{"NT", "NN"}}, {1, 1024, 128, 256, []string{"NT", "NN"}},
		{1, 64, 64, 512, []string{"TN"}}, {1, 128, 64, 512, []string{"TN"}}, {1, 128, 128, 1024, []string{"TN"}}, {1, 256, 128, 1024, []string{"TN"}},
		{32, 16, 16, 64, []string{"NT", "NN", "TN"}}, {32, 16, 64, 16, []string{"NT", "NN", "TN"}},
		{64, 64, 64, 32, []string{"NT", "NN", "TN"}}, {64, 64, 32, 64, []string{"NT", "NN", "TN"}},
	} {
		for _, kind := range s.kinds {
			b.Run(fmt.Sprintf("%s/%s/%dx%dx%dx%d", element, kind, s.batch, s.m, s.n, s.k), func(b *testing.B) {
				x, y, z := make([]T, s.batch*s.m*s.k), make([]T, s.batch*s.k*s.n), make([]T, s.batch*s.m*s.n)
				lda, ldb := s.k, s.n
				if kind[0] == 'T' {
					lda = s.m
				}
				if kind[1] == 'T' {
					ldb = s.k
				}
				for b.Loop() {
					GemmBatch(s.batch, kind[0] == 'T', kind[1] == 'T', s.m, s.n, s.k, 1, x, lda, s.m*s.k, y, ldb, s.k*s.n, 0, z, s.n, s.m*s.n)
				}
				rate := 2 * float64(s.batch*s.m*s.n*s.k) * float64(b.N) / float64(b.Elapsed().Nanoseconds())
				b.ReportMetric(rate, "GFLOP/s")
				b.ReportMetric(100*rate/limit[T](), "%FMA")
			})
		}
	}
}

// BenchmarkLimit is the limit of one core: multiplications and additions between registers.
func BenchmarkLimit(b *testing.B) {
	b.Run("float32", benchLimit[float32])
	b.Run("float64", benchLimit[float64])
}

func benchLimit[T Float](b *testing.B) {
	flops := 0
	for b.Loop() {
		flops += FMA[T](10_000)
	}
	b.ReportMetric(float64(flops)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
}

// limit returns the GFLOP/s of FMA, the best of twenty short runs, measured anew for each benchmark because clocks drift.
func limit[T Float]() float64 {
	best := 0.0
	for range 20 {
		start := time.Now()
		flops := FMA[T](20_000)
		best = max(best, float64(flops)/float64(time.Since(start).Nanoseconds()))
	}
	return best
}

func BenchmarkElementwise(b *testing.B) {
	benchElementwise[float32](b, "float32")
	benchElementwise[float64](b, "float64")
}

func benchElementwise[T Float](b *testing.B, element string) {
	const rows, cols = 64, 64
	const n = rows * cols
	x, y, z, v := random[T](seeded(), n), random[T](seeded(), n), make([]T, n), make([]T, n)
	stat := make([]T, rows)
	for _, k := range []struct {
		name  string
		moved int // elements read and written
		run   func()
	}{
		{"Add", 3, func() { Add(z, x, y) }},
		{"Mul", 3, func() { Mul(z, x, y) }},
		{"Axpy", 3, func() { Axpy(0, x, z) }},
		{"Scale", 2, func() { Scale(1, x) }},
		{"Dot", 2, func() { Dot(x, y) }},
		{"SumSquares", 1, func() { SumSquares(x) }},
		{"ColSum", 1, func() { ColSum(rows, cols, x, z) }},
		{"Exp", 2, func() { Exp(x, z) }},
		{"Erf", 2, func() { Erf(x, z) }},
		{"GELU", 2, func() { GELU(x, z) }},
		{"GELUGrad", 3, func() { GELUGrad(x, y, z) }},
		{"Softmax", 2, func() { Softmax(rows, cols, x, z) }},
		{"Softmax16", 2, func() { Softmax(n/16, 16, x, z) }},
		{"SoftmaxGrad", 3, func() { SoftmaxGrad(rows, cols, x, y, z) }},
		{"LogSumExp", 1, func() { LogSumExp(x) }},
		{"LayerNorm", 3, func() { LayerNorm(rows, cols, x, y[:cols], y[:cols], 1e-5, z, v, stat) }},
		{"LayerNormGrad", 3, func() { LayerNormGrad(rows, cols, x, y, stat, x[:cols], z, v[:cols], v[cols:2*cols]) }},
		{"AdamW", 7, func() { AdamW(z, y, x, v, AdamWStep{Beta1: 1, Beta2: 0.5, Eps: 1, Correct1: 1, Correct2: 1}) }},
	} {
		b.Run(element+"/"+k.name, func(b *testing.B) {
			clear(z)
			clear(v)
			for b.Loop() {
				k.run()
			}
			perElement := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / n
			b.ReportMetric(perElement, "ns/element")
			b.ReportMetric(float64(k.moved)*(float64(size[T]()))/perElement, "GB/s")
		})
	}
}

// size is the size of an element in bytes.
func size[T Float]() int {
	if unit[T]() > 1e-10 {
		return 4
	}
	return 8
}
