package study

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train/report/chart"
)

// sweepTable is all models over the values of one setting, run in one way but for what is done against
// errors.
type sweepTable struct {
	Setting, Beside string
	Images          int
	Values          []string
	Series          []sweepSeries
}

// sweepSeries is a model with one mitigation, its runs by value.
type sweepSeries struct {
	Model, Mitigation string
	points            map[string][]SweptPoint
}

// Name is that of a column and of a curve.
func (s sweepSeries) Name() string { return joined(", ", s.Model, s.Mitigation) }

// sweepTables returns the tables of all sweeps, in the order in which the runs have them.
func (r *Results) sweepTables() []*sweepTable {
	var all []*sweepTable
	for _, m := range r.Models {
		for _, run := range m.Runs {
			for _, p := range run.Sweep {
				i := slices.IndexFunc(all, func(t *sweepTable) bool {
					return t.Setting == p.Setting && t.Beside == p.Beside && t.Images == p.Images
				})
				if i < 0 {
					i = len(all)
					all = append(all, &sweepTable{Setting: p.Setting, Beside: p.Beside, Images: p.Images})
				}
				all[i].add(m.Name, p)
			}
		}
	}
	for _, t := range all {
		slices.SortStableFunc(t.Values, func(a, b string) int { return cmp.Compare(number(a), number(b)) })
		if t.Setting == shotsSetting && t.Values[0] == "0" { // exact values are what many shots come to
			t.Values = append(t.Values[1:], t.Values[0])
		}
	}
	return all
}

// rounding is the error of coefficients, to their spread, that float32 has without shots and noise.
const rounding = 1e-5

// sweepPrefix begins the names of the charts of sweeps.
const sweepPrefix = "sweep-"

// shotsSetting is the setting of which 0 means exact values.
const shotsSetting = "shots"

// number returns a value of a setting as a number, the first of several.
func number(value string) float64 {
	first, _, _ := strings.Cut(value, ":")
	v, _ := strconv.ParseFloat(first, 64)
	return v
}

func (t *sweepTable) add(model string, p SweptPoint) {
	if !slices.Contains(t.Values, p.Value) {
		t.Values = append(t.Values, p.Value)
	}
	for i := range t.Series {
		if s := &t.Series[i]; s.Model == model && s.Mitigation == p.Mitigation {
			s.points[p.Value] = append(s.points[p.Value], p)
			return
		}
	}
	t.Series = append(t.Series, sweepSeries{model, p.Mitigation, map[string][]SweptPoint{p.Value: {p}}})
}

// Title says what is swept.
func (t *sweepTable) Title() string {
	what := t.Setting
	if t.Setting == shotsSetting {
		what = "shots of each head and image"
	}
	return joined(", ", what, t.Beside)
}

// Shown is a value as people read it.
func (t *sweepTable) Shown(value string) string {
	if t.Setting == shotsSetting {
		if value == "0" {
			return "exact values"
		}
		for i := len(value) - 3; i > 0; i -= 3 {
			value = value[:i] + "," + value[i:]
		}
	}
	return value
}

// spreads returns the accuracy of a series at a value, and the error of its coefficients; false without a
// run.
func (s sweepSeries) spreads(value string) (accuracy, relative Spread, ok bool) {
	var a, e []float64
	for _, p := range s.points[value] {
		a, e = append(a, p.Accuracy), append(e, p.Relative)
	}
	if len(a) == 0 {
		return accuracy, relative, false
	}
	return newSpread(a), newSpread(e), true
}

// Cell is what a table has of a series at a value.
func (t *sweepTable) Cell(s sweepSeries, value string) string {
	a, e, ok := s.spreads(value)
	if !ok {
		return "–"
	}
	if e.Mean < rounding {
		e.Mean = 0
	}
	return a.percent() + ", " + strconv.FormatFloat(e.Mean, 'g', 2, 64)
}

