package study

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/train/report/chart"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"percent": Spread.percent,
	"area":    (*Spread).area,
	"signed":  func(m Metric, v float64) string { return m.told(v, true) },
	"against": func(m Model, measure Metric) *Difference { return m.Against(measure) },
	"whole":   func(v float64) string { return fmt.Sprintf("%.0f", v) },
	"four":    func(v float64) string { return fmt.Sprintf("%.4f", v) },
}).Parse(pageText))

// page returns the report as one HTML file that needs no other.
func (r *Results) page() (string, error) {
	if len(r.Models) == 0 {
		return "", errors.New("compare: no run ended well, so there is nothing to report")
	}
	maps, blocks := r.attention(chart.SVG)
	readings := map[string][]reading{}
	for _, m := range r.Models {
		if all := m.readings(); len(all) > 0 {
			readings[m.Name] = all
		}
	}
	var page bytes.Buffer
	err := pageTemplate.Execute(&page, map[string]any{
		"R": r, "Measures": Metrics(), "Overviews": r.overviews(), "Notes": r.notes(), "Split": r.split(),
		"Differences": r.differences(), "Sizes": r.sizes(), "Curves": r.curves(), "Maps": maps, "Blocks": blocks,
		"Readings": readings, "Confusions": r.confusions(),
	})
	return page.String(), errors.Wrap(err, "compare: report")
}

func saveText(path, text string) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
