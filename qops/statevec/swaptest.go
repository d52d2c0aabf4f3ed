package statevec

import (
	"math"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
)

// SwapTest runs the literal circuit of swap attention, circuit.SwapTest, with noise: on density matrices, or
// by trajectories. The image is prepared without noise; gates on more than two qubits are taken apart.
type SwapTest struct {
	Tokens, Width int
	Query, Key    *circuit.Circuit // on ⌈log2 Width⌉ qubits
	Noise         circuit.Noise
	Trajectories  int    // 0: a density matrix, exactly, of up to 13 qubits
	Shots         int    // of the image; 0: exact values
	Seed          uint64 // what is drawn follows from it
	Threads       int
}

// Run returns the attention coefficients of an image x, P(0,i,j) − P(1,i,j) of the ancilla and the two
// indices, and their standard errors, 0 for those that are exact. Without noise they are |⟨x_i|U_q†U_k|x_j⟩|²
// of the image at unit norm.
//
//	x      Tokens·Width, row after row
//	theta  the angles of Query, then those of Key, radians
//	out    Tokens·Tokens
//
// It returns the errors of circuit.SwapTest, of Noise.Apply, and of CompileDensity or CompileTrajectories.
func (s SwapTest) Run(x, theta []float64) (coefficients, stderr []float64, err error) {
	noisy, index, err := s.circuit(x)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "statevec: SwapTest")
	}
	size, n := s.Tokens*s.Tokens, noisy.Qubits()
	read, err := NewExpectations[float64](n, s.observables(n, index), s.Threads)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "statevec: SwapTest")
	}
	in := Inputs[float64]{Rows: 1, Theta: theta, Start: func(_ int, psi []float64) { s.start(x, n, psi) }}
	coefficients, stderr = make([]float64, size), make([]float64, size)
	way := noisyWay{s.Trajectories, Shots{s.Shots, []uint64{s.Seed}}, s.Threads}
	return coefficients, stderr, way.run(noisy, read, in, coefficients, stderr)
}

// circuit returns the noisy circuit behind the preparation of the image, and how many qubits an index has.
func (s SwapTest) circuit(x []float64) (noisy *circuit.Noisy, index int, err error) {
	c := circuit.SwapTest(nil, s.Tokens, s.Width, s.Query, s.Key)
	if err := c.Err(); err != nil {
		return nil, 0, err
	}
	norm := squaredNorm(x)
	if len(x) != s.Tokens*s.Width || !(norm > 0) || math.IsInf(norm, 1) {
		return nil, 0, errors.Errorf("want an image of %d·%d values and a finite norm above 0, got %d "+
			"values and norm %v", s.Tokens, s.Width, len(x), math.Sqrt(norm))
	}
	if s.Shots < 0 || s.Trajectories < 0 {
		return nil, 0, errors.Errorf("want 0 or more Shots and Trajectories, got %d and %d", s.Shots,
			s.Trajectories)
	}
	small := func(g circuit.Operation) bool { return len(g.AllQubits()) <= 2 }
	if c, err = c.Decompose(circuit.IntoParts(small)); err != nil {
		return nil, 0, err
	}
	noisy, err = s.Noise.Apply(c)
	return noisy, (c.Qubits()-1)/2 - s.Query.Qubits(), err
}

// observables returns Z of the ancilla where the indices are i and j: for each pair a sum over the strings of
// I and Z on the indices.
func (s SwapTest) observables(n, index int) (out []Observable) {
	half := (n - 1) / 2
	letters := func(mask int) string { // on the qubits of an index, and I on those of its data
		text := make([]byte, index)
		for b := range text {
			text[b] = "IZ"[mask>>(index-1-b)&1]
		}
		return string(text) + strings.Repeat("I", half-index)
	}
	for i := range s.Tokens {
		for j := range s.Tokens {
			var o Observable
			for a := range 1 << index {
				for b := range 1 << index {
					w := signed(math.Ldexp(1, -2*index), a&i)
					o = append(o, Term{signed(w, b&j), "Z" + letters(a) + letters(b)})
				}
			}
			out = append(out, o)
		}
	}
	return out
}

// start writes |0⟩|x⟩|x⟩ to a state of n qubits.
func (s SwapTest) start(x []float64, n int, psi []float64) {
	norm, half := squaredNorm(x), (n-1)/2
	data := s.Query.Qubits()
	place := func(i int) int { return i/s.Width<<data | i%s.Width }
	for i, a := range x {
		for j, b := range x {
			psi[2*(place(i)<<half|place(j))] = a * b / norm
		}
	}
}
