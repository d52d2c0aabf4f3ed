package train

import (
	"sync"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn/op"
)

// feed prepares the micro-batches of a run ahead of their use, in the order of their use, on a goroutine of its own.
type feed[T op.Float] struct {
	loader[T]
	batch, epochs int

	ready, free chan *micro[T]
	quit        chan struct{}
	done        sync.WaitGroup
}

// newFeed starts at a step of an epoch. It holds that many micro-batches.
func newFeed[T op.Float](l loader[T], batch, epochs, epoch, step, held int) *feed[T] {
	f := &feed[T]{loader: l, batch: batch, epochs: epochs, ready: make(chan *micro[T], held), free: make(chan *micro[T], held), quit: make(chan struct{})}
	for range held {
		f.free <- l.newMicro()
	}
	f.done.Go(func() { f.prepare(epoch, step) })
	return f
}

// prepare goes through the rest of the run, until it is done or stopped.
func (f *feed[T]) prepare(epoch, step int) {
	for ; epoch < f.epochs; epoch, step = epoch+1, 0 {
		order := data.Order(f.planes.Len(), f.seed, epoch)
		for at := step * f.batch; at < len(order); at += f.batch {
			images := order[at:min(at+f.batch, len(order))]
			for index, from := 0, 0; from < len(images); index, from = index+1, from+f.micro {
				select {
				case <-f.quit:
					return
				case m := <-f.free:
					m.index = index
					m.err = f.fill(m, epoch, images[from:min(from+f.micro, len(images))])
					f.ready <- m // never waits: it has room for all there are
				}
			}
		}
	}
}

func (f *feed[T]) stop() {
	close(f.quit)
	f.done.Wait()
}
