package study

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train/rundir"
)

// Shard is one of several processes that train the runs of a study together, in one directory, on one machine
// or on several that share it. Each begins with its part of the runs, those whose number is Index modulo
// Count, and goes on with what the others have not begun.
type Shard struct {
	Index, Count int // Index in [0, Count)
}

// RunShard trains runs of the study, each of them in one process alone: a run is claimed by a lock, which
// ends with its process however that ends, so that another shard takes over and resumes the runs of a dead
// one. It returns when no run is left that no other process holds, with how many are held. Run then gives the
// results, those that it would have given alone.
//
// A run that fails does not stop the others; the error names the failed ones. Other errors are those of Run,
// and one for an Index outside of [0, Count).
func (s Study) RunShard(ctx context.Context, shard Shard) (held int, err error) {
	if shard.Count < 1 || shard.Index < 0 || shard.Index >= shard.Count {
		return 0, errors.Errorf("study: shard %d of %d, want one from 0 to %d", shard.Index, shard.Count,
			shard.Count-1)
	}
	from, err := s.ready(ctx)
	if err != nil {
		return 0, err
	}
	if err := s.join(ctx); err != nil {
		return 0, errors.WithMessage(err, "study")
	}
	p := progress{w: s.Progress, total: len(s.Entries) * len(s.Seeds), began: time.Now()}
	var failures []string
	for left, moved := s.inOrder(shard), true; moved && len(left) > 0; held = len(left) {
		var others []shardRun
		moved = false
		for _, r := range left {
			record, trained, err := s.claimed(ctx, r.entry, r.seed, from)
			if ctx.Err() != nil {
				return 0, errors.WithMessagef(ctx.Err(),
					"stopped after %d of %d runs; the same command continues", p.done, p.total)
			}
			if errors.Is(err, rundir.ErrHeld) {
				others = append(others, r)
				continue
			}
			moved = true
			name := fmt.Sprintf("%s, seed %d", r.entry.Name, r.seed)
			if err != nil {
				failures = append(failures, fmt.Sprintf("%s: %v", name, err))
			}
			p.report(name, record, trained, err)
		}
		left = others
	}
	if len(failures) > 0 {
		return held, errors.Errorf("%s failed: %s", words.Count(len(failures), "run"), words.List(failures, "and"))
	}
	return held, nil
}

// shardRun is a run of a study.
type shardRun struct {
	entry Entry
	seed  uint64
}

// inOrder returns all runs, those of the shard first.
func (s Study) inOrder(shard Shard) (own []shardRun) {
	var others []shardRun
	for i, seed := range s.Seeds {
		for j, entry := range s.Entries {
			if number := i*len(s.Entries) + j; number%shard.Count == shard.Index {
				own = append(own, shardRun{entry, seed})
			} else {
				others = append(others, shardRun{entry, seed})
			}
		}
	}
	// The first of the others is that of the next shard, so that shards that are done early do not meet.
	for k := range others {
		own = append(own, others[(k+shard.Index*len(others)/shard.Count)%len(others)])
	}
	return own
}

// join makes the directory that of this study, as Run does, and leaves it to others at once.
func (s Study) join(ctx context.Context) error {
	for try := 0; ; try++ {
		release, err := rundir.Lock(s.Dir)
		if err == nil {
			defer release()
			return s.claim()
		}
		if !errors.Is(err, rundir.ErrHeld) {
			return err
		}
		if try == 200 {
			say(s.Progress, "waiting: %v", err)
		}
		select { // another shard is here until it has read the data; a process that is none stays
		case <-ctx.Done():
			return errors.WithMessage(err, "waiting to join the study")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// claimsDir has a directory for each run that a process is at work on, which it locks.
const claimsDir = "claims"

// claimed is record, of a run that no other process is at work on: else it returns rundir.ErrHeld.
func (s Study) claimed(ctx context.Context, e Entry, seed uint64, from []source) (*Record, bool, error) {
	claim := filepath.Join(s.Dir, claimsDir, fmt.Sprintf("%s-s%d", fileName(e.Name), seed))
	release, err := rundir.Lock(claim)
	if err != nil {
		return nil, false, err
	}
	defer func() {
		release()
		os.Remove(claim) // that of a dead process, whose work this was; what is not empty stays
		os.Remove(filepath.Dir(claim))
	}()
	return s.record(ctx, e, seed, from)
}
