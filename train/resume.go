package train

import (
	"maps"
	"os"
	"strconv"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train/rundir"
)

// resume goes to the checkpoint's position, if there is one and it is wanted.
func (r *run[T]) resume() error {
	if !r.Resume || r.Dir == "" {
		return nil
	}
	path := r.path(rundir.CheckpointFile)
	content, err := r.readForAll(path)
	if err != nil || len(content) == 0 { // there is none, as no checkpoint is empty
		return err
	}
	id, before, err := r.extended(path, content)
	if err != nil {
		return err
	}
	c, err := parseCheckpoint(path, content, id, r.extent())
	if err != nil {
		return err
	}
	if err := c.restore(r.store, r.evalStore, r.opt, r.average); err != nil {
		return errors.WithMessagef(err, "train: checkpoint %s", path)
	}
	r.position = c.position
	if c.Best >= 0 {
		r.best = c.weights(bestGroup)
	}
	if before > 0 {
		r.extend(before)
	}
	r.Log.Info("resumed", "epoch", r.Epoch+1, "step", r.Step+1, "checkpoint", path)
	r.progress.line("resuming at %s, from %s", r.next(), path)
	return nil
}

// readForAll returns the content of the file that the leading member has at a path; nothing if it has none.
func (r *run[T]) readForAll(path string) ([]byte, error) {
	var content []byte
	if r.team.leads() {
		var err error
		content, err = os.ReadFile(path)
		switch {
		case errors.Is(err, os.ErrNotExist):
		case err != nil:
			return nil, errors.Wrap(err, "train: checkpoint")
		case len(content) == 0:
			content = []byte{0} // an empty file is a damaged one
		}
	}
	all, err := r.team.collect(content)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// extended returns the identity that the checkpoint must have, and, if this run has more epochs than that,
// how many that has, else 0.
func (r *run[T]) extended(path string, content []byte) (id map[string]string, before int, err error) {
	was, err := rundir.ParseIdentity(path, content)
	if err != nil {
		return nil, 0, errors.WithMessage(err, "train")
	}
	if from, ok := was[fromKey]; ok && r.From == nil {
		r.id[fromKey] = from
	}
	if n, err := strconv.Atoi(was["epochs"]); err == nil && n < r.Recipe.Epochs {
		id := maps.Clone(r.id)
		id["epochs"] = was["epochs"]
		return id, n, nil
	}
	return r.id, 0, nil
}

// extend goes on with a run that had fewer epochs: by the schedule of all of them, from the present step.
// What a callback has stopped may go on.
func (r *run[T]) extend(before int) {
	r.Stopped = false
	step, lr := r.opt.Steps(), r.opt.LR()
	was := lr * r.schedule.At(max(0, step-1), before*r.stepsPerEpoch()).Factor
	now := lr * r.schedule.At(step, r.engine.steps).Factor
	r.progress.line("extended from %d to %d epochs: the schedule is that of %[2]d epochs from step %d on; the "+
		"learning rate was %.3g and is now %.3g", before, r.Recipe.Epochs, step+1, was, now)
	r.Log.Info("extended", "from", before, "epochs", r.Recipe.Epochs, "step", step+1)
}

// sayStart says what a run begins with that is not as usual.
func (r *run[T]) sayStart() {
	for _, said := range []string{r.groups.text(r.store), r.start, r.sizesText()} {
		if said != "" && r.Epoch == 0 && r.Step == 0 {
			r.progress.line("%s", said)
		}
	}
}
