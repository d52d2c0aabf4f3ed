package qlayer_test

import (
	"math"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qlayer"
)

// attend returns the coefficients (B, H, T, T) and the result (B, T, D) of attention in two heads, and the
// sum of the squares of all gradients, to x too.
func attend(t *testing.T, score nn.Score, x *tensor.Dense) (coefficients, out []float64, gradient float64) {
	t.Helper()
	var a, y *G.Node
	var wrt G.Nodes
	p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		s, leaf := nn.NewScope(g, nn.NewStore(4)), gradcheck.Leaf(g, tensor.Float64, 0, x)
		var err error
		if y, err = (nn.Attention{Heads: 2, Score: score}).Forward(s, leaf); err != nil {
			return op.Outputs{}, err
		}
		for _, tap := range s.Taps() {
			if tap.Kind == nn.TapAttention {
				a = tap.Node
			}
		}
		squares, err := nn.Mul(y, y)
		if err != nil {
			return op.Outputs{}, err
		}
		cost, err := nn.Sum(squares)
		wrt = append(G.Nodes{leaf}, s.Params()...)
		return op.Outputs{Cost: cost, WRT: wrt, Keep: G.Nodes{a, y}}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	for _, leaf := range wrt {
		for _, v := range p.Grad(leaf).Data().([]float64) {
			gradient += v * v
		}
	}
	values := func(n *G.Node) []float64 { return append([]float64{}, n.Value().Data().([]float64)...) }
	return values(a), values(y), gradient
}

// blind are the scores that look at places instead of tokens, or at all tokens in their order.
func blind(name string) bool {
	for _, part := range []string{"rbs patchwise", "rbs compound", "doubly", "qr"} {
		if strings.HasPrefix(name, part) {
			return true
		}
	}
	return false
}

// TestRivalLaws: a permutation of the tokens permutes rows and columns; equal tokens are attended to evenly;
// tokens of zeros give finite numbers and finite gradients.
func TestRivalLaws(t *testing.T) {
	const tokens, width = 4, 8
	for name, score := range rivals {
		if strings.Contains(name, "deep") || name == "qmsan three" || name == "rbs attention cross" ||
			name == "rbs compound cross" || name == "qpsan some" {
			continue // of other sizes, and the same kernels
		}
		t.Run(name, func(t *testing.T) {
			x := tensor.New(tensor.WithShape(2, tokens, width), tensor.WithBacking(make([]float64, 2*tokens*width)))
			for i := range x.Float64s() {
				x.Float64s()[i] = math.Sin(float64(1 + 3*i*i))
			}
			before, _, _ := attend(t, score, x)
			moved := x.Clone().(*tensor.Dense)
			for b := range 2 {
				for i := range tokens { // token i goes to i+1
					copy(moved.Float64s()[(b*tokens+(i+1)%tokens)*width:][:width],
						x.Float64s()[(b*tokens+i)*width:])
				}
			}
			after, _, _ := attend(t, score, moved)
			for i, v := range before {
				row, column := i/tokens%tokens, i%tokens
				j := i - i%(tokens*tokens) + (row+1)%tokens*tokens + (column+1)%tokens
				if !blind(name) && math.Abs(v-after[j]) > 1e-10 {
					t.Fatalf("pair (%d, %d): %v, and %v when the tokens are moved", row, column, v, after[j])
				}
			}
			equal := x.Clone().(*tensor.Dense)
			for i := range equal.Float64s() {
				equal.Float64s()[i] = x.Float64s()[i%width]
			}
			even, _, _ := attend(t, score, equal)
			for _, v := range even {
				if !blind(name) && math.Abs(v-1./tokens) > 1e-10 {
					t.Fatalf("of equal tokens one has a coefficient of %v", v)
				}
			}
			dark := x.Clone().(*tensor.Dense)
			clear(dark.Float64s()[width : (tokens+1)*width]) // all but the first, and the first of the next image
			a, y, gradient := attend(t, score, dark)
			for _, v := range append(a, y...) {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatal("tokens of zeros give NaN or infinity")
				}
			}
			if math.IsNaN(gradient) || gradient > 1e5 {
				t.Errorf("tokens of zeros give gradients of length² %v", gradient)
			}
		})
	}
}

