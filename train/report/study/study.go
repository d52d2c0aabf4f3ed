// Package study compares models: it trains each of them from several seeds on the same data, and reports how
// they differ and how sure that is.
//
// Every model gets the same splits, budget and augmentation. The best epoch is chosen on the validation
// split, and the test split is evaluated once, when a run has ended. The runs of two models from one seed are
// a pair; the difference between the models is the mean over such pairs, with a 95 % interval.
//
// Study.Run gives Results. Results.Save writes them with a report, and WritePage a page about several
// studies.
package study

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
)

// Study is a comparison written down.
type Study struct {
	Entries  []Entry // the first is the reference, which the others are compared with
	Seeds    []uint64
	Dir      string    // of this study alone; gets runs/NAME/sSEED, each the directory of a run of train
	Progress io.Writer // nil: nowhere
	Metadata Metadata  // for the report
	// From are directories with runs anywhere below them, of other studies or of train. A run that is not in
	// Dir yet is copied from there if its identity is that of the one wanted.
	From []string
	// Sweep evaluates each finished run at values of a setting; nil: at none. What it has been evaluated at
	// before stays in the results.
	Sweep *Sweep
	// Views evaluates each finished run over several views of the test pictures, too: those of its
	// augmentation. What it has been evaluated at before stays in the results.
	Views bool
	// Finished says that nothing is trained: a run that is not finished is a failure.
	Finished bool
}

// Entry is one model of a Study.
type Entry struct {
	Name string
	// Task returns the training run of a seed. The Study sets its Dir, Resume and Overwrite.
	Task func(seed uint64) (train.Task, error)
	// FirstToken says that the model classifies by token 0 alone: attention maps then show what that token
	// attends to.
	FirstToken bool
	// Unswept says why the model is left out of the Sweep; empty: it is not.
	Unswept string
}

// Metadata is what a report says about a study besides its figures.
type Metadata struct {
	Data    string   `json:"data"`
	Title   string   `json:"title"`
	Remark  string   `json:"remark,omitempty"` // what must be mentioned with figures for that data
	Classes []string `json:"classes"`          // or labels or values
	Noun    string   `json:"noun,omitempty"`   // of an example; empty: image
	Command string   `json:"command"`
	Machine string   `json:"machine"`
	Date    string   `json:"date"`
	Version string   `json:"version"`
}

// Run trains what has not been trained yet, one run after the other, each on all threads of its Task, and
// returns the results of all. A finished run in Dir is read, and an unfinished one is resumed; both give the
// same results as an uninterrupted run. Dir is locked meanwhile, see rundir.Lock.
//
// Dir belongs to one study. One that has its models and seeds, and more, extends it. For another one Run
// returns an error that says how they differ, before anything is trained.
//
// A run that fails does not stop the others: the Results are those of the rest, and the error names the
// failed ones. It returns an error for a study without models or seeds, for two models whose directories
// would be one, for a directory in From that holds no run, and for a run in Dir that differs from the one
// wanted, naming the difference; and the context's error when that is done.
func (s Study) Run(ctx context.Context) (*Results, error) {
	from, err := s.ready(ctx)
	if err != nil {
		return nil, err
	}
	release, err := rundir.Lock(s.Dir)
	if err != nil {
		return nil, errors.WithMessage(err, "study")
	}
	defer release()
	if err := s.claim(); err != nil {
		return nil, errors.WithMessage(err, "study")
	}
	defer s.abandon()
	p := progress{w: s.Progress, total: len(s.Entries) * len(s.Seeds), began: time.Now()}
	records := make(map[string][]Record)
	var failures []string
	for _, seed := range s.Seeds {
		for _, entry := range s.Entries {
			record, trained, err := s.claimed(ctx, entry, seed, from)
			if ctx.Err() != nil {
				return nil, errors.WithMessagef(ctx.Err(),
					"stopped after %d of %d runs; the same command continues",
					p.done, p.total)
			}
			name := fmt.Sprintf("%s, seed %d", entry.Name, seed)
			if err != nil {
				failures = append(failures, fmt.Sprintf("%s: %v", name, err))
			} else {
				records[entry.Name] = append(records[entry.Name], *record)
			}
			p.report(name, record, trained, err)
		}
	}
	results := s.results(records)
	if len(failures) > 0 {
		return results, errors.Errorf("%d of %d runs failed: %s",
			len(failures), p.total, strings.Join(failures, "; "))
	}
	return results, nil
}

// ready returns the runs that may be reused, and an error for a study that is not well formed.
func (s Study) ready(ctx context.Context) ([]source, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if ctx == nil {
		return nil, errors.New("study: the context is nil, want context.Background() or another one")
	}
	from, err := s.sources()
	return from, errors.WithMessage(err, "study")
}

func (s Study) check() error {
	if len(s.Entries) == 0 || len(s.Seeds) == 0 || s.Dir == "" {
		return errors.Errorf("study: %d models, %d seeds and directory %q, want at least one of each",
			len(s.Entries), len(s.Seeds), s.Dir)
	}
	names, seeds := map[string]string{}, map[uint64]bool{} // names by directory, in lower case
	for _, e := range s.Entries {
		dir := strings.ToLower(fileName(e.Name))
		switch other, taken := names[dir]; {
		case taken && other == e.Name:
			return errors.Errorf("study: model %s is given twice", e.Name)
		case taken:
			return errors.Errorf("study: models %q and %q would have one directory, %s; call one of them "+
				"otherwise",
				other, e.Name, dir)
		case e.Task == nil:
			return errors.Errorf("study: model %s has no Task", e.Name)
		case e.Name == "" || strings.ContainsFunc(e.Name, unicode.IsControl):
			return errors.Errorf("study: a model is called %q, want a name of one line", e.Name)
		}
		names[dir] = e.Name
	}
	for _, seed := range s.Seeds {
		if seeds[seed] {
			return errors.Errorf("study: seed %d is given twice", seed)
		}
		seeds[seed] = true
	}
	return nil
}

// fileName returns a model's name as that of a file or directory.
func fileName(name string) string { return rundir.FileName(name) }

// runsDir is where the runs of a study are.
const runsDir = "runs"

// progress reports each run of a study and estimates how long the rest will take.
type progress struct {
	w                    io.Writer
	began                time.Time
	total, done, trained int
}

func (p *progress) report(name string, record *Record, trained bool, err error) {
	p.done++
	if err != nil {
		say(p.w, "[%d/%d] %s failed: %v", p.done, p.total, name, err)
		return
	}
	how, left := "was done", ""
	if trained {
		p.trained++
		how = fmt.Sprintf("%.0f s", record.Summary.Seconds)
	}
	if waiting := p.total - p.done; p.trained > 0 && waiting > 0 {
		each := time.Since(p.began) / time.Duration(p.trained)
		left = fmt.Sprintf(", ETA %s", (each * time.Duration(waiting)).Round(time.Second))
	}
	first := (&Results{Models: []Model{{Runs: []Record{*record}}}}).metrics()[0]
	figure := fmt.Sprintf("%.4f", first.value(*record))
	if first.lower() {
		figure = fmt.Sprintf("%.5g", first.value(*record))
	}
	say(p.w, "[%d/%d] %s: test %s %s (%s)%s", p.done, p.total, name, first, figure, how, left)
}

func say(w io.Writer, format string, values ...any) {
	if w != nil {
		fmt.Fprintf(w, format+"\n", values...)
	}
}
