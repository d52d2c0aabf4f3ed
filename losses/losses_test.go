package losses_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/losses"
	"github.com/hqvit/hqvit/nn/gradcheck"
)

var nan = math.NaN()

// cases is the conformance table: every loss keeps every law below.
var cases = []lossCase{
	{"CrossEntropy", losses.CrossEntropy{}, random(1, 4, 3), array(tensor.Shape{4}, 2, 0, 1, 2),
		array(tensor.Shape{1}, -1)},
	{"CrossEntropy smoothed", losses.CrossEntropy{Smoothing: 0.3}, random(2, 4, 5),
		array(tensor.Shape{4}, 4, 0, 3, 3), array(tensor.Shape{1}, -1)},
	{"CrossEntropy of one class", losses.CrossEntropy{}, random(3, 4, 1), array(tensor.Shape{4}, 0, 0, 0, 0),
		array(tensor.Shape{1}, -1)},
	{"CrossEntropy mixed", losses.CrossEntropy{Smoothing: 0.1}, random(4, 4, 3),
		array(tensor.Shape{4, 3}, 0.25, 0, 0.75, 1, 0, 0, 0.5, 0.3, 0.2, 0.1005, 0.2, 0.7),
		array(tensor.Shape{1, 3}, 0, 0, 0)},
	{"MSE", losses.MSE{}, random(5, 4, 2, 3), random(6, 4, 2, 3),
		array(tensor.Shape{1, 2, 3}, nan, nan, nan, nan, nan, nan)},
	{"MSE of numbers", losses.MSE{}, random(7, 4), random(8, 4), array(tensor.Shape{1}, nan)},
	{"KLDivergence", losses.KLDivergence{}, random(10, 4, 3), random(11, 4, 3),
		array(tensor.Shape{1, 3}, nan, nan, nan)},
	{"KLDivergence of 3", losses.KLDivergence{Temperature: 3}, random(12, 4, 5), random(13, 4, 5),
		array(tensor.Shape{1, 5}, nan, nan, nan, nan, nan)},
	{"BinaryCrossEntropy", losses.BinaryCrossEntropy{}, random(9, 4, 3),
		array(tensor.Shape{4, 3}, 0, 1, 0.3, 1, 1, 0, 0.5, 0, 1, 1, 0, 0.25),
		array(tensor.Shape{1, 3}, -1, -1, -1)},
}

func TestGradients(t *testing.T) {
	each(t, func(t *testing.T, c lossCase, l form) {
		err := gradcheck.Check(gradcheck.Config{}, func(in ...*G.Node) (*G.Node, error) {
			return l(in[0], gradcheck.Leaf(in[0].Graph(), in[0].Dtype(), 9, withMask(c, 2)))
		}, c.prediction)
		if err != nil {
			t.Error(err)
		}
	})
}

// withMask is the target with the mask in place of one row.
func withMask(c lossCase, masked int) *tensor.Dense {
	target := c.target.Clone().(*tensor.Dense)
	n := target.Shape().TotalSize() / 4
	copy(target.Float64s()[masked*n:], c.masked.Float64s())
	return target
}

func TestMaskedRowIsAsIfAbsent(t *testing.T) {
	each(t, func(t *testing.T, c lossCase, l form) {
		prediction := c.prediction.Clone().(*tensor.Dense)
		n := prediction.Shape().TotalSize() / 4
		prediction.Float64s()[n] = nan // in the masked row: nobody looks there
		loss, grad := mustRun(t, l, prediction, withMask(c, 1))
		want, wantGrad := mustRun(t, l, rows(c.prediction, 0, 2, 3), rows(c.target, 0, 2, 3))
		if math.Abs(loss-want) > 1e-14*want {
			t.Errorf("loss %v, without the row %v", loss, want)
		}
		for i, g := range grad {
			want := 0.0
			switch row := i / n; {
			case row == 0:
				want = wantGrad[i]
			case row > 1:
				want = wantGrad[i-n]
			}
			if g != want {
				t.Errorf("gradient %d: %v, want %v", i, g, want)
			}
		}
	})
}

