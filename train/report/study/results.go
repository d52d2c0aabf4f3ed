package study

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/stat"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/train/rundir"
)

// version is that of the format of results.json; it grows when a key changes its name or meaning. Version 2
// had quantum_parameters, qubits and gates of a model, which are computed from its runs as all figures are.
const version = 3

// Results are the results of a Study, as in results.json.
type Results struct {
	Version  int      `json:"version"`
	Metadata Metadata `json:"metadata"`
	Seeds    []uint64 `json:"seeds"`
	// the model that the others are compared with; if it has no run, nothing is
	Reference string `json:"reference"`
	// in the order of the Study, without those of which no run succeeded
	Models []Model `json:"models"`
}

// Model is the results of one model over its seeds.
type Model struct {
	Name             string         `json:"name"`
	Parameters       int            `json:"parameters"`
	Groups           map[string]int `json:"groups"`            // as in train.Summary
	Notes            map[string]int `json:"notes"`             // as in train.Summary
	Accuracy         Spread         `json:"accuracy,omitzero"` // of classes of the test split, like the next two
	BalancedAccuracy Spread         `json:"balanced_accuracy,omitzero"`
	AUC              *Spread        `json:"auc"` // nil if a run has none
	// of labels or values of the test split; nil for classes
	Figures map[Metric]Spread `json:"figures,omitempty"`
	// of the first metric if predictions are averaged over several views; nil unless all runs have it
	WithViews       *Spread `json:"with_views,omitempty"`
	Seconds         Spread  `json:"seconds"`      // of a run, with validation and test
	ImagesPerSecond Spread  `json:"images_per_s"` // of training
	// of each block and head, see train.TapValue; none without attention
	Entropies [][]Spread `json:"entropies"`

	// Differences from the reference; none for the reference, and for a figure that is missing.
	Differences map[Metric]*Difference `json:"differences"`

	Recipe    Recipe            `json:"recipe"`
	Runs      []Record          `json:"runs"`
	Attention *AttentionSamples `json:"attention"` // of the first seed; nil if its run has none
}

// Recipe is how a model was built and trained, apart from the data and the seed.
type Recipe struct {
	Flops int    `json:"flops,omitempty"` // of inference on an image; 0: not counted
	YAML  string `json:"yaml,omitempty"`  // the run's config.yaml; empty: not recorded
	// the parameters of the model that it should match in size; 0: none
	Matches int `json:"matches,omitempty"`
}

// Spread is a mean over seeds with the standard deviation of a run, which is 0 for a single one.
type Spread struct {
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
	N    int     `json:"n"`
}

func newSpread(values []float64) Spread {
	s := Spread{Mean: stat.Mean(values, nil), N: len(values)}
	if s.N > 1 {
		s.SD = stat.StdDev(values, nil)
	}
	return s
}

func (m Model) spread(value func(Record) float64) Spread {
	var values []float64
	for _, r := range m.Runs {
		values = append(values, value(r))
	}
	return newSpread(values)
}

// results sums the records up.
func (s Study) results(records map[string][]Record) *Results {
	r := &Results{Version: version, Metadata: s.Metadata, Seeds: s.Seeds, Reference: s.Entries[0].Name}
	for _, entry := range s.Entries {
		runs := records[entry.Name]
		if len(runs) == 0 {
			continue
		}
		m := Model{Name: entry.Name, Runs: runs}
		if runs[0].Summary.Seed == s.Seeds[0] { // so that all models have samples of one split
			m.Attention = runs[0].attention
		}
		r.Models = append(r.Models, m)
	}
	r.sum()
	return r
}

// sum computes the figures of all models from their runs.
func (r *Results) sum() {
	for i := range r.Models {
		m := &r.Models[i]
		first := m.Runs[0].Summary
		m.Parameters, m.Groups, m.Notes = first.Parameters, first.Groups, first.Notes
		metrics := r.metrics()
		m.Accuracy, m.BalancedAccuracy, m.Figures = Spread{}, Spread{}, nil
		if metrics[0] == Accuracy {
			m.Accuracy, m.BalancedAccuracy = m.spread(Accuracy.value), m.spread(BalancedAccuracy.value)
		} else {
			m.Figures = map[Metric]Spread{}
			for _, metric := range metrics {
				if s := m.spread(metric.value); !math.IsNaN(s.Mean) {
					m.Figures[metric] = s
				}
			}
		}
		m.WithViews = m.withViews(metrics[0])
		m.Seconds = m.spread(func(r Record) float64 { return r.Summary.Seconds })
		m.ImagesPerSecond = m.spread(func(r Record) float64 { return r.Summary.TrainExamplesPerSecond })
		m.AUC = nil
		if auc := m.spread(AUC.value); metrics[0] == Accuracy && !math.IsNaN(auc.Mean) {
			m.AUC = &auc
		}
		m.Entropies = m.entropies()
		m.Differences = nil
		if i == 0 || r.Models[0].Name != r.Reference {
			continue
		}
		m.Differences = map[Metric]*Difference{}
		for _, metric := range metrics {
			if d := metric.pair(*m, r.Models[0]); d != nil {
				m.Differences[metric] = d
			}
		}
	}
	for _, metric := range r.metrics() {
		r.correct(metric)
	}
}

