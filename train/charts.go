package train

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/report/chart"
	"github.com/hqvit/hqvit/train/rundir"
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
	} else if p, ok := validationPanel(history); ok {
		panels = append(panels, p)
	}
	return atomicfile.Write(path, func(w io.Writer) error { return chart.Curves(w, title, panels) })
}

// validationPanel returns the curve of the figure of labels or values, which validation has alone.
func validationPanel(history []Epoch) (p chart.Panel, ok bool) {
	c := chart.Curve{Name: "validation"}
	for _, e := range history {
		value := e.ValAUC
		p.Name = "AUC"
		if rmse, known := e.ValMetrics["rmse"]; known {
			p.Name, value = "RMSE", rmse
		}
		c.Values = append(c.Values, float64(value))
		ok = ok || value.Known() && math.Abs(float64(value)) < 1e100
	}
	p.Curves = []chart.Curve{c}
	return p, ok
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

// saveTest draws what came of the test split: the confusion matrix of classes, the ROC curves of labels, or
// values predicted against true ones.
func (r *run[T]) saveTest(test *Evaluation) error {
	switch {
	case test.Metrics != nil:
		return saveConfusion(r.path(rundir.ConfusionFile), r.title(), test.Metrics, r.ClassNames)
	case test.OfLabels != nil || test.OfValues != nil:
		path := r.path(rundir.LabelsFile)
		if test.OfValues != nil {
			path = r.path(rundir.ValuesFile)
		}
		return atomicfile.Write(path, func(w io.Writer) error {
			return test.Draw(w, r.title()+": test "+figuresText(test.Figures()), r.ClassNames)
		})
	}
	return nil
}

// figuresText lists figures: AUC 0.9876, F1 0.8000.
func figuresText(figures []metric.Figure) string {
	var texts []string
	for _, f := range figures {
		texts = append(texts, f.Title+" "+f.Value.Text("%.4g"))
	}
	return strings.Join(texts, ", ")
}

// Draw draws an evaluation as SVG under a title: the confusion matrix of classes, the ROC curves of labels,
// or values predicted against true ones, with their residuals. Names are those of the classes, labels or
// values; nil: 0, 1, …. It returns an error if there is nothing to draw.
func (e *Evaluation) Draw(w io.Writer, title string, names []string) error {
	name := func(k int) string {
		if k < len(names) {
			return names[k]
		}
		return strconv.Itoa(k)
	}
	switch {
	case e == nil:
	case e.Metrics != nil:
		if len(names) != len(e.Metrics.Confusion) {
			names = nil
		}
		return chart.Confusion(w, title, e.Metrics.Confusion, names)
	case e.OfLabels != nil:
		var curves []chart.ROCCurve
		for k, l := range e.OfLabels.Each {
			curves = append(curves, chart.ROCCurve{Name: name(k), Area: float64(l.AUC), Points: l.ROC})
		}
		return chart.ROC(w, title, curves)
	case e.OfValues != nil:
		var panels []chart.FitPanel
		for k, v := range e.OfValues.Each[:min(len(e.OfValues.Each), chart.MaxFits)] {
			panels = append(panels, chart.FitPanel{Name: name(k), Points: v.Sample})
		}
		return chart.Fits(w, title, panels)
	}
	return errors.New("train: an evaluation without targets: there is nothing to draw")
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
