package train

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/optimizers"
)

// position is how far a run has come: all that a checkpoint holds besides tensors.
type position struct {
	Epoch   int // that is being trained, from 0
	Step    int // next one in it
	Sums    sums
	History []Epoch
	First   float64 // mean loss of the first step
	Best    int     // index of the best epoch in the history; -1 before the first
	Updates int     // of the optimizer
	Elapsed float64 // seconds of the run so far

	// Identity is what makes a run: a checkpoint goes on only in the run it is of.
	Identity map[string]string
}

// sums gather what the steps of an epoch did.
type sums struct {
	Loss, Norm           float64
	Correct, Rows, Steps int
	Rate                 float64 // of the last step
	Seconds              float64
}

// The tensors of a checkpoint are named by what they are.
const (
	ofModel     = "model."
	ofBest      = "best."
	ofAverage   = "average."
	ofOptimizer = "optimizer."
)

// checkpoint is a run that can go on.
type checkpoint struct {
	position
	model, best *Weights // best is nil before the first epoch has ended
	average     *Weights // nil without Task.EMA
	moments     map[string]*tensor.Dense
}

func (c checkpoint) save(path string) error {
	text, err := json.Marshal(c.position)
	if err != nil {
		return errors.Wrap(err, "train: checkpoint")
	}
	all := &Weights{Meta: map[string]string{"position": string(text)}, Tensors: map[string]*tensor.Dense{}}
	collect := func(prefix string, tensors map[string]*tensor.Dense) {
		for name, t := range tensors {
			all.Tensors[prefix+name] = t
		}
	}
	collect(ofModel, c.model.Tensors)
	collect(ofOptimizer, c.moments)
	if c.best != nil {
		collect(ofBest, c.best.Tensors)
	}
	if c.average != nil {
		collect(ofAverage, c.average.Tensors)
	}
	return all.Save(path)
}

// readCheckpoint reads a checkpoint of the run with that identity. It returns an error if the file is malformed or of another run.
func readCheckpoint(path string, identity map[string]string) (*checkpoint, error) {
	all, err := ReadWeights(path)
	if err != nil {
		return nil, err
	}
	c := &checkpoint{model: &Weights{Tensors: map[string]*tensor.Dense{}}, moments: map[string]*tensor.Dense{}}
	if c.position, err = positionOf(all, path); err != nil {
		return nil, err
	}
	// The seed first: another one also changes what is computed of the training images.
	for _, key := range append([]string{"seed"}, union(identity, c.Identity)...) {
		if was, now := c.Identity[key], identity[key]; was != now {
			return nil, errors.Errorf("train: %s is of another run: %s was %q, now it is %q", path, key, was, now)
		}
	}
	if c.Epoch < 0 || c.Step < 0 || c.Best < -1 || c.Best >= len(c.History) {
		return nil, errors.Errorf("train: %s: epoch %d, step %d, best epoch %d of %d are no position in a run", path, c.Epoch, c.Step, c.Best, len(c.History))
	}
	if c.Best >= 0 {
		c.best = &Weights{Tensors: map[string]*tensor.Dense{}}
	}
	for name, t := range all.Tensors {
		switch {
		case strings.HasPrefix(name, ofModel):
			c.model.Tensors[name[len(ofModel):]] = t
		case strings.HasPrefix(name, ofOptimizer):
			c.moments[name[len(ofOptimizer):]] = t
		case strings.HasPrefix(name, ofAverage):
			if c.average == nil {
				c.average = &Weights{Tensors: map[string]*tensor.Dense{}}
			}
			c.average.Tensors[name[len(ofAverage):]] = t
		case strings.HasPrefix(name, ofBest) && c.best != nil:
			c.best.Tensors[name[len(ofBest):]] = t
		default:
			return nil, errors.Errorf("train: %s: tensor %s is none of a checkpoint", path, name)
		}
	}
	return c, nil
}

// ReadIdentity returns the Task.Identity of the run that a checkpoint is of. It returns an error if the file is no checkpoint.
func ReadIdentity(path string) (map[string]string, error) {
	all, err := ReadWeights(path)
	if err != nil {
		return nil, err
	}
	p, err := positionOf(all, path)
	return p.Identity, err
}

// positionOf returns where the run of a checkpoint stood.
func positionOf(all *Weights, path string) (p position, err error) {
	err = json.Unmarshal([]byte(all.Meta["position"]), &p)
	return p, errors.Wrapf(err, "train: %s: no checkpoint of a run", path)
}

// restore brings the weights, their average and the optimizer to where the checkpoint was taken.
func (c *checkpoint) restore(st *nn.Store, opt optimizers.Optimizer, mean *average) error {
	if err := c.model.CopyTo(st); err != nil {
		return err
	}
	if mean != nil {
		if c.average == nil {
			return errors.New("no average of the weights")
		}
		if err := c.average.CopyTo(mean.store); err != nil {
			return err
		}
	}
	return opt.SetState(optimizers.State{Steps: c.Updates, Moments: c.moments})
}

func union(a, b map[string]string) []string {
	var keys []string
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		if _, both := a[k]; !both {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}

// The files of a run.
const (
	ConfigFile  = "config.yaml"
	WeightsFile = "best.safetensors"
	CheckFile   = "last.ckpt"
	MetricsFile = "metrics.csv"
	SummaryFile = "summary.json"
	CurvesFile  = "curves.svg"
	MatrixFile  = "confusion.svg"
	LinesFile   = "metrics.jsonl"
	EventsFile  = "events.out.tfevents.hqvit" // for TensorBoard, which looks for tfevents in a name
)

var runFiles = []string{ConfigFile, WeightsFile, CheckFile, MetricsFile, SummaryFile, CurvesFile, MatrixFile, LinesFile, EventsFile}

// epochFile is the name of the weights that Task.KeepEpochs keeps of an epoch.
func epochFile(epoch int) string { return fmt.Sprintf("epoch-%04d.safetensors", epoch) }

// HoldsRun reports whether a directory holds a file of a run.
func HoldsRun(dir string) bool {
	return slices.ContainsFunc(runFiles, func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err == nil
	})
}

// removeRun removes the files of a run.
func removeRun(dir string) error {
	kept, err := filepath.Glob(filepath.Join(dir, "epoch-[0-9][0-9][0-9][0-9].safetensors"))
	if err != nil {
		return errors.Wrap(err, "train: overwrite")
	}
	for _, name := range runFiles {
		kept = append(kept, filepath.Join(dir, name))
	}
	for _, path := range kept {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return errors.Wrap(err, "train: overwrite")
		}
	}
	return nil
}
