package cli

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// trainable are models of every kind, and what they have that commands are about.
var trainable = []struct {
	name, flags        string
	tokens, quantum    bool // blocks of attention on patches; circuits
	ledger             bool
	builtIn            string // --model, where it has a name
	has, hasNot, title string // what info says of it, apart by |
}{
	{name: "hqvit", builtIn: "hqvit", title: "hqvit", tokens: true, quantum: true, ledger: true,
		has: "blocks +2 of 4 heads|circuits of 2 layers|qubits +17 "},
	{name: "vit", builtIn: "vit", title: "vit", tokens: true, has: "blocks +2 of 4 heads|attention +dot",
		hasNot: "circuit|qubits|quantum"},
	{name: "paper", builtIn: "hqvit-paper", title: "hqvit-paper", tokens: true, quantum: true, ledger: true,
		has: "blocks +1 of 1 head,|qubits +21 "},
	{name: "stem", builtIn: "hqvit-stem:mean", title: "hqvit-stem:mean", tokens: true, quantum: true,
		ledger: true, has: "stem +2 convolutions|pooling +mean"},
	{name: "frozen", builtIn: "hqvit:frozen", title: "hqvit:frozen", tokens: true, quantum: true,
		ledger: true, has: "attention +frozen|qubits +17"},
	{name: "hadamard", builtIn: "hqvit:hadamard", title: "hqvit:hadamard", tokens: true, quantum: true,
		has: "attention +hadamard"},
	{name: "uniform", builtIn: "hqvit:uniform", title: "hqvit:uniform", tokens: true,
		has: "attention +uniform", hasNot: "circuit|qubits|quantum"},
	{name: "identity", builtIn: "hqvit:identity:first-token", title: "hqvit:identity:first-token",
		tokens: true, hasNot: "circuit|qubits|quantum"},
	{name: "matched", builtIn: "vit-matched", title: "vit-matched", tokens: true, has: "MLP of 64",
		hasNot: "quantum"},
	{name: "cnn", builtIn: "cnn", title: "cnn", has: "stem +4 convolutions"},
	{name: "logreg", builtIn: "logreg", title: "logreg", hasNot: "stem"},
	{name: "custom", flags: "--config custom.yaml", title: "vit-p7-d24-b1-h3:first-token", tokens: true,
		has: "attention +dot", hasNot: "quantum"},
	{name: "customq", flags: "--config customq.yaml", title: "hqvit-p14-d196-b1-h2", tokens: true,
		quantum: true, ledger: true, has: "2 heads"},
	{name: "pixels", flags: "--config pixels.yaml", title: "logreg"},
	{name: "convolutions", flags: "--config convolutions.yaml", title: "cnn-4-6",
		has: "stem +2 convolutions"},
}

