package compare

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// version is that of the form of results.json; it grows when a field changes its meaning.
const version = 1

// Results is what a Study came to, as in results.json.
type Results struct {
	Version int      `json:"version"`
	Facts   Facts    `json:"facts"`
	Seeds   []uint64 `json:"seeds"`
	Models  []Model  `json:"models"` // in the order of the Study, without those of which no run ended well
}

// Model is what the runs of one model came to.
type Model struct {
	Name              string      `json:"name"`
	Parameters        int         `json:"parameters"`
	QuantumParameters int         `json:"quantum_parameters"`
	Qubits            int         `json:"qubits"`
	Accuracy          Spread      `json:"accuracy"` // of the test split, as the next two
	BalancedAccuracy  Spread      `json:"balanced_accuracy"`
	AUC               *Spread     `json:"auc"`          // nil where a run has none
	Seconds           Spread      `json:"seconds"`      // of a run, validation and test included
	ImagesPerSecond   Spread      `json:"images_per_s"` // of training
	Against           *Difference `json:"against"`      // nil for the first model
	Recipe            Recipe      `json:"recipe"`
	Runs              []Record    `json:"runs"`
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

// Difference is how much more accurate a model is than the reference, paired by seed.
type Difference struct {
	Reference string  `json:"reference"`
	Mean      float64 `json:"mean"` // of accuracy, in [-1,1]
	// Low and High are the 95 % interval of the mean, by Student's t; nil with fewer than two pairs.
	Low      *float64 `json:"low"`
	High     *float64 `json:"high"`
	N        int      `json:"n"`
	Sentence string   `json:"sentence"`
}

// Distinct reports whether the interval leaves out 0.
func (d Difference) Distinct() bool { return d.Low != nil && (*d.Low > 0 || *d.High < 0) }

// Paired returns the difference of paired accuracies. It returns an error if there are none, or not as many of each.
func Paired(name, reference string, of, from []float64) (*Difference, error) {
	if len(of) != len(from) || len(of) == 0 {
		return nil, errors.Errorf("compare: %d accuracies of %s and %d of %s, want pairs", len(of), name, len(from), reference)
	}
	deltas := make([]float64, len(of))
	for i := range of {
		deltas[i] = of[i] - from[i]
	}
	d := &Difference{Reference: reference, Mean: stat.Mean(deltas, nil), N: len(deltas)}
	if d.N > 1 {
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(d.N - 1)}.Quantile(0.975)
		half := t * stat.StdDev(deltas, nil) / math.Sqrt(float64(d.N))
		low, high := d.Mean-half, d.Mean+half
		d.Low, d.High = &low, &high
	}
	d.Sentence = d.sentence(name)
	return d, nil
}

func (d Difference) sentence(name string) string {
	where := fmt.Sprintf("%.2f points above", 100*d.Mean)
	switch points := math.Round(1e4*d.Mean) / 100; {
	case points == 0:
		where = "level with"
	case points < 0:
		where = fmt.Sprintf("%.2f points below", -100*d.Mean)
	}
	if d.Low == nil {
		return fmt.Sprintf("%s is %s %s with one seed, which says nothing about another.", name, where, d.Reference)
	}
	interval := fmt.Sprintf("95 %% interval %+.2f to %+.2f", 100**d.Low, 100**d.High)
	if d.Distinct() {
		return fmt.Sprintf("%s is %s %s over %d seeds (%s).", name, where, d.Reference, d.N, interval)
	}
	return fmt.Sprintf("%s is %s %s, not distinguishable with %d seeds (%s).", name, where, d.Reference, d.N, interval)
}

