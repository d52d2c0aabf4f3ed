package cli

import (
	"strings"
	"testing"

	"github.com/hqvit/hqvit/data"
)

// What is chosen for the user's data is said, and what comes of it if it is chance.
func TestTrainSaysItsChoice(t *testing.T) {
	set := photographs(t)
	t.Chdir(t.TempDir())
	insects(t, "pics", 8, 1, nil)
	write(t, "pics/ant/notes.txt", "x")
	write(t, "six.yaml", "epochs: 6\n")
	write(t, "full.yaml", "model: logreg\nepochs: 8\nbatch: 0\n") // the plain defaults, if somebody wants them
	play(t, []call{
		{
			"train --epochs 1 --batch 8 --data " + set,
			done,
			`^model hqvit-stem: chosen for \d+ coloured training pictures; --model, --epochs and ` +
				`--batch choose otherwise\n(.|\n)*runs/folder-\d+-hqvit-stem-s1\n$`,
		},
		{
			"train --epochs 1 --data folder:pics --out a",
			done,
			`^model hqvit-stem, batches of 16: chosen for 18 grey training pictures; (.|\n)*` +
				`pics: 1 file that is no picture was left out: 1 .txt\n(.|\n)*warning: \d of 4 right is no better than chance`,
		},
		{"train --config six.yaml --data folder:pics --out b", done,
			`^model hqvit-stem, batches of 16: chosen (.|\n)*epoch 6/6`},
		{"train --size s --epochs 1 --data folder:pics --out c", done,
			`^batches of 16: chosen for 18 grey training ` +
				`pictures; --epochs and --batch choose otherwise\n(.*\n)?hqvit on folder-pics`},
		{"train --model logreg --data folder:pics --out d", done,
			`^100 epochs, batches of 16: chosen for 18 grey ` +
				`training pictures; --epochs and --batch choose otherwise\n(.*\n)?logreg on (.|\n)*epoch 100/100 `},
		{"train --model logreg --data folder:pics --batch 8 --epochs 2 --out e", done, `^(pics.*\n)?logreg on `},
		{"train --from d --data folder:pics --batch 8 --out f", done,
			`^100 epochs: chosen for (.|\n)*epoch 100/100 `},
		{"train --config full.yaml --data folder:pics --out g", done, `^(pics.*\n)?logreg on (.|\n)*epoch 8/8 `},
		{"train --model logreg --data folder:pics --epochs 1 --micro 20 --out h", done, `^batches of 20: chosen`},
		{"train --limit 100 --epochs 1 --model logreg --out i", done, `^logreg on mnist`},
		{"train --resume --out a", done, `resuming at the evaluation after epoch 1 of 1`},
		{
			"train --epochs 1 --resume --data " + set,
			done,
			`resuming at the evaluation(.|\n)*hqvit-stem-s1\n$`,
		},
		{"train --data folder:none", failed, `folder:none: .*no such file`},
	})
	if text := read(t, "a/config.yaml"); !strings.Contains(text, "\nmodel: hqvit-stem\n") ||
		!strings.Contains(text, "\nbatch: 16\n") {
		t.Errorf("config.yaml does not hold the choice:\n%s", text)
	}
}

func TestSuits(t *testing.T) {
	grey, colour, large := data.Shape{Height: 28, Width: 28, Channels: 1},
		data.Shape{Height: 32, Width: 32, Channels: 3},
		data.Shape{Height: 64, Width: 64, Channels: 1}
	for _, c := range []struct {
		shape         data.Shape
		images        int
		own           bool
		model         string
		epochs, batch int
	}{
		{grey, 60000, false, "hqvit", 0, 0}, // MNIST
		{grey, 60000, true, "hqvit", 0, 0},
		{grey, 400, true, "hqvit-stem", 60, 16},
		{grey, 546, false, "hqvit-stem", 44, 16},   // BreastMNIST
		{grey, 4708, false, "hqvit-stem", 32, 32},  // PneumoniaMNIST
		{colour, 11959, false, "hqvit-stem", 0, 0}, // BloodMNIST
		{grey, 1500, true, "hqvit-stem-norm", 32, 32},
		{grey, 9999, true, "hqvit-stem-norm", 16, 32},
		{grey, 10000, true, "hqvit", 0, 0},
		{colour, 1499, true, "hqvit-stem", 16, 16},
		{data.Shape{Channels: 4}, 3000, true, "hqvit", 8, 32},
		{data.Shape{Height: 5, Channels: 4}, 100, true, "hqvit", 100, 16},
		{grey, 0, true, "hqvit-stem", 0, 0},
		{colour, 50000, false, "hqvit-stem", 0, 0},
		{colour, 288, true, "hqvit-stem", 83, 16},
		{colour, 20, true, "hqvit-stem", 100, 16},
		{colour, 3000, true, "hqvit-stem-norm", 32, 32},
		{large, 60000, true, "hqvit-stem", 0, 0},
	} {
		got := suits(c.shape, c.images, c.own)
		if got.model != c.model || got.epochs != c.epochs || got.batch != c.batch {
			t.Errorf("%v, %d images, own %v: %+v, want %s, %d epochs, batches of %d", c.shape, c.images, c.own, got,
				c.model, c.epochs, c.batch)
		}
	}
}
