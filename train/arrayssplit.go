package train

import (
	"cmp"
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
)

// Split returns copies of the examples in parts of those shares, drawn by the seed: each example is in one
// part. With Labels, each part has its share of each class, to within one example.
//
//	parts, err := all.Split(1, 0.8, 0.1, 0.1) // for training, validation and test
//
// A part keeps the order of its examples. It returns the errors of Spec, and one for shares that are not
// above 0 or do not sum to 1, and for a part that would be empty.
func (a Arrays) Split(seed uint64, shares ...float64) (parts []Arrays, err error) {
	if _, err := a.Spec(); err != nil {
		return nil, err
	}
	sum := 0.0
	for _, s := range shares {
		if !(s > 0) {
			return nil, errors.Errorf("arrays: shares %v, want each above 0", shares)
		}
		sum += s
	}
	if !(math.Abs(sum-1) < 1e-9) {
		return nil, errors.Errorf("arrays: shares %v sum to %v, want 1", shares, sum)
	}
	order, from, upTo := a.shuffled(seed), 0, 0.0
	for _, s := range shares {
		upTo += s
		to := int(math.Round(upTo * float64(len(order))))
		if to <= from {
			return nil, errors.Errorf("arrays: a share of %v of %d examples has none", s, len(order))
		}
		part, err := a.choose(slices.Sorted(slices.Values(order[from:to])))
		if err != nil {
			return nil, err
		}
		parts, from = append(parts, part), to
	}
	return parts, nil
}

// shuffled returns the numbers of the examples in a random order, in every stretch of which the classes have
// their shares.
func (a Arrays) shuffled(seed uint64) []int {
	order := data.Permutation(a.Len(), seed, 0)
	if a.Labels == nil {
		return order
	}
	size, met := map[int]int{}, map[int]int{} // by label
	for _, label := range a.Labels {
		size[label]++
	}
	place := make([]float64, len(order)) // of an example among those of its class, in [0,1)
	for _, i := range order {
		label := a.Labels[i]
		place[i] = (float64(met[label]) + 0.5) / float64(size[label])
		met[label]++
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(place[i], place[j]) })
	return order
}

// choose returns a copy of some examples.
func (a Arrays) choose(rows []int) (part Arrays, err error) {
	pick := func(t *tensor.Dense) *tensor.Dense {
		shape := t.Shape().Clone()
		shape[0] = len(rows)
		picked := tensor.New(tensor.WithShape(shape...), tensor.Of(t.Dtype()))
		err = cmp.Or(err, copyRows(picked, t, rows))
		return picked
	}
	for _, t := range a.Inputs {
		part.Inputs = append(part.Inputs, pick(t))
	}
	if a.Values != nil {
		part.Values = pick(a.Values)
	}
	for _, i := range rows {
		if a.Labels != nil {
			part.Labels = append(part.Labels, a.Labels[i])
		}
	}
	return part, err
}
