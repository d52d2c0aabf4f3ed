package statevec

import (
	"github.com/pkg/errors"
)

// Inputs are what a circuit runs on.
type Inputs[T Float] struct {
	Rows  int
	Theta []T // NumTheta, radians, shared by all rows
	Data  []T // Rows × NumData, radians

	// Start writes the state that a row starts from to psi, 2·2^n zeros. Nil: every row starts from |0…0⟩.
	Start func(row int, psi []T)
}

// begin writes the state that a row starts from to psi, which is all zeros.
func (in Inputs[T]) begin(row int, psi []T) {
	if in.Start == nil {
		psi[0] = 1
	} else {
		in.Start(row, psi)
	}
}

func (in Inputs[T]) check(p *Plan[T]) error {
	if in.Rows < 1 {
		return errors.Errorf("statevec: want 1 or more rows, got %d", in.Rows)
	}
	return p.check(in.Rows, in.Theta, in.Data)
}

// Gradients are where the gradients by Inputs go; what is nil is skipped.
type Gradients[T Float] struct {
	Theta []T // NumTheta, summed over the rows
	Data  []T // Rows × NumData

	// Start is given the gradient by the state that a row starts from, in the form of a state, which it may overwrite. The real parts of the first
	// Amplitudes are right by every method, all of it by the adjoint alone.
	Start      func(row int, dpsi []T)
	Amplitudes int
}

func (g Gradients[T]) check(p *Plan[T], rows int) error {
	return firstError(wantOr("dtheta", g.Theta, p.numTheta), wantOr("ddata", g.Data, rows*p.numData))
}

// MeasuredCircuit reads what a circuit makes of a batch, and differentiates it, as one: it holds a state a row and one more, or one for a few rows if these are small, whatever
// the number of gates. It owns its memory: one a goroutine.
type MeasuredCircuit[T Float] struct {
	exec           *Executor[T]
	read           Measurement[T]
	psi, lam, some []T
	sums           []float64
	spoiled        bool // psi does not hold the final states
}

// NewMeasuredCircuit prepares the reading of what a plan makes, on the given number of threads. It returns an error for a plan on real states.
func NewMeasuredCircuit[T Float](p *Plan[T], read Measurement[T], threads int) (*MeasuredCircuit[T], error) {
	if p.real {
		return nil, errors.New("statevec: MeasuredCircuit: want a plan on complex states")
	}
	return &MeasuredCircuit[T]{exec: p.NewExecutor(threads), read: read, some: make([]T, p.numTheta), spoiled: true}, nil
}

// Apply sets out, Rows × Outputs, to what is read. It returns an error if a length is wrong.
func (e *MeasuredCircuit[T]) Apply(in Inputs[T], out []T) error {
	k := e.read.Outputs()
	if err := firstError(in.check(e.exec.plan), want("out", len(out), in.Rows*k)); err != nil {
		return err
	}
	e.spoiled = true
	e.psi = ofLength(e.psi, in.Rows*e.exec.plan.Width())
	err := e.each(in, func(some Inputs[T], from, to int) error {
		return e.run(some, e.rows(e.psi, from, to), out[from*k:to*k])
	})
	e.spoiled = err != nil
	return err
}

// Adjoint sets the gradients, from dout = ∂L/∂out, after Apply of the same Inputs. It turns the final states back where they stand, so that a second call runs the circuit again.
// It returns an error if a length is wrong.
func (e *MeasuredCircuit[T]) Adjoint(in Inputs[T], dout []T, to Gradients[T]) error {
	p, k := e.exec.plan, e.read.Outputs()
	if err := firstError(in.check(p), want("dout", len(dout), in.Rows*k), to.check(p, in.Rows)); err != nil {
		return err
	}
	if e.spoiled || len(e.psi) != in.Rows*p.Width() {
		if err := e.Apply(in, make([]T, in.Rows*k)); err != nil {
			return err
		}
	}
	e.spoiled = true
	e.sums = zeroed(e.sums, p.numTheta)
	err := e.each(in, func(some Inputs[T], from, until int) error {
		return e.back(some, from, dout[from*k:until*k], to)
	})
	for i := range to.Theta {
		to.Theta[i] = T(e.sums[i])
	}
	return err
}

// back turns back some rows that stand after others, adds their gradient by theta to sums and sets the others.
func (e *MeasuredCircuit[T]) back(in Inputs[T], from int, dout []T, to Gradients[T]) error {
	p := e.exec.plan
	psi := e.rows(e.psi, from, from+in.Rows)
	e.lam = ofLength(e.lam, len(psi))
	if err := e.read.Adjoint(in.Rows, psi, dout, e.lam); err != nil {
		return err
	}
	var ddata []T
	if to.Data != nil {
		ddata = to.Data[from*p.numData : (from+in.Rows)*p.numData]
	}
	if err := e.exec.AdjointInPlace(in.Rows, in.Theta, in.Data, psi, e.lam, e.some, ddata); err != nil {
		return err
	}
	for i, v := range e.some {
		e.sums[i] += float64(v)
	}
	for r := 0; r < in.Rows && to.Start != nil; r++ {
		to.Start(from+r, part(e.lam, r, p.Width()))
	}
	return nil
}

// run sets psi to the final states of some rows, and out to what is read of them.
func (e *MeasuredCircuit[T]) run(in Inputs[T], psi, out []T) error {
	clear(psi)
	for r := range in.Rows {
		in.begin(r, part(psi, r, e.exec.plan.Width()))
	}
	if err := e.exec.Apply(in.Rows, in.Theta, in.Data, psi, psi); err != nil {
		return err
	}
	return e.read.Apply(in.Rows, psi, out)
}

// chunkNumbers is the length of the states that are run at once, unless one row has more: a quarter of the second cache, in float32.
const chunkNumbers = 1 << 16

// each calls f with some neighbouring rows of the inputs after others, and where they are.
func (e *MeasuredCircuit[T]) each(in Inputs[T], f func(some Inputs[T], from, to int) error) error {
	p := e.exec.plan
	step := max(1, chunkNumbers/p.Width())
	if p.batched() {
		step = max(lanes, step/lanes*lanes)
	}
	for from := 0; from < in.Rows; from += step {
		to := min(from+step, in.Rows)
		some := Inputs[T]{Rows: to - from, Theta: in.Theta, Data: in.Data[from*p.numData : to*p.numData]}
		if in.Start != nil {
			some.Start = func(row int, psi []T) { in.Start(from+row, psi) }
		}
		if err := f(some, from, to); err != nil {
			return err
		}
	}
	return nil
}

func (e *MeasuredCircuit[T]) rows(x []T, from, to int) []T {
	w := e.exec.plan.Width()
	return x[from*w : to*w]
}

// ofLength returns n numbers of any value, x itself if it has them.
func ofLength[T any](x []T, n int) []T {
	if cap(x) < n {
		return make([]T, n)
	}
	return x[:n]
}
