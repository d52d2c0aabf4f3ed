package serve

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"image"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Only requests for this machine's own names are answered: a page of another site that has its name resolved
// to this machine sends that name.
func TestHosts(t *testing.T) {
	// of a server of loopback with --host lab.example, of a remote one
	for host, want := range map[string][2]bool{
		"localhost": {true, true}, "LOCALHOST:80": {true, true}, "127.0.0.1": {true, true},
		"127.8.8.8:9": {true, true},
		"[::1]:8017":  {true, true}, "localhost.": {true, true}, "lab.example:80": {true, false},
		"192.168.0.7:80": {false, true}, "[fe80::1]": {false, true}, "evil.example": {false, false},
		"":                       {false, false},
		"localhost.evil.example": {false, false}, "127.0.0.1.evil.example": {false, false},
		"0x7f000001": {false, false},
		"2130706433": {false, false}, "[::ffff:127.0.0.1]": {true, true},
		"lab.example.evil.example": {false, false},
	} {
		got := [2]bool{newGuard(Options{Hosts: []string{"lab.example"}}, DefaultLimits()).allows(host),
			newGuard(Options{Remote: true}, DefaultLimits()).allows(host)}
		if got != want {
			t.Errorf("%q: %v, want %v", host, got, want)
		}
	}
	s := start(t, Options{Runs: t.TempDir()})
	for _, path := range []string{"/", "/healthz", "/api/v1/runs", "/style.css"} {
		r := s.get(path)
		r.Host = "evil.example"
		s.wrong(421, "evil.example", r)
	}
}

func TestOtherSitesAreRefused(t *testing.T) {
	s := start(t, Options{Models: []string{saved(t, "vit", nil)}})
	file := pngOf(t, drawnPicture(1))
	for header, value := range map[string]string{"Origin": "http://evil.example",
		"Sec-Fetch-Site": "cross-site"} {
		r := s.post("/api/v1/models/vit/predict", "image/png", file)
		r.Header.Set(header, value)
		s.wrong(403, "another site", r)
	}
	r := s.post("/api/v1/models/vit/predict", "image/png", file)
	r.Header.Set("Origin", s.URL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	s.send(200, r)
}

// The page takes nothing from elsewhere: its policy forbids it, and its files have no address of another
// site, no script and no style in the HTML.
func TestPageIsOfOnePiece(t *testing.T) {
	s := start(t, Options{Runs: t.TempDir()})
	for _, path := range []string{"/", "/runs", "/style.css", "/api.js", "/try.js", "/runs.js", "/pad.js",
		"/views.js", "/icon.svg"} {
		answer, err := s.Client().Do(s.get(path))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != 200 {
			t.Fatalf("%s: %d %v", path, answer.StatusCode, err)
		}
		h := answer.Header
		if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'self'") ||
			h.Get("X-Content-Type-Options") != "nosniff" ||
			strings.Contains(h.Get("Content-Security-Policy"), "unsafe") ||
			h.Get("Cross-Origin-Resource-Policy") != "same-origin" {
			t.Errorf("%s: %v", path, h)
		}
		kinds := map[string]string{"js": "javascript", "css": "css", "svg": "svg", "/": "html", "/runs": "html"}
		if kind := kinds[path[strings.LastIndexAny(path, ".")+1:]]; !strings.Contains(h.Get("Content-Type"), kind) {
			t.Errorf("%s is %s", path, h.Get("Content-Type"))
		}
		if found := regexp.MustCompile(`(https?:)?//[a-z]+\.|<script>|<style| style=| on[a-z]+=`).
			FindAll(text, -1); path != "/icon.svg" &&
			found != nil {
			t.Errorf("%s: %q", path, found)
		}
	}
}

// serving starts a Server that listens by itself.
func serving(t *testing.T, o Options) (addr string, stop func() error) {
	t.Helper()
	s, err := o.New()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	stopped := sync.OnceValue(func() error { cancel(); err := <-ended; s.Close(); return err })
	t.Cleanup(func() { stopped() })
	return l.Addr().String(), stopped
}

// Whoever sends a body, or a header, too slowly is told so or cut off, and others are served meanwhile.
func TestSlowBodies(t *testing.T) {
	addr, _ := serving(
		t,
		Options{Models: []string{saved(t, "vit", nil)}, Limits: Limits{BodyTime: 300 * time.Millisecond}},
	)
	file := pngOf(t, drawnPicture(1))
	head := fmt.Sprintf(
		"POST /api/v1/models/vit/predict HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n",
		addr,
		len(file),
	)
	var slow []net.Conn
	for i := range 40 {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		text := head
		if i%2 == 0 {
			text += "\r\n" + string(file[:len(file)/2])
		}
		io.WriteString(c, text)
		slow = append(slow, c)
	}
	answer, err := http.Post("http://"+addr+"/api/v1/models/vit/predict", "image/png", bytes.NewReader(file))
	if err != nil || answer.StatusCode != 200 {
		t.Fatal(answer, err)
	}
	answer.Body.Close()
	for i, c := range slow {
		c.SetReadDeadline(time.Now().Add(time.Minute))
		text, err := io.ReadAll(bufio.NewReader(c))
		if t, ok := err.(net.Error); ok && t.Timeout() {
			err = fmt.Errorf("still open: %v", err)
		}
		if i%2 == 0 && !strings.Contains(string(text), "did not arrive within 300ms") {
			t.Errorf("a slow body: %.300q, %v", text, err)
		}
	}
}

func TestServeStops(t *testing.T) {
	addr, stop := serving(t, Options{Models: []string{saved(t, "vit", nil)}})
	answer, err := http.Get("http://" + addr + "/healthz")
	if err != nil || answer.StatusCode != 200 {
		t.Fatal(answer, err)
	}
	answer.Body.Close()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if _, err := http.Get("http://" + addr + "/healthz"); err == nil {
		t.Error("it still answers")
	}
	var none *Server
	none.Close()
	none.Handler()
	if none.Serve(t.Context(), nil) == nil || (&Server{}).Serve(t.Context(), nil) == nil {
		t.Error("an empty Server serves")
	}
	for words, o := range map[string]Options{"want one of them": {},
		"no such file": {Models: []string{"nothing"}}, "no directory": {Runs: "nothing"}} {
		if _, err := o.New(); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v, want it to say %q", err, words)
		}
	}
}

