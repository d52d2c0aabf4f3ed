package qlayer_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qlayer"
)

// rivals are the published scores of testdata/rivals.py, by the names of its cases.
var rivals = map[string]nn.Score{
	"qsann":               qlayer.QSANN{Qubits: 2, Depth: 1}.Score,
	"qsann deep":          qlayer.QSANN{Qubits: 3, Layers: 2, Values: true}.Score,
	"qsann all":           qlayer.QSANN{Qubits: 2, All: true, Values: true}.Score,
	"z-distance":          qlayer.ZDistance{Values: true}.Score,
	"z-distance all":      qlayer.ZDistance{Qubits: 3, All: true}.Score,
	"z-distance hadamard": qlayer.ZDistance{Qubits: 3, Hadamard: true}.Score,
	"z-dot":               qlayer.ZDot{Values: true}.Score,
	"z-dot narrow":        qlayer.ZDot{Qubits: 3, Layers: 2}.Score,
	"qmsan":               qlayer.QMSAN{Query: qlayer.Entangling(2)}.Score,
	"qmsan three":         qlayer.QMSAN{Query: qlayer.RealAmplitudes(3), Softmax: true}.Score,
	"qksan":               qlayer.QKSAN{Qubits: 3, Layers: 2}.Score,
	"qksan qaoa":          qlayer.QKSAN{QAOA: true, Shares: true}.Score,
	"sinkhorn":            nn.Sinkhorn(5),
	"sinkhorn of one":     nn.Sinkhorn(1),
	"qr":                  nn.QR,

	"doubly stochastic":       qlayer.DoublyStochastic{Layers: 3}.Score,
	"doubly stochastic usual": qlayer.DoublyStochastic{}.Score,
	"doubly stochastic two":   qlayer.DoublyStochastic{Ancillas: 2, Layers: 4}.Score,

	"qpsan":                 qlayer.QPSAN{}.Score,
	"qpsan some":            qlayer.QPSAN{Elements: 3}.Score,
	"rbs patchwise":         qlayer.RBSPatchwise{}.Score,
	"rbs patchwise squares": qlayer.RBSPatchwise{Form: qlayer.ButterflyForm, Squares: true}.Score,
	"rbs attention":         qlayer.RBSAttention{}.Score,
	"rbs attention cross":   qlayer.RBSAttention{Form: qlayer.CrossForm, Values: true}.Score,
	"rbs compound":          qlayer.RBSCompound{}.Score,
	"rbs compound cross":    qlayer.RBSCompound{Form: qlayer.CrossForm, Squares: true}.Score,
	"qcsam":                 qlayer.QCSAM{}.Score,
	"qcsam narrow":          qlayer.QCSAM{}.Score,
	"qcsam real":            qlayer.QCSAM{Form: qlayer.ComplexReal}.Score,
	"qcsam modulus":         qlayer.QCSAM{Form: qlayer.ComplexModulus}.Score,
}

// array is a tensor of testdata/rivals.json.
type array struct {
	Shape []int
	Data  []float64
}

func (a array) dense() *tensor.Dense {
	return tensor.New(tensor.WithShape(a.Shape...), tensor.WithBacking(slices.Clone(a.Data)))
}

// TestRivals holds the scores to what numpy makes of their circuits, gate by gate on all their qubits
// (testdata/rivals.py), up to what keeps roots and quotients finite, 1e-12 of a square.
func TestRivals(t *testing.T) {
	text, err := os.ReadFile("testdata/rivals.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name   string
		Heads  int
		X      array
		Params map[string]array
		Out    map[string]array
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, c := range cases {
		known[c.Name] = true
		t.Run(c.Name, func(t *testing.T) {
			score := rivals[c.Name]
			if score == nil {
				t.Fatal("no score of this name")
			}
			got := scoreOf(t, score, c.X.dense(), c.Heads, c.Params)
			if len(got) != len(c.Out) {
				t.Errorf("got %d results, want %d", len(got), len(c.Out))
			}
			for name, want := range c.Out {
				values, ok := got[name]
				if !ok || !slices.Equal(values.Shape(), want.Shape) {
					t.Fatalf("%s: got %v, want shape %v", name, values, want.Shape)
				}
				for i, v := range values.Float64s() {
					if !(math.Abs(v-want.Data[i]) <= 1e-10*max(1, math.Abs(want.Data[i]))) {
						t.Fatalf("%s, element %d: %v, want %v", name, i, v, want.Data[i])
					}
				}
			}
		})
	}
	for name := range rivals {
		if !known[name] {
			t.Errorf("testdata/rivals.json has no case %q", name)
		}
	}
}

// scoreOf returns what a score gives of x with these parameters, which have to be all that it asks for.
func scoreOf(t *testing.T, score nn.Score, x *tensor.Dense, heads int,
	params map[string]array) map[string]*tensor.Dense {
	t.Helper()
	st := nn.NewStore(1)
	var w nn.AttentionScores
	p, err := op.NewProgram(func(g *G.ExprGraph) (op.Outputs, error) {
		var err error
		w, err = score(nn.NewScope(g, st), gradcheck.Leaf(g, tensor.Float64, 0, x), heads)
		var keep G.Nodes
		for _, n := range []*G.Node{w.Logits, w.Probs, w.Values, w.Mixed} {
			if n != nil {
				keep = append(keep, n)
			}
		}
		return op.Outputs{Keep: keep}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, parameter := range st.Params() {
		values, ok := params[parameter.Name]
		if !ok || !slices.Equal(values.Shape, parameter.Value.Shape()) {
			t.Fatalf("parameter %s %v is none of the case", parameter.Name, parameter.Value.Shape())
		}
		if err := parameter.Set(values.Data); err != nil {
			t.Fatal(err)
		}
	}
	if len(params) != len(st.Params()) {
		t.Fatalf("%d parameters, want %d: %v", len(st.Params()), len(params), st.Names())
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	out := map[string]*tensor.Dense{}
	for name, n := range map[string]*G.Node{"logits": w.Logits, "probs": w.Probs, "values": w.Values,
		"mixed": w.Mixed} {
		if n != nil {
			out[name] = n.Value().(*tensor.Dense)
		}
	}
	return out
}
