package cli

import (
	"context"
	"image"
	"os"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// programRun makes a run as a program does, on data of its own, in the directory p.
func programRun(t *testing.T, config any) {
	t.Helper()
	c, err := vit.Named("logreg")
	if err != nil {
		t.Fatal(err)
	}
	c.Image, c.Classes = 28, 3
	model, err := vit.New(c)
	if err != nil {
		t.Fatal(err)
	}
	split := data.Split{Shape: data.Shape{Height: 28, Width: 28, Channels: 1}}
	for i := range 12 {
		img := picture(image.NewGray(image.Rect(0, 0, 28, 28)), i%3).(*image.Gray)
		split.Images, split.Labels = append(split.Images, img.Pix...), append(split.Labels, i%3)
	}
	images, err := data.Transform{Size: 28}.Apply(split)
	if err != nil {
		t.Fatal(err)
	}
	meta, err := trained.Metadata{Model: "logreg", Data: "thirds", Config: c,
		Classes: []string{"ant", "bee", "cat"}, Shape: split.Shape, Scale: data.Scale{White: 255}}.Texts()
	if err != nil {
		t.Fatal(err)
	}
	recipe := train.DefaultRecipe()
	recipe.Epochs, recipe.Batch = 1, 4
	_, err = train.Task{Loop: train.Loop{Model: model, Recipe: recipe, Meta: meta, Dir: "p", Overwrite: true,
		Config: config}, Train: images, Val: images}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
}

// A run of a program says nothing of its data: eval asks for some, and takes none by itself.
func TestEvalOfAProgramsRun(t *testing.T) {
	t.Chdir(t.TempDir())
	insects(t, "fresh", 8, 4, nil)
	const wants = `^hqvit: p was trained by a program, on data of its own, thirds: want --data, with images to evaluate on\n$`
	programRun(t, nil)
	play(t, []call{
		{"eval p", wrongUsage, wants},
		{"eval p --data folder:fresh", done, `data=folder-fresh split=all images=24`},
	})
	programRun(t, map[string]any{"data": 5, "colour": "blue"})
	play(t, []call{
		{"eval p", failed, `unknown|data`},
		{"eval p --data folder:fresh", done, `data=folder-fresh split=all images=24`},
	})
}

// The columns of the confusion matrix are named, as far as there is room.
func TestEvalNamesItsColumns(t *testing.T) {
	withRun(t, "logreg")
	play(t, []call{{"eval a", done, `class +precision +recall +f1 +as 0, 1, 2\n`}})
	for want, names := range map[string][]string{
		"as": {"as"}, "": nil,
		strings.Repeat("long name of a class, ", 2) +
			"…": {"long name of a class", "long name of a class", "long name of a class"},
	} {
		if got := columnsOf(names); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// explain replaces no picture unless its name is given.
func TestExplainNumbersItsPictures(t *testing.T) {
	withRun(t, "vit")
	savePNG(t, "first.png", picture(image.NewGray(image.Rect(0, 0, 28, 28)), 0))
	play(t, []call{
		{"explain a first.png", done, `\nattention\.png\n$`},
		{"explain a first.png", done, `\nattention-2\.png\n$`},
		{"explain a first.png", done, `\nattention-3\.png\n$`},
		{"explain a first.png --out attention-2.png", done, `\nattention-2\.png\n$`},
	})
	if entries, err := os.ReadDir("."); err != nil || len(entries) < 4 {
		t.Errorf("%v, %v", entries, err)
	}
}
