package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/train/report/study"
)

// docs/results.md is what hqvit report makes of the studies in docs/results, and its links exist.
// With -update it is regenerated.
func TestResultsPageIsMadeOfTheResults(t *testing.T) {
	docs, err := filepath.Abs("../../docs")
	if err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(docs, "results.md")
	studies := filepath.Join(docs, "results")
	line := func(page, studies string) string {
		if _, err := os.Stat(studies); err != nil {
			return "report --page " + page
		}
		return "report --page " + page + " " + studies
	}
	if *update {
		hqvit(t, done, line(page, studies))
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	copied := t.TempDir()
	results, err := filepath.Glob(filepath.Join(studies, "*", study.ResultsFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range results {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(copied, "results", filepath.Base(filepath.Dir(path)))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, study.ResultsFile), string(content))
	}
	fresh := filepath.Join(copied, "results.md")
	hqvit(t, done, line(fresh, filepath.Join(copied, "results")))
	if got, err := os.ReadFile(fresh); err != nil || !bytes.Equal(got, want) {
		t.Errorf("docs/results.md is not what its %d studies say (%v); make it with: go test ./cmd/hqvit "+
			"-run ResultsPage -update", len(results), err)
	}
	for _, m := range regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllSubmatch(want, -1) {
		if _, err := os.Stat(filepath.Join(docs, string(m[1]))); err != nil {
			t.Errorf("docs/results.md links to %s: %v", m[1], err)
		}
	}
}

// A page about two studies has what it takes to judge and to repeat each, and a recipe on it reproduces its
// run.
func TestPageOfStudiesIsEnoughToRepeatThem(t *testing.T) {
	data := digits(t)
	t.Chdir(t.TempDir())
	for name, models := range map[string]string{"ladder": "hqvit,hqvit:cosine,vit-matched,logreg",
		"other": "vit"} {
		hqvit(t, done,
			"compare --data "+data+" --epochs 1 --batch 32 --seeds 2 --models "+models+
				" --out docs/results/"+name)
	}
	hqvit(t, done, "report --page docs/results.md docs/results")
	text, err := os.ReadFile("docs/results.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	r, err := study.Read("docs/results/ladder")
	if err != nil {
		t.Fatal(err)
	}
	wanted := []string{
		"* [ladder](#ladder)", `<a id="ladder"></a>`, "* [other](#other)", "`" + r.Metadata.Command + "`",
		r.Metadata.Date, r.Metadata.Machine,
		"seeds [1 2]", "135 training, 15 validation and 30 test images",
		"![differences.svg](results/ladder/differences.svg)",
		// gates
		"![attention.png](results/ladder/attention.png)", "<summary>Recipe of hqvit:cosine</summary>",
		"| 38 |",
	}
	for _, m := range r.Models[1:] {
		for _, measure := range study.Metrics() {
			wanted = append(wanted, m.Against(measure).Sentence)
		}
	}
	for _, want := range wanted {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for _, name := range []string{"ladder/differences.svg", "ladder/sizes.svg", "ladder/attention.png",
		"other/sizes.svg"} {
		if info, err := os.Stat(filepath.Join("docs/results", name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	block := regexp.MustCompile("(?s)<summary>Recipe of hqvit:cosine</summary>\n\n```yaml\n(.*?)```")
	recipe := block.FindStringSubmatch(page)
	if recipe == nil {
		t.Fatal("no recipe of hqvit:cosine")
	}
	write(t, "cosine.yaml", recipe[1])
	hqvit(t, done, "train --config cosine.yaml --seed 2 --out again")
	again, first := summaryOf(t, "again"), summaryOf(t, "docs/results/ladder/runs/hqvit-cosine/s2")
	got, _ := json.Marshal([]any{again.Parameters, again.TestAccuracy, again.TestAUC})
	want, _ := json.Marshal([]any{first.Parameters, first.TestAccuracy, first.TestAUC})
	if !bytes.Equal(got, want) {
		t.Errorf("with the recipe of the page: %s, the run: %s", got, want)
	}
}
