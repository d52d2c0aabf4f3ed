package split

import (
	"cmp"
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/pkg/errors"
)

// Executor runs a plan on the share of one rank. It owns its memory, which is small beside a state: one a
// goroutine.
type Executor[T statevec.Float] struct {
	comm   Comm
	plan   *Plan
	stages []stage[T]
	theta  angles[T] // of a stage
	data   angles[T]
}

// stage is a circuit on the local qubits, or an exchange.
type stage[T statevec.Float] struct {
	exec        *statevec.Executor[T]
	theta, data []int // which ones the circuit has
	move        *move
}

// angles are the angles of a stage and the derivatives by them.
type angles[T statevec.Float] struct{ values, derivatives []T }

func (a *angles[T]) take(from []T, which []int) {
	a.values = a.values[:0]
	for _, i := range which {
		a.values = append(a.values, from[i])
	}
	a.derivatives = append(a.derivatives[:0], a.values...)
}

func (a *angles[T]) addTo(sums []float64, which []int) {
	for k, i := range which {
		sums[i] += float64(a.derivatives[k])
	}
}

// NewExecutor returns an Executor for a rank, on the given number of threads. It returns an error without a
// plan, for another number of ranks than that of the plan, and what Compile of package statevec returns.
func NewExecutor[T statevec.Float](comm Comm, p *Plan, threads int) (*Executor[T], error) {
	if err := comm.check(); err != nil {
		return nil, err
	}
	if p == nil || p.start == nil {
		return nil, errors.New("split: want a Plan from NewPlan")
	}
	if p.start.Ranks() != comm.Size {
		return nil, errors.Errorf("split: want a plan for %d ranks, got one for %d", comm.Size, p.start.Ranks())
	}
	e := &Executor[T]{comm: comm, plan: p}
	b := builder[T]{local: p.start.local, rules: rules{rank: comm.Rank}}
	b.clear()
	for i := range p.steps {
		if err := b.add(&p.steps[i]); err != nil {
			return nil, err
		}
	}
	if err := b.flush(); err != nil {
		return nil, err
	}
	execs := statevec.NewExecutors(b.plans, threads)
	for i := range b.stages {
		if b.stages[i].move == nil {
			b.stages[i].exec, execs = execs[0], execs[1:]
		}
	}
	e.stages = b.stages
	return e, nil
}

// builder makes stages of steps.
type builder[T statevec.Float] struct {
	local  int
	rules  rules
	run    *circuit.Circuit // gates since the last exchange
	theta  numbering
	data   numbering
	stages []stage[T]
	plans  []*statevec.Plan[T]
}

// numbering gives the angles of a stage numbers of its own.
type numbering struct {
	number map[int]int
	which  []int
}

func (n *numbering) of(i int) int {
	k, ok := n.number[i]
	if !ok {
		k = len(n.which)
		n.number[i], n.which = k, append(n.which, i)
	}
	return k
}

func (b *builder[T]) clear() {
	b.run = circuit.New(b.local)
	b.theta, b.data = numbering{number: map[int]int{}}, numbering{number: map[int]int{}}
}

func (b *builder[T]) flush() error {
	if len(b.run.Operations()) == 0 {
		return nil
	}
	plan, err := statevec.Compile[T](b.run)
	if err != nil {
		return errors.WithMessage(err, "split")
	}
	b.plans = append(b.plans, plan)
	b.stages = append(b.stages, stage[T]{ // without the last angles, if only other ranks have their gates
		theta: b.theta.which[:plan.NumTheta()], data: b.data.which[:plan.NumData()]})
	b.clear()
	return nil
}

func (b *builder[T]) add(s *step) error {
	switch {
	case s.gate == nil:
		if err := b.flush(); err != nil {
			return err
		}
		b.stages = append(b.stages, stage[T]{move: newMove(s, b.rules.rank)})
		return nil
	case s.to != nil:
		_, factor := s.layout.imageOn(b.rules.rank, s.gate)
		if factor == 1 {
			return nil
		}
		all, err := circuit.Unitary(circuit.Matrix{factor, 0, 0, factor})
		if err != nil {
			return errors.WithMessage(err, "split")
		}
		return b.run.Add(all, nil, 0).Err()
	}
	b.rules.layout = s.layout
	own := *s.gate
	own.Operation = own.Map(nil, func(a circuit.Angle) circuit.Angle {
		switch a.Source {
		case circuit.Trainable:
			a.Index = b.theta.of(a.Index)
		case circuit.Input:
			a.Index = b.data.of(a.Index)
		}
		return a
	})
	return b.rules.add(b.run, &own)
}

