package data

import (
	"context"
	"slices"
)

// eureka is the row of a grid of digits and clothes that only a model which compares the digits can read.
//
// Source: Hoffmann et al., Eureka-Moments in Transformers, arXiv 2310.12956.
func eureka() Info {
	const train, val, test = 55000, 5000, 10000
	d := Info{
		Name: "eureka", Title: "Eureka", Classes: clothes, Shape: Shape{56, 56, 1}, Licence: "CC BY-SA 3.0 and MIT",
		Source: "MNIST and Fashion-MNIST", Train: train, Val: val, Test: test,
		Remark: "drawn of MNIST and Fashion-MNIST: a digit above on the left and below on the right, " +
			"clothes elsewhere; if the digits are equal, what is above on the right is asked for, and " +
			"otherwise what is below on the left",
		load: func(ctx context.Context, set *Set, files [][]byte) error {
			digits, items := &Set{Classes: digits}, &Set{Classes: clothes}
			if err := loadIDX(ctx, digits, files[:4]); err != nil {
				return err
			}
			if err := loadIDX(ctx, items, files[4:]); err != nil {
				return err
			}
			for i, part := range []struct {
				to       *Split
				from     Split
				first, n int // images of both sets that it is drawn of
				other    Split
			}{
				{&set.Train, digits.Train, 0, train, items.Train},
				{&set.Val, digits.Train, train, val, items.Train},
				{&set.Test, digits.Test, 0, test, items.Test},
			} {
				if err := ctx.Err(); err != nil {
					return err
				}
				*part.to = drawGrids(uint64(i), part.n, part.from.byClass(part.first, part.n, len(digits.Classes)),
					part.other.byClass(part.first, part.n, len(items.Classes)))
			}
			return nil
		},
	}
	for _, of := range []string{"mnist", "fashion-mnist"} {
		files := slices.Clone(listed[slices.IndexFunc(listed, func(d Info) bool { return d.Name == of })].Files)
		for i := range files {
			files[i].Set = of
		}
		d.Files = append(d.Files, files...)
	}
	return d
}

// byClass returns the pictures of each class among n of a split, from the first on.
func (s Split) byClass(first, n, classes int) [][][]uint8 {
	out, size := make([][][]uint8, classes), s.Shape.Len()
	for i := first; i < first+n; i++ {
		out[s.Labels[i]] = append(out[s.Labels[i]], s.Images[i*size:(i+1)*size])
	}
	return out
}

// drawGrids draws n grids of pictures of 28×28. In half of them, by the number and not by chance, the digits
// are equal.
func drawGrids(split uint64, n int, digits, items [][][]uint8) Split {
	const side = 28
	s := Split{Shape: Shape{2 * side, 2 * side, 1}, Labels: make([]int, n), Images: make([]uint8, n*4*side*side)}
	for i := range n {
		r := newStream(forGenerated, 3, split, uint64(i))
		one := func(of [][]uint8) []uint8 { return of[r.intn(len(of))] }
		class, equal := i%len(items), i/len(items)%2 == 0
		left := r.intn(len(digits))
		right := left
		if !equal {
			right = (left + 1 + r.intn(len(digits)-1)) % len(digits)
		}
		answer, other := one(items[class]), one(items[r.intn(len(items))])
		if !equal {
			answer, other = other, answer
		}
		grid := s.Images[i*4*side*side:][:4*side*side]
		for q, picture := range [4][]uint8{one(digits[left]), answer, other, one(digits[right])} {
			for y := range side {
				copy(grid[(q/2*side+y)*2*side+q%2*side:][:side], picture[y*side:])
			}
		}
		s.Labels[i] = class
	}
	return s
}
