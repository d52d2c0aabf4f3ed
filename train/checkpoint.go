package train

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/optimizers"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/rundir"
)

// position is how far a run has come: all that a checkpoint holds besides tensors. What is random follows
// from seed, epoch and example, so that no state of a generator is in it.
type position struct {
	Epoch   int // that is being trained, from 0
	Step    int // next one in it
	Sums    sums
	History []Epoch
	First   metric.Number // mean loss of the first step; none before it
	Best    int           // index of the best epoch in the history; -1 before the first
	Updates int           // of the optimizer
	Skipped int           // steps that a callback has left out
	Elapsed float64       // seconds of the run so far
	Stopped bool          // by a callback
	Kernels []string      // that have trained it, in turn; see dense.CPU
}

// sums gather what the steps of an epoch did.
type sums struct {
	Loss, Norm           float64
	Correct, Rows, Steps int
	Rate                 float64 // of the last step
	Seconds              float64
}

// The groups of tensors in a checkpoint.
const (
	modelGroup     = "model"
	bestGroup      = "best"    // not before the first epoch has ended
	averageGroup   = "average" // only where the recipe has one, see newAverage
	optimizerGroup = "optimizer"
)

// checkpoint is a run that can go on.
type checkpoint struct {
	position
	groups map[string]rundir.Tensors
}

// extent is what the positions of a run lie within.
type extent struct {
	epochs, steps, examples int // steps and examples of an epoch
	averaged                bool
}

func (r *run[T]) extent() extent {
	return extent{r.Recipe.Epochs, r.stepsPerEpoch(), r.train.Len(), r.average != nil}
}

// parseCheckpoint returns what the file of a checkpoint holds, of the run with that identity. It returns an
// error if the file is damaged, of another run, or at a position that such a run never has.
func parseCheckpoint(path string, content []byte, identity map[string]string, of extent) (*checkpoint,
	error) {
	c := &checkpoint{}
	file, err := rundir.ParseCheckpoint(path, content, identity, &c.position)
	if err != nil {
		return nil, errors.WithMessage(err, "train")
	}
	c.groups = file.Groups
	wrong := c.check(of)
	if wrong == nil {
		wrong = c.checkGroups(of.averaged)
	}
	if wrong != nil {
		return nil, errors.Errorf("train: checkpoint %s contradicts itself: %v; start the run anew "+
			"(overwrite it), or restore the file from a copy", path, wrong)
	}
	return c, nil
}

// check returns an error unless the parts of a position fit each other and the run.
func (p position) check(of extent) error {
	done := p.Epoch*of.steps + p.Step - p.Skipped
	switch {
	case p.Epoch < 0 || p.Epoch > of.epochs || p.Step < 0 || p.Step > of.steps || p.Epoch == of.epochs &&
		p.Step > 0:
		return errors.Errorf("epoch %d, step %d, want them among %d epochs of %d steps", p.Epoch, p.Step,
			of.epochs,
			of.steps)
	case len(p.History) != p.Epoch:
		return errors.Errorf("%d epochs in the history, want the %d before epoch %d", len(p.History), p.Epoch,
			p.Epoch+1)
	case p.Best < -1 || p.Best >= len(p.History) || p.Best < 0 && p.Epoch > 0:
		return errors.Errorf("the best epoch is number %d of %d", p.Best+1, len(p.History))
	case p.Sums.Steps != p.Step || p.Sums.Rows > of.examples || (p.Sums.Rows > 0) != (p.Step > 0):
		return errors.Errorf("sums over %d examples in %d steps, want %d steps and up to %d examples",
			p.Sums.Rows,
			p.Sums.Steps, p.Step, of.examples)
	case p.Updates != done || p.Skipped < 0:
		return errors.Errorf("%d updates before epoch %d, step %d, want %d", p.Updates, p.Epoch+1, p.Step+1,
			done)
	case p.First.Known() != (p.Updates > 0):
		return errors.Errorf("%d updates, and the first loss is %v", p.Updates, p.First)
	}
	for i, e := range p.History {
		if e.Epoch != i+1 {
			return errors.Errorf("entry %d of the history is of epoch %d", i+1, e.Epoch)
		}
	}
	return nil
}

// checkGroups returns an error unless the groups of tensors are those of the position, in a run with an
// average of the weights or without.
func (c *checkpoint) checkGroups(averaged bool) error {
	for group, wanted := range map[string]bool{
		modelGroup: true, bestGroup: c.Best >= 0, averageGroup: averaged,
		optimizerGroup: c.groups[optimizerGroup] != nil, // which the optimizer judges
	} {
		if (c.groups[group] != nil) != wanted {
			return errors.Errorf("tensors of the group %s: %t, want %t", group, !wanted, wanted)
		}
	}
	for group := range c.groups {
		switch group {
		case modelGroup, bestGroup, averageGroup, optimizerGroup:
		default:
			return errors.Errorf("unknown group of tensors %q", group)
		}
	}
	return nil
}

