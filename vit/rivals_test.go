package vit_test

import (
	"strings"
	"testing"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/vit"
)

// Names of published attentions, with their fields, name the model again; the usual ansatz is that of the
// score.
func TestNamesOfPublishedAttentions(t *testing.T) {
	for name, want := range map[string]string{
		"hqvit:qsann": "", "hqvit:qsann:qubits=4": "hqvit:qsann", "hqvit:qsann:quantum_values=true": "",
		"hqvit:z-distance:hadamard=true": "", "hqvit:qmsan:normalize=softmax": "", "hqvit:qmsan:entangling": "",
		"hqvit:qmsan:real-amplitudes": "hqvit:qmsan", "hqvit:qcsam:entangling": "hqvit:qcsam",
		"hqvit:qcsam:real-amplitudes": "", "hqvit:qcsam:brick:form=real": "",
		"hqvit:mean:sinkhorn":         "hqvit:sinkhorn:mean",
		"hqvit:sinkhorn:iterations=7": "", "hqvit:doubly-stochastic:ancillas=2:trained=true": "",
		"hqvit:rbs-compound:form=cross": "", "hqvit:qsann:100-shots": "", "hqvit:qpsan:elements=4": "",
	} {
		c, err := vit.Named(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want == "" {
			want = name
		}
		if got := c.Name(); got != want {
			t.Errorf("%s is called %s, want %s", name, got, want)
		}
	}
}

// A usual ansatz is what the circuits are made of: QCSAM without one has the angles of entangling.
func TestUsualAnsatz(t *testing.T) {
	count := func(name string) int {
		c, err := vit.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		_, quantum, err := vit.Parameters(c)
		if err != nil {
			t.Fatal(err)
		}
		return quantum
	}
	usual, named, other := count("hqvit:qcsam"), count("hqvit:qcsam:entangling"),
		count("hqvit:qcsam:real-amplitudes")
	if usual != named || other*2 != usual {
		t.Errorf("qcsam has %d angles, with entangling %d and with real-amplitudes %d", usual, named, other)
	}
}

func TestPublishedAttentionsRefuse(t *testing.T) {
	for name, want := range map[string]string{
		"hqvit:qsann:encoding=phases":             `encoding is "phases", want angles or amplitudes`,
		"hqvit:qsann:qubits=-1":                   "qubits is -1, want 0 or more",
		"hqvit:qsann:qubits=99":                   "qubits is 99, want at most 30",
		"hqvit:qksan:qubits=31":                   "qubits is 31, want at most 30",
		"hqvit:dot:cosine":                        "two scores, dot and cosine: want one of them",
		"hqvit:qubits=2:qsann":                    "qubits stands before the score qsann",
		"hqvit:qsann:qubits=3:qubits=4":           "qubits is given twice",
		"hqvit:cosine:mean:cosine":                "two scores, cosine and cosine",
		"hqvit:brick:entangling":                  "two ansätze, brick and entangling",
		"hqvit:qsann:layers=3":                    `no field "layers"`,
		"hqvit:qsann:brick":                       "ansatz is \"brick\" for score qsann, which has none",
		"hqvit:qsann:encoding=amplitude":          `encoding is "amplitude" (did you mean amplitudes?), want`,
		"hqvit:qksan:circuit=cnn":                 `circuit is "cnn", want he or qaoa`,
		"hqvit:qmsan:normalize=rows":              `normalize is "rows", want softmax or shares`,
		"hqvit:qcsam:form=imaginary":              `form is "imaginary"`,
		"hqvit:sinkhorn:iterations=4":             "iterations is 4, want an odd number",
		"hqvit:sinkhorn:100-shots":                "shots is 100 for score sinkhorn",
		"hqvit:rbs-compound:form=butterfly":       `form is "butterfly", want pyramid or cross`,
		"hqvit:rbs-attention:squares=true":        "squares are of quantum_values",
		"hqvit:doubly-stochastic:trained=perhaps": "want true or false",
		"hqvit:qpsan:elements=-2":                 "elements is -2",
		"hqvit:qmsan:0.01-depolarizing":           "score qmsan can have no noise",
	} {
		if _, err := vit.Named(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", name, err, want)
		}
	}
	// What depends on the image shows when the model is built.
	for name, want := range map[string]struct {
		image int
		text  string
	}{
		"hqvit:doubly-stochastic": {24, "doubly stochastic attention of 9 tokens: want a power of two"},
		"hqvit:qsann:depth=1":     {0, ""},
		"hqvit:qmsan:keep=5":      {0, "QMSAN keeps 5 of 4 qubits: want 1 to 4"},
		"hqvit:qpsan:elements=17": {0, "want 1 to 16 elements of a head"},
		"hqvit-paper:qsann:depth=1": {0, "an embedding of 4 qubits and depth 1 has 24 angles for " +
			"the 64 values"},
		"hqvit:qcsam:form=modulus:100-shots": {0, "want no Shots for ComplexModulus"},
		"hqvit:qsann:qubits=30:depth=1000000": {0,
			"depth 1000000: want at most 16, a layer for each value of a " +
				"token in a head"},
	} {
		c, err := vit.Named(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want.image > 0 {
			c.Image = want.image
		}
		_, _, err = vit.Graph(c, nn.NewStore(1), 1)
		if want.text == "" && err == nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want.text) {
			t.Errorf("%s: error %v, want one with %q", name, err, want.text)
		}
	}
}

// Every circuit that is shown can be bound and drawn, and takes the parameters of its layer.
func TestFiguresOfPublishedAttentions(t *testing.T) {
	for _, s := range vit.Scores() {
		if s.Source == "" {
			continue
		}
		c, err := vit.Named("hqvit:" + s.Name)
		if err != nil {
			t.Fatal(err)
		}
		st := nn.NewStore(1)
		_, scope, err := vit.Graph(c, st, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range qlayer.Figures(scope) {
			theta, err := f.Theta(st, c.Heads-1)
			if err != nil || f.Circuit.Bind(theta, nil).Err() != nil || f.Legend() == "" {
				t.Errorf("%s: %v, %v, %q", s.Name, err, f.Circuit.Err(), f.Legend())
			}
		}
	}
}
