package chart_test

import (
	"bytes"
	"encoding/xml"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train/report/chart"
)

var out = flag.String("out", "", "directory that the pictures are written to, to be looked at")

func ramp(n int, f func(x float64) float64) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = f(float64(i + 1))
	}
	return y
}

func panels(epochs int) []chart.Panel {
	return []chart.Panel{
		{Name: "loss", Curves: []chart.Curve{
			{Name: "training", Values: ramp(epochs, func(x float64) float64 { return 0.05 + 0.9/x })},
			{Name: "validation", Values: ramp(epochs, func(x float64) float64 { return 0.09 + 0.5/x })},
		}},
		{Name: "accuracy", Curves: []chart.Curve{
			{Name: "training", Values: ramp(epochs, func(x float64) float64 { return 0.98 - 0.2/x })},
			{Name: "validation", Values: ramp(epochs, func(x float64) float64 { return 0.975 - 0.1/x })},
		}},
	}
}

func counts(n, largest int) [][]int {
	m := make([][]int, n)
	for label := range m {
		m[label] = make([]int, n)
		m[label][label] = largest - label
		m[label][(label*3+1)%n] += label
	}
	return m
}

// pictures are those that the tests are about.
var pictures = map[string]func(io.Writer) error{
	"curves":      func(w io.Writer) error { return chart.Curves(w, "hqvit-s on mnist, seed 1", panels(10)) },
	"one-epoch":   func(w io.Writer) error { return chart.Curves(w, "", panels(1)) },
	"many-epochs": func(w io.Writer) error { return chart.Curves(w, "vit & more <on> cifar10", panels(300)) },
	"constant-nan": func(w io.Writer) error {
		return chart.Curves(w, "t",
			[]chart.Panel{{"loss", []chart.Curve{{"a", []float64{1, 1, math.NaN(), 1}}}}})
	},
	"huge": func(w io.Writer) error {
		return chart.Curves(w, "t",
			[]chart.Panel{{"loss", []chart.Curve{{"a", []float64{3e38, 3e38, 1e308}}}}})
	},
	"perfect": func(w io.Writer) error {
		return chart.Curves(w, "t",
			[]chart.Panel{{"accuracy", []chart.Curve{{"a", []float64{1, 1, 1}}, {"b", []float64{0, 0, 0}}}}})
	},
	"growth": func(w io.Writer) error {
		return chart.GrowthPanels(w, "gates", "gates or flops", []chart.GrowthPanel{
			{"width", []chart.Growth{{"a", 1, []float64{3, 30, 3e9, 0, 3e20, 4e21}},
				{"a name of 20 letters", 3, []float64{1, 2, 3}}}},
			{"tokens", []chart.Growth{{"a", 0, []float64{math.NaN(), 2}},
				{"a name of 20 letters", 0, []float64{math.Inf(1), 1e-3, 1}}}},
		})
	},
	"growth-of-one": func(w io.Writer) error {
		return chart.GrowthPanels(w, "", "y",
			[]chart.GrowthPanel{{"x", []chart.Growth{{"a", 0, []float64{7}}}}})
	},
	"odd-names": func(w io.Writer) error {
		return chart.Confusion(w, "a\x02\nb", counts(3, 5), []string{"a\x01<b>&\"", "日本語\nzwei", ""})
	},
	"confusion": func(w io.Writer) error {
		return chart.Confusion(w, "hqvit-s on mnist: 97.50 % of 10000 test images", counts(10, 1135), nil)
	},
	"two-classes": func(w io.Writer) error {
		return chart.Confusion(w, "hqvit-s on breastmnist: 90.00 % of 156 test images", counts(2, 100),
			[]string{"malignant", "normal, benign"})
	},
	"attention": func(w io.Writer) error { return chart.DrawAttention(w, chart.SVG, attention()) },
	"hundred-classes": func(w io.Writer) error {
		return chart.Confusion(w, "cifar100", counts(100, 10000),
			slices.Repeat([]string{"a very long name of a class"}, 100))
	},
}

func TestPicturesAreXMLAndAlwaysTheSame(t *testing.T) {
	for name, paint := range pictures {
		var first, second bytes.Buffer
		if err := paint(&first); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := paint(&second); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: another picture the second time (%v)", name, err)
		}
		if *out != "" {
			if err := os.WriteFile(filepath.Join(*out, name+".svg"), first.Bytes(), 0o644); err != nil {
				t.Error(err)
			}
		}
		for d := xml.NewDecoder(&first); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		// in which any letters may be
		drawn := regexp.MustCompile(`base64,[^"]*`).ReplaceAllString(second.String(), "")
		if strings.Contains(drawn, "NaN") || strings.Contains(drawn, "Inf") {
			t.Errorf("%s has coordinates that are not finite", name)
		}
	}
}

