package vit_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/vit"
)

// sharpness are the fields of a custom score.
type sharpness struct {
	Scale float64 `json:"scale"`
	Signs bool    `json:"signs"`
	Kind  string  `json:"kind"`
}

func (s *sharpness) Check() error {
	if s.Scale <= 0 {
		return errors.New("scale is not above 0")
	}
	return nil
}

// width is the field of a custom architecture.
type width struct {
	Hidden int `json:"hidden"`
}

// own is a catalog of a custom row of each sort.
func own() vit.Catalog {
	return vit.Catalog{
		Scores: []vit.Score{{Name: "sharp", Help: "cosine with a fixed scale", Circuits: true, Ansatz: true,
			Fields: sharpness{Scale: 2, Kind: "plain"},
			New: func(o vit.ScoreOptions) nn.Score {
				f := o.Fields.(sharpness)
				return func(s *nn.Scope, x *G.Node, heads int) (nn.AttentionScores, error) {
					s.Note("tenths", int(10*f.Scale))
					return qlayer.Swap{Query: o.Ansatz}.Score(s, x, heads)
				}
			}}},
		Ansatzes: []vit.Ansatz{{Name: "turns", Help: "RZ and RX on every qubit",
			New: func(layers int) qlayer.Ansatz {
				return func(n int) *circuit.Circuit {
					c := circuit.New(n)
					for i := range layers * n {
						c.RZ(i%n, circuit.Theta(2*i)).RX(i%n, circuit.Theta(2*i+1))
					}
					return c
				}
			}}},
		Architectures: []vit.Architecture{{Name: "two-layers", Help: "a perceptron", Image: 8,
			Fields: width{Hidden: 5}, New: func(c vit.Config, fields any) (nn.Layer, error) {
				hidden := fields.(width).Hidden
				return nn.Chain{nn.Flatten{}, nn.Linear{Out: hidden}, nn.GELU{}, nn.Linear{Out: c.Classes}}, nil
			}}},
	}
}

// A model with custom rows has a name that makes it again, and comes back from JSON as the same model.
func TestCatalogNames(t *testing.T) {
	catalog := own()
	if err := catalog.Check(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"hqvit:sharp": "hqvit:sharp", "hqvit:sharp:scale=2": "hqvit:sharp",
		"hqvit:mean:sharp:scale=0.5":            "hqvit:sharp:mean:scale=0.5",
		"hqvit:sharp:turns:signs=true:kind=odd": "hqvit:sharp:turns:kind=odd:signs=true",
		"hqvit:turns":                           "hqvit:turns", "vit:turns:swap": "hqvit:turns",
		"hqvit:entangling": "hqvit:entangling", "hqvit:real-amplitudes": "hqvit",
		"hqvit:turns:100-shots": "hqvit:turns:100-shots",
		"two-layers":            "two-layers", "two-layers:hidden=9": "two-layers:hidden=9",
	} {
		c, err := catalog.Named(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := c.Name(); got != want {
			t.Errorf("%s is called %s, want %s", name, got, want)
		}
		again, err := catalog.Named(want)
		if err != nil || again.Name() != want {
			t.Errorf("%s: %v, called %s", want, err, again.Name())
		}
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var read vit.Config
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatal(err)
		}
		read = read.In(catalog)
		if read.Name() != want {
			t.Errorf("%s is called %s when it is read again", name, read.Name())
		}
		all, quantum, err := vit.Parameters(read)
		wantAll, wantQuantum, wantErr := vit.Parameters(c)
		if err != nil || wantErr != nil || all != wantAll || quantum != wantQuantum {
			t.Errorf("%s has %d parameters, %d quantum, %v; read again %d, %d, %v",
				name, wantAll, wantQuantum, wantErr, all, quantum, err)
		}
	}
}

// What a row's fields and ansatz say reaches the model.
func TestCatalogRowsAreUsed(t *testing.T) {
	catalog := own()
	count := func(name string) (all, quantum int) {
		c, err := catalog.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		all, quantum, err = vit.Parameters(c)
		if err != nil {
			t.Fatal(err)
		}
		return all, quantum
	}
	if all, _ := count("two-layers:hidden=7"); all != 64*7+7+7*10+10 {
		t.Errorf("two-layers with 7 hidden has %d parameters", all)
	}
	// blocks, q and k, heads, layers, RZ and RX, qubits
	if _, quantum := count("hqvit:turns"); quantum != 2*2*4*2*2*4 {
		t.Errorf("hqvit:turns has %d angles", quantum)
	}
	if all, _ := count("two-layers:hidden=900:matched"); far(all, 64*900+900+900*10+10) {
		t.Errorf("two-layers:matched has %d parameters", all)
	}
	c, err := catalog.Named("hqvit:sharp:scale=0.5")
	if err != nil {
		t.Fatal(err)
	}
	_, s, err := vit.Graph(c, nn.NewStore(1), 1)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, n := range s.Notes() {
		found = found || n.Key == "tenths" && n.Count == 5
	}
	if !found {
		t.Errorf("no score has the scale 0.5: %v", s.Notes())
	}
}

// bad cannot be written.
type bad struct{ A int }

func (bad) MarshalJSON() ([]byte, error) { panic("no") }

func far(got, want int) bool { return got < want-want/10 || got > want+want/10 }

