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
		" --over lr=1e-4..0.1 --over batch=30|45 --over optimizer=adamw|sgd|muon:steps=0 --trials 6 --rungs 2"
	out, _ := command(t, done, line+" --out a")
	lines := readCSV(t, "a/search.csv")
	if len(lines) != 1+6+2 || strings.Join(lines[0], " ") !=
		"rung trial epochs lr batch optimizer val_accuracy val_loss best_epoch seconds failed" {
		t.Fatalf("search.csv is %v", lines)
	}
	best, unmade := 0.0, 0
	for _, row := range lines[1:] {
		if row[5] == "muon:steps=0" {
			unmade++
			if row[10] == "" || row[6] != "" {
				t.Errorf("%v has not failed", row)
			}
		}
		if score, err := strconv.ParseFloat(row[6], 64); err == nil && row[0] == "2" {
			best = max(best, score)
		}
	}
	if unmade == 0 || unmade == 6 {
		t.Errorf("%d trials have the optimizer that there is not", unmade)
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
			`a holds another search: over lr, batch, optimizer, not lr, batch, optimizer, clip`},
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
		{"search --model logreg --data " + set + " --over lr=-1|-2 --trials 2 --out c", failed,
			"all 2 trials failed"},
	})
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
		texts = append(texts, strings.Join(slices.Concat(line[:9], line[10:]), ","))
	}
	return texts
}
