// Package metric says how good the predictions of a classifier are.
//
// Conventions are scikit-learn's: a class that is never predicted has precision 0. A class without an image
// has no precision, recall or F1, and the means over classes leave it out; scikit-learn has it in macro F1 if
// it is predicted.
package metric

import (
	"math"

	"github.com/pkg/errors"
)

// Classification compares class probabilities with labels. Its JSON is that of every file and command that
// reports metrics; what has no value is null there.
type Classification struct {
	Loss             float64  `json:"loss"` // mean, of the run's loss
	Accuracy         float64  `json:"accuracy"`
	BalancedAccuracy float64  `json:"balanced_accuracy"` // mean recall of the classes that have images
	MacroF1          float64  `json:"macro_f1"`          // mean F1 of these
	AUC              Number   `json:"auc"`               // mean over the classes, see AUC
	CalibrationError Number   `json:"calibration_error"` // see calibrationError; none if not measured
	Precision        []Number `json:"precision"`
	Recall           []Number `json:"recall"`
	F1               []Number `json:"f1"`
	Confusion        [][]int  `json:"confusion"` // [label][predicted]
}

// Classify returns the metrics of class probabilities, in [0,1], for labels; the Loss is left 0.
//
//	probabilities  (N, classes)
//	labels         (N)  in [0, classes)
//
// It returns an error if the sizes do not fit, if N is 0 or if a label is out of range.
func Classify(probabilities []float64, labels []int, classes int) (*Classification, error) {
	n := len(labels)
	if n == 0 || classes < 1 || len(probabilities) != n*classes {
		return nil, errors.Errorf("metric: %d probabilities for %d labels of %d classes, want one for each "+
			"label and class",
			len(probabilities), n, classes)
	}
	m := &Classification{Confusion: make([][]int, classes)}
	for c := range m.Confusion {
		m.Confusion[c] = make([]int, classes)
	}
	for i, label := range labels {
		if label < 0 || label >= classes {
			return nil, errors.Errorf("metric: label %d is %d, want a class index in [0,%d)",
				i, label, classes)
		}
		m.Confusion[label][Largest(probabilities[i*classes:(i+1)*classes])]++
	}
	m.countConfusion(n)
	m.AUC = meanAUC(probabilities, labels, classes)
	m.CalibrationError = Number(calibrationError(probabilities, labels, classes))
	return m, nil
}

// countConfusion fills in what follows from the confusion matrix of n rows.
func (m *Classification) countConfusion(n int) {
	right := 0
	var recall, f1 mean
	for c, row := range m.Confusion {
		hits, labelled, predicted := row[c], 0, 0
		for d := range row {
			labelled += row[d]
			predicted += m.Confusion[d][c]
		}
		right += hits
		p, r, f := None(), None(), None()
		if labelled > 0 {
			p, r, f = ratio(hits, predicted), ratio(hits, labelled), ratio(2*hits, labelled+predicted)
			recall.add(float64(r))
			f1.add(float64(f))
		}
		m.Precision, m.Recall, m.F1 = append(m.Precision, p), append(m.Recall, r), append(m.F1, f)
	}
	m.Accuracy = float64(ratio(right, n))
	m.BalancedAccuracy, m.MacroF1 = recall.value(), f1.value()
}

// bins is the number of intervals of (0,1] of the expected calibration error.
const bins = 15

// calibrationError is the expected calibration error. Rows are sorted into 15 equal intervals by the
// probability of the predicted class, and the distances between mean probability and share of right
// predictions are averaged over the rows. It is 0 for a model that is as sure as it is right.
//
// Source: Guo et al., On Calibration of Modern Neural Networks, arXiv:1706.04599, section 2.
func calibrationError(probabilities []float64, labels []int, classes int) float64 {
	var confidence [bins]float64
	var right [bins]int
	for i, label := range labels {
		row := probabilities[i*classes : (i+1)*classes]
		predicted := Largest(row)
		bin := min(max(int(math.Ceil(row[predicted]*bins))-1, 0), bins-1)
		confidence[bin] += row[predicted]
		if predicted == label {
			right[bin]++
		}
	}
	sum := 0.0
	for b := range confidence {
		sum += math.Abs(confidence[b] - float64(right[b]))
	}
	return sum / float64(len(labels))
}

// Largest returns the index of the largest element, the first of equals; 0 for no elements.
func Largest[F float32 | float64](x []F) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}

// mean is that of the values added, NaN of none.
type mean struct {
	sum float64
	n   int
}

func (m *mean) add(v float64) { m.sum += v; m.n++ }
func (m mean) value() float64 { return m.sum / float64(m.n) }

func ratio(a, b int) Number {
	if b == 0 {
		return 0
	}
	return Number(float64(a) / float64(b))
}
