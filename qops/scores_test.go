package qops_test

import (
	"fmt"
	"math"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
)

// attention returns Scores of (x, thetaQ, thetaK) with W from two circuits.
func attention(q, k *circuit.Circuit, o qops.ScoreOptions) function {
	return func(in ...*G.Node) (*G.Node, error) {
		w, err := qops.Unitary(q, k, in[1], in[2])
		if err != nil {
			return nil, err
		}
		return qops.Scores(in[0], w, o)
	}
}

// TestScoresGolden has its numbers from an independent simulation: docs/peers/attention_golden.py golden.
func TestScoresGolden(t *testing.T) {
	c := layered(2, 2, true)
	x, theta, phi, weight := wave(1.7, 0.3, 1, 4, 4), wave(2.3, 0.5, 1, 8), wave(0.9, 1.1, 1, 8),
		wave(0.7, 0.2, 1, 1, 4, 4)
	for _, g := range []struct {
		kind qops.ScoreKind
		want []float64
	}{
		{qops.ScoreOverlap, []float64{
			0.0121699192339794, 0.0284421221542739, 0.0334968597130907, 0.0223977155720951,
			0.00298356646988646, 0.0241663246850295, 0.0468754909634323, 0.0489334748481715,
			0.00155416667116681, 0.0116239693449478, 0.0382460229544529, 0.0554214425192431,
			0.00927766026762657, 0.00306382020962031, 0.0160359252382283, 0.0355255211635552,
		}},
		{qops.ScoreRowNormalized, []float64{
			0.20031425279943, 0.248470041152252, 0.282349495267609, 0.268866210780709,
			0.158993405466335, 0.217777748928196, 0.29929426685807, 0.3239345787474,
			0.167341710770844, 0.193659435312689, 0.285607895203242, 0.353390958713224,
			0.215475436407109, 0.195905076387367, 0.254527324954505, 0.334092162251019,
		}},
		{qops.ScoreConditional, []float64{
			0.613757993086128, 0.768306684857084, 0.78361452815399, 0.670368875499681,
			0.528145256681056, 0.730067552479042, 0.900539617907717, 0.875636563532444,
			0.513158972240713, 0.599323978145177, 0.793319417970124, 0.881851508776784,
			0.570570792899651, 0.523519337189806, 0.610486879599409, 0.719896995467811,
		}},
	} {
		near(t, fmt.Sprint("kind ", g.kind), mustEvaluate(t, attention(c, c, qops.ScoreOptions{Kind: g.kind}),
			x, theta, phi), g.want, 1e-14)
	}
	weighted := func(in ...*G.Node) (*G.Node, error) {
		s, err := attention(c, c, qops.ScoreOptions{})(in...)
		if err != nil {
			return nil, err
		}
		return G.HadamardProd(s, in[3])
	}
	grads := gradients(t, weighted, x, theta, phi, weight)
	near(t, "dx", grads[0], []float64{
		0.0987211723750221, 0.0725927020745914, -0.0404037095000843, -0.0366268552446597,
		-0.120377607150618, -0.0724040979386644, 0.0707268325208093, 0.028126642397686,
		0.118378859050378, 0.0513840703885499, -0.0572919541683858, -0.0465103652661932,
		-0.0798002650900174, -0.025644735196272, 0.0481469889703025, -0.00898278790624134,
	}, 1e-12)
	near(t, "dtheta", grads[1], []float64{
		0.0224861446775766, -0.0197970996178969, -0.0487443509884911, -0.0082290480812759,
		0.00814163324576896, -0.0158305146878111, 0.0097073036559375, 0.0210312210222815,
	}, 1e-12)
	near(t, "dphi", grads[2], []float64{
		0.000753027799013819, -0.0209808897816815, 0.0247018841342196, -0.0140016757309052,
		-0.00563223055218966, 0.0158305146878112, 0.00144529239617899, -0.0210312210222815,
	}, 1e-12)
}

// TestScoresGradient covers every kind of a real and of a complex W, one that fits the heads and one that is
// larger.
func TestScoresGradient(t *testing.T) {
	for kind := qops.ScoreOverlap; kind <= qops.ScoreConditional; kind++ {
		for _, w := range [][]int{{2, 4, 4}, {2, 4, 4, 2}, {3, 4, 4}, {3, 4, 4, 2}} {
			heads := w[0]
			width := map[int]int{2: 8, 3: 9}[heads]
			f := func(in ...*G.Node) (*G.Node, error) {
				return qops.Scores(in[0], in[1], qops.ScoreOptions{Kind: kind, Gain: 3, Scale: in[2]})
			}
			err := gradcheck.Check(gradcheck.Config{}, f, random(1, 2, 3, width), random(2, w...),
				random(3, heads))
			if err != nil {
				t.Errorf("kind %d, W %v: %v", kind, w, err)
			}
		}
	}
}

