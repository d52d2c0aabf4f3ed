package study

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/report/chart"
)

// figure is a chart of a report.
type figure struct {
	Name    string // of a file, without its extension
	Caption string
	draw    func(io.Writer) error
}

// Box returns the chart for use within a page, in a box that knows its width in --width.
func (f figure) Box() (template.HTML, error) {
	var b bytes.Buffer
	if err := f.draw(&b); err != nil {
		return "", err
	}
	_, after, _ := strings.Cut(b.String(), ` width="`)
	width, _, _ := strings.Cut(after, `"`)
	// The chart has escaped all names.
	return template.HTML(fmt.Sprintf(`<div class="box" style="--width:%spx">%s</div>`, width, &b)), nil
}

// differenceChart returns the chart of the paired differences; nil if there are none.
func (r *Results) differenceChart() *figure {
	var panels []chart.DifferencePanel
	for _, one := range r.metrics() {
		p := r.differencePanel(one)
		// A metric that not all models have is in the sentences alone.
		if len(p.Models) > 0 && (len(panels) == 0 || len(p.Models) == len(panels[0].Models)) {
			panels = append(panels, p)
		}
	}
	if len(panels) == 0 {
		return nil
	}
	caption := fmt.Sprintf("Differences from %s, paired by seed: a small dot for each seed, the mean, and "+
		"its 95 %% interval. Right of the line is better. Blue and orange: the interval excludes 0. Grey: "+
		"not distinguishable with these seeds. An arrow means that the interval, or the model with that "+
		"number, lies outside the chart.", r.Reference)
	return &figure{"differences", caption,
		func(w io.Writer) error { return chart.Differences(w, "", panels) }}
}

func (r *Results) differencePanel(m Metric) chart.DifferencePanel {
	name, scale := string(m), m.scale()
	if m.accuracy() {
		name = "points of " + name
	}
	p := chart.DifferencePanel{Name: fmt.Sprintf("%s from %s", name, r.Reference)}
	if m.lower() { // so that what is better is on the right
		p.Name, scale = fmt.Sprintf("%s below %s", name, r.Reference), -scale
	}
	for _, model := range r.Models {
		d := model.Differences[m]
		if d == nil {
			continue
		}
		row := chart.Difference{Name: model.Name, Mean: scale * d.Mean}
		for _, v := range d.Each {
			row.Each = append(row.Each, scale*v)
		}
		if d.Low != nil && d.High != nil {
			low, high := scale**d.Low, scale**d.High
			low, high = min(low, high), max(low, high)
			row.Low, row.High = &low, &high
		}
		p.Models = append(p.Models, row)
	}
	return p
}

// sizeChart returns the chart of the first metric against parameters.
func (r *Results) sizeChart() figure {
	var points []chart.Point
	first := r.metrics()[0]
	for _, m := range r.Models {
		s := m.spread(first.value)
		if math.IsNaN(s.Mean) {
			s = Spread{}
		}
		points = append(points, chart.Point{Name: m.Name, Parameters: m.Parameters, Mean: s.Mean, SD: s.SD})
	}
	draw := func(w io.Writer) error { return chart.Sizes(w, "", points) }
	if first != Accuracy {
		draw = func(w io.Writer) error { return chart.SizesOf(w, "", "test "+first.title(), points) }
	}
	return figure{"sizes",
		fmt.Sprintf("Test %s against the number of parameters: the mean over seeds, and a bar of one standard "+
			"deviation of a run in each direction. Where bars would cover each other, models are moved a "+
			"little to the side.", first), draw}
}