// Every command on every model that train accepts does its work, or refuses in one sentence.
func TestEveryCommandOnEveryModel(t *testing.T) {
	data := digits(t)
	t.Chdir(t.TempDir())
	savePNG(t, "digit.png", picture(image.NewGray(image.Rect(0, 0, 28, 28)), 0))
	for name, architecture := range map[string]string{
		"custom": "model: transformer, image: 28, patch: 7, embed: 24, position: true, depth: 1, " +
			"hidden: 16, heads: 3, score: dot, pooling: first-token, dropout: 0.1",
		"customq": "model: transformer, image: 28, patch: 14, depth: 1, hidden: 16, heads: 2, " +
			"score: swap, layers: 1, pooling: flatten",
		"pixels":       "model: logreg, image: 28",
		"convolutions": "model: cnn, image: 24, stem: [4, 6], stem_stride: [1, 3], stem_norm: 2",
	} {
		write(t, name+".yaml", "epochs: 1\narchitecture: {channels: 1, classes: 3, "+architecture+"}\n")
	}
	for i, m := range trainable {
		if testing.Short() && i%3 > 0 {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			if m.builtIn != "" {
				m.flags = "--model " + m.builtIn
			}
			train := "train --data " + data + " --batch 45 --out " + m.name + " " + m.flags
			refuse := func(works bool) int {
				if works {
					return done
				}
				return -1
			}
			for _, c := range []struct {
				line string
				code int // -1: it refuses
				seen string
			}{
				{train + " --epochs 1", done, m.title + " on idx-"},
				{train + " --epochs 1", -1, "holds a run already"},
				{"train --resume --out " + m.name, done, "test accuracy"},
				{"eval NAME", done, "split=test images=30"},
				{"eval NAME --split val --json", done, `"split":"val"`},
				{"predict NAME digit.png", done, "digit.png: "},
				{"predict NAME/best.safetensors digit.png --json", done, `"image":"digit.png"`},
				{"explain NAME digit.png --out NAME.svg", refuse(m.tokens), "attention|NAME.svg"},
				{"export NAME NAME.onnx", done, "output  logits  float32 \\(N, 3\\)"},
				{"export NAME/best.safetensors NAME.onnx --opset 20 --probabilities", done,
					"opset 20|probabilities"},
				{"export NAME NAME.onnx --attention", refuse(m.tokens), "attention"},
				{"info NAME", done, "model +" + m.title + "\n"},
				{"info NAME/best.safetensors --tensors", done, "head.weight"},
				{"circuit NAME", refuse(m.quantum), "qubit|quantum"},
				{"circuit NAME --qasm 3", refuse(m.quantum), "OPENQASM|quantum"},
				{"ledger NAME", refuse(m.ledger), "qubits|swap"},
				{"ledger NAME/best.safetensors --json", refuse(m.ledger), "qubits|swap"},
				{"ledger NAME.yaml", refuse(m.ledger && m.builtIn == ""), "qubits|swap|no such file"},
				{"bench " + m.flags + " --threads 1 --seconds 0.001", refuse(m.builtIn != ""),
					"images_per_s|unknown flag"},
			} {
				tryCommand(t, strings.ReplaceAll(c.line, "NAME", m.name), c.code,
					strings.ReplaceAll(c.seen, "NAME", m.name))
			}
			output, _ := command(t, done, "info "+m.name)
			hasNot := strings.Split(m.hasNot, "|")
			if !m.tokens {
				hasNot = append(hasNot, "token", "block", "head", "MLP", "pooling", "attention", "circuit",
					"quantum", "qubit", "patch")
			}
			for has := range strings.SplitSeq(m.has, "|") {
				if !regexp.MustCompile(has).MatchString(output) {
					t.Errorf("info does not say %q:\n%s", has, output)
				}
			}
			for _, has := range hasNot {
				if has != "" && strings.Contains(output, has) {
					t.Errorf("info says %q of a model without:\n%s", has, output)
				}
			}
			for _, file := range []string{"config.yaml", "summary.json"} {
				if text := read(t, m.name+"/"+file); !regexp.MustCompile(`\bmodel"?: "?` +
					regexp.QuoteMeta(m.title) + `"?,?\n`).MatchString(text) {
					t.Errorf("%s does not call the model %s:\n%s", file, m.title, text)
				}
			}
		})
	}
	var models []string
	for _, m := range trainable {
		switch {
		case testing.Short() && m.name != "convolutions":
		case m.builtIn == "":
			models = append(models, m.name+".yaml")
		case !slices.Contains([]string{"paper", "identity"}, m.name): // fewer runs
			models = append(models, m.builtIn)
		}
	}
	compare := "compare --data " + data + " --batch 45 --epochs 1 --seeds 1 --out c --models " +
		strings.Join(models, ",")
	play(t, []call{
		{compare, done, `\| convolutions \| (.|\n)*c/report.html\n$`},
		{compare, done, fmt.Sprintf(`\[%d/%d\] convolutions, seed 1: .* \(was done\)`, len(models),
			len(models))},
		{"report c", done, `\| convolutions \| `},
	})
}

// tryCommand calls the program, which has to end with that code; -1: with an error of one sentence and not a
// panic.
func tryCommand(t *testing.T, line string, code int, seen string) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("hqvit %s: panic: %v", line, r)
		}
	}()
	var out, err bytes.Buffer
	got := (program{}).run(context.Background(), strings.Fields(line), &out, &err)
	if code == -1 && got != done {
		code = got
		if at := strings.LastIndex(err.String(), "hqvit: "); at < 0 ||
			strings.Count(err.String()[at:], "\n") != 1 || out.Len() > 0 {
			t.Errorf("hqvit %s: want one line of error and no output\n%s%s", line, err.String(), out.String())
		}
	}
	if got != code || !regexp.MustCompile(seen).MatchString(err.String()+out.String()) {
		t.Errorf("hqvit %s: exit code %d, want %d and %q\n%s%s",
			line, got, code, seen, err.String(), out.String())
	}
}
