package train

import (
	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/optimizers"
)

// Tables are where the names in a Recipe are looked up.
type Tables struct{}

// resolved are the parts of a run that a Recipe names.
type resolved struct {
	loss      losses.Loss
	optimizer optimizers.Config
	schedule  optimizers.Schedule
}

func (r Recipe) resolve(Tables) (resolved, error) {
	return resolved{losses.CrossEntropy{}, optimizers.AdamW{LR: r.LR}, optimizers.OneCycle{}}, nil
}
