package qops_test

import (
	"fmt"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// routed returns CircuitScores of (x, thetaQ, thetaK, scale) and perhaps weights, by a route.
func routed(q, k *circuit.Circuit, o qops.ScoreOptions, route qops.Route) function {
	return func(in ...*G.Node) (*G.Node, error) {
		o := o
		o.Scale = in[3]
		s, err := qops.CircuitScoresBy(in[0], q, k, in[1], in[2], o, route)
		if err != nil || len(in) < 5 {
			return s, err
		}
		return G.HadamardProd(s, in[4])
	}
}

// scoreInputs returns the operands of routed without weights.
func scoreInputs(q, k *circuit.Circuit, images, tokens, heads, head int) []*tensor.Dense {
	return []*tensor.Dense{random(1, images, tokens, heads*head), random(2, heads, q.NumTheta()),
		random(3, heads, k.NumTheta()), random(4, heads)}
}

// TestRoutesAgree compares the matrix with the circuits on every patch, values and all gradients: real and
// complex circuits, every kind, heads that fill their states and heads that do not, one token, image and
// head, and several.
func TestRoutesAgree(t *testing.T) {
	for name, pair := range map[string][2]*circuit.Circuit{
		"real":    {layered(3, 2, false), layered(3, 1, false)},
		"complex": {tangled(3), layered(3, 2, true)},
	} {
		q, k := pair[0], pair[1]
		for _, s := range [][4]int{{2, 5, 2, 8}, {2, 5, 2, 6}, {1, 5, 1, 6}, {2, 1, 2, 6}, {1, 1, 2, 8},
			{2, 1, 1, 6}, {1, 1, 1, 8}} {
			images, tokens, heads, head := s[0], s[1], s[2], s[3]
			inputs := scoreInputs(q, k, images, tokens, heads, head)
			weighted := append(slices.Clone(inputs), random(5, images, heads, tokens, tokens))
			for kind := qops.ScoreOverlap; kind <= qops.ScoreConditional; kind++ {
				o := qops.ScoreOptions{Kind: kind, Gain: 3}
				circuits, matrix := routed(q, k, o, qops.PatchwiseRoute), routed(q, k, o, qops.MatrixRoute)
				what := fmt.Sprintf("%s, %v, kind %d", name, s, kind)
				near(t, what, mustEvaluate(t, circuits, inputs...), mustEvaluate(t, matrix, inputs...), 1e-13)
				got, want := gradients(t, circuits, weighted...), gradients(t, matrix, weighted...)
				for i := range inputs {
					near(t, fmt.Sprint(what, ", gradient ", i), got[i], want[i], 1e-12)
				}
			}
		}
	}
}

// TestScoresOfEveryShape holds every kind and route to central differences where an axis has one element: one
// token, one image, one head, and all combinations.
func TestScoresOfEveryShape(t *testing.T) {
	q, k := tangled(2), layered(2, 1, true)
	for shape := range 8 {
		images, tokens, heads := 1+shape&1, 1+shape>>1&1, 1+shape>>2
		inputs := scoreInputs(q, k, images, tokens, heads, 3)
		for kind := qops.ScoreOverlap; kind <= qops.ScoreConditional; kind++ {
			for _, route := range []qops.Route{qops.MatrixRoute, qops.PatchwiseRoute} {
				f := routed(q, k, qops.ScoreOptions{Kind: kind, Gain: 3}, route)
				if err := gradcheck.Check(gradcheck.Config{}, f, inputs...); err != nil {
					t.Errorf("%d images of %d tokens, %d heads, kind %d, route %d: %v",
						images, tokens, heads, kind, route, err)
				}
			}
		}
	}
}

// TestRowNormalizedIsADistribution by every route, in both types, for any number of tokens: of one token it
// is 1, and moves neither x nor an angle.
func TestRowNormalizedIsADistribution(t *testing.T) {
	q, k := layered(2, 2, false), layered(2, 1, true)
	for shape := range 8 {
		images, tokens, heads := 1+shape&1, 1+2*(shape>>1&1), 1+shape>>2
		inputs := scoreInputs(q, k, images, tokens, heads, 4)
		for _, route := range []qops.Route{qops.CheaperRoute, qops.MatrixRoute, qops.PatchwiseRoute} {
			f := func(in ...*G.Node) (*G.Node, error) {
				o := qops.ScoreOptions{Kind: qops.ScoreRowNormalized}
				return qops.CircuitScoresBy(in[0], q, k, in[1], in[2], o, route)
			}
			what := fmt.Sprintf("%d images of %d tokens, %d heads, route %d", images, tokens, heads, route)
			sumToOne(t, what, mustEvaluate(t, f, inputs[:3]...), tokens, 1e-15)
			narrow, _, err := evaluate[float32](f, inputs[:3]...)
			if err != nil {
				t.Fatal(err)
			}
			sumToOne(t, what, widen(narrow), tokens, 1e-6)
			if tokens > 1 {
				continue
			}
			for i, g := range gradients(t, f, inputs[:3]...) {
				near(t, fmt.Sprint(what, ", gradient ", i), g, make([]float64, len(g)), 1e-15)
			}
		}
	}
}

func sumToOne(t *testing.T, what string, scores []float64, tokens int, tol float64) {
	t.Helper()
	for row := range slices.Chunk(scores, tokens) {
		sum := 0.0
		for _, v := range row {
			sum += v
		}
		near(t, what, []float64{sum}, []float64{1}, tol)
	}
}

// TestPatchwiseGradient holds the circuits' route to central differences by itself.
func TestPatchwiseGradient(t *testing.T) {
	q, k := tangled(2), layered(2, 1, true)
	for _, kind := range []qops.ScoreKind{qops.ScoreOverlap, qops.ScoreSigned} {
		f := routed(q, k, qops.ScoreOptions{Kind: kind, Gain: 9}, qops.PatchwiseRoute)
		if err := gradcheck.Check(gradcheck.Config{}, f, scoreInputs(q, k, 2, 3, 2, 3)...); err != nil {
			t.Errorf("kind %d: %v", kind, err)
		}
	}
}

// TestCheaperRoute follows from the shapes: the circuits run on 64 columns for the matrix, which few patches
// do not repay.
func TestCheaperRoute(t *testing.T) {
	c := layered(6, 3, false)
	for tokens, want := range map[int]string{1: "CircuitScores", 4096: "Scores"} {
		g := G.NewGraph()
		x := G.NewTensor(g, tensor.Float32, 3, G.WithShape(1, tokens, 64), G.WithName("x"))
		q := G.NewMatrix(g, tensor.Float32, G.WithShape(1, c.NumTheta()), G.WithName("q"))
		k := G.NewMatrix(g, tensor.Float32, G.WithShape(1, c.NumTheta()), G.WithName("k"))
		s, err := qops.CircuitScores(x, c, c, q, k, qops.ScoreOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Op().String(); got != want {
			t.Errorf("%d tokens: node %s, want %s", tokens, got, want)
		}
	}
}

func TestCircuitScoresErrors(t *testing.T) {
	c := layered(2, 1, false)
	inputs := scoreInputs(c, c, 1, 3, 2, 4)
	for route := qops.CheaperRoute; route <= qops.PatchwiseRoute; route++ {
		for _, e := range []struct {
			name, want string
			operand    int
			value      *tensor.Dense
		}{
			{"x", "want x (B, T, D), got (3, 8)", 0, random(1, 3, 8)},
			{"angles", "want thetaK (2, 2), got (2, 3)", 2, random(3, 2, 3)},
			{"heads", "a head of width 6 does not fit W (2, 4, 4)", 0, random(1, 1, 3, 12)},
			{"odd width", "2 heads for a width of 7, want a divisor of the width", 0, random(1, 1, 3, 7)},
			{"scale", "want Scale (2), one factor for each head, got (3)", 3, random(4, 3)},
		} {
			wrong := slices.Clone(inputs)
			wrong[e.operand] = e.value
			wantError(t, e.name, e.want, routed(c, c, qops.ScoreOptions{}, route), wrong...)
		}
	}
}
