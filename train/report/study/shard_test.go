package study_test

import (
	"context"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/report/study"
	"github.com/hqvit/hqvit/train/rundir"
)

// Four shards at once, one of which is stopped in its first run: every run is begun by one of them at a time
// and ends once, and the results are those of one process.
func TestShards(t *testing.T) {
	whole := newStudy(t, t.TempDir())
	want, err := whole.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var group sync.WaitGroup
	var held atomic.Int64
	for i := range 4 {
		group.Add(1)
		go func() {
			defer group.Done()
			s := newStudy(t, dir)
			ctx := context.Context(context.Background())
			if i == 3 {
				asked := 3
				ctx = after{ctx, &asked}
			}
			n, err := s.RunShard(ctx, study.Shard{Index: i, Count: 4})
			if err != nil && (i != 3 || !errors.Is(err, context.Canceled)) {
				t.Errorf("shard %d: %v", i, err)
			}
			held.Add(int64(n))
		}()
	}
	group.Wait()
	s := newStudy(t, dir)
	// Whoever came last has taken over what the stopped one had, unless that was stopped behind it.
	if n, err := s.RunShard(context.Background(), study.Shard{Count: 1}); n != 0 || err != nil {
		t.Errorf("%d held, %v", n, err)
	}
	s.Finished = true
	got, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range got.Models {
		for j, r := range m.Runs {
			if one := want.Models[i].Runs[j]; r.Test.Loss != one.Test.Loss || r.Summary.Seed != one.Summary.Seed {
				t.Errorf("%s, seed %d: loss %v, in one process %v", m.Name, r.Summary.Seed, r.Test.Loss,
					one.Test.Loss)
			}
		}
	}
}

// A run that another process holds is left to it.
func TestShardLeavesWhatIsHeld(t *testing.T) {
	s := newStudy(t, t.TempDir())
	release, err := rundir.Lock(filepath.Join(s.Dir, "claims", "narrow-s2"))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.RunShard(context.Background(), study.Shard{Index: 1, Count: 3}); n != 1 || err != nil {
		t.Errorf("%d held, %v, want one", n, err)
	}
	trained := 0
	for i := range s.Entries {
		task := s.Entries[i].Task
		s.Entries[i].Task = func(seed uint64) (train.Task, error) { trained++; return task(seed) }
	}
	s.Finished = true
	if _, err := s.Run(context.Background()); !errors.Is(err, rundir.ErrHeld) && err == nil {
		t.Errorf("%v", err)
	}
	release()
	s.Finished = false
	if _, err := s.Run(context.Background()); err != nil {
		t.Error(err)
	}
	if _, err := s.RunShard(context.Background(), study.Shard{Index: 3, Count: 3}); err == nil {
		t.Error("shard 3 of 3, from 0, is taken")
	}
}
