package nn_test

import (
	"math"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
)

func TestValues(t *testing.T) {
	six := values(tensor.Shape{2, 3}, 1, 2, 3, 4, 5, 7)
	for _, c := range []struct {
		what string
		f    func(in ...*G.Node) (*G.Node, error)
		in   []*tensor.Dense
		want []float64
	}{
		{"transpose", func(in ...*G.Node) (*G.Node, error) { return nn.Transpose(in[0]) },
			[]*tensor.Dense{six}, []float64{1, 4, 2, 5, 3, 7}},
		{"slice of columns", func(in ...*G.Node) (*G.Node, error) { return nn.Slice(in[0], 1, 1, 3) },
			[]*tensor.Dense{six}, []float64{2, 3, 5, 7}},
		{"concat of columns", func(in ...*G.Node) (*G.Node, error) { return nn.Concat(1, in...) },
			[]*tensor.Dense{six, values(tensor.Shape{2, 1}, 8, 9)}, []float64{1, 2, 3, 8, 4, 5, 7, 9}},
		{"product", func(in ...*G.Node) (*G.Node, error) { return nn.MatMul(in[0], in[1]) },
			[]*tensor.Dense{six, values(tensor.Shape{3, 2}, 1, -1, 2, 0, 0, 3)}, []float64{5, 8, 14, 17}},
		{"difference by rows", func(in ...*G.Node) (*G.Node, error) { return nn.Sub(in[0], in[1]) },
			[]*tensor.Dense{six, values(tensor.Shape{2, 1}, 1, 10)}, []float64{0, 1, 2, -6, -5, -3}},
		{"product by columns", func(in ...*G.Node) (*G.Node, error) { return nn.Mul(in[0], in[1]) },
			[]*tensor.Dense{six, values(tensor.Shape{3}, 1, 10, 100)}, []float64{1, 20, 300, 4, 50, 700}},
		{"mean of columns", func(in ...*G.Node) (*G.Node, error) { return nn.Mean(in[0], 0) },
			[]*tensor.Dense{six}, []float64{2.5, 3.5, 5}},
		{"mean of a vector", func(in ...*G.Node) (*G.Node, error) { return nn.Mean(in[0], 0) },
			[]*tensor.Dense{values(tensor.Shape{4}, 1, 2, 3, 10)}, []float64{4}},
		{"sum", func(in ...*G.Node) (*G.Node, error) { return nn.Sum(in[0]) }, []*tensor.Dense{six},
			[]float64{22}},
		{"softmax", func(in ...*G.Node) (*G.Node, error) { return nn.Softmax(in[0]) },
			[]*tensor.Dense{values(tensor.Shape{1, 3}, 0, math.Log(2), math.Log(5))},
			[]float64{0.125, 0.25, 0.625}},
		{"scales of heads", func(in ...*G.Node) (*G.Node, error) { return nn.ScaleHeads(in[0], in[1], 10) },
			[]*tensor.Dense{values(tensor.Shape{2, 2, 1, 1}, 1, 2, 3, 4), values(tensor.Shape{2}, 5, -1)},
			[]float64{50, -20, 150, -40}},
		// Φ(1) and Φ(−2), Abramowitz and Stegun, table 26.1
		{"GELU", func(in ...*G.Node) (*G.Node, error) { return nn.GELU{}.Forward(nil, in[0]) },
			[]*tensor.Dense{values(tensor.Shape{3}, 1, -2, 0)},
			[]float64{0.841344746068543, -2 * 0.022750131948179, 0}},
		// torch.nn.functional.group_norm of PyTorch 1.13
		{"group norm", groupNorm(1, -2, 0.5, 3, 0, 1, 2, -0.25),
			[]*tensor.Dense{values(tensor.Shape{2, 4, 2}, 1, 2, 3, 5, 8, 13, 21, 34, -1, 0, 4, 4, 2, 7, 1,
				8)},
			[]float64{-1.18321325213558, -0.507091393772392, 0.661939070818405, -2.04254836263435,
				1.44011477059438, 1.69460805668784, 0.360783886624312, 4.33087914968234,
				-1.20740569612263, -0.768349079350763, -0.975754775473392, -0.975754775473392,
				1.58900275389722, 2.41099724610278, -3.70237686726335, 3.20237686726335}},
	} {
		got, _ := compute[float64](t, func(_ *G.ExprGraph, in ...*G.Node) (*G.Node,
			error) {
			return c.f(in...)
		}, c.in...)
		wantClose(t, c.what, got, 1e-13, c.want...)
	}
}

func TestPatchesOrder(t *testing.T) {
	x := normal(1, 2, 3, 6, 6)
	got := apply(t, nn.Patches{Size: 2}, nn.NewStore(1), x)
	i := 0
	for b := range 2 {
		for patch := range 9 {
			for c := range 3 {
				for pixel := range 4 {
					row, col := patch/3*2+pixel/2, patch%3*2+pixel%2
					if want := x.Float64s()[((b*3+c)*6+row)*6+col]; got[i] != want {
						t.Fatalf("image %d, patch %d, channel %d, pixel %d: %v, want %v",
							b, patch, c, pixel, got[i], want)
					}
					i++
				}
			}
		}
	}
}

