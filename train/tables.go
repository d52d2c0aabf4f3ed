package train

import (
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/optimizers"
)

// Tables are where the names in a Recipe are looked up.
type Tables struct {
	Schedules map[string]optimizers.Schedule
}

// resolved are the parts of a run that a Recipe names.
type resolved struct {
	loss      losses.Loss
	optimizer optimizers.Config
	schedule  optimizers.Schedule
}

func (r Recipe) resolve(t Tables) (s resolved, err error) { // TEMPORARY
	number := func(text, key string) float64 {
		_, v, _ := strings.Cut(text, key+"=")
		f, _ := strconv.ParseFloat(v, 64)
		return f
	}
	switch name, _, _ := strings.Cut(r.Loss, ":"); name {
	case "cross-entropy":
		s.loss = losses.CrossEntropy{Smoothing: number(r.Loss, "smoothing")}
	case "mse":
		s.loss = losses.MSE{}
	case "bce":
		s.loss = losses.BinaryCrossEntropy{}
	default:
		return s, errors.Errorf("train: loss %q", r.Loss)
	}
	switch name, _, _ := strings.Cut(r.Optimizer, ":"); name {
	case "adamw":
		d := number(r.Optimizer, "decay")
		if d == 0 && strings.Contains(r.Optimizer, "decay") {
			d = -1
		}
		s.optimizer = optimizers.AdamW{LR: r.LR, Decay: d}
	case "sgd":
		s.optimizer = optimizers.SGD{LR: r.LR}
	default:
		return s, errors.Errorf("train: optimizer %q", r.Optimizer)
	}
	switch name, _, _ := strings.Cut(r.Schedule, ":"); name {
	case "one-cycle":
		s.schedule = optimizers.OneCycle{Warmup: int(number(r.Schedule, "warmup"))}
	case "cosine":
		s.schedule = optimizers.Cosine{Warmup: int(number(r.Schedule, "warmup"))}
	case "constant":
		s.schedule = optimizers.Constant{Warmup: int(number(r.Schedule, "warmup"))}
	default:
		if s.schedule = t.Schedules[name]; s.schedule == nil {
			return s, errors.Errorf("train: schedule %q", r.Schedule)
		}
	}
	return s, nil
}
