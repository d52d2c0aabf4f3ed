package train

import (
	"context"
	"log/slog"
	"time"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/dense"
	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/rundir"
)

// saveEvery is the longest time between checkpoints.
const saveEvery = time.Minute

// saveShare bounds the time that saving after each epoch takes: short epochs are saved together, so that it
// is a tenth.
const saveShare = 10

// run is a Loop at work.
type run[T op.Float] struct {
	*setup
	team      team[T]
	store     *nn.Store
	average   *average
	evalStore *nn.Store // of the weights that are evaluated and saved: the average's, if there is one
	opt       optimizers.Optimizer
	phases    []phase[T] // of smaller pictures, before
	last      *engine[T] // of the model as it is
	engine    *engine[T] // of the present epoch
	predictor *Predictor
	progress  *progress
	start     string // what to say about the weights that the run starts from

	position
	id      map[string]string
	best    *rundir.Weights
	pending bool // whether epochs have ended whose files are not written yet
	newBest bool // whether best is not written yet
	started time.Time
	elapsed float64       // seconds before started
	saved   time.Time     // when the last checkpoint was
	saving  time.Duration // that saving the last epoch took
	waited  []float64     // seconds that each member of the team has spent in sums; nil: there is one
}

func runIn[T op.Float](ctx context.Context, s *setup) (*Report, error) {
	config, err := s.config()
	if err != nil {
		return nil, err
	}
	members := newTeam[T](s.Ranks)
	dir, err := s.openDir(members.leads())
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	r, err := await(ctx, func() (*run[T], error) { return newRun(s, members) }, (*run[T]).close)
	if err != nil {
		return nil, err
	}
	defer r.close()
	if err := r.resume(); err != nil {
		return nil, err
	}
	if err := r.meet(); err != nil {
		return nil, err
	}
	if err := dir.Begin(config); err != nil {
		return nil, errors.WithMessage(err, "train")
	}
	r.useKernels(dense.CPU())
	r.sayStart()
	r.elapsed = r.Elapsed
	ctx = members.watch(ctx)
	for !r.over() {
		if err := r.trainEpoch(ctx); err != nil {
			return nil, err
		}
		if err := r.endEpoch(ctx); err != nil {
			return nil, r.saveIfStopped(ctx, err)
		}
	}
	r.reportEarlyStop()
	report, err := r.finish(ctx)
	return report, r.saveIfStopped(ctx, err)
}

// newRun builds everything and trains nothing.
func newRun[T op.Float](s *setup, members team[T]) (*run[T], error) {
	if !members.leads() {
		s.Progress, s.Log = nil, slog.New(slog.DiscardHandler)
	}
	r := &run[T]{setup: s, team: members, store: s.Store, id: s.identity(), started: time.Now(),
		saved: time.Now()}
	r.position = position{Best: -1, First: metric.None()}
	r.progress = newProgress(s.Progress, s.train.noun)
	if r.store == nil {
		r.store = nn.NewStore(s.Recipe.Seed)
	}
	var err error
	if r.opt, err = newOptimizer(s.optimizer, s.Recipe.LR); err != nil {
		return nil, err
	}
	r.evalStore = r.store
	if r.average, err = newAverage(s.Recipe, r.opt, r.store); err != nil {
		return nil, err
	}
	if r.average != nil {
		r.evalStore = r.average.store
	}
	if r.predictor, err = s.newPredictor(r.evalStore, s.Threads, true); err != nil {
		return nil, err
	}
	if err := r.newEngines(); err != nil {
		r.close()
		return nil, err
	}
	if err := r.firstWeights(); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// newEngines builds the graphs that train.
func (r *run[T]) newEngines() (err error) {
	s, p := r.setup, r.plan()
	if p.teacher, err = newTeaching(s.Teacher, p, r.predictor.width()); err != nil {
		return err
	}
	perStep := (s.Recipe.Batch + s.Recipe.Micro - 1) / s.Recipe.Micro
	threads := min(s.Threads, max(1, r.team.share(perStep).len())) // more would have nothing to do
	if r.last, err = newEngine(p, r.store, r.team, threads); err != nil {
		return err
	}
	r.engine = r.last
	if err := r.addPhases(p, threads); err != nil {
		return err
	}
	all := []*engine[T]{r.last}
	for _, phase := range r.phases {
		all = append(all, phase.engine)
	}
	for _, e := range all {
		if err := checkAsked(e.asked, namesOf(r.predictor.Scope())); err != nil {
			return err
		}
		if err := e.form.checkRows(s.train, s.Recipe.Batch, s.Recipe.Micro, s.loss); err != nil {
			return err
		}
		e.opt, e.schedule, e.clip = r.opt, s.schedule, s.Recipe.Clip
		e.groups, e.sharpness = s.groups, s.Recipe.SAM
		e.steps = s.Recipe.Epochs * s.stepsPerEpoch()
	}
	return nil
}

// firstWeights brings in the weights that the run starts from, if they are not those of its seed.
func (r *run[T]) firstWeights() error {
	if err := r.groups.check(r.store); err != nil {
		return err
	}
	if r.From != nil {
		var err error
		if r.start, err = startFrom(r.From, r.store); err != nil {
			return err
		}
	}
	if r.Recipe.Whiten {
		if r.From != nil {
			return errors.New("train: whiten, with weights to start from: want one of the two")
		}
		if err := r.whiten(); err != nil {
			return err
		}
	}
	if r.average != nil && (r.Loop.Store != nil || r.From != nil || r.Recipe.Whiten) {
		return rundir.WeightsOf(r.store, nil).CopyTo(r.evalStore)
	}
	return nil
}

// newOptimizer calls a Config that a user may have written.
func newOptimizer(c optimizers.Config, lr float64) (opt optimizers.Optimizer, err error) {
	defer foreign.Recover(&err, "optimizer's configuration", c)
	if opt, err = c.New(lr); err == nil && foreign.IsNil(opt) {
		err = errors.Errorf("train: the configuration %T makes no optimizer", c)
	}
	return opt, err
}

// writes reports whether this process writes the files of the run.
func (r *run[T]) writes() bool { return r.Dir != "" && r.team.leads() }

func (r *run[T]) close() {
	if r.last != nil {
		r.last.close()
	}
	for _, p := range r.phases {
		if p.engine != nil {
			p.engine.close()
		}
	}
	r.predictor.Close()
}