func TestLayerNormOfARow(t *testing.T) {
	st := nn.NewStore(1)
	x := values(tensor.Shape{1, 4}, 1, 2, 3, 6) // mean 3, variance 3.5
	apply(t, nn.LayerNorm{Eps: 0.5}, st, x)
	for name, v := range map[string][]float64{"weight": {1, 2, 3, 4}, "bias": {0, 1, 0, -1}} {
		if err := st.Param(name).Set(v); err != nil {
			t.Fatal(err)
		}
	}
	wantClose(t, "LayerNorm", apply(t, nn.LayerNorm{Eps: 0.5}, st, x), 1e-15, -1, 0, 0, 5)
}

// attend computes multi-head attention sum by sum from the parameters of the layer.
func attend(st *nn.Store, x *tensor.Dense, heads int,
	logit func(q, k []float64, head int) float64) []float64 {
	batch, tokens, width := x.Shape()[0], x.Shape()[1], x.Shape()[2]
	w := width / heads
	linear := func(name string, row []float64) []float64 {
		y, weight := st.Param(name+".bias").Values(), st.Param(name+".weight").Values()
		for o := range y {
			for i, v := range row {
				y[o] += weight[o*width+i] * v
			}
		}
		return y
	}
	var out []float64
	for b := range batch {
		token := func(i int) []float64 { return x.Float64s()[(b*tokens+i)*width : (b*tokens+i+1)*width] }
		for i := range tokens {
			mixed := make([]float64, width)
			for h := range heads {
				sum, part := 0.0, mixed[h*w:(h+1)*w]
				for j := range tokens {
					e := math.Exp(logit(linear("q", token(i))[h*w:(h+1)*w],
						linear("k", token(j))[h*w:(h+1)*w], h))
					sum += e
					for c := range part {
						part[c] += e * linear("v", token(j))[h*w+c]
					}
				}
				for c := range part {
					part[c] /= sum
				}
			}
			out = append(out, linear("o", mixed)...)
		}
	}
	return out
}

func inner(a, b []float64) (sum float64) {
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

func TestAttentionIsItsFormula(t *testing.T) {
	const heads = 2
	scale := []float64{3, -0.5}
	for _, c := range []struct {
		what  string
		score nn.Score
		logit func(q, k []float64, head int) float64
	}{
		{"dot product", nil, func(q, k []float64,
			_ int) float64 {
			return inner(q, k) / math.Sqrt(float64(len(q)))
		}},
		{"cosine", nn.Cosine, func(q, k []float64, h int) float64 {
			return scale[h] * inner(q, k) / math.Sqrt(inner(q, q)*inner(k, k))
		}},
	} {
		layer, st, x := nn.Attention{Heads: heads, Score: c.score}, nn.NewStore(3), normal(1, 2, 3, 6)
		apply(t, layer, st, x)
		if p := st.Param("scale"); p != nil {
			wantClose(t, "first scale", p.Values(), 1e-15, math.Sqrt(3), math.Sqrt(3))
			if err := p.Set(scale); err != nil {
				t.Fatal(err)
			}
		}
		wantClose(t, c.what, apply(t, layer, st, x), 1e-10, attend(st, x, heads, c.logit)...)
	}
}

func TestFixedScores(t *testing.T) {
	for _, c := range []struct {
		score nn.Score
		want  []float64 // of one head
	}{
		{nn.UniformScore, []float64{0.5, 0.5, 0.5, 0.5}},
		{nn.IdentityScore, []float64{1, 0, 0, 1}},
	} {
		got, shape := compute[float64](t, func(g *G.ExprGraph, in ...*G.Node) (*G.Node, error) {
			w, err := c.score(nn.NewScope(g, nn.NewStore(1)), in[0], 3)
			return w.Probs, err
		}, normal(1, 2, 2, 6))
		if !slices.Equal(shape, []int{2, 3, 2, 2}) {
			t.Errorf("shape %v", shape)
		}
		wantClose(t, "probabilities", got, 0, slices.Repeat(c.want, 6)...)
	}
}

// groupNorm is that of two groups, of four channels with those weights and then biases.
func groupNorm(params ...float64) func(in ...*G.Node) (*G.Node, error) {
	return func(in ...*G.Node) (*G.Node, error) {
		st := nn.NewStore(1)
		y, err := nn.GroupNorm{Groups: 2}.Forward(nn.NewScope(in[0].Graph(), st), in[0])
		if err == nil {
			copy(st.Param("weight").Value.Float64s(), params[:4])
			copy(st.Param("bias").Value.Float64s(), params[4:])
		}
		return y, err
	}
}