func TestAllRowsMasked(t *testing.T) {
	each(t, func(t *testing.T, c lossCase, l form) {
		loss, grad := mustRun(t, l, rows(c.prediction, 0, 1), rows(c.masked, 0, 0))
		for i, g := range append(grad, loss) {
			if g != 0 {
				t.Errorf("element %d of gradient and loss: %v, want 0", i, g)
			}
		}
	})
}

func TestSumIsOfRowsAndMeanOfValidRows(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			sum, _ := mustRun(t, c.loss.Sum, c.prediction, withMask(c, 3))
			mean, _ := mustRun(t, c.loss.Mean, c.prediction, withMask(c, 3))
			parts := 0.0
			for r := range 3 {
				one, _ := mustRun(t, c.loss.Sum, rows(c.prediction, r), rows(c.target, r))
				parts += one
			}
			if math.Abs(sum-parts) > 1e-14*parts || math.Abs(3*mean-parts) > 1e-14*parts {
				t.Errorf("sum %v and mean %v, want %v and a third of it", sum, mean, parts)
			}
		})
	}
}

func TestBadRowIsNamed(t *testing.T) {
	inf := math.Inf(1)
	logits, answers := random(1, 2, 3), array(tensor.Shape{2, 3}, 0, 1, 1, 0, 0, 1)
	for _, c := range []struct {
		name               string
		loss               losses.Loss
		prediction, target *tensor.Dense
		want               string
	}{
		{"label too large", losses.CrossEntropy{}, logits, array(tensor.Shape{2}, 0, 3),
			"row 1: label 3, want a class index in [0,3)"},
		{"label -2", losses.CrossEntropy{}, logits, array(tensor.Shape{2}, -2, 1), "row 0: label -2"},
		{"half label", losses.CrossEntropy{}, logits, array(tensor.Shape{2}, 1, 0.5), "row 1: label 0.5"},
		{"NaN label", losses.CrossEntropy{}, logits, array(tensor.Shape{2}, 1, nan), "row 1: label NaN"},
		{"huge label", losses.CrossEntropy{}, logits, array(tensor.Shape{2}, 1e30, 1), "row 0: label 1e+30"},
		{"NaN logit", losses.CrossEntropy{}, array(tensor.Shape{2, 2}, 1, 2, 3, nan),
			array(tensor.Shape{2}, 1, 0), "row 1: the loss is NaN"},
		{"infinite logit", losses.CrossEntropy{}, array(tensor.Shape{2, 2}, 1, inf, 3, 2),
			array(tensor.Shape{2}, 0, 0), "row 0: the loss is"},
		{"impossible class wanted", losses.CrossEntropy{}, array(tensor.Shape{2, 2}, 1, 2, 3, -inf),
			array(tensor.Shape{2}, 1, 1), "row 1: the loss is +Inf"},
		{"negative probability", losses.CrossEntropy{}, logits,
			array(tensor.Shape{2, 3}, 1, 0, 0, -0.5, 1, 0.5), "row 1: the target is -0.5 for class 0"},
		{"NaN probability", losses.CrossEntropy{}, logits, array(tensor.Shape{2, 3}, 0, nan, 0, 1, 0, 0),
			"row 0: the target is NaN"},
		{"probabilities above 1", losses.CrossEntropy{}, logits, array(tensor.Shape{2, 3}, 1, 0, 0, 1, 1, 0),
			"row 1: the target's probabilities add up to 2"},
		{"half masked", losses.MSE{}, logits, array(tensor.Shape{2, 3}, 1, 0, 0, 1, nan, nan),
			"row 1: 2 of 3 targets are NaN"},
		{"NaN prediction", losses.MSE{}, array(tensor.Shape{2, 1}, 1, nan), array(tensor.Shape{2, 1}, 1, 1),
			"row 1: the loss is NaN"},
		{"half a teacher", losses.KLDivergence{}, logits, array(tensor.Shape{2, 3}, 1, 0, 0, 1, nan, 2),
			"row 1: 1 of 3 logits of the teacher are NaN"},
		{"infinite teacher", losses.KLDivergence{}, logits, array(tensor.Shape{2, 3}, inf, 0, 0, 1, 1, 2),
			"row 0: the loss is"},
		{"NaN student", losses.KLDivergence{Temperature: 2}, array(tensor.Shape{2, 2}, 1, 2, nan, 3),
			array(tensor.Shape{2, 2}, 1, 2, 1, 3), "row 1: the loss is NaN"},
		{"half masked answers", losses.BinaryCrossEntropy{}, logits,
			array(tensor.Shape{2, 3}, -1, 0, 0, 1, 0, 1), "row 0: 1 of 3 targets are -1"},
		{"answer above 1", losses.BinaryCrossEntropy{}, logits, array(tensor.Shape{2, 3}, 1, 0, 0, 1, 2, 1),
			"row 1: target 2"},
		{"NaN logit of an answer", losses.BinaryCrossEntropy{}, array(tensor.Shape{2, 3}, 1, 2, nan, 4, 5, 6),
			answers, "row 0: the loss is NaN"},
	} {
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			if _, _, err := run(c.loss.Mean, dt, c.prediction, c.target); err == nil ||
				!strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %v: error %v, want %q", c.name, dt, err, c.want)
			}
		}
	}
}