// TestHadamardInFrontOfRX: RX of |+⟩ is a phase, so a score whose code has H there sees nothing of the
// tokens.
func TestHadamardInFrontOfRX(t *testing.T) {
	x := tensor.New(tensor.WithShape(1, 3, 8), tensor.WithBacking([]float64{1, -2, 3, 0.5, 0.1, -0.7, 2, 1,
		0.3, 0.2, -1, 2, 0.8, -0.4, 1, 0, 0.6, -1, 2, 0.3, 0.9, 1.2, -0.5, 0.1}))
	even, _, _ := attend(t, qlayer.ZDistance{Hadamard: true, All: true}.Score, x)
	for _, v := range even {
		if math.Abs(v-1./3) > 1e-12 {
			t.Errorf("a coefficient of %v, want 1/3", v)
		}
	}
	uneven, _, _ := attend(t, qlayer.ZDistance{All: true}.Score, x)
	if math.Abs(uneven[0]-1./3) < 1e-4 {
		t.Errorf("without H a coefficient of %v", uneven[0])
	}
}

// TestRivalShots: estimates of a score differ from its exact values by their noise, which falls with the
// shots.
func TestRivalShots(t *testing.T) {
	x := tensor.New(tensor.WithShape(1, 4, 8), tensor.WithBacking(make([]float64, 32)))
	for i := range x.Float64s() {
		x.Float64s()[i] = math.Sin(float64(2 + 5*i*i))
	}
	for name, score := range map[string]func(shots int) nn.Score{
		"QSANN": func(n int) nn.Score { return qlayer.QSANN{All: true, Values: true, Shots: n}.Score },
		"ZDistance": func(n int) nn.Score {
			return qlayer.ZDistance{Qubits: 3, All: true, Values: true, Shots: n}.Score
		},
		"ZDot":             func(n int) nn.Score { return qlayer.ZDot{Values: true, Shots: n}.Score },
		"QMSAN":            func(n int) nn.Score { return qlayer.QMSAN{Shots: n}.Score },
		"QKSAN":            func(n int) nn.Score { return qlayer.QKSAN{Shots: n}.Score },
		"QCSAM":            func(n int) nn.Score { return qlayer.QCSAM{Shots: n}.Score },
		"QCSAM, real":      func(n int) nn.Score { return qlayer.QCSAM{Form: qlayer.ComplexReal, Shots: n}.Score },
		"DoublyStochastic": func(n int) nn.Score { return qlayer.DoublyStochastic{Shots: n}.Score },
	} {
		_, exact, _ := attend(t, score(0), x)
		var off [2]float64
		for i, shots := range []int{100, 1000000} {
			_, got, _ := attend(t, score(shots), x)
			for k, v := range got {
				off[i] += (v - exact[k]) * (v - exact[k])
			}
		}
		// 10⁴ times the shots have a hundredth of the error
		if ratio := math.Sqrt(off[0] / off[1]); !(off[1] > 0 && ratio > 20 && ratio < 500) {
			t.Errorf("%s: errors of %.2g and %.2g with 10² and 10⁶ shots", name, math.Sqrt(off[0]),
				math.Sqrt(off[1]))
		}
	}
}

// TestSharesOfFewShots: shares of estimates are shares, though an estimate of a small overlap may be negative.
func TestSharesOfFewShots(t *testing.T) {
	const tokens = 4
	x := tensor.New(tensor.WithShape(8, tokens, 8), tensor.WithBacking(make([]float64, 8*tokens*8)))
	for i := range x.Float64s() {
		x.Float64s()[i] = math.Sin(float64(2 + 5*i*i))
	}
	for name, score := range map[string]nn.Score{
		"QMSAN": qlayer.QMSAN{Shots: 1}.Score, "QKSAN": qlayer.QKSAN{Shots: 1, Shares: true}.Score,
		"DoublyStochastic": qlayer.DoublyStochastic{Shots: 1}.Score,
	} {
		a, _, gradient := attend(t, score, x)
		for r := 0; r < len(a); r += tokens {
			sum := 0.0
			for _, v := range a[r : r+tokens] {
				if !(v >= 0) {
					t.Fatalf("%s: a share of %v", name, v)
				}
				sum += v
			}
			if math.Abs(sum-1) > 1e-12 {
				t.Fatalf("%s: shares of a row add up to %v", name, sum)
			}
		}
		if math.IsNaN(gradient) || gradient > 1e6 {
			t.Errorf("%s: gradients of length² %v", name, gradient)
		}
	}
}
