package circuit

import (
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
)

// Schedule says when each operation of a circuit runs, and when its qubits wait. Times are in the unit of the
// durations: seconds on a device.
type Schedule struct {
	Length float64 // from the start of the first operation to the end of the last one
	Steps  []Step  // the operations, in the order of the circuit
	Idle   []Idle  // by qubit, then by time
}

// Step is an operation with its time.
type Step struct {
	Operation
	Start, End float64
}

// Idle is a time in which nothing happens to a qubit: between two of its operations, and from the last one to
// the end of the circuit, when all are measured. Before its first operation a qubit is in |0⟩ and does not
// count as waiting.
type Idle struct {
	Qubit      int
	Start, End float64
	Before     int // index of the operation that ends it; at the end of the circuit their number
}

// When says where operations go that could run at several times.
type When uint8

const (
	AsSoon When = iota // as soon as possible
	AsLate             // as late as possible: qubits begin later, which spares them noise
)

// Durations returns the duration of operations by the names of their gates, in seconds: for NewSchedule. It
// returns an error for an operation whose gate has none.
func Durations(byName map[string]float64) func(Operation) (float64, error) {
	return func(g Operation) (float64, error) {
		d, ok := byName[g.Name()]
		if !ok {
			return 0, errors.Errorf("the gate %s has no duration", g.Name())
		}
		return d, nil
	}
}

// NewSchedule returns when each operation runs, one after the other on each qubit and all qubits at the same
// time, with durations in seconds; those of 0 take no time, like turns about Z that are only a phase of what
// follows.
//
// It returns an error for a circuit with errors, no durations, errors of theirs, and a duration that is
// negative or not finite.
func NewSchedule(c *Circuit, duration func(Operation) (float64, error),
	when When) (*Schedule, error) {
	if err := c.Err(); err != nil {
		return nil, errors.WithMessage(err, "circuit: NewSchedule")
	}
	if duration == nil {
		return nil, errors.New("circuit: NewSchedule: want a function for the durations, got nil")
	}
	if when > AsLate {
		return nil, errors.Errorf("circuit: NewSchedule: want AsSoon or AsLate, got %d", when)
	}
	s := &Schedule{}
	free := make([]float64, c.Qubits()) // by qubit: the end of its last operation
	for i, g := range c.Operations() {
		d, err := durationOf(duration, g)
		if err == nil && (!(d >= 0) || math.IsInf(d, 0)) {
			err = errors.Errorf("want a duration of at least 0 s, got %g", d)
		}
		if err != nil {
			return nil, errors.WithMessagef(err, "circuit: NewSchedule: operation %d, %s", i, g.Name())
		}
		start := 0.0
		for _, q := range g.AllQubits() {
			start = max(start, free[q])
		}
		for _, q := range g.AllQubits() {
			free[q] = start + d
		}
		s.Steps = append(s.Steps, Step{g, start, start + d})
		s.Length = max(s.Length, start+d)
	}
	if when == AsLate {
		s.postpone(c.Qubits())
	}
	s.findIdle(c.Qubits())
	return s, nil
}

// durationOf calls a function that a user gave.
func durationOf(duration func(Operation) (float64, error), g Operation) (d float64, err error) {
	defer foreign.Recover(&err, "duration function", duration)
	return duration(g)
}

// postpone moves the operations to the end, from the last one on.
func (s *Schedule) postpone(n int) {
	busy := make([]float64, n) // by qubit: the start of the operation that comes next
	for q := range busy {
		busy[q] = s.Length
	}
	for i := len(s.Steps) - 1; i >= 0; i-- {
		step := &s.Steps[i]
		end := s.Length
		for _, q := range step.AllQubits() {
			end = min(end, busy[q])
		}
		step.Start, step.End = end-(step.End-step.Start), end
		for _, q := range step.AllQubits() {
			busy[q] = step.Start
		}
	}
}

// Each calls wait for every time of waiting and gate for every operation, in the order of the circuit, the
// times of waiting in front of the operations that end them. It stops at the first error and returns it.
func (s *Schedule) Each(wait func(Idle) error, gate func(Operation) error) (err error) {
	defer foreign.Recover(&err, "function of Schedule.Each", wait)
	if s == nil || wait == nil || gate == nil {
		return errors.New("circuit: Schedule.Each: want a Schedule and two functions, got nil")
	}
	before := make([][]Idle, len(s.Steps)+1) // by operation
	for _, w := range s.Idle {
		if w.Before < 0 || w.Before > len(s.Steps) {
			return errors.Errorf("circuit: Schedule.Each: want a Schedule from NewSchedule, got one with %+v", w)
		}
		before[w.Before] = append(before[w.Before], w)
	}
	for i, waits := range before {
		for _, w := range waits {
			if err := wait(w); err != nil {
				return err
			}
		}
		if i < len(s.Steps) {
			if err := gate(s.Steps[i].Operation); err != nil {
				return err
			}
		}
	}
	return nil
}

// findIdle finds the times between the operations of a qubit, and after the last one.
func (s *Schedule) findIdle(n int) {
	idle := make([][]Idle, n)
	used, free := make([]bool, n), make([]float64, n)
	for i, step := range s.Steps {
		for _, q := range step.AllQubits() {
			if used[q] && step.Start > free[q] {
				idle[q] = append(idle[q], Idle{q, free[q], step.Start, i})
			}
			used[q], free[q] = true, step.End
		}
	}
	for q := range n {
		if used[q] && s.Length > free[q] {
			idle[q] = append(idle[q], Idle{q, free[q], s.Length, len(s.Steps)})
		}
		s.Idle = append(s.Idle, idle[q]...)
	}
}
