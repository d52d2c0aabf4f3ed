package circuit_test

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
)

// run returns the state that the circuit makes of |0…0⟩, gate by gate from the dense matrices.
func run(t *testing.T, c *circuit.Circuit, theta []float64) []complex128 {
	t.Helper()
	if err := c.Err(); err != nil {
		t.Fatal(err)
	}
	state := make([]complex128, 1<<c.Qubits())
	state[0] = 1
	for _, g := range c.Operations() {
		state = applied(g.Matrix(theta, nil), g.AllQubits(), c.Qubits(), state)
	}
	return state
}

// applied returns the state after the matrix acted on the given qubits of n.
func applied(m circuit.Matrix, qubits []int, n int, state []complex128) []complex128 {
	mask := 0
	for _, q := range qubits {
		mask |= 1 << (n - 1 - q)
	}
	spread := make([]int, m.Dim()) // index of the gate to bits of the state
	for i := range spread {
		for j, q := range qubits {
			spread[i] |= i >> (len(qubits) - 1 - j) & 1 << (n - 1 - q)
		}
	}
	out := make([]complex128, len(state))
	for rest := range state {
		if rest&mask != 0 {
			continue
		}
		for i, to := range spread {
			for j, from := range spread {
				out[rest|to] += m[i*len(spread)+j] * state[rest|from]
			}
		}
	}
	return out
}

// amplitudes returns normal numbers; of real ones some are negative.
func amplitudes(rng *rand.Rand, n int, isReal bool) []complex128 {
	out := make([]complex128, n)
	for i := range out {
		out[i] = complex(rng.NormFloat64(), 0)
		if !isReal {
			out[i] += complex(0, rng.NormFloat64())
		}
	}
	return out
}

func TestPrepare(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	sparse, huge := make([]complex128, 32), amplitudes(rng, 8, false)
	sparse[3], sparse[17], sparse[30] = -2, 1i, 0.5-0.5i
	for i := range huge {
		huge[i] *= 1e200
	}
	cases := map[string][]complex128{"padded": amplitudes(rng, 11, false), "one": {-3i}, "sparse": sparse,
		"huge":  huge,
		"basis": {0, 0, 0, 0, 0, -1, 0, 0}, "tiny": {1e-300, 0, 1e-300i, 0}, "uneven": {1, 1e-9, 1e-12i, 0}}
	for n := 1; n <= 8; n++ {
		cases[fmt.Sprint("real ", n)] = amplitudes(rng, 1<<n, true)
		cases[fmt.Sprint("complex ", n)] = amplitudes(rng, 1<<n, false)
	}
	for name, a := range cases {
		t.Run(name, func(t *testing.T) {
			c := circuit.Prepare(a)
			got := run(t, c, nil)
			scale, norm := 0.0, 0.0
			for _, v := range a {
				scale = max(scale, cmplx.Abs(v))
			}
			for _, v := range a {
				norm += math.Pow(cmplx.Abs(v)/scale, 2)
			}
			for i, v := range got {
				want := complex128(0)
				if i < len(a) {
					want = a[i] / complex(scale, 0) / complex(math.Sqrt(norm), 0)
				}
				if d := cmplx.Abs(v - want); !(d <= 1e-12) {
					t.Fatalf("amplitude %d: got %v, want %v", i, v, want)
				}
			}
			if isReal := circuit.Matrix(a).IsReal(); isReal != c.Real() {
				t.Errorf("amplitudes real %v, circuit real %v", isReal, c.Real())
			}
		})
	}
}

