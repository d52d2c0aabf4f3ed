package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/rundir"
)

// The files of a search beside the directories of its trials.
const (
	searchLog  = "search.csv"
	searchBest = "best.yaml"
)

// searchFlags say what is searched.
type searchFlags struct {
	trainFlags
	over          []string
	trials, rungs int
}

func (p program) searchCommand() *cobra.Command {
	c := newConfig(p.names)
	var f searchFlags
	cmd := &cobra.Command{
		Use:   "search",
		Short: "Search for a recipe that validates best",
		Long: `Train with recipes drawn at random over ranges, and say which validates best. The test images are not
used.

A range is KEY=LOW..HIGH, or KEY=VALUE|VALUE|..., where KEY is that of an option of training, or
architecture.KEY or augmentation.KEY. Real numbers are drawn on a logarithmic scale if the range spans
a factor of ten.

With --rungs R it is a successive halving: all trials are trained for 1/3^(R-1) of the epochs, the best
third of them anew for three times as many, and so on. Each is a run of its own, whose schedule is that
of its epochs.

The directory gets search.csv, a line for each run, best.yaml, the recipe of the best run of the last
rung, for train --config, and the runs. Rerun an interrupted search to continue it: what is finished
is kept, and an unfinished run resumes. With more --trials it goes on where it was.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runSearch(cmd, &c, f) },
	}
	c.register(cmd.Flags())
	registerModel(cmd.Flags(), p.names, &c.Model, &c.Size, "")
	cmd.Flags().StringArrayVar(&f.over, "over", nil, "search over `KEY=RANGE`, such as lr=1e-4..1e-2, "+
		"augmentation.rand_ops=0..3 or optimizer=adamw|muon; can be repeated")
	cmd.Flags().IntVar(&f.trials, "trials", 9, "recipes to draw")
	cmd.Flags().IntVar(&f.rungs, "rungs", 1, "rounds of successive halving; 1: none, all trials get all epochs")
	cmd.Flags().StringVar(&f.out, "out", "search", "`directory` of the search")
	registerWhere(cmd, &f.dataDir, &f.threads)
	cmd.Flags().StringVar(&f.file, "config", "", "read the recipe from a `file` like config.yaml; flags "+
		"override it")
	c.sets.register(cmd)
	inGroup(cmd, dataGroup, "data-dir")
	inGroup(cmd, outputGroup, "out", "keep-epochs")
	inGroup(cmd, runGroup, "config", "set", "over", "trials", "rungs", "threads")
	return cmd
}

// trial is one run of a search.
type trial struct {
	number, rung, epochs int
	values               []string
	line                 []string      // of the log, of one that an earlier call has run
	score                metric.Number // of the best epoch; none for a run that failed
	loss                 metric.Number
	best                 int // epoch
	seconds              float64
	why                  string // it failed
	config               config
}

// search is a search at work.
type search struct {
	searchFlags
	config
	space  []dimension
	set    *data.Set
	say    io.Writer
	trials []*trial
	before []*trial // those that the log of an earlier call has
}

func runSearch(cmd *cobra.Command, c *config, f searchFlags) error {
	if f.trials < 1 || f.trials > 10000 || f.rungs < 1 || f.rungs > 8 {
		return usageError{errors.Errorf("trials is %d and rungs is %d, want 1 to 10000 and 1 to 8", f.trials,
			f.rungs)}
	}
	space, err := parseSpace(f.over)
	if err != nil {
		return usageError{err}
	}
	if f.file != "" {
		if err := c.load(f.file, cmd); err != nil {
			return err
		}
	}
	if err := c.suit(cmd, f.trainFlags, cmd.ErrOrStderr()); err != nil {
		return err
	}
	s := &search{searchFlags: f, config: *c, space: space, say: cmd.ErrOrStderr()}
	resolved, err := c.checkSpace(space, nil)
	if err != nil {
		return err
	}
	if s.set, err = loadSet(cmd.Context(), resolved, f.dataDir, s.say); err != nil {
		return err
	}
	if _, err := c.checkSpace(space, s.set); err != nil {
		return err
	}
	if s.set.Val.Len() == 0 {
		return errors.Errorf("%s has no validation split, by which a search chooses", s.set.Title)
	}
	release, err := rundir.Lock(f.out)
	if err != nil {
		return err
	}
	defer release()
	if s.before, err = s.readLog(); err != nil {
		return err
	}
	best, err := s.run(cmd.Context())
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "best: trial %d, %s %s\n", best.number, s.measure(), best.score.Text("%.4f"))
	for i, d := range s.space {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", d.key, best.values[i])
	}
	fmt.Fprintln(cmd.OutOrStdout(), filepath.Join(f.out, searchBest))
	return nil
}

// run trains the trials of all rungs and returns the best of the last one.
func (s *search) run(ctx context.Context) (*trial, error) {
	var numbers []int
	for i := range s.searchFlags.trials {
		numbers = append(numbers, i+1)
	}
	for r, rung := range rungs(s.searchFlags.trials, s.Epochs, s.rungs) {
		var done []*trial
		for _, number := range numbers[:min(rung.trials, len(numbers))] {
			t := &trial{number: number, rung: r + 1, epochs: rung.epochs}
			for _, d := range s.space {
				t.values = append(t.values, d.draw(s.Seed, number))
			}
			before := &trial{why: "has not been run", values: t.values}
			if i := slices.IndexFunc(s.before, func(b *trial) bool { return b.place() == t.place() }); i >= 0 {
				before = s.before[i]
			}
			if !slices.Equal(before.values, t.values) {
				return nil, s.otherSearch(fmt.Sprintf("its trial %d has %s, this one's has %s", number,
					strings.Join(before.values, ", "), strings.Join(t.values, ", ")))
			}
			if err := s.train(ctx, t); err != nil {
				return nil, err
			}
			if before.why == "" && t.why != "" {
				return nil, s.otherSearch(fmt.Sprintf("its trial %d has ended, this one's fails: %s", number,
					t.why))
			}
			done = append(done, t)
			s.trials = append(s.trials, t)
			if err := s.save(); err != nil {
				return nil, err
			}
		}
		slices.SortStableFunc(done, s.compare)
		numbers = nil
		for _, t := range done {
			if t.why == "" {
				numbers = append(numbers, t.number)
			}
		}
		if len(numbers) == 0 {
			return nil, errors.Errorf("%s failed, the last one: %s", allOf(len(done), "trial"),
				done[len(done)-1].why)
		}
		if r == s.rungs-1 {
			return done[0], s.saveBest(done[0])
		}
	}
	return nil, errors.New("no rungs") // runSearch has seen that there are
}

// train runs a trial, or reads its result if it has ended before. What the trial's recipe is to blame for is
// in trial.why, and no error.
func (s *search) train(ctx context.Context, t *trial) error {
	t.score, t.loss = metric.None(), metric.None()
	task, err := s.task(t)
	if err != nil {
		t.why = oneLine(err)
		fmt.Fprintf(s.say, "trial %d: %s\n", t.number, t.why)
		return nil
	}
	fmt.Fprintf(s.say, "rung %d, trial %d:", t.rung, t.number)
	for i, d := range s.space {
		fmt.Fprintf(s.say, " %s=%s", d.key, t.values[i])
	}
	fmt.Fprintln(s.say)
	report, err := task.Run(ctx)
	switch {
	case ctx.Err() != nil && err != nil:
		return errors.WithMessagef(err, "trial %d; the same command goes on with it", t.number)
	case errors.Is(err, rundir.ErrHeld):
		return err
	case err != nil:
		t.why = oneLine(err)
		return nil
	}
	t.best, t.seconds, t.loss = report.Best.Epoch, report.Seconds, metric.Number(report.Best.Val.Loss)
	t.score = scoreOf(report.Best, s.measure())
	fmt.Fprintf(s.say, "trial %d: %s %s\n", t.number, s.measure(), t.score.Text("%.4f"))
	return nil
}

// task returns the run of a trial, which has no test images.
func (s *search) task(t *trial) (train.Task, error) {
	c := s.config
	c.Epochs = t.epochs
	c, err := c.recipe(s.space, t.values, s.set)
	if err != nil {
		return train.Task{}, err
	}
	t.config = c
	f := s.trainFlags
	f.out, f.resume = filepath.Join(s.out, fmt.Sprintf("epochs-%d", t.epochs),
		fmt.Sprintf("trial-%d", t.number)), true
	task, err := newTask(c, f, s.set)
	task.Test, task.Progress = nil, s.say
	return task, err
}

// measure is what trials are compared by.
func (s *search) measure() string {
	return cmp.Or(s.Select, map[data.Target]string{data.TargetClasses: "accuracy",
		data.TargetLabels: "auc"}[s.set.Target], "loss")
}

// scoreOf returns a measure of an epoch.
func scoreOf(e train.Epoch, measure string) metric.Number {
	switch measure {
	case "accuracy":
		return e.Val.Accuracy
	case "auc":
		return e.ValAUC
	case "loss":
		return metric.Number(e.Val.Loss)
	}
	if v, ok := e.ValMetrics[measure]; ok {
		return v
	}
	return metric.None()
}

// compare puts the better trial first: by the measure, of equal ones by the loss, and failed ones last.
func (s *search) compare(a, b *trial) int {
	if (a.why == "") != (b.why == "") {
		return cmp.Compare(len(a.why), len(b.why))
	}
	order := cmp.Compare(b.score, a.score)
	if slices.Contains([]string{"loss", "rmse", "mae"}, s.measure()) {
		order = -order
	}
	return cmp.Or(order, cmp.Compare(a.loss, b.loss))
}

// saveBest writes the recipe of a trial.
func (s *search) saveBest(t *trial) error {
	text, err := rundir.ReadConfig(filepath.Join(s.out, fmt.Sprintf("epochs-%d", t.epochs),
		fmt.Sprintf("trial-%d", t.number), rundir.ConfigFile))
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(s.out, searchBest), text)
}
