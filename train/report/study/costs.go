package study

import (
	"fmt"
	"io"
	"math"

	"github.com/goccy/go-yaml"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train/report/chart"
	"github.com/hqvit/hqvit/vit"
	"github.com/hqvit/hqvit/vit/ledger"
)

// cost is what models are drawn over, in a panel of the chart of costs.
type cost struct {
	name    string
	of      func(Model) (at float64, known bool) // 0 for a model that has none of it
	caption string                               // what a reader has to know of it
}

// shotError is the standard error that the chart of costs counts shots for.
const shotError = 0.01

func costs() []cost {
	return []cost{
		{name: "trained angles of the model",
			of: func(m Model) (float64, bool) { return float64(m.Groups["quantum"]), true }},
		{name: "qubits of a circuit",
			of: func(m Model) (float64, bool) { return float64(m.Notes["qubits"]), true }},
		{name: "gates of a circuit", of: func(m Model) (float64, bool) {
			gates := m.Notes["gates"]
			return float64(gates), gates > 0 || !m.hasCircuits()
		}},
		{name: fmt.Sprintf("shots of a head for an error of %v", shotError), of: Model.headShots,
			caption: fmt.Sprintf(" Shots: as many as one head takes for one image until each number that its "+
				"circuits measure, in [−1, 1], has a standard error of at most %v; noise is left out.", shotError)},
	}
}

// hasCircuits reports whether layers of the model have circuits.
func (m Model) hasCircuits() bool { return m.Notes["qubits"] > 0 }

// headShots returns the shots of one head for one image, by the recipe of the run, because runs record no
// number of circuits. It knows the models of package vit with attention that is built in.
func (m Model) headShots() (shots float64, known bool) {
	if !m.hasCircuits() {
		return 0, true
	}
	var recipe struct {
		Architecture vit.Config `yaml:"architecture"`
	}
	if err := yaml.Unmarshal([]byte(m.Recipe.YAML), &recipe); err != nil {
		return 0, false
	}
	shots, err := ledger.HeadShots(recipe.Architecture, shotError)
	return shots, err == nil
}

// costChart returns the chart of the first metric against what circuits cost; nil if fewer than two models
// have any, for then there is nothing to compare.
func (r *Results) costChart() *figure {
	first := r.metrics()[0]
	circuits, none := 0, ""
	for _, m := range r.Models {
		if m.hasCircuits() {
			circuits++
		} else {
			none = " What a model has none of is at \"none\"; models at one value are drawn side by side."
		}
	}
	if circuits < 2 {
		return nil
	}
	caption := fmt.Sprintf("Test %s against what the circuits cost, the largest in any layer: the mean over "+
		"seeds, and a bar of one standard deviation of a run in each direction.%s", first, none)
	var panels []chart.SweptPanel
	for _, c := range costs() {
		p, unknown := r.costPanel(c)
		if p == nil {
			continue
		}
		panels = append(panels, *p)
		caption += c.caption
		if len(unknown) > 0 {
			caption += fmt.Sprintf(" The %s are not known for %s.", c.name, words.List(unknown, "and"))
		}
	}
	if len(panels) == 0 {
		return nil
	}
	return &figure{"costs", caption, func(w io.Writer) error { return chart.Costs(w, "", "none", panels) }}
}

// costPanel returns the panel of a cost, nil if it is the same for all models with circuits, and the models
// of which it is not known.
func (r *Results) costPanel(c cost) (panel *chart.SweptPanel, unknown []string) {
	first := r.metrics()[0]
	p := &chart.SweptPanel{X: c.name, Y: "test " + first.title(), Percent: first.accuracy()}
	if p.Percent {
		p.Y += ", %"
	}
	values := map[float64]bool{}
	for _, m := range r.Models {
		line, s := chart.SweptLine{Name: m.Name}, m.spread(first.value)
		at, known := c.of(m)
		switch {
		case !known:
			unknown = append(unknown, m.Name)
		case !math.IsNaN(s.Mean):
			mean, sd := first.scale()*s.Mean, first.scale()*s.SD
			line.Points = []chart.SweptMark{{At: at, Mean: mean, Low: mean - sd, High: mean + sd}}
			if m.hasCircuits() {
				values[at] = true
			}
		}
		p.Lines = append(p.Lines, line)
	}
	if len(values) < 2 {
		return nil, nil
	}
	return p, unknown
}