// TestScoresGradientThroughCircuits goes from the coefficients to the angles, several heads and images at
// once.
func TestScoresGradientThroughCircuits(t *testing.T) {
	for name, pair := range map[string][2]*circuit.Circuit{
		"real":    {layered(2, 2, false), layered(2, 1, false)},
		"complex": {tangled(2), layered(2, 1, true)},
	} {
		q, k := pair[0], pair[1]
		err := gradcheck.Check(gradcheck.Config{}, attention(q, k, qops.ScoreOptions{Gain: 9}),
			random(1, 2, 3, 8), random(2, 2, q.NumTheta()), random(3, 2, k.NumTheta()))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestScoresOfDarkness pins the documented rules for images and patches of zeros.
func TestScoresOfDarkness(t *testing.T) {
	x := random(1, 2, 3, 4)
	v := x.Float64s()
	clear(v[4:8])   // a patch
	clear(v[12:24]) // an image
	w := random(2, 1, 4, 4, 2)
	for kind, dark := range map[qops.ScoreKind]float64{qops.ScoreOverlap: 0, qops.ScoreSigned: 0,
		qops.ScoreRowNormalized: 0, qops.ScoreConditional: 0.5} {
		f := func(in ...*G.Node) (*G.Node, error) {
			return qops.Scores(in[0], in[1], qops.ScoreOptions{Kind: kind})
		}
		got, grads := mustEvaluate(t, f, x, w), gradients(t, f, x, w)
		for i := range 9 {
			if got[9+i] != dark {
				t.Errorf("kind %d, dark image, pair %d: got %v, want %v", kind, i, got[9+i], dark)
			}
			if i/3 == 1 && kind != qops.ScoreRowNormalized && got[i] != dark {
				t.Errorf("kind %d, dark patch, pair %d: got %v, want %v", kind, i, got[i], dark)
			}
		}
		for i, g := range grads[0] {
			if i >= 12 && g != 0 || math.IsNaN(g) {
				t.Errorf("kind %d: dx[%d] is %v", kind, i, g)
			}
		}
	}
	row := mustEvaluate(t, func(in ...*G.Node) (*G.Node, error) {
		return qops.Scores(in[0], in[1], qops.ScoreOptions{Kind: qops.ScoreRowNormalized})
	}, x, w)[3:6]
	near(t, "a dark patch attends by brightness", []float64{row[0] + row[1] + row[2], row[1]},
		[]float64{1, 0}, 1e-15)
}

// TestScoresOfAnyLength: the scale of an image is lost, without overflow on the way.
func TestScoresOfAnyLength(t *testing.T) {
	w := random(2, 2, 4, 4)
	for kind := qops.ScoreOverlap; kind <= qops.ScoreConditional; kind++ {
		f := func(in ...*G.Node) (*G.Node, error) {
			return qops.Scores(in[0], in[1], qops.ScoreOptions{Kind: kind})
		}
		anyLength[float32](t, f, 1e-5, random(1, 2, 3, 8), w)
		anyLength[float64](t, f, 1e-13, random(1, 2, 3, 8), w)
	}
}

func TestScoresErrors(t *testing.T) {
	scores := func(in ...*G.Node) (*G.Node, error) {
		o := qops.ScoreOptions{}
		if len(in) > 2 {
			o.Scale = in[2]
		}
		return qops.Scores(in[0], in[1], o)
	}
	bad := random(1, 3, 2, 4)
	bad.Float64s()[13] = math.NaN()
	for _, c := range []struct {
		name, want string
		inputs     []*tensor.Dense
	}{
		{"x", "want x (B, T, D), got (2, 3)", []*tensor.Dense{random(1, 2, 3), random(2, 1, 4, 4)}},
		{"W", "want W (H, d, d) or (H, d, d, 2), got (2, 4, 2)",
			[]*tensor.Dense{random(1, 2, 3, 8), random(2, 2, 4, 2)}},
		{"heads", "3 heads for a width of 8, want a divisor of the width",
			[]*tensor.Dense{random(1, 2, 3, 8), random(2, 3, 4, 4)}},
		{"small W", "a head of width 8 does not fit W (1, 4, 4)",
			[]*tensor.Dense{random(1, 2, 3, 8), random(2, 1, 4, 4)}},
		{"scale", "want Scale (2), one factor for each head, got (3)",
			[]*tensor.Dense{random(1, 2, 3, 8), random(2, 2, 4, 4), random(3, 3)}},
		{"NaN", "row 1: x (1, 1) is NaN", []*tensor.Dense{bad, random(2, 1, 4, 4)}},
	} {
		wantError(t, c.name, c.want, scores, c.inputs...)
	}
}

// TestScoresOfHeadsAndImages compares with the definition, pair by pair: which columns, which image, which W.
func TestScoresOfHeadsAndImages(t *testing.T) {
	const images, tokens, heads, head, dim = 2, 5, 3, 3, 4
	x, w, scale := random(1, images, tokens, heads*head), random(2, heads, dim, dim, 2), random(3, heads)
	var squares, signed []float64
	for i := range images {
		for h := range heads {
			e := unitPatches(x.Float64s()[i*tokens*heads*head:], tokens, heads*head, h*head, head)
			for a := range tokens * tokens {
				var z complex128
				for l, u := range e[a/tokens] {
					for m, v := range e[a%tokens] {
						i := 2 * ((h*dim+l)*dim + m)
						z += complex(u*v, 0) * complex(w.Float64s()[i], w.Float64s()[i+1])
					}
				}
				factor := 7 * scale.Float64s()[h]
				squares = append(squares, factor*(real(z)*real(z)+imag(z)*imag(z)))
				signed = append(signed, factor*real(z))
			}
		}
	}
	for kind, want := range map[qops.ScoreKind][]float64{qops.ScoreOverlap: squares,
		qops.ScoreSigned: signed} {
		got := mustEvaluate(t, func(in ...*G.Node) (*G.Node, error) {
			return qops.Scores(in[0], in[1], qops.ScoreOptions{Kind: kind, Gain: 7, Scale: in[2]})
		}, x, w, scale)
		near(t, fmt.Sprint("kind ", kind), got, want, 1e-12)
	}
}

// unitPatches returns the rows of a head's columns of an image, scaled together.
func unitPatches(x []float64, tokens, stride, from, width int) [][]float64 {
	e, norm := make([][]float64, tokens), 0.0
	for i := range e {
		e[i] = append([]float64{}, x[i*stride+from:][:width]...)
		for _, v := range e[i] {
			norm += v * v
		}
	}
	for _, row := range e {
		for j := range row {
			row[j] /= math.Sqrt(norm)
		}
	}
	return e
}