// place returns where a text stands; y grows upwards.
func place(t *testing.T, svg, label string) (x, y float64) {
	t.Helper()
	m := regexp.MustCompile(`<text x="([-\d.]+)" y="([-\d.]+)"[^>]*>` + regexp.QuoteMeta(label) +
		`</text>`).FindStringSubmatch(svg)
	if m == nil {
		t.Fatalf("no text %q in %s", label, svg)
	}
	x, _ = strconv.ParseFloat(m[1], 64)
	y, _ = strconv.ParseFloat(m[2], 64)
	return x, -y
}

// An unsymmetric matrix: the count of label 0 predicted as 1 stands in the upper right.
func TestConfusionHasItsFirstLabelOnTop(t *testing.T) {
	var b bytes.Buffer
	if err := chart.Confusion(&b, "", [][]int{{11, 12}, {0, 22}}, []string{"cat", "dog"}); err != nil {
		t.Fatal(err)
	}
	x11, y11 := place(t, b.String(), "11")
	x12, y12 := place(t, b.String(), "12")
	x22, y22 := place(t, b.String(), "22")
	if !(x11 < x12 && y11 == y12 && x12 == x22 && y22 < y12) {
		t.Errorf("11 at %v,%v; 12 at %v,%v; 22 at %v,%v", x11, y11, x12, y12, x22, y22)
	}
	if strings.Contains(b.String(), ">0<") {
		t.Error("empty cells should be blank")
	}
}

// Equal steps on both axes are equal factors: a line of slope 1 goes through the corners of a square of
// decades.
func TestGrowthIsLogarithmic(t *testing.T) {
	var b bytes.Buffer
	panel := chart.GrowthPanel{X: "x",
		Lines: []chart.Growth{{Name: "a", First: 0, Values: []float64{1, 10, 100, 1000, 10000}}}}
	if err := chart.GrowthPanels(&b, "", "y", []chart.GrowthPanel{panel}); err != nil {
		t.Fatal(err)
	}
	x1, _ := place(t, b.String(), "2")
	x2, _ := place(t, b.String(), "4")
	x3, _ := place(t, b.String(), "8")
	_, y1 := place(t, b.String(), "1e1")
	_, y2 := place(t, b.String(), "1e2")
	_, y4 := place(t, b.String(), "1e4")
	if !(x2 > x1 && math.Abs(x3-x2-(x2-x1)) < 1 && y2 > y1 && math.Abs(y4-y2-2*(y2-y1)) < 1) {
		t.Errorf("2, 4, 8 at %v, %v, %v; 10, 100, 10000 at %v, %v, %v", x1, x2, x3, y1, y2, y4)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestErrors(t *testing.T) {
	for want, err := range map[string]error{
		"no panels": chart.Curves(io.Discard, "", nil),
		"0 finite values": chart.Curves(io.Discard, "",
			[]chart.Panel{{"loss", []chart.Curve{{"a", []float64{math.Inf(1)}}}}}),
		"3 curves": chart.Curves(io.Discard, "",
			[]chart.Panel{{"loss", make([]chart.Curve, 3)}}),
		"0 names for 0 classes": chart.Confusion(io.Discard, "", nil, nil),
		"1 names for 2 classes": chart.Confusion(io.Discard, "", counts(2, 3), []string{"a"}),
		"row 1 has 1 counts":    chart.Confusion(io.Discard, "", [][]int{{1, 2}, {3}}, nil),
		"growth: no panels":     chart.GrowthPanels(io.Discard, "", "", nil),
		"no positive values": chart.GrowthPanels(io.Discard, "", "",
			[]chart.GrowthPanel{{"x", []chart.Growth{{"a", 0, []float64{0, math.Inf(1)}}}}}),
		"want the 1 of the": chart.GrowthPanels(io.Discard, "", "",
			[]chart.GrowthPanel{{"x", make([]chart.Growth, 1)}, {"y", nil}}),
		"want \"a\" as in": chart.GrowthPanels(io.Discard, "", "",
			[]chart.GrowthPanel{{"x", []chart.Growth{{Name: "a"}}}, {"y", []chart.Growth{{Name: "b"}}}}),
		"disk full": pictures["confusion"](full{}),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
