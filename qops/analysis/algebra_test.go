package analysis_test

import (
	"context"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/analysis"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// letters returns a string of n letters with some of them at places, I elsewhere.
func letters(n int, at map[int]byte) string {
	text := []byte(strings.Repeat("I", n))
	for q, l := range at {
		text[q] = l
	}
	return string(text)
}

// bonds returns the strings ab on neighbours of a line or a ring, and l on each qubit if that is a letter.
func bonds(n int, ring bool, ab string, l byte) (pairs, fields statevec.Observable) {
	for q := range n {
		if q+1 < n || ring && n > 2 {
			pairs = append(pairs, statevec.Term{Coefficient: 1,
				Pauli: letters(n, map[int]byte{q: ab[0], (q + 1) % n: ab[1]})})
		}
		if l != 0 {
			fields = append(fields, statevec.Term{Coefficient: 1, Pauli: letters(n, map[int]byte{q: l})})
		}
	}
	return pairs, fields
}

func free(sums ...statevec.Observable) (out []statevec.Observable) {
	for _, s := range sums {
		for _, t := range s {
			out = append(out, statevec.Observable{t})
		}
	}
	return out
}

func join(sums ...statevec.Observable) (out statevec.Observable) {
	for _, s := range sums {
		out = append(out, s...)
	}
	return out
}

// Dimensions of known algebras, for n = 2, 3, 4 and so on; those of sums were computed with dense matrices.
func TestLieAlgebra(t *testing.T) {
	for name, test := range map[string]struct {
		generators func(n int) []statevec.Observable
		from       int
		want       []int
	}{
		"transverse Ising, each term, line": {func(n int) []statevec.Observable {
			zz, x := bonds(n, false, "ZZ", 'X')
			return free(zz, x)
		}, 2, []int{6, 15, 28, 45}},
		"transverse Ising, each term, ring": {func(n int) []statevec.Observable {
			zz, x := bonds(n, true, "ZZ", 'X')
			return free(zz, x)
		}, 3, []int{30, 56, 90}},
		"transverse Ising, two sums, line": {func(n int) []statevec.Observable {
			zz, x := bonds(n, false, "ZZ", 'X')
			return []statevec.Observable{zz, x}
		}, 2, []int{4, 9, 16, 25}},
		"transverse Ising, two sums, ring": {func(n int) []statevec.Observable {
			zz, x := bonds(n, true, "ZZ", 'X')
			return []statevec.Observable{zz, x}
		}, 3, []int{8, 11, 14}},
		"XXZ, two sums, line": {func(n int) []statevec.Observable {
			xx, _ := bonds(n, false, "XX", 0)
			yy, _ := bonds(n, false, "YY", 0)
			zz, _ := bonds(n, false, "ZZ", 0)
			return []statevec.Observable{join(xx, yy), zz}
		}, 2, []int{2, 4, 19, 62}},
		"longitudinal Ising, sums, line": {func(n int) []statevec.Observable {
			zz, x := bonds(n, false, "ZZ", 'X')
			_, z := bonds(n, false, "ZZ", 'Z')
			return []statevec.Observable{zz, x, z}
		}, 2, []int{9, 38, 135}},
		"Heisenberg, each term": {func(n int) []statevec.Observable {
			xx, _ := bonds(n, false, "XX", 0)
			yy, _ := bonds(n, false, "YY", 0)
			zz, _ := bonds(n, false, "ZZ", 0)
			return free(xx, yy, zz)
		}, 3, []int{15, 60, 255}},
		"all of SU(2ⁿ)": {func(n int) []statevec.Observable {
			zz, x := bonds(n, false, "ZZ", 'X')
			_, z := bonds(n, false, "ZZ", 'Z')
			return free(zz, x, z)
		}, 2, []int{15, 63, 255}},
	} {
		for i, want := range test.want {
			n := test.from + i
			got, err := analysis.LieAlgebra(context.Background(), n, test.generators(n), 0)
			must(t, err)
			if got != want {
				t.Errorf("%s, %d qubits: dimension %d, want %d", name, n, got, want)
			}
		}
	}
	zz, x := bonds(3, false, "ZZ", 'X')
	if _, err := analysis.LieAlgebra(context.Background(), 3, free(zz, x), 14); err == nil ||
		!strings.Contains(err.Error(), "above the limit of 14") {
		t.Errorf("a dimension of 15 with a limit of 14: %v", err)
	}
}

// RBS gates on a line turn rotations of n axes into each other: so(n), with n(n−1)/2 dimensions, though each
// is no single string. Gates with fixed CX between them have generators that these turn.
func TestGenerators(t *testing.T) {
	for n := 2; n <= 5; n++ {
		c := circuit.New(n)
		for q := range n - 1 {
			c.RBS(q, q+1, circuit.Theta(q))
		}
		g, err := analysis.Generators(c, false)
		must(t, err)
		got, err := analysis.LieAlgebra(context.Background(), n, g, 0)
		must(t, err)
		if want := n * (n - 1) / 2; got != want {
			t.Errorf("RBS on %d qubits: dimension %d, want %d", n, got, want)
		}
	}
	c := circuit.New(2).RX(0, circuit.Theta(0)).CX(0, 1).RZ(1, circuit.Theta(1).Times(2)).RX(0, circuit.Theta(0))
	g, err := analysis.Generators(c, false)
	must(t, err)
	// CX† Z₁ CX = Z₀Z₁, CX† X₀ CX = X₀X₁; the generator of a rotation is half the string.
	for i, want := range []statevec.Term{
		{Coefficient: 0.5, Pauli: "XI"}, {Coefficient: 1, Pauli: "ZZ"}, {Coefficient: 0.5, Pauli: "XX"},
	} {
		if len(g[i]) != 1 || g[i][0].Pauli != want.Pauli || math.Abs(g[i][0].Coefficient-want.Coefficient) > 1e-12 {
			t.Errorf("generator %d is %v, want %v", i, g[i], want)
		}
	}
	shared, err := analysis.Generators(c, true)
	must(t, err)
	if len(shared) != 2 || len(shared[0]) != 2 {
		t.Errorf("shared angles: %v, want two generators, the first of two strings", shared)
	}
}

// The spectrum of the quantum Fisher information is that of four times the Fubini-Study metric, and its rank
// is the number of directions in which states can move: 2·2ⁿ − 2 at most.
func TestFisher(t *testing.T) {
	c := published(6, 2)
	f, err := analysis.QuantumFisher(context.Background(), c, analysis.Sampling{Samples: 3, Seed: 2})
	must(t, err)
	if f.Angles != 56 || f.Rank != 30 {
		t.Errorf("%d angles, rank %d, want 56 and 30", f.Angles, f.Rank)
	}
	// RY on each qubit of |0⟩: variance of Y/2 is 1/4, so that F is the identity, and all outcomes tell as much.
	product := circuit.New(3)
	for q := range 3 {
		product.RY(q, circuit.Theta(q))
	}
	for name, of := range map[string]func(context.Context, *circuit.Circuit,
		analysis.Sampling) (analysis.Fisher, error){
		"quantum": analysis.QuantumFisher, "classical": analysis.ClassicalFisher,
	} {
		f, err := of(context.Background(), product, analysis.Sampling{Samples: 4, Seed: 1})
		must(t, err)
		for _, v := range f.Spectrum {
			if math.Abs(v-1) > 1e-9 {
				t.Errorf("%s: eigenvalues %v, want 1", name, f.Spectrum)
			}
		}
		d, err := f.EffectiveDimension(1000)
		must(t, err)
		kappa := 1000 / (2 * math.Pi * math.Log(1000))
		if want := 3 * math.Log1p(kappa) / math.Log(kappa); math.Abs(d-want) > 1e-9 {
			t.Errorf("%s: effective dimension %v, want %v", name, d, want)
		}
	}
	// A phase behind which nobody looks moves no outcome, though it moves the state.
	phase := circuit.New(1).H(0).RZ(0, circuit.Theta(0)).RY(0, circuit.Theta(1).Times(0.5))
	classical, err := analysis.ClassicalFisher(context.Background(), circuit.New(1).H(0).RZ(0, circuit.Theta(0)),
		analysis.Sampling{Samples: 2})
	must(t, err)
	if classical.Trace > 1e-20 {
		t.Errorf("outcomes tell a phase: %v", classical)
	}
	// The outcomes never tell more than the state.
	q, err := analysis.QuantumFisher(context.Background(), phase, analysis.Sampling{Samples: 50, Seed: 7})
	must(t, err)
	less, err := analysis.ClassicalFisher(context.Background(), phase, analysis.Sampling{Samples: 50, Seed: 7})
	must(t, err)
	if !(less.Trace > 0.05) || less.Trace > q.Trace+1e-9 {
		t.Errorf("traces %v and %v", less.Trace, q.Trace)
	}
}

func TestUnitary(t *testing.T) {
	// CX: eigenvalues 1, 1, 1, −1; on products of random states Q has the mean (2/3)²·... computed below.
	cx, err := circuit.New(2).CX(0, 1).Matrix(nil, nil)
	must(t, err)
	u, err := analysis.Unitary(cx)
	must(t, err)
	for i, want := range []float64{0, 0, 0, math.Pi} {
		if math.Abs(u.Phases[i]-want) > 1e-7 {
			t.Errorf("phases %v, want 0, 0, 0, π", u.Phases)
		}
	}
	// |Tr|² = 4 of 16. Its linear entropy on products is 2/9 in the mean (Zanardi et al.), and Q is twice that.
	if math.Abs(u.Identity-0.75) > 1e-9 || math.Abs(u.Entangling-4.0/9) > 1e-9 || !u.Real {
		t.Errorf("got %+v, want 0.75 from the identity and 4/9", u)
	}
	product, err := circuit.New(2).RY(0, circuit.Const(1)).RZ(1, circuit.Const(2)).Matrix(nil, nil)
	must(t, err)
	u, err = analysis.Unitary(product)
	must(t, err)
	if math.Abs(u.Entangling) > 1e-9 {
		t.Errorf("a product has entangling power %v", u.Entangling)
	}
	// Phases of a diagonal matrix in another basis, unsymmetric ones.
	want := []float64{-2.5, -1, 0.25, 3}
	d := make([]complex128, 4)
	for i, p := range want {
		d[i] = cmplx.Rect(1, p)
	}
	turned := circuit.New(2).U(0, circuit.Const(1), circuit.Const(0.3), circuit.Const(2)).CX(0, 1).RY(1,
		circuit.Const(0.4))
	m, err := turned.Adjoint().Diagonal(d, 0, 1).Compose(turned).Matrix(nil, nil)
	must(t, err)
	u, err = analysis.Unitary(m)
	must(t, err)
	for i, p := range want {
		if math.Abs(u.Phases[i]-p) > 1e-7 {
			t.Errorf("phases %v, want %v", u.Phases, want)
		}
	}
	if _, err := analysis.Unitary(circuit.Identity(2).Scaled(2)); err == nil {
		t.Error("twice the identity is taken")
	}
}

// The gaps of random unitary matrices repel each other, those of independent phases do not.
func TestSpacing(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	c := circuit.New(6)
	for range 30 {
		for q := range 6 {
			c.U(q, circuit.Const(6*rng.Float64()), circuit.Const(6*rng.Float64()), circuit.Const(6*rng.Float64()))
		}
		for q := range 5 {
			c.CX(q, q+1)
		}
	}
	m, err := c.Matrix(nil, nil)
	must(t, err)
	u, err := analysis.Unitary(m)
	must(t, err)
	if math.Abs(u.Spacing-0.6) > 0.08 || math.Abs(u.Entangling-u.EntanglingHaar) > 0.03 {
		t.Errorf("spacing %v, entangling power %v of %v", u.Spacing, u.Entangling, u.EntanglingHaar)
	}
	d := make([]complex128, 64)
	for i := range d {
		d[i] = cmplx.Rect(1, 2*math.Pi*rng.Float64())
	}
	m, err = circuit.New(6).Diagonal(d, 0, 1, 2, 3, 4, 5).Matrix(nil, nil)
	must(t, err)
	u, err = analysis.Unitary(m)
	must(t, err)
	if math.Abs(u.Spacing-0.39) > 0.08 {
		t.Errorf("independent phases have spacing %v, want about 0.39", u.Spacing)
	}
}
