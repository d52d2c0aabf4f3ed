package cli

import (
	"math"
	"os"
	"strings"
	"testing"
)

func TestTeacherTranscripts(t *testing.T) {
	data := digits(t)
	quick := " --data " + data + " --batch 32 "
	t.Chdir(t.TempDir())
	write(t, "student.yaml", "model: hqvit\nteacher: v\ndistill_weight: 0.7\ntemperature: 3\n")
	write(t, "stray.yaml", "model: hqvit\ntemperature: 3\n")
	write(t, "small.yaml",
		"batch: 32\nmicro: 32\narchitecture: {model: transformer, image: 16, channels: 1, "+
			"classes: 3, patch: 8, depth: 1, hidden: 8, heads: 1, score: dot, pooling: flatten}\n")
	play(t, []call{
		{"train" + quick + "--epochs 6 --model vit --out v", done, `test accuracy`},
		{"train" + quick + "--epochs 3 --model hqvit --teacher v --out a", done, `test accuracy`},
		{"train --config a/config.yaml --out b --threads 1", done, `test accuracy`},
		{"train" + quick + "--epochs 3 --model hqvit --normalize --teacher v/best.safetensors --out n", done,
			`test accuracy`},
		{"train --out a --resume --temperature 4", failed, `of another run: distillation was`},
		{"compare" + quick + "--epochs 1 --seeds 1 --models hqvit,student=student.yaml --out c", done,
			`student`},
		{"train" + quick + "--teacher none --out x", failed,
			`teacher: none: no such file or directory; runs near it: a, b, c/runs/hqvit/s1, `},
		{"train" + quick + "--teacher c --out x", failed, `teacher: c holds no run, want the directory of one, ` +
			`with its best.safetensors; runs in it: c/runs/hqvit/s1, c/runs/student/s1\n$`},
		{"train" + quick + "--teacher a --out a --overwrite", wrongUsage,
			`--teacher a lies in a, which --overwrite replaces, so that nothing could repeat the run`},
		{"train" + quick + "--teacher student.yaml --out x", failed,
			`teacher: weights file student.yaml: not a safetensors file`},
		{"train" + quick + "--temperature 3 --out x", wrongUsage, `temperature 3 without a teacher`},
		{"train" + quick + "--config stray.yaml --out x", wrongUsage, `temperature 3 without a teacher`},
		{"train" + quick + "--teacher v --distill-weight 2 --out x", wrongUsage,
			`distill_weight is 2, want \[0,1\]`},
		{"train" + quick + "--teacher v --temperature -1 --out x", wrongUsage, `temperature is -1`},
		{"train" + quick + "--config small.yaml --teacher v --out x", failed,
			`teacher v sees images of 1 channel, size 32, the student 1, size 16`},
		{"train --limit 200 --teacher v --out x", failed,
			`teacher v knows the classes 0, 1, 2, want those of the data, 0, 1, 2, 3`},
	})
	first, again := read(t, "a/best.safetensors"), read(t, "b/best.safetensors")
	if first != again {
		t.Error("the config.yaml of a taught run gives other weights")
	}
	if text := read(t, "a/config.yaml"); !strings.Contains(text,
		"teacher: v\ndistill_weight: 0.5\ntemperature: 2") {
		t.Errorf("the config.yaml of a taught run is\n%s", text)
	}
	if text := read(t, "v/config.yaml"); strings.Contains(text, "teacher") ||
		strings.Contains(text, "temperature") {
		t.Errorf("the config.yaml of a run without a teacher is\n%s", text)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// A pixel v is (v−mean)/deviation to both models, each with its own.
func TestRescale(t *testing.T) {
	ways := []normal{{}, {mean: []float32{0.5, 0.25}, std: []float32{2, 0.5}},
		{mean: []float32{-1, 0.75}, std: []float32{0.25, 3}}}
	for i, from := range ways {
		for j, to := range ways {
			scale, shift := rescale(from, to, 2)
			if (scale == nil) != (i == j) {
				t.Errorf("from %v to %v: scale %v", from, to, scale)
			}
			for c := range scale {
				const v = 0.7
				mean, std := from.channel(c)
				wantMean, wantStd := to.channel(c)
				if got, want := scale[c]*(v-mean)/std+shift[c],
					(v-wantMean)/wantStd; math.Abs(float64(got-want)) > 1e-6 {
					t.Errorf("from %v to %v, channel %d: %v, want %v", from, to, c, got, want)
				}
			}
		}
	}
}
