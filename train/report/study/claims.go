package study

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/pkg/errors"
)

// DefaultFindings begin a page about studies for which no findings were written.
const DefaultFindings = "# Results\n\nStudies made with `hqvit compare`.\n"

// FillFindings fills in the figures of a text about studies, which are given by name. The text is a
// text/template. Each function takes the name of a study and of a model, and then, in any order and if
// wanted, a Metric other than the accuracy and a model to compare with other than the reference:
//
//	mean STUDY MODEL …        the mean over seeds: "99.52 %"
//	parameters STUDY MODEL    "74,994"
//	difference STUDY MODEL …  "0.02 points below hqvit, not distinguishable (95 % interval -0.24 to +0.20)"
//	gap STUDY MODEL …         the same for a table: "-0.02 (-0.24 to +0.20)", bold if distinguishable
//	level STUDY MODEL …       the interval: "95 % interval -0.24 to +0.20"
//	above STUDY MODEL …       the distance: "0.95 points (95 % interval 0.69 to 1.21)"; below likewise
//
//	swept STUDY MODEL SETTING=VALUE …        the accuracy at a value of a sweep: "94.23 %"; then, if wanted, the
//	                                         mitigation, and what is beside, such as device=trapped-ion-20
//	keeps STUDY MODEL SETTING=VALUE POINTS … the same; loses likewise
//
// The last two of a sweep are claims that with 95 % confidence the accuracy is at most so many percentage
// points below that of exact values, or more than that below. The last three before are claims: it returns an
// error if the results do not support them, that is if the interval of a level model excludes 0, or that of
// another one contains it, so that a text cannot contradict the results below it.
func FillFindings(text string, studies map[string]*Results) (string, error) {
	c := claims{studies}
	t, err := template.New("findings").Funcs(template.FuncMap{
		"mean": c.mean, "parameters": c.parameters, "difference": c.difference, "gap": c.gap,
		"level": func(study, model string, options ...string) (string,
			error) {
			return c.check(0, study, model, options)
		},
		"above": func(study, model string, options ...string) (string,
			error) {
			return c.check(1, study, model, options)
		},
		"below": func(study, model string, options ...string) (string, error) {
			return c.check(-1, study, model, options)
		},
		"swept": c.swept, "keeps": c.keeps, "loses": c.loses,
	}).Parse(text)
	if err != nil {
		return "", errors.Wrap(err, "study: findings")
	}
	var b strings.Builder
	err = t.Execute(&b, nil)
	return b.String(), errors.Wrap(err, "study: findings")
}

// claims looks up the figures that a text names.
type claims struct{ studies map[string]*Results }

func (c claims) find(study, model string) (*Results, *Model, error) {
	r := c.studies[study]
	if r == nil {
		return nil, nil, errors.Errorf("no study %q, want one of %s", study,
			strings.Join(slices.Sorted(maps.Keys(c.studies)), ", "))
	}
	m := r.model(model)
	if m == nil {
		return nil, nil, errors.Errorf("study %s has no model %q", study, model)
	}
	return r, m, nil
}

func (c claims) mean(study, model string, metrics ...string) (string, error) {
	r, m, err := c.find(study, model)
	if err != nil {
		return "", err
	}
	metric := r.metrics()[0]
	for _, name := range metrics {
		metric = Metric(name)
	}
	s := m.spread(metric.value)
	if !slices.Contains(r.metrics(), metric) || math.IsNaN(s.Mean) {
		return "", errors.Errorf("study %s has no %s of %s", study, metric, model)
	}
	return metric.spread(Spread{Mean: s.Mean, N: 1}), nil
}

func (c claims) parameters(study, model string) (string, error) {
	_, m, err := c.find(study, model)
	if err != nil {
		return "", err
	}
	digits := strconv.Itoa(m.Parameters)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits, nil
}

// compare returns the difference that options ask for, its metric, and the model that is compared with.
func (c claims) compare(study, model string, options []string) (*Difference, Metric, *Model, error) {
	r, m, err := c.find(study, model)
	if err != nil {
		return nil, "", nil, err
	}
	metric, reference := r.metrics()[0], r.Reference
	for _, o := range options {
		if slices.Contains(r.metrics(), Metric(o)) {
			metric = Metric(o)
		} else {
			reference = o
		}
	}
	_, other, err := c.find(study, reference)
	if err != nil {
		return nil, "", nil, err
	}
	d := metric.pair(*m, *other)
	if d == nil {
		return nil, "", nil, errors.Errorf("study %s has no seed with the %s of both %s and %s",
			study, metric, model, reference)
	}
	return d, metric, other, nil
}

func (c claims) difference(study, model string, options ...string) (string, error) {
	d, metric, other, err := c.compare(study, model, options)
	if err != nil {
		return "", err
	}
	text := metric.distance(*d) + " " + other.Name
	switch {
	case d.Low == nil:
		return text + ", with one seed", nil
	case !d.Distinct():
		text += ", not distinguishable"
	}
	return fmt.Sprintf("%s (95 %% interval %s)", text, metric.interval(*d)), nil
}

func (c claims) gap(study, model string, options ...string) (string, error) {
	d, metric, _, err := c.compare(study, model, options)
	if err != nil {
		return "", err
	}
	return d.text(metric), nil
}

// check returns the text of a claim: that a model is level with another, or in which direction it differs
// from it.
func (c claims) check(direction int, study, model string, options []string) (string, error) {
	d, metric, _, err := c.compare(study, model, options)
	if err != nil {
		return "", err
	}
	actual := 0
	if d.Distinct() {
		actual = int(math.Copysign(1, d.Mean))
	}
	if d.Low == nil || actual != direction {
		return "", errors.Errorf("study %s does not support that %s is %s: %s Rewrite the finding",
			study, model,
			map[int]string{-1: "below", 0: "level", 1: "above"}[direction], d.Sentence)
	}
	if direction == 0 {
		return "95 % interval " + metric.interval(*d), nil
	}
	low, high := math.Abs(*d.Low), math.Abs(*d.High)
	return fmt.Sprintf("%s%s (95 %% interval %s to %s)", metric.format(math.Abs(d.Mean), false), metric.unit(),
		metric.format(min(low, high), false), metric.format(max(low, high), false)), nil
}
