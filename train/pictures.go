package train

import (
	"cmp"
	"fmt"
	"io"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/train/report/chart"
)

// title is the first part of that of a picture.
func (t Task) title() string {
	return fmt.Sprintf("%s on %s, seed %d", cmp.Or(t.Name, "a model"), cmp.Or(t.Data, "images"), t.Seed)
}

// saveCurves draws loss and accuracy of a history that is not empty.
func saveCurves(path, title string, history []Epoch) error {
	training, validation := make([]Score, 0, len(history)), []Score(nil)
	for _, e := range history {
		training = append(training, e.Train)
		if e.Val != nil {
			validation = append(validation, *e.Val)
		}
	}
	panels := []chart.Panel{{Name: "loss"}, {Name: "accuracy"}}
	for _, split := range []struct {
		name   string
		scores []Score
	}{{"training", training}, {"validation", validation}} {
		if split.scores == nil {
			continue
		}
		loss, accuracy := chart.Curve{Name: split.name}, chart.Curve{Name: split.name}
		for _, s := range split.scores {
			loss.Values, accuracy.Values = append(loss.Values, s.Loss), append(accuracy.Values, s.Accuracy)
		}
		panels[0].Curves, panels[1].Curves = append(panels[0].Curves, loss), append(panels[1].Curves, accuracy)
	}
	return atomicfile.Write(path, func(w io.Writer) error { return chart.Curves(w, title, panels) })
}

// saveConfusion draws what the test split was taken for.
func saveConfusion(path, title string, m *Metrics, classes []string) error {
	if len(classes) != len(m.Confusion) {
		classes = nil // a set may name fewer classes than the model has
	}
	title = fmt.Sprintf("%s: test accuracy %.2f %%", title, 100*m.Accuracy)
	return atomicfile.Write(path, func(w io.Writer) error { return chart.Confusion(w, title, m.Confusion, classes) })
}
