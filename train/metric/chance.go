package metric

import (
	"fmt"
	"math"
)

// chanceLevel is how improbable a result must be for an answer that is always the same.
const chanceLevel = 0.01

// chanceDeviation is the same of a normal distribution, in standard deviations.
const chanceDeviation = 2.326

// Chance says in a sentence that the accuracy may be chance; empty if it is not. It may be if both tests fail
// at a level of 0.01: answers that are always the largest class would be right as often (the exact binomial
// test against the share of that class), and so would these answers if they had nothing to do with the labels
// (the test of Cohen's kappa). The classes may be nil.
//
// Source: Clopper, Pearson, Biometrika 26 (1934); Fleiss, Cohen, Everitt, Psychological Bulletin 72 (1969).
func (m *Classification) Chance(classes []string) string {
	if m == nil {
		return ""
	}
	images, right, largest, labelled, predicted := m.margins()
	if images == 0 {
		return ""
	}
	most := labelled[largest]
	if most == images || binomialTail(images, right, float64(most)/float64(images)) < chanceLevel ||
		agreement(images, right, labelled, predicted) > chanceDeviation {
		return ""
	}
	name := fmt.Sprint("class ", largest)
	if largest < len(classes) {
		name = classes[largest]
	}
	if right > most {
		return fmt.Sprintf("%d of %d right may be chance: so few images do not tell it from always "+
			"answering %s, the largest class, which gets %d right", right, images, name, most)
	}
	return fmt.Sprintf("%d of %d right is no better than chance: always answering %s, the largest class, "+
		"gets %d right", right, images, name, most)
}

// margins returns the numbers of images, of right answers, of the largest class, and of images by class and
// by answer.
func (m *Classification) margins() (images, right, largest int, labelled, predicted []int) {
	labelled, predicted = make([]int, len(m.Confusion)), make([]int, len(m.Confusion))
	for c, row := range m.Confusion {
		for d, n := range row[:min(len(row), len(predicted))] {
			labelled[c] += n
			predicted[d] += n
			images += n
			if c == d {
				right += n
			}
		}
		if labelled[c] > labelled[largest] {
			largest = c
		}
	}
	return images, right, largest, labelled, predicted
}

// agreement returns how many standard deviations the number of right answers lies above that of answers as
// often given, but drawn by lot; 0 if these have none.
func agreement(images, right int, labelled, predicted []int) float64 {
	n, mean, variance, both := float64(images), 0.0, 0.0, 0.0
	for c := range labelled {
		l, p := float64(labelled[c]), float64(predicted[c])
		mean += l * p / n
		variance += l*p*(n-l)*(n-p) - l*l*p*p
		both += l * p
	}
	// The sum over pairs of classes is (Σ lp)² − Σ (lp)².
	if variance += both * both; n < 2 || variance <= 0 {
		return 0
	}
	return (float64(right) - mean) / math.Sqrt(variance/(n*n*(n-1)))
}

// binomialTail returns the probability of at least k successes in n trials of probability p, in (0,1).
func binomialTail(n, k int, p float64) float64 {
	logFactorial := func(x int) float64 {
		v, _ := math.Lgamma(float64(x) + 1)
		return v
	}
	sum := 0.0
	for i := k; i <= n; i++ {
		sum += math.Exp(logFactorial(n) - logFactorial(i) - logFactorial(n-i) + float64(i)*math.Log(p) +
			float64(n-i)*math.Log1p(-p))
	}
	return math.Min(sum, 1)
}
