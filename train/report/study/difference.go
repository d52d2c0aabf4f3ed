package study

import (
	"fmt"
	"math"
	"strings"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Metric is a figure of the test split by which models are compared, in [0,1].
type Metric string

// The metrics. Where a class is rare, a model can ignore it and still have a high accuracy; the other two
// show it.
const (
	Accuracy         Metric = "accuracy"
	BalancedAccuracy Metric = "balanced accuracy"
	AUC              Metric = "AUC"
)

// Metrics returns all metrics, in the order of a report.
func Metrics() []Metric { return []Metric{Accuracy, BalancedAccuracy, AUC} }

// value returns the figure of a run; NaN if it has none.
func (m Metric) value(r Record) float64 {
	switch m {
	case BalancedAccuracy:
		return r.Test.BalancedAccuracy
	case AUC:
		return float64(r.Test.AUC)
	}
	return r.Test.Accuracy
}

// scale returns what a difference is multiplied by in a report: accuracies are in percentage points.
func (m Metric) scale() float64 {
	if m == AUC {
		return 1
	}
	return 100
}

// format returns a difference as text, with a sign if wanted.
func (m Metric) format(v float64, sign bool) string {
	format := "%.2f"
	if m == AUC {
		format = "%.4f"
	}
	if sign {
		format = strings.Replace(format, "%", "%+", 1)
	}
	return fmt.Sprintf(format, m.scale()*v)
}

// Difference is how much better a model is than the reference in a Metric, paired by seed.
type Difference struct {
	Mean float64 `json:"mean"` // in [-1,1]
	// Low and High are the 95 % interval of the mean, by Student's t; nil with fewer than two pairs.
	Low      *float64  `json:"low"`
	High     *float64  `json:"high"`
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
		d.Low, d.High = &low, &high
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
		prefix = fmt.Sprintf("In %s ", m)
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
	amount, unit := m.format(math.Abs(d.Mean), false), " points"
	if m == AUC {
		unit = ""
	}
	switch {
	case strings.Trim(amount, "0.") == "":
		return "level with"
	case d.Mean < 0:
		return amount + unit + " below"
	}
	return amount + unit + " above"
}

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
