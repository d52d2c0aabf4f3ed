// Package compare trains several models on one data set from several seeds, and says how they differ and how sure that is.
//
// Every model gets the same splits, the same budget, the same augmentation; the best epoch is chosen on the validation split; the test split is
// evaluated once, when a run has ended. Models of one seed are a pair: the difference of two models is the mean over such pairs, with an
// interval.
package study

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/train/rundir"
)

// Entry is one model of a Study.
type Entry struct {
	Name string
	// Task returns the training run of a seed. Its Dir, Resume and Overwrite are the Study's.
	Task func(seed uint64) (train.Task, error)
	// FirstToken says that the model reads its answer off token 0 alone: maps of attention then show what that one attends to.
	FirstToken bool
}

// Study is a comparison written down.
type Study struct {
	Entries  []Entry // the first is the one that the others are compared with
	Seeds    []uint64
	Dir      string    // gets runs/NAME/sSEED, each a directory as train.Task writes it
	Progress io.Writer // nil: nowhere
	Metadata Metadata  // for the report
	// From are directories with runs below them, of other studies or of train.Task. A run that is wanted and not in Dir is copied from there, if
	// its Identity is the one wanted.
	From []string
}

// Metadata is what a report says of a study beside its figures.
type Metadata struct {
	Data    string   `json:"data"`
	Title   string   `json:"title"`
	Remark  string   `json:"remark,omitempty"` // what has to be said with figures of that data
	Classes []string `json:"classes"`
	Command string   `json:"command"`
	Machine string   `json:"machine"`
	Date    string   `json:"date"`
	Version string   `json:"version"`
}

// Run trains what has not been trained yet, one run after the other, each on all its Task's threads, and returns what all came to. A finished
// run in Dir is read, an unfinished one goes on where it stopped, both to the same figures as a run that was let be.
//
// A run that fails does not end the others: the Results are of the rest, and the error names the failed ones. It returns an error for a study
// without models or seeds, for two models of one name, for a run in Dir that differs from the one wanted, saying in what; and the context's
// when that is done.
func (s Study) Run(ctx context.Context) (*Results, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	began, total, done := time.Now(), len(s.Entries)*len(s.Seeds), 0
	records := make(map[string][]Record)
	var failures []string
	trained, waiting := 0, 0
	for _, seed := range s.Seeds {
		for _, entry := range s.Entries {
			record, fresh, err := s.one(ctx, entry, seed)
			if ctx.Err() != nil {
				return nil, errors.WithMessagef(ctx.Err(), "stopped after %d of %d runs; the same command goes on", done, total)
			}
			done++
			if err != nil {
				failures = append(failures, fmt.Sprintf("%s, seed %d: %v", entry.Name, seed, err))
				s.say("[%d/%d] %s, seed %d failed: %v", done, total, entry.Name, seed, err)
				continue
			}
			records[entry.Name] = append(records[entry.Name], *record)
			how := "was done"
			if fresh {
				trained++
				how = fmt.Sprintf("%.0f s", record.Summary.Seconds)
			}
			waiting = total - done
			eta := ""
			if trained > 0 && waiting > 0 {
				eta = fmt.Sprintf(", ETA %s", (time.Since(began) / time.Duration(trained) * time.Duration(waiting)).Round(time.Second))
			}
			s.say("[%d/%d] %s, seed %d: test accuracy %.4f (%s)%s", done, total, entry.Name, seed, record.Test.Accuracy, how, eta)
		}
	}
	results := s.results(records)
	if len(failures) > 0 {
		return results, errors.Errorf("%d of %d runs failed: %s", len(failures), total, strings.Join(failures, "; "))
	}
	return results, nil
}

func (s Study) say(format string, values ...any) {
	if s.Progress != nil {
		fmt.Fprintf(s.Progress, format+"\n", values...)
	}
}

