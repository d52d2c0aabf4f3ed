package cli

import (
	"encoding/json"
	"image"
	"math"
	"os"
	"strings"
	"testing"
)

// jobsOf trains a small model with quantum attention, a, and another one, b, and writes a picture, digit.png.
func jobsOf(t *testing.T) {
	t.Helper()
	withRun(t, "hqvit")
	savePNG(t, "digit.png", picture(image.NewGray(image.Rect(0, 0, 28, 28)), 1))
	write(t, "notes.txt", "call the dentist")
}

func countsOf(t *testing.T, line string) counted {
	t.Helper()
	stdout, _ := command(t, done, "counts --json "+line)
	var c counted
	if err := json.Unmarshal([]byte(stdout), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// From a trained model to programs, to counts, and back into the model: with so many shots that nothing is
// left to chance, the attention and the prediction are those of the model.
func TestJobs(t *testing.T) {
	jobsOf(t)
	costs := `a program has up to \d+ gates, \d+ of them on two qubits or more, depth \d+, on `
	play(t, []call{
		{"circuit a --image digit.png --head 1 --qasm 2 --out whole", done,
			`^whole: 1 program in OpenQASM 2: the SWAP test of ` +
				`the whole image\nblock 0, head 1 of a on digit.png, 16 patches of 16 values\n` + costs +
				`17 qubits\n10000 shots`},
		{"circuit a --image digit.png --head 3 --block 1 --programs pairs --out pairs", done,
			`^pairs: 256 programs in ` +
				`OpenQASM 3: one for each pair of patches\nblock 1, head 3 (.*)\n` + costs + `4 qubits\n`},
		{"circuit a --image digit.png --device superconducting-19 --seed 2 --shots 500 --out compiled", done,
			`^compiled: 256 programs(.*)\n(.*), compiled for superconducting-19, seed 2\n` + costs +
				`\d qubits\n500 shots`},
		{"circuit a --image digit.png --head 1 --gradient --out gradient", done,
			`^gradient: 33 programs (.*): the SWAP ` +
				`test of the whole image, and 32 of them with a shifted angle\n`},
	})
	exact := prediction{}
	line, _ := command(t, done, "predict a digit.png --json")
	if err := json.Unmarshal([]byte(line), &exact); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"whole", "pairs", "compiled --ideal", "gradient"} {
		c := countsOf(t, name+" --simulate 1000000000000000")
		if c.Measured.AttentionError.Largest > 1e-5 || c.Measured.OverlapError.Largest > 1e-7 {
			t.Errorf("%s: the attention is off by %v", name, c.Measured.AttentionError)
		}
		for _, r := range []headResult{c.Exact, c.Measured, c.Sampled} {
			for i, class := range r.Classes {
				if want := exact.Classes[i]; class.Class != want.Class ||
					math.Abs(class.Probability-want.Probability) > 1e-5 {
					t.Errorf("%s predicts %v, want %v", name, r.Classes, exact.Classes)
				}
			}
		}
		if d := c.Derivatives; (name == "gradient") != (d != nil) || d != nil && (d.Error.Largest > 1e-6 ||
			d.Scaled > 2) {
			t.Errorf("%s: derivatives %v", name, d)
		}
	}
	// Counts in a file are what was simulated, with bit 0 on either side.
	want, _ := command(t, done, "counts whole --simulate 3000 --out little.json")
	command(t, done, "counts whole --simulate 3000 --out big.json --order big")
	for _, line := range []string{"counts whole little.json", "counts whole big.json --order big"} {
		got, _ := command(t, done, line)
		if strings.Replace(got, "measured\n", "simulated without noise\n", 1) != want {
			t.Errorf("hqvit %s prints\n%s\nwant\n%s", line, got, want)
		}
	}
	if off := countsOf(t, "whole big.json").Measured.OverlapError.RMS; off < 1e-3 {
		t.Errorf("counts the wrong way round are off by %v", off)
	}
	// The programs of a device have its noise.
	if !testing.Short() {
		c := countsOf(t, "compiled --simulate 10000000")
		if c.Measured.OverlapError.RMS < 3*c.Sampled.OverlapError.RMS || !strings.Contains(c.Simulated,
			"superconducting-19") {
			t.Errorf("noise makes an error of %v, none one of %v", c.Measured.OverlapError,
				c.Sampled.OverlapError)
		}
	}
	play(t, []call{
		{"counts compiled --simulate 100 --trajectories 1", done,
			`simulated with the noise of superconducting-19 by 1 trajectory\n`},
		{"counts whole --simulate 100 --trajectories 5", wrongUsage, `and the programs are compiled for none\n$`},
		{"counts compiled --simulate 100 --trajectories 5 --ideal", wrongUsage, `leave out --ideal, or them\n$`},
		{"counts compiled --simulate 100 --trajectories -1", wrongUsage, `trajectories is -1, want at least 1\n$`},
		{"counts compiled r.json --trajectories 1", wrongUsage,
			`--trajectories is for --simulate, which is not given\n$`},
		{"counts pairs --simulate 100 --pairs", done,
			`\n +query +key +overlap (.*)\n +0 +0 +\d(.|\n)*\n +15 +15 +\d`},
		{"counts gradient --simulate 100", done, `\nderivatives of 256 overlaps by 16 angles: rms error `},
		{"counts gradient little.json", failed,
			`there is no program|there are no counts of whole-shift-0, (.*) and 29 more: ` +
				`want those of all 33 programs\n$`},
		{"counts pairs little.json", failed,
			`^hqvit: little.json: there is no program "whole": the job has pair-0-0, (.*) ` +
				`\(256 in all\)\n$`},
		{"counts compiled compiled/manifest.json", failed, `there is no program "format"`},
		{"counts whole none.json", failed, `open none.json: no such file`},
		{"circuit a --image digit.png --out whole", wrongUsage,
			`--out: whole holds a job already: want a new directory\n$`},
		{"circuit a --image digit.png --out a", wrongUsage, `--out: a holds something else, which is not replaced`},
	})
	// The counts of a job replace older ones, in the manifest's order, and never the job.
	play(t, []call{
		{"counts pairs --simulate 100 --out counts.json", done, ``},
		{"counts pairs --simulate 200 --out counts.json", done, ``},
		{"counts pairs --simulate 5 --out pairs/manifest.json", wrongUsage,
			`that is pairs/manifest.json, which is read`},
		{"counts whole --simulate 5 --out pairs/manifest.json", wrongUsage, `is not a file of counts`},
	})
	text := read(t, "counts.json")
	if a, b := strings.Index(text, `"pair-0-2"`), strings.Index(text, `"pair-0-10"`); a < 0 || a > b {
		t.Errorf("pair-0-2 stands at %d and pair-0-10 at %d", a, b)
	}
	// A manifest that says another block than its programs are of.
	manifest := read(t, "pairs/manifest.json")
	write(t, "pairs/manifest.json", strings.Replace(manifest, `"block": 1`, `"block": 0`, 1))
	play(t, []call{{"counts pairs counts.json", failed,
		`the job is not the one that is made of the model and the image: ` + `the share of patch \d+ is`}})
	write(t, "pairs/manifest.json", manifest)
	// A model that has moved, and another one.
	if err := os.Rename("a", "moved"); err != nil {
		t.Fatal(err)
	}
	command(t, done, "train --epochs 1 --batch 50 --out other --seed 2 --model hqvit --data "+digits(t))
	play(t, []call{
		{"counts whole little.json", failed,
			`the job is of that model: say where it is by --model: (.*)a/best.safetensors`},
		{"counts whole little.json --model moved", done, `^whole: block 0, head 1 of hqvit on digit.png`},
		{"counts whole little.json --model other", failed,
			`other/best.safetensors has other weights than those that ` +
				`the job was written with \(its SHA-256 is another\): want the model that the job is of\n$`},
	})
}

// TestJobMistakes are answered by one line.
func TestJobMistakes(t *testing.T) {
	withRun(t, "hqvit:hadamard")
	savePNG(t, "digit.png", picture(image.NewGray(image.Rect(0, 0, 28, 28)), 1))
	write(t, "notes.txt", "call the dentist")
	write(t, "notes.json", "[call the dentist]")
	write(t, "package.json", `{"name": "mine", "version": 1}`)
	for _, c := range []call{
		{"circuit --image digit.png --out j", wrongUsage, `--image is for a trained model: name its run`},
		{"circuit b.qasm --image digit.png --out j", wrongUsage, `b.qasm is a program: leave out --image`},
		{"circuit a --image digit.png", wrongUsage, `--image: want the directory of the job too, --out`},
		{"circuit a --out j --gradient", wrongUsage,
			`--out and --gradient: want a picture to write a job for, --image FILE`},
		{"circuit a --programs pairs", wrongUsage, `--programs: want a picture`},
		{"circuit a --image digit.png --out j --programs half", wrongUsage,
			`programs is "half", want whole or pairs`},
		{"circuit a --image digit.png --out j --svg x.svg --ascii", wrongUsage,
			`with --image a job is written: leave out --svg and --ascii`},
		{"circuit a --image digit.png --out j --shots 0", wrongUsage, `shots is 0, want at least 1`},
		{"circuit a --image digit.png --out j --qasm 5", wrongUsage, `qasm is 5, want 2 or 3`},
		{"circuit a --image digit.png --out j --invert maybe", wrongUsage,
			`invert "maybe", want auto, always, never`},
		{"circuit a --image digit.png --out j --device superconducting", wrongUsage,
			`--device: device: no device ` + `"superconducting"(.*); there are superconducting-19`},
		{"circuit a --image digit.png --out j --device trapped-ion-20 --qasm 2", wrongUsage,
			`OpenQASM 2 has no gate gpi, which trapped-ion-20 has: want version 3`},
		{"circuit a --image digit.png --out notes.txt", wrongUsage,
			`--out: notes.txt is there, and is no directory`},
		{"circuit a --image digit.png --out j --head 9", wrongUsage,
			`want a block in \[0,2\) and a head in \[0,4\)`},
		{"circuit a --image none.png --out j", failed, `open none.png: no such file`},
		{"circuit a --image notes.txt --out j", failed, `notes.txt`},
		{"circuit b --image digit.png --out j", failed, `b: no such file or directory`},
		{"circuit a --image digit.png --out j", wrongUsage, `has the score hadamard, and jobs are of a SWAP test`},
		{"counts", wrongUsage, `counts: got nothing, want hqvit counts JOBDIR \[RESULT.json...\], where JOBDIR is the ` +
			`directory of a job and RESULT.json is what a device has returned`},
		{"counts j", wrongUsage, `want the results of a device, hqvit counts j RESULT.json, or --simulate N`},
		{"counts j r.json --simulate 5", wrongUsage, `want results of a device or --simulate, got both`},
		{"counts j --simulate 9223372036854775807", wrongUsage,
			`simulate is 9223372036854775807 shots, want at most 2\^50`},
		{"counts j --simulate 5 --out package.json", wrongUsage, `the file that is there is not a file of counts`},
		{"circuit a --image digit.png --out .", wrongUsage,
			`--out: \. is the working directory, which is not replaced`},
		{"counts j --simulate 0", wrongUsage, `simulate is 0 shots, want at least 1`},
		{"counts j r.json --order middle", wrongUsage, `order is "middle", want little or big`},
		{"counts j r.json --ideal", wrongUsage, `--ideal is for --simulate, which is not given`},
		{"counts j r.json --json --pairs", wrongUsage, `--json has the numbers of each pair: leave out --pairs`},
		{"counts j --simulate 5 --out notes.txt", wrongUsage, `--out notes.txt: want a name that ends in .json`},
		{"counts j --simulate 5 --out notes.json", wrongUsage, `the file that is there is not a file of counts`},
		{"counts a --simulate 5", failed, `job a: there is no manifest.json: want the directory of a job`},
		{"counts none r.json", failed, `job none: there is no manifest.json`},
	} {
		c.seen = "^hqvit: (.*: )?" + strings.TrimPrefix(c.seen, "^hqvit: ")
		if c.line == "circuit a --image digit.png --out j" {
			c.seen = "^hqvit: .*" + strings.TrimPrefix(c.seen, "^hqvit: (.*: )?")
		}
		play(t, []call{c})
	}
	if _, err := os.Stat("j"); err == nil {
		t.Error("mistakes have left a job")
	}
}