// TestPrepareCounts pins the numbers of gates that the source gives, and that structure of the state saves
// gates.
func TestPrepareCounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 2))
	uniform := make([]complex128, 64)
	for i := range uniform {
		uniform[i] = 1
	}
	real, all := amplitudes(rng, 32, true), amplitudes(rng, 32, false)
	for want, a := range map[string][]complex128{
		"5 qubits, 61 gates (cx 30, ry 31), 30 on two qubits, depth 57, 0 trainable angles":          real,
		"5 qubits, 123 gates (cx 60, ry 31, rz 32), 60 on two qubits, depth 114, 0 trainable angles": all,
		"6 qubits, 6 gates (ry 6), 0 on two qubits, depth 1, 0 trainable angles":                     uniform,
	} {
		if got := circuit.Prepare(a).Resources().String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestPrepareErrors(t *testing.T) {
	for want, a := range map[string][]complex128{
		"want amplitudes that are not all zero, got 0": nil,
		"want amplitudes that are not all zero, got 3": {0, 0, 0},
		"amplitude 1 is (NaN+0i)":                      {1, complex(math.NaN(), 0)},
		"amplitude 0 is (0+Infi)":                      {complex(0, math.Inf(1)), 1},
	} {
		if err := circuit.Prepare(a).Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestSwapTest compares the probabilities of the ancilla and the two indices with ½(n_i·n_j ±
// |x_i†·U_q†U_k·x_j|²) from dense matrices.
func TestSwapTest(t *testing.T) {
	tangled := circuit.New(2).H(0).RX(1, circuit.Theta(0)).CX(1, 0).RZ(0, circuit.Theta(1)).
		CRY(0, 1, circuit.Theta(2))
	one := circuit.New(1).RY(0, circuit.Theta(0)).RZ(0, circuit.Theta(1))
	for _, tc := range []struct {
		tokens, width int
		q, k          *circuit.Circuit
		qubits        int
	}{{4, 4, tangled, layer(), 9}, {3, 3, layer(), tangled, 9}, {2, 2, one, one, 5},
		{1, 4, tangled, tangled, 5}} {
		t.Run(fmt.Sprintf("%dx%d", tc.tokens, tc.width), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(7, 3))
			x := make([]float64, tc.tokens*tc.width)
			for i := range x {
				x[i] = rng.NormFloat64()
			}
			theta := []float64{0.3, -1.2, 0.8, 2.1, 0.4, -0.9}[:tc.q.NumTheta()+tc.k.NumTheta()]
			c := circuit.SwapTest(x, tc.tokens, tc.width, tc.q, tc.k)
			if c.Qubits() != tc.qubits || c.NumTheta() != len(theta) {
				t.Fatalf("got %d qubits and %d theta", c.Qubits(), c.NumTheta())
			}
			w := matrix(t, tc.q, theta, nil).Dagger().Mul(matrix(t, tc.k, theta[tc.q.NumTheta():], nil))
			got, want := swapProbabilities(run(t, c, theta), tc.qubits/2, tc.q.Qubits()),
				attentionProbabilities(x, tc.tokens, tc.width, w)
			for key, p := range want {
				if d := math.Abs(got[key] - p); !(d <= 1e-12) {
					t.Errorf("P%v: got %v, want %v", key, got[key], p)
				}
			}
		})
	}
}

// swapProbabilities returns P(ancilla, i, j) of a state of registers of the given qubits, the last of them
// data.
func swapProbabilities(state []complex128, register, data int) map[[3]int]float64 {
	out := map[[3]int]float64{}
	index := 1<<(register-data) - 1
	for at, v := range state {
		out[[3]int{at >> (2 * register), at >> (register + data) & index,
			at >> data & index}] += real(v)*real(v) + imag(v)*imag(v)
	}
	return out
}

func attentionProbabilities(x []float64, tokens, width int, w circuit.Matrix) map[[3]int]float64 {
	product := func(i, j int, w circuit.Matrix) (sum complex128) {
		for a := range width {
			for b := range width {
				sum += complex(x[i*width+a]*x[j*width+b], 0) * w[a*w.Dim()+b]
			}
		}
		return sum
	}
	one := circuit.Matrix(w.Mul(w.Dagger()))
	norm := 0.0
	for i := range tokens {
		norm += real(product(i, i, one))
	}
	out := map[[3]int]float64{}
	for i := range tokens {
		for j := range tokens {
			shares, overlap := real(product(i, i, one)*product(j, j, one))/norm/norm,
				cmplx.Abs(product(i, j, w))/norm
			out[[3]int{0, i, j}], out[[3]int{1, i, j}] = (shares+overlap*overlap)/2,
				(shares-overlap*overlap)/2
		}
	}
	return out
}

// TestSwapTestResources is the circuit of a 32×32 image: 2·log2(1024)+1 qubits, 5 controlled swaps, and
// almost all gates in the preparation.
func TestSwapTestResources(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 4))
	x := make([]float64, 1024)
	for i := range x {
		x[i] = rng.Float64()
	}
	q := circuit.New(5)
	for i := range 5 {
		q.RY(i, circuit.Theta(i))
	}
	for want, c := range map[string]*circuit.Circuit{
		"21 qubits, 4107 gates (cswap 5, cx 2044, h 2, ry 2056)": circuit.SwapTest(x, 32, 32, q, q),
		"21 qubits, 17 gates (cswap 5, h 2, ry 10)":              circuit.SwapTest(nil, 32, 32, q, q),
	} {
		if got := c.Resources().String(); !strings.HasPrefix(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestSwapTestErrors(t *testing.T) {
	one := circuit.New(1)
	for want, c := range map[string]*circuit.Circuit{
		"want an image of tokens·width values, at least 1·2, got 2·2 and 3 values": circuit.SwapTest(
			make([]float64, 3), 2, 2, one, one),
		"got 0·2 and 0 values":                          circuit.SwapTest(nil, 0, 2, one, one),
		"want circuits q and k on 2 qubits for width 4": circuit.SwapTest(nil, 2, 4, one, circuit.New(2)),
		"want circuits q and k on 1 qubits for width 2": circuit.SwapTest(nil, 2, 2, nil, one),
		"not all zero":                           circuit.SwapTest(make([]float64, 4), 2, 2, one, one),
		"want 1 to 30 qubits, got 123":           circuit.SwapTest(nil, 1<<60, 2, one, one),
		"circuit: x: qubit 4 out of range [0,1)": circuit.SwapTest(nil, 2, 2, circuit.New(1).X(4), one),
	} {
		if err := c.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
