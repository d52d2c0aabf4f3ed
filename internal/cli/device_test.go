package cli

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/trained"
)

// TestShotsAndNoise trains with shots and noise, and evaluates with them, with others and without: what is
// said last holds.
func TestShotsAndNoise(t *testing.T) {
	data, dir := digits(t), filepath.Join(t.TempDir(), "run")
	ended, progress := command(t, done, "train --data "+data+" --model hqvit --noise depolarizing=0.02 "+
		"--shots 500 --epochs 1 "+
		"--limit 60 --batch 20 --out "+dir)
	if !strings.Contains(progress, "hqvit:500-shots:0.02-depolarizing on ") {
		t.Errorf("the name does not say how the circuits are run:\n%s", progress)
	}
	m, err := trained.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if c := m.Metadata().Config; c.Shots != 500 || c.Noise != "depolarizing=0.02" {
		t.Errorf("the weights say %d shots and noise %q", c.Shots, c.Noise)
	}
	eval := func(flags string) string { out, _ := command(t, done, "eval "+dir+" --json "+flags); return out }
	line, _ := command(t, done, "eval "+dir)
	printed := regexp.MustCompile(`test accuracy ([0-9.]+), balanced ([0-9.]+)`).FindStringSubmatch(ended +
		progress)
	if printed == nil || !strings.Contains(line, " accuracy="+printed[1]+" balanced_accuracy="+printed[2]+" ") ||
		!strings.Contains(line, ` shots=500 noise="depolarizing=0.02" `) {
		t.Errorf("eval has not what train said at its end:\n%s%s", progress, line)
	}
	swept, _ := command(t, done, "eval "+dir+" --sweep depolarizing=0.02")
	if printed == nil || !strings.Contains(swept, "0.02          "+printed[1]+" ") {
		t.Errorf("the swept channel does not take the place of the model's:\n%s", swept)
	}
	own, exact := eval(""), eval("--shots 0 --noise none")
	if again := eval("--threads 1"); own != again {
		t.Errorf("estimates differ from run to run: %s%s", own, again)
	}
	for _, flags := range []string{"--shots 10", "--shots 0 --noise depolarizing=0.3", "--noise none"} {
		if other := eval(flags); other == own || other == exact {
			t.Errorf("%s changes nothing: %s", flags, other)
		}
	}
	sweep, _ := command(t, done, "eval "+dir+" --limit 12 --shots 100 --sweep depolarizing=0,0.2")
	if lines := strings.Split(strings.TrimSpace(sweep), "\n"); len(lines) != 3 ||
		!strings.HasPrefix(lines[2], "0.2 ") {
		t.Errorf("a sweep of two values prints\n%s", sweep)
	}
	device := eval("--noise none --device superconducting-19 --shots 0 --limit 8")
	if device == eval("--noise none --shots 0 --limit 8") {
		t.Error("--device changes nothing")
	}
	play(t, []call{
		{"train --data " + data + " --model hqvit --noise depolarizing=0.02 --shots 500 --epochs 1 --limit " +
			"60 --batch 20 --out " + dir + " --resume", done, "test accuracy"},
		{"train --data " + data + " --model vit --epochs 1 --limit 60 --batch 20 --out " + dir + " --resume",
			failed, "holds a run of hqvit:500-shots:0.02-depolarizing, not of vit"},
		{"train --data " + data + " --model hqvit:500-shots:0.02-depolarizing --epochs 1 --limit 60 " +
			"--batch 20 --out " + dir + " --resume", done, "test accuracy"},
		{"train --data " + data + " --model hqvit:50-shots --epochs 1 --limit 60 --batch 20 --out " + dir +
			" --resume", failed, "holds a run of hqvit:500-shots:0.02-depolarizing, not of hqvit:50-shots"},
		{"ledger --model hqvit:500-shots:0.02-depolarizing", done, "qubits"},
		{"ledger " + dir, done, "17 qubits, as in the paper"},
		{"info " + dir, done, `circuits +shots=500 noise="depolarizing=0.02"`},
		{"eval " + dir + " --sweep shots=1 --sweep shots=2", wrongUsage, "want one sweep at a time"},
		{"eval " + dir + " --sweep shots=1 --shots 2", wrongUsage, "exclude each other"},
		{"eval " + dir + " --device superconducting-91", wrongUsage, "did you mean superconducting-19"},
		{"eval " + dir + " --device trapped-ion-20 --limit 4", done, "images=4"},
		{"eval " + dir + " --device trapped-ion-20 --noise bit-flip=0.1", wrongUsage, "exclude each other"},
		{"eval " + dir + " --limit -1", wrongUsage, "--limit is -1"},
		{"eval " + dir + " --sweep shots", wrongUsage, "want shots=N,"},
		{"eval " + dir + " --sweep shots=1,x", wrongUsage, "want numbers of shots"},
		{"eval " + dir + " --sweep bit-flop=0.1", wrongUsage, "did you mean bit-flip"},
		{"eval " + dir + " --shots -1", wrongUsage, "--shots is -1, want 0 for exact values, or more"},
		{"eval " + dir + " --noise dephasing=0.1", wrongUsage, `no channel "dephasing"`},
		{"train --data " + data + " --model vit --shots 10", wrongUsage,
			"shots is 10 for score dot, which has no circuit"},
		{"train --data " + data + " --model hqvit:hadamard --noise bit-flip=0.1", wrongUsage,
			"score hadamard can have no noise and no device: want these with one of swap"},
		{"train --data " + data + " --model hqvit:0-shots", wrongUsage, "want a number of shots of at least 1"},
	})
}

