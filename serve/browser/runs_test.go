package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/hqvit/hqvit/serve"
	"github.com/hqvit/hqvit/train/report/study"
)

// A run that goes on while the page is open: its new epochs come without a reload.
func TestRunsAreShownWhileTheyGoOn(t *testing.T) {
	chromium(t)
	models := strings.Split(os.Getenv("HQVIT_MODELS"), ":")
	if models[0] == "" {
		t.Skip("no run: HQVIT_MODELS names the directories of runs to test the page with")
	}
	dir := t.TempDir()
	run := filepath.Join(dir, "study", "one")
	if err := os.MkdirAll(run, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	config, err := os.ReadFile(filepath.Join(models[0], "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(run, "config.yaml"), string(config))
	const first = `{"epoch":1,"train_loss":1.5,"val_loss":1.2,"train_accuracy":0.5,"val_accuracy":0.612,"learning_rate":0.001,"seconds":2}` + "\n"
	write(filepath.Join(run, "metrics.jsonl"), first)
	results, err := study.Read("../../docs/results/mnist")
	if err != nil {
		t.Fatal(err)
	}
	if err := results.Save(filepath.Join(dir, "finished")); err != nil {
		t.Fatal(err)
	}
	p := open(t, "/runs", serve.Options{Runs: dir})
	p.until(`document.querySelectorAll('#runs tbody tr').length === 1`)
	p.run(chromedp.Click("#runs tbody button"))
	p.until(
		`/61.2/.test(document.getElementById('run-facts').textContent) && document.getElementById('curves').naturalWidth > 100`,
	)
	write(
		filepath.Join(run, "metrics.jsonl"),
		first+strings.NewReplacer("1.5", "0.7", "0.612", "0.834", `"epoch":1`, `"epoch":2`).Replace(first),
	)
	p.until(`/83.4/.test(document.getElementById('run-facts').textContent)`)
	for _, scheme := range []string{"light", "dark"} {
		p.style(1280, 900, scheme)
		p.check("runs, desktop, " + scheme)
		p.shoot("runs-desktop-" + scheme)
		p.style(390, 844, scheme)
		p.check("runs, phone, " + scheme)
		p.shoot("runs-phone-" + scheme)
	}
	p.style(1280, 900, "light")
	p.run(chromedp.Click("#studies a"))
	p.until(`/Findings/.test(document.body?.innerText) && document.querySelectorAll('svg').length > 2`)
	p.shoot("report")
	if !strings.Contains(p.get("/metrics"), `hqvit_requests_total{route="GET /api/v1/history",status="200"}`) {
		t.Error("the metrics have no request of the page")
	}
}
