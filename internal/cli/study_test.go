package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/train/report/study"
)

// A directory belongs to one comparison: another one is refused and changes nothing there, more models or
// seeds extend it, and a call that fails leaves the report alone.
func TestDirectoryOfAStudy(t *testing.T) {
	data := digits(t)
	t.Chdir(t.TempDir())
	compare := "compare --data " + data + " --epochs 1 --batch 32 --out c --models "
	command(t, done, compare+"logreg,cnn --seeds 1")
	reports := func() map[string]string { return readFiles(t, "c", "*.*", "runs/*/*/*") }
	before := reports()
	if before["report.html"] == "" || before["study.json"] == "" {
		t.Fatalf("no report in %d files", len(before))
	}
	write(t, "bad.yaml", "lr: 0.001\narchitecture: {model: transformer, image: 28, channels: 1, classes: "+
		"3, patch: 7, depth: 1, hidden: 4, heads: 3, score: dot, embed: 6, pooling: mean}\nteacher: "+
		"c/runs/cnn/s1\n")
	play(t, []call{
		{compare + "logreg,cnn --seeds 1 --lr 0.004", failed, `^hqvit: study: model logreg: c is the ` +
			`directory of another study: lr was "[^"]+", now it is "0.004"; choose another directory\n$`},
		{compare + "cnn --seeds 1", failed, `c holds a study of logreg and cnn, seed 1; this one lacks ` +
			`model logreg. To extend it, name all that it has; for another one, choose another directory\n$`},
		{compare + "logreg,cnn --seeds 1 --seed 5", failed, `this one lacks seed 1`},
		{compare + "cnn,logreg --seeds 1", failed, `compared with logreg; this one compares with cnn. Name ` +
			`logreg first, or choose another directory`},
		{compare + "logreg,cnn --seeds 1 --from nosuch", failed, `from nosuch: .*no such file`},
		{compare + "logreg,cnn --seeds 1 --from .", done, `was done`},
		{compare + "logreg,cnn,=vit --seeds 1", wrongUsage, `"=vit" has no name before the =`},
		{compare + "logreg,cnn,c-n-n=cnn,C:N:N=cnn --seeds 1", failed,
			`models "c-n-n" and "C:N:N" would have one directory, c-n-n; call one of them otherwise`},
	})
	os.Mkdir("empty", 0o755)
	play(t, []call{{compare + "logreg,cnn --seeds 1 --from empty", failed, `from empty: there is no run`}})
	after := reports()
	for name, text := range before {
		if name != "results.json" && !strings.HasPrefix(name, "report.") && after[name] != text {
			t.Errorf("a refused comparison changed %s", name)
		}
	}
	before = reports()
	results, err := study.Read("c")
	if err != nil || len(results.Models) != 2 {
		t.Fatalf("%v, %d models", err, len(results.Models))
	}
	if _, text := command(t, failed, compare+"logreg,cnn,bad.yaml --seeds 1"); !strings.Contains(text,
		"the report in c is as it was") {
		t.Error(text)
	}
	after = reports()
	for name, text := range before {
		if name != "study.json" && after[name] != text {
			t.Errorf("a comparison that failed changed %s", name)
		}
	}
}