func (s Study) check() error {
	if len(s.Entries) == 0 || len(s.Seeds) == 0 || s.Dir == "" {
		return errors.Errorf("compare: %d models, %d seeds and directory %q, want at least one of each", len(s.Entries), len(s.Seeds), s.Dir)
	}
	names, seeds := map[string]bool{}, map[uint64]bool{}
	for _, e := range s.Entries {
		if names[folder(e.Name)] {
			return errors.Errorf("compare: model %s is given twice", e.Name)
		}
		names[folder(e.Name)] = true
	}
	for _, seed := range s.Seeds {
		if seeds[seed] {
			return errors.Errorf("compare: seed %d is given twice", seed)
		}
		seeds[seed] = true
	}
	return nil
}

// folder is a model's name as that of a directory.
func folder(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:/\ `, r) {
			return '-'
		}
		return r
	}, name)
}

// RecordFile is what a finished run leaves in its directory beside the files of train.
const RecordFile = "record.json"

// Record is what a finished run came to.
type Record struct {
	Identity map[string]string     `json:"identity"` // see train.Task.Identity
	Summary  train.Summary         `json:"summary"`
	History  []Point               `json:"history"`
	Best     int                   `json:"best_epoch"`
	Test     metric.Classification `json:"test"`
	Readings map[string]float64    `json:"readings"` // of the best epoch: learned scales, entropies of attention

	looks *Looks // in a file of its own
}

// Point is an epoch of a learning curve.
type Point struct {
	Epoch         int           `json:"epoch"`
	TrainLoss     float64       `json:"train_loss"`
	TrainAccuracy float64       `json:"train_accuracy"`
	ValLoss       metric.Number `json:"val_loss"`
	ValAccuracy   metric.Number `json:"val_accuracy"`
	Seconds       float64       `json:"seconds"`
}

// one returns the record of a run, and whether it was trained for it.
func (s Study) one(ctx context.Context, entry Entry, seed uint64) (*Record, bool, error) {
	task, err := entry.Task(seed)
	if err != nil {
		return nil, false, err
	}
	task.Dir = filepath.Join(s.Dir, "runs", folder(entry.Name), fmt.Sprintf("s%d", seed))
	if task.Test == nil {
		return nil, false, errors.New("the data has no test split to compare on")
	}
	if err := s.adopt(task); err != nil {
		return nil, false, err
	}
	record, fresh, err := s.ended(ctx, task)
	if err != nil {
		return nil, false, err
	}
	if record.looks, err = s.looks(ctx, entry, task); err != nil && ctx.Err() == nil {
		s.say("%s, seed %d: no maps of attention: %v", entry.Name, seed, err) // the figures stand without
	}
	return record, fresh, nil
}

// ended returns the record of a run that has ended, which it trains if it has not; and whether it did.
func (s Study) ended(ctx context.Context, task train.Task) (*Record, bool, error) {
	path := filepath.Join(task.Dir, RecordFile)
	identity, err := task.Identity()
	if err != nil {
		return nil, false, err
	}
	record, err := readRecord(path)
	if err == nil {
		if err := rundir.CheckIdentity(path, record.Identity, identity); err != nil {
			return nil, false, errors.Errorf("%v; choose another directory", err)
		}
		return record, false, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, false, err
	}
	task.Resume, task.Overwrite = true, false
	report, err := task.Run(ctx)
	if err != nil {
		return nil, false, err
	}
	record = recordOf(report, identity)
	return record, true, writeJSON(path, record)
}

func recordOf(report *train.Report, identity map[string]string) *Record {
	r := &Record{
		Identity: identity, Summary: report.Summary, Best: report.Best.Epoch, Readings: map[string]float64{},
		Test: *report.Test.Metrics,
	}
	for _, reading := range report.Best.TapValues {
		r.Readings[reading.Name] = reading.Value
	}
	for _, e := range report.History {
		p := Point{
			Epoch: e.Epoch, TrainLoss: e.Train.Loss, TrainAccuracy: float64(e.Train.Accuracy), Seconds: e.Seconds,
			ValLoss: metric.None(), ValAccuracy: metric.None(),
		}
		if e.Val != nil {
			p.ValLoss, p.ValAccuracy = metric.Number(e.Val.Loss), e.Val.Accuracy
		}
		r.History = append(r.History, p)
	}
	return r
}

func readRecord(path string) (*Record, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.Wrap(err, "compare")
	}
	var r Record
	return &r, errors.Wrapf(json.Unmarshal(text, &r), "compare: %s", path)
}
