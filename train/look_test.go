package train_test

import (
	"context"
	"math"
	"strings"
	"testing"
)

// What Trained and Look give is what Run's own evaluation of the test split gave, image for image, and the attention of that image: with two
// heads over four tokens, rows that are distributions.
func TestLookIsWhatTheRunSaw(t *testing.T) {
	task := task(t)
	task.Dir = t.TempDir()
	report := mustRun(t, task)
	p, err := task.Trained(2)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	want := report.Test.Probabilities()
	differ := false
	var first []float64
	for index := range task.Test.Len() {
		look, err := p.Look(context.Background(), task.Test, index)
		if err != nil {
			t.Fatal(err)
		}
		for c, v := range look.Probabilities {
			if math.Abs(v-want[index*report.Test.Classes+c]) > 1e-6 {
				t.Fatalf("image %d, class %d: %v, the run saw %v", index, c, v, want[index*report.Test.Classes+c])
			}
		}
		if len(look.Blocks) != 1 || look.Blocks[0].Heads != 2 || look.Blocks[0].Tokens != 4 || len(look.Blocks[0].Coefficients) != 2*4*4 {
			t.Fatalf("image %d: %+v", index, look.Blocks)
		}
		for row := range 8 {
			sum := 0.0
			for _, v := range look.Blocks[0].Coefficients[4*row : 4*row+4] {
				sum += v
			}
			if math.Abs(sum-1) > 1e-5 {
				t.Errorf("image %d: row %d has the sum %v", index, row, sum)
			}
		}
		if first == nil {
			first = look.Blocks[0].Coefficients
		}
		differ = differ || look.Blocks[0].Coefficients[1] != first[1]
	}
	if !differ {
		t.Error("all images have the attention of the first")
	}
	if _, err := p.Look(context.Background(), task.Test, task.Test.Len()); err == nil || !strings.Contains(err.Error(), "no image") {
		t.Errorf("behind the last image: %v", err)
	}
	task.Dir = t.TempDir()
	if _, err := task.Trained(1); err == nil {
		t.Error("a directory without weights gives a model")
	}
}
