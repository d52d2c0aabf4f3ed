package nn_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/nntest"
	"github.com/hqvit/hqvit/nn/op"
)

// scores has one line for every score of the package, by the name of its function.
var scores = map[string]nn.Score{
	"DotProduct": nn.DotProduct, "Cosine": nn.Cosine, "UniformScore": nn.UniformScore,
	"IdentityScore": nn.IdentityScore, "Sinkhorn": nn.Sinkhorn(5), "QR": nn.QR,
}

// TestScoresConform: every score, of several tokens and of one, in two heads and in one.
func TestScoresConform(t *testing.T) {
	for name, s := range scores {
		for heads := 1; heads <= 2; heads++ {
			for _, tokens := range []int{1, 3} {
				t.Run(fmt.Sprint(name, ", heads ", heads, ", tokens ", tokens), func(t *testing.T) {
					shape := []int{2, tokens, 6}
					nntest.Conform(t, nntest.Case{Layer: nn.Attention{Heads: heads, Score: s}, Input: shape,
						Output: shape, Gradients: steep})
				})
			}
		}
	}
}

// TestQRBeyondTheWidth: more tokens than a head is wide give logits of deficient rank.
func TestQRBeyondTheWidth(t *testing.T) {
	shape := []int{2, 5, 4}
	nntest.Conform(t, nntest.Case{Layer: nn.Attention{Heads: 2, Score: nn.QR}, Input: shape, Output: shape,
		Gradients: steep})
}

// TestDoublyStochastic: rows and columns of QR sum to 1, those of Sinkhorn the nearer the more iterations.
func TestDoublyStochastic(t *testing.T) {
	far := func(score nn.Score) (rows, columns float64) {
		const tokens = 6
		p := coefficientsOf(t, score, normal(3, 3, tokens, 8))
		for m := 0; m < len(p); m += tokens * tokens {
			for i := range tokens {
				row, column := -1.0, -1.0
				for j := range tokens {
					row += p[m+i*tokens+j]
					column += p[m+j*tokens+i]
				}
				rows, columns = max(rows, math.Abs(row)), max(columns, math.Abs(column))
			}
		}
		return rows, columns
	}
	if rows, columns := far(nn.QR); rows > 1e-12 || columns > 1e-12 {
		t.Errorf("QR: rows are %v and columns %v from 1", rows, columns)
	}
	last := 1.0
	for _, k := range []int{1, 3, 5, 21} {
		rows, columns := far(nn.Sinkhorn(k))
		if rows > 1e-12 || columns >= last {
			t.Errorf("Sinkhorn of %d iterations: rows are %v and columns %v from 1, %v before", k, rows,
				columns, last)
		}
		last = columns
	}
	if last > 1e-3 {
		t.Errorf("Sinkhorn: columns are %v from 1 in the end", last)
	}
}

// coefficientsOf returns what two heads of attention with a score mix x with.
func coefficientsOf(t *testing.T, score nn.Score, x *tensor.Dense) []float64 {
	t.Helper()
	var attention *G.Node
	p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		s := nn.NewScope(g, nn.NewStore(1))
		_, err := nn.Attention{Heads: 2, Score: score}.Forward(s, gradcheck.Leaf(g, tensor.Float64, 0, x))
		taps := s.Taps()
		attention = taps[len(taps)-1].Node
		return op.Outputs{Keep: G.Nodes{attention}}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	return append([]float64{}, attention.Value().Data().([]float64)...)
}

// TestAttentionIsADistribution for every score, of one token, image and head and of several.
func TestAttentionIsADistribution(t *testing.T) {
	for name, score := range scores {
		for shape := range 8 {
			batch, tokens, heads := 1+shape&1, 1+2*(shape>>1&1), 1+shape>>2
			var attention *G.Node
			p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
				s := nn.NewScope(g, nn.NewStore(1))
				x := gradcheck.Leaf(g, tensor.Float64, 0, normal(1, batch, tokens, 6))
				if _, err := (nn.Attention{Heads: heads, Score: score}).Forward(s, x); err != nil {
					return op.Outputs{}, err
				}
				taps := s.Taps()
				attention = taps[len(taps)-1].Node
				return op.Outputs{Keep: G.Nodes{attention}}, nil
			})
			if err != nil {
				t.Fatal(name, err)
			}
			if err := p.Run(); err != nil {
				t.Fatal(name, err)
			}
			probs, err := op.Elements[float64](attention.Value())
			if err != nil {
				t.Fatal(name, err)
			}
			for row := range slices.Chunk(probs, tokens) {
				sum := 0.0
				for _, v := range row {
					sum += v
				}
				if math.Abs(sum-1) > 1e-12 {
					t.Errorf("%s, %d × %d tokens, %d heads: a row sums to %v",
						name, batch, tokens, heads, sum)
				}
			}
			p.Close()
		}
	}
}
