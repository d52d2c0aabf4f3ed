package dense

import (
	"fmt"
	"testing"
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
		{1, 512, 64, 64, []string{"NT", "NN"}}, {1, 512, 128, 64, []string{"NT", "NN"}},
		{1, 512, 64, 128, []string{"NT", "NN"}},
		{1, 1024, 128, 128, []string{"NT", "NN"}}, {1, 1024, 256, 128, []string{"NT", "NN"}},
		{1, 1024, 128, 256, []string{"NT", "NN"}},
		{1, 64, 64, 512, []string{"TN"}}, {1, 128, 64, 512, []string{"TN"}},
		{1, 128, 128, 1024, []string{"TN"}}, {1, 256, 128, 1024, []string{"TN"}},
		{32, 16, 16, 64, []string{"NT", "NN", "TN"}}, {32, 16, 64, 16, []string{"NT", "NN", "TN"}},
		{64, 64, 64, 32, []string{"NT", "NN", "TN"}}, {64, 64, 32, 64, []string{"NT", "NN", "TN"}},
	} {
		for _, kind := range s.kinds {
			b.Run(
				fmt.Sprintf("%s/%s/%dx%dx%dx%d", element, kind, s.batch, s.m, s.n, s.k),
				func(b *testing.B) {
					x, y, z := make([]T, s.batch*s.m*s.k), make([]T, s.batch*s.k*s.n), make([]T,
						s.batch*s.m*s.n)
					lda, ldb := s.k, s.n
					if kind[0] == 'T' {
						lda = s.m
					}
					if kind[1] == 'T' {
						ldb = s.k
					}
					for b.Loop() {
						GemmBatch(s.batch, kind[0] == 'T', kind[1] == 'T', s.m, s.n, s.k, 1, x, lda, s.m*s.k,
							y, ldb, s.k*s.n, 0, z, s.n, s.m*s.n)
					}
					rate := 2 * float64(s.batch*s.m*s.n*s.k) * float64(b.N) / float64(
						b.Elapsed().Nanoseconds())
					b.ReportMetric(rate, "GFLOP/s")
					b.ReportMetric(100*rate/Peak[T](), "%FMA")
				},
			)
		}
	}
}

// BenchmarkLimit is the limits of one core: multiplications and additions between registers, and passes over
// working sets.
func BenchmarkLimit(b *testing.B) {
	b.Run("float32", benchLimit[float32])
	b.Run("float64", benchLimit[float64])
	for _, kib := range []int{16, 512, 8 << 10, 256 << 10} {
		b.Run(fmt.Sprintf("memory/%dKiB", kib), func(b *testing.B) {
			best := 0.0
			for b.Loop() {
				best = max(best, Bandwidth(kib<<10))
			}
			b.ReportMetric(best, "GB/s")
		})
	}
}

func benchLimit[T Float](b *testing.B) {
	flops := 0
	for b.Loop() {
		flops += FMA[T](10_000)
	}
	b.ReportMetric(float64(flops)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
}

func BenchmarkElementwise(b *testing.B) {
	benchElementwise[float32](b, "float32")
	benchElementwise[float64](b, "float64")
}

// Operations are those of the AVX-512 kernels in float32, a fused multiplication and addition as two; in
// float64 polynomials are longer.
func benchElementwise[T Float](b *testing.B, element string) {
	const rows, cols = 64, 64
	const n = rows * cols
	x, y, z, v := random[T](seeded(), n), random[T](seeded(), n), make([]T, n), make([]T, n)
	stat := make([]T, rows)
	long := func(single, double int) int {
		if size[T]() == 8 {
			return double
		}
		return single
	}
	for _, k := range []struct {
		name   string
		moved  int // elements read and written
		slices int // that they are of
		flops  int // an element
		run    func()
	}{
		{"Add", 3, 3, 1, func() { Add(z, x, y) }},
		{"Mul", 3, 3, 1, func() { Mul(z, x, y) }},
		{"Axpy", 3, 2, 2, func() { Axpy(0, x, z) }},
		{"Scale", 2, 1, 1, func() { Scale(1, x) }},
		{"Dot", 2, 2, 2, func() { Dot(x, y) }},
		{"SumSquares", 1, 1, 2, func() { SumSquares(x) }},
		{"ColSum", 1, 1, 1, func() { ColSum(rows, cols, x, z) }},
		{"Exp", 2, 2, long(22, 32), func() { Exp(x, z) }},
		{"Erf", 2, 2, long(69, 115), func() { Erf(x, z) }},
		{"GELU", 2, 2, long(53, 89), func() { GELU(x, z) }},
		{"GELUGrad", 3, 3, long(56, 92), func() { GELUGrad(x, y, z) }},
		{"Softmax", 2, 2, long(25, 35), func() { Softmax(rows, cols, x, z) }},
		{"Softmax16", 2, 2, long(25, 35), func() { Softmax(n/16, 16, x, z) }},
		{"SoftmaxGrad", 3, 3, 4, func() { SoftmaxGrad(rows, cols, x, y, z) }},
		{"LogSumExp", 1, 1, long(24, 34), func() { LogSumExp(x) }},
		{"LayerNorm", 3, 3, 8, func() { LayerNorm(rows, cols, x, y[:cols], y[:cols], 1e-5, z, v, stat) }},
		{"LayerNormGrad", 3, 3, 12, func() {
			LayerNormGrad(rows, cols, x, y, stat, x[:cols], z, v[:cols], v[cols:2*cols])
		}},
		{"AdamW", 7, 4, 14, func() {
			AdamW(z, y, x, v, AdamWStep{Beta1: 1, Beta2: 0.5, Eps: 1, Correct1: 1, Correct2: 1})
		}},
	} {
		b.Run(element+"/"+k.name, func(b *testing.B) {
			clear(z)
			clear(v)
			for b.Loop() {
				k.run()
			}
			took, bytes := float64(b.Elapsed().Nanoseconds())/float64(b.N), size[T]()*n
			b.ReportMetric(took/n, "ns/element")
			b.ReportMetric(float64(k.moved*bytes)/took, "GB/s")
			b.ReportMetric(float64(k.flops*n)/took, "GFLOP/s")
			b.ReportMetric(100*Roof[T](k.flops*n, k.moved*bytes, k.slices*bytes)/took, "%limit")
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
