package rundir

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// Checkpoint is a run that can go on, as last.ckpt holds it: a safetensors file.
type Checkpoint struct {
	Identity map[string]string // of the run, see CheckIdentity
	Position any               // how far the run has come; anything that goes through JSON
	Groups   map[string]Tensors
}

// Tensors are tensors by name.
type Tensors map[string]*tensor.Dense

// The keys of the metadata of a checkpoint.
const (
	identityKey = "identity"
	positionKey = "position"
)

// Save replaces the file at path. The name of a group must not hold a full stop.
func (c Checkpoint) Save(path string) error {
	all := &Weights{Meta: map[string]string{}, Tensors: Tensors{}}
	for key, value := range map[string]any{identityKey: c.Identity, positionKey: c.Position} {
		text, err := json.Marshal(value)
		if err != nil {
			return errors.Wrapf(err, "checkpoint: %s", key)
		}
		all.Meta[key] = string(text)
	}
	for group, tensors := range c.Groups {
		for name, t := range tensors {
			all.Tensors[group+"."+name] = t
		}
	}
	return all.Save(path)
}

// ReadCheckpoint reads the checkpoint of a run with that identity and fills in position, a pointer. It
// returns an error that wraps os.ErrNotExist if there is no file, and one if the file is malformed or of
// another run.
func ReadCheckpoint(path string, identity map[string]string, position any) (*Checkpoint, error) {
	all, err := read("checkpoint", path)
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{Position: position, Groups: map[string]Tensors{}}
	if c.Identity, err = all.identity(path); err != nil {
		return nil, err
	}
	if err := CheckIdentity(path, c.Identity, identity); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(all.Meta[positionKey]), position); err != nil {
		return nil, errors.Wrapf(err, "%s is not a checkpoint", path)
	}
	for name, t := range all.Tensors {
		group, rest, ok := strings.Cut(name, ".")
		if !ok {
			return nil, errors.Errorf("%s is not a checkpoint: tensor %s is in no group", path, name)
		}
		if c.Groups[group] == nil {
			c.Groups[group] = Tensors{}
		}
		c.Groups[group][rest] = t
	}
	return c, nil
}

// ReadIdentity returns the identity of the run that the checkpoint at path belongs to. It returns an error if
// the file is not a checkpoint.
func ReadIdentity(path string) (map[string]string, error) {
	all, err := read("checkpoint", path)
	if err != nil {
		return nil, err
	}
	return all.identity(path)
}

func (w *Weights) identity(path string) (identity map[string]string, err error) {
	err = json.Unmarshal([]byte(w.Meta[identityKey]), &identity)
	return identity, errors.Wrapf(err, "%s is not a checkpoint", path)
}

// CheckIdentity returns nil if two runs are the same, and else an error that names the first difference: path
// is the file of the one with the identity was, want that of the other.
func CheckIdentity(path string, was, want map[string]string) error {
	keys := maps.Clone(was)
	if keys == nil {
		keys = map[string]string{}
	}
	maps.Copy(keys, want)
	// The seed first: another seed also changes what is computed from the training images.
	for _, key := range append([]string{"seed"}, slices.Sorted(maps.Keys(keys))...) {
		if was[key] != want[key] {
			return errors.Errorf("%s is of another run: %s was %q, now it is %q",
				path, key, was[key], want[key])
		}
	}
	return nil
}
