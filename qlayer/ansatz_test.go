package qlayer_test

import (
	"fmt"
	"math/bits"
	"math/cmplx"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
)

// TestAnsatz writes the circuits out: gate, qubits, angle.
func TestAnsatz(t *testing.T) {
	for _, c := range []struct {
		name   string
		ansatz qlayer.Ansatz
		qubits int
		want   string
	}{
		{"RealAmplitudes", qlayer.RealAmplitudes(2), 3,
			"ry 0 θ0; ry 1 θ1; ry 2 θ2; cx 0 1; cx 1 2; cx 2 0; " +
				"ry 0 θ3; ry 1 θ4; ry 2 θ5; cx 0 1; cx 1 2; cx 2 0"},
		{"RealAmplitudes of one", qlayer.RealAmplitudes(2), 1, "ry 0 θ0; ry 0 θ1"},
		{"Entangling", qlayer.Entangling(1), 2, "ry 0 θ0; rz 0 θ1; ry 1 θ2; rz 1 θ3; cx 0 1; cx 1 0"},
		{"Product", qlayer.Product(2), 2, "ry 0 θ0; ry 1 θ1; ry 0 θ2; ry 1 θ3"},
		{"StronglyEntangling", qlayer.StronglyEntangling(2), 3,
			"u 0 θ0 θ1 θ2; u 1 θ3 θ4 θ5; u 2 θ6 θ7 θ8; cx 0 1; cx 1 2; cx 2 0; " +
				"u 0 θ9 θ10 θ11; u 1 θ12 θ13 θ14; u 2 θ15 θ16 θ17; cx 0 2; cx 1 0; cx 2 1"},
		{"HardwareEfficient", qlayer.HardwareEfficient(1), 3,
			"ry 0 θ0; rz 0 θ1; ry 1 θ2; rz 1 θ3; ry 2 θ4; rz 2 θ5; cz 0 1; cz 1 2; " +
				"ry 0 θ6; rz 0 θ7; ry 1 θ8; rz 1 θ9; ry 2 θ10; rz 2 θ11"},
		{"Brick", qlayer.Brick(1), 4,
			"ry 0 θ0; ry 1 θ1; cx 0 1; ry 2 θ2; ry 3 θ3; cx 2 3; ry 1 θ4; ry 2 θ5; cx 1 2"},
		{"TreeTensor", qlayer.TreeTensor(), 3, "ry 0 θ0; ry 1 θ1; cx 0 1; ry 1 θ2; ry 2 θ3; cx 1 2; ry 2 θ4"},
		{"MERA", qlayer.MERA(), 3,
			"ry 1 θ0; ry 2 θ1; cx 1 2; ry 0 θ2; ry 1 θ3; cx 0 1; ry 1 θ4; ry 2 θ5; cx 1 2; ry 2 θ6"},
		{"Reuploading", qlayer.Reuploading(1), 2,
			"ry 0 θ0; rz 0 θ1; ry 1 θ2; rz 1 θ3; cx 0 1; cx 1 0; rx 0 x0; rx 1 x1; " +
				"ry 0 θ4; rz 0 θ5; ry 1 θ6; rz 1 θ7"},
		{"Mirrored", qlayer.Mirrored(2, rxThenRZZ), 2,
			"rx 0 θ0; rzz 0 1 θ2; rzz 0 1 -θ3; rx 0 -θ1; rx 0 θ4; rzz 0 1 θ6; rzz 0 1 -θ7; rx 0 -θ5"},
		{"Pyramid", qlayer.Pyramid(), 4,
			"rbs 0 1 θ0; rbs 1 2 θ1; rbs 0 1 θ2; rbs 2 3 θ3; rbs 1 2 θ4; rbs 0 1 θ5"},
		{"Butterfly", qlayer.Butterfly(), 4, "rbs 0 2 θ0; rbs 1 3 θ1; rbs 0 1 θ2; rbs 2 3 θ3"},
		{"Butterfly of three", qlayer.Butterfly(), 3, "rbs 0 2 θ0; rbs 0 1 θ1"},
	} {
		if got := written(c.ansatz(c.qubits)); got != c.want {
			t.Errorf("%s on %d qubits:\n got %s\nwant %s", c.name, c.qubits, got, c.want)
		}
	}
}

func rxThenRZZ(n int) *circuit.Circuit {
	return circuit.New(n).RX(0, circuit.Theta(0)).RZZ(0, 1, circuit.Theta(1))
}

func written(c *circuit.Circuit) string {
	var gates []string
	for _, g := range c.Operations() {
		words := []string{g.Name()}
		for _, q := range g.AllQubits() {
			words = append(words, fmt.Sprint(q))
		}
		for _, a := range g.Angles {
			words = append(words, a.String())
		}
		gates = append(gates, strings.Join(words, " "))
	}
	return strings.Join(gates, "; ")
}

