package cli

import (
	"context"
	"image"
	"testing"

	"github.com/hqvit/hqvit/trained"
)

func TestExplainNeedsAttention(t *testing.T) {
	withRun(t, "logreg")
	savePNG(t, "first.png", picture(image.NewGray(image.Rect(0, 0, 28, 28)), 0))
	play(t, []call{{"explain a first.png", wrongUsage, `logreg has no attention`}})
}

// The attention drawn is that of the image: rows that are distributions, of as many blocks and heads as the
// model has.
func TestAttendReadsEveryHead(t *testing.T) {
	withRun(t, "vit")
	savePNG(t, "first.png", picture(image.NewGray(image.Rect(0, 0, 28, 28)), 0))
	m, err := (program{}).openModel("a", trained.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	cmd := (program{}).explainCommand()
	cmd.SetContext(context.Background())
	a, err := m.explain(cmd, "first.png")
	if err != nil {
		t.Fatal(err)
	}
	if len(a.blocks) != 2 || a.blocks[0].Heads != 4 || a.blocks[1].Tokens != 16 || len(a.Heads) != 2 ||
		a.Picture.Bounds().Dx() != 32 {
		t.Fatalf("%d blocks, picture %v", len(a.blocks), a.Picture.Bounds())
	}
	for _, block := range a.blocks {
		for row := 0; row < len(block.Coefficients); row += block.Tokens {
			sum := 0.0
			for _, w := range block.Coefficients[row : row+block.Tokens] {
				sum += w
			}
			if sum < 1-1e-5 || sum > 1+1e-5 {
				t.Fatalf("row %d sums to %v", row, sum)
			}
		}
	}
}
