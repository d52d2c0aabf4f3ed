package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hqvit/hqvit/train/rundir"
)

func TestInfo(t *testing.T) {
	withRun(t, "hqvit")
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
	if err := os.MkdirAll("study/runs/empty", 0o755); err != nil {
		t.Fatal(err)
	}
	command(t, done, "train --config a/config.yaml --epochs 1 --out study/runs/vit/s1")
	play(t, []call{
		{"info b", failed, `^hqvit: b: no such file or directory; runs near it: a, study/runs/vit/s1; hqvit models lists the models that come trained\n$`},
		{"info study", failed, `^hqvit: study holds no run, want the directory of one, with its best.safetensors; ` +
			`runs in it: study/runs/vit/s1\n$`},
		{"info study/runs/empty", failed, `empty holds no run, .*; runs near it: study/runs/vit/s1\n$`},
		{"train --resume --out study/runs/vit/s2", failed,
			`without --resume a new one starts there; runs near it: ` + `study/runs/vit/s1\n$`},
	})
	if err := os.Remove("study/runs/vit/s1/best.safetensors"); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"info", "eval", "predict"} {
		if line += " study/runs/vit/s1"; line == "predict study/runs/vit/s1" {
			line += " none.png"
		}
		play(t, []call{{line, failed,
			`the run in study/runs/vit/s1 has no best.safetensors, which comes with its first ` +
				`epoch: resume it, or name another run\n$`}})
	}
	if err := os.Remove("a/config.yaml"); err != nil {
		t.Fatal(err)
	}
	play(t, []call{{"eval a", failed,
		`a has lost its config.yaml, which says what it was trained on: want its ` +
			`best.safetensors with --data\n$`}})
	if err := os.Remove(filepath.Join("a", rundir.SummaryFile)); err != nil {
		t.Fatal(err)
	}
	play(t, []call{{"info a", done, `run +not finished`}})
}