func TestStudyIsExtended(t *testing.T) {
	data := digits(t)
	t.Chdir(t.TempDir())
	compare := "compare --data " + data + " --epochs 1 --batch 32 --models logreg"
	command(t, done, compare+" --seeds 1")
	dirs := func() []string {
		t.Helper()
		all, err := filepath.Glob("runs/*")
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	first := dirs()
	if len(first) != 1 || !strings.HasPrefix(filepath.Base(first[0]), "compare-idx-") ||
		!strings.Contains(first[0], "-logreg-") {
		t.Fatalf("directories %v", first)
	}
	if _, text := command(t, done, compare+" --seeds 2"); !strings.Contains(text, "[1/2] logreg, seed 1") ||
		!strings.Contains(text, "(was done)") || !slices.Equal(dirs(), first) {
		t.Errorf("a second seed is not added: %v, %s", dirs(), text)
	}
	if _, text := command(t, done, compare+",cnn --seeds 2 --out "+first[0]); strings.Count(text, "(was "+
		"done)") != 2 {
		t.Errorf("a second model is not added: %s", text)
	}
	if r, err := study.Read(first[0]); err != nil || len(r.Models) != 2 || len(r.Models[1].Runs) != 2 {
		t.Errorf("the report has %d models (%v)", len(r.Models), err)
	}
	for _, other := range []string{" --seeds 1 --lr 0.004", ",hqvit --seeds 1", " --seeds 1 --limit 100",
		" --seeds 1 --seed 7"} {
		before := len(dirs())
		command(t, done, compare+other)
		if len(dirs()) != before+1 {
			t.Errorf("compare%s has no directory of its own: %v", other, dirs())
		}
	}
	for _, dir := range dirs() {
		if strings.ContainsAny(dir, `:*?"<>|\ `) {
			t.Errorf("%s is no name on every system", dir)
		}
	}
}

// The command in a report, given to a shell, makes the same study again.
func TestReportSaysHowToRepeatIt(t *testing.T) {
	data := digits(t)
	t.Chdir(t.TempDir())
	write(t, "it's $HOME.yaml", "model: logreg\nlr: 0.003\n")
	write(t, "base file.yaml", "clip: 0.5\nepochs: 3\n")
	args := []string{"compare", "--data", data, "--config", "base file.yaml", "--epochs", "1", "--seeds", "2",
		"--seed", "4", "--models", "logreg,a `b` c=it's $HOME.yaml", "--augment=false", "--normalize",
		"--batch", "32", "--threads", "1", "--optimizer", "sgd:momentum=0.5"}
	run := func(args []string, dir string) *study.Results {
		t.Helper()
		var out, stderr bytes.Buffer
		if code := (program{}).run(context.Background(), append(args, "--out", dir), &out, &stderr); code != done {
			t.Fatalf("%q: %s", args, stderr.String())
		}
		r, err := study.Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := run(args, "one")
	words, err := exec.Command("sh", "-c", "for word in "+first.Metadata.Command+`; do printf '%s\0' `+
		`"$word"; done`).
		Output()
	if err != nil {
		t.Fatal(err)
	}
	parsed := strings.Split(strings.TrimSuffix(string(words), "\x00"), "\x00")
	if parsed[0] != "hqvit" || slices.Contains(parsed, "--threads") || slices.Contains(parsed, "--out") {
		t.Errorf("the command is %q", first.Metadata.Command)
	}
	again := run(parsed[1:], "two")
	if again.Metadata.Command != first.Metadata.Command || len(again.Models) != 2 {
		t.Errorf("the command is %s, and then %s", first.Metadata.Command, again.Metadata.Command)
	}
	for i, m := range first.Models {
		for j, r := range m.Runs {
			got, _ := json.Marshal([]any{again.Models[i].Name, again.Models[i].Runs[j].Identity,
				again.Models[i].Runs[j].Test, again.Models[i].Recipe})
			want, _ := json.Marshal([]any{m.Name, r.Identity, r.Test, m.Recipe})
			if !bytes.Equal(got, want) {
				t.Errorf("repeated, %s has\n%s, first\n%s", m.Name, got, want)
			}
		}
	}
	for _, file := range []string{study.HTMLFile, study.TextFile} {
		if text := readFiles(t, "one", file)[file]; !strings.Contains(text, "compare") {
			t.Errorf("%s has no command", file)
		}
	}
}

// What a page is to replace has to be a page, and a study's README one of ours.
func TestPageReplacesNothingElse(t *testing.T) {
	data := digits(t)
	t.Chdir(t.TempDir())
	command(t, done, "compare --data "+data+" --epochs 1 --batch 32 --models logreg --seeds 1 --out s/one")
	write(t, "notes.md", "my notes\n")
	write(t, "s/findings.md", "# Found\n")
	play(t, []call{
		{"report --page notes.md s", wrongUsage, `notes.md: the file that is there is not a page`},
		{"report --page s/findings.md s", wrongUsage, `findings.md`},
		{"report --page s/one/results.json s", wrongUsage, `want a name that ends in .md`},
		{"report --page page.md s", done, `^page.md\n$`},
		{"report --page page.md s", done, `^page.md\n$`},
	})
	write(t, "s/one/README.md", "my readme\n")
	if _, text := command(t, failed, "report --page page.md s"); !strings.Contains(text, "README.md would be "+
		"overwritten, and is not what this program writes there") ||
		readFiles(t, "s/one", "README.md")["README.md"] != "my readme\n" {
		t.Error(text)
	}
}

// A config.yaml and results that were changed are noticed where they decide a figure.
func TestChangedFilesOfARun(t *testing.T) {
	data := digits(t)
	t.Chdir(t.TempDir())
	command(t, done, "compare --data "+data+" --epochs 1 --batch 32 --models logreg --seeds 1 --out c")
	dir := "c/runs/logreg/s1"
	change := func(path, from, to string) {
		t.Helper()
		text := readFiles(t, ".", path)[path]
		if strings.Count(text, from) < 1 {
			t.Fatalf("%s has no %q", path, from)
		}
		write(t, path, strings.Replace(text, from, to, 1))
	}
	change(dir+"/config.yaml", "seed: 1", "seed: 3")
	change(dir+"/summary.json", `"epochs": 1`, `"epochs": 3`)
	play(t, []call{
		{"eval " + dir + " --split val", failed, `config.yaml is damaged or was changed by hand`},
		{"train --resume --out " + dir, failed, `config.yaml is damaged or was changed by hand`},
		{"train --config " + dir + "/config.yaml --out new", done, `note: .*config.yaml is damaged or was ` +
			`changed`},
		{"info " + dir, failed, `summary.json is damaged or was changed by hand`},
	})
	change(dir+"/record.json", `"best_epoch": 1`, `"best_epoch": 0`)
	play(t, []call{{"compare --data " + data + " --epochs 1 --batch 32 --models logreg --seeds 1 --out c",
		failed,
		`record.json is damaged or was changed by hand: .*; remove it: the run beside it gives it again`}})
	if err := os.Remove(dir + "/record.json"); err != nil {
		t.Fatal(err)
	}
	command(t, done, "compare --data "+data+" --epochs 1 --batch 32 --models logreg --seeds 1 --out c")
	change("c/results.json", `"seed": 1`, `"seed": 3`)
	play(t, []call{{"report c", failed, `results.json is damaged or was changed by hand: .*repeat the ` +
		`comparison`}})
}
