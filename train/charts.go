package train

import (
	"cmp"
	"fmt"
	"io"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/report/chart"
)

// title is the first part of the title of a chart.
func (l Loop) title() string {
	return fmt.Sprintf("%s on %s, seed %d",
		cmp.Or(l.Name, "a model"), cmp.Or(l.DataName, "data"), l.Recipe.Seed)
}

// saveCurves draws the loss and, where there is one, the accuracy of a history that is not empty.
func saveCurves(path, title string, history []Epoch) error {
	panels := []chart.Panel{scorePanel("loss", history,
		func(s Score) metric.Number { return metric.Number(s.Loss) })}
	if history[0].Train.Accuracy.Known() {
		panels = append(panels, scorePanel("accuracy", history,
			func(s Score) metric.Number { return s.Accuracy }))
	}
	return atomicfile.Write(path, func(w io.Writer) error { return chart.Curves(w, title, panels) })
}

// scorePanel returns the curves of one number of training and, if there is one, validation.
func scorePanel(name string, history []Epoch, value func(Score) metric.Number) chart.Panel {
	training, validation := chart.Curve{Name: "training"}, chart.Curve{Name: "validation"}
	for _, e := range history {
		training.Values = append(training.Values, float64(value(e.Train)))
		if e.Val != nil {
			validation.Values = append(validation.Values, float64(value(*e.Val)))
		}
	}
	p := chart.Panel{Name: name, Curves: []chart.Curve{training}}
	if validation.Values != nil {
		p.Curves = append(p.Curves, validation)
	}
	return p
}

// saveConfusion draws the confusion matrix of the test split.
func saveConfusion(path, title string, m *metric.Classification, classes []string) error {
	if len(classes) != len(m.Confusion) {
		classes = nil // a set may name fewer classes than the model has
	}
	title = fmt.Sprintf("%s: test accuracy %.2f %%", title, 100*m.Accuracy)
	return atomicfile.Write(path,
		func(w io.Writer) error { return chart.Confusion(w, title, m.Confusion, classes) })
}
