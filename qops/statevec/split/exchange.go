package split

import (
	"math/bits"
	"slices"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/pkg/errors"
)

// move is an exchange of places between global and local qubits, on one rank. Made twice it changes nothing.
type move struct {
	mask  int   // the local qubits, in the index of an amplitude
	parts []int // by what the global qubits are: the local ones, in the index
	peers []int // by the same: the rank that the amplitudes there come from and go to
	mine  int
}

// newMove returns the part of a rank in a step that changes places.
func newMove(s *step, rank int) *move {
	l, k := s.layout, len(s.fetch)
	m := &move{parts: make([]int, 1<<k), peers: make([]int, 1<<k)}
	rankOf := make([]int, len(l.block))
	for r, b := range l.block {
		rankOf[b] = r
	}
	for v := range m.parts {
		block := l.block[rank]
		for i, q := range s.fetch {
			bit := 1 << (l.global() - 1 - l.place[q])
			block &^= bit
			if v>>(k-1-i)&1 == 1 {
				block |= bit
				m.parts[v] |= l.localBit(s.give[i])
			}
		}
		if m.peers[v] = rankOf[block]; m.peers[v] == rank {
			m.mine = v
		}
	}
	for _, q := range s.give {
		m.mask |= l.localBit(q)
	}
	return m
}

// move exchanges the parts of a state with all other ranks, each with one at a time.
func (s *State[T]) move(m *move) error {
	for x := 1; x < len(m.parts); x++ {
		v := m.mine ^ x
		if err := s.exchangePart(m.peers[v], m.mask, m.parts[v]); err != nil {
			return err
		}
	}
	return nil
}

// exchangePart exchanges with another rank the amplitudes with those values of the masked bits of the index.
func (s *State[T]) exchangePart(peer, mask, value int) error {
	amplitudes := len(s.Amplitudes) / 2
	count := amplitudes >> bits.OnesCount(uint(mask))
	chunk := min(count, ChunkAmplitudes)
	run := amplitudes // neighbours with the same value
	if mask != 0 {
		run = mask & -mask
	}
	send, recv := s.buffers(2 * chunk)
	for first, i := 0, value; first < count; first += chunk {
		if run >= chunk {
			x := s.Amplitudes[2*i:][:2*chunk]
			if err := s.comm.exchange(peer, bytesOf(x), bytesOf(recv)); err != nil {
				return err
			}
			copy(x, recv)
			i = after(i, chunk, mask, value)
			continue
		}
		next := i
		for at := 0; at < 2*chunk; at += 2 * run {
			copy(send[at:at+2*run], s.Amplitudes[2*next:])
			next = after(next, run, mask, value)
		}
		if err := s.comm.exchange(peer, bytesOf(send), bytesOf(recv)); err != nil {
			return err
		}
		for at := 0; at < 2*chunk; at += 2 * run {
			copy(s.Amplitudes[2*i:][:2*run], recv[at:])
			i = after(i, run, mask, value)
		}
	}
	return nil
}

// after returns the index that comes so many after one, a power of two up to the lowest bit of the mask,
// among those with a value of the masked bits.
func after(i, step, mask, value int) int { return ((i|mask)+step)&^mask | value }

// Rearrange moves the amplitudes to another layout of the same qubits and ranks. It is a call of all ranks.
func (s *State[T]) Rearrange(to *Layout) error {
	if err := s.check(); err != nil {
		return err
	}
	from := s.layout
	if to.Qubits() != from.Qubits() || to.Ranks() != from.Ranks() {
		return errors.Errorf("split: want a layout of %d qubits on %d ranks, got one of %d on %d",
			from.Qubits(), from.Ranks(), to.Qubits(), to.Ranks())
	}
	if from.equal(to) {
		return nil
	}
	st, between := step{layout: from}, *from
	between.place = slices.Clone(from.place)
	for q := range from.place {
		switch {
		case !from.isLocal(q) && to.isLocal(q):
			st.fetch = append(st.fetch, q)
		case from.isLocal(q) && !to.isLocal(q):
			st.give = append(st.give, q)
		}
	}
	for i, q := range st.fetch {
		p := st.give[i]
		between.place[q], between.place[p] = from.place[p], from.place[q]
	}
	if err := s.move(newMove(&st, s.comm.Rank)); err != nil {
		return err
	}
	if err := s.permuteLocal(between.place, to); err != nil {
		return err
	}
	if err := s.permuteRanks(&between, to); err != nil {
		return err
	}
	s.layout = to
	return nil
}

// permuteLocal brings the local qubits from their positions to those of a layout.
func (s *State[T]) permuteLocal(place []int, to *Layout) error {
	at := make([]int, to.local) // by position: the qubit
	for q, p := range place {
		if p >= to.global() {
			at[p-to.global()] = q
		}
	}
	c := circuit.New(to.local)
	for p := range at {
		for wanted := to.place[at[p]] - to.global(); wanted != p; wanted = to.place[at[p]] - to.global() {
			c.Swap(p, wanted)
			at[p], at[wanted] = at[wanted], at[p]
		}
	}
	if len(c.Operations()) == 0 {
		return nil
	}
	plan, err := statevec.Compile[T](c)
	if err != nil {
		return err
	}
	return plan.NewExecutor(1).Apply(1, nil, nil, s.Amplitudes, s.Amplitudes)
}

// permuteRanks brings the blocks of all ranks to where another layout of the same global qubits has them. A
// cycle of ranks is two rounds of exchanges in pairs, as a rotation is two reflections.
func (s *State[T]) permuteRanks(from, to *Layout) error {
	global := to.Global()
	holder := make([]int, len(to.block)) // by what the global qubits are
	for r := range to.block {
		holder[to.patternOn(r, global)] = r
	}
	seen := make([]bool, len(to.block))
	for first := range to.block {
		var cycle []int
		for r := first; !seen[r]; r = holder[from.patternOn(r, global)] {
			seen[r] = true
			cycle = append(cycle, r)
		}
		i, n := slices.Index(cycle, s.comm.Rank), len(cycle)
		for axis := 0; axis <= 1 && i >= 0 && n > 1; axis++ {
			if j := (axis - i + n) % n; j != i {
				if err := s.exchangePart(cycle[j], 0, 0); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// patternOn returns what some global qubits are on a rank, the first the most significant bit.
func (l *Layout) patternOn(rank int, qubits []int) (pattern int) {
	for _, q := range qubits {
		pattern = pattern<<1 | l.bitOn(rank, q)
	}
	return pattern
}
