package split

import (
	"cmp"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/pkg/errors"
)

// State is the share that a rank has of a state, or of a gradient by a state.
type State[T statevec.Float] struct {
	// Amplitudes are 2^Local pairs of a real and an imaginary part, in the order of the layout.
	Amplitudes []T

	comm   Comm
	layout *Layout
	buffer [2][]T // of one chunk: to send, and received
}

// ChunkAmplitudes is how many amplitudes are exchanged at once, so that buffers are small beside states.
const ChunkAmplitudes = 1 << 16

const chunkNumbers = 2 * ChunkAmplitudes

// NewState returns the share of |0…0⟩ that a rank has in a layout. It returns an error without a layout, and
// for another number of ranks than that of the layout.
func NewState[T statevec.Float](comm Comm, layout *Layout) (*State[T], error) {
	if err := comm.check(); err != nil {
		return nil, err
	}
	if layout == nil || layout.local == 0 {
		return nil, errors.New("split: want a layout from NewLayout or from a Plan")
	}
	if layout.Ranks() != comm.Size {
		return nil, errors.Errorf("split: want a layout for %d ranks, got one for %d", comm.Size, layout.Ranks())
	}
	s := &State[T]{comm: comm, layout: layout, Amplitudes: make([]T, 2<<layout.local)}
	if layout.block[comm.Rank] == 0 {
		s.Amplitudes[0] = 1
	}
	return s, nil
}

// Layout returns where the amplitudes are.
func (s *State[T]) Layout() *Layout {
	if s == nil {
		return nil
	}
	return s.layout
}

func (s *State[T]) check() error {
	if s == nil || s.layout == nil {
		return errors.New("split: want a State from NewState")
	}
	return checkLength("the amplitudes of a rank", len(s.Amplitudes), 2<<s.layout.local)
}

// sameSize returns an error unless two states are of the same rank and size.
func sameSize[T statevec.Float](a, b *State[T]) error {
	if err := cmp.Or(a.check(), b.check()); err != nil {
		return err
	}
	if a.comm.Rank != b.comm.Rank || a.layout.Ranks() != b.layout.Ranks() ||
		a.layout.Qubits() != b.layout.Qubits() {
		return errors.Errorf("split: want states of the same qubits on the same rank, got %d and %d qubits, "+
			"ranks %d of %d and %d of %d", a.layout.Qubits(), b.layout.Qubits(), a.comm.Rank, a.layout.Ranks(),
			b.comm.Rank, b.layout.Ranks())
	}
	return nil
}

// Set sets the amplitudes to f of their index, qubit 0 the most significant bit. Each rank calls f for its
// own. It returns an error if f is nil or panics.
func (s *State[T]) Set(f func(index uint64) complex128) (err error) {
	if err := s.check(); err != nil {
		return err
	}
	defer foreign.Recover(&err, "function of the amplitudes", f)
	at := s.layout.selection(s.comm.Rank, identity(s.layout.Qubits()))
	for i := range len(s.Amplitudes) / 2 {
		v := f(at.of(i))
		s.Amplitudes[2*i], s.Amplitudes[2*i+1] = T(real(v)), T(imag(v))
	}
	return nil
}

// maxWhole bounds the qubits of a state that Whole puts together.
const maxWhole = 26

// Whole returns all amplitudes in the order of their index, on every rank: of small states, to look at. It is
// a call of all ranks. It returns an error for more than 26 qubits.
func (s *State[T]) Whole() ([]T, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	n := s.layout.Qubits()
	if n > maxWhole {
		return nil, errors.Errorf("split: Whole: want at most %d qubits, got %d: read the amplitudes of each rank",
			maxWhole, n)
	}
	out, sums := make([]T, 2<<n), make([]float64, min(2<<n, chunkNumbers))
	at := s.layout.selection(s.comm.Rank, identity(n))
	for i := range len(s.Amplitudes) / 2 {
		copy(out[2*at.of(i):], s.Amplitudes[2*i:2*i+2])
	}
	for from := 0; from < len(out); from += len(sums) { // all but one of the ranks add a zero
		part := out[from : from+len(sums)]
		for i, v := range part {
			sums[i] = float64(v)
		}
		if err := s.comm.sum(sums); err != nil {
			return nil, err
		}
		for i, v := range sums {
			part[i] = T(v)
		}
	}
	return out, nil
}

// Norm returns ⟨ψ|ψ⟩. It is a call of all ranks.
func (s *State[T]) Norm() (float64, error) {
	if err := s.check(); err != nil {
		return 0, err
	}
	sum := []float64{squares(s.Amplitudes)}
	err := s.comm.sum(sum)
	return sum[0], err
}

// squares returns the sum of the squares, by blocks, so that rounding does not grow with the state.
func squares[T statevec.Float](x []T) (sum float64) {
	for len(x) > 0 {
		block, part := x[:min(len(x), 4096)], 0.0
		for _, v := range block {
			part += float64(v) * float64(v)
		}
		sum, x = sum+part, x[len(block):]
	}
	return sum
}

// buffers returns room for n numbers to send and to receive.
func (s *State[T]) buffers(n int) (send, recv []T) {
	for i := range s.buffer {
		if len(s.buffer[i]) < n {
			s.buffer[i] = make([]T, n)
		}
	}
	return s.buffer[0][:n], s.buffer[1][:n]
}
