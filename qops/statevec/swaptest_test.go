package statevec_test

import (
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// swapTestOf is a test of random images and circuits.
func swapTestOf(t *testing.T, tokens, width int, noise string) (s statevec.SwapTest, x, theta,
	want []float64) {
	t.Helper()
	n := 0
	for 1<<n < width {
		n++
	}
	rng := rand.New(rand.NewPCG(4, uint64(tokens)))
	model, err := circuit.ParseNoise(noise)
	must(t, err)
	s = statevec.SwapTest{Tokens: tokens, Width: width, Query: ring(n, 1, false), Key: ring(n, 1, true),
		Noise: model, Threads: runtime.GOMAXPROCS(0)}
	x, theta = normals(rng, tokens*width), normals(rng, s.Query.NumTheta()+s.Key.NumTheta())
	norm := 0.0
	for _, v := range x {
		norm += v * v
	}
	for i := range tokens {
		for j := range tokens {
			row := func(i int, c *circuit.Circuit, theta []float64) []complex128 {
				psi := make([]complex128, 1<<n)
				for k, v := range part(x, i, width) {
					psi[k] = complex(v/math.Sqrt(norm), 0)
				}
				out, err := statevec.PlainApply(c, theta, nil, psi)
				must(t, err)
				return out
			}
			sum := complex128(0)
			b := row(j, s.Key, theta[s.Query.NumTheta():])
			for k, a := range row(i, s.Query, theta[:s.Query.NumTheta()]) {
				sum += complex(real(a), -imag(a)) * b[k]
			}
			want = append(want, real(sum)*real(sum)+imag(sum)*imag(sum))
		}
	}
	return s, x, theta, want
}

// TestNoisySwapTest: without noise the coefficients of the definition; with noise trajectories and shots
// agree with density matrices. In full it takes 13 and 17 qubits too, and with HQVIT_TEST_DENSITY13=1 the
// density matrix of 13, which takes minutes.
func TestNoisySwapTest(t *testing.T) {
	const noise = "depolarizing=0.003,amplitude-damping=0.001,readout=0.01:0.02"
	for _, size := range []struct{ tokens, width, runs int }{{4, 4, 400}, {3, 4, 300}, {8, 8, 60}, {16, 16, 8}} {
		if testing.Short() && size.tokens > 4 {
			continue
		}
		exact, x, theta, want := swapTestOf(t, size.tokens, size.width, "")
		exact.Trajectories = 2
		got, stderr, err := exact.Run(x, theta)
		must(t, err)
		for i, v := range got {
			if math.Abs(v-want[i]) > 1e-9 || stderr[i] > 1e-9 {
				t.Errorf("%d tokens, without noise: coefficient %d is %v ± %v, want %v", size.tokens, i, v,
					stderr[i], want[i])
			}
		}
		noisy, _, _, _ := swapTestOf(t, size.tokens, size.width, noise)
		noisy.Trajectories = size.runs
		got, stderr, err = noisy.Run(x, theta)
		must(t, err)
		noisy.Shots = 20 * size.runs
		sampled, spread, err := noisy.Run(x, theta)
		must(t, err)
		// noise shrinks what there is
		if size.tokens == 16 || size.tokens == 8 && os.Getenv("HQVIT_TEST_DENSITY13") == "" {
			sum, ideal := 0.0, 0.0
			for i, v := range got {
				sum, ideal = sum+v, ideal+want[i]
			}
			if !(sum > 0.3*ideal && sum < ideal) {
				t.Errorf("the coefficients add up to %v, without noise to %v", sum, ideal)
			}
			continue
		}
		noisy.Trajectories, noisy.Shots = 0, 0
		want, _, err = noisy.Run(x, theta)
		must(t, err)
		for what, r := range map[string][2][]float64{"values": {got, stderr}, "shots": {sampled, spread}} {
			rms, largest := scores(r[0], want, r[1])
			if largest > 4.5 || rms > 2 {
				t.Errorf("%d tokens: %s %v, want %v, standard errors %v", size.tokens, what, r[0], want, r[1])
			}
			t.Logf("%d tokens, %s: differences of %.2f standard errors, at most %.1f", size.tokens, what, rms,
				largest)
		}
	}
}
