package train

import (
	"github.com/hqvit/hqvit/data"
)

// feed says which examples the steps of a run are made of. The workers of the engine prepare them, each its
// own: a goroutine that did it ahead of them would take turns with one of them for a processor, and the
// others would wait for that one at the end of the step.
type feed struct {
	*split
	batch, micro, epoch, step int
	order                     []int // of the epoch
}

// next returns the examples of the next step, in its order, and its epoch.
func (f *feed) next() (examples []int, epoch int) {
	if f.step*f.batch >= f.Len() {
		f.epoch, f.step, f.order = f.epoch+1, 0, nil
	}
	if f.order == nil {
		f.order = data.Permutation(f.Len(), f.seed, f.epoch)
	}
	from := f.step * f.batch
	f.step++
	return f.order[from:min(from+f.batch, len(f.order))], f.epoch
}

// microbatches returns the number of micro-batches in a step of so many examples.
func (f *feed) microbatches(examples int) int { return (examples + f.micro - 1) / f.micro }
