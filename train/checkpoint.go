package train

import (
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
