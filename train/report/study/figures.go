package study

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/hqvit/hqvit/train/report/chart"
)

// figure is a picture of the report.
type figure struct {
	Name    string // of a file
	Caption string
	draw    func(io.Writer) error
}

// SVG returns the picture to stand within a page.
func (f figure) SVG() (template.HTML, error) {
	var b bytes.Buffer
	if err := f.draw(&b); err != nil {
		return "", err
	}
	text := b.String()
	return template.HTML(text[strings.Index(text, "<svg"):]), nil // of our own making: nothing of a user's is in it unescaped
}

// differences is the picture of the paired differences; nil if there are none.
func (r *Results) differences() *figure {
	var contrasts []chart.DifferencePanel
	for _, measure := range Metrics() {
		name := "points of " + string(measure)
		if measure == AUC {
			name = "AUC"
		}
		c := chart.DifferencePanel{Name: fmt.Sprintf("%s from %s", name, r.Reference)}
		for _, m := range r.Models {
			d := m.Against(measure)
			if d == nil {
				continue
			}
			one := chart.Difference{Name: m.Name, Mean: measure.unit() * d.Mean}
			for _, v := range d.Each {
				one.Each = append(one.Each, measure.unit()*v)
			}
			if d.Low != nil && d.High != nil {
				low, high := measure.unit()**d.Low, measure.unit()**d.High
				one.Low, one.High = &low, &high
			}
			c.Models = append(c.Models, one)
		}
		// A measure that not all models have is in the findings alone.
		if len(c.Models) > 0 && (len(contrasts) == 0 || len(c.Models) == len(contrasts[0].Models)) {
			contrasts = append(contrasts, c)
		}
	}
	if len(contrasts) == 0 {
		return nil
	}
	return &figure{"differences", fmt.Sprintf("Differences from %s, paired by seed: a small dot for each seed, the mean, and its 95 %% interval. Right of the line is better. "+
		"Blue and orange: the interval leaves out 0. Grey: these seeds do not tell the models apart. An arrow goes on beyond the picture, to the number where there is one.", r.Reference),
		func(w io.Writer) error { return chart.Differences(w, "", contrasts) }}
}

// sizes is the picture of accuracy against parameters.
func (r *Results) sizes() figure {
	var points []chart.Point
	for _, m := range r.Models {
		points = append(points, chart.Point{Name: m.Name, Parameters: m.Parameters, Mean: m.Accuracy.Mean, SD: m.Accuracy.SD})
	}
	return figure{"sizes", "Test accuracy against the number of parameters: the mean over seeds, the bar one standard deviation of a run either way. " +
		"Where bars would cover each other, models stand a little beside their size.",
		func(w io.Writer) error { return chart.Sizes(w, "", points) }}
}

// curves are the pictures of training.
func (r *Results) curves() []figure {
	val := make([]chart.SeedCurve, 0, len(r.Models))
	loss := make([]chart.SeedCurve, 0, len(r.Models))
	validated := true
	for _, m := range r.Models {
		accuracies, losses := chart.SeedCurve{Name: m.Name}, chart.SeedCurve{Name: m.Name}
		for _, run := range m.Runs {
			var a, l []float64
			for _, p := range run.History {
				l = append(l, p.TrainLoss)
				if p.ValAccuracy.Known() {
					a = append(a, 100*float64(p.ValAccuracy))
				}
			}
			validated = validated && len(a) > 0
			accuracies.Runs, losses.Runs = append(accuracies.Runs, a), append(losses.Runs, l)
		}
		val, loss = append(val, accuracies), append(loss, losses)
	}
	var figures []figure
	if validated {
		figures = append(figures, figure{"validation", "Accuracy on the validation split: thin lines are seeds, thick ones their mean.",
			func(w io.Writer) error { return chart.SeedCurves(w, "", "validation accuracy, %", val) }})
	}
	return append(figures, figure{"loss", "Loss of training, as the images were trained on.",
		func(w io.Writer) error { return chart.SeedCurves(w, "", "training loss", loss) }})
}

// confusions are the matrices of all models, over all seeds.
func (r *Results) confusions() []figure {
	const most = 30 // classes whose counts can be read on a page
	var figures []figure
	for _, m := range r.Models {
		counts, classes := m.confusion(), r.Metadata.Classes
		if len(classes) != len(counts) {
			classes = nil
		}
		f := figure{Name: m.Name, draw: func(w io.Writer) error { return chart.Confusion(w, m.Name, counts, classes) }}
		if len(counts) > most {
			f.Caption = mistakes(counts, classes)
			f.draw = func(w io.Writer) error { return chart.ConfusionMap(w, m.Name, counts) }
		}
		figures = append(figures, f)
	}
	return figures
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

// mistakes names the largest counts beside the diagonal.
func mistakes(counts [][]int, classes []string) string {
	type mistake struct{ label, predicted, count, of int }
	var all []mistake
	for label, row := range counts {
		of := 0
		for _, n := range row {
			of += n
		}
		for predicted, n := range row {
			if predicted != label && n > 0 {
				all = append(all, mistake{label, predicted, n, of})
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
		texts = append(texts, fmt.Sprintf("%s for %s (%d of %d)", name(m.label), name(m.predicted), m.count, m.of))
	}
	if texts == nil {
		return "No mistakes."
	}
	return "Taken most often: " + strings.Join(texts, ", ") + "."
}
