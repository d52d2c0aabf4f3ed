package train

import (
	"cmp"
	"math"
	"slices"

	"github.com/pkg/errors"
)

// Metrics says how well class probabilities fit the labels.
//
// Conventions are scikit-learn's: a class that is never predicted has precision 0; balanced accuracy leaves out classes without an image;
// macro F1 leaves out classes that are neither labelled nor predicted.
type Metrics struct {
	Loss             float64 // mean, by the Loss of the run
	Accuracy         float64
	BalancedAccuracy float64 // mean recall of the classes
	MacroF1          float64
	AUC              float64 // see AUC; NaN if no class has both images and other images
	Calibration      float64 // see calibration
	Precision        []float64
	Recall           []float64
	F1               []float64
	Confusion        [][]int // [label][predicted]
}

// Measure returns the metrics of class probabilities, in [0,1], for labels; its Loss is 0.
//
//	probabilities  (N, classes)
//	labels         (N)  in [0, classes)
//
// It returns an error if the sizes do not fit, if N is 0 or if a label is out of range.
func Measure(probabilities []float64, labels []int, classes int) (*Metrics, error) {
	n := len(labels)
	if n == 0 || classes < 1 || len(probabilities) != n*classes {
		return nil, errors.Errorf("train: metrics: %d probabilities for %d labels of %d classes", len(probabilities), n, classes)
	}
	m := &Metrics{Confusion: make([][]int, classes)}
	for c := range m.Confusion {
		m.Confusion[c] = make([]int, classes)
	}
	for i, label := range labels {
		if label < 0 || label >= classes {
			return nil, errors.Errorf("train: metrics: label %d is %d, out of range [0,%d)", i, label, classes)
		}
		m.Confusion[label][largest(probabilities[i*classes:(i+1)*classes])]++
	}
	m.fromConfusion(n)
	m.AUC = auc(probabilities, labels, classes)
	m.Calibration = calibration(probabilities, labels, classes)
	return m, nil
}

func (m *Metrics) fromConfusion(n int) {
	right := 0
	var recall, f1 mean
	for c, row := range m.Confusion {
		hits, labelled, predicted := row[c], 0, 0
		for d := range row {
			labelled += row[d]
			predicted += m.Confusion[d][c]
		}
		right += hits
		m.Precision = append(m.Precision, ratio(hits, predicted))
		m.Recall = append(m.Recall, ratio(hits, labelled))
		m.F1 = append(m.F1, ratio(2*hits, labelled+predicted))
		if labelled > 0 {
			recall.add(m.Recall[c])
		}
		if labelled+predicted > 0 {
			f1.add(m.F1[c])
		}
	}
	m.Accuracy = ratio(right, n)
	m.BalancedAccuracy, m.MacroF1 = recall.value(), f1.value()
}

// bins is how many intervals of (0,1] the expected calibration error looks at.
const bins = 15

// calibration is the expected calibration error: images are sorted into 15 equal intervals by the probability of the class they are taken for,
// and the distances between mean probability and share of right ones are averaged over the images. 0 is a model that is as sure as it is right.
//
// Source: Guo et al., On Calibration of Modern Neural Networks, arXiv:1706.04599, section 2.
func calibration(probabilities []float64, labels []int, classes int) float64 {
	var sure [bins]float64
	var right [bins]int
	for i, label := range labels {
		row := probabilities[i*classes : (i+1)*classes]
		taken := largest(row)
		bin := min(max(int(math.Ceil(row[taken]*bins))-1, 0), bins-1)
		sure[bin] += row[taken]
		if taken == label {
			right[bin]++
		}
	}
	sum := 0.0
	for b := range sure {
		sum += math.Abs(sure[b] - float64(right[b]))
	}
	return sum / float64(len(labels))
}

// auc is the area under the ROC curve: of class 1 if there are two classes, else the mean over classes of one against the rest.
func auc(probabilities []float64, labels []int, classes int) float64 {
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
		if a := AUC(scores, positive); !math.IsNaN(a) {
			over.add(a)
		}
	}
	return over.value()
}

// AUC returns the probability that a positive scores above a negative, where equal scores count half: the area under the ROC curve. It is
// NaN if there are no positives or no negatives.
//
// Source: Hanley, McNeil, Radiology 143 (1982); sklearn.metrics.roc_auc_score.
func AUC(scores []float64, positive []bool) float64 {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scores[a], scores[b]) })
	wins, below, positives := 0.0, 0, 0
	for at := 0; at < len(order); {
		ties, tiedPositives := 0, 0
		for at+ties < len(order) && scores[order[at+ties]] == scores[order[at]] {
			if positive[order[at+ties]] {
				tiedPositives++
			}
			ties++
		}
		ties = max(ties, 1) // a NaN equals nothing, not even itself
		tiedNegatives := ties - tiedPositives
		wins += float64(tiedPositives) * (float64(below) + float64(tiedNegatives)/2)
		below += tiedNegatives
		positives += tiedPositives
		at += ties
	}
	return wins / (float64(positives) * float64(below))
}

// mean is NaN of nothing.
type mean struct {
	sum float64
	n   int
}

func (m *mean) add(v float64) { m.sum += v; m.n++ }
func (m mean) value() float64 { return m.sum / float64(m.n) }

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// largest returns the index of the largest element, the first of equals.
func largest[F float32 | float64](x []F) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}

// softmax writes the class probabilities of a row of logits to p.
func softmax(p, logits []float64) {
	top, sum := slices.Max(logits), 0.0
	for i, v := range logits {
		p[i] = math.Exp(v - top)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
}
