package study

import (
	"fmt"
	"math"
	"strings"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/hqvit/hqvit/train/metric"
)

// Metric is a figure of the test split that models are compared in, in [0,1].
type Metric string

// The measures. A split in which a class is rare has an accuracy that does without it: the other two do not.
const (
	Accuracy         Metric = "accuracy"
	BalancedAccuracy Metric = "balanced accuracy"
	AUC              Metric = "AUC"
)

// Metrics are all of them, in the order of a report.
func Metrics() []Metric { return []Metric{Accuracy, BalancedAccuracy, AUC} }

// of returns the figure; not a number where there is none.
func (m Metric) of(t metric.Classification) float64 {
	switch {
	case m == BalancedAccuracy:
		return t.BalancedAccuracy
	case m == AUC:
		return float64(t.AUC)
	}
	return t.Accuracy
}

// unit returns in how many of what a difference is told: accuracies in points of a hundred.
func (m Metric) unit() float64 {
	if m == AUC {
		return 1
	}
	return 100
}

// told returns a difference as text, with its sign if wanted.
func (m Metric) told(v float64, sign bool) string {
	format := "%.2f"
	if m == AUC {
		format = "%.4f"
	}
	if sign {
		format = strings.Replace(format, "%", "%+", 1)
	}
	return fmt.Sprintf(format, m.unit()*v)
}

// Difference is how much better a model is than the reference in a Measure, paired by seed.
type Difference struct {
	Reference string  `json:"reference"`
	Mean      float64 `json:"mean"` // in [-1,1]
	// Low and High are the 95 % interval of the mean, by Student's t; nil with fewer than two pairs.
	Low      *float64  `json:"low"`
	High     *float64  `json:"high"`
	N        int       `json:"n"`
	Each     []float64 `json:"each"` // of the pairs, in the order of the seeds
	Sentence string    `json:"sentence"`
}

// Distinct reports whether the interval leaves out 0.
func (d Difference) Distinct() bool { return d.Low != nil && (*d.Low > 0 || *d.High < 0) }

// Paired returns the difference of paired figures. It returns an error if there are none, or not as many of each.
func (m Metric) Paired(name, reference string, of, from []float64) (*Difference, error) {
	if len(of) != len(from) || len(of) == 0 {
		return nil, errors.Errorf("compare: %s: %d figures of %s and %d of %s, want pairs", m, len(of), name, len(from), reference)
	}
	deltas := make([]float64, len(of))
	for i := range of {
		deltas[i] = of[i] - from[i]
	}
	d := &Difference{Reference: reference, Mean: stat.Mean(deltas, nil), N: len(deltas), Each: deltas}
	if d.N > 1 {
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(d.N - 1)}.Quantile(0.975)
		half := t * stat.StdDev(deltas, nil) / math.Sqrt(float64(d.N))
		low, high := d.Mean-half, d.Mean+half
		d.Low, d.High = &low, &high
	}
	d.Sentence = m.sentence(*d, name)
	return d, nil
}

// sentence says a difference in plain words. That of the accuracy does not name it.
func (m Metric) sentence(d Difference, name string) string {
	amount, unit, prefix := m.told(math.Abs(d.Mean), false), " points", ""
	if m != Accuracy {
		prefix = fmt.Sprintf("In %s ", m)
	}
	if m == AUC {
		unit = ""
	}
	where := amount + unit + " above"
	switch {
	case strings.Trim(amount, "0.") == "":
		where = "level with"
	case d.Mean < 0:
		where = amount + unit + " below"
	}
	if d.Low == nil {
		return fmt.Sprintf("%s%s is %s %s with one seed, which says nothing about another.", prefix, name, where, d.Reference)
	}
	interval := fmt.Sprintf("95 %% interval %s to %s", m.told(*d.Low, true), m.told(*d.High, true))
	if d.Distinct() {
		return fmt.Sprintf("%s%s is %s %s over %d seeds (%s).", prefix, name, where, d.Reference, d.N, interval)
	}
	return fmt.Sprintf("%s%s is %s %s, not distinguishable with %d seeds (%s).", prefix, name, where, d.Reference, d.N, interval)
}

// against pairs the runs by seed; nil if no seed has both.
func (m Metric) against(model, reference Model) *Difference {
	var of, from []float64
	for _, a := range model.Runs {
		for _, b := range reference.Runs {
			x, y := m.of(a.Test), m.of(b.Test)
			if a.Summary.Seed == b.Summary.Seed && !math.IsNaN(x-y) {
				of, from = append(of, x), append(from, y)
			}
		}
	}
	d, err := m.Paired(model.Name, reference.Name, of, from)
	if err != nil {
		return nil
	}
	return d
}

// Against returns the difference from the reference in a Measure; nil if there is none.
func (m Model) Against(measure Metric) *Difference {
	switch measure {
	case BalancedAccuracy:
		return m.AgainstBalanced
	case AUC:
		return m.AgainstAUC
	}
	return m.AgainstAccuracy
}

// overviews say in a sentence each which models differ in what; measures in which the same ones do share one.
func (r *Results) overviews() []string {
	var said []string // what, without the measures
	measures := map[string][]string{}
	for _, m := range Metrics() {
		text := r.overview(m)
		if text == "" {
			continue
		}
		if measures[text] == nil {
			said = append(said, text)
		}
		measures[text] = append(measures[text], string(m))
	}
	var all []string
	for _, text := range said {
		names := listed(measures[text])
		all = append(all, fmt.Sprintf("%s against %s: %s.", strings.ToUpper(names[:1])+names[1:], r.Reference, text))
	}
	return all
}

// overview says which models differ in a Measure; "" if there is nothing to say.
func (r *Results) overview(m Metric) string {
	var above, below, level []string
	seeds := 0
	for _, model := range r.Models {
		d := model.Against(m)
		if d == nil || d.Low == nil {
			continue
		}
		seeds = max(seeds, d.N)
		switch {
		case !d.Distinct():
			level = append(level, model.Name)
		case d.Mean > 0:
			above = append(above, model.Name)
		default:
			below = append(below, model.Name)
		}
	}
	if len(above)+len(below)+len(level) == 0 {
		return ""
	}
	are := func(names []string) string {
		if len(names) == 1 {
			return names[0] + " is"
		}
		return listed(names) + " are"
	}
	var parts []string
	for _, p := range []struct {
		names []string
		what  string
	}{{above, "above it"}, {below, "below it"}, {level, fmt.Sprintf("not distinguishable from it with %d seeds", seeds)}} {
		if len(p.names) > 0 {
			parts = append(parts, are(p.names)+" "+p.what)
		}
	}
	return strings.Join(parts, "; ")
}

// listed joins names as prose does.
func listed(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
