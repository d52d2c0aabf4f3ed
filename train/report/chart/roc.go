package chart

import (
	"io"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/draw"
)

// maxROC is the most curves that ROC draws.
const maxROC = 40

// ROCCurve is the receiver operating characteristic of a label.
type ROCCurve struct {
	Name   string
	Area   float64      // under the curve; not finite: none
	Points [][2]float64 // shares in [0,1] of false and true positives, from (0,0) to (1,1); none: no curve
}

// ROC draws the curves of labels over each other, the first 40 of them, with a legend of their areas. It
// returns an error if there is no curve, and for a share that is not in [0,1].
func ROC(w io.Writer, title string, curves []ROCCurve) error {
	if len(curves) == 0 {
		return errors.New("chart: ROC: no curves")
	}
	curves = curves[:min(len(curves), maxROC)]
	var names []string
	for _, c := range curves {
		text := labels.Cut(c.Name, longestModel) + ", no AUC"
		if drawable(c.Area) {
			text = labels.Cut(c.Name, longestModel) + ", AUC " + formatNumber(c.Area, 'f', 4)
		}
		names = append(names, text)
		for _, q := range c.Points {
			if !(q[0] >= 0 && q[0] <= 1 && q[1] >= 0 && q[1] <= 1) {
				return errors.Errorf("chart: ROC: %s has the point %v, want shares in [0,1]", c.Name, q)
			}
		}
	}
	const side, step = 380.0, 18.0
	legend := widest(labels, names) + 40
	p, box := newPicture(title, "ROC curves", "True against false positives of "+strings.Join(names, "; ")+".",
		side+legend, max(side, step*float64(len(names))+2*margin))
	share := func(name string) axis { return axis{name, 0, 1, linearTicks(0, 1, 5, false)} }
	a := newArea(draw.Box{Left: box.Left, Top: box.Top, Right: box.Left + side - 2*margin, Bottom: box.Top +
		side - 2*margin}, share("false positives, share"), share("true positives, share"))
	a.paint(p)
	p.Line(draw.Style{Stroke: grey, Width: 1, Dashed: true}, a.at(0, 0), a.at(1, 1))
	for i, c := range curves {
		var line []draw.Point
		for _, q := range c.Points {
			line = append(line, a.at(q[0], q[1]))
		}
		if len(line) > 1 {
			p.Line(stroke(i, 1.6), line...)
		}
		paintKey(p, stroke(i, 2), draw.At(box.Left+side, box.Top+step*(float64(i)+0.5)), names[i])
	}
	return p.Write(w, SVG)
}
