package cli

import (
	"strings"
	"testing"
)

// A recipe with growing pictures is in config.yaml, which gives the same weights, also after the run was
// extended; a model whose parameters depend on the side is refused in words.
func TestImageSizes(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	line := "train --model hqvit-stem:mean --epochs 3 --batch 45 --limit 90 --image-sizes 16,24 --data " + set
	_, said := command(t, done, line+" --out a")
	if !strings.Contains(said, "sides of 16 pixels in epoch 1, 24 pixels in epoch 2 and the full side "+
		"from epoch 3 on") {
		t.Errorf("nothing is said of the sizes:\n%s", said)
	}
	if got := read(t, "a/config.yaml"); !strings.Contains(got, "\nimage_sizes: 16,24\n") {
		t.Errorf("config.yaml has no sizes:\n%s", got)
	}
	command(t, done, "train --config a/config.yaml --out b")
	if read(t, "a/best.safetensors") != read(t, "b/best.safetensors") {
		t.Error("the file of the run gives other weights")
	}
	write(t, "one.yaml", "model: hqvit-stem:mean\nimage_sizes: \"16\"\nepochs: 2\n")
	write(t, "list.yaml", "image_sizes: [16, 24]\n")
	play(t, []call{
		{"train --out a --resume", done, "test accuracy"},
		{"train --config one.yaml --limit 90 --data " + set, done,
			"sides of 16 pixels in epoch 1 and the full side from"},
		{"train --out a --resume --image-sizes 16", failed, "image_sizes"},
		{"train --model hqvit-stem --epochs 3 --limit 90 --image-sizes 16 --data " + set, failed,
			"image_sizes: side 16: vit: with pooling flatten"},
		{"train --model hqvit-stem:mean --epochs 3 --limit 90 --image-sizes 18 --data " + set, failed,
			"side 18: vit: stem_stride 2 for a side of 9"},
		{"train --epochs 1 --image-sizes 16 --data " + set, wrongUsage, "want an epoch for each"},
		{"train --image-sizes 16,x --data " + set, wrongUsage, "want sides in pixels"},
		{"train --config list.yaml --data " + set, wrongUsage, "image_sizes"},
	})
}
