package cli

import (
	"strings"
	"testing"

	"github.com/hqvit/hqvit/train/report/study"
)

// What is set by flags is in the run's config.yaml, which gives the same weights without them, and stays when
// the run is resumed.
func TestSet(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	line := "train --model hqvit-stem:sequence --epochs 1 --batch 45 --limit 90 --data " + set +
		" --set architecture.stem_blocks=[1,2] --set architecture.stem_norm=4 --set architecture.beside=depthwise" +
		" --set augmentation.trivial=true --set augmentation.erase=0.25"
	command(t, done, line+" --out a")
	for _, want := range []string{"  stem_blocks:\n  - 1\n  - 2\n", "  beside: depthwise\n",
		"  pooling: sequence\n", "  trivial: true\n", "  erase: 0.25\n", "  shift: 2.0\n"} {
		if got := read(t, "a/config.yaml"); !strings.Contains(got, want) {
			t.Errorf("config.yaml has no %q:\n%s", want, got)
		}
	}
	command(t, done, "train --config a/config.yaml --out b")
	if read(t, "a/best.safetensors") != read(t, "b/best.safetensors") {
		t.Error("the file of the run gives other weights")
	}
	play(t, []call{
		{"info a", done, `(?s)stages +1, 2 residual blocks.*pooling +sequence`},
		{"train --out a --resume --set augmentation.erase=0.25", done, "test accuracy"},
		{"train --out a --resume --set augmentation.erase=0.5", failed, "is of another run"},
		{"train --data " + set + " --set erase=1", wrongUsage, `--set "erase=1", want BLOCK.KEY=VALUE`},
		{"train --data " + set + " --set augmentation.erase", wrongUsage, "want BLOCK.KEY=VALUE"},
		{"train --data " + set + " --set augmentation.erase=2", wrongUsage, "erase 2, want 0 or 0 to 1"},
		{"train --data " + set + " --set augmentation.rise=2", wrongUsage, `--set augmentation: .*rise`},
		{"train --data " + set + " --set augmentation.erase=1 --augment=false", wrongUsage,
			"only pictures are augmented"},
		{"train --data " + set + " --set architecture.beside=conv", wrongUsage, `beside "conv".*depthwise`},
		{"train --data " + set + " --model hqvit:matched --set architecture.heads=5", wrongUsage,
			"--set architecture, of what the model matches: vit: .*heads"},
	})
}

// What is set for a comparison is set for each of its models, and for what a matched one is matched to; it is
// in their recipes, and another value is another study.
func TestCompareSet(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	write(t, "mine.yaml", "model: vit\nepochs: 1\n")
	line := "compare --models hqvit,vit-matched,mine.yaml --seeds 1 --epochs 1 --batch 45 --limit 90 --data " + set +
		" --set architecture.hidden=16 --set architecture.depth=1 --set augmentation.flip=true"
	command(t, done, line+" --views --out a")
	results, err := study.Read("a")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range results.Models {
		for _, want := range []string{"  depth: 1\n", "  flip: true\n", "  hidden: 16\n"} {
			if !strings.Contains(m.Recipe.YAML, want) {
				t.Errorf("the recipe of %s has no %q:\n%s", m.Name, want, m.Recipe.YAML)
			}
		}
		if views := m.Runs[0].Viewed.Views; len(views) != 6 {
			t.Errorf("%s has the views %v", m.Name, views)
		}
	}
	matched := results.Models[1]
	if want := results.Models[0].Parameters; matched.Recipe.Matches != want || matched.Parameters-want > 200 ||
		want-matched.Parameters > 200 {
		t.Errorf("vit-matched has %d parameters and matches %d, hqvit has %d", matched.Parameters,
			matched.Recipe.Matches, want)
	}
	if !strings.Contains(results.Metadata.Command, "--set augmentation.flip=true") {
		t.Errorf("the command is %s", results.Metadata.Command)
	}
	command(t, done, line+" --out a") // which is finished
	first, _ := command(t, done, line)
	second, _ := command(t, done, line+" --set augmentation.erase=0.5")
	if last := func(s string) string {
		return s[strings.LastIndex(s[:len(s)-1],
			"\n"):]
	}; last(first) == last(second) {
		t.Errorf("two studies have one directory, %s", last(first))
	}
	play(t, []call{
		{line + " --set augmentation.erase=0.5 --out a", failed, "choose another directory"},
		{line + " --set architecture.layers=3 --out a", failed, "choose another directory"},
		{"compare --models hqvit,logreg --seeds 1 --data " + set + " --set architecture.depth=1", wrongUsage,
			"logreg: .*a logreg has no patches"},
		{"compare --data " + set + " --set depth=1", wrongUsage, "want BLOCK.KEY=VALUE"},
	})
}
