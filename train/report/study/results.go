package study

import (
	"encoding/json"
	"fmt"
	"math"
	"os"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/stat"
)

// version is that of the form of results.json; it grows when a field changes its meaning.
const version = 1

// Results is what a Study came to, as in results.json.
type Results struct {
	Version   int      `json:"version"`
	Metadata  Metadata `json:"facts"`
	Seeds     []uint64 `json:"seeds"`
	Reference string   `json:"reference"` // the model that the others are compared with; if no run of it ended well, nothing is
	Models    []Model  `json:"models"`    // in the order of the Study, without those of which no run ended well
}

// Model is what the runs of one model came to.
type Model struct {
	Name              string     `json:"name"`
	Parameters        int        `json:"parameters"`
	QuantumParameters int        `json:"quantum_parameters"`
	Qubits            int        `json:"qubits"`
	Gates             int        `json:"gates"`    // of the largest circuit; 0 if there is none, or the runs are older than the count
	Accuracy          Spread     `json:"accuracy"` // of the test split, as the next two
	BalancedAccuracy  Spread     `json:"balanced_accuracy"`
	AUC               *Spread    `json:"auc"`          // nil where a run has none
	Seconds           Spread     `json:"seconds"`      // of a run, validation and test included
	ImagesPerSecond   Spread     `json:"images_per_s"` // of training
	Entropies         [][]Spread `json:"entropies"`    // of each block and head, see train.TapValue; none without attention

	// By how much it is better than the first model; nil for that, and where a figure is missing.
	AgainstAccuracy *Difference `json:"against"`
	AgainstBalanced *Difference `json:"against_balanced_accuracy"`
	AgainstAUC      *Difference `json:"against_auc"`

	Recipe Recipe   `json:"recipe"`
	Runs   []Record `json:"runs"`
	Looks  *Looks   `json:"looks"` // of the first seed; nil if its run has none
}

// Recipe is how a model was made and trained, apart from data and seed.
type Recipe struct {
	// Flops are those of inference on an image, see vit.Flops; 0 if nobody counted them.
	Flops int    `json:"flops,omitempty"`
	YAML  string `json:"yaml,omitempty"` // the run's config.yaml; empty if nobody wrote it down
	// Matches is how many parameters it was to have, as many as another model; 0 for a model that was to match none.
	Matches int `json:"matches,omitempty"`
}

// Mega is Flops in millions, as text; a dash if nobody counted them.
func (r Recipe) Mega() string {
	if r.Flops == 0 {
		return "–"
	}
	return fmt.Sprintf("%.4g", float64(r.Flops)/1e6)
}

// Spread is a mean over seeds, with the standard deviation of a run, which is 0 for a single one.
type Spread struct {
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
	N    int     `json:"n"`
}

func spread(values []float64) Spread {
	s := Spread{Mean: stat.Mean(values, nil), N: len(values)}
	if s.N > 1 {
		s.SD = stat.StdDev(values, nil)
	}
	return s
}

// results sums the records up.
func (s Study) results(records map[string][]Record) *Results {
	r := &Results{Version: version, Metadata: s.Metadata, Seeds: s.Seeds, Reference: s.Entries[0].Name}
	for _, entry := range s.Entries {
		if runs := records[entry.Name]; len(runs) > 0 {
			m := Model{Name: entry.Name, Runs: runs}
			if runs[0].Summary.Seed == s.Seeds[0] { // all models look at the images of one split
				m.Looks = runs[0].looks
			}
			r.Models = append(r.Models, m)
		}
	}
	r.sum()
	return r
}

// sum works out of the runs what is said of them.
func (r *Results) sum() {
	for _, m := range r.Models {
		if r.Reference == "" && m.AgainstAccuracy != nil {
			r.Reference = m.AgainstAccuracy.Reference // which an older program did not write down
		}
	}
	for i := range r.Models {
		m := &r.Models[i]
		first := m.Runs[0].Summary
		m.Parameters, m.QuantumParameters = first.Parameters, first.Groups["quantum"]
		m.Qubits, m.Gates = first.Notes["qubits"], first.Notes["gates"]
		m.Accuracy = m.spread(func(r Record) float64 { return r.Test.Accuracy })
		m.BalancedAccuracy = m.spread(func(r Record) float64 { return r.Test.BalancedAccuracy })
		m.Seconds = m.spread(func(r Record) float64 { return r.Summary.Seconds })
		m.ImagesPerSecond = m.spread(func(r Record) float64 { return r.Summary.TrainExamplesPerSecond })
		m.AUC = nil
		if auc := m.spread(func(r Record) float64 { return AUC.of(r.Test) }); !math.IsNaN(auc.Mean) {
			m.AUC = &auc
		}
		m.Entropies = m.entropies()
		if i > 0 && r.Models[0].Name == r.Reference {
			m.AgainstAccuracy, m.AgainstBalanced, m.AgainstAUC = Accuracy.against(*m, r.Models[0]), BalancedAccuracy.against(*m, r.Models[0]), AUC.against(*m, r.Models[0])
		}
	}
}

func (m Model) spread(of func(Record) float64) Spread {
	var values []float64
	for _, r := range m.Runs {
		values = append(values, of(r))
	}
	return spread(values)
}

// The files of a study.
const (
	ResultsFile = "results.json"
	PageFile    = "report.html"
	TextFile    = "report.md"
)

// Save writes results.json, report.html and report.md into a directory.
func (r *Results) Save(dir string) error {
	join := func(name string) string { return dir + string(os.PathSeparator) + name }
	if err := writeJSON(join(ResultsFile), r); err != nil {
		return err
	}
	if err := saveText(join(TextFile), r.Markdown()); err != nil {
		return err
	}
	page, err := r.page()
	if err != nil {
		return err
	}
	return saveText(join(PageFile), page)
}

// Read returns the results.json of a directory. It returns an error if the file is malformed or of another version.
func Read(dir string) (*Results, error) {
	path := dir + string(os.PathSeparator) + ResultsFile
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.Wrap(err, "compare")
	}
	var r Results
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, errors.Wrapf(err, "compare: %s", path)
	}
	if r.Version != version {
		return nil, errors.Errorf("compare: %s has version %d, want %d", path, r.Version, version)
	}
	for _, m := range r.Models {
		if len(m.Runs) == 0 {
			return nil, errors.Errorf("compare: %s: model %q has no runs", path, m.Name)
		}
	}
	r.sum() // those of an older program may lack something
	return &r, nil
}
