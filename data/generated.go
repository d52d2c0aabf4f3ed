package data

import (
	"context"
	"fmt"
)

// Generated sets need no file: each example is drawn from the name of the set, its split and its number, so
// that everybody has the same. They are tasks that a model solves by relating parts of an example to each
// other, which pictures of one thing hardly ask for. The classes of a split come in turn, so that they are
// equally frequent in any part of it.

// example is where one is drawn: pixels of a picture, or numbers of a sequence.
type example struct {
	Shape
	pixels  []uint8
	numbers []float32
}

// generated returns the row of a set that draw makes.
func generated(name, title string, shape Shape, classes []string, remark string,
	draw func(r *stream, e example, class int)) Info {
	const train, val, test = 20000, 2000, 4000
	return Info{
		Name: name, Title: title, Classes: classes, Shape: shape, Licence: "none: it is drawn", Remark: remark,
		Source: "this package", Train: train, Val: val, Test: test,
		load: func(ctx context.Context, set *Set, _ [][]byte) error {
			for i, part := range []struct {
				to *Split
				n  int
			}{{&set.Train, train}, {&set.Val, val}, {&set.Test, test}} {
				if err := ctx.Err(); err != nil {
					return err
				}
				*part.to = drawSplit(name, uint64(i), part.n, shape, len(classes), draw)
			}
			return nil
		},
	}
}

func drawSplit(name string, split uint64, n int, shape Shape, classes int,
	draw func(r *stream, e example, class int)) Split {
	s := Split{Shape: shape, Labels: make([]int, n)}
	size, key := shape.Len(), uint64(0)
	for _, c := range []byte(name) {
		key = key<<8 ^ key>>56 ^ uint64(c)
	}
	if shape.Kind() == Pictures {
		s.Images = make([]uint8, n*size)
	} else {
		s.Floats = make([]float32, n*size)
	}
	for i := range n {
		e := example{Shape: shape}
		if s.Images != nil {
			e.pixels = s.Images[i*size : (i+1)*size]
		} else {
			e.numbers = s.Floats[i*size : (i+1)*size]
		}
		s.Labels[i] = i % classes
		r := newStream(forGenerated, key, split, uint64(i))
		draw(&r, e, s.Labels[i])
	}
	return s
}

// generatedSets are the rows, in the table of sets behind the published ones.
func generatedSets() []Info {
	grey := func(side int) Shape { return Shape{side, side, 1} }
	unconnected := []string{"apart", "connected"}
	return []Info{
		generated("same-different", "Same or different", grey(32), []string{"different", "same"},
			"drawn: two shapes of 24 pixels in 10×10, one in each half, equal or not; no shape comes twice",
			drawSameDifferent),
		generated("counting", "Counting of crosses", grey(32), countedNames(8),
			"drawn: 4×4 patches of 8×8, with 0 to 7 crosses and up to 8 rings among them", drawCounting),
		generated("pathfinder-16", "Pathfinder, 16×16", grey(16), unconnected,
			"drawn: two dashed paths and shorter ones, and two dots at the ends of one path or of two",
			func(r *stream, e example, class int) { drawPathfinder(r, e, class, 2, 1) }),
		generated("pathfinder-32", "Pathfinder, 32×32", grey(32), unconnected,
			"drawn: two dashed paths and shorter ones, and two dots at the ends of one path or of two",
			func(r *stream, e example, class int) { drawPathfinder(r, e, class, 5, 3) }),
		generated("hidden-circuit", "Match by a hidden circuit", Shape{Height: 16, Channels: 16}, countedNames(15),
			"drawn: 16 vectors of 16 numbers, one of the last 15 is what a fixed circuit of 8 rotations "+
				"makes of the "+
				"first; which one", drawMatch(hiddenCircuit())),
		generated("hidden-rotation", "Match by a hidden rotation", Shape{Height: 16, Channels: 16},
			countedNames(15),
			"drawn: as hidden-circuit, with a fixed random rotation of 16 axes, which no shallow circuit makes",
			drawMatch(hiddenRotation())),
		recall("recall-16", "Associative recall, 16 steps", 16, 0.25,
			"drawn: 15 pairs of a new key and one of ten values, and a key again, with noise of 0.25; its "+
				"value is asked for"),
		recall("recall-64", "Associative recall, 64 steps", 64, 0.25,
			"drawn: 63 pairs of a new key and one of ten values, and a key again, with noise of 0.25; its "+
				"value is asked for"),
		recall("recall-64-noisy", "Associative recall, 64 steps, noisy", 64, 1,
			"drawn: as recall-64, with noise as large as the key itself"),
	}
}

func countedNames(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprint(i))
	}
	return names
}
