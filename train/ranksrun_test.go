package train

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/train/rundir"
)

// shared is a run of 50 examples in steps of 12, at most 3 micro-batches each, with dropout, an average and a
// validation.
func shared(r *Ranks, dir string) Loop {
	arrays := func(n, seed int) Arrays {
		x, y := make([]float32, n*6), make([]float32, n)
		for i := range x {
			x[i] = float32((i*i+seed)%17) / 17
		}
		for i := range y {
			y[i] = x[6*i] - x[6*i+3]
		}
		return Arrays{Inputs: []*tensor.Dense{tensor.New(tensor.WithShape(n, 6), tensor.WithBacking(x))},
			Values: tensor.New(tensor.WithShape(n, 1), tensor.WithBacking(y))}
	}
	recipe := DefaultRecipe()
	recipe.Epochs, recipe.Batch, recipe.Micro, recipe.Loss, recipe.EMA, recipe.Clip = 3, 12, 5, "mse", 0.9, 0.5
	return Loop{
		Model:  nn.Chain{nn.Linear{Out: 8}, nn.GELU{}, nn.Dropout{P: 0.2}, nn.Linear{Out: 1}},
		Recipe: recipe, Threads: 1, Ranks: r, Train: arrays(50, 1), Val: arrays(23, 2), Test: arrays(31, 3),
		Dir:    dir,
		Resume: true,
	}
}

// together does a run with ranks that are goroutines.
func together(t *testing.T, count int, run func(r *Ranks) (*Report, error)) ([]*Report, []error) {
	t.Helper()
	reports, errs := make([]*Report, count), make([]error, count)
	var group sync.WaitGroup
	for rank, r := range posts(count) {
		group.Go(func() { reports[rank], errs[rank] = run(r) })
	}
	group.Wait()
	return reports, errs
}

func digestOfBest(t *testing.T, r *Report) string {
	t.Helper()
	digest, err := r.Weights.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

func alonesBest(t *testing.T) (string, *Report) {
	t.Helper()
	report, err := shared(nil, "").Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return digestOfBest(t, report), report
}

// All ranks end with the weights and the evaluation of one process; only the first writes.
func TestRanksEndAlike(t *testing.T) {
	want, one := alonesBest(t)
	for i, count := range []int{2, 3, 6, 1, 2, 3} {
		overlap := i >= 3
		root := t.TempDir()
		reports, errs := together(t, count, func(r *Ranks) (*Report, error) {
			l := shared(r, filepath.Join(root, "run"))
			l.Overlap, l.Threads = overlap, 1+i%2
			if r.Rank() > 0 {
				l.Dir = filepath.Join(root, "other")
			}
			return l.Run(context.Background())
		})
		for rank, report := range reports {
			if errs[rank] != nil {
				t.Fatalf("rank %d of %d: %v", rank, count, errs[rank])
			}
			if got := digestOfBest(t, report); got != want {
				t.Errorf("rank %d of %d: weights %s, want %s", rank, count, got, want)
			}
			if report.TestLoss != one.TestLoss || report.Best.Val.Loss != one.Best.Val.Loss {
				t.Errorf("rank %d of %d: losses %v and %v, want %v and %v", rank, count, report.TestLoss,
					report.Best.Val.Loss, one.TestLoss, one.Best.Val.Loss)
			}
		}
		if _, err := os.Stat(filepath.Join(root, "run", rundir.SummaryFile)); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(root, "other")); err == nil {
			t.Error("another rank than the first has made a directory")
		}
	}
}

// cancelling cancels a context at some call of Fill.
type cancelling struct {
	Data
	left   int
	cancel context.CancelFunc
}

func (c *cancelling) Fill(b *Batch) error {
	if c.left--; c.left == 0 {
		c.cancel()
	}
	return c.Data.Fill(b)
}

// If one rank is asked to stop, all stop at the same step, and another number of ranks goes on from there.
func TestInterruptOfOneRank(t *testing.T) {
	want, _ := alonesBest(t)
	dir := filepath.Join(t.TempDir(), "run")
	_, errs := together(t, 3, func(r *Ranks) (*Report, error) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		l := shared(r, dir)
		if r.Rank() == 1 {
			l.Train = &cancelling{l.Train, 7, cancel}
		}
		return l.Run(ctx)
	})
	for rank, err := range errs {
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(),
			"stopped before epoch 2 of 3, step 4 of 5") {
			t.Errorf("rank %d: %v, want that all are stopped behind step 3 of epoch 2", rank, err)
		}
	}
	reports, errs := together(t, 2, func(r *Ranks) (*Report, error) {
		l := shared(r, dir)
		if r.Rank() > 0 {
			l.Dir = filepath.Join(t.TempDir(), "elsewhere") // the first gives it the checkpoint
		}
		return l.Run(context.Background())
	})
	for rank, report := range reports {
		if errs[rank] != nil {
			t.Fatal(errs[rank])
		}
		if got := digestOfBest(t, report); got != want {
			t.Errorf("rank %d: weights %s after an interrupt, %s without", rank, got, want)
		}
	}
}

// Callbacks are called by the first rank, and all obey it.
func TestCallbacksOverRanks(t *testing.T) {
	var mu sync.Mutex
	steps, callers := 0, map[int]bool{}
	reports, errs := together(t, 3, func(r *Ranks) (*Report, error) {
		l := shared(r, "")
		l.Resume = false
		l.OnStep = func(s Step) error {
			mu.Lock()
			defer mu.Unlock()
			steps++
			callers[r.Rank()] = true
			if s.Epoch == 2 && s.Step == 2 {
				return Stop
			}
			return nil
		}
		return l.Run(context.Background())
	})
	for rank := range reports {
		if errs[rank] != nil || len(reports[rank].History) != 2 {
			t.Errorf("rank %d: %v, want the end behind epoch 2", rank, errs[rank])
		}
	}
	if steps != 7 || len(callers) != 1 || !callers[0] {
		t.Errorf("%d calls by ranks %v, want 7 by rank 0", steps, callers)
	}
}
