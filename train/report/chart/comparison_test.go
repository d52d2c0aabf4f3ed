package chart_test

import (
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"bytes"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/train/report/chart"
)

var models = []string{"hqvit", "vit", "vit-matched", "hqvit:orthogonal", "hqvit:cosine", "hqvit:dot",
	"hqvit:frozen", "hqvit:product", "hqvit:uniform", "hqvit:identity", "cnn", "logreg"}

// contrast is differences of that many models over that many seeds; logreg is far behind.
func contrast(name string, count, seeds int, unit float64) chart.DifferencePanel {
	noise := splitmix.Source(7)
	c := chart.DifferencePanel{Name: name}
	for i := range count {
		d := chart.Difference{Name: models[i+1]}
		centre := (float64(i%5) - 2.5) * 0.4 * unit
		if d.Name == "logreg" {
			centre = -11.3 * unit
		}
		for range seeds {
			v := centre + unit*(noise.Float64()-0.5)
			d.Each, d.Mean = append(d.Each, v), d.Mean+v/float64(seeds)
		}
		if seeds > 1 {
			half := unit * []float64{0, 0, 6, 1.2, 0.7, 0.5}[min(seeds, 5)]
			low, high := d.Mean-half, d.Mean+half
			d.Low, d.High = &low, &high
		}
		c.Models = append(c.Models, d)
	}
	return c
}

func sizes() []chart.Point {
	points := []chart.Point{}
	for i, name := range models {
		p := chart.Point{Name: name, Parameters: 60732 + 8*(i%4), Mean: 0.93 + 0.002*float64(i%7), SD: 0.004}
		switch name {
		case "vit":
			p.Parameters, p.Mean = 77322, 0.941
		case "hqvit:cosine", "hqvit:dot":
			p.Parameters = 77100
		case "cnn":
			p.Parameters, p.Mean, p.SD = 20010, 0.97, 0.001
		case "logreg":
			p.Parameters, p.Mean, p.SD = 10250, 0.88, 0.002
		}
		points = append(points, p)
	}
	return points
}

func bundles(count, seeds, epochs int) []chart.SeedCurve {
	noise := splitmix.Source(3)
	var out []chart.SeedCurve
	for i := range count {
		b := chart.SeedCurve{Name: models[i]}
		for range seeds {
			b.Runs = append(b.Runs, ramp(epochs, func(x float64) float64 {
				return 97 - 0.3*float64(i%6) - 70*math.Exp(-x/1.5) + 0.6*(noise.Float64()-0.5)
			}))
		}
		out = append(out, b)
	}
	return out
}

func maps(columns, rows int) func(io.Writer) error {
	noise := splitmix.Source(5)
	img := image.NewNRGBA(image.Rect(0, 0, 32, 32))
	for i := range 32 * 32 {
		img.SetNRGBA(i%32, i/32, color.NRGBA{uint8(i % 32 * 8), uint8(i / 4), 90, 0xff})
	}
	var table [][]chart.Cell
	for r := range rows {
		row := []chart.Cell{{Picture: img, Note: fmt.Sprint("label ", r)}}
		for c := 1; c < columns; c++ {
			cell := chart.Cell{Picture: img, Note: "a class of a long name, 99 %", Mistake: (r+c)%4 == 0}
			for range 64 {
				cell.Map = append(cell.Map, 0.5+noise.Float64())
			}
			row = append(row, cell)
		}
		table = append(table, row)
	}
	return func(w io.Writer) error {
		return chart.DrawMaps(w, chart.SVG, "", append([]string{"image"}, models[:columns-1]...), table)
	}
}

