package cli

import (
	"os"
	"strings"
	"testing"
)

// Training starts from the weights of another run, with its model unless another is named, and says what of
// them does not fit; parts can be frozen or learn more slowly; config.yaml repeats all of it.
func TestTrainFromWeights(t *testing.T) {
	set := digits(t)
	withRun(t, "vit")
	photos := photographs(t)
	const line = "train --epochs 2 --batch 45 --data "
	play(t, []call{
		{line + set + " --from a --out b --freeze blocks.0.* --freeze norm.* --lr-factor *=0.5 --lr-factor " +
			"head.*=1", done, `^vit on idx-(.|\n)*frozen: 33\d+ of \d+ weights, in \d+ tensors\n` +
			`(\d+) of \d+ tensors start from the given weights\n`},
		{"train --resume --out b", done, `resuming at the evaluation after epoch 2 of 2`},
		{"train --resume --out b --freeze head.*", failed, `freeze was "blocks.0.\*,norm.\*", now it is "head.\*"`},
		{"train --config b/config.yaml --out again", done, `frozen: `},
		{line + set + " --from a/best.safetensors --model hqvit --out c", done,
			`anew: (.|\n)*blocks.0.attn.q.theta \(not among them\)(.|\n)*not used: blocks.0.attn`},
		{line + photos + " --from a --out d", done, `weights a: the architecture is for 1 channel and 3 classes; ` +
			`folder-\S+ has 3 channels and 2 classes(.|\n)*a knows the classes 0, 1, 2, the data has .*: the ` +
			`classifier begins anew\n`},
		{line + set + " --from none --out x", failed,
			`from: none: no such file or directory; runs near it: a, again, b, c, d\n$`},
		{line + photos + " --from a --model cnn --out x", failed,
			`none of the \d+ tensors to start from fits the model`},
		{line + set + " --freeze block.* --out x", failed, `freeze: no parameter fits "block.\*"`},
		{line + set + " --freeze [ --out x", wrongUsage, `freeze: pattern "\[", want a name`},
		{line + set + " --lr-factor head.* --out x", wrongUsage, `lr_factor: "head.\*", want PATTERN=FACTOR`},
	})
	config := read(t, "b/config.yaml")
	for _, want := range []string{"from: a\n", "freeze: blocks.0.*,norm.*\n",
		"lr_factor: \"*=0.5,head.*=1\"\n"} {
		if !strings.Contains(config, want) {
			t.Errorf("config.yaml does not have %s:\n%s", want, config)
		}
	}
	if read(t, "b/best.safetensors") != read(t, "again/best.safetensors") {
		t.Error("config.yaml does not repeat the run")
	}
	if _, err := os.Stat("x"); err == nil {
		t.Error("what failed has left a directory")
	}
}

// --resume with more epochs extends a run, and says by which rule.
func TestExtendARun(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	play(t, []call{
		{"train --model logreg --epochs 1 --batch 45 --out a --data " + set, done, "test accuracy"},
		{"train --resume --out a --epochs 3", done,
			`extended from 1 to 3 epochs: the schedule is that of 3 epochs ` +
				`from step 4 on; the learning rate was \S+ and is now \S+\n(.|\n)*epoch 3/3 `},
		{"train --resume --out a", done, `resuming at the evaluation after epoch 3 of 3`},
		{"train --resume --out a --epochs 2", failed, `epochs was "3", now it is "2"`},
		{"info a", done, `run +3 epochs of 135 images`},
	})
}
