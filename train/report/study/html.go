package study

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train/report/chart"
)

//go:embed report.html
var reportText string

var reportTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"figure":     Model.figure,
	"better":     func(m Metric, d *Difference) bool { return m.better(*d) },
	"unit":       Metric.unit,
	"signed":     func(m Metric, v float64) string { return m.format(v, true) },
	"p":          pText,
	"whole":      func(v float64) string { return fmt.Sprintf("%.0f", v) },
	"four":       func(v float64) string { return fmt.Sprintf("%.4f", v) },
	"plural":     words.Count,
	"note":       Model.note,
	"difference": func(m Model, metric Metric) *Difference { return m.Differences[metric] },
}).Parse(reportText))

// html returns the report as one HTML file that needs no other.
func (r *Results) html() (string, error) {
	if len(r.Models) == 0 {
		return "", errors.New("study: no run succeeded, so there is nothing to report")
	}
	maps, blocks := r.attentionCharts(chart.SVG)
	values := map[string][]tapValue{}
	for _, m := range r.Models {
		if all := m.tapValues(); len(all) > 0 {
			values[m.Name] = all
		}
	}
	groups, notes := r.counts()
	section, short := r.testSection()
	var page bytes.Buffer
	err := reportTemplate.Execute(&page, map[string]any{
		"R": r, "Title": r.title(), "Origin": r.Metadata.origin("; "),
		"Metrics": r.metrics(), "Classes": r.metrics()[0] == Accuracy, "Noun": r.noun(), "Section": section,
		"Short":     short,
		"Overviews": r.overviews(), "Notes": r.notes(), "Split": r.split(),
		"Seeds": r.seedText(), "Differences": r.differenceChart(), "Sizes": r.sizeChart(), "Costs": r.costChart(),
		"Curves": r.curveCharts(), "Groups": groups, "Layers": notes, "Counts": countsText(groups, notes),
		"Viewed": r.viewed(), "Views": r.viewsFigure, "ViewsText": r.viewsText(),
		"Sweeps": r.sweepTables(), "SweepCharts": r.sweepCharts(),
		"Maps": maps, "Blocks": blocks, "TapValues": values, "Confusions": r.testCharts(),
	})
	return page.String(), errors.Wrap(err, "study: report")
}
