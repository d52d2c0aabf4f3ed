// Package mpi moves bytes between the processes of one mpirun, its ranks. It is the only package with cgo,
// and only with the build tag mpi; without the tag there is one rank.
//
// A program that no mpirun started is one rank too, and never calls MPI. Every call of MPI is made by one
// thread, one after the other in the order of the calls here, and blocks its caller. A call that waits for
// another rank sleeps between its looks, so that it leaves the processor to others. Additions are left to the
// callers: MPI does not say in which order it adds.
package mpi

import (
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/pkg/errors"
)

// World is all ranks of a program. It is safe for concurrent use, but ranks have to make calls that meet each
// other in one order.
type World struct {
	Rank, Size int // this rank, from 0, and how many there are
	purpose    Purpose
	*thread
}

// Purpose keeps the messages of one use of a World apart from those of others.
type Purpose int

// The uses of messages.
const (
	General     Purpose = iota
	Gradients           // sums of a step's micro-batches
	Evaluations         // predictions and losses of a split
	States              // amplitudes of a state that is split over ranks
)

// thread makes the calls of MPI.
type thread struct {
	calls chan call
	end   chan struct{} // closed by Finalize
	once  sync.Once
}

type call struct {
	do   func() error
	done chan<- error
}

// maxMessage bounds what one call of MPI moves, which counts in 32 bits.
const maxMessage = 1 << 30

// abortPatience is how long Abort waits for the thread.
const abortPatience = 2 * time.Second

var world = sync.OnceValues(start)

// Init returns the World of this process, the same at each call. It returns an error if mpirun has started
// several ranks of a program that was built without the tag mpi, and if MPI does not start.
func Init() (*World, error) { return world() }

func start() (*World, error) {
	w := &World{Size: 1}
	if !launched() || os.Getenv("OMPI_COMM_WORLD_SIZE") == "1" {
		return w, nil
	}
	if !built {
		return nil, errors.New("mpi: the program was started as several ranks, but built without MPI: " +
			"build it with go build -tags mpi, which needs a C compiler and libopenmpi-dev")
	}
	w.thread = &thread{calls: make(chan call), end: make(chan struct{})}
	go w.serve()
	err := w.call(func() (err error) {
		w.Rank, w.Size, err = initialize()
		return err
	})
	if err != nil {
		return nil, errors.WithMessage(err, "mpi: start")
	}
	return w, nil
}

// launched reports whether a launcher of MPI programs has started this process: mpirun, or srun --mpi=pmix.
func launched() bool {
	for _, name := range []string{"OMPI_COMM_WORLD_SIZE", "PMIX_RANK"} {
		if _, err := strconv.Atoi(os.Getenv(name)); err == nil {
			return true
		}
	}
	return false
}

// For returns the World for messages of one purpose.
func (w *World) For(p Purpose) *World {
	return &World{Rank: w.Rank, Size: w.Size, purpose: p, thread: w.thread}
}

// serve makes calls until Finalize, all on the operating system's thread that has called MPI_Init.
func (t *thread) serve() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for {
		select {
		case c := <-t.calls:
			c.done <- c.do()
		case <-t.end:
			return
		}
	}
}

// call lets the thread do something, and waits for it.
func (t *thread) call(do func() error) error {
	done := make(chan error, 1)
	select {
	case t.calls <- call{do, done}:
		return <-done
	case <-t.end:
		return errors.New("MPI has ended in this process")
	}
}

// Exchange sends to a peer and receives from it, at the same time. It returns an error if the peer sends
// another number of bytes than recv has.
func (w *World) Exchange(peer int, send, recv []byte) error {
	if err := w.checkPeer("exchange", peer); err != nil {
		return err
	}
	err := w.call(func() error { return exchange(peer, int(w.purpose), message(send), message(recv)) })
	return errors.WithMessagef(err, "mpi: exchange %d bytes for %d with rank %d", len(send), len(recv), peer)
}

// Send sends to a peer, which has to Receive as many bytes.
func (w *World) Send(peer int, data []byte) error {
	if err := w.checkPeer("send", peer); err != nil {
		return err
	}
	err := w.call(func() error { return exchange(peer, int(w.purpose), message(data), nil) })
	return errors.WithMessagef(err, "mpi: send %d bytes to rank %d", len(data), peer)
}

// Recv receives what a peer sends, which has to be as many bytes.
func (w *World) Recv(peer int, data []byte) error {
	if err := w.checkPeer("receive", peer); err != nil {
		return err
	}
	err := w.call(func() error { return exchange(peer, int(w.purpose), nil, message(data)) })
	return errors.WithMessagef(err, "mpi: receive %d bytes from rank %d", len(data), peer)
}

// message returns bytes that are not nil, which is no message: one of no bytes is one.
func message(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}

func (w *World) checkPeer(what string, peer int) error {
	if peer < 0 || peer >= w.Size || peer == w.Rank {
		return errors.Errorf("mpi: %s: rank %d is no other one of %d", what, peer, w.Size)
	}
	return nil
}

// AllGather gives every rank what each has sent, in the order of the ranks: Size times as many bytes, all
// ranks the same number. It is a call of all ranks.
func (w *World) AllGather(send, recv []byte) error {
	if len(recv) != w.Size*len(send) {
		return errors.Errorf("mpi: gather %d bytes of each of %d ranks into %d", len(send), w.Size, len(recv))
	}
	if w.Size == 1 {
		copy(recv, send)
		return nil
	}
	// MPI counts in 32 bits; a part of each rank's bytes at a time would not lie side by side in recv.
	if len(send) > maxMessage {
		return errors.Errorf("mpi: gather %d bytes of each rank, want at most %d", len(send), maxMessage)
	}
	err := w.call(func() error { return allGather(send, recv) })
	return errors.WithMessagef(err, "mpi: gather %d bytes of each rank", len(send))
}

// Broadcast gives every rank the bytes that root has. It is a call of all ranks, with equal lengths.
func (w *World) Broadcast(data []byte, root int) error {
	if root < 0 || root >= w.Size {
		return errors.Errorf("mpi: broadcast: rank %d is none of %d", root, w.Size)
	}
	if w.Size == 1 {
		return nil
	}
	err := w.call(func() error { return broadcast(data, root) })
	return errors.WithMessagef(err, "mpi: broadcast %d bytes", len(data))
}

// Barrier returns when all ranks have called it.
func (w *World) Barrier() error {
	if w.Size == 1 {
		return nil
	}
	return errors.WithMessage(w.call(barrier), "mpi: barrier")
}

// Abort ends the processes of all ranks with that code, also if this one waits for another. It does not
// return.
func (w *World) Abort(code int) {
	if w.thread != nil {
		interrupt() // what waits, so that the thread is free
		aborted := make(chan struct{})
		go func() {
			w.call(func() error { abort(code); return nil })
			close(aborted)
		}()
		select {
		case <-aborted:
		case <-time.After(abortPatience):
		}
	}
	os.Exit(code)
}

// Finalize ends MPI in this process. A rank that ends without it ends the others, as one that has failed
// does. It waits for all ranks.
func (w *World) Finalize() error {
	if w.thread == nil {
		return nil
	}
	err := error(nil)
	w.once.Do(func() {
		err = w.call(finalize)
		close(w.end)
	})
	return errors.WithMessage(err, "mpi: finalize")
}
