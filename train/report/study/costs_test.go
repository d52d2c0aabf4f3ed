package study

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/hqvit/hqvit/train/metric"
	"github.com/hqvit/hqvit/vit"
)

// costing returns a model with so many qubits in its circuits, of an accuracy that rises with them.
func costing(name string, qubits int) Model {
	m := Model{Name: name, Groups: map[string]int{"quantum": 4 * qubits}, Notes: map[string]int{}}
	if qubits > 0 {
		m.Notes["qubits"], m.Notes["gates"] = qubits, 2*qubits
	}
	m.Runs = []Record{{Test: metric.Classification{Accuracy: 0.9 + 0.01*float64(qubits)}}}
	return m
}

// drawnCosts returns the chart of costs as text, with its caption.
func drawnCosts(t *testing.T, models ...Model) (svg, caption string) {
	t.Helper()
	c := (&Results{Models: models}).costChart()
	if c == nil {
		t.Fatal("no chart")
	}
	var b strings.Builder
	if err := c.draw(&b); err != nil {
		t.Fatal(err)
	}
	return b.String(), c.Caption
}

// TestCostChart draws models with circuits beside others, and nothing where fewer than two have circuits.
func TestCostChart(t *testing.T) {
	small, large, classical := costing("small", 3), costing("large", 5), costing("classical", 0)
	svg, caption := drawnCosts(t, small, large, classical)
	for _, want := range []string{"small", "large", "classical", "none", "trained angles of the model",
		"qubits of a circuit", "gates of a circuit", ">12<", ">20<"} {
		if !strings.Contains(svg, want) {
			t.Errorf("the chart does not show %q", want)
		}
	}
	if strings.Contains(svg+caption, "hots of a head") {
		t.Error("the chart shows shots, which no recipe tells")
	}
	same := costing("same", 5)
	same.Notes["qubits"] = 3 // what the circuits do not differ in is left out, whatever models without have
	if svg, _ := drawnCosts(t, small, same, classical); strings.Contains(svg, "qubits of a circuit") {
		t.Error("the chart shows qubits, in which the circuits are equal")
	}
	if (&Results{Models: []Model{large, classical}}).costChart() != nil {
		t.Error("a chart of costs with one circuit")
	}
}

// TestCostChartShowsShots of models whose recipes tell them: with 16 tokens 256 pairs of a SWAP test, and a
// circuit for each of 16 queries and keys, 10,000 times each.
func TestCostChartShowsShots(t *testing.T) {
	recipe := func(name string) string {
		architecture, err := vit.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := yaml.Marshal(map[string]any{"data": "mnist", "architecture": architecture, "epochs": 8})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	pairs, tokens, joint := costing("pairs", 17), costing("tokens", 4), costing("joint", 2)
	pairs.Recipe.YAML, tokens.Recipe.YAML = recipe("hqvit"), recipe("hqvit:qsann")
	joint.Recipe.YAML, joint.Notes["gates"] = recipe("hqvit:qpsan"), 0 // whose circuits nobody has counted
	svg, caption := drawnCosts(t, pairs, tokens, joint, costing("classical", 0))
	for _, want := range []string{"shots of a head for an error of 0.01", ">2.56M<", ">320k<",
		`width="780"`} { // four panels, in pairs
		if !strings.Contains(svg, want) {
			t.Errorf("the chart does not show %q", want)
		}
	}
	for _, want := range []string{"a standard error of at most 0.01",
		"The gates of a circuit are not known for joint.",
		"The shots of a head for an error of 0.01 are not known for joint."} {
		if !strings.Contains(caption, want) {
			t.Errorf("the caption does not say %q: %s", want, caption)
		}
	}
	if _, caption := drawnCosts(t, pairs, tokens); strings.Contains(caption, "not known") {
		t.Errorf("all is known: %s", caption)
	}
}
