package data

import (
	"cmp"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
)

// holdOut moves n examples of the training split to another split, chosen by
// the seed: of each class its share, to within one example. Both parts keep
// the order of the file. The training images move up in place.
func (s *Set) holdOut(to *Split, n int, seed uint64) error {
	total := s.Train.Len()
	if n >= total {
		return errors.Errorf("cannot hold out %d of %d training %s", n, total,
			words.Noun(total, s.Train.Kind().Noun()))
	}
	if n <= 0 {
		return nil
	}
	labels, classes := s.Train.Labels, len(s.Classes)
	if labels == nil { // labels or values, drawn as one class
		labels, classes = make([]int, total), 1
	}
	chosen, outputs := stratified(labels, classes, n, seed), s.Train.Outputs()
	size, bytes := s.Train.Shape.Len(), s.Train.Images != nil
	held := Split{Shape: s.Train.Shape, Target: s.Train.Target}
	if outputs == 0 {
		held.Labels = make([]int, 0, n)
	}
	if bytes {
		held.Images = make([]uint8, 0, n*size)
	}
	rest := s.Train
	rest.Images, rest.Floats, rest.Labels = rest.Images[:0], rest.Floats[:0], rest.Labels[:0]
	rest.Targets = rest.Targets[:0]
	for i, label := range labels {
		part := &rest
		if chosen[i] {
			part = &held
		}
		if outputs == 0 {
			part.Labels = append(part.Labels, label)
		} else {
			part.Targets = append(part.Targets, s.Train.Targets[i*outputs:(i+1)*outputs]...)
		}
		if bytes {
			part.Images = append(part.Images, s.Train.Images[i*size:(i+1)*size]...)
		} else {
			part.Floats = append(part.Floats, s.Train.Floats[i*size:(i+1)*size]...)
		}
	}
	s.Train, *to = rest, held
	return nil
}

// stratified marks n of the labelled images, from each class in proportion
// to its size by the method of largest remainders.
func stratified(labels []int, classes, n int, seed uint64) []bool {
	members := make([][]int, classes)
	for i, label := range labels {
		members[label] = append(members[label], i)
	}
	quota := make([]int, classes)
	left := n
	byRemainder := make([]int, classes)
	for class, m := range members {
		quota[class] = len(m) * n / len(labels)
		left -= quota[class]
		byRemainder[class] = class
	}
	slices.SortStableFunc(byRemainder, func(a, b int) int {
		return cmp.Compare(len(members[b])*n%len(labels), len(members[a])*n%len(labels))
	})
	for _, class := range byRemainder[:left] {
		quota[class]++
	}
	chosen := make([]bool, len(labels))
	for class, m := range members {
		random := newStream(forSplit, seed, uint64(class))
		random.shuffle(m)
		for _, i := range m[:quota[class]] {
			chosen[i] = true
		}
	}
	return chosen
}
