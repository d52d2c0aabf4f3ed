package nn_test

import (
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
)

// filled returns a Store with the parameters of a layer for an input of (2, 3, 4).
func filled(t *testing.T, seed uint64, layer nn.Layer) *nn.Store {
	t.Helper()
	st := nn.NewStore(seed)
	g := G.NewGraph()
	if _, err := layer.Forward(nn.NewScope(g, st),
		gradcheck.Leaf(g, tensor.Float64, 0, normal(1, 2, 3, 4))); err != nil {
		t.Fatal(err)
	}
	return st
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		layer nn.Layer
		want  string
	}{
		{nn.Linear{Out: 2}, "bias weight"},
		{nn.LayerNorm{}, "bias weight"},
		// as torch.nn.Sequential(Linear, GELU, Linear)
		{nn.MLP{Hidden: 3, Dropout: 0.1}, "0.bias 0.weight 2.bias 2.weight"},
		{nn.Attention{}, "k.bias k.weight o.bias o.weight q.bias q.weight v.bias v.weight"},
		{nn.Attention{Score: nn.UniformScore}, "o.bias o.weight v.bias v.weight"},
		{nn.Attention{Score: nn.IdentityScore}, "o.bias o.weight v.bias v.weight"},
		{nn.Attention{Score: nn.Cosine},
			"k.bias k.weight o.bias o.weight q.bias q.weight scale v.bias v.weight"},
		{nn.Position{}, "pos"},
		{nn.Residual{Layer: nn.Linear{Out: 4}}, "bias weight"},
		{nn.Chain{nn.Flatten{}, nn.Linear{Out: 2}}, "1.bias 1.weight"},
	} {
		if got := strings.Join(filled(t, 1, c.layer).Names(), " "); got != c.want {
			t.Errorf("%T: parameters %s, want %s", c.layer, got, c.want)
		}
	}
}

func TestFirstValuesDependOnSeedAndNameOnly(t *testing.T) {
	short := nn.Chain{nn.Linear{Out: 4}}
	long := nn.Chain{nn.Linear{Out: 4}, nn.Linear{Out: 5}, nn.LayerNorm{}}
	a, b, c := filled(t, 1, short), filled(t, 1, long), filled(t, 2, short)
	for _, name := range a.Names() {
		if !slices.Equal(a.Param(name).Values(), b.Param(name).Values()) {
			t.Errorf("%s changes when layers are added", name)
		}
		if slices.Equal(a.Param(name).Values(), c.Param(name).Values()) {
			t.Errorf("%s is the same for another seed", name)
		}
	}
	if slices.Equal(b.Param("0.bias").Values(), b.Param("1.bias").Values()[:4]) {
		t.Error("two parameters start with the same values")
	}
	for _, v := range a.Param("0.weight").Values() {
		if v < -0.5 || v >= 0.5 { // 1/√4
			t.Errorf("a weight of a Linear of 4 features starts at %v", v)
		}
	}
}

func TestCountAndFlags(t *testing.T) {
	st := filled(t, 1, nn.Chain{nn.Linear{Out: 4}, nn.Func(circuit), nn.LayerNorm{}})
	for _, c := range []struct {
		groups []string
		want   int
	}{{nil, 4*4 + 4 + 6 + 2*4}, {[]string{"quantum"}, 6}, {[]string{"none"}, 0},
		{[]string{"quantum", ""}, 34}} {
		if got := st.Count(c.groups...); got != c.want {
			t.Errorf("Count(%q) is %d, want %d", c.groups, got, c.want)
		}
	}
	for _, p := range st.Params() {
		if bias := strings.HasSuffix(p.Name, "bias") || strings.HasPrefix(p.Name, "2."); p.NoDecay != bias {
			t.Errorf("%s: NoDecay is %v", p.Name, p.NoDecay)
		}
	}
}

// vector asks for the parameter "a.p" of three values.
func vector(s *nn.Scope, spec nn.ParamSpec) (*G.Node, error) {
	spec.Shape, spec.Dtype, spec.Init = tensor.Shape{3}, tensor.Float64, nn.Constant(2)
	return s.Sub("a").Param("p", spec)
}

// Frozen is a matter of one graph: another one over the same Store does not change what this one trains.
func TestFrozenBelongsToTheGraph(t *testing.T) {
	st := nn.NewStore(1)
	trains, freezes := nn.NewScope(G.NewGraph(), st), nn.NewScope(G.NewGraph(), st)
	for _, c := range []struct {
		s    *nn.Scope
		spec nn.ParamSpec
	}{{trains, nn.ParamSpec{}}, {freezes, nn.ParamSpec{Frozen: true}}} {
		if _, err := vector(c.s, c.spec); err != nil {
			t.Fatal(err)
		}
	}
	if got := trains.Trained(); len(got) != 1 || got[0].Param != st.Param("a.p") ||
		got[0].Node != trains.Params()[0] {
		t.Errorf("the first graph trains %v", got)
	}
	if len(freezes.Trained()) != 0 || len(freezes.Params()) != 0 {
		t.Errorf("the second graph trains %v", freezes.Trained())
	}
	if freezes.Summary()[0].Frozen == trains.Summary()[0].Frozen {
		t.Error("the summaries do not tell which graph trains the parameter")
	}
	if st.Count() != 3 {
		t.Errorf("%d values are trained, want the 3 of the first graph", st.Count())
	}
}

