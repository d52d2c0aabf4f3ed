package statevec

import (
	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/qops/statevec/internal/tile"
)

// marginals adds up the squared norms of the amplitudes of a block by what some qubits are there. Whole
// blocks of 16 neighbours are added first, then the numbers of what is left.
type marginals[T Float] struct {
	blocks, step int                  // of 16 neighbours; amplitudes
	pairs        []blockPair          // added in this order, and shared out in the other
	kept         []keptBlock          // what is left
	low          [1 << leafBits]int32 // outcome of a place in a block, without that of the block
	high         []int32              // outcome of a block of amplitudes, by its number
}

type blockPair struct{ to, from int }

type keptBlock struct {
	at      int
	outcome int32
}

// newMarginals prepares outcomes on some of n qubits, the first the most significant bit of an outcome.
func newMarginals[T Float](n int, qubits []int) *marginals[T] {
	m := &marginals[T]{step: 1 << diagonalBlock(n, 0)}
	m.blocks = max(1, m.step>>leafBits)
	for l := range min(m.step, len(m.low)) {
		m.low[l] = outcomeOf(n, qubits, l)
	}
	for from := 0; from < 1<<n; from += m.step {
		m.high = append(m.high, outcomeOf(n, qubits, from))
	}
	traced := 1<<n - 1
	for _, q := range qubits {
		traced &^= 1 << (n - 1 - q)
	}
	traced = traced >> leafBits & (m.blocks - 1)
	for bit := m.blocks >> 1; bit > 0; bit >>= 1 {
		for k := range m.blocks {
			if traced&bit != 0 && k&bit == 0 && k&traced&^(2*bit-1) == 0 {
				m.pairs = append(m.pairs, blockPair{k, k | bit})
			}
		}
	}
	for k := range m.blocks {
		if k&traced == 0 {
			m.kept = append(m.kept, keptBlock{k, outcomeOf(n, qubits, k<<leafBits)})
		}
	}
	return m
}

// outcomeOf returns what some of n qubits are at an index.
func outcomeOf(n int, qubits []int, index int) int32 { return int32(tile.Extract(index, qubits, n)) }

// marginalScratch is the memory of one goroutine.
type marginalScratch[T Float] struct {
	norms []tile.Block[T]
	small smallStates[T]
}

func (m *marginals[T]) newScratch() *marginalScratch[T] {
	return &marginalScratch[T]{norms: make([]tile.Block[T], m.blocks)}
}

// add adds the squared norms of a state to those of the outcomes.
func (m *marginals[T]) add(w *marginalScratch[T], psi []T, sums []float64) {
	lanes := min(m.step, len(m.low))
	for i, high := range m.high {
		squares(rowOf(psi, i, 2*m.step), w.norms, &w.small)
		for _, p := range m.pairs {
			x, y := w.norms[p.to][:], w.norms[p.from][:]
			dense.Add(x, x, y)
		}
		for _, k := range m.kept {
			x := &w.norms[k.at]
			for l, low := range m.low[:lanes] {
				sums[high|k.outcome|low] += float64(x[l])
			}
		}
	}
}

// weigh sets out to the amplitudes times 2·weights of their outcomes.
func (m *marginals[T]) weigh(w *marginalScratch[T], weights, psi, out []T) {
	for i, high := range m.high {
		for _, k := range m.kept {
			x := &w.norms[k.at]
			for l, low := range m.low {
				x[l] = 2 * weights[high|k.outcome|low]
			}
		}
		for i := len(m.pairs) - 1; i >= 0; i-- {
			w.norms[m.pairs[i].from] = w.norms[m.pairs[i].to]
		}
		weigh(w.norms, rowOf(psi, i, 2*m.step), rowOf(out, i, 2*m.step), &w.small)
	}
}

// smallStates is room for two states of 16 amplitudes, in place of smaller ones.
type smallStates[T Float] [4 << leafBits]T

// squares is tile.Squares, of a state of less than 16 amplitudes too, the missing ones being 0.
func squares[T Float](psi []T, norms []tile.Block[T], small *smallStates[T]) {
	if len(psi) < 2<<leafBits {
		clear(small[copy(small[:], psi):])
		psi = small[:2<<leafBits]
	}
	tile.Squares(psi, norms)
}

// weigh is tile.Weigh, of a state of less than 16 amplitudes too.
func weigh[T Float](w []tile.Block[T], psi, out []T, small *smallStates[T]) {
	if len(psi) >= 2<<leafBits {
		tile.Weigh(w, psi, out)
		return
	}
	in, to := small[:2<<leafBits], small[2<<leafBits:]
	clear(in[copy(in, psi):])
	tile.Weigh(w, in, to)
	copy(out, to)
}
