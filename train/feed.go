package train

import (
	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn/op"
)

// feed says which images the steps of a run are made of. The workers of the engine prepare them, each its own: a goroutine that did it ahead of them
// would take turns with one of them for a processor, and the others wait for that one at the end of the step.
type feed[T op.Float] struct {
	loader[T]
	batch, epoch, step int
	order              []int // of the epoch
}

// newFeed starts at a step of an epoch.
func newFeed[T op.Float](l loader[T], batch, epoch, step int) *feed[T] {
	return &feed[T]{loader: l, batch: batch, epoch: epoch, step: step}
}

// next returns the images of the next step, in its order, and its epoch.
func (f *feed[T]) next() (images []int, epoch int) {
	if f.step*f.batch >= f.planes.Len() {
		f.epoch, f.step, f.order = f.epoch+1, 0, nil
	}
	if f.order == nil {
		f.order = data.Permutation(f.planes.Len(), f.seed, f.epoch)
	}
	at := f.step * f.batch
	f.step++
	return f.order[at:min(at+f.batch, len(f.order))], f.epoch
}

// micros is of how many micro-batches a step of so many images consists.
func (f *feed[T]) micros(images int) int { return (images + f.micro - 1) / f.micro }
