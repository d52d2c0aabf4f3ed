package readme

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCustomCommands makes a module of the first program of docs/custommodel.md and uses it as the page says:
// its score trains, is killed and resumes to the bits of an uninterrupted run, the other commands know it,
// and its models are exported.
func TestCustomCommands(t *testing.T) {
	source := blocks(t, "docs/custommodel.md", "```go\n")[0]
	if lines := strings.Count(source, "\n"); lines > 40 {
		t.Errorf("the program has %d lines, want at most 40", lines)
	}
	program, dir := build(t, source), t.TempDir()
	few := strings.Fields("train --model hqvit:raw --limit 1280 --epochs 4 --threads 1")
	command(t, dir, program, append(few, "--out", "whole")...)

	cmd := exec.Command(program, append(few, "--out", "killed")...)
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); stamp(filepath.Join(dir, "killed")) == "" && time.Since(began) < time.Minute; {
		time.Sleep(time.Millisecond)
	}
	cmd.Process.Kill()
	cmd.Wait()
	command(t, dir, program, "train", "--resume", "--out", "killed", "--threads", "1")
	if a, b := weights(t, dir, "whole"), weights(t, dir, "killed"); !bytes.Equal(a, b) {
		t.Error("killed and resumed, it has other weights")
	}

	seven := filepath.Join(root(t), "testdata/seven.png")
	exports(t, dir, program, "killed", seven) // a score of the program's own
	for line, want := range map[string]string{
		"eval killed --limit 500":                "accuracy=",
		"predict killed " + seven:                "seven.png: ",
		"explain killed " + seven:                "attention.png",
		"info killed":                            "raw, the products of the tokens themselves",
		"circuit --model hqvit:rx-cz":            "RX(θ0)",
		"train --help":                           "raw",
		"bench --model hqvit:raw --seconds 0.01": "hqvit",
		"compare --models hqvit:raw,hqvit:rx-cz,vit-matched --seeds 1 --epochs 1 --limit 640": "vit-matched",
	} {
		if out := command(t, dir, program, strings.Fields(line)...); !strings.Contains(out, want) {
			t.Errorf("%s prints no %q:\n%s", line, want, out)
		}
	}

	command(t, dir, program, "train", "--model", "hqvit:rx-cz", "--limit", "640", "--epochs", "1", "--out",
		"circuits")
	exports(t, dir, program, "circuits", seven) // circuits of its own
}

func weights(t *testing.T, dir, run string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, run, "best.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
