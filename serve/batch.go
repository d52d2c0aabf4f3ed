package serve

import (
	"context"
	"sync"
	"time"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/foreign"
)

// batcher predicts the pictures of several requests together: a graph takes a whole micro-batch, so that 32
// pictures cost little more than one. What a picture gets does not depend on the others.
type batcher struct {
	predict func(ctx context.Context, pictures data.Split) ([][]float64, error)
	most    int           // pictures of a batch
	window  time.Duration // that the first of a batch waits for others
	queue   chan *waiting
	metrics *metrics
	onClose func()

	stop   context.CancelFunc
	ending context.Context
	ended  sync.WaitGroup
}

// waiting is a picture on its way through the batcher.
type waiting struct {
	ctx     context.Context
	picture data.Split
	done    chan struct{} // closed when one of the next two is there
	result  []float64
	err     error
}

func newBatcher(predict func(context.Context, data.Split) ([][]float64, error), most int, l Limits,
	m *metrics) *batcher {
	b := &batcher{predict: predict, most: most, window: l.Window, metrics: m,
		queue: make(chan *waiting, l.Queue)}
	b.ending, b.stop = context.WithCancel(context.Background())
	b.ended.Go(b.work)
	return b
}

// do returns the probabilities of a picture. It returns an error if too many wait already, and that of the
// context once that is done.
func (b *batcher) do(ctx context.Context, picture data.Split) ([]float64, error) {
	w := &waiting{ctx: ctx, picture: picture, done: make(chan struct{})}
	select {
	case b.queue <- w:
		b.metrics.waiting.Add(1)
	default:
		return nil, busy("%d pictures wait for this model already", cap(b.queue))
	}
	select {
	case <-w.done:
		return w.result, w.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-b.ending.Done():
		return nil, errClosing
	}
}

var errClosing = busy("the server is stopping")

func (b *batcher) work() {
	for {
		select {
		case <-b.ending.Done():
			return
		case first := <-b.queue:
			b.run(b.collect(first))
		}
	}
}

// collect returns the first and those that come within the window, without those that nobody waits for.
func (b *batcher) collect(first *waiting) (batch []*waiting) {
	late := time.NewTimer(b.window)
	defer late.Stop()
	add := func(w *waiting) {
		b.metrics.waiting.Add(-1)
		if w.ctx.Err() == nil {
			batch = append(batch, w)
		}
	}
	add(first)
	for len(batch) < b.most {
		select {
		case w := <-b.queue:
			add(w)
		case <-late.C:
			return batch
		case <-b.ending.Done():
			return batch
		}
	}
	return batch
}

// run predicts a batch. If that fails, each picture is tried alone, so that none spoils the others.
func (b *batcher) run(batch []*waiting) {
	if len(batch) == 0 {
		return
	}
	b.metrics.running.Store(int64(len(batch)))
	defer b.metrics.running.Store(0)
	b.metrics.batches.Add(1)
	b.metrics.pictures.Add(int64(len(batch)))
	all := data.Split{Shape: batch[0].picture.Shape}
	for _, w := range batch {
		all.Images = append(all.Images, w.picture.Images...)
		all.Floats = append(all.Floats, w.picture.Floats...)
	}
	results, err := b.call(all)
	if err != nil && len(batch) > 1 {
		for _, w := range batch {
			b.run([]*waiting{w})
		}
		return
	}
	for i, w := range batch {
		if w.err = err; err == nil {
			w.result = results[i]
		}
		close(w.done)
	}
}

// call predicts, and turns a panic into an error: this goroutine is nobody's request.
func (b *batcher) call(all data.Split) (results [][]float64, err error) {
	defer foreign.Recover(&err, "model", b)
	return b.predict(b.ending, all)
}

// close ends the batcher, after the batch under way.
func (b *batcher) close() {
	b.stop()
	b.ended.Wait()
	if b.onClose != nil {
		b.onClose()
	}
}
