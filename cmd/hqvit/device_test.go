package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/hqvit/hqvit"
)

// TestShotsAndNoise trains with shots and noise, and evaluates with them, with others and without: what is said
// last holds.
func TestShotsAndNoise(t *testing.T) {
	data, dir := digits(t), filepath.Join(t.TempDir(), "run")
	_, progress := command(t, done, "train --data "+data+" --model hqvit --noise depolarizing=0.02 --shots 500 --epochs 1 "+
		"--limit 60 --batch 20 --out "+dir)
	if !strings.Contains(progress, "hqvit:500-shots:noisy on ") {
		t.Errorf("the name does not say how the circuits are run:\n%s", progress)
	}
	m, err := hqvit.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if c := m.Metadata().Config; c.Shots != 500 || c.Noise != "depolarizing=0.02" {
		t.Errorf("the weights say %d shots and noise %q", c.Shots, c.Noise)
	}
	eval := func(flags string) string { out, _ := command(t, done, "eval "+dir+" --json "+flags); return out }
	own, exact := eval(""), eval("--shots 0 --noise none")
	if again := eval("--threads 1"); own != again {
		t.Errorf("estimates differ from run to run: %s%s", own, again)
	}
	for _, flags := range []string{"--shots 10", "--shots 0 --noise depolarizing=0.3", "--noise none"} {
		if other := eval(flags); other == own || other == exact {
			t.Errorf("%s changes nothing: %s", flags, other)
		}
	}
	play(t, []call{
		{"eval " + dir + " --shots -1", wrongUsage, "--shots is -1, want 0 for exact values, or more"},
		{"eval " + dir + " --noise dephasing=0.1", wrongUsage, `no channel "dephasing"`},
		{"train --data " + data + " --model vit --shots 10", wrongUsage, "shots is 10 for score dot, which has no circuit"},
		{"train --data " + data + " --model hqvit:hadamard --noise bit-flip=0.1", wrongUsage, "want noise with one of swap"},
		{"train --data " + data + " --model hqvit:0-shots", wrongUsage, "want a number of shots of at least 1"},
	})
}
