package main

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"
)

// An interrupt saves the run and says how to resume it; the resumed run finishes.
func TestInterrupt(t *testing.T) {
	data := digits(t)
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, stderr bytes.Buffer
	code := run(ctx, strings.Fields("train --epochs 2 --batch 32 --out a --data "+data), &out, &stderr)
	if code != failed || !strings.Contains(stderr.String(), "resume with: hqvit train --resume --out a") {
		t.Fatalf("exit code %d, %s", code, stderr.String())
	}
	hqvit(t, done, "train --resume --out a")
}

// Training that runs into NaN says so in one line in the user's words: the step, an image, what may help, the
// last checkpoint, and nothing about the machine that runs the graph.
func TestTrainingDiverges(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	hqvit(t, done, "train --model vit --epochs 1 --batch 32 --out a --data "+set)
	for _, c := range []struct {
		line string
		seen string
	}{
		{"--lr 1e6 --out b --model vit",
			`^hqvit: train: epoch 1, step 2 of 5; a lower learning rate or a limit of the gradient's ` +
				`norm \(clip\) may help; there is no checkpoint yet: images \[(\d+ ){8}… 32 in all\] of ` +
				`the train split: loss diverged: \S+, \S+ at the first step \(limit 100×\)\n$`},
		{"--lr 1e30 --out b --model vit",
			`^hqvit: train: epoch 1, step 2 of 5; a lower learning rate [^;]* may help; there is no ` +
				`checkpoint yet: row 0 is image \d+; images \[(\d+ ){8}… 32 in all\] of the train split: ` +
				`op: CrossEntropy: row 0: the loss is NaN [^;]*\n$`},
		{"--lr 1e6 --out b --model hqvit --clip 1",
			`^hqvit: train: epoch 1, step \d of 5; a lower learning rate [^;]* may help; there is no ` +
				`checkpoint yet: (row \d+ is image \d+; )?images `},
	} {
		_, stderr := hqvit(t, failed, "train --epochs 2 --batch 32 --overwrite --data "+set+" "+c.line)
		last := stderr[strings.Index(stderr, "hqvit: train:"):]
		if !regexp.MustCompile(c.seen).MatchString(last) {
			t.Errorf("%s: %swant %s", c.line, last, c.seen)
		}
		if strings.Contains(last, "Failed to") || strings.Contains(last, "PC ") ||
			strings.Contains(last, "instr") || len(last) > 500 || strings.Count(last, "\n") != 1 {
			t.Errorf("%s: no line in the user's words: %s", c.line, last)
		}
	}
}

// An interrupt also ends reading a folder, in every command that trains or evaluates.
func TestInterruptWhileReading(t *testing.T) {
	set := photographs(t)
	t.Chdir(t.TempDir())
	hqvit(t, done, "train --model logreg --epochs 1 --batch 8 --out a --data "+set)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, line := range []string{"train --data " + set, "eval a", "compare --data " + set} {
		var out, stderr bytes.Buffer
		if code := run(ctx, strings.Fields(line), &out, &stderr); code != failed ||
			!strings.Contains(stderr.String(), "stopped ") ||
			!strings.Contains(stderr.String(), "context canceled") {
			t.Errorf("hqvit %s: exit code %d, %s", line, code, stderr.String())
		}
	}
}
