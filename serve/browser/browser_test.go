// Package browser tests the page of hqvit serve as a reader meets it: with the mouse, a finger, the keys and
// files, in Chromium. It is a module of its own:
//
//	go -C serve/browser test .
//
// It needs Chromium and a trained model: HQVIT_MODELS names the directories of one or two runs, with a colon
// between. HQVIT_AXE is the file axe.min.js of axe-core, which checks accessibility. HQVIT_SCREENSHOTS is a
// directory for pictures of the page. What is missing is said where a test is skipped.
package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/hqvit/hqvit/serve"
)

// page is the page in a browser.
type page struct {
	*testing.T
	context.Context
	url string
}

// chromium returns the path of the browser.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium: install the package chromium to test the page in a browser")
	return ""
}

// open serves models and the runs in a directory, and opens a page of them.
func open(t *testing.T, path string, o serve.Options) *page {
	t.Helper()
	browser := chromium(t)
	if os.Getenv("HQVIT_MODELS") == "" && o.Runs == "" {
		t.Skip("no model: HQVIT_MODELS names the directories of runs to test the page with")
	}
	if o.Runs == "" {
		o.Models = strings.Split(os.Getenv("HQVIT_MODELS"), ":")
	}
	s, err := o.New()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var ended sync.WaitGroup
	ended.Go(func() { s.Serve(ctx, l) })

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.NoSandbox,
		chromedp.Flag("disable-dev-shm-usage", true))
	allocated, end := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(end)
	tab, end := chromedp.NewContext(allocated)
	t.Cleanup(end)
	tab, end = context.WithTimeout(tab, 3*time.Minute)
	t.Cleanup(func() { end(); stop(); ended.Wait(); s.Close() })
	thrown, entries := chromedp.Events(tab, runtime.ExceptionThrown), chromedp.Events(tab, log.EntryAdded)
	ended.Go(func() {
		for e, err := range thrown {
			if err == nil {
				t.Errorf("the page throws: %+v", e.ExceptionDetails)
			}
		}
	})
	ended.Go(func() {
		for e, err := range entries { // a policy that is broken is such an entry
			if err == nil && e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.Text, "400") {
				t.Errorf("the browser says: %s (%s)", e.Entry.Text, e.Entry.URL)
			}
		}
	})
	p := &page{t, tab, "http://" + l.Addr().String()}
	p.run(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(p.url+path))
	return p
}

func (p *page) run(actions ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	if err := chromedp.Do(p.Context, actions...); err != nil {
		p.Fatal(err)
	}
}

// value returns what a script evaluates to.
func value[T any](p *page, script string, options ...chromedp.EvaluateOption) T {
	p.Helper()
	v, err := chromedp.Run(p.Context, chromedp.Evaluate[T](script, options...))
	if err != nil {
		p.Fatal(err)
	}
	return v
}

// call sends a command of the DevTools protocol.
func call[P, R any](p *page, command cdp.Command[P, R], parameters P) {
	p.Helper()
	if _, err := chromedp.Call(p.Context, command, parameters); err != nil {
		p.Fatal(err)
	}
}

// text returns what a script evaluates to, as text.
func (p *page) text(script string) string { return value[string](p, "String("+script+")") }

// until waits for a script to become true.
func (p *page) until(script string) {
	p.Helper()
	for range 600 {
		if value[bool](p, "Boolean("+script+")") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.Fatalf(
		"never: %s; the page says %q",
		script,
		p.text(`document.querySelector('main').innerText.slice(0, 2000)`),
	)
}

// seen waits for the answers to one picture, whose name or kind the status line has.
func (p *page) seen(status string) {
	p.Helper()
	p.until(fmt.Sprintf(`document.getElementById('source-status').textContent.includes(%q)`, status))
	p.until(`document.getElementById('models').getAttribute('aria-busy') === 'false' &&
		[...document.querySelectorAll('.answer strong')].every((e) => e.textContent !== '–') &&
		[...document.querySelectorAll('.took')].every((e) => e.textContent)`)
}

// answer is the class that the first model says.
func (p *page) answer() string { return p.text(`document.querySelector('.answer strong').textContent`) }

// style sets the size of the window and the colour scheme.
func (p *page) style(width, height int64, scheme string) {
	p.Helper()
	p.run(chromedp.EmulateViewport(width, height))
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

// shoot keeps a picture of the page, if somebody wants it.
func (p *page) shoot(name string) {
	p.Helper()
	dir := os.Getenv("HQVIT_SCREENSHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(p.Context, chromedp.FullScreenshot(100))
	if err != nil {
		p.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644); err != nil {
		p.Error(err)
	}
}

// check lets axe-core look for violations.
func (p *page) check(when string) {
	p.Helper()
	path := os.Getenv("HQVIT_AXE")
	if path == "" {
		p.Logf("%s: not checked by axe-core: HQVIT_AXE names its axe.min.js", when)
		return
	}
	axe, err := os.ReadFile(path)
	if err != nil {
		p.Fatal(err)
	}
	value[int](p, string(axe)+"; 0")
	result := value[string](p, `axe.run(document, {runOnly:
		['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then((r) => JSON.stringify({
		Passes: r.passes.length,
		Violations: r.violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.html.slice(0, 160) + ' ' + n.failureSummary)),
		Incomplete: r.incomplete.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.html.slice(0, 160)))}))`, chromedp.EvalAwaitPromise)
	var found struct {
		Passes                 int
		Violations, Incomplete []string
	}
	if err := json.Unmarshal([]byte(result), &found); err != nil {
		p.Fatal(err)
	}
	for _, v := range found.Violations {
		p.Errorf("%s: %s", when, v)
	}
	for _, v := range found.Incomplete {
		p.Logf("%s: axe-core cannot tell: %s", when, v)
	}
	if found.Passes < 15 {
		p.Errorf("%s: only %d rules pass: axe-core does not see the page", when, found.Passes)
	}
	// Nothing stands out of the window to the right.
	if wide := p.text(
		`document.documentElement.scrollWidth > document.documentElement.clientWidth + 1`,
	); wide != "false" {
		p.Errorf("%s: the page is wider than the window: %s", when, p.text(`[...document.querySelectorAll('main *')]
			.filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll')).map((e) => e.outerHTML.slice(0, 80)).join('\n')`))
	}
}

// get returns an answer of the server.
func (p *page) get(path string) string {
	p.Helper()
	r, err := http.Get(p.url + path)
	if err != nil {
		p.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.Fatal(err)
	}
	return string(body)
}
