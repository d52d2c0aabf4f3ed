package transpile

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

// distance returns how far u and v are apart up to a phase.
func distance(u, v m4) float64 {
	var overlap complex128
	for i := range u {
		overlap += cmplx.Conj(u[i]) * v[i]
	}
	phase, worst := cmplx.Rect(1, cmplx.Phase(overlap)), 0.0
	for i := range u {
		worst = max(worst, cmplx.Abs(u[i]*phase-v[i]))
	}
	return worst
}

// randomGate returns a gate of one qubit, Haar-random enough.
func randomGate(r *rand.Rand) m2 {
	return rz(7 * r.Float64()).mul(ry(7 * r.Float64())).mul(rz(7 * r.Float64()))
}

// haar returns a random unitary of two qubits: the columns of a normal matrix made orthonormal.
func haar(r *rand.Rand) (u m4) {
	for i := range u {
		u[i] = complex(r.NormFloat64(), r.NormFloat64())
	}
	for j := range 4 {
		for k := range j {
			var dot complex128
			for i := range 4 {
				dot += cmplx.Conj(u[i*4+k]) * u[i*4+j]
			}
			for i := range 4 {
				u[i*4+j] -= dot * u[i*4+k]
			}
		}
		norm := 0.0
		for i := range 4 {
			norm += real(u[i*4+j] * cmplx.Conj(u[i*4+j]))
		}
		for i := range 4 {
			u[i*4+j] /= complex(math.Sqrt(norm), 0)
		}
	}
	return u
}

// checkKAK decomposes u and compares the number of CX and the product with it.
func checkKAK(t *testing.T, name string, u m4, want int) {
	t.Helper()
	w := decompose(u)
	a, b, c := w.abc[0], w.abc[1], w.abc[2]
	if !(math.Pi/4+1e-12 >= a && a >= b-1e-12 && b >= math.Abs(c)-1e-12) {
		t.Fatalf("%s: coordinates %v are outside of the Weyl chamber", name, w.abc)
	}
	parts := w.parts(false)
	if n := countTwo(parts); n != want || n != w.cost(false) {
		t.Fatalf("%s: %d CX, want %d (coordinates %v)", name, n, want, w.abc)
	}
	if d := distance(product(parts), u); !(d < 2e-10) {
		t.Fatalf("%s: the product is off by %.3g (coordinates %v)", name, d, w.abc)
	}
}

func TestWeylOfRandomUnitaries(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		u := haar(r)
		checkKAK(t, "random", u, 3)
		if d := distance(product(decompose(u).parts(false)), u); !(d < 1e-12) {
			t.Fatalf("off by %.3g", d)
		}
	}
}

// TestWeylClasses counts the CX of all special classes, between random gates of one qubit and without, with
// the qubits in either order.
func TestWeylClasses(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	named := func(name string, angles ...float64) m4 {
		k, _ := circuit.Named(name)
		return toM4(k.Matrix(angles))
	}
	middle := func(a, b, c float64) m4 {
		return named("rxx", -2*a).mul(named("ryy", -2*b)).mul(named("rzz", -2*c))
	}
	q := math.Pi / 4
	for _, c := range []struct {
		name string
		u    m4
		want int
	}{
		{"identity", one4, 0}, {"ZZ", kron(pauliZ, pauliZ), 0}, {"HX", kron(hadam, pauliX), 0},
		{"cx", named("cx"), 1}, {"cy", named("cy"), 1}, {"cz", named("cz"), 1}, {"ch", named("ch"), 1},
		{"ecr", named("ecr"), 1}, {"ms", named("ms", 0.3, 1.9), 1}, {"rzz(π/2)", named("rzz", math.Pi/2), 1},
		{"rxx(−π/2)", named("rxx", -math.Pi/2), 1}, {"cp(π)", named("cp", math.Pi), 1},
		{"iswap", named("iswap"), 2}, {"cp", named("cp", 0.7), 2}, {"crx", named("crx", -2.1), 2},
		{"cry", named("cry", 0.1), 2}, {"crz", named("crz", 4), 2}, {"rzz", named("rzz", 1e-6), 2},
		{"rbs", named("rbs", 0.6), 2}, {"givens", named("givens", 2.2), 2}, {"cu", named("cu", 1, 2, 3, 4),
			2},
		{"controlled product", named("crx", 0.4).mul(named("cry", 1.4)).mul(named("crz", -0.3)), 2},
		{"generic", middle(0.6, 0.4, -0.2), 3},
		{"b gate", middle(q, q/2, 0), 2}, {"fsim", middle(0.3, 0.3, 0), 2},
		{"swap", named("swap"), 3}, {"swap·cp", named("swap").mul(named("cp", 0.7)), 3},
		{"swap·cx", named("swap").mul(named("cx")), 2}, {"cx·cx", named("cx").mul(named("cx").exchanged()),
			2},
		{"√swap", middle(q/2, q/2, q/2), 3}, {"√swap†", middle(q/2, q/2, -q/2), 3},
		{"edge", middle(q, q, 0.2), 3}, {"other edge", middle(q, q, -0.2), 3}, {"face", middle(q, 0.3, 0.3),
			3},
		{"nearly local", middle(1e-7, 1e-8, 0), 2}, {"nearly swap", middle(q, q, q-1e-8), 3},
		{"nearly cx", middle(q, 1e-8, 0), 2}, {"close to cx", middle(q-1e-8, 1e-8, 1e-9), 3},
		{"rounded identity", middle(1e-14, -1e-15, 1e-14), 0}, {"rounded cx", middle(q, 1e-14, -1e-14), 1},
	} {
		checkKAK(t, c.name, c.u, c.want)
		checkKAK(t, c.name+" exchanged", c.u.exchanged(), c.want)
		for range 50 {
			left, right := kron(randomGate(r), randomGate(r)), kron(randomGate(r), randomGate(r))
			checkKAK(t, c.name+" between gates", left.mul(c.u).mul(right), c.want)
		}
	}
}

// TestWeylOfNearlyDegenerate meets spectra whose eigenvalues differ by very little, where eigenvectors of one
// matrix alone would be wrong.
func TestWeylOfNearlyDegenerate(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for range 3000 {
		x := func() float64 {
			return math.Pi/4*float64(r.IntN(5)-2) + math.Pow(10, -1-15*r.Float64())*r.NormFloat64()
		}
		rotation := func(name string) m4 {
			k, _ := circuit.Named(name)
			return toM4(k.Matrix([]float64{x()}))
		}
		u := kron(randomGate(r),
			randomGate(r)).mul(rotation("rxx")).mul(rotation("ryy")).mul(rotation("rzz")).
			mul(kron(randomGate(r), randomGate(r)))
		w := decompose(u)
		if d := distance(product(w.parts(false)), u); !(d < 4e-10) {
			t.Fatalf("off by %.3g at %v", d, w.abc)
		}
	}
}
