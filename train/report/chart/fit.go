package chart

import (
	"io"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/draw"
)

// MaxFits is the most panels that Fits draws.
const MaxFits = 6

// FitPanel is the predictions of one value.
type FitPanel struct {
	Name   string
	Points [][2]float64 // true and predicted; those that are not finite, or above 1e100, are left out
}

// Fits draws for each value the predictions against the true values, beside the line on which they would be
// equal, and below it the residuals, predicted − true. It returns an error if there is no panel, more than
// MaxFits, or one without a point that can be drawn.
func Fits(w io.Writer, title string, panels []FitPanel) error {
	if len(panels) < 1 || len(panels) > MaxFits {
		return errors.Errorf("chart: fits: %d panels, want 1 to %d", len(panels), MaxFits)
	}
	const panelWidth, gap, fitHeight, restHeight = 340.0, 20.0, 320.0, 170.0
	var names []string
	for _, panel := range panels {
		names = append(names, labels.Cut(panel.Name, longestModel))
	}
	p, box := newPicture(title, "Predictions", "Predicted against true values of "+strings.Join(names, ", ")+
		", and below them the residuals.", panelWidth*float64(len(panels)), fitHeight+restHeight)
	each := (box.Width() - gap*float64(len(panels)-1)) / float64(len(panels))
	for i, panel := range panels {
		left := box.Left + float64(i)*(each+gap)
		part := draw.Box{Left: left, Top: box.Top, Right: left + each, Bottom: box.Top + fitHeight - gap}
		below := draw.Box{Left: left, Top: box.Top + fitHeight, Right: left + each, Bottom: box.Bottom}
		if err := panel.paint(p, part, below, names[i]); err != nil {
			return err
		}
	}
	return p.Write(w, SVG)
}

func (panel FitPanel) paint(p *draw.Picture, box, below draw.Box, name string) error {
	var points [][2]float64
	var all, residuals []float64
	for _, q := range panel.Points {
		if drawable(q[0]) && drawable(q[1]) && drawable(q[1]-q[0]) {
			points = append(points, q)
			all, residuals = append(all, q[0], q[1]), append(residuals, q[1]-q[0])
		}
	}
	if len(points) == 0 {
		return errors.Errorf("chart: fits: %q has no point with finite values", panel.Name)
	}
	low, high := slices.Min(all), slices.Max(all)
	least := math.Max(1e-9, 1e-6*math.Max(-low, high))
	low, high = widenRange(low, high, least)
	pad := 0.04 * (high - low)
	low, high = low-pad, high+pad
	scale := func(name string) axis {
		return axis{name, low, high, linearTicks(low, high, 5, false)}.within(low, high)
	}
	fit := newArea(box, scale("true "+name), scale("predicted"))
	fit.paint(p)
	line := []draw.Point{fit.at(low, low), fit.at(high, high)}
	p.Line(draw.Style{Stroke: grey, Width: 1.2, Dashed: true}, line...)
	far := math.Max(-slices.Min(residuals), slices.Max(residuals))
	far = 1.06 * math.Max(far, least)
	rest := newArea(below, scale("true "+name),
		axis{"predicted − true", -far, far, linearTicks(-far, far, 4, false)}.within(-far, far))
	rest.paint(p)
	p.Line(draw.Style{Stroke: grey, Width: 1.2, Dashed: true}, rest.at(low, 0), rest.at(high, 0))
	for _, q := range points {
		p.Circle(draw.Style{Fill: blue}, fit.at(q[0], q[1]), 2)
		p.Circle(draw.Style{Fill: orange}, rest.at(q[0], q[1]-q[0]), 2)
	}
	return nil
}
