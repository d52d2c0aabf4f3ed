package study

import (
	"fmt"
	"math"
	"strings"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Metric is a figure of the test split by which models are compared.
type Metric string

// The metrics of classes. Where a class is rare, a model can ignore it and still have a high accuracy; the
// other two show it. Labels have AUC and the next two, values the others.
const (
	Accuracy         Metric = "accuracy"
	BalancedAccuracy Metric = "balanced accuracy"
	AUC              Metric = "AUC"
	AP               Metric = "average precision"
	F1               Metric = "F1"
	RMSE             Metric = "RMSE" // in the units of the values, as MAE is; lower is better
	MAE              Metric = "MAE"
	R2               Metric = "R²"
)

// Metrics returns those of classes, in the order of a report.
func Metrics() []Metric { return []Metric{Accuracy, BalancedAccuracy, AUC} }

// metrics returns those of the runs, in the order of a report. The first one is what models are judged by.
func (r *Results) metrics() []Metric {
	if len(r.Models) > 0 && len(r.Models[0].Runs) > 0 {
		switch run := r.Models[0].Runs[0]; {
		case run.Labels != nil:
			return []Metric{AUC, AP, F1}
		case run.Values != nil:
			return []Metric{RMSE, MAE, R2}
		}
	}
	return Metrics()
}

// lower reports whether lower is better.
func (m Metric) lower() bool { return m == RMSE || m == MAE }

// accuracy reports whether the metric is a share of right answers, shown in percent.
func (m Metric) accuracy() bool { return m == Accuracy || m == BalancedAccuracy }

// title returns the metric as a report introduces it.
func (m Metric) title() string {
	if m.lower() {
		return string(m) + " (lower is better)"
	}
	return string(m)
}

// value returns the figure of a run; NaN if it has none.
func (m Metric) value(r Record) float64 {
	switch l, v := r.Labels, r.Values; {
	case l != nil:
		return map[Metric]float64{AUC: float64(l.AUC), AP: float64(l.AP), F1: l.F1}[m]
	case v != nil:
		return map[Metric]float64{RMSE: v.RMSE, MAE: v.MAE, R2: float64(v.R2)}[m]
	case m == BalancedAccuracy:
		return r.Test.BalancedAccuracy
	case m == AUC:
		return float64(r.Test.AUC)
	case m == Accuracy:
		return r.Test.Accuracy
	}
	return math.NaN()
}

// scale returns what a difference is multiplied by in a report: accuracies are in percentage points.
func (m Metric) scale() float64 {
	if m.accuracy() {
		return 100
	}
	return 1
}

// spread returns the spread of the metric as text; a dash for none.
func (m Metric) spread(s Spread) string {
	switch {
	case math.IsNaN(s.Mean):
		return "–"
	case m.accuracy():
		return s.percent()
	case m.lower() && s.N < 2:
		return fmt.Sprintf("%.4g", s.Mean)
	case m.lower():
		return fmt.Sprintf("%.4g ± %.2g", s.Mean, s.SD)
	}
	return s.area()
}

// format returns a difference as text, with a sign if wanted.
func (m Metric) format(v float64, sign bool) string {
	format := "%.4f"
	switch {
	case m.accuracy():
		format = "%.2f"
	case m.lower():
		format = "%.3g"
	}
	if sign {
		format = strings.Replace(format, "%", "%+", 1)
	}
	return fmt.Sprintf(format, m.scale()*v)
}

// Difference is how much higher a model is than the reference in a Metric, paired by seed.
type Difference struct {
	Mean float64 `json:"mean"`
	// Low and High are the 95 % interval of the mean, by Student's t; nil with fewer than two pairs.
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`
	// P is the probability of a mean so far from 0 if the models are equal, by the same t; Holm is P corrected
	// for all comparisons of the study in this metric; nil as above
	P        *float64  `json:"p,omitempty"`
	Holm     *float64  `json:"p_holm,omitempty"`
	N        int       `json:"n"`
	Each     []float64 `json:"each"` // of each pair, in the order of the seeds
	Sentence string    `json:"sentence"`
}

// Distinct reports whether the interval excludes 0.
func (d Difference) Distinct() bool {
	return d.Low != nil && d.High != nil && (*d.Low > 0 || *d.High < 0)
}

// Paired returns the mean of x − y, which are paired figures of a model and of the reference. It returns an
// error unless there is at least one pair and x and y have the same length.
func (m Metric) Paired(model, reference string, x, y []float64) (*Difference, error) {
	if len(x) != len(y) || len(x) == 0 {
		return nil, errors.Errorf("study: %s: %d figures of %s and %d of %s, want pairs",
			m, len(x), model, len(y), reference)
	}
	each := make([]float64, len(x))
	for i := range x {
		each[i] = x[i] - y[i]
	}
	d := &Difference{Mean: stat.Mean(each, nil), N: len(each), Each: each}
	if d.N > 1 {
		half := halfInterval(stat.StdDev(each, nil), d.N)
		low, high := d.Mean-half, d.Mean+half
		p := pValue(each)
		d.Low, d.High, d.P = &low, &high, &p
	}
	d.Sentence = m.sentence(*d, model, reference)
	return d, nil
}

// halfInterval returns half of the 95 % interval of a mean of at least two values of that deviation, by
// Student's t.
func halfInterval(sd float64, n int) float64 {
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}.Quantile(0.975)
	return t * sd / math.Sqrt(float64(n))
}

// pair returns the difference of two models over the seeds that both have; nil if there is none.
func (m Metric) pair(model, reference Model) *Difference {
	var x, y []float64
	for _, a := range model.Runs {
		for _, b := range reference.Runs {
			if v, w := m.value(a), m.value(b); a.Summary.Seed == b.Summary.Seed && !math.IsNaN(v-w) {
				x, y = append(x, v), append(y, w)
			}
		}
	}
	d, err := m.Paired(model.Name, reference.Name, x, y)
	if err != nil {
		return nil
	}
	return d
}

// sentence describes a difference. It names the metric unless that is the accuracy.
func (m Metric) sentence(d Difference, model, reference string) string {
	prefix := ""
	if m != Accuracy {
		prefix = fmt.Sprintf("In %s ", m.title())
	}
	s := fmt.Sprintf("%s%s is %s %s", prefix, model, m.distance(d), reference)
	switch {
	case d.Low == nil:
		return s + " with one seed, which gives no interval."
	case d.Distinct():
		s += fmt.Sprintf(" over %d seeds", d.N)
	default:
		s += fmt.Sprintf(", not distinguishable with %d seeds", d.N)
	}
	return fmt.Sprintf("%s (95 %% interval %s).", s, m.interval(d))
}

// distance returns "0.31 points above", "0.0012 below", "level with" and the like.
func (m Metric) distance(d Difference) string {
	amount, unit := m.format(math.Abs(d.Mean), false), m.unit()
	switch {
	case strings.Trim(amount, "0.") == "":
		return "level with"
	case d.Mean < 0:
		return amount + unit + " below"
	}
	return amount + unit + " above"
}

// unit returns what stands behind a difference in a sentence.
func (m Metric) unit() string {
	if m.accuracy() {
		return " points"
	}
	return ""
}

// better reports whether the model is better than the reference.
func (m Metric) better(d Difference) bool { return d.Mean > 0 != m.lower() }

// interval returns the interval as text; d has one.
func (m Metric) interval(d Difference) string {
	return m.format(*d.Low, true) + " to " + m.format(*d.High, true)
}

// text returns the difference and its interval for a table, bold if the interval excludes 0; "" for nil.
func (d *Difference) text(m Metric) string {
	if d == nil {
		return ""
	}
	text := m.format(d.Mean, true)
	if strings.Trim(text, "+-0.") == "" {
		text = text[1:] // a difference that is rounded to 0 has no sign
	}
	if d.Distinct() {
		text = "**" + text + "**"
	}
	if d.Low != nil && d.High != nil {
		text += " (" + m.interval(*d) + ")"
	}
	return text
}
