package study

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// sweptPoints returns what the runs of a model have at a value of a sweep, with the options of the text.
func (c claims) sweptPoints(study, model, at string, options []string) ([]SweptPoint, error) {
	_, m, err := c.find(study, model)
	if err != nil {
		return nil, err
	}
	setting, value, _ := strings.Cut(at, "=")
	var points []SweptPoint
	var there []string
	for _, run := range m.Runs {
		for _, p := range run.Sweep {
			own := strings.Fields(strings.Join([]string{p.Beside, p.Mitigation}, " "))
			slices.Sort(own)
			wanted := slices.Sorted(slices.Values(options))
			if p.Setting == setting && p.Value == value && slices.Equal(own, wanted) {
				points = append(points, p)
			} else if name := p.String(); !slices.Contains(there, name) {
				there = append(there, name)
			}
		}
	}
	if points == nil {
		return nil, errors.Errorf("study %s has no %s of %s, %v; there are %s", study, at, model, options,
			strings.Join(there, "; "))
	}
	return points, nil
}

// swept returns the accuracy at a value of a sweep.
func (c claims) swept(study, model, at string, options ...string) (string, error) {
	points, err := c.sweptPoints(study, model, at, options)
	if err != nil {
		return "", err
	}
	var values []float64
	for _, p := range points {
		values = append(values, p.Accuracy)
	}
	return fmt.Sprintf("%.2f %%", 100*newSpread(values).Mean), nil
}

// keeps is swept, with the claim that it is at most so many points below exact values.
func (c claims) keeps(study, model, at string, points float64, options ...string) (string, error) {
	return c.checkSwept(study, model, at, points, true, options)
}

// loses is swept, with the claim that it is more points below exact values.
func (c claims) loses(study, model, at string, points float64, options ...string) (string, error) {
	return c.checkSwept(study, model, at, points, false, options)
}

func (c claims) checkSwept(study, model, at string, points float64, keeps bool, options []string) (string,
	error) {
	all, err := c.sweptPoints(study, model, at, options)
	if err != nil {
		return "", err
	}
	var x, y []float64
	for _, p := range all {
		x, y = append(x, p.Accuracy), append(y, p.Exact)
	}
	d, err := Accuracy.Paired(model, "exact values", x, y)
	switch {
	case err != nil:
		return "", err
	case d.Low == nil || keeps && *d.Low < -points/100 || !keeps && *d.High >= -points/100:
		return "", errors.Errorf("study %s does not support that %s at %s is within %v points of exact "+
			"values: %v. %s Rewrite the finding", study, model, at, points, keeps, d.Sentence)
	}
	return c.swept(study, model, at, options...)
}
