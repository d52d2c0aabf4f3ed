package dense

import (
	"math"
	"math/big"
	"testing"
)

var lengths = []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 100, 257}

func TestArithmetic(t *testing.T) { everySet(t, testArithmetic[float32], testArithmetic[float64]) }

func testArithmetic[T Float](t *testing.T) {
	r := seeded()
	for _, n := range lengths {
		a, b := random[T](r, n), random[T](r, n)
		for _, c := range []struct {
			name string
			run  func(dst []T)
			want func(i int) float64
		}{
			{"Add", func(dst []T) { Add(dst, a, b) },
				func(i int) float64 { return float64(a[i]) + float64(b[i]) }},
			{"Mul", func(dst []T) { Mul(dst, a, b) },
				func(i int) float64 { return float64(a[i]) * float64(b[i]) }},
			{"Axpy", func(dst []T) { copy(dst, a); Axpy(0.75, b, dst) },
				func(i int) float64 { return float64(a[i]) + 0.75*float64(b[i]) }},
			{"Scale", func(dst []T) { copy(dst, a); Scale(0.3, dst) },
				func(i int) float64 { return float64(T(0.3)) * float64(a[i]) }},
		} {
			dst, intact := guarded[T](n)
			c.run(dst)
			for i := range dst {
				near(t, c.name, dst[i], c.want(i), math.Abs(float64(a[i]))+math.Abs(float64(b[i])), 1)
			}
			if !intact() {
				t.Fatalf("%s wrote outside %d elements", c.name, n)
			}
		}
	}
}

func TestFunctionsOfOneElement(t *testing.T) {
	everySet(t, testFunctions[float32], testFunctions[float64])
}

func testFunctions[T Float](t *testing.T) {
	smallest := 0x1p-1022
	if unit[T]() > 1e-10 {
		smallest = 0x1p-126
	}
	slope := func(x float64) float64 { return normal(x) + x*density(x) }
	for _, f := range []struct {
		name        string
		run         func(x, y []T)
		want, scale func(x float64) float64 // a scale of nil is the result itself
		low, high   float64
		ulps        float64
	}{
		{"Exp", Exp[T], math.Exp, nil, -760, 720, 2},
		{"Exp", Exp[T], math.Exp, nil, -110, 90, 2},
		{"Erf", Erf[T], math.Erf, nil, -8, 8, 4},
		{"Erf", Erf[T], math.Erf, nil, -1e-3, 1e-3, 2},
		{"GELU", GELU[T], func(x float64) float64 { return x * normal(x) }, nil, -37, 37, 8},
		{"GELU", GELU[T], func(x float64) float64 { return x * normal(x) }, nil, -6, 6, 6},
		{"GELUGrad", func(x, y []T) { GELUGrad(x, ones[T](len(x)), y) }, slope,
			func(x float64) float64 { return normal(x) + math.Abs(x)*math.Exp(-x*x/2) }, -13, 13, 8},
	} {
		const n = 20001
		x := make([]T, n)
		for i := range x {
			x[i] = T(f.low + (f.high-f.low)*float64(i)/(n-1))
		}
		y := make([]T, n)
		f.run(x, y)
		for i, v := range x {
			want := f.want(float64(v))
			scale := math.Abs(want)
			if f.scale != nil {
				scale = f.scale(float64(v))
			}
			if math.IsInf(float64(T(want)), 0) {
				want = float64(T(want))
			}
			near(t, f.name, y[i], want, max(scale, 64*smallest), f.ulps)
		}
		for _, n := range lengths {
			y, intact := guarded[T](n)
			f.run(x[:n:n], y)
			if !intact() {
				t.Fatalf("%s wrote outside %d elements", f.name, n)
			}
		}
	}
}

