package chart

import (
	"fmt"
	"image"
	"io"
	"math"
	"strconv"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/draw"
)

// Confusion draws a confusion matrix with its counts, the first class at the top left. A cell is darker the
// larger its fraction of the images with that label: correct predictions are blue, mistakes orange. The
// colour follows the square root of the fraction, so that rare mistakes are visible.
//
//	counts   [label][predicted], square, none negative
//	classes  a name for each; nil: 0, 1, …
//
// It returns an error if the sizes do not fit or a count is negative.
func Confusion(w io.Writer, title string, counts [][]int, classes []string) error {
	n := len(counts)
	if classes == nil {
		for c := range n {
			classes = append(classes, strconv.Itoa(c))
		}
	}
	if n == 0 || len(classes) != n {
		return errors.Errorf("chart: confusion: %d names for %d classes, want the same, at least 1",
			len(classes), n)
	}
	if err := checkCounts(counts); err != nil {
		return err
	}
	cell := 38.0
	switch {
	case n < 5:
		cell = 72
	case n > 20:
		cell = 24
	}
	names := make([]string, n)
	for i, name := range classes {
		names[i] = ticks.Cut(name, longestClass)
	}
	beside, below, upright := widest(ticks, names), ticks.Size+2, widest(ticks, names) > cell-4
	if upright {
		below = beside + 4
	}
	side := cell * float64(n)
	p, box := newPicture(title, "Confusion matrix", showsConfusion(counts),
		side+beside+nameSpace+2*margin+tickSpace+12, side+below+nameSpace+2*margin+4)
	left := box.Left + (box.Width()-side-beside-nameSpace-tickSpace)/2 + beside + nameSpace + tickSpace
	top := box.Top
	for i, name := range names {
		middle := cell * (float64(i) + 0.5)
		p.Text(anchored(ticks, draw.End), draw.At(left-tickSpace, top+middle), name)
		if upright {
			p.Text(draw.Face{Size: ticks.Size, Anchor: draw.End, Up: true},
				draw.At(left+middle, top+side+tickSpace), name)
			continue
		}
		p.Text(anchored(ticks, draw.Middle), draw.At(left+middle, top+side+10), name)
	}
	up := draw.Face{Size: labels.Size, Anchor: draw.Middle, Up: true}
	p.Text(up, draw.At(left-beside-tickSpace-nameSpace/2, top+side/2), "label")
	p.Text(anchored(labels, draw.Middle),
		draw.At(left+side/2, top+side+below+nameSpace/2+4), "predicted")
	paintCells(p, draw.At(left, top), cell, counts)
	return p.Write(w, SVG)
}

// showsConfusion says what a confusion matrix shows.
func showsConfusion(counts [][]int) string {
	correct, total := 0, 0
	for label, row := range counts {
		correct, total = correct+row[label], total+sum(row)
	}
	return fmt.Sprintf("%d classes: %d of %d images are on the diagonal.",
		len(counts), correct, total)
}

// paintCells draws the cells of a confusion matrix with its top left corner at a point.
func paintCells(p *draw.Picture, at draw.Point, cell float64, counts [][]int) {
	face := anchored(ticks, draw.Middle)
	for _, row := range counts {
		for _, count := range row {
			if width := face.Width(strconv.Itoa(count)); width > cell-4 {
				face.Size *= (cell - 4) / width
			}
		}
	}
	for label, row := range counts {
		total := sum(row)
		for predicted, count := range row {
			if count == 0 {
				continue
			}
			b := draw.Box{Left: at.X + cell*float64(predicted), Top: at.Y + cell*float64(label)}
			b.Right, b.Bottom = b.Left+cell, b.Top+cell
			hue, strength := mistaken, shade(count, total)
			if label == predicted {
				hue = correct
			}
			if strength > 0 {
				p.Rect(draw.Style{Fill: hue, Opacity: strength}, b)
			}
			face.Colour = draw.Ink
			if strength > 0.7 {
				face.Colour = white
			}
			p.Text(face, draw.At(b.Left+cell/2, b.Top+cell/2), strconv.Itoa(count))
		}
	}
	side := cell * float64(len(counts))
	for i := range len(counts) + 1 {
		along := cell * float64(i)
		p.Line(grid, draw.At(at.X+along, at.Y), draw.At(at.X+along, at.Y+side))
		p.Line(grid, draw.At(at.X, at.Y+along), draw.At(at.X+side, at.Y+along))
	}
}

// The colours of cells, under white or black counts on any page.
var (
	correct  = draw.NewColour("correct", 0x1f6fb4, 0x2a7cc2)
	mistaken = draw.NewColour("mistaken", 0xd95f02, 0xd96a14)
	white    = draw.NewColour("white", 0xffffff, 0xffffff)
)

func sum(row []int) (total int) {
	for _, count := range row {
		total += count
	}
	return total
}

// checkCounts returns an error unless counts are square and none is negative.
func checkCounts(counts [][]int) error {
	for label, row := range counts {
		if len(row) != len(counts) {
			return errors.Errorf("chart: confusion: row %d has %d counts, want %d",
				label, len(row), len(counts))
		}
		for predicted, count := range row {
			if count < 0 {
				return errors.Errorf("chart: confusion: count %d of label %d predicted as %d, want 0 or more",
					count, label, predicted)
			}
		}
	}
	return nil
}

// ConfusionMap draws a confusion matrix of many classes, with the colours of Confusion but without counts and
// names: the first class at the top left, every tenth one numbered. It returns an error unless counts are
// square, with at least one class, and none is negative.
func ConfusionMap(w io.Writer, title string, counts [][]int) error {
	n := len(counts)
	if n == 0 {
		return errors.New("chart: confusion: no classes")
	}
	if err := checkCounts(counts); err != nil {
		return err
	}
	img := image.NewNRGBA(image.Rect(0, 0, n, n))
	for label, row := range counts {
		total := sum(row)
		for predicted, count := range row {
			hue := mistaken.Light
			if label == predicted {
				hue = correct.Light
			}
			hue.A = uint8(math.Round(255 * shade(count, total)))
			img.SetNRGBA(predicted, label, hue)
		}
	}
	p, box := newPicture(title, "Confusion matrix", showsConfusion(counts), 400, 400)
	x, y := axis{name: "predicted", high: float64(n)}, axis{name: "label", low: float64(n)} // first on top
	for c := 0; c < n; c += 10 {
		t := tick{float64(c) + 0.5, strconv.Itoa(c)}
		x.ticks, y.ticks = append(x.ticks, t), append(y.ticks, t)
	}
	a := newArea(box, x, y)
	a.paint(p)
	p.Image(a.Box, img)
	paintOutline(p, a.Box)
	return p.Write(w, SVG)
}

// shade returns how strong the colour of a cell is: 0 for none of the images, 1 for all.
func shade(count, total int) float64 {
	const least = 0.06 // one image of many can be seen
	if total <= 0 || count <= 0 {
		return 0
	}
	return min(least+(1-least)*math.Sqrt(float64(count)/float64(total)), 1)
}

// paintOutline draws the edge of a box.
func paintOutline(p *draw.Picture, b draw.Box) { p.Rect(draw.Style{Stroke: draw.Faint}, b) }
