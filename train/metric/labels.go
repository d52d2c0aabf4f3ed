package metric

import (
	"cmp"
	"math"
	"slices"

	"github.com/pkg/errors"
)

// Labels compares probabilities of several labels, each of which is right or not, with what is right. A label
// counts as given from a probability of 0.5 on.
type Labels struct {
	Loss     float64 `json:"loss"`     // mean, of the run's loss
	AUC      Number  `json:"auc"`      // mean over the labels that have one
	AP       Number  `json:"ap"`       // likewise, of the average precision
	F1       float64 `json:"f1"`       // mean over the labels
	Accuracy float64 `json:"accuracy"` // share of right answers, over examples and labels
	Each     []Label `json:"each"`
}

// Label is how good the answers are to one label.
type Label struct {
	AUC       Number  `json:"auc"`
	AP        Number  `json:"ap"`
	F1        float64 `json:"f1"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	Positives int     `json:"positives"` // examples that have the label
	// ROC is points of the curve, from (0,0) to (1,1): the share of examples without the label that get at
	// least a score, and of those with it. At most 65 points; none without examples of both sorts.
	ROC [][2]float64 `json:"roc,omitempty"`
}

// CompareLabels returns the metrics of probabilities of labels; the Loss is left 0.
//
//	probabilities  (N, labels)  in [0,1]
//	targets        (N, labels)  0 or 1
//
// It returns an error if the sizes do not fit or N is 0.
//
// Source: sklearn.metrics.roc_auc_score, average_precision_score and f1_score, with average="macro".
func CompareLabels(probabilities, targets []float64, labels int) (*Labels, error) {
	if labels < 1 || len(targets) == 0 || len(targets)%labels != 0 || len(probabilities) != len(targets) {
		return nil, errors.Errorf("metric: %d probabilities for %d targets of %d labels, want one for each",
			len(probabilities), len(targets), labels)
	}
	m := &Labels{}
	n, right := len(targets)/labels, 0
	var aucs, aps, f1s mean
	scores, positive := make([]float64, n), make([]bool, n)
	for k := range labels {
		hits, given := 0, 0
		var l Label
		for i := range n {
			scores[i], positive[i] = probabilities[i*labels+k], targets[i*labels+k] >= 0.5
			yes := scores[i] >= 0.5
			if positive[i] {
				l.Positives++
			}
			if yes {
				given++
			}
			if yes && positive[i] {
				hits++
			}
			if yes == positive[i] {
				right++
			}
		}
		l.Precision, l.Recall = float64(ratio(hits, given)), float64(ratio(hits, l.Positives))
		l.F1 = float64(ratio(2*hits, given+l.Positives))
		curve := rankings(scores, positive)
		l.AUC, l.AP, l.ROC = Number(auc(scores, positive)), curve.averagePrecision(), curve.roc(64)
		if l.AUC.Known() {
			aucs.add(float64(l.AUC))
		}
		if l.AP.Known() {
			aps.add(float64(l.AP))
		}
		f1s.add(l.F1)
		m.Each = append(m.Each, l)
	}
	m.AUC, m.AP, m.F1, m.Accuracy = Number(aucs.value()), Number(aps.value()), f1s.value(),
		float64(ratio(right, len(targets)))
	return m, nil
}

// ranking is the examples with at least each score, by falling score: how many have the label, and how many
// do not.
type ranking struct{ with, without []int }

func rankings(scores []float64, positive []bool) (r ranking) {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	with, without := 0, 0
	for at, i := range order {
		if positive[i] {
			with++
		} else {
			without++
		}
		if at+1 == len(order) || scores[order[at+1]] != scores[i] {
			r.with, r.without = append(r.with, with), append(r.without, without)
		}
	}
	return r
}

// total returns how many examples there are of each sort.
func (r ranking) total() (with, without int) {
	return r.with[len(r.with)-1], r.without[len(r.without)-1]
}

// averagePrecision is Σ (Rₙ − Rₙ₋₁)Pₙ over the scores; none without an example that has the label.
func (r ranking) averagePrecision() Number {
	all, _ := r.total()
	if all == 0 {
		return None()
	}
	sum, before := 0.0, 0
	for i, with := range r.with {
		sum += float64(with-before) / float64(all) * float64(with) / float64(with+r.without[i])
		before = with
	}
	return Number(sum)
}

// roc returns about so many points of the curve, evenly spaced along it.
func (r ranking) roc(steps int) [][2]float64 {
	with, without := r.total()
	if with == 0 || without == 0 {
		return nil
	}
	points := [][2]float64{{0, 0}}
	passed := 0.0
	for i := range r.with {
		p := [2]float64{float64(r.without[i]) / float64(without), float64(r.with[i]) / float64(with)}
		if way := math.Floor((p[0] + p[1]) / 2 * float64(steps)); way > passed || i == len(r.with)-1 {
			points, passed = append(points, p), way
		}
	}
	return points
}
