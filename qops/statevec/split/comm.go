package split

import (
	"sync"
	"unsafe"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/qops/statevec"
	"github.com/pkg/errors"
)

// Comm is one rank of those that hold a state, and its way to the others.
type Comm struct {
	Rank, Size int // from 0; how many there are, a power of two

	// Exchange sends to another rank and receives from it as many bytes, while that one does the same. Ranks
	// have to have one order of bytes.
	Exchange func(peer int, send, recv []byte) error
}

// Alone is the only rank.
func Alone() Comm { return Comm{Size: 1} }

// check returns an error unless the ranks can hold a state.
func (c Comm) check() error {
	if err := checkRanks(c.Size); err != nil {
		return err
	}
	if c.Rank < 0 || c.Rank >= c.Size {
		return errors.Errorf("split: want a rank of 0 to %d, got %d", c.Size-1, c.Rank)
	}
	if c.Size > 1 && c.Exchange == nil {
		return errors.New("split: want a Comm with Exchange")
	}
	return nil
}

// maxRanks bounds tables by rank.
const maxRanks = 1 << 16

// checkRanks returns an error unless a state can be split over so many ranks.
func checkRanks(size int) error {
	if size < 1 || size > maxRanks {
		return errors.Errorf("split: want 1 to %d ranks, got %d", maxRanks, size)
	}
	if size&(size-1) != 0 {
		below := 1
		for 2*below < size {
			below *= 2
		}
		return errors.Errorf("split: want a number of ranks that is a power of two, got %d: start %d or %d",
			size, below, 2*below)
	}
	return nil
}

// exchange calls Exchange, which others have written.
func (c Comm) exchange(peer int, send, recv []byte) (err error) {
	defer foreign.Recover(&err, "function Exchange of the Comm", c.Exchange)
	return errors.WithMessage(c.Exchange(peer, send, recv), "split")
}

// sum sets x on all ranks to its sum over them, to the same bits: in each round pairs of ranks add what both
// have, and a sum of two numbers has no order.
func (c Comm) sum(x []float64) error {
	other := make([]float64, len(x))
	for bit := 1; bit < c.Size; bit *= 2 {
		if err := c.exchange(c.Rank^bit, bytesOf(x), bytesOf(other)); err != nil {
			return err
		}
		for i, v := range other {
			x[i] += v
		}
	}
	return nil
}

// bytesOf returns the memory of numbers.
func bytesOf[T statevec.Float](x []T) []byte {
	var zero T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(zero)))
}

// InProcess calls f for each of so many ranks, goroutines of this process, and returns when all have
// returned: the error of the first that failed, which ends the exchanges of the others.
func InProcess(ranks int, f func(Comm) error) error {
	if err := checkRanks(ranks); err != nil {
		return err
	}
	if f == nil {
		return errors.New("split: InProcess: the function is nil")
	}
	hub := newHub(ranks)
	var group sync.WaitGroup
	for r := range ranks {
		group.Add(1)
		go func() {
			defer group.Done()
			if err := hub.run(f, r); err != nil {
				hub.fail(err)
			}
		}()
	}
	group.Wait()
	return hub.err
}

// hub connects the ranks of a process.
type hub struct {
	letters [][]chan letter // by sender and receiver
	failed  chan struct{}
	once    sync.Once
	err     error
}

// letter is what one rank sends; taken is closed when the other has copied it.
type letter struct {
	data  []byte
	taken chan struct{}
}

func newHub(ranks int) *hub {
	h := &hub{letters: make([][]chan letter, ranks), failed: make(chan struct{})}
	for r := range h.letters {
		h.letters[r] = make([]chan letter, ranks)
		for s := range h.letters[r] {
			h.letters[r][s] = make(chan letter, 1)
		}
	}
	return h
}

func (h *hub) fail(err error) {
	h.once.Do(func() {
		h.err = err
		close(h.failed)
	})
}

func (h *hub) run(f func(Comm) error, rank int) (err error) {
	defer foreign.Recover(&err, "function of the ranks", f)
	return f(Comm{Rank: rank, Size: len(h.letters), Exchange: func(peer int, send, recv []byte) error {
		return h.exchange(rank, peer, send, recv)
	}})
}

func (h *hub) exchange(rank, peer int, send, recv []byte) error {
	if peer < 0 || peer >= len(h.letters) || peer == rank {
		return errors.Errorf("rank %d is no other one of %d", peer, len(h.letters))
	}
	mine := letter{send, make(chan struct{})}
	h.letters[rank][peer] <- mine // the one before was taken
	select {
	case yours := <-h.letters[peer][rank]:
		if len(yours.data) != len(recv) {
			return errors.Errorf("rank %d has sent %d bytes to rank %d, want %d", peer, len(yours.data), rank,
				len(recv))
		}
		copy(recv, yours.data)
		close(yours.taken)
	case <-h.failed:
		return errors.New("another rank has failed")
	}
	select {
	case <-mine.taken:
		return nil
	case <-h.failed:
		return errors.New("another rank has failed")
	}
}

// checkLength returns an error unless there are as many numbers as wanted.
func checkLength(what string, got, want int) error {
	if got != want {
		return errors.Errorf("split: want %s of %d numbers, got %d", what, want, got)
	}
	return nil
}
