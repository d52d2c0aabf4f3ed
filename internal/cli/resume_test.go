package cli

import (
	"os"
	"testing"
)

// Without --out, --resume looks where a fresh start of the same command would have written, and else says
// what there is: it does not begin another model where one run waits.
func TestResumeFindsItsRun(t *testing.T) {
	colour, grey := photographs(t), digits(t)
	t.Chdir(t.TempDir())
	write(t, "own.yaml", "data: "+colour+"\nmodel: logreg\nseed: 3\nepochs: 1\nbatch: 8\n")
	short := " --epochs 1 --batch 8 --data "
	play(t, []call{
		{"train --model vit" + short + colour, done, `\nruns/folder-\d+-vit-s1\n$`},
		{"train --resume --data " + colour, failed,
			`^hqvit: no run to resume in runs/folder-\d+-hqvit-stem-s1, but ` +
				`runs/folder-\d+-vit-s1 of vit: name it by --out, as in hqvit train --resume --out runs/folder-\d+-vit-s1; ` +
				`without --resume a new one starts\n$`},
		{"train --resume --model vit --data " + colour, done, `^(.*\n)?resuming at the evaluation`},
		{"train --resume --seed 2" + short + colour, done,
			`no run to resume in runs/folder-\d+-hqvit-stem-s2 \(there ` +
				`is runs/folder-\d+-vit-s1 of vit\): a new one starts there\n`},
		{"train --resume --seed 2 --data " + colour, done, `resuming at the evaluation(.|\n)*-hqvit-stem-s2\n$`},
		// a recipe, and the model of the weights that it started from, decide the directory, too
		{"train --config own.yaml", done, `\nruns/folder-\d+-logreg-s3\n$`},
		{"train --config own.yaml --resume", done,
			`resuming at the evaluation(.|\n)*\nruns/folder-\d+-logreg-s3\n$`},
		{"train --model cnn" + short + grey + " --out a", done, `\na\n$`},
		{"train --from a" + short + colour, done, `\nruns/folder-\d+-cnn-s1\n$`},
		{"train --resume --from a --data " + colour, done,
			`resuming at the evaluation(.|\n)*\nruns/folder-\d+-cnn-s1\n$`},
	})
	if err := os.RemoveAll("a"); err != nil {
		t.Fatal(err)
	}
	play(t, []call{{"train --resume --from a --data " + colour, failed,
		`a run that has begun needs it no longer if --out names that run: from: a: no such file`}})
}

// What contradicts the run that is resumed is said in the words of the call.
func TestResumeAnotherRun(t *testing.T) {
	set, other := digits(t), photographs(t)
	t.Chdir(t.TempDir())
	write(t, "vit.yaml", "model: vit\nepochs: 1\nbatch: 45\n")
	holds := `^hqvit: a holds a run of hqvit, not of `
	play(t, []call{
		{"train --model hqvit --epochs 1 --batch 45 --out a --data " + set, done, `test accuracy`},
		{"train --resume --out a --model vit", failed, holds +
			`vit: leave out --model to resume it, or name another ` + `directory by --out for a new run\n$`},
		{"train --resume --out a --size m", failed, holds + `hqvit-m: leave out --size to resume`},
		{"train --resume --out a --model hqvit --size m", failed, holds + `hqvit-m: leave out --model`},
		{"train --resume --out a --model hqvt", wrongUsage, `no model "hqvt" \(did you mean hqvit`},
		{"train --resume --out a --model hqvit-s --size s", wrongUsage,
			`size is "s", but hqvit-s comes in one size`},
		{"train --resume --out a --model hqvit-s", done, `resuming at the evaluation`},
		{"train --resume --out a --config vit.yaml --data " + set, failed,
			`a/last.ckpt is of another run: model was "hqvit", now it is "vit"\n$`},
		{"train --resume --out a --data " + other, failed,
			`of another run: data was "idx-\d+", now it is "folder-\d+"\n$`},
		{"train --resume --out a --limit 100", failed,
			`of another run: train examples was "135", now it is "100"\n$`},
		{"train --resume --out a --normalize", failed,
			`of another run: normalization was none, now it is "\{.*\}"\n$`},
		{"train --resume --out a --augment=false", failed,
			`of another run: train data was "[^"]+", now it is "[^"]+"\n$`},
		{"train --resume --out a --from a", failed, `of another run: from was none, now it is "?[0-9a-f]{8}…"?\n$`},
	})
}

// A run that started from weights is resumed without them, from wherever; and is not begun over them.
func TestResumeWithoutItsSource(t *testing.T) {
	set := digits(t)
	withRun(t, "logreg")
	line := "train --epochs 2 --batch 45 --data " + set
	play(t, []call{
		{line + " --from a --out b", done, `\d+ of \d+ tensors start from`},
		{line + " --from a/best.safetensors --out a --overwrite", wrongUsage,
			`^hqvit: --from a/best.safetensors lies ` +
				`in a, which --overwrite replaces, so that nothing could repeat the run: name another directory by --out\n$`},
		{"train --epochs 2 --resume --out b --from a/best.safetensors", done, `resuming`}, // the same weights
	})
	if err := os.Symlink("a", "link"); err != nil {
		t.Fatal(err)
	}
	play(t, []call{{line + " --from link --out ./a --overwrite", wrongUsage, `--from link lies in ./a, which`}})
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	play(t, []call{
		{"train --resume --out " + here + "/b", done, `resuming at the evaluation after epoch 2 of 2`},
		{"train --resume --epochs 3 --out " + here + "/b", done, `extended from 2 to 3 epochs(.|\n)*epoch 3/3 `},
		{"train --resume --out " + here + "/b --from a", failed, `from: a: no such file or directory`},
	})
}

// Data that a run knows by a path from elsewhere can be named anew.
func TestResumeFromElsewhere(t *testing.T) {
	t.Chdir(t.TempDir())
	insects(t, "pics", 8, 1, nil)
	write(t, "own.yaml", "model: logreg\nepochs: 1\nbatch: 8\nnormalize: true\naugmentation: {shift: 1}\n")
	command(t, done, "train --config own.yaml --data folder:pics --out a")
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	play(t, []call{
		{"train --resume --out " + here + "/a", failed,
			`folder:pics: .*no such file or directory; paths in \S+/a/` +
				`config.yaml are from where the run began: resume it there, or give --data, or --teacher\n$`},
		{"train --resume --out " + here + "/a --data folder:" + here + "/pics", done, `resuming at the evaluation`},
	})
}

// The message about other pixels says what they mean and what to do.
func TestStartFromOtherPixels(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	line := "train --model logreg --epochs 1 --batch 45 --data " + set
	play(t, []call{
		{line + " --out plain", done, `accuracy`},
		{line + " --normalize --out normal", done, `accuracy`},
		{line + " --normalize --from plain --out b", done,
			`^the pixels are normalised, those that plain was trained ` +
				`on were as they are: its first layer sees other numbers than it knows, and has to learn them; ` +
				`--normalize=false leaves them as they are\n`},
		{line + " --from normal --out c", done,
			`the pixels are as they are, those that normal was trained on were ` +
				`normalised: .*; --normalize normalises them\n`},
		{line + " --normalize --seed 2 --from normal --out d", done, `the pixels are normalised by the mean and ` +
			`deviation of these images, those of normal by its own: as a rule there is nothing to do\n`},
		{line + " --normalize --from normal --out e", done, `^logreg on`},
	})
}
