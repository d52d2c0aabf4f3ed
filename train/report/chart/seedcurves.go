package chart

import (
	"io"
	"math"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/draw"
)

// SeedCurve is the curves of one model from several seeds.
type SeedCurve struct {
	Name string
	Runs [][]float64 // for each seed, the values of epochs 1, 2, …
}

// mean returns the mean of the runs at each epoch that all of them have.
func (b SeedCurve) mean() []float64 {
	var mean []float64
	for i := 0; ; i++ {
		sum := 0.0
		for _, run := range b.Runs {
			if i >= len(run) {
				return mean
			}
			sum += run[i]
		}
		mean = append(mean, sum/float64(len(b.Runs)))
	}
}

// SeedCurves draws the curves of several models over the epochs: a thin line for each run, and a thick one
// for the mean of a model, with its name at the end. If the first epochs would more than double the range of
// the axis, it shows that of the later ones, and the lines enter from outside. Values that are not finite
// leave a gap. It returns an error if a model has no run, or no run has a finite value.
func SeedCurves(w io.Writer, title, y string, models []SeedCurve) error {
	epochs := 0
	for _, b := range models {
		if len(b.Runs) == 0 {
			return errors.Errorf("chart: seed curves: %s has no runs", b.Name)
		}
		for _, run := range b.Runs {
			epochs = max(epochs, len(run))
		}
	}
	low, high := valueRange(models, 0)
	if low > high {
		return errors.New("chart: seed curves: no finite values")
	}
	if l, h := valueRange(models, epochs/4); l < h && high-low > 2*(h-l) {
		low, high = l, h
	}
	end := float64(epochs)
	x := axis{name: "epoch", low: 1, high: end, ticks: linearTicks(0, end, 8, true)}
	if epochs == 1 {
		x.low, x.high = 0, 2
	}
	names := make([]string, len(models))
	for i, b := range models {
		names[i] = labels.Cut(b.Name, longestModel)
	}
	height := 370.0
	if len(models) > 6 { // whose lines lie close together
		height = max(490, float64(len(models))*nameStep+80)
	}
	p, box := newPicture(title, y+" over the epochs", "Of "+strings.Join(names, ", ")+".", 760, height)
	box.Right -= widest(labels, names) + nameReach
	a := newArea(box, x.within(1, end), tickedAxis(y, linearTicks(low, high, 6, false)))
	a.paint(p)
	for i, b := range models {
		thin := stroke(i, 0.8)
		thin.Opacity, thin.Dashed = max(0.28, 0.56-0.06*float64(len(models))), false // lighter if many
		for _, run := range b.Runs {
			if len(b.Runs) > 1 {
				a.curve(p, thin, 1, run, false)
			}
		}
		a.curve(p, stroke(i, 2.2), 1, b.mean(), false)
	}
	ends := make([]float64, len(models))
	for i, b := range models {
		ends[i] = a.Bottom
		for _, v := range b.mean() {
			if drawable(v) {
				ends[i] = min(max(a.atY(v), a.Top), a.Bottom)
			}
		}
	}
	for i, y := range spreadLabels(ends, nameStep, a.Top, a.Bottom) {
		p.Line(stroke(i, 1), draw.At(a.Right, ends[i]), draw.At(a.Right+14, y),
			draw.At(a.Right+nameReach-6, y))
		p.Text(labels, draw.At(a.Right+nameReach, y), names[i])
	}
	return p.Write(w, SVG)
}

const (
	nameStep  = 15 // least distance between names
	nameReach = 34 // from the end of a curve to its name
)

// valueRange returns the smallest and the largest finite value of the epochs after a number of them; low is
// above high if there is none.
func valueRange(models []SeedCurve, after int) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, b := range models {
		for _, run := range b.Runs {
			for _, v := range run[min(after, len(run)):] {
				if drawable(v) {
					low, high = min(low, v), max(high, v)
				}
			}
		}
	}
	return low, high
}
