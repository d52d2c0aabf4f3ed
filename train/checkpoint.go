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

// position is how far a run has come: all that a checkpoint holds besides tensors.
type position struct {
	Epoch   int // that is being trained, from 0
	Step    int // next one in it
	Sums    sums
	History []Epoch
	First   metric.Number // mean loss of the first step; none before it
	Best    int           // index of the best epoch in the history; -1 before the first
	Updates int           // of the optimizer
	Elapsed float64       // seconds of the run so far
	Stopped bool          // by a callback
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
	averageGroup   = "average" // only with Recipe.EMA
	optimizerGroup = "optimizer"
)

// checkpoint is a run that can go on.
type checkpoint struct {
	position
	groups map[string]rundir.Tensors
}

// readCheckpoint reads a checkpoint of the run with that identity. It returns an error if the file is
// malformed or of another run.
func readCheckpoint(path string, identity map[string]string) (*checkpoint, error) {
	c := &checkpoint{}
	file, err := rundir.ReadCheckpoint(path, identity, &c.position)
	if err != nil {
		return nil, errors.WithMessage(err, "train")
	}
	c.groups = file.Groups
	if c.Epoch < 0 || c.Step < 0 || c.Best < -1 || c.Best >= len(c.History) {
		return nil, errors.Errorf("train: %s: corrupt position: epoch %d, step %d, best epoch %d of %d",
			path, c.Epoch, c.Step, c.Best, len(c.History))
	}
	for group := range c.groups {
		switch group {
		case modelGroup, averageGroup, optimizerGroup:
		case bestGroup:
			if c.Best >= 0 {
				continue
			}
			fallthrough
		default:
			return nil, errors.Errorf("train: %s: unknown group of tensors %q", path, group)
		}
	}
	return c, nil
}

// weights returns a group of tensors as weights.
func (c *checkpoint) weights(group string) *rundir.Weights {
	return &rundir.Weights{Tensors: c.groups[group]}
}

// restore brings the weights, their average and the optimizer to where the checkpoint was taken.
func (c *checkpoint) restore(st *nn.Store, opt optimizers.Optimizer, mean *average) error {
	if err := c.weights(modelGroup).CopyTo(st); err != nil {
		return err
	}
	if mean != nil {
		if c.groups[averageGroup] == nil {
			return errors.New("no average of the weights")
		}
		if err := c.weights(averageGroup).CopyTo(mean.store); err != nil {
			return err
		}
	}
	return opt.SetState(optimizers.State{Steps: c.Updates, Moments: c.groups[optimizerGroup]})
}

// save writes the checkpoint.
func (r *run[T]) save() error {
	if r.Dir == "" {
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

// saveIfStopped saves the run if it is the context that ended it, and says how to go on.
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
	if err := save(); err != nil {
		return err
	}
	return errors.WithMessagef(ctx.Err(), "%s, saved in %s", where, r.Dir)
}
