package split

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hqvit/hqvit/internal/circuittest"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// problem is a circuit on a random state, with a random gradient by what it makes of it.
type problem struct {
	c           *circuit.Circuit
	theta, data []float64
	psi, lambda []complex128
}

func newProblem(c *circuit.Circuit, rng *rand.Rand) problem {
	p := problem{c: c, theta: make([]float64, c.NumTheta()), data: make([]float64, c.NumData())}
	for _, x := range [][]float64{p.theta, p.data} {
		for i := range x {
			x[i] = rng.Float64()*8 - 4
		}
	}
	for range 1 << c.Qubits() {
		p.psi = append(p.psi, complex(rng.NormFloat64(), rng.NormFloat64()))
		p.lambda = append(p.lambda, complex(rng.NormFloat64(), rng.NormFloat64()))
	}
	norm := 0.0
	for _, v := range p.psi {
		norm += real(v)*real(v) + imag(v)*imag(v)
	}
	for i := range p.psi {
		p.psi[i] /= complex(math.Sqrt(norm), 0)
	}
	return p
}

// answers are what a circuit makes of a problem.
type answers struct {
	out, dpsi     []complex128
	dtheta, ddata []float64
}

// plain returns them by the definition.
func (p problem) plain(t *testing.T) answers {
	t.Helper()
	var a answers
	var err error
	if a.out, err = statevec.PlainApply(p.c, p.theta, p.data, p.psi); err != nil {
		t.Fatal(err)
	}
	if a.dpsi, a.dtheta, a.ddata, err = statevec.PlainAdjoint(p.c, p.theta, p.data, a.out,
		p.lambda); err != nil {
		t.Fatal(err)
	}
	return a
}

// split returns them of a state over ranks.
func split[T statevec.Float](p problem, ranks int, o Options) (answers, error) {
	plan, err := NewPlan(p.c, ranks, o)
	if err != nil {
		return answers{}, err
	}
	byRank := make([]answers, ranks)
	err = InProcess(ranks, func(comm Comm) error {
		e, err := NewExecutor[T](comm, plan, 1)
		if err != nil {
			return err
		}
		psi, err := NewState[T](comm, plan.Start())
		if err != nil {
			return err
		}
		lambda, err := NewState[T](comm, plan.End())
		if err != nil {
			return err
		}
		a := &byRank[comm.Rank]
		theta, data := as[T](p.theta), as[T](p.data)
		dtheta, ddata := make([]T, len(theta)), make([]T, len(data))
		whole := func(s *State[T], to *[]complex128) func() error {
			return func() error {
				x, err := s.Whole()
				*to = complexes(x)
				return err
			}
		}
		return inTurn(
			func() error { return psi.Set(func(i uint64) complex128 { return p.psi[i] }) },
			func() error { return lambda.Set(func(i uint64) complex128 { return p.lambda[i] }) },
			func() error { return e.Apply(theta, data, psi) },
			whole(psi, &a.out),
			func() error { return e.Adjoint(theta, data, psi, lambda, dtheta, ddata) },
			whole(lambda, &a.dpsi),
			func() error {
				a.dtheta, a.ddata = as[float64](dtheta), as[float64](ddata)
				var back []complex128
				err := whole(psi, &back)()
				if d := distance(back, p.psi); err == nil && d > tolerance[T]() {
					return fmt.Errorf("the state before the circuit differs by %g", d)
				}
				return err
			})
	})
	for r := range byRank {
		if err == nil && (!slices.Equal(byRank[r].dtheta, byRank[0].dtheta) ||
			!slices.Equal(byRank[r].out, byRank[0].out)) {
			err = fmt.Errorf("ranks 0 and %d differ", r)
		}
	}
	return byRank[0], err
}

