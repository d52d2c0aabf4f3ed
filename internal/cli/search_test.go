package cli

import (
	"encoding/csv"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestSearchSpace(t *testing.T) {
	space, err := parseSpace([]string{"lr=1e-4..1e-2", "batch=16..32", "augmentation.erase=0..0.5",
		"optimizer=adamw|muon:decay=0.1"})
	if err != nil {
		t.Fatal(err)
	}
	var logs, erased float64
	seen := map[string]int{}
	const n = 1000
	for trial := range n {
		lr, err := strconv.ParseFloat(space[0].draw(1, trial), 64)
		if err != nil || lr < 1e-4 || lr > 1e-2 {
			t.Fatalf("lr %v, %v", lr, err)
		}
		logs += math.Log10(lr) / n
		batch, err := strconv.Atoi(space[1].draw(1, trial))
		if err != nil || batch < 16 || batch > 32 {
			t.Fatalf("batch %v, %v", batch, err)
		}
		seen[strconv.Itoa(batch)]++
		erase, _ := strconv.ParseFloat(space[2].draw(1, trial), 64)
		erased += erase / n
		seen[space[3].draw(1, trial)]++
	}
	if math.Abs(logs+3) > 0.06 || math.Abs(erased-0.25) > 0.015 {
		t.Errorf("a mean of 10^%v and %v, want 10^-3 and 0.25", logs, erased)
	}
	if len(seen) != 19 || seen["adamw"] < 430 || seen["adamw"] > 570 || seen["16"] == 0 || seen["32"] == 0 {
		t.Errorf("drawn %v", seen)
	}
	if a, b := space[0].draw(1, 3), space[0].draw(2, 3); a == b || a != space[0].draw(1, 3) {
		t.Errorf("%s and %s of two seeds", a, b)
	}
	// A narrow range has as many values as a wide one, and none outside.
	narrow, err := parseSpace([]string{"ema=0.9991..0.9999"})
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]bool{}
	for trial := range 100 {
		text := narrow[0].draw(1, trial)
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || v < 0.9991 || v > 0.9999 {
			t.Errorf("ema %s, %v", text, err)
		}
		values[text] = true
	}
	if len(values) < 80 {
		t.Errorf("%d different values in 100 trials", len(values))
	}
	for text, want := range map[string]string{
		"lr": "want KEY=LOW..HIGH", "lr=2..1": "the lower one first", "lr=a..b": "two numbers",
		"seed=1..2": "the same seed",
		"data=a|b":  "the same data", "aug.x=1..2": `no block "aug"`, "architecture=1|2": "want a key of the block",
	} {
		if _, err := parseSpace([]string{text}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestRungs(t *testing.T) {
	if got := rungs(9, 27, 3); !slices.Equal(got, []rung{{9, 3}, {3, 9}, {1, 27}}) {
		t.Errorf("%v", got)
	}
	if got := rungs(5, 4, 1); !slices.Equal(got, []rung{{5, 4}}) {
		t.Errorf("%v", got)
	}
}

// A search is repeatable, keeps what is finished, chooses the best by validation, and leaves a recipe whose
// run has the weights of that trial. A recipe of which no run can be made is one that failed.
func TestSearch(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	line := "search --model logreg --epochs 3 --batch 45 --data " + set +
		" --over lr=1e-4..0.1 --over batch=30|45 --over optimizer=adamw|sgd --over micro=30|45 --trials 6 --rungs 2"
	out, _ := command(t, done, line+" --out a")
	lines := readCSV(t, "a/search.csv")
	if len(lines) != 1+6+2 || strings.Join(lines[0], " ") !=
		"rung trial epochs lr batch optimizer micro val_accuracy val_loss best_epoch seconds failed" {
		t.Fatalf("search.csv is %v", lines)
	}
	best, unmade := 0.0, 0
	for _, row := range lines[1:] {
		if row[4] == "30" && row[6] == "45" { // a micro-batch larger than the batch
			unmade++
			if row[11] == "" || row[7] != "" {
				t.Errorf("%v has not failed", row)
			}
		}
		if score, err := strconv.ParseFloat(row[7], 64); err == nil && row[0] == "2" {
			best = max(best, score)
		}
	}
	if unmade == 0 || unmade == 6 {
		t.Errorf("%d trials have a micro-batch that is too large", unmade)
	}
	if want := strconv.FormatFloat(best, 'f', 4, 64); best == 0 || !strings.Contains(out, "accuracy "+want) {
		t.Errorf("%s\nthe best has %s", out, want)
	}
	if _, err := os.Stat("a/epochs-3"); err != nil {
		t.Error(err)
	}
	first := withoutSeconds(lines)
	again, _ := command(t, done, line+" --out a")
	if again != out || !slices.Equal(withoutSeconds(readCSV(t, "a/search.csv")), first) {
		t.Errorf("again: %s, first: %s", again, out)
	}
	anew, _ := command(t, done, line+" --out b --threads 1")
	if strings.ReplaceAll(anew, "b/", "a/") != out ||
		!slices.Equal(withoutSeconds(readCSV(t, "b/search.csv")), first) {
		t.Errorf("in another directory: %s, first: %s", anew, out)
	}
	number := strings.Split(strings.Split(out, "trial ")[1], ",")[0]
	command(t, done, "train --config a/best.yaml --out run")
	if read(t, "run/best.safetensors") != read(t, "a/epochs-3/trial-"+number+"/best.safetensors") {
		t.Error("best.yaml gives other weights than the best trial")
	}
	log := read(t, "a/search.csv")
	play(t, []call{
		{line + " --over clip=1..2 --out a", failed,
			`a holds another search: over lr, batch, optimizer, micro, not lr, batch, optimizer, micro, clip`},
		{strings.Replace(line, "lr=1e-4..0.1", "lr=1e-4..0.2", 1) + " --out a", failed,
			`a holds another search: its trial 1 has`},
		{line + " --limit 60 --out a", failed, `a holds another search: its trial \d has ended, this one's fails`},
	})
	if read(t, "a/search.csv") != log {
		t.Error("another search has changed search.csv")
	}
	play(t, []call{
		{"search --model logreg --data " + set, wrongUsage, "no --over"},
		{"search --over lr=1 --trials 0", wrongUsage, "trials is 0"},
		{"search --model logreg --data " + set + " --over lr=1e30|1e31 --trials 2 --out c", failed,
			"all 2 trials failed"},
	})
}

// What is wrong with a range is said before the first trial: each end of it, each choice, each key.
func TestSearchChecksItsRanges(t *testing.T) {
	set := digits(t)
	t.Chdir(t.TempDir())
	insects(t, "old", 20, 1, nil)
	line := "search --model logreg --epochs 1 --batch 16 --trials 2 --out s --data folder:old --over "
	for over, want := range map[string]string{
		"lr=-1..0.1":                                 `--over lr=-1: .*lr is -1`,
		"lr=0.1..1e9999":                             "want LOW..HIGH",
		"lrr=0.1..0.2":                               `--over lrr=0.1: .*lrr`,
		"optimizer=adamw|adamv":                      `--over optimizer=adamv: .*adamv`,
		"augmentation.rand_ops=1..20":                `--over .*rand_ops`,
		"augmentation.rand_opps=1..2":                `--over .*rand_opps`,
		"augmentation.rand_ops=0..2":                 `--over .*rand_ops without a rand_magnitude`,
		"augmentation.rand_magnitude=0.1..0.5":       `--over .*rand_magnitude without rand_ops`,
		"architecture.patch=3..5 --model vit":        `--over .*patch`,
		"lr=0.1..0.2 --over ema=0.5..1":              `--over ema=1: .*ema`,
		"augmentation.shift=0..2 --augment=false":    `--over .*only pictures are augmented`,
		"augmentation.brightness=0..2 --data " + set: `--over .*brightness`,
	} {
		play(t, []call{{line + over, wrongUsage, want}})
		if _, err := os.Stat("s"); err == nil {
			t.Fatalf("--over %s: there is a directory", over)
		}
	}
	play(t, []call{
		{line + "augmentation.rand_ops=0..2 --set augmentation.rand_magnitude=0.3 --trials 6", done,
			"best: trial"},
		{line + "augmentation.rand_ops=0..2 --over augmentation.rand_magnitude=0.1..0.3 --out both", done,
			"best: trial"},
		{line + "batch=8..16 --over micro=8..16 --out micro", done, "best: trial"},
	})
	none := 0
	for _, row := range readCSV(t, "s/search.csv")[1:] {
		if row[len(row)-1] != "" {
			t.Errorf("%v has failed", row)
		}
		if row[3] == "0" {
			none++
		}
	}
	if none == 0 || none == 6 {
		t.Errorf("%d of 6 trials are without operations, want some", none)
	}
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(read(t, path))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// withoutSeconds joins the lines, without the column of seconds.
func withoutSeconds(lines [][]string) (texts []string) {
	for _, line := range lines {
		texts = append(texts, strings.Join(slices.Concat(line[:10], line[11:]), ","))
	}
	return texts
}