// Mistakes in names, fields and rows are errors that say what is wrong.
func TestCatalogRefuses(t *testing.T) {
	catalog := own()
	for name, want := range map[string]string{
		"hqvit:sharp:scales=1":    `no field "scales" (did you mean scale?); there are kind, scale, signs`,
		"hqvit:sharp:scale=wide":  "scale is wide, want a number",
		"hqvit:sharp:scale=-1":    "scale is not above 0",
		"hqvit:sharp:signs=1":     "signs is 1, want true or false",
		"hqvit:scale=1":           "score swap: fields scale: want none, it has no fields",
		"two-layers:hidden=1.5":   "hidden is 1.5, want a whole number",
		"two-layers:mean":         "two-layers has no attention to change",
		"hqvit:sharp:hidden=1":    `no field "hidden"`,
		"hqvit:product:turns":     `ansatz is "turns" for score product, which has none`,
		"hqvit:cosine:entangling": `ansatz is "entangling" for score cosine`,
		"hqvit:turn":              `no change "turn" (did you mean turns?)`,
		"cnn:hidden=1":            "cnn has no attention to change",
	} {
		if _, err := catalog.Named(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	c, err := catalog.Named("hqvit:sharp")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.In(vit.Catalog{}).Check(); err == nil || !strings.Contains(err.Error(), `no score "sharp"`) {
		t.Errorf("without the catalog: %v", err)
	}
	score := func(name string, fields any) vit.Catalog {
		return vit.Catalog{Scores: []vit.Score{{Name: name, Fields: fields,
			New: func(vit.ScoreOptions) nn.Score { return nn.Cosine }}}}
	}
	for want, n := range map[string]vit.Catalog{
		`score "swap": there is a score of this name`:  score("swap", nil),
		`score "hqvit": there is a model of this name`: score("hqvit", nil),
		`score "mean": there is a pooling`:             score("mean", nil),
		`score "Big": want a name of lower-case`:       score("Big", nil),
		`score "5-shots": want a name`:                 score("5-shots", nil),
		`score "a-shots": want a name that is not`:     score("a-shots", nil),
		`score "x-depolarizing": want a name`:          score("x-depolarizing", nil),
		`score "trapped-ion-20": want a name that`:     score("trapped-ion-20", nil),
		`Fields (vit_test.bad) panics: no`:             score("a", bad{1}),
		`the 0 exported fields`:                        score("a", struct{}{}),
		`Fields is a int, want a struct`:               score("a", 5),
		`want exported fields`:                         score("a", struct{ hidden int }{3}),
		`scale is not above 0`:                         score("a", sharpness{}),
		`has no New`:                                   {Ansatzes: []vit.Ansatz{{Name: "a"}}},
		`architecture "a" has no New`:                  {Architectures: []vit.Architecture{{Name: "a"}}},
		`model m: vit: model ""`: {Models: []vit.Model{{Name: "m",
			Config: vit.Config{Image: 1, Channels: 1, Classes: 2}}}},
	} {
		if err := n.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if err := (vit.Catalog{Scores: []vit.Score{score("a", nil).Scores[0],
		score("a", nil).Scores[0]}}).Check(); err == nil {
		t.Error("two scores of one name: no error")
	}
	for what, n := range map[string]vit.Catalog{
		"panics":  {Scores: []vit.Score{{Name: "a", New: func(vit.ScoreOptions) nn.Score { panic("no") }}}},
		"nil":     {Scores: []vit.Score{{Name: "a", New: func(vit.ScoreOptions) nn.Score { return nil }}}},
		"ansatz":  {Ansatzes: []vit.Ansatz{{Name: "a", New: func(int) qlayer.Ansatz { panic("no") }}}},
		"nothing": {Ansatzes: []vit.Ansatz{{Name: "a", New: func(int) qlayer.Ansatz { return nil }}}},
	} {
		if _, err := n.Named("hqvit:a"); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	for what, newLayer := range map[string]func(vit.Config, any) (nn.Layer, error){
		"panics": func(vit.Config, any) (nn.Layer, error) { panic("no") },
		"nil":    func(vit.Config, any) (nn.Layer, error) { return nil, nil },
		"error":  func(vit.Config, any) (nn.Layer, error) { return nil, errors.New("never") },
	} {
		n := vit.Catalog{Architectures: []vit.Architecture{{Name: "a", New: newLayer}}}
		c, err := n.Named("a")
		if err != nil {
			t.Fatal(err)
		}
		if layer, err := vit.New(c); err == nil || layer != nil && what != "panics" {
			t.Errorf("%s: %v and no error", what, layer)
		}
	}
}

// An own architecture trains on images of its own size.
func TestArchitectureForward(t *testing.T) {
	c, err := own().Named("two-layers")
	if err != nil {
		t.Fatal(err)
	}
	if c.Image != 8 {
		t.Errorf("images of side %d, want 8", c.Image)
	}
	layer, err := vit.New(c)
	if err != nil {
		t.Fatal(err)
	}
	g := G.NewGraph()
	y, err := layer.Forward(nn.NewScope(g, nn.NewStore(1)), G.NewTensor(g, tensor.Float32, 4, G.WithName("x"),
		G.WithShape(3, 1, 8, 8)))
	if err != nil || !y.Shape().Eq(tensor.Shape{3, 10}) {
		t.Errorf("%v, %v", y, err)
	}
}
