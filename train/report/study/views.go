package study

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/rundir"
)

// ViewsFile is what a finished run has beside its record that was evaluated over several views.
const ViewsFile = "views.json"

// Viewed is how good the weights of a run are on the test split if their predictions are averaged over
// several views of each picture, see train.Predictor.EvaluateViews.
type Viewed struct {
	Views  []data.View           `json:"views"`
	Test   metric.Classification `json:"test,omitzero"`    // of classes, or
	Labels *metric.Labels        `json:"labels,omitempty"` // of labels, or
	Values *metric.Values        `json:"values,omitempty"` // of values
}

// NewViewed returns what an Evaluation over some views says.
func NewViewed(views []data.View, e *train.Evaluation) Viewed {
	v := Viewed{Views: views, Labels: e.OfLabels, Values: e.OfValues}
	if e.Metrics != nil {
		v.Test = *e.Metrics
	}
	return v
}

// viewsFile is a ViewsFile.
type viewsFile struct {
	Weights string `json:"weights"` // SHA-256 of the file of weights
	Viewed
}

// views returns how a finished run does over the views of its augmentation: as its directory has it, or, if
// the Study wants it, evaluated now; nil for neither.
func (s Study) views(ctx context.Context, task train.Task) (*Viewed, error) {
	path := filepath.Join(task.Dir, ViewsFile)
	var file viewsFile
	err := rundir.ReadJSON(path, "remove it: the run beside it is evaluated again", &file)
	there := err == nil
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if !s.Views && !there {
		return nil, nil
	}
	key, err := weightsDigest(task.Dir)
	if err != nil && there { // the figures are complete without
		return &file.Viewed, nil
	}
	if err != nil {
		return nil, errors.Wrap(err, "views")
	}
	switch {
	case there && key == file.Weights:
		return &file.Viewed, nil
	case !s.Views: // of a run that was trained again
		return nil, nil
	}
	p, err := task.OpenBest(task.Threads)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	views := task.Augment.Views()
	e, err := p.EvaluateViews(ctx, train.Images{Images: task.Test, Dtype: task.Dtype}, views)
	if err != nil {
		return nil, err
	}
	file = viewsFile{key, NewViewed(views, e)}
	return &file.Viewed, errors.WithMessage(rundir.SaveJSON(path, file), "study")
}

// withViews returns the spread of the first metric over the runs of a model, with views; nil unless all runs
// have it.
func (m Model) withViews(first Metric) *Spread {
	s := m.spread(func(r Record) float64 {
		if r.Viewed == nil {
			return math.NaN()
		}
		return first.value(Record{Test: r.Viewed.Test, Labels: r.Viewed.Labels, Values: r.Viewed.Values})
	})
	if math.IsNaN(s.Mean) {
		return nil
	}
	return &s
}

// viewsColumn is what the column of WithViews is called.
const viewsColumn = "with views"

// viewed reports whether a model has WithViews.
func (r *Results) viewed() bool {
	for _, m := range r.Models {
		if m.WithViews != nil {
			return true
		}
	}
	return false
}

// viewsFigure returns WithViews as text; a dash for none.
func (r *Results) viewsFigure(m Model) string {
	if m.WithViews == nil {
		return "–"
	}
	return r.metrics()[0].spread(*m.WithViews)
}

// viewsText says what WithViews is; "" without.
func (r *Results) viewsText() string {
	var counts, what []string
	add := func(to *[]string, text string) {
		if !slices.Contains(*to, text) {
			*to = append(*to, text)
		}
	}
	for _, m := range r.Models {
		if m.WithViews == nil {
			continue
		}
		views := m.Runs[0].Viewed.Views
		add(&counts, fmt.Sprint(len(views)))
		for _, v := range views {
			if v.Mirrored {
				add(&what, "mirrored")
			}
			if by := max(v.X, -v.X); by > 0 {
				add(&what, "moved by "+words.Count(by, "pixel"))
			}
		}
	}
	if counts == nil {
		return ""
	}
	return fmt.Sprintf("With views: the same weights once more, their predictions averaged over %s views of "+
		"each test %s, which follow from the augmentation: %s.", words.List(counts, "or"), r.noun(),
		strings.Join(append([]string{"as it is"}, what...), ", "))
}
