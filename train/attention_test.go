package train_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/train"
)

// What OpenBest and Attention give is what the evaluation of the test split by Run gave, image for image, and
// the attention of that image: with two heads over four tokens, rows that are distributions.
func TestAttentionIsWhatTheRunSaw(t *testing.T) {
	task := task(t)
	task.Dir = t.TempDir()
	report := mustRun(t, task)
	p, err := task.OpenBest(2)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	want := report.Test.Probabilities()
	differ := false
	var first []float64
	for index := range task.Test.Len() {
		seen, err := p.Attention(context.Background(), train.Images{Images: task.Test}, index)
		if err != nil {
			t.Fatal(err)
		}
		for c, v := range seen.Probabilities {
			if math.Abs(v-want[index*report.Test.Width+c]) > 1e-6 {
				t.Fatalf("image %d, class %d: %v, the run saw %v",
					index, c, v, want[index*report.Test.Width+c])
			}
		}
		if len(seen.Blocks) != 1 || seen.Blocks[0].Heads != 2 || seen.Blocks[0].Tokens != 4 ||
			len(seen.Blocks[0].Coefficients) != 2*4*4 {
			t.Fatalf("image %d: %+v", index, seen.Blocks)
		}
		if n := len(seen.Blocks[0].Input); n == 0 || n%4 != 0 {
			t.Fatalf("image %d: an input of %d values, want those of 4 tokens", index, n)
		}
		for row := range 8 {
			sum := 0.0
			for _, v := range seen.Blocks[0].Coefficients[4*row : 4*row+4] {
				sum += v
			}
			if math.Abs(sum-1) > 1e-5 {
				t.Errorf("image %d: row %d has the sum %v", index, row, sum)
			}
		}
		if first == nil {
			first = seen.Blocks[0].Coefficients
		}
		differ = differ || seen.Blocks[0].Coefficients[1] != first[1]
	}
	if !differ {
		t.Error("all images have the attention of the first")
	}
	if _, err := p.Attention(context.Background(), train.Images{Images: task.Test},
		task.Test.Len()); err == nil || !strings.Contains(err.Error(), "no image 41 among 41") {
		t.Errorf("behind the last image: %v", err)
	}
	task.Dir = t.TempDir()
	if _, err := task.OpenBest(1); err == nil {
		t.Error("a directory without weights gives a model")
	}
}