// ansatze are all of the package with what their doc comments promise of n qubits.
func ansatze(layers, n int) []promise {
	levels := bits.Len(uint(n - 1))
	mera, butterfly := 1, 0
	for m := n; m > 1; m = (m + 1) / 2 {
		mera += 2 * (m - 1)
	}
	for level := range levels {
		butterfly += across(n, 1<<level)
	}
	return []promise{
		{"RealAmplitudes", qlayer.RealAmplitudes(layers), layers * n, layers * (n + 1), true, true},
		{"Entangling", qlayer.Entangling(layers), 2 * layers * n, layers * (n + 2), false, true},
		{"Product", qlayer.Product(layers), layers * n, layers, true, false},
		{"StronglyEntangling", qlayer.StronglyEntangling(layers), 3 * layers * n, layers * (n + 1), false,
			true},
		{"HardwareEfficient", qlayer.HardwareEfficient(layers), 2 * n * (layers + 1), 4*layers + 2, false,
			true},
		{"Brick", qlayer.Brick(layers), 2 * layers * (n - 1), 4 * layers, true, true},
		{"Reuploading", qlayer.Reuploading(layers), 2 * n * (layers + 1), layers*(n+3) + 2, false, true},
		{"Mirrored", qlayer.Mirrored(layers, qlayer.RealAmplitudes(2)), 4 * layers * n, 4 * layers * (n + 1),
			true, true},
		{"TreeTensor", qlayer.TreeTensor(), 2*n - 1, 2*levels + 1, true, true},
		{"MERA", qlayer.MERA(), mera, 4*levels + 1, true, true},
		{"Pyramid", qlayer.Pyramid(), n * (n - 1) / 2, max(0, 2*n-3), true, true},
		{"Butterfly", qlayer.Butterfly(), butterfly, levels, true, true},
	}
}

type promise struct {
	name             string
	ansatz           qlayer.Ansatz
	angles, depth    int
	real, entangling bool
}

// across counts the pairs of numbers below n that differ in the bit alone.
func across(n, bit int) (pairs int) {
	for q := range n {
		if q&bit == 0 && q+bit < n {
			pairs++
		}
	}
	return pairs
}

// TestAnsatzPromises holds the counts, depths and properties of the doc comments.
func TestAnsatzPromises(t *testing.T) {
	for n := 1; n <= 8; n++ {
		for layers := 1; layers <= 3; layers++ {
			for _, p := range ansatze(layers, n) {
				built := p.ansatz(n)
				r := built.Resources()
				if built.Err() != nil || r.Theta != p.angles || r.Depth > p.depth || built.Real() != p.real {
					t.Errorf("%s(%d) on %d qubits: %v, real %v, error %v",
						p.name, layers, n, r, built.Real(), built.Err())
				}
			}
		}
	}
}

// TestScoresEntangleFromTwoLayersOn: in W = U_q†U_k of one ansatz a last ring of fixed gates cancels, so that
// one layer is as good as Product.
func TestScoresEntangleFromTwoLayersOn(t *testing.T) {
	const n = 3
	for name, ansatz := range map[string]func(layers int) qlayer.Ansatz{
		"RealAmplitudes": qlayer.RealAmplitudes, "Entangling": qlayer.Entangling,
		"StronglyEntangling": qlayer.StronglyEntangling, "Product": qlayer.Product,
	} {
		for layers := 1; layers <= 3; layers++ {
			q := ansatz(layers)(n)
			k := q.OffsetParams(q.NumTheta(), 0)
			want := layers > 1 && name != "Product"
			if got := entangles(matrix(t, k.Compose(q.Adjoint())), n, 0); got != want {
				t.Errorf("W of %s(%d) entangles: %v, want %v", name, layers, got, want)
			}
		}
	}
}

// TestEntangling: all but Product tie every qubit to the others.
func TestEntangling(t *testing.T) {
	for n := 2; n <= 4; n++ {
		for _, p := range ansatze(1, n) {
			m := matrix(t, p.ansatz(n))
			for q := range n {
				if got := entangles(m, n, q); got != p.entangling {
					t.Errorf("%s on %d qubits entangles qubit %d: %v, want %v",
						p.name, n, q, got, p.entangling)
				}
			}
		}
	}
}

// matrix returns the circuit's unitary at random angles.
func matrix(t *testing.T, c *circuit.Circuit) circuit.Matrix {
	t.Helper()
	m, err := c.Matrix(normals(c.NumTheta()), normals(c.NumData()))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func normals(count int) []float64 {
	r, out := rand.New(rand.NewPCG(1, 2)), make([]float64, count)
	for i := range out {
		out[i] = r.NormFloat64()
	}
	return out
}

// entangles tells whether m is no product of a gate on qubit q and one on the others: whether the entries,
// with q's row and column in one index and those of the others in a second, have a rank above one.
func entangles(m circuit.Matrix, n, q int) bool {
	d, bit := 1<<n, 1<<(n-1-q)
	own := func(i int) int { return i & bit }
	entry := func(qr, qc, r, c int) complex128 { return m[(own(qr)|r&^bit)*d+own(qc)|c&^bit] }
	var pivot int
	for i := range m {
		if cmplx.Abs(m[i]) > cmplx.Abs(m[pivot]) {
			pivot = i
		}
	}
	pr, pc := pivot/d, pivot%d
	for r := range d {
		for c := range d {
			minor := entry(r, c, r, c)*entry(pr, pc, pr, pc) - entry(r, c, pr, pc)*entry(pr, pc, r, c)
			if cmplx.Abs(minor) > 1e-9 {
				return true
			}
		}
	}
	return false
}

// TestRBSKeepsTheNumberOfOnes: no entry of the matrix leads from one number to another.
func TestRBSKeepsTheNumberOfOnes(t *testing.T) {
	for _, ansatz := range []qlayer.Ansatz{qlayer.Pyramid(), qlayer.Butterfly()} {
		m := matrix(t, ansatz(5))
		for i, v := range m {
			if row, column := i/m.Dim(), i%m.Dim(); v != 0 &&
				bits.OnesCount(uint(row)) != bits.OnesCount(uint(column)) {
				t.Fatalf("|%05b⟩ leads to |%05b⟩ with %v", column, row, v)
			}
		}
	}
}
