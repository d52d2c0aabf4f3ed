package cli

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

// docs/results.md, and the details and recipes beside each study, are what hqvit report makes of
// docs/results, and what they link to is there. With -update they are made again.
func TestResultsPageIsMadeOfTheResults(t *testing.T) {
	docs, err := filepath.Abs("../../docs")
	if err != nil {
		t.Fatal(err)
	}
	line := func(docs string) string {
		return "report --page " + filepath.Join(docs, "results.md") + " " + filepath.Join(docs, "results")
	}
	if *update {
		command(t, done, line(docs))
	}
	copied := t.TempDir()
	copyFiles(t, docs, copied, "results/"+findingsFile)
	copyFiles(t, docs, copied, "results/*/"+study.ResultsFile)
	command(t, done, line(copied))
	generated := []string{"results.md", "results/*/" + study.DetailsFile, "results/*/" + study.RecipesDir +
		"/*"}
	want, got := readFiles(t, copied, generated...), readFiles(t, docs, generated...)
	for name, text := range want {
		if got[name] != text {
			t.Errorf("docs/%s is not what the results say; make it with: go test ./internal/cli -run "+
				"ResultsPage -update", name)
		}
		for _, m := range regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(docs, filepath.Dir(name), m[1])); err != nil {
				t.Errorf("docs/%s links to %s: %v", name, m[1], err)
			}
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("docs/%s belongs to no model of its study: remove it", name)
		}
	}
	if lines := strings.Count(got["results.md"], "\n"); lines > 950 {
		t.Errorf("docs/results.md has %d lines, which nobody reads", lines)
	}
}

// readFiles returns the files below a directory that match the patterns, by path from there.
func readFiles(t *testing.T, dir string, patterns ...string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, pattern := range patterns {
		paths, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			name, err := filepath.Rel(dir, path)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.ToSlash(name)] = string(text)
		}
	}
	return files
}

func copyFiles(t *testing.T, from, to, pattern string) {
	t.Helper()
	for name, text := range readFiles(t, from, pattern) {
		path := filepath.Join(to, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, path, text)
	}
}

// The pages of two studies have what it takes to judge and to repeat each, and a recipe of theirs makes the
// same run again.
func TestPageOfStudiesIsEnoughToRepeatThem(t *testing.T) {
	data := digits(t)
	t.Chdir(t.TempDir())
	for name, models := range map[string]string{"ladder": "hqvit,hqvit:cosine,vit-matched,logreg",
		"other": "vit"} {
		command(t, done,
			"compare --data "+data+" --epochs 1 --batch 32 --seeds 2 --models "+models+" --out "+
				"docs/results/"+name)
	}
	command(t, done, "report --page docs/results.md docs/results")
	r, err := study.Read("docs/results/ladder")
	if err != nil {
		t.Fatal(err)
	}
	cosine := r.Models[1]
	wanted := map[string][]string{
		"docs/results.md": {
			"* [ladder](#ladder)", `<a id="ladder"></a>`, "* [other](#other)",
			"![differences.svg](results/ladder/differences.svg)",
			"| [hqvit:cosine](results/ladder/recipes/hqvit-cosine.yaml) |", "(results/ladder/README.md)",
		},
		"docs/results/ladder/README.md": {
			"`" + r.Metadata.Command + "`", r.Metadata.Date, r.Metadata.Machine, "seeds 1 and 2",
			"135 training, 15 validation and 30 test images", "![differences.svg](differences.svg)",
			"![attention.png](attention.png)", "[hqvit:cosine](recipes/hqvit-cosine.yaml)", "| 38 |", // gates
		},
	}
	for _, metric := range study.Metrics() {
		for _, m := range r.Models[1:] {
			wanted["docs/results/ladder/README.md"] = append(wanted["docs/results/ladder/README.md"],
				m.Differences[metric].Sentence)
		}
		d := cosine.Differences[metric]
		interval := regexp.MustCompile(`interval (.*)\)`).FindStringSubmatch(d.Sentence)
		wanted["docs/results.md"] = append(wanted["docs/results.md"], "("+interval[1]+")")
	}
	for path, texts := range wanted {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			if !strings.Contains(string(page), text) {
				t.Errorf("%s has no %q", path, text)
			}
		}
	}
	for _, name := range []string{"ladder/differences.svg", "ladder/sizes.svg", "ladder/attention.png",
		"other/sizes.svg"} {
		if info, err := os.Stat(filepath.Join("docs/results", name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	command(t, done, "train --config docs/results/ladder/recipes/hqvit-cosine.yaml --seed 2 --out again")
	again, first := summaryOf(t, "again"), summaryOf(t, "docs/results/ladder/runs/hqvit-cosine/s2")
	got, _ := json.Marshal([]any{again.Parameters, again.TestAccuracy, again.TestAUC})
	want, _ := json.Marshal([]any{first.Parameters, first.TestAccuracy, first.TestAUC})
	if !bytes.Equal(got, want) {
		t.Errorf("with the recipe beside the results: %s, the run: %s", got, want)
	}
}

// A page begins with the findings beside the studies, and is not made if the results contradict them.
func TestFindingsMustHold(t *testing.T) {
	data := digits(t)
	t.Chdir(t.TempDir())
	command(t, done,
		"compare --data "+data+" --epochs 1 --batch 32 --seeds 2 --models hqvit,logreg --out studies/one")
	command(t, done, "report --page page.md studies")
	if page := readFiles(t, ".", "page.md")["page.md"]; !strings.HasPrefix(page, "# Results\n") {
		t.Errorf("without findings the page begins with %q", page[:min(40, len(page))])
	}
	write(t, "studies/findings.md", `Found: {{parameters "one" "hqvit"}} parameters.`)
	command(t, done, "report --page page.md studies")
	if page := readFiles(t, ".",
		"page.md")["page.md"]; !regexp.MustCompile(`^Found: \d\d,\d\d\d parameters\.\n`).MatchString(page) {
		t.Errorf("the page begins with %q", page[:min(40, len(page))])
	}
	write(t, "studies/findings.md", `{{above "one" "logreg"}}{{below "one" "logreg"}}`)
	if _, text := command(t, failed, "report --page page.md studies"); !strings.Contains(text,
		"does not support that logreg is") {
		t.Errorf("of claims that exclude each other: %s", text)
	}
}