func TestConflictsBetweenGraphsAreErrors(t *testing.T) {
	for want, second := range map[string]nn.ParamSpec{
		"":                               {NoDecay: true, Group: "quantum", Frozen: true},
		"its NoDecay is true, the layer": {Group: "quantum"},
		`its Group is "quantum", the layer wants ""`: {NoDecay: true},
	} {
		st := nn.NewStore(1)
		if _, err := vector(nn.NewScope(G.NewGraph(), st),
			nn.ParamSpec{NoDecay: true, Group: "quantum"}); err != nil {
			t.Fatal(err)
		}
		_, err := vector(nn.NewScope(G.NewGraph(), st), second)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("got %v, want %q", err, want)
		}
		if p := st.Param("a.p"); !p.NoDecay || p.Group != "quantum" {
			t.Errorf("the parameter was changed to %+v", p)
		}
	}
}

// Gorgonia keeps one leaf of a name: two Stores in a graph would share the weights of the first.
func TestSecondStoreInAGraphIsRefused(t *testing.T) {
	g := G.NewGraph()
	if _, err := vector(nn.NewScope(g, nn.NewStore(1)), nn.ParamSpec{}); err != nil {
		t.Fatal(err)
	}
	_, err := vector(nn.NewScope(g, nn.NewStore(2)), nn.ParamSpec{})
	if err == nil || !strings.Contains(err.Error(), "another leaf of that name") {
		t.Errorf("got %v", err)
	}
}

func TestSetIsSeenByOpenGraphs(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		st, g := nn.NewStore(1), G.NewGraph()
		s := nn.NewScope(g, st)
		leaf, err := s.Param("p", nn.ParamSpec{Shape: tensor.Shape{2}, Dtype: dt, Init: nn.Constant(1)})
		if err != nil {
			t.Fatal(err)
		}
		p := st.Param("p")
		if err := p.Set([]float64{0.5, -3}); err != nil {
			t.Fatal(err)
		}
		if got := p.Values(); !slices.Equal(got, []float64{0.5, -3}) {
			t.Errorf("%v: values %v", dt, got)
		}
		if got := leaf.Value().(*tensor.Dense).Get(1); got != any(float32(-3)) && got != any(-3.0) {
			t.Errorf("%v: the graph sees %v", dt, got)
		}
		if err := p.Set([]float64{1}); err == nil ||
			!strings.Contains(err.Error(), "p: 1 values for shape (2)") {
			t.Errorf("%v: got %v", dt, err)
		}
	}
	if st := nn.NewStore(7); st.Seed() != 7 || st.Param("p") != nil {
		t.Error("an empty Store has its seed and nothing else")
	}
}

func TestParamRefusals(t *testing.T) {
	g := G.NewGraph()
	st := nn.NewStore(1)
	good := nn.ParamSpec{Shape: tensor.Shape{3}, Dtype: tensor.Float64, Init: nn.Constant(0)}
	s := nn.NewScope(g, st).Sub("a")
	if _, err := s.Param("p", good); err != nil {
		t.Fatal(err)
	}
	other := nn.NewScope(G.NewGraph(), st).Sub("a")
	for _, c := range []struct {
		s      *nn.Scope
		name   string
		change func(p *nn.ParamSpec)
		want   string
	}{
		{s, "p", func(*nn.ParamSpec) {}, "parameter a.p is used twice in one graph"},
		{other, "p", func(p *nn.ParamSpec) { p.Shape = tensor.Shape{3, 1} },
			"parameter a.p: it is float64 (3), the layer wants float64 (3, 1)"},
		{other, "p", func(p *nn.ParamSpec) { p.Dtype = tensor.Float32 }, "the layer wants float32 (3)"},
		{s, "q", func(p *nn.ParamSpec) { p.Init = nil }, "no Init given"},
		{s, "q", func(p *nn.ParamSpec) { p.Dtype = tensor.Int }, "dtype int, want float32 or float64"},
		{s, "q", func(p *nn.ParamSpec) { p.Shape = tensor.Shape{} }, "at least one dimension"},
		{s, "q", func(p *nn.ParamSpec) { p.Shape = tensor.Shape{2, 0} },
			"shape (2, 0) has a dimension below 1"},
	} {
		spec := good
		c.change(&spec)
		if _, err := c.s.Param(c.name, spec); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want it to say %q", err, c.want)
		}
	}
}

func TestTapsAndNotes(t *testing.T) {
	g := G.NewGraph()
	s := nn.NewScope(g, nn.NewStore(1))
	if _, err := (nn.Attention{Heads: 2, Score: nn.Cosine}).Forward(s.Sub("block"),
		gradcheck.Leaf(g, tensor.Float64, 0, normal(1, 2, 3, 4))); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, tap := range s.Taps() {
		got = append(got, tap.Name)
		if attention := tap.Name == "block.attention"; (tap.Kind == nn.TapAttention) != attention {
			t.Errorf("%s has kind %v", tap.Name, tap.Kind)
		}
	}
	if want := []string{"block.scale", "block.tokens", "block.attention"}; !slices.Equal(got, want) {
		t.Errorf("taps %v, want %v", got, want)
	}
	if got := s.Taps()[2].Node.Shape(); !slices.Equal(got, []int{2, 2, 3, 3}) {
		t.Errorf("attention has shape %v", got)
	}
	if len(s.Notes()) != 0 || len(s.Params()) != len(s.Trained()) {
		t.Errorf("%d notes, %d leaves of %d parameters", len(s.Notes()), len(s.Params()), len(s.Trained()))
	}
}
