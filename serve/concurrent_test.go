package serve

import (
	"context"
	"fmt"
	"image"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/trained"
)

// Many clients at once: each gets what it would get alone, to the last bit, and pictures go together.
func TestManyClients(t *testing.T) {
	dir := saved(t, "hqvit", nil)
	s := start(
		t,
		Options{
			Models:  []string{dir, saved(t, "vit", nil)},
			Threads: 2,
			Limits:  Limits{Window: 20 * time.Millisecond},
		},
	)
	m, err := trained.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var pictures []image.Image
	var files [][]byte
	for i := range 16 {
		pictures = append(pictures, drawnPicture(i))
		files = append(files, pngOf(t, pictures[i]))
	}
	want, err := m.Predict(t.Context(), pictures...)
	if err != nil {
		t.Fatal(err)
	}
	var clients sync.WaitGroup
	for client := range 16 {
		clients.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(client)))
			for range 6 {
				i := random.IntN(len(files))
				path := []string{"hqvit/predict", "hqvit/predict", "hqvit/attention", "vit/predict",
					"hqvit/predict?shots=100"}[random.IntN(5)]
				r := s.post("/api/v1/models/"+path, "image/png", files[i])
				answer, err := s.Client().Do(r)
				if err != nil {
					t.Error(err)
					continue
				}
				body, err := io.ReadAll(answer.Body)
				answer.Body.Close()
				if answer.StatusCode != 200 || err != nil {
					t.Errorf("%s: %d %s %v", path, answer.StatusCode, body, err)
					continue
				}
				if path == "hqvit/predict" || path == "hqvit/attention" {
					if p := decoded[prediction](t, body); !slices.Equal(p.Probabilities, want[i].Probabilities) {
						t.Errorf("%s, picture %d: %v, want %v", path, i, p.Probabilities, want[i].Probabilities)
					}
				}
			}
		})
	}
	clients.Wait()
	if b, p := s.server.metrics.batches.Load(), s.server.metrics.pictures.Load(); b == 0 || b >= p {
		t.Errorf("%d pictures in %d batches, want several in some", p, b)
	}
	if s.server.metrics.waiting.Load() != 0 || s.server.metrics.running.Load() != 0 {
		t.Error("pictures wait although nobody does")
	}
}

// A batcher with a model that stands still: pictures wait in a queue of that length and no more, those that
// nobody waits for are left out, and an error is that of the picture that causes it.
func TestQueue(t *testing.T) {
	hold, begun := make(chan struct{}), make(chan int, 10)
	shape := data.Shape{Height: 1, Width: 1, Channels: 1}
	b := newBatcher(func(_ context.Context, s data.Split) (results [][]float64, err error) {
		begun <- s.Len()
		<-hold
		for _, v := range s.Images {
			if v == 13 {
				return nil, fmt.Errorf("unlucky")
			}
			results = append(results, []float64{float64(v)})
		}
		return results, nil
	}, 8, Limits{Queue: 3, Window: time.Millisecond}, newMetrics())
	type result struct {
		p   []float64
		err error
	}
	ask := func(ctx context.Context, v uint8) chan result {
		c := make(chan result, 1)
		go func() {
			p, err := b.do(ctx, data.Split{Shape: shape, Images: []uint8{v}})
			c <- result{p, err}
		}()
		return c
	}
	first := ask(t.Context(), 1)
	if n := <-begun; n != 1 {
		t.Fatalf("a batch of %d", n)
	}
	ctx, leave := context.WithCancel(t.Context())
	leaving := ask(ctx, 2)
	others := []chan result{ask(t.Context(), 3), ask(t.Context(), 13)}
	for len(b.queue) < 3 {
		time.Sleep(time.Millisecond)
	}
	if r := <-ask(t.Context(), 4); statusOf(r.err) != http.StatusServiceUnavailable {
		t.Errorf("behind a full queue: %v", r.err)
	}
	leave()
	if r := <-leaving; r.err != context.Canceled {
		t.Errorf("%v, want %v", r.err, context.Canceled)
	}
	close(hold)
	if r := <-first; r.err != nil || r.p[0] != 1 {
		t.Errorf("%v", r)
	}
	if n := <-begun; n != 2 {
		t.Errorf("a batch of %d, want 2: nobody waits for the third", n)
	}
	if r := <-others[0]; r.err != nil || r.p[0] != 3 {
		t.Errorf("%v", r)
	}
	if r := <-others[1]; r.err == nil || r.err.Error() != "unlucky" {
		t.Errorf("%v", r)
	}
	b.close()
	if r := <-ask(t.Context(), 5); r.err != errClosing {
		t.Errorf("behind the end: %v", r.err)
	}
}
