package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hqvit/hqvit/train/rundir"
)

func TestInfo(t *testing.T) {
	trained(t, "hqvit")
	write(t, "other.safetensors", "\x02\x00\x00\x00\x00\x00\x00\x00{}")
	play(t, []call{
		{"info a", done,
			`model +hqvit\nimages +28×28×1, fitted to 32×32\n(.|\n)*parameters +53643, 128 of them ` +
				`quantum\nflops +1\.776 million for an image, 5\.327 million in training\nqubits +17 .*\n` +
				`data +idx-\d+\nclasses +3: 0, 1, 2\nweights +of epoch \d, validation loss .*\nrun ` +
				`+8 epochs of 135 images, seed 1, (.|\n)*test AUC`},
		{"info a/best.safetensors", done,
			`classes +3: 0, 1, 2\nweights +of epoch \d, validation loss \d\.\d+, accuracy \d\.\d+, AUC ` +
				`\d\.\d+\n$`},
		{"info a --tensors", done, `blocks.1.attn.q.theta +float32 \(4, 8\)\n`},
		{"info other.safetensors", failed,
			`^hqvit: other.safetensors: no "architecture" in the metadata: this is no model of the command hqvit`},
		{"info none", failed, `none: no such file`},
		{"info", wrongUsage, `got nothing, want hqvit info FILE\|DIR, where`},
	})
	if err := os.Remove(filepath.Join("a", rundir.SummaryFile)); err != nil {
		t.Fatal(err)
	}
	play(t, []call{{"info a", done, `run +not finished`}})
}
