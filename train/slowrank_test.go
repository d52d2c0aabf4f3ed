package train

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
)

// A rank that is slow is named, and the summary has how long each has waited.
func TestSlowRankIsNamed(t *testing.T) {
	waiting := make(chan struct{}, 100) // rank 0 in an exchange of a step
	x := tensor.New(tensor.WithShape(32, 4), tensor.WithBacking(make([]float32, 32*4)))
	y := tensor.New(tensor.WithShape(32, 1), tensor.WithBacking(make([]float32, 32)))
	recipe := DefaultRecipe()
	recipe.Epochs, recipe.Batch, recipe.Micro, recipe.Loss = 2, 8, 4, "mse"
	members := posts(2)
	members[0].world = signalling{members[0].world, waiting}
	var said, log strings.Builder
	var group sync.WaitGroup
	for rank, r := range members {
		l := Loop{Model: nn.Linear{Out: 1}, Recipe: recipe, Threads: 1, Ranks: r,
			Train: Arrays{Inputs: []*tensor.Dense{x}, Values: y}}
		if rank == 0 {
			l.Progress, l.Log = &said, slog.New(slog.NewJSONHandler(&log, nil))
		} else {
			l.Train = late{l.Train, waiting}
		}
		group.Go(func() {
			report, err := l.Run(context.Background())
			if err != nil {
				t.Error(err)
				return
			}
			if w := report.SecondsWaited; len(w) != 2 || w[0] < 8*lateness.Seconds() || w[0] < w[1] {
				t.Errorf("waited %v s in 8 steps, want rank 0 at least %v each", w, lateness)
			}
		})
	}
	group.Wait()
	if !strings.Contains(said.String(), "rank 1 is slow: the others have waited ") {
		t.Errorf("said %q, want that rank 1 is slow", said.String())
	}
	if !strings.Contains(log.String(), `"waited":[`) {
		t.Errorf("logged %q, want how long each has waited", log.String())
	}
}

// lateness is how long the late rank lets the other wait.
const lateness = 20 * time.Millisecond

// late gives no example before somebody waits for it.
type late struct {
	Data
	waiting chan struct{}
}

func (l late) Fill(b *Batch) error {
	<-l.waiting
	time.Sleep(lateness)
	return l.Data.Fill(b)
}

// signalling says when it exchanges.
type signalling struct {
	transport
	waiting chan struct{}
}

func (s signalling) Exchange(peer int, send, recv []byte) error {
	s.waiting <- struct{}{}
	return s.transport.Exchange(peer, send, recv)
}

func TestSlowest(t *testing.T) {
	for _, c := range []struct {
		waited []float64
		member int
		lost   float64
	}{
		{[]float64{5, 1}, 1, 4}, {[]float64{3, 3.5, 1, 9}, 2, 2.5}, {[]float64{0.5}, 0, 0},
		{[]float64{2, 2, 2}, 0, 0},
	} {
		if member, lost := slowest(c.waited); member != c.member || lost != c.lost {
			t.Errorf("%v: rank %d, %v s, want rank %d, %v s", c.waited, member, lost, c.member, c.lost)
		}
	}
}