func init() {
	for _, n := range []int{1, 2, 5, 11} {
		for _, seeds := range []int{1, 2, 5} {
			pictures[fmt.Sprintf("differences-%d-%d", n, seeds)] = func(w io.Writer) error {
				return chart.Differences(w, "", []chart.DifferencePanel{
					contrast("points of accuracy", n, seeds, 1),
					contrast("points of balanced accuracy", n, seeds, 1.3),
					contrast("AUC", n, seeds, 0.01),
				})
			}
		}
	}
	pictures["differences-alone"] = func(w io.Writer) error {
		return chart.Differences(w, "a title",
			[]chart.DifferencePanel{contrast("points of accuracy", 6, 5, 1)})
	}
	pictures["differences-long"] = func(w io.Writer) error {
		return chart.Differences(w, "", []chart.DifferencePanel{contrast(axes[0], 5, 5, 1),
			contrast(axes[1], 5, 5, 1), contrast(axes[2], 5, 5, 0.01)})
	}
	pictures["sizes"] = func(w io.Writer) error { return chart.Sizes(w, "", sizes()) }
	pictures["sizes-one"] = func(w io.Writer) error { return chart.Sizes(w, "", sizes()[:1]) }
	pictures["bundles-10-5"] = func(w io.Writer) error {
		return chart.SeedCurves(w, "", "validation accuracy, %", bundles(10, 5, 20))
	}
	pictures["bundles-2-1"] = func(w io.Writer) error {
		return chart.SeedCurves(w, "", "validation accuracy, %", bundles(2, 1, 1))
	}
	pictures["bundles-3-3"] = func(w io.Writer) error {
		return chart.SeedCurves(w, "", "validation accuracy, %", bundles(3, 3, 3))
	}
	pictures["maps"] = maps(11, 5)
	pictures["confusion-map"] = func(w io.Writer) error {
		return chart.ConfusionMap(w, "cifar100", counts(100, 100))
	}
}

type box struct{ left, right, bottom, top float64 }

// texts returns where the texts of some names stand, whose characters are about half as wide as their size.
func texts(t *testing.T, svg string, names []string) map[string]box {
	t.Helper()
	boxes := map[string]box{}
	for _, name := range names {
		x, y := place(t, svg, name)
		m := regexp.MustCompile(`<text [^>]*?(?:text-anchor="(\w+)" )?font-size="([\d.]+)"[^>]*>` +
			regexp.QuoteMeta(name) + `<`).FindStringSubmatch(svg)
		size, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		width := 0.5 * size * float64(len(name))
		x -= width * map[string]float64{"": 0, "middle": 0.5, "end": 1}[m[1]]
		boxes[name] = box{x, x + width, y, y + 0.7*size}
	}
	return boxes
}

// axes are names of the axes of a comparison whose reference has a long name.
var axes = []string{"points of accuracy from hqvit-paper-mean",
	"points of balanced accuracy from hqvit-paper-mean", "AUC from hqvit-paper-mean"}

// No two names of twelve models, most of one size, stand on each other; nor do those of the axes beside each
// other.
func TestNamesDoNotOverlap(t *testing.T) {
	for _, name := range []string{"sizes", "bundles-10-5", "differences-long"} {
		var b bytes.Buffer
		if err := pictures[name](&b); err != nil {
			t.Fatal(err)
		}
		shown := map[string][]string{"sizes": models, "bundles-10-5": models[:10],
			"differences-long": axes}[name]
		boxes := texts(t, b.String(), shown)
		for i, one := range shown {
			for _, other := range shown[:i] {
				p, q := boxes[one], boxes[other]
				if p.left < q.right && q.left < p.right && p.bottom < q.top && q.bottom < p.top {
					t.Errorf("%s: %s covers %s: %v, %v", name, one, other, p, q)
				}
			}
		}
	}
}

// Names over maps that start alike are told apart: what a model was changed in, or the last part of its name,
// stands in a line of its own, below the model and above the map.
func TestNamesOverMapsKeepTheirChanges(t *testing.T) {
	cell := chart.Cell{Picture: image.NewNRGBA(image.Rect(0, 0, 8, 8)), Map: []float64{1, 1, 1, 1}}
	columns := []string{"image", "hqvit:dot", "hqvit-paper-mean:matched", "hqvit-paper-mean:uniform",
		"hqvit-paper-flatten-distilled"}
	var b bytes.Buffer
	if err := chart.DrawMaps(&b, chart.SVG, "", columns,
		[][]chart.Cell{{cell, cell, cell, cell, cell}}); err != nil {
		t.Fatal(err)
	}
	svg := b.String()
	_, below := place(t, svg, "hqvit:dot") // short enough for one line, the one next to the map
	_, model := place(t, svg, "hqvit-paper-mean")
	if _, y := place(t, svg, "hqvit-paper-flatten-"); y != model { // a hyphen stays on its line
		t.Errorf("hqvit-paper-flatten- stands at %v, want %v", y, model)
	}
	for _, change := range []string{":matched", ":uniform", "distilled"} {
		if _, y := place(t, svg, change); y != below || y >= model {
			t.Errorf("%s stands at %v, hqvit-paper-mean at %v and hqvit:dot at %v, "+
				"want it below the first and level with the second", change, y, model, below)
		}
	}
}

