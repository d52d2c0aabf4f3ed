package statevec_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// TestNoisyOverlap compares with dense matrices, gate by gate, and the gradients with central differences.
func TestNoisyOverlap(t *testing.T) {
	const n, images, tokens = 2, 2, 3
	rng := rand.New(rand.NewPCG(2, 5))
	build := func(shift float64) *circuit.Circuit {
		return circuit.Preparation(n).Compose(circuit.New(n).RY(0, circuit.Theta(0).Times(1+shift)).CX(0, 1).
			RZ(1, circuit.Theta(1)).RX(0, circuit.Theta(0)).CZ(1, 0))
	}
	for name, text := range map[string]string{"none": "", "noise": "depolarizing=0.05,amplitude-damping=0.1," +
		"over-rotation-x=0.2,readout=0.02:0.07"} {
		noise, err := circuit.ParseNoise(text)
		must(t, err)
		first, err := noise.Apply(build(0))
		must(t, err)
		second, err := noise.Apply(build(0.5))
		must(t, err)
		o, err := statevec.NewNoisyOverlap[float64](images, tokens, first, second, nil, 1)
		must(t, err)
		rows := images * tokens
		a := statevec.Inputs[float64]{Rows: rows, Theta: normals(rng, 2), Data: normals(rng, 3*rows)}
		b := statevec.Inputs[float64]{Rows: rows, Theta: normals(rng, 2), Data: normals(rng, 3*rows)}
		out, dout := make([]float64, rows*tokens), normals(rng, rows*tokens)
		must(t, o.Apply(a, b, out))
		for i := range out {
			row, column := i/tokens, i/tokens/tokens*tokens+i%tokens
			want := denseOverlap(first, second, a.Theta, part(a.Data, row, 3), b.Theta, part(b.Data, column, 3))
			if math.Abs(out[i]-want) > 1e-12 {
				t.Errorf("%s: overlap %d is %v, want %v", name, i, out[i], want)
			}
		}
		ga := statevec.Gradients[float64]{Theta: make([]float64, 2), Data: make([]float64, 3*rows)}
		gb := statevec.Gradients[float64]{Theta: make([]float64, 2), Data: make([]float64, 3*rows)}
		must(t, o.Adjoint(a, b, dout, ga, gb))
		for k, c := range [][2][]float64{{a.Theta, ga.Theta}, {a.Data, ga.Data}, {b.Theta, gb.Theta},
			{b.Data, gb.Data}} {
			for i := range c[0] {
				const h = 1e-5
				value := func(by float64) (sum float64) {
					c[0][i] += by
					must(t, o.Apply(a, b, out))
					c[0][i] -= by
					for j, v := range out {
						sum += v * dout[j]
					}
					return sum
				}
				if want := (value(h) - value(-h)) / (2 * h); math.Abs(c[1][i]-want) > 1e-6 {
					t.Errorf("%s: gradient %d of inputs %d is %v, want %v", name, i, k, c[1][i], want)
				}
			}
		}
	}
}

// denseOverlap runs the first circuit, then the inverse of the second with the channels behind each of its
// gates, and returns how often all qubits are read as 0.
func denseOverlap(first, second *circuit.Noisy, theta, data, theta2, data2 []float64) float64 {
	n := first.Qubits()
	psi := make([]complex128, 1<<n)
	psi[0] = 1
	rho := runDense(first, theta, data, psi)
	steps := second.Steps()
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].Channel.Qubits() > 0 {
			continue
		}
		g := steps[i].Operation
		rho = rho.disturb([]circuit.Matrix{g.Matrix(theta2, data2).Dagger()}, g.AllQubits(), n)
		for j := i + 1; j < len(steps) && steps[j].Channel.Qubits() > 0; j++ {
			rho = rho.disturb(steps[j].Channel.Kraus(), steps[j].Qubits, n)
		}
	}
	zero := 0.0
	for i := range rho {
		p := real(rho[i][i])
		for q, r := range first.Readout() {
			if i>>(n-1-q)&1 == 1 {
				p *= r.P01
			} else {
				p *= 1 - r.P10
			}
		}
		zero += p * 1
		if len(first.Readout()) == 0 && i > 0 {
			zero -= p
		}
	}
	return zero
}
