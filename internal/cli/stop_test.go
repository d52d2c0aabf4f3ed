package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// stopAt is a stream that cancels when a text has been written to it.
type stopAt struct {
	bytes.Buffer
	text   string
	cancel context.CancelFunc
}

func (s *stopAt) Write(p []byte) (int, error) {
	n, err := s.Buffer.Write(p)
	if strings.Contains(s.String(), s.text) {
		s.cancel()
	}
	return n, err
}

// An interrupt saves the run and says how to resume it; the resumed run finishes.
func TestInterrupt(t *testing.T) {
	data := digits(t)
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	var out bytes.Buffer
	stderr := &stopAt{text: "epoch 1/2", cancel: cancel}
	code := (program{}).run(ctx, strings.Fields("train --epochs 2 --batch 32 --out a --data "+data), &out,
		stderr)
	want := "\nhqvit: interrupted: stopped before epoch 2 of 2, step 1 of 5, saved in a; resume with\n" +
		"hqvit train --resume --out a\n"
	if code != failed || !strings.HasSuffix(stderr.String(), want) {
		t.Fatalf("exit code %d, %swant %s", code, stderr.String(), want)
	}
	if _, said := command(t, done, "train --resume --out a"); !strings.Contains(said,
		"\nresuming at epoch 2 of 2, step 1 of 5, from a/last.ckpt\n") {
		t.Error(said)
	}
}

// An interrupt while the model is built leaves nothing to resume, and does not say so.
func TestInterruptBeforeTheRun(t *testing.T) {
	data := digits(t)
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	var out bytes.Buffer
	stderr := &stopAt{text: "test images; a", cancel: cancel}
	code := (program{}).run(ctx, strings.Fields("train --epochs 2 --batch 32 --out a --data "+data), &out,
		stderr)
	if code != failed || !strings.HasSuffix(stderr.String(),
		"\nhqvit: interrupted: stopped while the model was built\n") {
		t.Fatalf("exit code %d, %s", code, stderr.String())
	}
	if _, err := os.Stat("a"); err == nil {
		t.Error("there is a directory")
	}
}

// A command that waits for something which does not come ends by an interrupt.
func TestInterruptWhileWaiting(t *testing.T) {
	withRun(t, "logreg")
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close() // open until the end: the picture does not come
	cmd := exec.Command(binary, "predict", "a", "-")
	cmd.Env, cmd.Stdin = append(os.Environ(), asProgram+"="+afterInterrupt), read
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != failed || string(out) != "hqvit: interrupted\n" {
		t.Errorf("%v, %s", err, out)
	}
}

// The command that resumes can be pasted into a shell, and has what config.yaml does not hold.
func TestResumeCommand(t *testing.T) {
	cmd := (program{}).trainCommand()
	args := []string{"--data-dir", "my data", "--threads", "3", "--epochs", "2"}
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	want := `hqvit train --resume --out 'it'\''s' --data-dir 'my data' --threads 3`
	if got := resumeCommand(cmd, "it's"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Training that runs into NaN says so in one line in the user's words: the step, an image, what may help, the
// last checkpoint, and nothing about the machine that runs the graph.
func TestTrainingDiverges(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	command(t, done, "train --model vit --epochs 1 --batch 32 --out a --data "+set)
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
		_, stderr := command(t, failed, "train --epochs 2 --batch 32 --overwrite --data "+set+" "+c.line)
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
	command(t, done, "train --model logreg --epochs 1 --batch 8 --out a --data "+set)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, line := range []string{"train --data " + set, "eval a", "compare --data " + set} {
		var out, stderr bytes.Buffer
		if code := (program{}).run(ctx, strings.Fields(line), &out, &stderr); code != failed ||
			!strings.Contains(stderr.String(), "stopped ") ||
			!strings.Contains(stderr.String(), "hqvit: interrupted: ") ||
			strings.Contains(stderr.String(), "context canceled") {
			t.Errorf("hqvit %s: exit code %d, %s", line, code, stderr.String())
		}
	}
}