// results sums the records up.
func (s Study) results(records map[string][]Record) *Results {
	r := &Results{Version: version, Facts: s.Facts, Seeds: s.Seeds}
	for _, entry := range s.Entries {
		runs := records[entry.Name]
		if len(runs) == 0 {
			continue
		}
		m := Model{Name: entry.Name, Parameters: runs[0].Summary.Parameters, QuantumParameters: runs[0].Summary.QuantumParameters, Qubits: runs[0].Summary.Qubits, Runs: runs}
		m.Accuracy = m.spread(func(r Record) float64 { return r.Test.Accuracy })
		m.BalancedAccuracy = m.spread(func(r Record) float64 { return r.Test.BalancedAccuracy })
		m.Seconds = m.spread(func(r Record) float64 { return r.Summary.Seconds })
		m.ImagesPerSecond = m.spread(func(r Record) float64 { return r.Summary.TrainImagesPerSecond })
		auc := m.spread(func(r Record) float64 {
			if r.Test.AUC == nil {
				return math.NaN()
			}
			return *r.Test.AUC
		})
		if !math.IsNaN(auc.Mean) {
			m.AUC = &auc
		}
		if len(r.Models) > 0 && r.Models[0].Name == s.Entries[0].Name {
			m.Against = against(m, r.Models[0])
		}
		r.Models = append(r.Models, m)
	}
	return r
}

func (m Model) spread(of func(Record) float64) Spread {
	var values []float64
	for _, r := range m.Runs {
		values = append(values, of(r))
	}
	return spread(values)
}

// against pairs the runs by seed; nil if no seed has both.
func against(m, reference Model) *Difference {
	var of, from []float64
	for _, a := range m.Runs {
		for _, b := range reference.Runs {
			if a.Summary.Seed == b.Summary.Seed {
				of, from = append(of, a.Test.Accuracy), append(from, b.Test.Accuracy)
			}
		}
	}
	d, err := Paired(m.Name, reference.Name, of, from)
	if err != nil {
		return nil
	}
	return d
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
	return &r, nil
}

// Markdown returns the report as text: a table, a sentence for each difference, what was run.
func (r *Results) Markdown() string {
	var b strings.Builder
	say := func(format string, values ...any) { fmt.Fprintf(&b, format+"\n", values...) }
	say("## %s: %s\n", r.Facts.Title, plural(len(r.Seeds), "seed"))
	say("| model | test accuracy | balanced | AUC | parameters | quantum | qubits | Mflop an image | images/s |")
	say("|---|---|---|---|---|---|---|---|---|")
	for _, m := range r.Models {
		auc := "–"
		if m.AUC != nil {
			auc = fmt.Sprintf("%.4f ± %.4f", m.AUC.Mean, m.AUC.SD)
		}
		say("| %s | %s | %s | %s | %d | %d | %d | %s | %.0f |", m.Name, m.Accuracy.percent(), m.BalancedAccuracy.percent(), auc, m.Parameters, m.QuantumParameters, m.Qubits, m.Recipe.Mega(), m.ImagesPerSecond.Mean)
	}
	say("")
	for _, m := range r.Models {
		if m.Against != nil {
			say("* %s", m.Against.Sentence)
		}
	}
	for _, m := range r.Models {
		if m.Recipe.Matches > 0 {
			say("* %s was to have %d parameters, as many as the model it matches, and has %+d.", m.Name, m.Recipe.Matches, m.Parameters-m.Recipe.Matches)
		}
	}
	if r.Facts.Remark != "" {
		say("\nThe data: %s.", r.Facts.Remark)
	}
	images := "no runs"
	if len(r.Models) > 0 {
		s := r.Models[0].Runs[0].Summary
		images = fmt.Sprintf("%d training, %d validation and %d test images", s.TrainImages, s.ValImages, s.TestImages)
	}
	say("\nMeans over seeds %v with the standard deviation of a run; %s; the epoch chosen on validation, the test split evaluated once a run.", r.Seeds, images)
	say("\n`%s`, %s, %s, %s.", r.Facts.Command, r.Facts.Date, r.Facts.Machine, r.Facts.Version)
	return b.String()
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// percent is the spread of an accuracy as text.
func (s Spread) percent() string {
	if s.N < 2 {
		return fmt.Sprintf("%.2f %%", 100*s.Mean)
	}
	return fmt.Sprintf("%.2f ± %.2f %%", 100*s.Mean, 100*s.SD)
}