func TestImpossibleClassNotWanted(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		loss, grad, err := run(losses.CrossEntropy{}.Mean, dt, array(tensor.Shape{1, 3}, 0, math.Inf(-1), 0),
			array(tensor.Shape{1}, 2))
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(loss-math.Ln2) > 1e-7 || grad[0] != 0.5 || grad[1] != 0 || grad[2] != -0.5 {
			t.Errorf("%v: loss %v, gradient %v, want ln 2 and [0.5 0 -0.5]", dt, loss, grad)
		}
	}
}

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	g := G.NewGraph()
	node := func(dt tensor.Dtype, shape ...int) *G.Node {
		return G.NewTensor(g, dt, len(shape), G.WithShape(shape...), G.WithName(fmt.Sprint(shape)))
	}
	f64 := tensor.Float64
	for _, c := range []struct {
		name               string
		loss               losses.Loss
		prediction, target *G.Node
		want               string
	}{
		{"logits of one dimension", losses.CrossEntropy{}, node(f64, 3), node(f64, 3), "logits (B, C)"},
		{"other number of rows", losses.CrossEntropy{}, node(f64, 3, 2), node(f64, 2), "got (3, 2) and (2)"},
		{"other number of classes", losses.CrossEntropy{}, node(f64, 3, 2), node(f64, 3, 4),
			"got (3, 2) and (3, 4)"},
		{"no target", losses.CrossEntropy{}, node(f64, 3, 2), nil, "nil"},
		{"smoothing above 1", losses.CrossEntropy{Smoothing: 1.5}, node(f64, 3, 2), node(f64, 3),
			"Smoothing 1.5"},
		{"NaN smoothing", losses.CrossEntropy{Smoothing: nan}, node(f64, 3, 2), node(f64, 3),
			"Smoothing NaN"},
		{"two dtypes", losses.CrossEntropy{}, node(f64, 3, 2), node(tensor.Float32, 3),
			"float32, want float64"},
		{"whole numbers", losses.MSE{}, node(tensor.Int, 3, 2), node(tensor.Int, 3, 2),
			"int, want float32 or float64"},
		{"other shape", losses.MSE{}, node(f64, 3, 2), node(f64, 2, 3), "one shape"},
		{"no prediction", losses.MSE{}, nil, node(f64, 2, 3), "nil"},
		{"teacher of other classes", losses.KLDivergence{}, node(f64, 3, 2), node(f64, 3, 4),
			"of the student and of the teacher, got (3, 2) and (3, 4)"},
		{"cold", losses.KLDivergence{Temperature: -1}, node(f64, 3, 2), node(f64, 3, 2),
			"Temperature -1, want a number above 0"},
		{"infinitely hot", losses.KLDivergence{Temperature: math.Inf(1)}, node(f64, 3, 2), node(f64, 3, 2),
			"Temperature +Inf"},
		{"scalar", losses.BinaryCrossEntropy{}, G.NewScalar(g, f64, G.WithName("x")),
			G.NewScalar(g, f64, G.WithName("y")), "one shape"},
	} {
		for _, l := range []form{c.loss.Sum, c.loss.Mean} {
			if _, err := l(c.prediction, c.target); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %q", c.name, err, c.want)
			}
		}
	}
}

