//go:build unix

package serve

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Files of runs that have no end, that nobody writes, that lie elsewhere or that are made to take long are
// passed over; the runs beside them are shown.
func TestOddFilesOfRuns(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	tree(t, outside, map[string]string{"config.yaml": recipe, "summary.json": `{"model": "secret"}`,
		"results.json": `{"version": 3, "metadata": {"title": "secret"}}`,
		"hqvit.lock":   `{"pid": 1, "host": "another machine"}`})
	tree(t, dir, map[string]string{"good/config.yaml": recipe, "good/metrics.jsonl": lines,
		"deep/config.yaml": recipe + "x: " + strings.Repeat("[", 1<<16),
		"long/config.yaml": recipe + strings.Repeat("#\n", 1<<19),
		"wide/config.yaml": recipe, "wide/summary.json": `{"model": "` + strings.Repeat("x", 16<<20) + `"}`,
		"study/results.json": "{}"})
	names := []string{"config.yaml", "summary.json", "metrics.jsonl", "hqvit.lock", "results.json",
		"report.html"}
	for _, name := range names {
		for _, id := range []string{"endless", "fifo", "away", "study"} {
			path := filepath.Join(dir, id, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			var err error
			switch id {
			case "endless":
				err = os.Symlink("/dev/zero", path)
			case "away":
				err = os.Symlink(filepath.Join(outside, name), path)
			case "fifo":
				err = unix.Mkfifo(path, 0o644)
			case "study":
				if name == "report.html" {
					err = unix.Mkfifo(path, 0o644)
				}
			}
			if err != nil {
				t.Skip(err)
			}
		}
	}
	s := start(t, Options{Runs: dir})
	list := answers[runList](s, 200, s.get("/api/v1/runs"))
	models := map[string]string{}
	for _, r := range list.Runs {
		models[r.ID] = r.Model
		if r.State != stopped {
			t.Errorf("%+v", r)
		}
	}
	want := map[string]string{"good": "hqvit", "deep": "hqvit", "wide": "hqvit", "long": "", "fifo": "",
		"away": ""}
	for id, model := range want {
		if got, ok := models[id]; got != model || !ok {
			t.Errorf("%s: model %q, there %v, want %q", id, got, ok, model)
		}
	}
	if len(list.Studies) != 1 || list.Studies[0].ID != "study" || list.Studies[0].Report {
		t.Errorf("studies %+v, want study without a report", list.Studies)
	}
	for id := range models {
		s.send(200, s.get("/api/v1/history?id="+id))
		if id != "good" {
			s.wrong(404, "no epoch yet", s.get("/api/v1/curves?id="+id))
		}
	}
	s.wrong(404, "no report.html", s.get("/report?id=study"))
}
