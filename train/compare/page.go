package compare

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/chart"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"percent": Spread.percent,
	"points":  func(v float64) string { return fmt.Sprintf("%+.2f", 100*v) },
	"four":    func(v float64) string { return fmt.Sprintf("%.4f", v) },
	"whole":   func(v float64) string { return fmt.Sprintf("%.0f", v) },
}).Parse(pageText))

// figure is a picture of the page.
type figure struct {
	Caption string
	SVG     template.HTML
}

// reading is a learned scale or an entropy, over the seeds of a model.
type reading struct {
	Name string
	Spread
}

// page returns the report as one HTML file that needs no other.
func (r *Results) page() (string, error) {
	if len(r.Models) == 0 {
		return "", errors.New("compare: no run ended well, so there is nothing to report")
	}
	pictures, err := r.pictures()
	if err != nil {
		return "", err
	}
	var confusions []figure
	for _, m := range r.Models {
		counts, classes := m.confusion(), r.Facts.Classes
		if len(classes) != len(counts) {
			classes = nil
		}
		if len(counts) > 30 {
			continue // too many classes for a page
		}
		f, err := paint(m.Name, func(w io.Writer) error { return chart.Confusion(w, m.Name, counts, classes) })
		if err != nil {
			return "", err
		}
		confusions = append(confusions, f)
	}
	readings := map[string][]reading{}
	for _, m := range r.Models {
		readings[m.Name] = m.readings()
	}
	var page bytes.Buffer
	err = pageTemplate.Execute(&page, map[string]any{
		"R": r, "First": r.Models[0], "Summary": r.Models[0].Runs[0].Summary, "Pictures": pictures, "Confusions": confusions, "Readings": readings,
	})
	return page.String(), errors.Wrap(err, "compare: report")
}

func (r *Results) pictures() ([]figure, error) {
	var points []chart.Point
	val := make([]chart.Bundle, 0, len(r.Models))
	loss := make([]chart.Bundle, 0, len(r.Models))
	for _, m := range r.Models {
		points = append(points, chart.Point{Name: m.Name, Parameters: m.Parameters, Mean: m.Accuracy.Mean, SD: m.Accuracy.SD})
		accuracies, losses := chart.Bundle{Name: m.Name}, chart.Bundle{Name: m.Name}
		for _, run := range m.Runs {
			var a, l []float64
			for _, p := range run.History {
				l = append(l, p.TrainLoss)
				if p.ValAccuracy != nil {
					a = append(a, 100**p.ValAccuracy)
				}
			}
			accuracies.Runs, losses.Runs = append(accuracies.Runs, a), append(losses.Runs, l)
		}
		val, loss = append(val, accuracies), append(loss, losses)
	}
	var figures []figure
	for _, f := range []struct {
		caption string
		draw    func(io.Writer) error
	}{
		{"Test accuracy against size: the mean over seeds, the bar one standard deviation of a run.", func(w io.Writer) error { return chart.Sizes(w, "", points) }},
		{"Accuracy on the validation split: thin lines are seeds, thick ones their mean.", func(w io.Writer) error { return chart.Bundles(w, "", "validation accuracy, %", val) }},
		{"Loss of training, as the images were trained on.", func(w io.Writer) error { return chart.Bundles(w, "", "training loss", loss) }},
	} {
		if strings.HasPrefix(f.caption, "Accuracy on") && slices.ContainsFunc(val, func(b chart.Bundle) bool { return len(b.Runs[0]) == 0 }) {
			continue // no validation split
		}
		picture, err := paint(f.caption, f.draw)
		if err != nil {
			return nil, err
		}
		figures = append(figures, picture)
	}
	return figures, nil
}

// paint returns a picture to stand within the page.
func paint(caption string, draw func(io.Writer) error) (figure, error) {
	var b bytes.Buffer
	if err := draw(&b); err != nil {
		return figure{}, err
	}
	text := b.String()
	return figure{caption, template.HTML(text[strings.Index(text, "<svg"):])}, nil // of our own making: nothing of a user's is in it unescaped
}

// confusion returns the counts of all runs together.
func (m Model) confusion() [][]int {
	var sum [][]int
	for _, r := range m.Runs {
		for i, row := range r.Test.Confusion {
			if len(sum) <= i {
				sum = append(sum, make([]int, len(row)))
			}
			for j, n := range row {
				sum[i][j] += n
			}
		}
	}
	return sum
}

// readings returns what the attention of a model learned, over its seeds, sorted by name.
func (m Model) readings() []reading {
	var names []string
	for name := range m.Runs[0].Readings {
		names = append(names, name)
	}
	slices.Sort(names)
	var all []reading
	for _, name := range names {
		all = append(all, reading{name, m.spread(func(r Record) float64 { return r.Readings[name] })})
	}
	return all
}

func saveText(path, text string) error {
	return train.ReplaceFile(path, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
