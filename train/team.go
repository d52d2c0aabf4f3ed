package train

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/train/rundir"
)

// team is who does a run: one process in its threads, or the ranks of an mpirun. All members do the same run
// from the same start. Each computes its share of the micro-batches, and has what all of them have found; so
// all go the same way without being told. The loop does not know which of the two it has.
//
// Calls of sum and collect are made by all members, in one order.
type team[T op.Float] interface {
	// leads reports whether this member is the one that writes files, draws, reports and calls back.
	leads() bool

	// share returns which of n micro-batches are this member's.
	share(n int) span

	// sum returns the sum of a step, to which each member has added its share.
	sum(t *tree[T]) (*partial[T], error)

	// collect returns what each member gives, in their order.
	collect(own []byte) ([][]byte, error)

	// tell gives each member what all of them say, in their order, itself included; one that is alone says
	// nothing.
	tell(say func() ([]byte, error), hear func(member int, said []byte) error) error

	// watch returns a context that is done at all members between the same two calls, once the contexts of some
	// have been.
	watch(ctx context.Context) context.Context

	// waited returns how many seconds each member has waited, of which this one says its own; nil: there is one.
	waited(own float64) ([]float64, error)
}

// newTeam returns the team of some ranks; nil: this process alone.
func newTeam[T op.Float](r *Ranks) team[T] {
	if r.Size() == 1 {
		return alone[T]{}
	}
	return &ranks[T]{Ranks: r}
}

// alone is a team of one process.
type alone[T op.Float] struct{}

func (alone[T]) leads() bool                               { return true }
func (alone[T]) share(n int) span                          { return span{0, n} }
func (alone[T]) sum(t *tree[T]) (*partial[T], error)       { return t.root, nil }
func (alone[T]) collect(own []byte) ([][]byte, error)      { return [][]byte{own}, nil }
func (alone[T]) watch(ctx context.Context) context.Context { return ctx }
func (alone[T]) waited(float64) ([]float64, error)         { return nil, nil }

func (alone[T]) tell(func() ([]byte, error), func(int, []byte) error) error { return nil }

// follow returns the answer of the member that leads.
func follow[T op.Float](t team[T], answer bool) (bool, error) {
	own := []byte{0}
	if answer {
		own[0] = 1
	}
	all, err := t.collect(own)
	if err != nil {
		return false, err
	}
	return all[0][0] != 0, nil
}

// meet returns an error unless all members do the same run, from the same place with the same weights: else
// they would go apart without anybody knowing.
func (r *run[T]) meet() error {
	say := func() ([]byte, error) {
		id := maps.Clone(r.id)
		id["place"] = fmt.Sprintf("epoch %d, step %d", r.Epoch+1, r.Step+1)
		id["kernels"] = dense.CPU()
		for name, st := range map[string]*nn.Store{"weights": r.store, "average of the weights": r.evalStore} {
			digest, err := rundir.WeightsOf(st, nil).Digest()
			if err != nil {
				return nil, err
			}
			id[name] = digest
		}
		return json.Marshal(id)
	}
	var first map[string]string
	return r.team.tell(say, func(member int, said []byte) error {
		var other map[string]string
		if err := json.Unmarshal(said, &other); err != nil {
			return errors.Errorf("train: rank %d does something else than train this model: the ranks run "+
				"different "+
				"commands or programs, want one for all", member)
		}
		if member == 0 {
			first = other
		}
		if err := rundir.CheckIdentity("the first", first, other); err != nil {
			return errors.Errorf("train: rank %d does not do what the first does, want one command, "+
				"program, data and "+
				"HQVIT_CPU for all: %v", member, err)
		}
		return nil
	})
}

// waits adds up how long each member has waited in an epoch that took so many seconds, says which is slow,
// and returns what is to be logged.
func (r *run[T]) waits(seconds float64) ([]any, error) {
	waited, err := r.engine.sum.allWaited()
	if err != nil || waited == nil {
		return nil, err
	}
	if r.waited == nil {
		r.waited = make([]float64, len(waited))
	}
	for i, s := range waited {
		r.waited[i] += s
	}
	if slow, lost := slowest(waited); lost > max(slowShare*seconds, slowSeconds) {
		r.progress.line("rank %d is slow: the others have waited %.1f s of %.1f s for it", slow, lost, seconds)
	}
	return []any{"waited", waited}, nil
}

// slowShare is the part of an epoch that others may wait for a member before it is named, and slowSeconds the
// least that a line shows.
const (
	slowShare   = 0.1
	slowSeconds = 0.05
)

// slowest returns who waits least, and the median of how much longer the others wait: what they wait for it.
func slowest(waited []float64) (member int, lost float64) {
	for i, s := range waited {
		if s < waited[member] {
			member = i
		}
	}
	var others []float64
	for i, s := range waited {
		if i != member {
			others = append(others, s-waited[member])
		}
	}
	if len(others) == 0 {
		return member, 0
	}
	slices.Sort(others)
	return member, others[(len(others)-1)/2]
}
