package study_test

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hqvit/hqvit/train/report/study"
	"github.com/hqvit/hqvit/train/rundir"
)

// onePage writes the page of a study into its own directory, and returns that with the page's error.
func onePage(t *testing.T, r *study.Results, name string) (dir string, write func() error) {
	t.Helper()
	root := t.TempDir()
	dir = filepath.Join(root, name)
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := rundir.SaveJSON(filepath.Join(dir, study.ResultsFile), r); err != nil {
		t.Fatal(err)
	}
	return dir, func() error { return study.WritePage(filepath.Join(root, "page.md"), "# Page", []string{dir}) }
}

func readFile(t *testing.T, parts ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A page replaces what it has written before, and no file of somebody else, whatever its name: then it writes
// nothing. A file that has its content already stays as it is.
func TestPageReplacesOnlyItsOwn(t *testing.T) {
	r := oneStudy(t)["one"]
	for i := range r.Models {
		r.Models[i].Recipe.YAML = "model: " + r.Models[i].Name + "\n"
	}
	dir, write := onePage(t, r, "one")
	if err := write(); err != nil {
		t.Fatal(err)
	}
	recipe := filepath.Join(dir, study.RecipesDir, "a.yaml")
	past := time.Now().Add(-time.Hour).Truncate(time.Second)
	if err := os.Chtimes(recipe, past, past); err != nil {
		t.Fatal(err)
	}
	names := []string{"recipes/a.yaml", "README.md", "differences.svg", "sizes.svg", "../page.md"}
	want := map[string]string{}
	for _, name := range names {
		want[name] = readFile(t, dir, name)
	}
	if err := write(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(recipe); err != nil || !info.ModTime().Equal(past) {
		t.Errorf("a file with the same content is written again (%v)", err)
	}
	for _, name := range names {
		const own = "notes of somebody else\n"
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(own), 0o666); err != nil {
			t.Fatal(err)
		}
		other := filepath.Join(dir, "sizes.svg")
		if name == "sizes.svg" {
			other = filepath.Join(dir, "README.md")
		}
		if err := os.Remove(other); err != nil {
			t.Fatal(err)
		}
		err := write()
		if err == nil || !strings.Contains(err.Error(), path+" would be overwritten") || readFile(t, path) != own {
			t.Errorf("%s: %v, want it kept and named", name, err)
		}
		if _, err := os.Stat(other); err == nil {
			t.Errorf("%s is somebody else's, and %s is written", name, other)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := write(); err != nil || readFile(t, path) != want[name] {
			t.Errorf("%s, moved away: %v", name, err)
		}
	}
	// what was written from other results is its own, but for a recipe, which may be somebody's beginning
	r.Models[1].Runs[0].Test.Accuracy, r.Models[1].Recipe.YAML = 0.5, "model: c\nlr: 1\n"
	if err := rundir.SaveJSON(filepath.Join(dir, study.ResultsFile), r); err != nil {
		t.Fatal(err)
	}
	if err := write(); err == nil || !strings.Contains(err.Error(), "recipes/b.yaml would be overwritten") ||
		strings.Contains(err.Error(), "svg") {
		t.Errorf("other results: %v", err)
	}
	if err := os.RemoveAll(filepath.Join(dir, study.RecipesDir)); err != nil {
		t.Fatal(err)
	}
	if err := write(); err != nil || readFile(t, dir, "recipes/b.yaml") != "model: c\nlr: 1\n" {
		t.Errorf("other results: %v", err)
	}
}

// A page may be elsewhere than the studies, by a path of another kind.
func TestPageElsewhere(t *testing.T) {
	dir, _ := onePage(t, oneStudy(t)["one"], "a (b)")
	elsewhere := t.TempDir()
	t.Chdir(filepath.Dir(dir))
	path := filepath.Join(elsewhere, "page.md")
	if err := study.WritePage(path, "# Page", []string{"a (b)"}); err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`\]\((\.\./\S+/a%20%28b%29)/README.md\)`).FindStringSubmatch(readFile(t, path))
	if link == nil {
		t.Fatal(readFile(t, path))
	}
}

// Names that mean something in Markdown or HTML are shown as they are, and break no table.
func TestNamesInReports(t *testing.T) {
	const wild = "<script>alert(1)</script>|[x](y) & *z*"
	r := oneStudy(t)["one"]
	r.Reference, r.Models[0].Name, r.Models[1].Name = "a|b", "a|b", wild
	for i := range r.Models {
		r.Models[i].Recipe.YAML = "model: x\n"
		for k := range r.Models[i].Runs {
			r.Models[i].Runs[k].Summary.Groups = map[string]int{"my|group": 3}
			r.Models[i].Runs[k].Summary.Notes = map[string]int{"a|note": 4}
			r.Models[i].Runs[k].History = []study.Epoch{{Epoch: 1, TrainLoss: 1}}
			r.Models[i].Runs[k].Test.Confusion = [][]int{{1, 0}, {0, 1}}
		}
	}
	dir, write := onePage(t, r, "one")
	if err := write(); err != nil {
		t.Fatal(err)
	}
	again, err := study.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Save(dir); err != nil {
		t.Fatal(err)
	}
	columns := regexp.MustCompile(`(^|[^\\])\|`)
	for _, text := range []string{again.Markdown(), readFile(t, dir, "README.md"),
		readFile(t, dir, "../page.md")} {
		rows, width := 0, 0
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "|") {
				width = 0
				continue
			}
			n := len(columns.FindAllString(line, -1))
			if rows++; width > 0 && n != width {
				t.Errorf("%d columns, before it %d: %s", n, width, line)
			}
			width = n
		}
		if strings.Contains(strings.ReplaceAll(text, `\<`, ""), "<script") {
			t.Errorf("the name is HTML:\n%s", text)
		}
		if rows < 5 || !strings.Contains(text, `\<script>alert(1)\</script>\|\[x\](y) & \*z\*`) {
			t.Errorf("%d rows, or not the name:\n%s", rows, text)
		}
	}
	page := readFile(t, dir, study.HTMLFile)
	if strings.Contains(page, "<script>alert") || !strings.Contains(page,
		"&lt;script&gt;alert(1)&lt;/script&gt;|[x]") {
		t.Error("the name is HTML in report.html")
	}
	for _, name := range []string{"sizes.svg", "differences.svg"} {
		var any struct{}
		if text := readFile(t, dir, name); strings.Contains(text, "<script") ||
			xml.Unmarshal([]byte(text), &any) != nil {
			t.Errorf("the name is SVG in %s", name)
		}
	}
}