// curveCharts returns the charts of training.
func (r *Results) curveCharts() []figure {
	var accuracies, losses []chart.SeedCurve
	validated := true
	for _, m := range r.Models {
		accuracy, loss := chart.SeedCurve{Name: m.Name}, chart.SeedCurve{Name: m.Name}
		for _, run := range m.Runs {
			var a, l []float64
			for _, e := range run.History {
				l = append(l, e.TrainLoss)
				if v := valFigure(e); v.Known() {
					a = append(a, float64(v))
				}
			}
			validated = validated && len(a) > 0
			accuracy.Runs, loss.Runs = append(accuracy.Runs, a), append(loss.Runs, l)
		}
		accuracies, losses = append(accuracies, accuracy), append(losses, loss)
	}
	var figures []figure
	if validated {
		name, axis := "Accuracy", "validation accuracy, %"
		if first := r.metrics()[0]; first != Accuracy {
			name, axis = first.title(), "validation "+string(first)
		}
		figures = append(figures, figure{"validation",
			name + " on the validation split: thin lines are seeds, thick ones their mean.",
			func(w io.Writer) error { return chart.SeedCurves(w, "", axis, accuracies) }})
	}
	return append(figures, figure{"loss", "Training loss, on the " + r.noun() + "s as they were trained on.",
		func(w io.Writer) error { return chart.SeedCurves(w, "", "training loss", losses) }})
}

// valFigure returns what the curve of an epoch shows: the accuracy in percent, the AUC or the RMSE.
func valFigure(e Epoch) metric.Number {
	if rmse, ok := e.ValFigures["rmse"]; ok {
		return rmse
	}
	if auc, ok := e.ValFigures["auc"]; ok {
		return auc
	}
	return 100 * e.ValAccuracy
}

// testSection returns the heading of what testCharts draws, and its short form.
func (r *Results) testSection() (heading, short string) {
	switch r.metrics()[0] {
	case AUC:
		return "ROC curves of the labels, of the first seed", "ROC"
	case RMSE:
		return "Predicted against true values, of the first seed: up to 200 of the test split", "Predictions"
	}
	return "Confusion matrices, summed over seeds", "Confusion"
}

// testCharts returns what all models made of the test split: confusion matrices, ROC curves or predictions.
func (r *Results) testCharts() []figure {
	if r.metrics()[0] == Accuracy {
		return r.confusionCharts()
	}
	var figures []figure
	for _, m := range r.Models {
		e := train.Evaluation{OfLabels: m.Runs[0].Labels, OfValues: m.Runs[0].Values}
		figures = append(figures, figure{Name: m.Name,
			draw: func(w io.Writer) error { return e.Draw(w, m.Name, r.Metadata.Classes) }})
	}
	return figures
}

// confusionCharts returns the confusion matrices of all models, each over all seeds.
func (r *Results) confusionCharts() []figure {
	const most = 30 // classes whose counts are readable on a page
	var figures []figure
	for _, m := range r.Models {
		counts, classes := m.confusion(), r.Metadata.Classes
		if len(classes) != len(counts) {
			classes = nil
		}
		f := figure{Name: m.Name,
			draw: func(w io.Writer) error { return chart.Confusion(w, m.Name, counts, classes) }}
		if len(counts) > most {
			f.Caption = describeMistakes(counts, classes)
			f.draw = func(w io.Writer) error { return chart.ConfusionMap(w, m.Name, counts) }
		}
		figures = append(figures, f)
	}
	return figures
}

// confusion returns the sum of the confusion matrices of all runs.
func (m Model) confusion() [][]int {
	var sum [][]int
	for _, r := range m.Runs {
		for i, row := range r.Test.Confusion {
			if len(sum) <= i {
				sum = append(sum, make([]int, len(row)))
			}
			for j, n := range row[:min(len(row), len(sum[i]))] {
				sum[i][j] += n
			}
		}
	}
	return sum
}

// describeMistakes names the largest counts off the diagonal.
func describeMistakes(counts [][]int, classes []string) string {
	type mistake struct{ label, predicted, count, images int }
	var all []mistake
	for label, row := range counts {
		images := 0
		for _, n := range row {
			images += n
		}
		for predicted, n := range row {
			if predicted != label && n > 0 {
				all = append(all, mistake{label, predicted, n, images})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b mistake) int { return b.count - a.count })
	name := func(class int) string {
		if classes == nil {
			return fmt.Sprint(class)
		}
		return classes[class]
	}
	var texts []string
	for _, m := range all[:min(5, len(all))] {
		texts = append(texts, fmt.Sprintf("%s for %s (%d of %d)", name(m.label), name(m.predicted), m.count,
			m.images))
	}
	if texts == nil {
		return "No mistakes."
	}
	return "Mistaken most often: " + strings.Join(texts, ", ") + "."
}
