package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The models that come trained are runs to all commands, and the default of those that look at pictures.
func TestPretrained(t *testing.T) {
	seven, err := filepath.Abs("../../testdata/seven.png")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Chdir(t.TempDir())
	for line, want := range map[string]string{
		"predict " + seven:                  "seven.png: 7 ",
		"predict mnist-hqvit " + seven:      "seven.png: 7 ",
		"explain " + seven + " --out a.png": "seven.png: 7, ",
		"info mnist-hqvit":                  "test accuracy",
		"info mnist-hqvit --card":           "## How to repeat it",
		"models":                            "mnist-hqvit",
		"circuit mnist-hqvit --head 1":      "q0 ancilla",
		"export mnist-hqvit m.onnx":         "logits",
		"eval mnist-hqvit --limit 20":       "images=20",
		"train --from mnist-hqvit --epochs 1 --batch 10 --out a --data " + digits(t): "test accuracy",
	} {
		if out, said := command(t, done, line); !strings.Contains(out+said, want) {
			t.Errorf("hqvit %s prints no %q:\n%s%s", line, want, out, said)
		}
	}
	config, err := os.ReadFile("a/config.yaml")
	if err != nil || !strings.Contains(string(config), "from: mnist-hqvit\n") {
		t.Errorf("the recipe of a run that began with a model that comes trained (%v):\n%s", err, config)
	}
	play(t, []call{
		{"info mnist-hqvti", wrongUsage, `no model of this name comes trained \(did you mean mnist-hqvit\?\)`},
		{"info mnist-hqvit --card --tensors", wrongUsage, "exclude each other"},
		{"explain " + seven + " " + seven, wrongUsage, "want hqvit explain"},
		{"models x", wrongUsage, "models takes flags alone"},
	})
}
