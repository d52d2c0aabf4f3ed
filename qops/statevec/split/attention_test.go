package split

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/pkg/errors"
)

// attention is a head of swap attention on an image, and a gradient by its coefficients.
type attention struct {
	tokens, width int
	q, k          *circuit.Circuit
	image         []float64 // of norm 1
	theta, dout   []float64
	prepare       bool // by gates, not by setting the state
}

func newAttention(tokens, width int, seed uint64) attention {
	rng := rand.New(rand.NewPCG(seed, 2))
	ansatz := qlayer.Entangling(2)(log2(width))
	a := attention{tokens: tokens, width: width, q: ansatz, k: ansatz}
	norm := 0.0
	for range tokens * width {
		v := rng.NormFloat64()
		a.image, norm = append(a.image, v), norm+v*v
	}
	scale := 1 / math.Sqrt(norm)
	for i := range a.image {
		a.image[i] *= scale
	}
	for range 2 * ansatz.NumTheta() {
		a.theta = append(a.theta, rng.Float64()*6-3)
	}
	for range tokens * tokens {
		a.dout = append(a.dout, rng.NormFloat64())
	}
	return a
}

// fused returns the coefficients |⟨x_i|U_q†U_k|x_j⟩|² and the gradient by the angles from the tokens alone,
// as the node of attention computes them: U on all tokens, and the overlaps of all pairs.
func (a attention) fused() (coefficients, gradient []float64, err error) {
	qubits, n := log2(a.width), a.q.NumTheta()
	states := make([]float64, a.tokens*2*a.width)
	for i, v := range a.image {
		states[2*i] = v
	}
	phi, psi := make([]float64, len(states)), make([]float64, len(states))
	var execs [2]*statevec.Executor[float64]
	for i, c := range []*circuit.Circuit{a.q, a.k} {
		plan, err := statevec.Compile[float64](c)
		if err != nil {
			return nil, nil, err
		}
		execs[i] = plan.NewExecutor(1)
		if err := execs[i].Apply(a.tokens, a.theta[i*n:][:n], nil, states, [][]float64{phi, psi}[i]); err != nil {
			return nil, nil, err
		}
	}
	overlap, err := statevec.NewOverlap[float64](1, a.tokens, a.tokens, qubits, 1)
	if err != nil {
		return nil, nil, err
	}
	z := make([]float64, 2*a.tokens*a.tokens)
	coefficients, gradient = make([]float64, a.tokens*a.tokens), make([]float64, len(a.theta))
	if err := overlap.Apply(phi, psi, z, coefficients); err != nil {
		return nil, nil, err
	}
	dphi, dpsi := make([]float64, len(phi)), make([]float64, len(psi))
	if err := overlap.Adjoint(phi, psi, z, a.dout, dphi, dpsi); err != nil {
		return nil, nil, err
	}
	for i, d := range [][]float64{dphi, dpsi} {
		out := [][]float64{phi, psi}[i]
		if err := execs[i].Adjoint(a.tokens, a.theta[i*n:][:n], nil, out, d, nil, gradient[i*n:][:n],
			nil); err != nil {
			return nil, nil, err
		}
	}
	return coefficients, gradient, nil
}

// attend returns the same from the literal circuit on a state over ranks: the coefficients are P(0,i,j) −
// P(1,i,j) of the ancilla and the two indices.
func attend[T statevec.Float](a attention, comm Comm) (coefficients, gradient []float64, traffic Traffic,
	err error) {
	var prepared []float64
	if a.prepare {
		prepared = a.image
	}
	c := circuit.SwapTest(prepared, a.tokens, a.width, a.q, a.k)
	plan, err := NewPlan(c, comm.Size, Options{})
	if err != nil {
		return nil, nil, Traffic{}, err
	}
	e, err := NewExecutor[T](comm, plan, 1)
	if err != nil {
		return nil, nil, Traffic{}, err
	}
	psi, err := NewState[T](comm, plan.Start())
	if err != nil {
		return nil, nil, Traffic{}, err
	}
	half := log2(a.tokens) + log2(a.width)
	if !a.prepare {
		err = psi.Set(func(i uint64) complex128 { // |0⟩|x⟩|x⟩
			if i>>(2*half) == 1 {
				return 0
			}
			return complex(a.image[i>>half]*a.image[i&(1<<half-1)], 0)
		})
		if err != nil {
			return nil, nil, Traffic{}, err
		}
	}
	theta := as[T](a.theta)
	if err := e.Apply(theta, nil, psi); err != nil {
		return nil, nil, Traffic{}, err
	}
	index := log2(a.tokens)
	read := []int{0}
	for b := range index {
		read = append(read, 1+b)
	}
	for b := range index {
		read = append(read, 1+half+b)
	}
	p, err := NewProbabilities[T](read...)
	if err != nil {
		return nil, nil, Traffic{}, err
	}
	out, err := p.Apply(psi)
	if err != nil {
		return nil, nil, Traffic{}, err
	}
	pairs := len(out) / 2
	dout := make([]float64, len(out))
	for i := range pairs {
		coefficients = append(coefficients, out[i]-out[pairs+i])
		dout[i], dout[pairs+i] = a.dout[i], -a.dout[i]
	}
	lambda, err := NewState[T](comm, plan.End())
	if err != nil {
		return nil, nil, Traffic{}, err
	}
	if err := p.Adjoint(psi, dout, lambda); err != nil {
		return nil, nil, Traffic{}, err
	}
	dtheta := make([]T, len(theta))
	err = e.Adjoint(theta, nil, psi, lambda, dtheta, nil)
	return coefficients, as[float64](dtheta), plan.Traffic(), err
}

// TestAttention runs the literal circuit of swap attention over ranks and compares the coefficients and their
// gradient with the overlaps that they are.
func TestAttention(t *testing.T) {
	const tokens, width = 4, 8
	a := newAttention(tokens, width, 13)
	want, wantGradient, err := a.fused()
	if err != nil {
		t.Fatal(err)
	}
	for _, ranks := range []int{1, 2, 4, 8} {
		a.prepare = ranks != 2 // and once on an image that is there
		err := InProcess(ranks, func(comm Comm) error {
			got, gradient, _, err := attend[float64](a, comm)
			if err != nil {
				return err
			}
			if d := furthest(got, want); !(d < 1e-13) {
				return errors.Errorf("coefficients differ by %g", d)
			}
			if d := furthest(gradient, wantGradient); !(d < 1e-13) {
				return errors.Errorf("the gradient differs by %g", d)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%d ranks: %v", ranks, err)
		}
	}
}
