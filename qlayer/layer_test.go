package qlayer_test

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// built is a layer in a graph over random input.
type built struct {
	store *nn.Store
	scope *nn.Scope
	out   *G.Node
}

func build(layer nn.Layer, shape ...int) (built, error) {
	g, st := G.NewGraph(), nn.NewStore(1)
	b := built{store: st, scope: nn.NewScope(g, st)}
	x := G.NewTensor(g, tensor.Float64, len(shape), G.WithShape(shape...), G.WithName("x"),
		G.WithInit(G.Ones()))
	var err error
	b.out, err = layer.Forward(b.scope, x)
	return b, err
}

// TestParameters pins names, shapes and first values, which weights files and the yardstick rely on.
func TestParameters(t *testing.T) {
	b, err := build(qlayer.Attention{Heads: 2, Query: qlayer.RealAmplitudes(3)}, 2, 4, 16)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]tensor.Shape{"q.theta": {2, 9}, "k.theta": {2, 9}, "scale": {2},
		"v.weight": {16, 16}, "o.bias": {16}} {
		if p := b.store.Param(name); p == nil || !p.Value.Shape().Eq(want) {
			t.Errorf("%s: got %v, want shape %v", name, p, want)
		}
	}
	if n := b.store.Count("quantum"); n != 36 {
		t.Errorf("%d quantum parameters, want 36", n)
	}
	for _, name := range []string{"q.theta", "k.theta", "scale"} {
		if !b.store.Param(name).NoDecay {
			t.Errorf("%s decays", name)
		}
	}
	if s := b.store.Param("scale").Value.Float64s(); !slices.Equal(s, []float64{2, 2}) {
		t.Errorf("scale starts at %v, want a quarter of the head's width", s)
	}
	spread := 0.0
	theta := b.store.Param("q.theta").Value.Float64s()
	for _, v := range theta {
		spread += v * v / float64(len(theta))
	}
	if sd := math.Sqrt(spread); sd < 0.3 || sd > 0.8 {
		t.Errorf("angles start with a spread of %.2f, want about %v", sd, qlayer.InitAngle)
	}
}

