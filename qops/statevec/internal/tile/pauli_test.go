package tile

import (
	"math"
	"math/bits"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hqvit/hqvit/internal/dense"
)

// Inner and AddScaled against their definition.
func TestInner(t *testing.T) {
	for _, cpu := range kernelSets() {
		t.Run(cpu, func(t *testing.T) {
			useKernels(t, cpu)
			testInner[float32](t, 1e-5)
			testInner[float64](t, 1e-13)
		})
	}
}

func testInner[T dense.Float](t *testing.T, tol float64) {
	rng := rand.New(rand.NewPCG(3, 1))
	var k Scratch[T]
	for _, n := range []int{1, 2, 3, 4, 6, 13} {
		phi, psi := make([]T, 2<<n), make([]T, 2<<n)
		for i := range psi {
			phi[i], psi[i] = T(rng.NormFloat64()), T(rng.NormFloat64())
		}
		at := func(x []T, j int) complex128 { return complex(float64(x[2*j]), float64(x[2*j+1])) }
		want, z := complex128(0), complex(0.5, -2)
		to := slices.Clone(phi)
		k.AddScaled(to, psi, z)
		for j := range 1 << n {
			want += cmplx.Conj(at(phi, j)) * at(psi, j)
			if w := at(phi, j) + z*at(psi, j); cmplx.Abs(at(to, j)-w) > 10*tol {
				t.Fatalf("%T, %d qubits: amplitude %d is %v, want %v", psi, n, j, at(to, j), w)
			}
		}
		if got := k.Inner(phi, psi); cmplx.Abs(got-want) > tol*float64(len(psi)) {
			t.Errorf("%T, %d qubits: got %v, want %v", psi, n, got, want)
		}
	}
}

// Widen and Narrow, of any length.
func TestWiden(t *testing.T) {
	for _, cpu := range kernelSets() {
		t.Run(cpu, func(t *testing.T) {
			useKernels(t, cpu)
			testWiden[float32](t)
			testWiden[float64](t)
		})
	}
}

func testWiden[T dense.Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for n := range 70 {
		x, psi, back := make([]T, n), make([]T, 2*n+1), make([]T, n+1)
		for i := range x {
			x[i] = T(rng.NormFloat64())
		}
		for i := range psi {
			psi[i] = 7
		}
		back[n] = 7
		Widen(x, -1.5, psi[:2*n])
		Narrow(psi, back[:n])
		for j, v := range x {
			if psi[2*j] != -1.5*v || psi[2*j+1] != 0 || back[j] != -1.5*v {
				t.Fatalf("%d numbers: number %d, %v, is %v and then %v", n, j, v, psi[2*j:2*j+2], back[j])
			}
		}
		if psi[2*n] != 7 || back[n] != 7 {
			t.Fatalf("%d numbers: more was written", n)
		}
	}
}

// kernelSets are the sets of kernels that this machine has.
func kernelSets() []string {
	if dense.CPU() == "neon" {
		return []string{"generic", "neon"}
	}
	all := []string{"generic", "avx2", "avx512"}
	return all[:slices.Index(all, dense.CPU())+1]
}

func useKernels(t *testing.T, cpu string) {
	old32, old64 := kernels32, kernels64
	t.Cleanup(func() { kernels32, kernels64 = old32, old64 })
	kernels32, kernels64 = kernelsFor(cpu)
}

// Every kind of string on states that are smaller than a vector and larger, against its definition in complex
// numbers, with each set of kernels that this machine has.
func TestPauli(t *testing.T) {
	for _, cpu := range kernelSets() {
		t.Run(cpu, func(t *testing.T) {
			useKernels(t, cpu)
			testPauli[float32](t, 1e-5)
			testPauli[float64](t, 1e-13)
		})
	}
}

func testPauli[T dense.Float](t *testing.T, tol float64) {
	rng := rand.New(rand.NewPCG(5, 8))
	var k Scratch[T]
	for n := 1; n <= 6; n++ {
		for range 60 {
			p := Pauli{Flip: rng.IntN(1 << n), Sign: rng.IntN(1 << n)}
			psi, to, want := make([]T, 2<<n), make([]T, 2<<n), make([]complex128, 1<<n)
			for i := range psi {
				psi[i], to[i] = T(rng.NormFloat64()), T(rng.NormFloat64())
			}
			amplitude := func(x []T, j int) complex128 { return complex(float64(x[2*j]), float64(x[2*j+1])) }
			sum := complex128(0)
			for j := range 1 << n {
				image := cmplx.Pow(1i, complex(float64(bits.OnesCount(uint(p.Flip&p.Sign))), 0)) * amplitude(psi, j)
				if bits.OnesCount(uint(p.Sign&j))&1 == 1 {
					image = -image
				}
				sum += cmplx.Conj(amplitude(psi, j^p.Flip)) * image
				want[j^p.Flip] = amplitude(to, j^p.Flip) - 0.75*image
			}
			if got := k.Expectation(p, psi); math.Abs(got-real(sum)) > 64*tol || math.Abs(imag(sum)) > 1e-5 {
				t.Fatalf("%T, %d qubits, %+v: got %v, want %v", psi, n, p, got, sum)
			}
			k.Add(p, -0.75, psi, to)
			for j, w := range want {
				if cmplx.Abs(amplitude(to, j)-w) > 8*tol {
					t.Fatalf("%T, %d qubits, %+v: amplitude %d is %v, want %v", psi, n, p, j, amplitude(to, j), w)
				}
			}
		}
	}
}
