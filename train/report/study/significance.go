package study

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/hqvit/hqvit/internal/words"
)

// wrongly is the largest probability with which a difference may be called one though there is none, and
// power that with which one of a given size is to be found.
const (
	wrongly = 0.05
	power   = 0.8
)

// pValue returns the probability that paired differences of models that are equal have a mean so far from 0,
// by Student's t; of at least two.
func pValue(each []float64) float64 {
	mean, sd := stat.Mean(each, nil), stat.StdDev(each, nil)
	switch {
	case mean == 0:
		return 1
	case sd == 0:
		return 0
	}
	n := float64(len(each))
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}
	return 2 * t.CDF(-math.Abs(mean)/sd*math.Sqrt(n))
}

// correct sets the corrected p-values of all differences from the reference in a metric, by Holm's procedure
// (S. Holm, A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6, 1979, 65-70): with
// those below 0.05 called differences, the probability that any of them is none is at most 0.05.
func (r *Results) correct(m Metric) {
	var all []*Difference
	for _, model := range r.Models {
		if d := model.Differences[m]; d != nil && d.P != nil {
			all = append(all, d)
		}
	}
	slices.SortStableFunc(all, func(a, b *Difference) int { return cmp.Compare(*a.P, *b.P) })
	largest := 0.0
	for i, d := range all {
		largest = max(largest, min(1, float64(len(all)-i)**d.P))
		corrected := largest
		d.Holm = &corrected
	}
}

// corrected says which models still differ from the reference when all comparisons in a metric are taken
// together; "" where there is but one.
func (r *Results) corrected(m Metric) string {
	var distinct []string
	comparisons := 0
	for _, model := range r.Models {
		if d := model.Differences[m]; d != nil && d.Holm != nil {
			if comparisons++; *d.Holm < wrongly {
				distinct = append(distinct, fmt.Sprintf("%s (%s)", model.Name, pText(*d.Holm)))
			}
		}
	}
	if comparisons < 2 {
		return ""
	}
	which := "none differs from " + r.Reference
	switch len(distinct) {
	case 0:
	case 1:
		which = distinct[0] + " differs from " + r.Reference
	default:
		which = words.List(distinct, "and") + " differ from " + r.Reference
	}
	return fmt.Sprintf("Corrected for all %d comparisons in %s (Holm, 5 %% that any is wrong): %s.",
		comparisons, m, which)
}

// pText returns a p-value as text: "p = 0.03".
func pText(p float64) string {
	if p < 1e-4 {
		return "p < 0.0001"
	}
	return fmt.Sprintf("p = %.2g", p)
}

// powerOf returns the probability that n pairs, whose differences have the deviation sd, give an interval of
// 95 % that excludes 0 on the right side, if the true difference is size.
func powerOf(size, sd float64, n int) float64 {
	if n < 2 {
		return 0
	}
	if sd == 0 {
		return 1
	}
	nu := float64(n - 1)
	critical := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: nu}.Quantile(1 - wrongly/2)
	shift := math.Abs(size) / sd * math.Sqrt(float64(n))
	// T = (Z+shift)/√(V/ν), with V of the χ² distribution: the mean over V of the probability for Z.
	const points = 400
	sum := 0.0
	for i := range points {
		v := distuv.ChiSquared{K: nu}.Quantile((float64(i) + 0.5) / points)
		sum += distuv.UnitNormal.Survival(critical*math.Sqrt(v/nu) - shift)
	}
	return sum / points
}

// mostSeeds is the number of seeds that seedsFor does not go beyond.
const mostSeeds = 1000

// seedsFor returns the least number of seeds with which a difference of a size is found with a probability of
// 0.8, and false if it takes more than 1,000.
func seedsFor(size, sd float64) (int, bool) {
	low, high := 1, 2 // too few, and enough
	for ; powerOf(size, sd, high) < power; high *= 2 {
		if low = high; high > mostSeeds {
			return 0, false
		}
	}
	for high-low > 1 {
		if middle := (low + high) / 2; powerOf(size, sd, middle) < power {
			low = middle
		} else {
			high = middle
		}
	}
	return high, high <= mostSeeds
}

// resolution says how small a difference in a metric the study could see, and how many seeds others would
// take; "" where no model has an interval. The deviation is the median over the models.
func (r *Results) resolution(m Metric) string {
	var deviations []float64
	seeds := 0
	for _, model := range r.Models {
		if d := model.Differences[m]; d != nil && d.N > 1 {
			deviations = append(deviations, stat.StdDev(d.Each, nil))
			seeds = max(seeds, d.N)
		}
	}
	if len(deviations) == 0 {
		return ""
	}
	slices.Sort(deviations)
	sd := (deviations[(len(deviations)-1)/2] + deviations[len(deviations)/2]) / 2
	if sd == 0 {
		return ""
	}
	low, high := 0.0, sd
	for powerOf(high, sd, seeds) < power {
		high *= 2
	}
	for range 40 {
		if middle := (low + high) / 2; powerOf(middle, sd, seeds) < power {
			low = middle
		} else {
			high = middle
		}
	}
	text := fmt.Sprintf("With %d seeds a difference of %s%s in %s is found four times in five, if the "+
		"differences of a seed deviate by %s, the median over these models",
		seeds, m.format(high, false), m.unit(), m, m.format(sd, false))
	var others []string
	for _, part := range []float64{0.5, 0.25} {
		if n, ok := seedsFor(part*high, sd); ok {
			others = append(others, fmt.Sprintf("%s takes %d seeds", m.format(part*high, false), n))
		}
	}
	if len(others) > 0 {
		text += "; one of " + words.List(others, "and of")
	}
	return text + "."
}