// model returns the model of a name; nil if there is none.
func (r *Results) model(name string) *Model {
	for i := range r.Models {
		if r.Models[i].Name == name {
			return &r.Models[i]
		}
	}
	return nil
}

func (r *Results) modelNames() []string {
	var names []string
	for _, m := range r.Models {
		names = append(names, m.Name)
	}
	return names
}

// split says how many images the splits have.
func (r *Results) split() string {
	if len(r.Models) == 0 || len(r.Models[0].Runs) == 0 {
		return "no runs"
	}
	s := r.Models[0].Runs[0].Summary
	return fmt.Sprintf("%d training, %d validation and %d test %ss",
		s.TrainExamples, s.ValExamples, s.TestExamples, r.noun())
}

// noun is what an example is called.
func (r *Results) noun() string { return cmp.Or(r.Metadata.Noun, "image") }

// figure returns the spread of a metric as text.
func (m Model) figure(of Metric) string { return of.spread(m.spread(of.value)) }

// The files of a study.
const (
	ResultsFile = "results.json"
	HTMLFile    = "report.html"
	TextFile    = "report.md"
)

// Save writes results.json, report.html and report.md into a directory, which it locks meanwhile.
func (r *Results) Save(dir string) error {
	page, err := r.html()
	if err != nil {
		return err
	}
	release, err := rundir.Lock(dir)
	if err != nil {
		return errors.WithMessage(err, "study: report")
	}
	defer release()
	r.Version = version
	if err := rundir.SaveJSON(filepath.Join(dir, ResultsFile), r); err != nil {
		return errors.WithMessage(err, "study")
	}
	if err := atomicfile.WriteBytes(filepath.Join(dir, TextFile), []byte(r.Markdown())); err != nil {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(dir, HTMLFile), []byte(page))
}

// Read returns the results.json of a directory, its figures computed anew from the runs. It returns an error
// if the file is missing, damaged or of another version.
func Read(dir string) (*Results, error) {
	path := filepath.Join(dir, ResultsFile)
	var r Results
	return r.checked(path, rundir.ReadJSON(path, restoreIt, &r))
}

// ReadIn is Read of a directory below a root, by its path with slashes: of a regular file of at most 16 MiB,
// to which no link leads from outside.
func ReadIn(root *os.Root, dir string) (*Results, error) {
	name := path.Join(dir, ResultsFile)
	var r Results
	return r.checked(name, rundir.ReadJSONIn(root, name, restoreIt, &r))
}

// restoreIt is what to do about results that are damaged.
const restoreIt = "restore it from a copy, or repeat the comparison, which keeps its runs"

// checked returns results that were read from the file at path, with that error.
func (r *Results) checked(path string, err error) (*Results, error) {
	if err != nil {
		return nil, errors.WithMessage(err, "study")
	}
	if r.Version < 2 || r.Version > version {
		return nil, errors.Errorf("study: %s has version %d, want 2 to %d; make it with the program that "+
			"wrote it",
			path, r.Version, version)
	}
	for _, m := range r.Models {
		if len(m.Runs) == 0 {
			return nil, errors.Errorf("study: %s: model %q has no runs", path, m.Name)
		}
	}
	r.sum()
	return r, nil
}

// MegaFlops returns Flops in millions as text; a dash if they were not counted.
func (r Recipe) MegaFlops() string {
	if r.Flops == 0 {
		return "–"
	}
	return fmt.Sprintf("%.4g", float64(r.Flops)/1e6)
}

// counts are the names of what some model offers beside its parameters: the groups of them that have a name,
// and the notes that layers leave.
func (r *Results) counts() (groups, notes []string) {
	in := func(of func(Model) map[string]int) []string {
		all := map[string]int{}
		for _, m := range r.Models {
			maps.Copy(all, of(m))
		}
		return slices.Sorted(maps.Keys(all))
	}
	return in(func(m Model) map[string]int { return m.Groups }),
		in(func(m Model) map[string]int { return m.Notes })
}

// note returns a note as text; a dash if the model has none.
func (m Model) note(key string) string {
	if n, ok := m.Notes[key]; ok {
		return strconv.Itoa(n)
	}
	return "–"
}

// percent returns the spread of an accuracy as text.
func (s Spread) percent() string {
	if s.N < 2 {
		return fmt.Sprintf("%.2f %%", 100*s.Mean)
	}
	return fmt.Sprintf("%.2f ± %.2f %%", 100*s.Mean, 100*s.SD)
}

// area returns the spread of an AUC as text.
func (s Spread) area() string {
	if s.N < 2 {
		return fmt.Sprintf("%.4f", s.Mean)
	}
	return fmt.Sprintf("%.4f ± %.4f", s.Mean, s.SD)
}