func (e *Executor[T]) check(theta, data []T, states ...*State[T]) error {
	if e == nil || e.plan == nil {
		return errors.New("split: want an Executor from NewExecutor")
	}
	for _, s := range states {
		if err := s.check(); err != nil {
			return err
		}
		if s.comm.Rank != e.comm.Rank || s.comm.Size != e.comm.Size {
			return errors.Errorf("split: want a state of rank %d of %d, got one of rank %d of %d", e.comm.Rank,
				e.comm.Size, s.comm.Rank, s.comm.Size)
		}
	}
	return cmp.Or(checkLength("theta", len(theta), e.plan.numTheta),
		checkLength("data", len(data), e.plan.numData),
		checkFinite("theta", theta), checkFinite("data", data))
}

func checkFinite[T statevec.Float](what string, angles []T) error {
	if i := slices.IndexFunc(angles, func(a T) bool { return a-a != 0 }); i >= 0 {
		return errors.Errorf("split: %s %d is %v, want a finite angle", what, i, angles[i])
	}
	return nil
}

func checkLayout(what string, got, want *Layout) error {
	if got.equal(want) {
		return nil
	}
	return errors.Errorf("split: the state has another layout than the plan has %s: "+
		"plan the circuit with it as Options.Start, or Rearrange the state", what)
}

// Apply replaces a state by U(theta, data) times it, and its layout by the End of the plan. It is a call of
// all ranks.
//
//	theta  NumTheta of the circuit, radians
//	data   NumData of the circuit, radians: one row
//
// It returns an error if a length is wrong, an angle is NaN or infinite or the state has another layout than
// the plan starts with, and those of Exchange, after which the state is worth nothing.
func (e *Executor[T]) Apply(theta, data []T, psi *State[T]) error {
	if err := e.check(theta, data, psi); err != nil {
		return err
	}
	if err := checkLayout("at its start", psi.layout, e.plan.start); err != nil {
		return err
	}
	for i := range e.stages {
		s := &e.stages[i]
		if s.move != nil {
			if err := psi.move(s.move); err != nil {
				return err
			}
			continue
		}
		e.theta.take(theta, s.theta)
		e.data.take(data, s.data)
		if err := s.exec.Apply(1, e.theta.values, e.data.values, psi.Amplitudes, psi.Amplitudes); err != nil {
			return errors.WithMessage(err, "split")
		}
	}
	psi.layout = e.plan.end
	return nil
}

// Adjoint is the gradient of Apply, from the state psi that it has left and lambda = ∂L/∂psi of a real loss
// L, which has ∂L/∂re and ∂L/∂im of each amplitude. It replaces psi by the state before the circuit and
// lambda by the gradient by that, and sets dtheta and ddata, unless they are nil, to the gradients by the
// angles, which are the same bits on all ranks. It is a call of all ranks. Its errors are those of Apply.
func (e *Executor[T]) Adjoint(theta, data []T, psi, lambda *State[T], dtheta, ddata []T) error {
	if err := e.check(theta, data, psi, lambda); err != nil {
		return err
	}
	err := cmp.Or(checkLayout("at its end", psi.layout, e.plan.end),
		checkLayout("at its end", lambda.layout, e.plan.end))
	if dtheta != nil {
		err = cmp.Or(err, checkLength("dtheta", len(dtheta), len(theta)))
	}
	if ddata != nil {
		err = cmp.Or(err, checkLength("ddata", len(ddata), len(data)))
	}
	if err != nil {
		return err
	}
	sums := make([]float64, len(theta)+len(data))
	for i := range slices.Backward(e.stages) {
		if err := e.unapply(&e.stages[i], theta, data, psi, lambda, sums); err != nil {
			return err
		}
	}
	psi.layout, lambda.layout = e.plan.start, e.plan.start
	if err := e.comm.sum(sums); err != nil {
		return err
	}
	for i := range dtheta {
		dtheta[i] = T(sums[i])
	}
	for i := range ddata {
		ddata[i] = T(sums[len(theta)+i])
	}
	return nil
}

func (e *Executor[T]) unapply(s *stage[T], theta, data []T, psi, lambda *State[T], sums []float64) error {
	if s.move != nil {
		if err := psi.move(s.move); err != nil {
			return err
		}
		return lambda.move(s.move)
	}
	e.theta.take(theta, s.theta)
	e.data.take(data, s.data)
	err := s.exec.Unapply(1, e.theta.values, e.data.values, psi.Amplitudes, lambda.Amplitudes,
		e.theta.derivatives, e.data.derivatives)
	e.theta.addTo(sums, s.theta)
	e.data.addTo(sums[len(theta):], s.data)
	return errors.WithMessage(err, "split")
}
