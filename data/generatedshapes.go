package data

import (
	"image"
	"math"
)

// set lights a pixel of a picture.
func (e example) set(x, y int) { e.pixels[y*e.Width+x] = 255 }

const (
	glyphSide  = 10
	glyphCells = 24
)

// glyph is a connected shape of glyphCells cells of a square of glyphSide.
type glyph [glyphSide * glyphSide]bool

// drawGlyph grows a shape from the middle, a neighbour of what is there at a time.
func drawGlyph(r *stream) (g glyph) {
	cells := []int{glyphSide/2*glyphSide + glyphSide/2}
	g[cells[0]] = true
	for len(cells) < glyphCells {
		from := cells[r.intn(len(cells))]
		x, y := from%glyphSide, from/glyphSide
		switch r.intn(4) {
		case 0:
			x++
		case 1:
			x--
		case 2:
			y++
		default:
			y--
		}
		if at := y*glyphSide + x; x >= 0 && x < glyphSide && y >= 0 && y < glyphSide && !g[at] {
			g[at] = true
			cells = append(cells, at)
		}
	}
	return g
}

// drawSameDifferent puts one shape into each half of a picture: class 1 one shape twice.
func drawSameDifferent(r *stream, e example, class int) {
	first := drawGlyph(r)
	second := drawGlyph(r)
	if class == 1 {
		second = first
	}
	half := e.Width / 2
	for i, g := range []glyph{first, second} {
		x0, y0 := i*half+r.intn(half-glyphSide+1), r.intn(e.Height-glyphSide+1)
		for at, on := range g {
			if on {
				e.set(x0+at%glyphSide, y0+at/glyphSide)
			}
		}
	}
}

// drawCounting marks as many patches with crosses as the class says, and others with rings.
func drawCounting(r *stream, e example, class int) {
	const side, patches = 8, 16
	order := make([]int, patches)
	for i := range order {
		order[i] = i
	}
	r.shuffle(order)
	marks := class + r.intn(9)
	for i, patch := range order[:marks] {
		x0, y0 := patch%4*side+1+r.intn(2), patch/4*side+1+r.intn(2)
		for k := range 5 {
			if i < class { // a cross of two diagonals
				e.set(x0+k, y0+k)
				e.set(x0+k, y0+4-k)
			} else if k > 0 && k < 4 { // a ring
				e.set(x0+k, y0)
				e.set(x0+k, y0+4)
				e.set(x0, y0+k)
				e.set(x0+4, y0+k)
			}
		}
	}
}

// drawPathfinder draws two long paths of so many dashes and as many distractors of a third of that, and two
// dots: at both ends of one of the long paths (class 1), or at one end of each.
func drawPathfinder(r *stream, e example, class, dashes, distractors int) {
	for {
		clear(e.pixels)
		taken := make([]bool, len(e.pixels)) // and what is next to it
		first, ok1 := e.path(r, taken, dashes)
		second, ok2 := e.path(r, taken, dashes)
		ok := ok1 && ok2
		for range distractors {
			_, drawn := e.path(r, taken, max(1, dashes/3))
			ok = ok && drawn
		}
		if !ok {
			continue
		}
		ends := [2]image.Point{first[0], first[1]}
		if class == 0 {
			ends = [2]image.Point{first[r.intn(2)], second[r.intn(2)]}
			// As far apart as the ends of a path, so that the distance tells nothing.
			if math.Abs(apart(ends)-apart(first)) > 2 {
				continue
			}
		}
		for _, p := range ends {
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					e.set(p.X+dx, p.Y+dy)
				}
			}
		}
		return
	}
}

func apart(p [2]image.Point) float64 {
	d := p[0].Sub(p[1])
	return math.Hypot(float64(d.X), float64(d.Y))
}

// path draws a dashed path that bends a little at each dash and keeps away from all others, and returns its
// ends. It returns false, and may have drawn a part, if it finds no room.
func (e example) path(r *stream, taken []bool, dashes int) (ends [2]image.Point, ok bool) {
	const dash, gap, margin = 2.5, 1.5, 2
	for range 40 {
		x, y := margin+r.Float64()*float64(e.Width-2*margin-1), margin+r.Float64()*float64(e.Height-2*margin-1)
		heading := 2 * math.Pi * r.Float64()
		var points []image.Point
		free := true
		for k := 0; k < dashes && free; k++ {
			for s := 0.0; s < dash+gap; s += 0.5 {
				p := image.Pt(int(math.Round(x)), int(math.Round(y)))
				inside := p.X >= margin && p.X < e.Width-margin && p.Y >= margin && p.Y < e.Height-margin
				if free = inside && !taken[p.Y*e.Width+p.X]; !free {
					break
				}
				last := k == dashes-1 && s >= dash
				if s < dash && !last {
					points = append(points, p)
				}
				x, y = x+0.5*math.Cos(heading), y+0.5*math.Sin(heading)
			}
			heading += 0.6 * r.symmetric()
		}
		if !free {
			continue
		}
		for _, p := range points {
			e.set(p.X, p.Y)
			for dy := -2; dy <= 2; dy++ {
				for dx := -2; dx <= 2; dx++ {
					if q := p.Add(image.Pt(dx, dy)); q.In(image.Rect(0, 0, e.Width, e.Height)) {
						taken[q.Y*e.Width+q.X] = true
					}
				}
			}
		}
		return [2]image.Point{points[0], points[len(points)-1]}, true
	}
	return ends, false
}
