package train

import (
	"context"
	"encoding/binary"
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/mpi"
	"github.com/hqvit/hqvit/nn/op"
)

// Ranks are the processes that one mpirun has started, or this one alone. Those that have them in a Loop or a
// PredictorConfig share its work: every one makes the same calls, with the same model, recipe and data.
type Ranks struct {
	world transport
	rank  int
	size  int
}

// transport moves bytes between ranks; see mpi.World.
type transport interface {
	Exchange(peer int, send, recv []byte) error
	Send(peer int, data []byte) error
	Recv(peer int, data []byte) error
	AllGather(send, recv []byte) error
	Broadcast(data []byte, root int) error
}

// OpenRanks returns the processes of this mpirun. It returns an error if there are several and the program
// was built without the tag mpi.
func OpenRanks() (*Ranks, error) {
	w, err := mpi.Init()
	if err != nil {
		return nil, errors.WithMessage(err, "train")
	}
	return &Ranks{world: w.For(mpi.Gradients), rank: w.Rank, size: w.Size}, nil
}

// Rank returns the number of this process, from 0; 0 of nil.
func (r *Ranks) Rank() int {
	if r == nil {
		return 0
	}
	return r.rank
}

// Size returns how many there are; 1 of nil.
func (r *Ranks) Size() int {
	if r == nil {
		return 1
	}
	return r.size
}

// Share returns the part of n things that is this rank's, from ≤ i < to: as many for each, or one more for
// the first.
func (r *Ranks) Share(n int) (from, to int) {
	s := shareOf(n, r.Rank(), r.Size())
	return s.from, s.to
}

// shareOf returns the part of n things that is a rank's.
func shareOf(n, rank, size int) span {
	each, more := n/size, n%size
	from := rank*each + min(rank, more)
	to := from + each
	if rank < more {
		to++
	}
	return span{from, to}
}

// ownerOf returns the rank whose share has a thing.
func ownerOf(thing, n, size int) int {
	each, more := n/size, n%size
	if thing < more*(each+1) {
		return thing / (each + 1)
	}
	return more + (thing-more*(each+1))/each
}

// Collect returns what each rank gives, in their order. It is a call of all ranks.
func (r *Ranks) Collect(own []byte) ([][]byte, error) {
	if r.Size() == 1 {
		return [][]byte{own}, nil
	}
	const word = 8
	lengths := make([]byte, word*r.size)
	if err := r.world.AllGather(binary.NativeEndian.AppendUint64(nil, uint64(len(own))), lengths); err != nil {
		return nil, err
	}
	all, longest := make([][]byte, r.size), 0
	for i := range all {
		n := int(binary.NativeEndian.Uint64(lengths[i*word:]))
		all[i], longest = make([]byte, n), max(longest, n)
	}
	copy(all[r.rank], own)
	if longest <= 4096 {
		padded, gathered := make([]byte, longest), make([]byte, longest*r.size)
		copy(padded, own)
		if err := r.world.AllGather(padded, gathered); err != nil {
			return nil, err
		}
		for i := range all {
			copy(all[i], gathered[i*longest:])
		}
		return all, nil
	}
	for i := range all {
		if len(all[i]) == 0 {
			continue
		}
		if err := r.world.Broadcast(all[i], i); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// ranks is a team of several processes.
type ranks[T op.Float] struct {
	*Ranks
	asked  context.Context         // of this process
	cancel context.CancelCauseFunc // of what watch has returned
}

func (m *ranks[T]) leads() bool                          { return m.rank == 0 }
func (m *ranks[T]) share(n int) span                     { return shareOf(n, m.rank, m.size) }
func (m *ranks[T]) collect(own []byte) ([][]byte, error) { return m.Collect(own) }

func (m *ranks[T]) watch(ctx context.Context) context.Context {
	m.asked = ctx
	ctx, m.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	return ctx
}

// stopped reports whether this process has been asked to stop.
func (m *ranks[T]) stopped() bool { return m.asked != nil && m.asked.Err() != nil }

func (m *ranks[T]) tell(say func() ([]byte, error), hear func(member int, said []byte) error) error {
	own, err := say()
	if err != nil {
		return err
	}
	all, err := m.Collect(own)
	if err != nil {
		return err
	}
	for member, said := range all {
		if err := hear(member, said); err != nil {
			return err
		}
	}
	return nil
}

func (m *ranks[T]) waited(own float64) ([]float64, error) {
	all, err := m.Collect(binary.NativeEndian.AppendUint64(nil, math.Float64bits(own)))
	if err != nil {
		return nil, err
	}
	seconds := make([]float64, len(all))
	for i, b := range all {
		seconds[i] = math.Float64frombits(binary.NativeEndian.Uint64(b))
	}
	return seconds, nil
}

func (m *ranks[T]) sum(t *tree[T]) (*partial[T], error) {
	r := rankSum[T]{m.Ranks, t}
	if err := r.climb(m.stopped()); err != nil {
		return nil, err
	}
	if t.root.stop && m.cancel != nil {
		m.cancel(nil)
	}
	return t.root, nil
}