// TestMitigation: eval with and without, side by side, what is said of it, and a model that was trained with
// it.
func TestMitigation(t *testing.T) {
	data, dir := digits(t), filepath.Join(t.TempDir(), "run")
	_, progress := command(t, done, "train --data "+data+" --model hqvit --noise "+
		"depolarizing=0.02,readout=0.1 --mitigate "+
		"zne=1,3+readout --epochs 1 --limit 40 --batch 20 --out "+dir)
	if !strings.Contains(progress, "hqvit:0.02-depolarizing:0.1-readout on ") {
		t.Errorf("the name of the model is another one:\n%s", progress)
	}
	eval := func(flags string) string {
		out, _ := command(t, done,
			"eval "+dir+" --limit 20 "+flags)
		return out
	}
	if own := eval(""); !strings.Contains(own,
		` noise="depolarizing=0.02,readout=0.1" mitigation="zne=1,3+readout" `) {
		t.Errorf("eval does not say how the circuits were run: %s", own)
	}
	if out, _ := command(t, done, "export "+dir+" "+filepath.Join(t.TempDir(),
		"m.onnx")+" --exact"); !strings.Contains(
		out, "logits") {
		t.Errorf("its exact values are not exported: %s", out)
	}
	if eval("") == eval("--mitigate none") || eval("--mitigate none") == eval("--mitigate readout") {
		t.Error("--mitigate changes nothing")
	}
	if text := eval("--noise none"); strings.Contains(text, "mitigation") {
		t.Errorf("without noise there is a mitigation: %s", text)
	}
	sweep := eval("--sweep depolarizing=0.01,0.05 --mitigate readout")
	lines := strings.Split(strings.TrimSpace(sweep), "\n")
	if len(lines) != 3 || strings.Count(lines[0], "mitigated") != 6 || len(strings.Fields(lines[1])) != 13 {
		t.Errorf("a sweep with and without mitigation prints\n%s", sweep)
	}
	columns := strings.Fields(lines[2])
	without, err1 := strconv.ParseFloat(columns[11], 64)
	with, err2 := strconv.ParseFloat(columns[12], 64)
	if err1 != nil || err2 != nil || !(with < without) {
		t.Errorf("the error of the coefficients is %v, mitigated %v", columns[11], columns[12])
	}
	rows := strings.Split(strings.TrimSpace(eval("--json --sweep depolarizing=0.01 --mitigate readout")), "\n")
	if len(rows) != 2 || strings.Contains(rows[0], "mitigation") ||
		!strings.Contains(rows[1], `"mitigation":"readout"`) {
		t.Errorf("JSON of a sweep with and without mitigation:\n%s", rows)
	}
}

// TestCompareSweeps trains once, and evaluates at each value; a later call adds to it.
func TestCompareSweeps(t *testing.T) {
	data, dir := digits(t), filepath.Join(t.TempDir(), "c")
	compare := "compare --data " + data + " --epochs 1 --batch 32 --limit 64 --models hqvit,logreg --seeds " +
		"2 --out " + dir
	out, progress := command(t, done, compare+" --sweep shots=100 --sweep-limit 12")
	if !strings.Contains(progress, "hqvit, seed 2, shots=100, 12 images: accuracy ") ||
		strings.Contains(progress, "logreg, seed 1, shots") {
		t.Errorf("progress:\n%s", progress)
	}
	if !strings.Contains(out, "| shots of each head and image | hqvit |") ||
		!strings.Contains(out, "| exact values | ") {
		t.Errorf("the report has no table of shots:\n%s", out)
	}
	out, progress = command(t, done, compare+" --sweep depolarizing=0.05 --mitigate zne=1,3 --sweep-limit 12")
	if strings.Contains(progress, "shots=") || strings.Count(progress, "was done") != 4 ||
		strings.Count(progress, "zne=1,3, 12 images") != 4 {
		t.Errorf("the second call does more than its own sweep:\n%s", progress)
	}
	for _, want := range []string{"| depolarizing | hqvit | hqvit, zne=1,3 |",
		"| shots of each head and image | hqvit |"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report lacks %q:\n%s", want, out)
		}
	}
	if _, progress = command(t, done, compare); strings.Contains(progress, "images: accuracy") {
		t.Errorf("a call without a sweep evaluates:\n%s", progress)
	}
}
