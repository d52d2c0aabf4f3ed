package losses

import "math"

// Targets is a form in which a target can be given to a loss.
type Targets int

const (
	// ClassIndices is (B): the index of each row's class, held as a float.
	ClassIndices Targets = iota
	// Probabilities has the prediction's shape (B, …): numbers in [0,1], such as a 1 for the right class and
	// 0 for the others.
	Probabilities
	// Numbers has the prediction's shape (B, …): any numbers.
	Numbers
)

// Targeted is a Loss that says which targets it takes, so that a trainer can make them of labels.
type Targeted interface {
	Loss

	// Takes reports whether the loss takes targets of that form, and the number that masks a row if it is all
	// of the row's target.
	Takes(t Targets) (mask float64, ok bool)
}

// Takes reports that class indices and probabilities are taken, the latter with a sum of 1 in each row.
func (CrossEntropy) Takes(t Targets) (mask float64, ok bool) {
	switch t {
	case ClassIndices:
		return -1, true
	case Probabilities:
		return 0, true
	}
	return 0, false
}

// Takes reports that probabilities are taken.
func (BinaryCrossEntropy) Takes(t Targets) (mask float64, ok bool) { return -1, t == Probabilities }

// Takes reports that any numbers are taken, and so are probabilities.
func (MSE) Takes(t Targets) (mask float64, ok bool) {
	return math.NaN(), t == Numbers || t == Probabilities
}

// Takes reports that numbers are taken: the logits of a teacher.
func (KLDivergence) Takes(t Targets) (mask float64, ok bool) { return math.NaN(), t == Numbers }