func TestTooManyRequests(t *testing.T) {
	g := newGuard(Options{}, Limits{Requests: 2, Time: time.Minute}.withDefaults())
	hold := make(chan struct{})
	h := g.wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	s := &site{TB: t, Server: newTestServer(t, h)}
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { s.send(200, s.get("/")) })
	}
	for len(g.requests) < 2 {
		time.Sleep(time.Millisecond)
	}
	s.wrong(503, "2 requests are being answered", s.get("/"))
	close(hold)
	all.Wait()
	s.send(200, s.get("/"))
}

func TestAMistakeOfTheProgram(t *testing.T) {
	var said bytes.Buffer
	log.SetOutput(&said)
	defer log.SetOutput(os.Stderr)
	g := newGuard(Options{}, DefaultLimits())
	s := &site{
		TB: t,
		Server: newTestServer(
			t,
			g.wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") })),
		),
	}
	s.wrong(500, "a mistake in this program", s.get("/"))
	if !strings.Contains(said.String(), "serve: /: oh") {
		t.Errorf("%q does not say what has happened", said.String())
	}
}

func TestLateAnswers(t *testing.T) {
	g := newGuard(Options{}, Limits{Time: time.Millisecond, BodyTime: time.Millisecond}.withDefaults())
	s := &site{TB: t, Server: newTestServer(t, g.wrap(answer(func(r *http.Request) (int, error) {
		<-r.Context().Done()
		return 0, r.Context().Err()
	})))}
	s.wrong(503, "took too long", s.get("/"))
}

// Large pictures and large bodies of many clients are read a few at a time: the memory does not grow with
// the clients.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("scaling large pictures takes seconds, and far more under the race detector")
	}
	s := start(t, Options{Models: []string{saved(t, "vit", nil)}, Limits: Limits{Time: time.Hour,
		Decoding: 1 << 20, Pixels: 1 << 20, Bodies: 8 << 20, Body: 4 << 20}})
	random := rand.New(rand.NewPCG(1, 1))
	large := image.NewRGBA(image.Rect(0, 0, 700, 700)) // 2 MB, and as much again while it is decoded
	for i := range large.Pix {
		large.Pix[i] = byte(random.Uint32()) & 0x70
	}
	file := pngOf(t, large)
	if len(file) > 4<<20 {
		t.Fatalf("%d bytes", len(file))
	}
	var peak atomic.Uint64
	done := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapAlloc))
			select {
			case <-done:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	})
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var clients sync.WaitGroup
	var served atomic.Int64
	for range 48 {
		clients.Go(func() {
			answer, err := s.Client().Do(s.post("/api/v1/models/vit/predict", "image/png", file))
			if err != nil {
				t.Error(err)
				return
			}
			defer answer.Body.Close()
			if answer.StatusCode == 200 {
				served.Add(1)
			}
		})
	}
	clients.Wait()
	close(done)
	watch.Wait()
	grown := int64(peak.Load()) - int64(before.HeapAlloc)
	t.Logf("%d MB more than before, files of %d kB", grown>>20, len(file)>>10)
	if served.Load() != 48 {
		t.Errorf("%d of 48 were served", served.Load())
	}
	if grown > 100<<20 { // without the limits it is 170 MB
		t.Errorf("the heap grew by %d MB", grown>>20)
	}
}

func TestMetricsAreThoseOfPrometheus(t *testing.T) {
	s := start(t, Options{Models: []string{saved(t, "vit", nil)}})
	s.send(200, s.post("/api/v1/models/vit/predict", "image/png", pngOf(t, drawnPicture(1))))
	s.wrong(404, "no model", s.post("/api/v1/models/x/predict", "image/png", nil))
	text := string(s.send(200, s.get("/metrics")))
	for _, want := range []string{
		`hqvit_requests_total{route="POST /api/v1/models/{model}/predict",status="200"} 1`,
		`hqvit_requests_total{route="POST /api/v1/models/{model}/predict",status="404"} 1`,
		`hqvit_request_seconds_count{route="POST /api/v1/models/{model}/predict"} 2`,
		`hqvit_request_seconds_bucket{route="POST /api/v1/models/{model}/predict",le="+Inf"} 2`,
		"hqvit_pictures_total 1\n", "hqvit_batches_total 1\n", "hqvit_queue_pictures 0\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	line := regexp.MustCompile(
		`^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+)$`,
	)
	for _, l := range strings.Split(strings.TrimSpace(text), "\n") {
		if !line.MatchString(l) {
			t.Errorf("%q is no line of the text format", l)
		}
	}
}
