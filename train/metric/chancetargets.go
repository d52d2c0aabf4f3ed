package metric

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// LabelsChance says in a sentence which labels the probabilities rank no better than chance does, at a level
// of 0.01: an answer that is the same for all examples, as always that of the majority, has an AUC of 0.5,
// and so have answers by lot, within what the Mann-Whitney test allows for the number of examples. It is
// empty if there are none. Labels that all examples have, or none, are not judged. The names may be nil.
//
//	probabilities  (N, labels)
//	targets        (N, labels)  0 or 1
//
// Source: Mann, Whitney, Annals of Mathematical Statistics 18 (1947).
func LabelsChance(probabilities, targets []float64, labels int, names []string) string {
	if labels < 1 || len(targets)%labels != 0 || len(probabilities) != len(targets) {
		return ""
	}
	n := len(targets) / labels
	var near []string
	judged := 0
	scores, positive := make([]float64, n), make([]bool, n)
	for k := range labels {
		with := 0
		for i := range n {
			scores[i], positive[i] = probabilities[i*labels+k], targets[i*labels+k] >= 0.5
			if positive[i] {
				with++
			}
		}
		area := auc(scores, positive)
		if !Number(area).Known() {
			continue
		}
		judged++
		// Ties only make the variance smaller.
		variance := float64(n+1) / (12 * float64(with) * float64(n-with))
		if (area-0.5)/math.Sqrt(variance) <= chanceDeviation {
			near = append(near, fmt.Sprintf("%s (AUC %.3f)", nameOf(names, k), area))
		}
	}
	if near == nil {
		return ""
	}
	return fmt.Sprintf("%s may be answered by chance: %s; always giving the answer of the majority, or one "+
		"by "+
		"lot, has an AUC of 0.5", some(len(near), judged, "label"), shortened(near))
}

// ValuesChance says in a sentence which values are predicted no better than by always giving the mean of the
// true ones, which has an R² of 0, at a level of 0.01: the squared errors are not smaller by enough, in a
// test of their paired differences. It is empty if there are none. Values that do not vary are not judged.
// The names may be nil.
//
//	predictions  (N, values)
//	targets      (N, values)
//
// Source: Diebold, Mariano, Journal of Business and Economic Statistics 13 (1995), with squared loss and
// independent examples.
func ValuesChance(predictions, targets []float64, values int, names []string) string {
	if values < 1 || len(targets)%values != 0 || len(predictions) != len(targets) {
		return ""
	}
	n := len(targets) / values
	var near []string
	judged := 0
	for k := range values {
		var middle, gain, squares, errs, spread mean
		for i := range n {
			middle.add(targets[i*values+k])
		}
		for i := range n {
			at := i*values + k
			e, t := targets[at]-predictions[at], targets[at]-middle.value()
			errs.add(e * e)
			spread.add(t * t)
			gain.add(t*t - e*e)
		}
		if n < 2 || spread.sum <= 0 {
			continue
		}
		judged++
		for i := range n {
			at := i*values + k
			e, t := targets[at]-predictions[at], targets[at]-middle.value()
			d := t*t - e*e - gain.value()
			squares.add(d * d)
		}
		deviation := math.Sqrt(squares.sum / float64(n-1) / float64(n))
		if gain.value() <= chanceDeviation*deviation {
			near = append(near, fmt.Sprintf("%s (R² %.3f)", nameOf(names, k), 1-errs.sum/spread.sum))
		}
	}
	if near == nil {
		return ""
	}
	return fmt.Sprintf("%s may be predicted no better than by the mean, which has an R² of 0: %s",
		some(len(near), judged, "value"), shortened(near))
}

// some says how many of all there are.
func some(n, all int, noun string) string {
	if all == 1 {
		return "the " + noun
	}
	return fmt.Sprintf("%d of %d %ss", n, all, noun)
}

// nameOf returns a name, or the number of what has none.
func nameOf(names []string, k int) string {
	if k < len(names) {
		return names[k]
	}
	return strconv.Itoa(k)
}

// shortened lists the first of some texts.
func shortened(texts []string) string {
	const most = 5
	if more := len(texts) - most; more > 0 {
		return strings.Join(texts[:most], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(texts, ", ")
}