// distilling is a Distillation whose rows have those labels, as a loss by the teacher's logits.
type distilling struct {
	losses.Distillation
	labels []float64
}

func distilled(d losses.Distillation, labels ...float64) distilling { return distilling{d, labels} }

func (d distilling) node(form func(prediction, target, teacher *G.Node) (*G.Node, error), prediction,
	teacher *G.Node) (*G.Node, error) {
	target := gradcheck.Leaf(prediction.Graph(), prediction.Dtype(), 8,
		array(tensor.Shape{len(d.labels)}, d.labels...))
	return form(prediction, target, teacher)
}

func (d distilling) Sum(prediction, teacher *G.Node) (*G.Node, error) {
	return d.node(d.Distillation.Sum, prediction, teacher)
}

func (d distilling) Mean(prediction, teacher *G.Node) (*G.Node, error) {
	return d.node(d.Distillation.Mean, prediction, teacher)
}

func TestDistillationGradients(t *testing.T) {
	for _, w := range []float64{0, 0.3, 1} {
		d := distilled(losses.Distillation{Weight: w, Temperature: 3}, 2, 0, -1, 1)
		for _, l := range []form{d.Sum, d.Mean} {
			err := gradcheck.Check(gradcheck.Config{}, func(in ...*G.Node) (*G.Node, error) {
				return l(in[0], gradcheck.Leaf(in[0].Graph(), in[0].Dtype(), 9, random(15, 4, 3)))
			}, random(14, 4, 3))
			if err != nil {
				t.Errorf("weight %v: %v", w, err)
			}
		}
	}
}

func TestDistillationRefuses(t *testing.T) {
	for _, w := range []float64{-0.1, 1.1, nan} {
		if _, err := (losses.Distillation{Weight: w}).Sum(nil, nil, nil); err == nil ||
			!strings.Contains(err.Error(), "want [0,1]") {
			t.Errorf("weight %v: %v, want an error", w, err)
		}
	}
	if _, err := (losses.Distillation{}).Sum(nil, nil, nil); err == nil ||
		!strings.Contains(err.Error(), "nil") {
		t.Errorf("%v, want an error about nil", err)
	}
}

// A student that says what the teacher says has no divergence and no gradient, at any temperature, whatever
// is added to all logits of a row.
func TestDivergenceOfEqualsIsNone(t *testing.T) {
	x := random(16, 4, 6)
	y := x.Clone().(*tensor.Dense)
	for i := range y.Float64s() {
		y.Float64s()[i] += float64(i / 6)
	}
	for _, temperature := range []float64{0.5, 1, 4} {
		loss, grad := mustRun(t, losses.KLDivergence{Temperature: temperature}.Sum, x, y)
		for _, v := range append(grad, loss) {
			if math.Abs(v) > 1e-13 {
				t.Errorf("temperature %v: loss and gradient %v %v, want 0", temperature, loss, grad)
				break
			}
		}
	}
}