// weights returns a group of tensors as weights.
func (c *checkpoint) weights(group string) *rundir.Weights {
	return &rundir.Weights{Tensors: c.groups[group]}
}

// restore brings the weights, their average and the optimizer to where the checkpoint was taken. The best
// weights go through the Store of those that are evaluated, which shows that they are of this model.
func (c *checkpoint) restore(st, eval *nn.Store, opt optimizers.Optimizer, mean *average) error {
	if c.Best >= 0 {
		if err := c.weights(bestGroup).CopyTo(eval); err != nil {
			return errors.WithMessage(err, "best epoch")
		}
	}
	if err := c.weights(modelGroup).CopyTo(st); err != nil {
		return err
	}
	if mean != nil {
		if err := c.weights(averageGroup).CopyTo(mean.store); err != nil {
			return errors.WithMessage(err, "average")
		}
	}
	return opt.SetState(optimizers.State{Steps: c.Updates, Moments: c.groups[optimizerGroup]})
}

// useKernels notes which kernels go on with the run, and says so if others began it: these round otherwise.
func (r *run[T]) useKernels(name string) {
	if r.Updates == 0 {
		r.Kernels = nil
	}
	n := len(r.Kernels)
	if n > 0 && r.Kernels[n-1] == name {
		return
	}
	if n > 0 {
		was := r.Kernels[n-1]
		r.progress.line("the run was trained with %s kernels so far, and goes on with %s: the last bits of "+
			"its results are not those of an uninterrupted run", was, name)
		r.Log.Warn("other kernels", "was", was, "now", name)
	}
	r.Kernels = append(r.Kernels, name)
}

// save writes the checkpoint.
func (r *run[T]) save() error {
	if !r.writes() {
		return nil
	}
	state := r.opt.State()
	r.Updates, r.Elapsed = state.Steps, r.seconds()
	r.saved = time.Now()
	groups := map[string]rundir.Tensors{
		modelGroup:     rundir.WeightsOf(r.store, nil).Tensors,
		optimizerGroup: state.Moments,
	}
	if r.best != nil {
		groups[bestGroup] = r.best.Tensors
	}
	if r.average != nil {
		groups[averageGroup] = rundir.WeightsOf(r.average.store, nil).Tensors
	}
	path := r.path(rundir.CheckpointFile)
	c := rundir.Checkpoint{Identity: r.id, Position: r.position, Groups: groups}
	if err := c.Save(path); err != nil {
		return errors.WithMessage(err, "train")
	}
	r.Log.Debug("checkpoint", "epoch", r.Epoch+1, "step", r.Step+1, "file", path)
	return nil
}

func (r *run[T]) seconds() float64 { return r.elapsed + time.Since(r.started).Seconds() }

// next says what the run does next, its epochs and steps counted from 1.
func (r *run[T]) next() string {
	if r.over() {
		return fmt.Sprintf("the evaluation after epoch %d of %d", r.Epoch, r.Recipe.Epochs)
	}
	if r.Step >= r.stepsPerEpoch() {
		return fmt.Sprintf("the validation of epoch %d of %d", r.Epoch+1, r.Recipe.Epochs)
	}
	return fmt.Sprintf("epoch %d of %d, step %d of %d",
		r.Epoch+1, r.Recipe.Epochs, r.Step+1, r.stepsPerEpoch())
}

// lastCheckpoint says what an error leaves to resume from.
func (r *run[T]) lastCheckpoint() string {
	if r.Dir != "" {
		if _, err := os.Stat(r.path(rundir.CheckpointFile)); err == nil {
			return "the last checkpoint is " + r.path(rundir.CheckpointFile)
		}
	}
	return "there is no checkpoint yet"
}

// saveIfStopped saves the run if it is the context that ended it, and says how to go on. It returns when the
// member that writes has done so: a process that ends may end the others.
func (r *run[T]) saveIfStopped(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	where := "train: stopped before " + r.next()
	if r.Dir == "" {
		return errors.WithMessage(ctx.Err(), where)
	}
	save := r.save
	if r.pending {
		save = r.saveEpoch
	}
	err = nil
	if r.writes() {
		err = save()
	}
	if err != nil {
		return err
	}
	if _, err := r.team.collect(nil); err != nil {
		return err
	}
	return errors.WithMessagef(ctx.Err(), "%s, saved in %s", where, r.Dir)
}
