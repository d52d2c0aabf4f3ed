package cli

import (
	"github.com/hqvit/hqvit/vit"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A file whose model is another one than its architecture is refused, and not silently trained as the latter.
func TestModelAndArchitectureAgree(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	command(t, done, "train --model hqvit:matched --epochs 1 --batch 45 --out a --data "+set)
	written := read(t, "a/config.yaml")
	change := func(model string) string {
		return regexp.MustCompile(`(?m)^model: .*$`).ReplaceAllString(written, model)
	}
	write(t, "same.yaml", change("model: hqvit:matched"))
	write(t, "unsaid.yaml", change(""))
	write(t, "vit.yaml", change("model: vit"))
	write(t, "size.yaml", change("model: vit-matched\nsize: m"))
	train := "train --epochs 1 --batch 45 --overwrite --out b --config "
	play(t, []call{
		{train + "a/config.yaml", done, "vit-matched on"},
		{train + "same.yaml", done, "vit-matched on"},
		{train + "unsaid.yaml", done, "vit-matched on"},
		{train + "vit.yaml", wrongUsage, `(?m)^hqvit: config vit.yaml: model is "vit", but architecture is ` +
			`that of vit-matched: remove one of the two\n$`},
		{train + "size.yaml", wrongUsage, `model with size is "vit-matched-m", but architecture is that of ` +
			`vit-matched: remove one of the two\n$`},
		{train + "vit.yaml --model logreg", done, "logreg on"},
		{"compare --models logreg,vit.yaml --data " + set, wrongUsage,
			`models: vit.yaml: model is "vit", but architecture`},
		{"ledger vit.yaml", wrongUsage, `model is "vit", but architecture`},
	})
}

// The recipes of the published results load.
func TestRecipesOfTheResultsLoad(t *testing.T) {
	paths, err := filepath.Glob("../../docs/results/*/recipes/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d recipes, %v", len(paths), err)
	}
	for _, path := range paths {
		text, c := read(t, path), newConfig(vit.Catalog{})
		if err := c.parseModel(path, []byte(text), true); err != nil {
			t.Error(err)
		}
	}
}

// A comparison says where the recipes of its models differ, and nothing if they do not.
func TestCompareSaysWhereRecipesDiffer(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	write(t, "slow.yaml", "model: logreg\noptimizer: sgd\nlr: 0.05\n")
	line := "compare --epochs 1 --batch 45 --seeds 1 --data " + set
	command(t, done, line+" --out c --models logreg,again=logreg,slow.yaml")
	command(t, done, line+" --out same --models logreg,again=logreg")
	want := "Recipes differ: logreg and again have lr 0.002, optimizer adamw; " +
		"slow has lr 0.05, optimizer sgd."
	for _, file := range []string{"report.md", "report.html"} {
		if text := read(t, "c/"+file); !strings.Contains(text, want) {
			t.Errorf("%s does not say %s:\n%s", file, want, text)
		}
		if text := read(t, "same/"+file); strings.Contains(text, "Recipes differ") {
			t.Errorf("%s says that equal recipes differ", file)
		}
	}
}

// A number with an exponent needs no point, as in YAML 1.2; in quotes, or where a text is wanted, it is one.
func TestExponentsAreNumbers(t *testing.T) {
	c := newConfig(vit.Catalog{})
	if err := readYAML([]byte("lr: 1e-5\nclip: 2E+1\nteacher: 1e5\n"), &c); err != nil || c.LR != 1e-5 ||
		c.Clip != 20 || c.Teacher != "1e5" {
		t.Errorf("lr %v, clip %v, teacher %q, %v", c.LR, c.Clip, c.Teacher, err)
	}
	for text, want := range map[string]string{`lr: "1e-5"`: "want a number", "lr: 1e": "want a number",
		"epochs: 1e3": "want a whole number", "lr: 1e999": "want a number"} {
		if err := readYAML([]byte(text+"\n"), &c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	var value struct {
		Fields map[string]any `yaml:"fields"`
	}
	if err := readYAML([]byte("fields:\n  x: 1e-5\n  y: '1e-5'\n"),
		&value); err != nil || value.Fields["x"] != 1e-5 ||
		value.Fields["y"] != "1e-5" {
		t.Errorf("%v, %v", value, err)
	}
}
