package statevec

import (
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/pkg/errors"
)

// Density is a compiled noisy circuit, which acts on density matrices, exactly: stages of gates and of
// channels in turn. It is immutable, and safe to share between goroutines. NewMeasuredDensity runs one.
type Density[T Float] struct {
	qubits, numTheta, numData int
	stages                    []densityStage[T]
	readout                   mapper[T]
}

// densityStage is gates as they act on Pauli coefficients (see paulis.go), and the channels behind them.
type densityStage[T Float] struct {
	gates *Plan[T] // nil: none
	maps  mapper[T]
}

// CompileDensity returns the plan of a noisy circuit on density matrices of up to 13 qubits. Without channels
// and errors of readout it computes what the circuit does. It returns the circuit's own error, and one for a
// gate of more than two qubits that has no definition.
func CompileDensity[T Float](c *circuit.Noisy) (*Density[T], error) {
	return compileDensity[T](c, c.Steps(), circuit.Channel.Transfer)
}

// compileDensity compiles steps of a noisy circuit, in which a channel does what transfer says.
func compileDensity[T Float](c *circuit.Noisy, steps []circuit.NoisyStep,
	transfer func(circuit.Channel) []float64) (*Density[T], error) {
	if err := c.Err(); err != nil {
		return nil, errors.WithMessage(err, "statevec: CompileDensity")
	}
	n := c.Qubits()
	if n > MaxDensityQubits {
		return nil, errors.Errorf("statevec: CompileDensity: want up to %d qubits, got %d: a density "+
			"matrix has 4^%d numbers, see CompileTrajectories for more qubits", MaxDensityQubits, n, n)
	}
	d := &Density[T]{qubits: n, numTheta: c.Ideal().NumTheta(), numData: c.Ideal().NumData()}
	var readout []transferMap
	for q, r := range c.Readout() {
		if !r.Exact() {
			readout = append(readout, transferMap{[]int{q}, r.Transfer()})
		}
	}
	d.readout = newMapper[T](n, readout)
	gates, maps, noisy := circuit.New(n), []transferMap(nil), make([]bool, n)
	flush := func() error {
		s := densityStage[T]{maps: newMapper[T](n, maps)}
		if len(gates.Operations()) > 0 {
			real, err := onPaulis(gates)
			if err == nil {
				s.gates, err = CompileReal[T](real)
			}
			if err != nil {
				return errors.WithMessage(err, "statevec: CompileDensity")
			}
			s.gates.numTheta, s.gates.numData = d.numTheta, d.numData
		}
		d.stages = append(d.stages, s)
		gates, maps = circuit.New(n), nil
		clear(noisy)
		return nil
	}
	for _, step := range steps {
		if step.Channel.Qubits() > 0 {
			maps = appendMap(maps, step.Qubits, transfer(step.Channel))
			for _, q := range step.Qubits {
				noisy[q] = true
			}
			continue
		}
		if slices.ContainsFunc(step.Operation.AllQubits(), func(q int) bool { return noisy[q] }) {
			if err := flush(); err != nil {
				return nil, err
			}
		}
		gates.Control(step.Operation.Controls, step.Operation.Gate, step.Operation.Angles, step.Operation.Qubits...)
	}
	return d, flush()
}

// Qubits returns the number of qubits n.
func (d *Density[T]) Qubits() int { return d.orZero().qubits }

// NumTheta returns the length of theta.
func (d *Density[T]) NumTheta() int { return d.orZero().numTheta }

// NumData returns the length of a row of data.
func (d *Density[T]) NumData() int { return d.orZero().numData }

// Width returns the Pauli coefficients of a density matrix, 4^n; 0 for one that is not from CompileDensity.
func (d *Density[T]) Width() int {
	if d == nil || len(d.stages) == 0 {
		return 0
	}
	return 1 << (2 * d.qubits)
}

func (d *Density[T]) orZero() *Density[T] {
	if d == nil {
		return &Density[T]{}
	}
	return d
}

