package train

import (
	"fmt"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/optimizers"
)

// Tables are where the names in a Recipe are looked up. A table that is nil is the built-in one; a custom
// loss is a row appended to losses.Table(), and so on.
type Tables struct {
	Losses     []losses.Row
	Optimizers []optimizers.Row
	Schedules  []optimizers.ScheduleRow
}

// DefaultTables returns the built-in tables.
func DefaultTables() Tables {
	return Tables{losses.Table(), optimizers.Table(), optimizers.Schedules()}
}

// withDefaults fills in the tables that are nil.
func (t Tables) withDefaults() Tables {
	standard := DefaultTables()
	if t.Losses == nil {
		t.Losses = standard.Losses
	}
	if t.Optimizers == nil {
		t.Optimizers = standard.Optimizers
	}
	if t.Schedules == nil {
		t.Schedules = standard.Schedules
	}
	return t
}

// parts are what the names in a Recipe mean.
type parts struct {
	loss      losses.Loss
	optimizer optimizers.Config
	schedule  optimizers.Schedule
	groups    groups
	sizes     []int
}

// resolve returns the parts, and the recipe with the names in their one canonical form: two spellings of one
// recipe are one run.
func (r Recipe) resolve(t Tables) (p parts, canonical Recipe, err error) {
	t = t.withDefaults()
	if r.Loss != "" { // which the data decides
		if p.loss, r.Loss, err = losses.Parse(r.Loss, t.Losses); err != nil {
			return p, r, errors.WithMessage(err, "train")
		}
	}
	if p.optimizer, r.Optimizer, err = optimizers.Parse(r.Optimizer, t.Optimizers); err != nil {
		return p, r, errors.WithMessage(err, "train")
	}
	if p.schedule, r.Schedule, err = optimizers.ParseSchedule(r.Schedule, t.Schedules); err != nil {
		return p, r, errors.WithMessage(err, "train")
	}
	if p.sizes, r.ImageSizes, err = r.parseSizes(); err != nil {
		return p, r, errors.WithMessage(err, "train")
	}
	p.groups, r, err = r.parseGroups()
	return p, r, errors.WithMessage(err, "train")
}

// Markdown returns the names and their fields, with the defaults of these, as a table for a manual.
func (t Tables) Markdown() string {
	var b strings.Builder
	b.WriteString("| option | name | what it is | fields |\n|---|---|---|---|\n")
	row := func(kind, name, help, options string) {
		if options != "" {
			options = "`" + strings.ReplaceAll(options, ",", "`, `") + "`"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", kind, name, strings.ReplaceAll(help, "|", `\|`), options)
	}
	t = t.withDefaults()
	for _, r := range t.Optimizers {
		row("optimizer", r.Name, r.Help, r.Options())
	}
	for _, r := range t.Schedules {
		row("schedule", r.Name, r.Help, r.Options())
	}
	for _, r := range t.Losses {
		row("loss", r.Name, r.Help, r.Options())
	}
	return b.String()
}