func ones[T Float](n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

func TestFunctionsAtTheEnds(t *testing.T) { everySet(t, testEnds[float32], testEnds[float64]) }

func testEnds[T Float](t *testing.T) {
	inf, nan := T(math.Inf(1)), T(math.NaN())
	for _, c := range []struct {
		name string
		run  func(x, y []T)
		x, y T
	}{
		{"Exp", Exp[T], inf, inf}, {"Exp", Exp[T], -inf, 0}, {"Exp", Exp[T], 0, 1}, {"Exp", Exp[T], nan, nan},
		{"Erf", Erf[T], inf, 1}, {"Erf", Erf[T], -inf, -1}, {"Erf", Erf[T], 0, 0}, {"Erf", Erf[T], nan, nan},
		{"GELU", GELU[T], inf, inf}, {"GELU", GELU[T], 0, 0}, {"GELU", GELU[T], nan, nan},
	} {
		y := []T{0}
		c.run([]T{c.x}, y)
		near(t, c.name, y[0], float64(c.y), 0, 0)
	}
}

func TestReductions(t *testing.T) { everySet(t, testReductions[float32], testReductions[float64]) }

func testReductions[T Float](t *testing.T) {
	r := seeded()
	for _, n := range lengths {
		x, y := random[T](r, n), random[T](r, n)
		dot, scale, squares, sum := 0.0, 1.0, 0.0, 0.0
		for i := range x {
			dot += float64(x[i]) * float64(y[i])
			scale += math.Abs(float64(x[i]) * float64(y[i]))
			squares += float64(x[i]) * float64(x[i])
			sum += math.Exp(float64(x[i]))
		}
		near(t, "Dot", Dot(x, y), dot, scale, 8)
		near(t, "SumSquares", SumSquares(x), squares, squares, 16)
		near(t, "LogSumExp", LogSumExp(x), math.Log(sum), 1+math.Abs(math.Log(max(sum, 1))), 8)
		for _, rows := range []int{0, 1, 9} {
			m := random[T](r, rows*n)
			dst, intact := guarded[T](n)
			ColSum(rows, n, m, dst)
			for j := range dst {
				want := 0.0
				for i := range rows {
					want += float64(m[i*n+j])
				}
				near(t, "ColSum", dst[j], want, 8, 8)
			}
			if !intact() {
				t.Fatalf("ColSum wrote outside %d elements", n)
			}
		}
	}
	if got := SumSquares([]T{T(1e30), T(1e30)}); math.Abs(got/2e60-1) > 1e-6 {
		t.Errorf("SumSquares of 1e30 twice: %v", got)
	}
	for _, x := range []float64{math.Inf(-1), math.Inf(1), math.NaN()} {
		near(t, "LogSumExp at the ends", LogSumExp([]T{T(x), T(math.Inf(-1))}), x, 0, 0)
	}
}

func TestSincos(t *testing.T) {
	everySet(t, func(*testing.T) {}, func(t *testing.T) {
		r := seeded()
		var x []float64
		for _, scale := range []float64{1e-300, 1e-9, 0.1, 1, 10, 1e3, 1e6} {
			for range 1000 {
				x = append(x, scale*r.NormFloat64())
			}
		}
		for k := -40; k <= 40; k++ { // where a quadrant ends
			v := float64(k) * math.Pi / 4
			x = append(x, v, math.Nextafter(v, 99), math.Nextafter(v, -99), float64(k)*1e5*math.Pi/2,
				float64(k)*1e7)
		}
		x = append(x, math.Inf(1), math.NaN())
		for n := range 10 {
			x := x[n:] // with a rest of every length
			sin, cos := make([]float64, len(x)), make([]float64, len(x))
			Sincos(x, sin, cos)
			for i, v := range x {
				s, c := exactSincos(v)
				if math.IsNaN(s) && math.IsNaN(sin[i]) && math.IsNaN(cos[i]) {
					continue
				}
				slack := 0.0
				if current.f64.sincos == nil {
					slack = 1e-15 // of math.Sincos
				}
				if !(math.Abs(sin[i]-s) <= 4e-16*math.Abs(s)+slack) ||
					!(math.Abs(cos[i]-c) <= 4e-16*math.Abs(c)+slack) {
					t.Fatalf("sin and cos of %v: got %v and %v, want %v and %v", v, sin[i], cos[i], s, c)
				}
			}
		}
	})
}

func TestSincosOfLargeAngles(t *testing.T) {
	everySet(t, func(*testing.T) {}, func(t *testing.T) {
		x := []float64{1, 3e7, -1e12, 0x1p25, -0x1p25, 1e300, math.MaxFloat64}
		sin, cos := make([]float64, len(x)), make([]float64, len(x))
		Sincos(x, sin, cos)
		for i, v := range x[1:] {
			if s, c := math.Sincos(v); sin[i+1] != s || cos[i+1] != c {
				t.Errorf("sin and cos of %v: got %v and %v, want %v and %v", v, sin[i+1], cos[i+1], s, c)
			}
		}
	})
}

// exactSincos reduces the angle with 300 bits of π, where math.Sincos loses some near its multiples.
func exactSincos(x float64) (sin, cos float64) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return math.NaN(), math.NaN()
	}
	pi, _, err := big.ParseFloat("3.141592653589793238462643383279502884197169399375105820974944592307816406286"+
		"208998628034825342117067982148086513", 10, 300, big.ToNearestEven)
	if err != nil {
		panic(err)
	}
	half := new(big.Float).Quo(pi, big.NewFloat(2))
	v := new(big.Float).SetPrec(300).SetFloat64(x)
	k := math.Round(x / (math.Pi / 2))
	r, _ := v.Sub(v, new(big.Float).SetPrec(300).Mul(half, big.NewFloat(k))).Float64()
	sin, cos = math.Sincos(r)
	switch int64(math.Mod(k, 4)+4) % 4 {
	case 1:
		return cos, -sin
	case 2:
		return -sin, -cos
	case 3:
		return -cos, sin
	}
	return sin, cos
}