// densityRunner runs a Density on rows of Pauli coefficients and owns the memory for it.
type densityRunner[T Float] struct {
	plan  *Density[T]
	execs []*Executor[T] // by stage
	every int            // a checkpoint is kept in front of the channels of every so many stages
	kept  [][]T          // the checkpoints of the last run
	keep  bool           // from the first gradient on: who never takes one does without them
	again [][]T          // what lies between two of them, in the gradient
	grads []T
	part  []T // of the gradient by data, of one stage
}

// maxKept bounds the numbers of the checkpoints that are kept, as far as rows can be taken one after the
// other.
const maxKept = 1 << 22

// newDensityRunner returns a runner of at least so many rows at a time.
func newDensityRunner[T Float](d *Density[T], rows, threads int) *densityRunner[T] {
	r := &densityRunner[T]{plan: d, every: 1, grads: make([]T, d.numTheta)}
	for r.every*r.every < len(d.stages) && len(d.stages)/r.every*rows*d.Width() > maxKept {
		r.every++
	}
	memory := newTileMemory[T](threads)
	for _, s := range d.stages {
		var e *Executor[T]
		if s.gates != nil {
			e = s.gates.newExecutor(memory)
		}
		r.execs = append(r.execs, e)
	}
	return r
}

// chunk returns how many rows are run at once, so that what is kept of them stays small.
func (r *densityRunner[T]) chunk() int {
	kept := len(r.plan.stages)/r.every + r.every
	return max(1, maxKept/(kept*r.plan.Width()))
}

// gates applies the gates of a stage.
func (r *densityRunner[T]) gates(stage, rows int, theta, data, x []T) error {
	if e := r.execs[stage]; e != nil {
		return e.Apply(rows, theta, data, x, x)
	}
	return nil
}

// run replaces the coefficients x of some rows by those behind the circuit.
func (r *densityRunner[T]) run(rows int, theta, data, x []T) error {
	for i := range r.plan.stages {
		if err := r.gates(i, rows, theta, data, x); err != nil {
			return err
		}
		if r.keep && i%r.every == 0 {
			r.kept = keep(r.kept, i/r.every, x)
		}
		r.plan.stages[i].maps.apply(x)
	}
	return nil
}

// keep writes a copy of x to a place of a list.
func keep[T any](list [][]T, at int, x []T) [][]T {
	for len(list) <= at {
		list = append(list, nil)
	}
	list[at] = append(list[at][:0], x...)
	return list
}

// back replaces the gradient lam by the coefficients behind the circuit by that by those before it, after run
// of the same rows with keep set. It adds that by theta to dtheta, and sets that by data.
func (r *densityRunner[T]) back(rows int, theta, data, lam []T, dtheta []float64, ddata []T) error {
	clear(ddata)
	r.part = resized(r.part, len(ddata))
	for last := len(r.plan.stages) - 1; last >= 0; {
		first := last / r.every * r.every
		if err := r.refill(first, last, rows, theta, data); err != nil {
			return err
		}
		for ; last >= first; last-- {
			r.plan.stages[last].maps.back(lam)
			e := r.execs[last]
			if e == nil {
				continue
			}
			var d []T
			if ddata != nil {
				d = r.part
			}
			if err := e.AdjointInPlace(rows, theta, data, r.again[last-first], lam, r.grads, d); err != nil {
				return err
			}
			for i, v := range r.grads {
				dtheta[i] += float64(v)
			}
			for i, v := range d {
				ddata[i] += v
			}
		}
	}
	return nil
}

// refill sets again to the coefficients in front of the channels of the stages from a checkpoint on.
func (r *densityRunner[T]) refill(first, last, rows int, theta, data []T) error {
	r.again = keep(r.again, 0, r.kept[first/r.every])
	for i := first + 1; i <= last; i++ {
		r.again = keep(r.again, i-first, r.again[i-first-1])
		x := r.again[i-first]
		r.plan.stages[i-1].maps.apply(x)
		if err := r.gates(i, rows, theta, data, x); err != nil {
			return err
		}
	}
	return nil
}
