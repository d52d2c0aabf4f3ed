package chart

import (
	"io"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/draw"
)

// Curve is a line over the epochs 1, 2, ….
type Curve struct {
	Name   string
	Values []float64 // of epochs 1, 2, …; a value that is not finite, or above 1e100, leaves a gap
}

// Panel is one diagram with one or two curves.
type Panel struct {
	Name   string // of the vertical axis
	Curves []Curve
}

// Curves draws panels side by side under a title. The first curve of a panel is blue, the second orange. It
// returns an error if there is no panel, or a panel does not have 1 or 2 curves with a finite value.
func Curves(w io.Writer, title string, panels []Panel) error {
	if len(panels) == 0 {
		return errors.New("chart: curves: no panels")
	}
	const panelWidth, gap = 370.0, 20.0
	names := make([]string, len(panels))
	for i, panel := range panels {
		names[i] = panel.Name
	}
	shows := strings.Join(names, " and ") + " over the epochs."
	p, box := newPicture(title, "Curves", shows, panelWidth*float64(len(panels)), 270)
	each := (box.Width() - gap*float64(len(panels)-1)) / float64(len(panels))
	for i, panel := range panels {
		left := box.Left + float64(i)*(each+gap)
		part := draw.Box{Left: left, Top: box.Top, Right: left + each, Bottom: box.Bottom}
		if err := panel.paint(p, part); err != nil {
			return err
		}
	}
	return p.Write(w, SVG)
}

func (panel Panel) paint(p *draw.Picture, box draw.Box) error {
	var finite []float64
	epochs := 0
	for _, c := range panel.Curves {
		epochs = max(epochs, len(c.Values))
		for _, v := range c.Values {
			if drawable(v) {
				finite = append(finite, v)
			}
		}
	}
	if len(panel.Curves) < 1 || len(panel.Curves) > 2 || len(finite) == 0 {
		return errors.Errorf("chart: curves: panel %q has %d curves with %d finite values, "+
			"want 1 or 2 curves and a value", panel.Name, len(panel.Curves), len(finite))
	}
	low, high := padRange(slices.Min(finite), slices.Max(finite))
	x := axis{name: "epoch", ticks: linearTicks(1, float64(epochs), 10, true)}
	margin := math.Max(0.04*float64(epochs-1), 0.1)
	x.low, x.high = 1-margin, float64(epochs)+margin
	box.Top += legendHeight
	a := newArea(box, x.within(x.low, x.high), tickedAxis(panel.Name, linearTicks(low, high, 6, false)))
	a.paint(p)
	at := draw.At(a.Left, a.Top-legendHeight/2)
	for i, c := range panel.Curves {
		a.curve(p, stroke(i, 1.8), 1, c.Values, epochs <= 40)
		at.X = paintKey(p, stroke(i, 2), at, labels.Cut(c.Name, longestModel)) + 16
	}
	return nil
}

const legendHeight = 24 // of a line of names above an area

// paintKey draws a line and its name beside it, and returns where the name ends.
func paintKey(p *draw.Picture, s draw.Style, at draw.Point, name string) float64 {
	p.Line(s, at, draw.At(at.X+20, at.Y))
	p.Text(labels, draw.At(at.X+26, at.Y), name)
	return at.X + 26 + labels.Width(name)
}

// padRange returns the limits of an axis for values from low to high: with a margin, but not below 0 or above
// 1 unless the values are.
func padRange(low, high float64) (float64, float64) {
	margin := max(0.03*(high-low), 1e-3*math.Abs(high), 5e-4) // more than rounding removes
	bottom, top := low-margin, high+margin
	if low >= 0 {
		bottom = math.Max(bottom, 0)
	}
	if high <= 1 {
		top = math.Min(top, 1)
	}
	return bottom, top
}
