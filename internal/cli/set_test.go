package cli

import (
	"strings"
	"testing"
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
		{"train --data " + set + " --model hqvit:matched --set architecture.depth=1", wrongUsage,
			"a matched model"},
	})
}