func inTurn(steps ...func() error) error {
	for _, f := range steps {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

func as[To, From statevec.Float](x []From) []To {
	out := make([]To, len(x))
	for i, v := range x {
		out[i] = To(v)
	}
	return out
}

func complexes[T statevec.Float](x []T) []complex128 {
	out := make([]complex128, len(x)/2)
	for i := range out {
		out[i] = complex(float64(x[2*i]), float64(x[2*i+1]))
	}
	return out
}

func distance(a, b []complex128) (d float64) {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	for i := range a {
		d = max(d, cmplx.Abs(a[i]-b[i]))
	}
	return d
}

func furthest(a, b []float64) (d float64) {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	for i := range a {
		d = max(d, math.Abs(a[i]-b[i]))
	}
	return d
}

// tolerance is that of amplitudes of a state of norm 1.
func tolerance[T statevec.Float]() float64 {
	if _, double := any(T(0)).(float64); double {
		return 1e-13
	}
	return 2e-6
}

func (a answers) compare(t *testing.T, what string, b answers, tol float64) {
	t.Helper()
	scale := 1 + math.Sqrt(float64(len(a.out))) // of λ, which is not normalised
	for name, d := range map[string]float64{"state": distance(a.out, b.out),
		"dpsi":   distance(a.dpsi, b.dpsi) / scale,
		"dtheta": furthest(a.dtheta, b.dtheta) / scale, "ddata": furthest(a.ddata, b.ddata) / scale} {
		if !(d <= tol) {
			t.Errorf("%s: %s differs by %g", what, name, d)
		}
	}
}

// subsets calls f for every choice of k of n qubits as the positions of all: those first, then the others.
func subsets(n, k int, f func(place []int)) {
	for set := range 1 << n {
		var first, others []int
		for q := range n {
			if set>>q&1 == 1 {
				first = append(first, q)
			} else {
				others = append(others, q)
			}
		}
		if len(first) != k {
			continue
		}
		slices.Reverse(first) // out of order
		place := make([]int, n)
		for i, q := range append(first, others...) {
			place[q] = i
		}
		f(place)
	}
}

// TestGates runs each gate of the table, free, with one more control and twice among others, with its qubits
// on every choice of global ones, against the definition.
func TestGates(t *testing.T) {
	const n = 5
	rng := rand.New(rand.NewPCG(1, 2))
	circuittest.EachGate(t, func(t *testing.T, k circuit.Gate, values []float64) {
		if k.Qubits() > n-2 {
			t.Skipf("%d qubits", k.Qubits())
		}
		angles := make([][]circuit.Angle, 3) // one source after the other
		for i, v := range values {
			angles[0] = append(angles[0], circuit.Theta(i).Times(0.7).Plus(0.2))
			angles[1] = append(angles[1], circuit.Data(i))
			angles[2] = append(angles[2], circuit.Const(v))
		}
		qubits := rng.Perm(n)
		at, other := qubits[:k.Qubits()], qubits[n-k.Qubits():]
		c := circuit.New(n).Add(k, angles[0], at...).Control(qubits[n-1:], k, angles[1], at...)
		for q := range n {
			c.RY(q, circuit.Theta(q%2+k.Angles())).RZ(q, circuit.Data(0))
		}
		c.X(0).X(n-1).Add(k, angles[2], other...).Control(qubits[:1], k, angles[2], qubits[1:1+k.Qubits()]...)
		p := newProblem(c, rng)
		want := p.plain(t)
		for _, global := range []int{1, 2} {
			subsets(n, global, func(place []int) {
				for _, direct := range []bool{false, true} {
					start := orderedLayout(place, 1<<global)
					got, err := split[float64](p, 1<<global, Options{Start: start, Direct: direct})
					if err != nil {
						t.Fatalf("places %v, direct %v: %v", place, direct, err)
					}
					got.compare(t, fmt.Sprintf("places %v, direct %v", place, direct), want, 1e-13)
				}
			})
		}
	})
}

// random returns a circuit of gates of all sorts.
func random(n, gates int, rng *rand.Rand) *circuit.Circuit {
	table := circuit.Table()
	c := circuit.New(n)
	for range gates {
		k := table[rng.IntN(len(table))]
		if k.Qubits() > n {
			continue
		}
		var angles []circuit.Angle
		for range k.Angles() {
			switch rng.IntN(3) {
			case 0:
				angles = append(angles, circuit.Theta(rng.IntN(8)))
			case 1:
				angles = append(angles, circuit.Data(rng.IntN(3)))
			default:
				angles = append(angles, circuit.Const(rng.NormFloat64()))
			}
		}
		qubits := rng.Perm(n)
		controls := rng.IntN(2)
		if controls+k.Qubits() > n {
			controls = 0
		}
		c.Control(qubits[:controls], k, angles, qubits[controls:controls+k.Qubits()]...)
	}
	return c
}

func TestRandomCircuits(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 12 {
		n := 4 + i%4
		p := newProblem(random(n, 60, rng), rng)
		want := p.plain(t)
		for ranks := 1; ranks <= 1<<(n-3); ranks *= 2 { // gates of up to 3 qubits
			for _, direct := range []bool{false, true} {
				what := fmt.Sprintf("%d qubits, %d ranks, direct %v", n, ranks, direct)
				got, err := split[float64](p, ranks, Options{Direct: direct})
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				got.compare(t, what, want, 1e-12)
				single, err := split[float32](p, ranks, Options{Direct: direct})
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				single.compare(t, what+", float32", want, 1e-5)
			}
		}
	}
}
