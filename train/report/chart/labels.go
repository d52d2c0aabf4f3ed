package chart

import (
	"cmp"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// spreadLabels returns heights near the wanted ones, in the same order, that are at least a step apart and
// within [low, high], as long as there is room.
func spreadLabels(wanted []vg.Length, step, low, high vg.Length) []vg.Length {
	order := make([]int, len(wanted))
	for i := range order {
		order[i] = i
	}
	// Of equal heights, the first label is above.
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(wanted[a], wanted[b]), b-a) })
	// A run of labels that touch moves as one, to the mean of the heights they want.
	type run struct {
		middle vg.Length
		count  int
	}
	limit := func(r run) run {
		half := step * vg.Length(r.count-1) / 2
		r.middle = max(min(r.middle, high-half), low+half)
		return r
	}
	var runs []run
	for _, i := range order {
		runs = append(runs, limit(run{wanted[i], 1}))
		for len(runs) > 1 {
			a, b := runs[len(runs)-2], runs[len(runs)-1]
			if b.middle-a.middle >= step*vg.Length(a.count+b.count)/2 {
				break
			}
			n := vg.Length(a.count + b.count)
			merged := run{(a.middle*vg.Length(a.count) + b.middle*vg.Length(b.count)) / n, a.count + b.count}
			runs = append(runs[:len(runs)-2], limit(merged))
		}
	}
	heights, next := make([]vg.Length, len(wanted)), 0
	for _, r := range runs {
		for k := range r.count {
			heights[order[next]] = r.middle + step*(vg.Length(k)-vg.Length(r.count-1)/2)
			next++
		}
	}
	return heights
}

// mark is a point with a label beside it and a bar from low to high through it.
type mark struct {
	name      string
	at        vg.Point
	low, high vg.Length
	hue       color.Color
}

const markRadius = 4

// separateMarks moves marks sideways until none covers the bar of another.
func separateMarks(marks []mark) {
	const width = 2*markRadius + 1
	for i := range marks {
		home := marks[i].at.X
		for try := 0; ; try++ {
			side := vg.Length((try+1)/2) * width
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
func (m mark) covers(other mark, width vg.Length) bool {
	return math.Abs(float64(m.at.X-other.at.X)) < float64(width)-0.01 &&
		m.low-2*markRadius < other.high && other.low-2*markRadius < m.high
}

// drawLabels writes the name of each mark where no other name, mark or bar is, with a line to the mark unless
// it is right beside it.
func drawLabels(c draw.Canvas, style text.Style, marks []mark) {
	style.XAlign, style.YAlign = text.XLeft, text.YCenter
	var taken []vg.Rectangle
	for _, m := range marks {
		taken = append(taken, box(m.at, markRadius+1, markRadius+1))
		taken = append(taken, vg.Rectangle{Min: vg.Point{X: m.at.X - 1.5, Y: m.low},
			Max: vg.Point{X: m.at.X + 1.5, Y: m.high}})
	}
	// From the top, so that the labels of a crowd move the same way.
	order := slices.Clone(marks)
	slices.SortStableFunc(order, func(a, b mark) int { return cmp.Compare(b.at.Y, a.at.Y) })
	for _, m := range order {
		name := truncate(m.name, longestModel)
		half := vg.Point{X: style.Width(name)/2 + 1, Y: style.FontExtents().Ascent/2 + 1}
		place, line, ok := findPlace(c, m, half, taken, false)
		if !ok {
			if place, line, ok = findPlace(c, m, half, taken, true); !ok {
				continue // no room; tables have the name
			}
		}
		if line != nil {
			c.StrokeLine2(draw.LineStyle{Color: m.hue, Width: 0.6}, m.at.X, m.at.Y, line.X, line.Y)
			for step := range 20 { // so that no name covers the line
				taken = append(taken, box(pointBetween(m.at, *line, vg.Length(step)/20), 1, 1))
			}
		}
		c.FillText(style, vg.Point{X: place.X - half.X + 1, Y: place.Y}, name)
		taken = append(taken, box(place, half.X, half.Y))
	}
}

// findPlace returns the middle of the nearest free place for a text of that half width and height, and the
// end of the line to it from the mark, nil if it is right beside the mark. Unless cross is set, the line
// touches nothing.
func findPlace(c draw.Canvas, m mark, half vg.Point, taken []vg.Rectangle, cross bool) (place vg.Point,
	line *vg.Point, ok bool) {
	own := func(r vg.Rectangle) bool {
		return r.Min.X <= m.at.X && m.at.X <= r.Max.X && r.Min.Y <= m.at.Y && m.at.Y <= r.Max.Y
	}
	for ring := range 24 {
		reach := markRadius + 3 + 6*vg.Length(ring)
		for direction := range 16 {
			// Right and left first, above and below last.
			angle := []float64{0, 8, 1, 15, 7, 9, 2, 14, 6, 10, 3, 13, 5, 11, 4, 12}[direction] * math.Pi / 8
			dx, dy := vg.Length(math.Cos(angle)), vg.Length(math.Sin(angle))
			place := vg.Point{X: m.at.X + dx*(reach+half.X), Y: m.at.Y + dy*(reach+half.Y)}
			b := box(place, half.X, half.Y)
			if !c.Contains(b.Min) || !c.Contains(b.Max) ||
				slices.ContainsFunc(taken, func(t vg.Rectangle) bool { return overlap(b, t) }) {
				continue
			}
			if ring == 0 && direction < 2 {
				return place, nil, true
			}
			// The line ends at the nearest point of the text.
			end := vg.Point{X: max(b.Min.X, min(m.at.X, b.Max.X)), Y: max(b.Min.Y, min(m.at.Y, b.Max.Y))}
			crosses := false
			for step := range 20 {
				if cross {
					break
				}
				dot := box(pointBetween(m.at, end, vg.Length(step)/20), 0.5, 0.5)
				hit := func(t vg.Rectangle) bool { return !own(t) && overlap(dot, t) }
				crosses = crosses || slices.ContainsFunc(taken, hit)
			}
			if !crosses {
				return place, &end, true
			}
		}
	}
	return vg.Point{}, nil, false
}

// pointBetween returns the point at a fraction of the way from a to b.
func pointBetween(a, b vg.Point, fraction vg.Length) vg.Point {
	return vg.Point{X: a.X + fraction*(b.X-a.X), Y: a.Y + fraction*(b.Y-a.Y)}
}

// overlap reports whether two rectangles have a common point inside.
func overlap(a, b vg.Rectangle) bool {
	return a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y
}

// box returns the rectangle around a point with half the width x and half the height y.
func box(middle vg.Point, x, y vg.Length) vg.Rectangle {
	return vg.Rectangle{
		Min: vg.Point{X: middle.X - x, Y: middle.Y - y}, Max: vg.Point{X: middle.X + x, Y: middle.Y + y},
	}
}