// seeds returns the least and the largest number of runs of a place in the table.
func (t *sweepTable) seeds() (least, most int) {
	for _, s := range t.Series {
		for _, points := range s.points {
			most = max(most, len(points))
			if n := len(points); least == 0 || n < least {
				least = n
			}
		}
	}
	return least, most
}

// Caption says what the figures of the table are.
func (t *sweepTable) Caption() string {
	least, most := t.seeds()
	runs := words.Count(most, "seed")
	if least != most {
		runs = fmt.Sprintf("%d to %d seeds", least, most)
	}
	return fmt.Sprintf("Accuracy on the first %d test images, and the root mean square error of the "+
		"attention coefficients to the deviation of the exact ones from even attention: means over %s, ± "+
		"the standard deviation of a run. With a mitigation that extrapolates, each scale of the noise has "+
		"as many shots.", t.Images, runs)
}

// writeSweeps writes the tables of all sweeps.
func (r *Results) writeSweeps(b *strings.Builder) {
	for _, t := range r.sweepTables() {
		columns := []string{words.Cell(t.Title())}
		for _, s := range t.Series {
			columns = append(columns, words.Cell(s.Name()))
		}
		fmt.Fprintf(b, "\n| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
		for _, v := range t.Values {
			row := []string{t.Shown(v)}
			for _, s := range t.Series {
				row = append(row, t.Cell(s, v))
			}
			fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
		}
		fmt.Fprintf(b, "\n%s\n", t.Caption())
	}
}

// sweepCharts returns the chart of each sweep.
func (r *Results) sweepCharts() []figure {
	var figures []figure
	for _, t := range r.sweepTables() {
		if len(t.Values) < 2 { // which is a line of a table
			continue
		}
		accuracy := chart.SweptPanel{Y: "test accuracy, %", Percent: true}
		off := false // from the exact values
		errs := chart.SweptPanel{Y: "error of the coefficients, to their spread", Log: true}
		for _, s := range t.Series {
			a, e := chart.SweptLine{Name: s.Name()}, chart.SweptLine{Name: s.Name()}
			for _, v := range t.Values {
				if accuracy, relative, ok := s.spreads(v); ok {
					a.Points = append(a.Points, sweptMark(v, accuracy, 100))
					if relative.Mean > rounding {
						off = true
						e.Points = append(e.Points, sweptMark(v, relative, 1))
					}
				}
			}
			accuracy.Lines, errs.Lines = append(accuracy.Lines, a), append(errs.Lines, e)
		}
		panels := []chart.SweptPanel{accuracy, errs}
		if !off {
			panels = panels[:1]
		}
		name := sweepPrefix + fileName(strings.ReplaceAll(joined("-", t.Setting, t.Beside), "=", "-"))
		if slices.ContainsFunc(figures, func(f figure) bool { return f.Name == name }) {
			name += fmt.Sprint("-", t.Images)
		}
		caption := fmt.Sprintf("Trained models by %s: means over seeds with their 95 %% intervals, by "+
			"Student's t, on the first %d test images. Error of the coefficients: root mean square, to the "+
			"deviation of the exact ones from even attention; without an error there is no mark.",
			t.Title(), t.Images)
		zero := "0"
		if t.Setting == shotsSetting {
			zero = "exact"
		}
		figures = append(figures, figure{name, caption, func(w io.Writer) error {
			return chart.Swept(w, "", t.Title(), zero, t.Setting == shotsSetting, panels)
		}})
	}
	return figures
}

// sweptMark is a point of a chart, with its interval if there are runs enough.
func sweptMark(value string, s Spread, scale float64) chart.SweptMark {
	m := chart.SweptMark{At: number(value), Mean: scale * s.Mean, Low: scale * s.Mean, High: scale * s.Mean}
	if s.N > 1 {
		half := scale * halfInterval(s.SD, s.N)
		m.Low, m.High = m.Low-half, m.High+half
	}
	return m
}
