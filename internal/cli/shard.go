package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/report/study"
)

// runShard trains a part of the runs of a study.
func (f compareFlags) runShard(cmd *cobra.Command, plan study.Study) error {
	shard, err := parseShard(f.shard, len(plan.Entries)*len(plan.Seeds), os.LookupEnv)
	if err != nil {
		return usageError{err}
	}
	held, err := plan.RunShard(cmd.Context(), shard)
	if err != nil {
		return err
	}
	if held > 0 {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: nothing left but %s that others are training; report by the same call "+
			"without --shard when they have ended\n", plan.Dir, words.Count(held, "run"))
		return nil
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: all %s are finished; report by the same call without --shard\n",
		plan.Dir, words.Count(len(plan.Entries)*len(plan.Seeds), "run"))
	return nil
}

// shareRuns trains the runs of a study in all ranks, each run in one of them, and returns the failures of
// all: the report is then a matter of the first.
func shareRuns(ctx context.Context, plan study.Study, ranks *train.Ranks) (failures, err error) {
	_, failed := plan.RunShard(ctx, study.Shard{Index: ranks.Rank(), Count: ranks.Size()})
	text := ""
	if failed != nil {
		text = failed.Error()
	}
	all, err := ranks.Collect([]byte(text)) // which waits for all, also for what an interrupt lets them save
	if err != nil || ctx.Err() != nil {
		return nil, cmp.Or(err, failed, ctx.Err())
	}
	var texts []string
	for rank, b := range all {
		if len(b) > 0 {
			texts = append(texts, fmt.Sprintf("rank %d: %s", rank, b))
		}
	}
	if len(texts) > 0 {
		failures = errors.New(strings.Join(texts, "; "))
	}
	return failures, nil
}

// parseShard reads i/n, with i from 1 to n, auto and auto/n. The environment says which part auto is: a task
// of a Slurm array, whose numbers may begin anywhere and have gaps, or a pod of an indexed Kubernetes job.
// Without n, and unless Slurm says it, there are as many parts as runs.
func parseShard(text string, runs int, env func(string) (string, bool)) (study.Shard, error) {
	first, second, divided := strings.Cut(text, "/")
	wrong := errors.Errorf("--shard %s: want i/n with i from 1 to n, such as 2/4, auto or auto/n", text)
	count := 0
	if divided {
		var err error
		if count, err = strconv.Atoi(second); err != nil || count < 1 {
			return study.Shard{}, wrong
		}
	}
	if first != "auto" {
		i, err := strconv.Atoi(first)
		if err != nil || !divided || i < 1 || i > count {
			return study.Shard{}, wrong
		}
		return study.Shard{Index: i - 1, Count: count}, nil
	}
	number := func(name string) (int, error) {
		value, ok := env(name)
		if !ok {
			return 0, errors.Errorf("--shard %s: the environment has no %s", text, name)
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			return 0, errors.Errorf("--shard %s: %s is %q, want a whole number", text, name, value)
		}
		return n, nil
	}
	index := 0
	switch _, slurm := env("SLURM_ARRAY_TASK_ID"); {
	case slurm:
		id, err := number("SLURM_ARRAY_TASK_ID")
		if err != nil {
			return study.Shard{}, err
		}
		least, err := number("SLURM_ARRAY_TASK_MIN")
		if err != nil {
			return study.Shard{}, err
		}
		step := 1
		if _, ok := env("SLURM_ARRAY_TASK_STEP"); ok {
			if step, err = number("SLURM_ARRAY_TASK_STEP"); err != nil {
				return study.Shard{}, err
			}
		}
		if index = (id - least) / max(1, step); count == 0 {
			if count, err = number("SLURM_ARRAY_TASK_COUNT"); err != nil {
				return study.Shard{}, err
			}
		}
	default:
		if _, ok := env("JOB_COMPLETION_INDEX"); !ok {
			return study.Shard{}, errors.Errorf("--shard %s: neither SLURM_ARRAY_TASK_ID nor "+
				"JOB_COMPLETION_INDEX is set: "+
				"want i/n outside of a Slurm array and an indexed Kubernetes job", text)
		}
		var err error
		if index, err = number("JOB_COMPLETION_INDEX"); err != nil {
			return study.Shard{}, err
		}
	}
	if count == 0 {
		count = max(1, runs)
	}
	return study.Shard{Index: max(0, index) % count, Count: count}, nil
}
