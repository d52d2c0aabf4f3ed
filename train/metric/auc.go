package metric

import (
	"cmp"
	"math"
	"slices"

	"github.com/pkg/errors"
)

// AUC returns the area under the ROC curve: the probability that a positive scores above a negative, where
// equal scores count half. It is NaN if there are no positives or no negatives. It returns an error if scores
// and positive differ in length.
//
// Source: Hanley, McNeil, Radiology 143 (1982); sklearn.metrics.roc_auc_score.
func AUC(scores []float64, positive []bool) (float64, error) {
	if len(scores) != len(positive) {
		return 0, errors.Errorf("metric: AUC: %d scores for %d answers, want as many",
			len(scores), len(positive))
	}
	return auc(scores, positive), nil
}

func auc(scores []float64, positive []bool) float64 {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scores[a], scores[b]) })
	wins, below, positives := 0.0, 0, 0
	for from := 0; from < len(order); {
		ties, tiedPositives := 0, 0
		for from+ties < len(order) && scores[order[from+ties]] == scores[order[from]] {
			if positive[order[from+ties]] {
				tiedPositives++
			}
			ties++
		}
		ties = max(ties, 1) // a NaN equals nothing, not even itself
		tiedNegatives := ties - tiedPositives
		wins += float64(tiedPositives) * (float64(below) + float64(tiedNegatives)/2)
		below += tiedNegatives
		positives += tiedPositives
		from += ties
	}
	return wins / (float64(positives) * float64(below))
}

// meanAUC is the AUC of class 1 if there are two classes, else the mean over the classes of one against the
// rest.
func meanAUC(probabilities []float64, labels []int, classes int) Number {
	first := 0
	if classes == 2 {
		first = 1
	}
	var over mean
	scores := make([]float64, len(labels))
	positive := make([]bool, len(labels))
	for c := first; c < classes; c++ {
		for i, label := range labels {
			scores[i], positive[i] = probabilities[i*classes+c], label == c
		}
		if a := auc(scores, positive); !math.IsNaN(a) {
			over.add(a)
		}
	}
	return Number(over.value())
}
