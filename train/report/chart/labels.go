package chart

import (
	"cmp"
	"math"
	"slices"

	"github.com/hqvit/hqvit/internal/draw"
)

// spreadLabels returns heights near the wanted ones, in the same order, that are at least a step apart and
// within [low, high], as long as there is room.
func spreadLabels(wanted []float64, step, low, high float64) []float64 {
	order := make([]int, len(wanted))
	for i := range order {
		order[i] = i
	}
	// Of equal heights, the first label is above.
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(wanted[a], wanted[b]) })
	// A run of labels that touch moves as one, to the mean of the heights they want.
	type run struct {
		middle float64
		count  int
	}
	limit := func(r run) run {
		half := step * float64(r.count-1) / 2
		r.middle = max(min(r.middle, high-half), low+half)
		return r
	}
	var runs []run
	for _, i := range order {
		runs = append(runs, limit(run{wanted[i], 1}))
		for len(runs) > 1 {
			a, b := runs[len(runs)-2], runs[len(runs)-1]
			if b.middle-a.middle >= step*float64(a.count+b.count)/2 {
				break
			}
			n := float64(a.count + b.count)
			merged := run{(a.middle*float64(a.count) + b.middle*float64(b.count)) / n, a.count + b.count}
			runs = append(runs[:len(runs)-2], limit(merged))
		}
	}
	heights, next := make([]float64, len(wanted)), 0
	for _, r := range runs {
		for k := range r.count {
			heights[order[next]] = r.middle + step*(float64(k)-float64(r.count-1)/2)
			next++
		}
	}
	return heights
}

// mark is a point with a label beside it and a bar from top to bottom through it.
type mark struct {
	name        string
	at          draw.Point
	top, bottom float64
	hue         draw.Colour
}

const markRadius = 4

// separateMarks moves marks sideways until none covers the bar of another.
func separateMarks(marks []mark) {
	const width = 2*markRadius + 1
	for i := range marks {
		home := marks[i].at.X
		for try := 0; ; try++ {
			side := float64((try+1)/2) * width
			if try%2 == 0 {
				side = -side
			}
			marks[i].at.X = home + side
			if !slices.ContainsFunc(marks[:i], func(m mark) bool { return m.covers(marks[i], width) }) {
				break
			}
		}
	}
}

// covers reports whether two marks are less than a width apart and their bars are at the same height.
func (m mark) covers(other mark, width float64) bool {
	return math.Abs(m.at.X-other.at.X) < width-0.01 &&
		m.top < other.bottom+2*markRadius && other.top < m.bottom+2*markRadius
}

// paintLabels writes the name of each mark where no other name, mark or bar is, with a line to the mark
// unless it is right beside it.
func (a area) paintLabels(p *draw.Picture, marks []mark) {
	var taken []draw.Box
	for _, m := range marks {
		taken = append(taken, draw.Around(m.at, markRadius+1, markRadius+1),
			draw.Box{Left: m.at.X - 1.5, Top: m.top, Right: m.at.X + 1.5, Bottom: m.bottom})
	}
	// From the top, so that the labels of a crowd move the same way.
	order := slices.Clone(marks)
	slices.SortStableFunc(order, func(a, b mark) int { return cmp.Compare(a.at.Y, b.at.Y) })
	for _, m := range order {
		name := labels.Cut(m.name, longestModel)
		half := draw.At(labels.Width(name)/2+2, labels.Size/2+1)
		place, line, ok := a.findPlace(m, half, taken, false)
		if !ok {
			if place, line, ok = a.findPlace(m, half, taken, true); !ok {
				continue // no room; tables have the name
			}
		}
		if line != nil {
			p.Line(draw.Style{Stroke: m.hue, Width: 0.7}, m.at, *line)
			for _, dot := range dotsBetween(m.at, *line) { // so that no name covers the line
				taken = append(taken, draw.Around(dot, 1, 1))
			}
		}
		p.Text(anchored(labels, draw.Middle), place, name)
		taken = append(taken, draw.Around(place, half.X, half.Y))
	}
}

// findPlace returns the middle of the nearest free place for a text of that half width and height, and the
// end of the line to it from the mark, nil if it is right beside the mark. Unless cross is set, the line
// touches nothing.
func (a area) findPlace(m mark, half draw.Point, taken []draw.Box, cross bool) (place draw.Point,
	line *draw.Point, ok bool) {
	own := func(b draw.Box) bool { return b.Contains(draw.Around(m.at, 0, 0)) }
	for ring := range 24 {
		reach := markRadius + 3 + 6*float64(ring)
		for direction := range 16 {
			// Right and left first, above and below last.
			angle := []float64{0, 8, 1, 15, 7, 9, 2, 14, 6, 10, 3, 13, 5, 11, 4, 12}[direction] * math.Pi / 8
			place := draw.At(m.at.X+math.Cos(angle)*(reach+half.X), m.at.Y-math.Sin(angle)*(reach+half.Y))
			b := draw.Around(place, half.X, half.Y)
			if !a.Contains(b) || slices.ContainsFunc(taken, b.Overlaps) {
				continue
			}
			if ring == 0 && direction < 2 {
				return place, nil, true
			}
			// The line ends at the nearest point of the text.
			end := draw.At(max(b.Left, min(m.at.X, b.Right)), max(b.Top, min(m.at.Y, b.Bottom)))
			crosses := slices.ContainsFunc(dotsBetween(m.at, end), func(dot draw.Point) bool {
				return slices.ContainsFunc(taken, func(t draw.Box) bool {
					return !own(t) && t.Overlaps(draw.Around(dot, 0.5, 0.5))
				})
			})
			if cross || !crosses {
				return place, &end, true
			}
		}
	}
	return draw.Point{}, nil, false
}

// dotsBetween returns points along the line from a to b.
func dotsBetween(a, b draw.Point) []draw.Point {
	dots := make([]draw.Point, 20)
	for i := range dots {
		part := float64(i) / float64(len(dots))
		dots[i] = draw.At(a.X+part*(b.X-a.X), a.Y+part*(b.Y-a.Y))
	}
	return dots
}
