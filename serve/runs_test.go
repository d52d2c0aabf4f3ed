package serve

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/hqvit/hqvit/train/rundir"
)

// tree writes files below a directory, by their paths.
func tree(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const (
	recipe = "model: hqvit\ndata: mnist\nseed: 3\nepochs: 4\narchitecture: {model: transformer}\n"
	lines  = `{"epoch":1,"train_loss":1.5,"val_loss":1.25,"train_accuracy":0.5,"val_accuracy":0.625}
{"epoch":2,"train_loss":0.5,"val_loss":null,"train_accuracy":0.75,"val_accuracy":0.875}
`
)

func TestRunsAreListed(t *testing.T) {
	dir := t.TempDir()
	tree(t, dir, map[string]string{
		"one/config.yaml":                 recipe,
		"one/metrics.jsonl":               lines,
		"two/config.yaml":                 recipe,
		"two/hqvit.lock":                  `{"pid": 1, "host": "another machine", "since": "now", "command": "hqvit train"}`,
		"old/summary.json":                `{"model": "vit", "data": "mnist", "epochs": 9, "val_accuracy": 0.5, "test_accuracy": 0.25}`,
		"nan/config.yaml":                 recipe,
		"nan/metrics.jsonl":               `{"epoch":1,"train_loss":null,"val_loss":1e200}` + "\n",
		"old/config.yaml":                 "no: [yaml",
		"old/metrics.jsonl":               "{damaged",
		"study/runs/hqvit/s1/config.yaml": recipe,
		"study/results.json":              `{"version": 99}`,
		"study/report.html":               "<!DOCTYPE html><title>A study</title>",
		"bare/results.json":               "{}",
		".hidden/config.yaml":             recipe,
	})
	s := start(t, Options{Runs: dir})
	list := answers[runList](s, 200, s.get("/api/v1/runs"))
	runs := map[string]runInfo{}
	for _, r := range list.Runs {
		runs[r.ID] = r
	}
	if len(runs) != 5 {
		t.Fatalf("%+v, want one, two, nan, old and study/runs/hqvit/s1", list.Runs)
	}
	if r := runs["one"]; r.State != stopped || r.Model != "hqvit" || r.Seed != 3 || r.Epoch != 2 ||
		r.Epochs != 4 ||
		r.ValAccuracy != 0.875 {
		t.Errorf("%+v", r)
	}
	if r := runs["two"]; r.State != running || r.Epoch != 0 || r.ValAccuracy.Known() {
		t.Errorf("%+v", r)
	}
	if r := runs["old"]; r.State != finished || r.Model != "vit" || r.TestAccuracy != 0.25 || r.Epochs != 9 {
		t.Errorf("%+v", r)
	}
	h := answers[historyOf](s, 200, s.get("/api/v1/history?id=one"))
	if len(h.Rows) != 2 || h.Rows[0]["val_loss"] != 1.25 || h.Rows[1]["val_loss"].Known() || h.ID != "one" {
		t.Errorf("%+v", h)
	}
	if svg := s.send(
		200,
		s.get("/api/v1/curves?id=one"),
	); !bytes.Contains(
		svg,
		[]byte("hqvit on mnist, seed 3"),
	) {
		t.Errorf("%.300s", svg)
	}
	s.wrong(404, "no epoch yet", s.get("/api/v1/curves?id=two"))
	s.wrong(404, "no epoch yet", s.get("/api/v1/curves?id=old"))
	s.wrong(404, "none of its 1 epochs has a finite loss", s.get("/api/v1/curves?id=nan"))
	s.wrong(400, "id is there 2 times", s.get("/api/v1/history?id=one&id=two"))
	s.send(200, s.get("/api/v1/curves?id=one&epoch=2")) // as the page asks
	if len(list.Studies) != 2 || list.Studies[0].ID != "bare" || list.Studies[0].Report ||
		!list.Studies[1].Report {
		t.Errorf("%+v, want bare without a report and study with one", list.Studies)
	}
	answer, err := s.Client().Do(s.get("/report?id=study"))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if h := answer.Header; answer.StatusCode != 200 || h.Get("Content-Security-Policy") != filePolicy ||
		h.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%d %v", answer.StatusCode, h)
	}
	s.wrong(404, "has no report.html", s.get("/report?id=bare"))
}

// Nothing but the files of runs and studies below the directory is read, whatever a request names and
// wherever links lead.
func TestNothingElseIsRead(t *testing.T) {
	outside := t.TempDir()
	tree(t, outside, map[string]string{"secret/report.html": "secret", "secret/results.json": "{}",
		"secret/config.yaml": recipe, "secret/metrics.jsonl": lines, "page": "secret"})
	dir := filepath.Join(outside, "runs")
	tree(
		t,
		dir,
		map[string]string{"study/results.json": "{}", "one/config.yaml": recipe, "two/config.yaml": recipe},
	)
	for link, to := range map[string]string{"study/report.html": "../../page",
		"one/metrics.jsonl": "../../secret/metrics.jsonl",
		"two/metrics.jsonl": filepath.Join(outside, "secret/metrics.jsonl"), "link": "../secret"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip(err)
		}
	}
	s := start(t, Options{Runs: dir})
	for _, id := range []string{"", "..", "../secret", "secret", "link", "/etc", "/", "one/../../secret",
		"study\x00", "./study", "study/", outside, filepath.Join(outside, "secret"), `..\secret`} {
		for _, path := range []string{"/report?id=", "/api/v1/history?id=", "/api/v1/curves?id="} {
			s.wrong(404, "", s.get(path+url.QueryEscape(id)))
		}
	}
	s.wrong(404, "no report.html", s.get("/report?id=study"))
	s.wrong(404, "no epoch", s.get("/api/v1/curves?id=one"))
	for _, id := range []string{"one", "two"} {
		if h := answers[historyOf](s, 200, s.get("/api/v1/history?id="+id)); len(h.Rows) != 0 {
			t.Errorf("%+v", h)
		}
	}
}

// A run of this machine is running while its process lives.
func TestBusyWhileLocked(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if rundir.Busy(root, ".") {
		t.Error("busy without a lock")
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for pid, want := range map[string]bool{"1": true, "999999999": false} {
		tree(t, dir, map[string]string{"hqvit.lock": `{"pid": ` + pid + `, "host": "` + host + `"}`})
		if got := rundir.Busy(root, "."); got != want {
			t.Errorf("process %s: %v, want %v", pid, got, want)
		}
	}
}