// TestNotes counts the circuits by hand. T=4 and a head of 5 values: index registers of 2 qubits, data
// registers of 3.
func TestNotes(t *testing.T) {
	attention := func(s nn.Score) nn.Layer { return nn.Attention{Heads: 2, Score: s} }
	for _, c := range []struct {
		name  string
		layer nn.Layer
		want  string
	}{
		// 9 + 6, 3 CSWAP, 2 H
		{"swap", attention(qlayer.Swap{Query: qlayer.Entangling(1), Key: qlayer.Product(2)}.Score),
			"qubits 11, gates 20, parameterised gates 12"},
		{"hadamard", attention(qlayer.Hadamard{Query: qlayer.RealAmplitudes(1)}.Score),
			"qubits 8, gates 14, parameterised gates 6"},
		{"circuit", qlayer.Circuit{Ansatz: qlayer.RealAmplitudes(2)},
			"qubits 4, gates 16, parameterised gates 8"},
		{"orthogonal", attention(qlayer.Orthogonal{}.Score), ""},
	} {
		b, err := build(c.layer, 2, 4, 10)
		if err != nil {
			t.Fatal(err)
		}
		var notes []string
		for _, n := range b.scope.Notes() {
			notes = append(notes, fmt.Sprint(n.Key, " ", n.Count))
		}
		if got := strings.Join(notes, ", "); got != c.want {
			t.Errorf("%s: got notes %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTaps(t *testing.T) {
	b, err := build(qlayer.Attention{}, 2, 4, 8)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tap := range b.scope.Taps() {
		names = append(names, fmt.Sprint(tap.Name, tap.Node.Shape()))
	}
	if want := []string{"scale(1)", "tokens(2, 4, 8)", "attention(2, 1, 4, 4)"}; !slices.Equal(names, want) {
		t.Errorf("got taps %v, want %v", names, want)
	}
}

// TestFrozenAnglesAreNotTrained: they are in the Store with the same first values, and neither counted nor
// trained.
func TestFrozenAnglesAreNotTrained(t *testing.T) {
	frozen, err := build(nn.Attention{Score: qlayer.Swap{Frozen: true}.Score}, 2, 4, 8)
	if err != nil {
		t.Fatal(err)
	}
	free, err := build(qlayer.Attention{}, 2, 4, 8)
	if err != nil {
		t.Fatal(err)
	}
	if n := frozen.store.Count("quantum"); n != 0 {
		t.Errorf("%d trained angles", n)
	}
	for _, p := range frozen.scope.Trained() {
		if strings.HasSuffix(p.Name, "theta") {
			t.Errorf("%s is trained", p.Name)
		}
	}
	if a, b := frozen.store.Param("q.theta"), free.store.Param("q.theta"); !slices.Equal(a.Value.Float64s(),
		b.Value.Float64s()) {
		t.Error("frozen angles differ from the first values of free ones")
	}
}

// TestAttentionIsADistribution for every score, of one token, image and head and of several:
// ScoreRowNormalized by itself, without a softmax.
func TestAttentionIsADistribution(t *testing.T) {
	for name, score := range scores {
		for shape := range 8 {
			images, tokens, heads := 1+shape&1, 1+3*(shape>>1&1), 1+shape>>2
			b, err := build(nn.Attention{Heads: heads, Score: score}, images, tokens, 8)
			if err != nil {
				t.Fatal(name, err)
			}
			taps := b.scope.Taps()
			var v G.Value
			G.Read(taps[len(taps)-1].Node, &v)
			m := G.NewTapeMachine(b.scope.Graph())
			if err := m.RunAll(); err != nil {
				t.Fatal(name, err)
			}
			p, err := op.Elements[float64](v)
			if err != nil {
				t.Fatal(name, err)
			}
			for row := range slices.Chunk(p, tokens) {
				sum := 0.0
				for _, v := range row {
					sum += v
				}
				if math.Abs(sum-1) > 1e-12 {
					t.Errorf("%s, %d images of %d tokens, %d heads: a row sums to %v",
						name, images, tokens, heads, sum)
				}
			}
			m.Close()
		}
	}
}

// made is a layer whose ansatz is what place appends.
func made(place func(c *circuit.Circuit)) nn.Layer {
	return qlayer.Circuit{Ansatz: func(n int) *circuit.Circuit {
		c := circuit.New(n)
		place(c)
		return c
	}}
}

func TestErrors(t *testing.T) {
	zzz := statevec.Observable{{Coefficient: 1, Pauli: "ZZZ"}}
	three := func(int) *circuit.Circuit { return circuit.New(3) }
	score := func(s nn.Score) nn.Layer { return nn.Attention{Heads: 2, Score: s} }
	for _, c := range []struct {
		name, want string
		layer      nn.Layer
		shape      []int
	}{
		{"no ansatz", "want an Ansatz", qlayer.Circuit{}, []int{2, 4}},
		{"size", "want an ansatz of 2 qubits, got a circuit of 3", qlayer.Circuit{Ansatz: three},
			[]int{2, 4}},
		{"64 qubits", "want 1 to 30 qubits, got 64",
			qlayer.Circuit{Ansatz: func(int) *circuit.Circuit { return circuit.New(64) }}, []int{2, 4}},
		{"no qubits", "want 1 to 30 qubits, got 0",
			qlayer.Circuit{Ansatz: func(int) *circuit.Circuit { return circuit.New(0) }}, []int{2, 4}},
		{"qubit twice", "ansatz: circuit: cx: qubit 1 given twice",
			made(func(c *circuit.Circuit) { c.CX(1, 1) }), []int{2, 4}},
		{"NaN angle", "ansatz: circuit: rx: angle NaN is not finite",
			made(func(c *circuit.Circuit) { c.RX(0, circuit.Const(math.NaN())) }), []int{2, 4}},
		{"not unitary", "ansatz: circuit: Unitary: matrix is not unitary",
			made(func(c *circuit.Circuit) { c.Unitary(circuit.Matrix{1, 1, 0, 1}, 0) }), []int{2, 4}},
		{"not Hermitian", "generator is not Hermitian",
			made(func(c *circuit.Circuit) { c.Evolution(circuit.Matrix{1, 1i, 1i, 1}, circuit.Theta(0), 1) }),
			[]int{2, 4}},
		{"three features into two qubits", "ansatz of 3 qubits, got a circuit of 2",
			qlayer.Circuit{Ansatz: func(int) *circuit.Circuit { return circuit.New(2) },
				Encoder: qlayer.Angle{}}, []int{2, 3}},
		{"no observable", "want at least one observable",
			qlayer.Circuit{Ansatz: qlayer.Product(1), Measure: qops.Expectations()}, []int{2, 4}},
		{"observable", `want a Pauli string of 2 letters I, X, Y, Z, got "ZZZ"`,
			qlayer.Circuit{Ansatz: qlayer.Product(1), Measure: qops.Expectations(zzz)}, []int{2, 4}},
		{"qubit of an outcome", "qubit 2 out of range [0,2)",
			qlayer.Circuit{Ansatz: qlayer.Product(1), Measure: qops.Probabilities(2)}, []int{2, 4}},
		{"no circuit", "the ansatz gives no circuit for 2 qubits",
			qlayer.Circuit{Ansatz: func(int) *circuit.Circuit { return nil }}, []int{2, 4}},
		{"broken", "qubit 9 out of range [0,2)",
			qlayer.Circuit{Ansatz: func(n int) *circuit.Circuit { return circuit.New(n).H(9) }}, []int{2, 4}},
		{"data of amplitudes", "the default encoder Amplitude{} gives the ansatz no data, of which it " +
			"takes 2: want an Encoder that does, such as Angle, DenseAngle, Basis or IQP",
			qlayer.Circuit{Ansatz: again}, []int{2, 4}},
		{"data of a custom encoder", "the encoder qlayer_test.custom gives the ansatz no data",
			qlayer.Circuit{Ansatz: again, Encoder: custom{qlayer.Amplitude{}}}, []int{2, 4}},
		{"too few amplitudes", "16 values do not fit the amplitudes of 3 qubits",
			qlayer.Circuit{Ansatz: qlayer.Product(1), Encoder: qlayer.Amplitude{Qubits: 3}}, []int{2, 16}},
		{"too many qubits", "want 1 to 30 qubits, got 64",
			qlayer.Circuit{Ansatz: qlayer.Product(1), Encoder: qlayer.Angle{}}, []int{2, 64}},
		{"axis", "unknown axis 7", qlayer.Circuit{Ansatz: qlayer.Product(1), Encoder: qlayer.Angle{Axis: 7}},
			[]int{2, 2}},
		{"too many products", "IQP encoding of 64 features",
			qlayer.Circuit{Ansatz: qlayer.Product(1), Encoder: qlayer.IQP{}}, []int{2, 64}},
		{"layers of data", "IQP: want 0 or more layers, got -1",
			qlayer.Circuit{Ansatz: qlayer.Product(1), Encoder: qlayer.IQP{Layers: -1}}, []int{2, 2}},
		{"mirror of nothing", "Mirrored: the ansatz is nil",
			qlayer.Circuit{Ansatz: qlayer.Mirrored(1, nil)}, []int{2, 4}},
		{"mirror", "qubit 9 out of range [0,2)",
			qlayer.Circuit{Ansatz: qlayer.Mirrored(1,
				func(n int) *circuit.Circuit { return circuit.New(n).H(9) })}, []int{2, 4}},
		{"data of two features a qubit",
			"want an ansatz whose data are the 4 features, got one with data of 2",
			qlayer.Circuit{Ansatz: qlayer.Reuploading(1), Encoder: qlayer.DenseAngle{}}, []int{2, 4}},
		{"unary of another gate", "got ry of [θ0]", qlayer.Unary{Ansatz: qlayer.Product(1)}, []int{2, 4}},
		{"unary of one", "the ansatz has no trained angle for 1 features", qlayer.Unary{}, []int{2, 1}},
		{"unary of many", "want 1 to 30 qubits, got 31", qlayer.Unary{}, []int{2, 31}},
		{"no window", "windows of size 0 and stride 0 for images of side 4", qlayer.Quanvolution{},
			[]int{2, 1, 4, 4}},
		{"window past the border", "windows of size 3 and stride 2 for images of side 4",
			qlayer.Quanvolution{Size: 3, Stride: 2}, []int{2, 1, 4, 4}},
		{"wide window", "filter: basis encoding of 64 features: ", qlayer.Quanvolution{Size: 8},
			[]int{2, 1, 8, 8}},
		{"flat images", "want square images (B, C, S, S)", qlayer.Quanvolution{Size: 2}, []int{2, 16}},
		{"filter", "want a filter to (2, 4, K), got (2, 16)",
			qlayer.Quanvolution{Size: 2, Filter: nn.Flatten{}}, []int{2, 1, 4, 4}},
		{"classes", "want at least 2 classes, no negative qubits or layers, got 1, 0 and 0",
			qlayer.ReuploadingClassifier{Classes: 1}, []int{2, 2}},
		{"classifier", "want 1 to 30 qubits, got 64", qlayer.ReuploadingClassifier{Classes: 2, Qubits: 64},
			[]int{2, 2}},
		{"no Pauli", `Paulis: letters "W": want some of X, Y, Z`,
			qlayer.Circuit{Ansatz: qlayer.Product(1), Measure: qops.Paulis("W")}, []int{2, 4}},
		{"qubit", "Paulis: qubit 2 out of range [0,2)",
			qlayer.Circuit{Ansatz: qlayer.Product(1), Measure: qops.Paulis("Z", 2)}, []int{2, 4}},
		{"axes", "want input (B, T, D)", qlayer.Attention{}, []int{2, 4}},
		{"heads", "3 heads for a width of 8", qlayer.Attention{Heads: 3}, []int{2, 4, 8}},
		{"query", "q: want an ansatz of 2 qubits, got a circuit of 3", score(qlayer.Swap{Query: three}.Score),
			[]int{2, 4, 8}},
		{"logits", "unknown ScoreKind 9", score(qlayer.Swap{Kind: 9}.Score), []int{2, 4, 8}},
		{"no angles", "want theta (H, angles) of at least one circuit",
			score(qlayer.Hadamard{Query: qlayer.Product(0)}.Score), []int{2, 4, 8}},
		{"reflections", "Reflections is -1, want 1 or more, or 0",
			score(qlayer.Orthogonal{Reflections: -1}.Score), []int{2, 4, 8}},
		{"negative layers", "ansatz: Entangling: want 0 or more layers, got -1",
			qlayer.Circuit{Ansatz: qlayer.Entangling(-1)}, []int{2, 4}},
		{"negative blocks", "ansatz: Mirrored: want 0 or more layers, got -1",
			qlayer.Circuit{Ansatz: qlayer.Mirrored(-1, qlayer.Product(1))}, []int{2, 4}},
		{"negative layers of small angles", "Init gives NaN",
			qlayer.Circuit{Ansatz: qlayer.Product(1), Init: qlayer.SmallAngles(-1)}, []int{2, 4}},
		{"endless layers", "Entangling: 1099511627776 layers on 2 qubits have more than 32768 operations, " +
			"want at most 5461 layers",
			qlayer.Circuit{Ansatz: qlayer.Entangling(1 << 40)}, []int{2, 4}},
		{"endless layers of nothing", "Brick: 1099511627776 layers on 1 qubits",
			qlayer.Circuit{Ansatz: qlayer.Brick(1 << 40)}, []int{2, 2}},
		{"many layers", "q: ansatz: RealAmplitudes: 10000 layers on 2 qubits",
			score(qlayer.Swap{Query: qlayer.RealAmplitudes(10000)}.Score), []int{2, 4, 8}},
		{"endless blocks", "Mirrored: 1099511627776 layers on 2 qubits",
			qlayer.Circuit{Ansatz: qlayer.Mirrored(1<<40, qlayer.Product(1))}, []int{2, 4}},
		{"endless encoding", "IQP: 1099511627776 layers on 2 qubits",
			qlayer.Circuit{Ansatz: qlayer.Product(1), Encoder: qlayer.IQP{Layers: 1 << 40}}, []int{2, 2}},
		{"endless uploads", "ReuploadingClassifier: 1099511627776 layers on 1 qubits",
			qlayer.ReuploadingClassifier{Classes: 2, Layers: 1 << 40}, []int{2, 2}},
		{"endless reflections", "want at most 4 GiB",
			score(qlayer.Orthogonal{Reflections: 1 << 40}.Score), []int{2, 4, 8}},
		{"60 qubits", "encoder qlayer.Amplitude: circuit: New: want 1 to 30 qubits, got 60",
			qlayer.Circuit{Ansatz: qlayer.Entangling(1), Encoder: qlayer.Amplitude{Qubits: 60}}, []int{2, 4}},
		{"-1 qubits", "encoder qlayer.Amplitude: circuit: New: want 1 to 30 qubits, got -1",
			qlayer.Circuit{Ansatz: qlayer.Entangling(1), Encoder: qlayer.Amplitude{Qubits: -1}}, []int{2, 4}},
		{"too many states", "want at most 4",
			qlayer.Circuit{Ansatz: qlayer.Product(1), Encoder: qlayer.Amplitude{Qubits: 30}}, []int{2, 4}},
		{"no batch",
			"encoder qlayer_test.misbehaving: states of shape (4, 2), want the leading axes (2) of x",
			qlayer.Circuit{Ansatz: qlayer.Product(1), Encoder: misbehaving{encode: oneState}}, []int{2, 4}},
		{"nil encoder", "the encoder is nil (*qlayer.Amplitude)",
			qlayer.Circuit{Ansatz: qlayer.Product(1), Encoder: (*qlayer.Amplitude)(nil)}, []int{2, 4}},
		{"nil filter", "filter: the layer is nil (*nn.Linear)",
			qlayer.Quanvolution{Size: 2, Filter: (*nn.Linear)(nil)}, []int{2, 1, 4, 4}},
		{"ansatz that panics", "the ansatz (qlayer.Ansatz) panics: the caller's",
			qlayer.Circuit{Ansatz: panicking}, []int{2, 4}},
		{"mirrored ansatz that panics", "Mirrored: the ansatz (qlayer.Ansatz) panics: the caller's",
			qlayer.Circuit{Ansatz: qlayer.Mirrored(1, panicking)}, []int{2, 4}},
		{"encoder that panics", "the encoder (qlayer_test.misbehaving) panics",
			qlayer.Circuit{Ansatz: qlayer.Product(1), Encoder: misbehaving{encode: panickingNode}},
			[]int{2, 4}},
		{"measurement that panics", "(func(*gorgonia.Node) (*gorgonia.Node, error)) panics",
			qlayer.Circuit{Ansatz: qlayer.Product(1), Measure: qops.MeasureFunc(panickingNode)}, []int{2, 4}},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := build(c.layer, c.shape...)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s: the error comes after an allocation of %d bytes", c.name, n)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want it to say %q", c.name, err, c.want)
		}
	}
}
