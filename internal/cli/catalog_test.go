package cli

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// perceptron are the fields of a custom model.
type perceptron struct {
	Hidden []int  `json:"hidden"`
	Act    string `json:"act"`
}

var ownModels = vit.Catalog{
	Architectures: []vit.Architecture{{Name: "perceptron", Help: "layers of neurons", Image: 28,
		Fields: perceptron{Hidden: []int{8}, Act: "gelu"},
		New: func(c vit.Config, fields any) (nn.Layer, error) {
			chain := nn.Chain{nn.Flatten{}}
			for _, n := range fields.(perceptron).Hidden {
				chain = append(chain, nn.Linear{Out: n}, nn.GELU{})
			}
			return append(chain, nn.Linear{Out: c.Classes}), nil
		}}},
	Models: []vit.Model{{Name: "deep", Help: "three layers",
		Config: vit.Config{Model: "perceptron", Image: 28, Channels: 1,
			Classes: 10, Fields: vit.Fields{"hidden": []any{8, 6}}}}},
}

// custom calls a program with models of its own.
func custom(t *testing.T, code int, line string) string {
	t.Helper()
	var out bytes.Buffer
	p := program{names: ownModels, name: "mine"}
	if got := p.run(context.Background(), strings.Fields(line), &out, &out); got != code {
		t.Fatalf("mine %s: exit code %d, want %d: %s", line, got, code, &out)
	}
	return out.String()
}

// A model of the program's own trains from a recipe with fields, resumes, and is read again by each command.
func TestCustomModel(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	recipe := "architecture:\n  model: perceptron\n  image: 28\n  channels: 1\n  classes: 3\n" +
		"  fields:\n    hidden: [9, 7]\n"
	write(t, "r.yaml", recipe)
	train := "train --epochs 2 --batch 16 --threads 1 --data " + set
	custom(t, done, train+" --config r.yaml --out a")
	custom(t, done, train+" --model perceptron:hidden=[9,7] --out b")
	one, err := os.ReadFile("a/best.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if other, err := os.ReadFile("b/best.safetensors"); err != nil || !bytes.Equal(one, other) {
		t.Errorf("by a recipe and by a name there are different weights (%v)", err)
	}
	for line, want := range map[string]string{
		"info a":                            "perceptron:hidden=[9,7]",
		"eval a":                            "accuracy=",
		"train --resume --epochs 3 --out a": "epoch 3",
		"train --model deep --epochs 1 --out c --data " +
			set: "deep",
		"train --from a --epochs 1 --out d --data " +
			set: "perceptron",
		"compare --models deep,perceptron,deep:matched,vit --seeds 1 --epochs 1 --batch 16 --out s --data " +
			set: "deep:matched",
	} {
		if out := custom(t, done, line); !strings.Contains(out, want) {
			t.Errorf("mine %s prints no %q:\n%s", line, want, out)
		}
	}
	m, err := trained.Options{Names: ownModels}.Open("a")
	if err != nil {
		t.Fatal(err)
	}
	m.Close()
	// a default, which may change in the program
	if fields := m.Metadata().Config.Fields; fields["act"] != "gelu" {
		t.Errorf("the weights say of the fields only %v", fields)
	}
	if _, err := trained.Open("a"); err == nil || !strings.Contains(err.Error(), `model "perceptron"`) {
		t.Errorf("without its catalog the model opens with %v", err)
	}
	if _, said := command(t, failed, "info a"); !strings.Contains(said, "see hqvit.Main") {
		t.Errorf("the plain command says %s", said)
	}
}

// Mistakes in the fields of a recipe are errors that name the key, and so are those in a catalog.
func TestCustomModelMistakes(t *testing.T) {
	t.Chdir(t.TempDir())
	for fields, want := range map[string]string{
		"{hiden: [3]}":      `no field "hiden" (did you mean hidden?); there are act, hidden`,
		"{hidden: 3}":       "hidden is 3, want a list",
		"{hidden: [a]}":     "hidden",
		"{act: [1]}":        "act is [1], want a text",
		"{act: }":           "fields.act has no value",
		"{act: a, act: b}":  "fields.act is given twice",
		"3":                 "fields is 3, want keys with values",
		"{1: 3}":            "want a word",
		"{hidden: *x}":      "fields.hidden",
		"{act: !!binary x}": "fields.act",
	} {
		write(t, "r.yaml", "architecture: {model: perceptron, image: 28, channels: 1, classes: 10, fields: "+fields+"}\n")
		if out := custom(t, wrongUsage, "train --config r.yaml"); !strings.Contains(out, want) {
			t.Errorf("fields %s: %swant %q", fields, out, want)
		}
	}
	var out bytes.Buffer
	wrong := program{names: vit.Catalog{Scores: []vit.Score{{Name: "swap"}}}}
	if code := wrong.run(context.Background(), []string{"version"}, &out, &out); code != wrongUsage ||
		!strings.Contains(out.String(), "there is a score of this name") {
		t.Errorf("a catalog with a name that is taken: exit code %d, %s", code, &out)
	}
}