// Of eleven models one is twenty times as far from 0: it stands at the edge with its number, and the others
// have the axis for themselves.
func TestAFarModelDoesNotPressTheOthers(t *testing.T) {
	var b bytes.Buffer
	if err := chart.Differences(&b, "", []chart.DifferencePanel{contrast("points", 11, 5, 1)}); err != nil {
		t.Fatal(err)
	}
	far := contrast("points", 11, 5, 1).Models[10]
	if want := ">" + strings.Replace(strconv.FormatFloat(far.Mean, 'f', 1, 64), "-", "\u2212", 1) +
		"<"; !strings.Contains(b.String(), want) {
		t.Errorf("the picture has no %s", want)
	}
	if strings.Contains(b.String(), ">\u221210<") {
		t.Error("the axis goes to the far model")
	}
}

// A model with seeds on both sides of 0 is no far one, however far they lie apart: every dot is in the
// picture.
func TestEveryScatteredSeedIsDrawn(t *testing.T) {
	c := contrast("points", 2, 2, 1)
	low, high := -60.0, 68.0
	c.Models = append(c.Models, chart.Difference{Name: "scattered", Each: []float64{-1.3, 9.2}, Mean: 3.95,
		Low: &low, High: &high})
	var b bytes.Buffer
	if err := chart.Differences(&b, "", []chart.DifferencePanel{c}); err != nil {
		t.Fatal(err)
	}
	if dots := strings.Count(b.String(), `opacity="0.6"`); dots != 6 {
		t.Errorf("%d dots of seeds, want 6", dots)
	}
}

// Two models a tenth of a point apart do not stand at opposite ends of the picture.
func TestATenthOfAPointIsNoPicture(t *testing.T) {
	var b bytes.Buffer
	if err := chart.Sizes(&b, "", []chart.Point{{Name: "one", Parameters: 206898, Mean: 0.8284},
		{Name: "other", Parameters: 206890, Mean: 0.8295}}); err != nil {
		t.Fatal(err)
	}
	for _, size := range []string{"200k", "300k"} { // of two models of one size too
		place(t, b.String(), size)
	}
	_, one := place(t, b.String(), "one")
	_, other := place(t, b.String(), "other")
	_, low := place(t, b.String(), "82.6")
	_, high := place(t, b.String(), "83.2")
	if apart := (other - one) / (high - low); apart < 0.1 || apart > 0.25 {
		t.Errorf("0.11 points are %.2f of the 0.6 between 82.6 and 83.2, want about 0.18", apart)
	}
}

// Half a point is for accuracies alone: areas of 0.81 and 0.83 fill a panel, whose axis does not reach 1.
func TestCostsOfAnArea(t *testing.T) {
	panel := chart.SweptPanel{X: "qubits", Y: "test AUC", Lines: []chart.SweptLine{
		{Name: "one", Points: []chart.SweptMark{{At: 4, Mean: 0.81, Low: 0.81, High: 0.81}}},
		{Name: "other", Points: []chart.SweptMark{{At: 8, Mean: 0.83, Low: 0.83, High: 0.83}}}}}
	drawn := func() string {
		var b bytes.Buffer
		if err := chart.Costs(&b, "", "none", []chart.SweptPanel{panel}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if area := drawn(); !strings.Contains(area, ">0.825<") || strings.Contains(area, ">1<") {
		t.Errorf("the axis is not that of the areas: %s", area)
	}
	panel.Percent = true
	if percent := drawn(); strings.Contains(percent, ">0.825<") {
		t.Errorf("two hundredths of a percentage point fill the panel: %s", percent)
	}
}

func TestDifferencesThatCannotBeDrawn(t *testing.T) {
	one := contrast("a", 2, 3, 1)
	other := contrast("b", 3, 3, 1)
	nan := contrast("c", 2, 3, 1)
	nan.Models[1].Mean = math.NaN()
	for want, contrasts := range map[string][]chart.DifferencePanel{
		"no models": nil, "3 models in b and 2 in a": {one, other},
		"want finite values of vit-matched": {one, nan},
	} {
		if err := chart.Differences(io.Discard, "", contrasts); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}
