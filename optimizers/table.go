package optimizers

import (
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/spec"
)

// Row is an optimizer that can be chosen by name.
type Row struct {
	Name string // as in "adamw"
	Help string // what it is, in half a sentence

	// New returns the optimizer with its defaults. A field with a yaml tag can be set by the text that Parse
	// reads. It may close over what a text cannot say, such as the Metric of a NaturalGradient.
	New func() Config
}

// Table returns the optimizers that can be chosen by name, a fresh copy at each call. A custom optimizer is a
// Row appended to it. NaturalGradient is not in it: it wants a metric.
func Table() []Row {
	return []Row{
		{"adamw", "Adam with decoupled weight decay", func() Config { return DefaultAdamW() }},
		{"sgd", "gradient descent, with or without momentum", func() Config { return SGD{} }},
		{"muon", "matrices by their orthogonalized momentum, the rest by AdamW",
			func() Config { return DefaultMuon() }},
		{"schedule-free", "AdamW that averages; with the schedule constant",
			func() Config { return DefaultScheduleFree() }},
	}
}

// Parse returns the optimizer that a text names, such as "adamw:decay=0.05", and that text in its one
// canonical form, without fields that have their default. The learning rate is not part of it: Config.New
// takes it.
//
// It returns an error for an unknown name or key, which lists the known ones, and for a value that is out of
// range.
func Parse(text string, table []Row) (c Config, canonical string, err error) {
	c, canonical, err = spec.Resolve("optimizer", text, table,
		func(r Row) (string, func() Config) { return r.Name, r.New })
	return c, canonical, errors.WithMessage(err, "optimizers")
}

// Options lists the keys that Parse takes for the row, with their defaults:
// "momentum=0,nesterov=false,decay=0".
func (r Row) Options() string { return spec.Options(r.New) }

// ScheduleRow is a schedule of the learning rate that can be chosen by name.
type ScheduleRow struct {
	Name string // as in "one-cycle"
	Help string // what it is, in half a sentence
	// with its defaults; a field with a yaml tag can be set by the text that ParseSchedule reads
	New func() Schedule
}

// Schedules returns the schedules that can be chosen by name, a fresh copy at each call. A custom schedule is
// a row appended to it.
func Schedules() []ScheduleRow {
	return []ScheduleRow{
		{"one-cycle", "rises and falls once, momentum against it",
			func() Schedule { return DefaultOneCycle() }},
		{"cosine", "falls along half a cosine", func() Schedule { return Cosine{} }},
		{"constant", "stays as it is", func() Schedule { return Constant{} }},
	}
}

// ParseSchedule is Parse for a schedule, such as "one-cycle:warmup=200". Whether the warm-up is shorter than
// the run is for CheckSchedule to say.
func ParseSchedule(text string, table []ScheduleRow) (s Schedule, canonical string, err error) {
	row := func(r ScheduleRow) (string, func() Schedule) { return r.Name, r.New }
	if s, canonical, err = spec.Resolve("schedule", text, table, row); err == nil {
		err = errors.WithMessagef(checkSchedule(s, math.MaxInt), "schedule %s", text)
	}
	return s, canonical, errors.WithMessage(err, "optimizers")
}

// Options lists the keys that ParseSchedule takes for the row, with their defaults: "warmup=0,floor=0".
func (r ScheduleRow) Options() string { return spec.Options(r.New) }
