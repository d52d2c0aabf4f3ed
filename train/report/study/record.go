package study

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/rundir"
)

// RecordFile is what a finished run leaves in its directory beside the files of train.
const RecordFile = "record.json"

// Record is the result of a finished run.
type Record struct {
	Identity map[string]string     `json:"identity"` // see train.Loop.Identity
	Summary  train.Summary         `json:"summary"`
	History  []Epoch               `json:"history"`
	Best     int                   `json:"best_epoch"`
	Test     metric.Classification `json:"test,omitzero"`    // of classes, or
	Labels   *metric.Labels        `json:"labels,omitempty"` // of labels, or
	Values   *metric.Values        `json:"values,omitempty"` // of values
	// of the best epoch: learned scales, entropies of attention
	TapValues map[string]float64 `json:"tap_values"`

	Sweep  []SweptPoint `json:"sweep,omitempty"`      // in a file of its own beside the run
	Viewed *Viewed      `json:"with_views,omitempty"` // likewise; nil: it was not evaluated in this way

	attention *AttentionSamples // in a file of its own
}

// Epoch is a point of a learning curve.
type Epoch struct {
	Epoch         int           `json:"epoch"` // from 1
	TrainLoss     float64       `json:"train_loss"`
	TrainAccuracy metric.Number `json:"train_accuracy"`
	ValLoss       metric.Number `json:"val_loss"`
	ValAccuracy   metric.Number `json:"val_accuracy"`
	// of labels or values, by the names of metric.Figure
	ValFigures map[string]metric.Number `json:"val_figures,omitempty"`
	Seconds    float64                  `json:"seconds"`
}

// record returns the record of a run with its attention samples, and whether the run was trained for it.
func (s Study) record(ctx context.Context, entry Entry, seed uint64, from []source) (*Record, bool, error) {
	task, err := entry.Task(seed)
	if err != nil {
		return nil, false, err
	}
	task.Dir = filepath.Join(s.Dir, runsDir, fileName(entry.Name), fmt.Sprintf("s%d", seed))
	if task.Test == nil || len(task.Test.Labels)+len(task.Test.Answers) == 0 {
		return nil, false, errors.New("the data has no test split with labels to compare on")
	}
	if kind := task.Test.Shape().Kind(); s.Views && kind != data.Pictures {
		return nil, false, errors.Errorf("views of %v, want pictures, or no views", kind)
	}
	identity, err := task.Identity()
	if err != nil {
		return nil, false, err
	}
	if err := s.reuse(task.Dir, identity, from); err != nil {
		return nil, false, err
	}
	record, trained, err := s.finish(ctx, task, identity)
	if err != nil {
		return nil, false, err
	}
	// other than pictures have no map to be drawn
	if len(task.Test.Labels) > 0 && len(task.Test.ExampleShape()) == 3 {
		record.attention, err = attentionSamples(ctx, task, entry.FirstToken)
	}
	if err != nil && ctx.Err() == nil { // the figures are complete without
		say(s.Progress, "%s, seed %d: no attention maps: %v", entry.Name, seed, err)
	}
	if record.Viewed, err = s.views(ctx, task); err != nil {
		return nil, trained, err
	}
	record.Sweep, err = s.sweep(ctx, entry, task.Dir, fmt.Sprintf("%s, seed %d", entry.Name, seed))
	return record, trained, err
}

// finish returns the record of a run, which it trains or resumes unless it has ended, and whether it did.
func (s Study) finish(ctx context.Context, task train.Task, identity map[string]string) (*Record, bool,
	error) {
	path := filepath.Join(task.Dir, RecordFile)
	record := &Record{}
	err := rundir.ReadJSON(path, "remove it: the run beside it gives it again", record)
	if err == nil {
		if err := rundir.CheckIdentity(path, record.Identity, identity); err != nil {
			return nil, false, errors.Errorf("%v; choose another directory", err)
		}
		return record, false, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, false, err
	}
	if s.Finished {
		return nil, false, errors.New("it is not finished")
	}
	task.Resume, task.Overwrite = true, false
	report, err := task.Run(ctx)
	if err != nil {
		return nil, false, err
	}
	if report.Test.Figures() == nil {
		return nil, false,
			errors.New("the run has no class probabilities to compare: its loss is not one of classes")
	}
	record = newRecord(report, identity)
	return record, true, errors.WithMessage(rundir.SaveJSON(path, record), "study")
}

func newRecord(report *train.Report, identity map[string]string) *Record {
	r := &Record{
		Identity: identity, Summary: report.Summary, Best: report.Best.Epoch,
		Labels: report.Test.OfLabels, Values: report.Test.OfValues, TapValues: map[string]float64{},
	}
	if report.Test.Metrics != nil {
		r.Test = *report.Test.Metrics
	}
	for _, v := range report.Best.TapValues {
		r.TapValues[v.Name] = v.Value
	}
	for _, e := range report.History {
		point := Epoch{
			Epoch: e.Epoch, TrainLoss: e.Train.Loss, TrainAccuracy: e.Train.Accuracy,
			Seconds: e.Seconds,
			ValLoss: metric.None(), ValAccuracy: metric.None(),
		}
		if e.Val != nil {
			point.ValLoss, point.ValAccuracy = metric.Number(e.Val.Loss), e.Val.Accuracy
			if report.Test.Metrics == nil {
				point.ValFigures = maps.Clone(e.ValMetrics)
				if e.ValAUC.Known() {
					point.ValFigures["auc"] = e.ValAUC
				}
			}
		}
		r.History = append(r.History, point)
	}
	return r
}
