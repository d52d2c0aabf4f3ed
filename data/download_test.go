package data

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pkg/errors"
)

// mirror serves one file in the way of a faulty server, and notes what it is
// asked for.
type mirror struct {
	content []byte
	status  int  // instead of the content, unless 0
	cut     int  // bytes after which each response breaks off; 0: none
	noRange bool // answers with the whole file always
	shifted bool // answers ranges with another one
	asked   []string
}

func (m *mirror) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.asked = append(m.asked, r.Header.Get("Range"))
	if m.status != 0 {
		w.WriteHeader(m.status)
		return
	}
	if m.noRange {
		r.Header.Del("Range")
	}
	if m.shifted && r.Header.Get("Range") != "" {
		r.Header.Set("Range", "bytes=1-")
	}
	if m.cut > 0 {
		w = &cutting{w, m.cut}
	}
	http.ServeContent(w, r, "file", time.Time{}, bytes.NewReader(m.content))
}

// cutting breaks the connection off after some bytes.
type cutting struct {
	http.ResponseWriter
	left int
}

func (c *cutting) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p[:min(len(p), c.left)])
	if c.left -= n; c.left == 0 {
		if err := http.NewResponseController(c.ResponseWriter).Flush(); err == nil {
			panic(http.ErrAbortHandler)
		}
	}
	return n, err
}

// serve starts the mirrors, and returns a file that they hold with the digest
// of the given content.
func serve(t *testing.T, content []byte, mirrors ...*mirror) File {
	f := File{Name: "set.bin", Digest: "sha256:" + digest("sha256", content)}
	for _, m := range mirrors {
		server := httptest.NewServer(m)
		t.Cleanup(server.Close)
		f.URLs = append(f.URLs, server.URL+"/set.bin")
	}
	return f
}

func TestDownload(t *testing.T) {
	content := randomBytes(100_000, 1)
	other := randomBytes(100_000, 2)
	good := func() *mirror { return &mirror{content: content} }
	for _, c := range []struct {
		name    string
		mirrors []*mirror
		part    []byte     // what an earlier download left
		asked   [][]string // ranges, of each mirror
	}{
		{"at once", []*mirror{good()}, nil, [][]string{{""}}},
		{"goes on", []*mirror{good()}, content[:40_000], [][]string{{"bytes=40000-"}}},
		{"goes on after an interruption", []*mirror{{content: content, cut: 40_000}}, nil,
			[][]string{{"", "bytes=40000-", "bytes=80000-"}}},
		{"goes on at the next mirror", []*mirror{{content: content, cut: 20_000}, good()}, nil,
			[][]string{{"", "bytes=20000-", "bytes=40000-"}, {"bytes=60000-"}}},
		{"no ranges", []*mirror{{content: content, noRange: true}}, content[:40_000],
			[][]string{{"bytes=40000-"}}},
		{"no ranges, and too much from earlier", []*mirror{{content: content, noRange: true}},
			append(slices.Clone(other), other...), [][]string{{"bytes=200000-"}}},
		{"wrong range", []*mirror{{content: content, shifted: true}, good()}, content[:40_000],
			[][]string{{"bytes=40000-"}, {"bytes=40000-"}}},
		{"404, then the next mirror", []*mirror{{status: 404}, good()}, nil, [][]string{{""}, {""}}},
		{"wrong digest, then the next mirror", []*mirror{{content: other}, good()}, nil,
			[][]string{{""}, {""}}},
		{"goes on with another file's beginning", []*mirror{good()}, other[:40_000],
			[][]string{{"bytes=40000-", ""}}},
		{"goes on with another file", []*mirror{good()}, other, [][]string{{"bytes=100000-", ""}}},
		{"goes on with the file", []*mirror{good()}, content, [][]string{{"bytes=100000-"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := serve(t, content, c.mirrors...)
			path := filepath.Join(t.TempDir(), "new", f.Name)
			if c.part != nil {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path+".part", c.part, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got, err := Options{}.download(context.Background(), f, path)
			if err != nil {
				t.Fatal(err)
			}
			stored, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(got, content) || !bytes.Equal(stored, content) {
				t.Errorf("%d bytes returned and %d stored, want the mirror's %d; %v",
					len(got), len(stored), len(content), err)
			}
			if _, err := os.Stat(path + ".part"); !os.IsNotExist(err) {
				t.Error("the partial file is still there")
			}
			for i, m := range c.mirrors {
				if !slices.Equal(m.asked, c.asked[i]) {
					t.Errorf("mirror %d was asked for %q, want %q", i, m.asked, c.asked[i])
				}
			}
		})
	}
}

func TestDownloadFailures(t *testing.T) {
	content := randomBytes(1000, 1)
	t.Run("all mirrors", func(t *testing.T) {
		other := randomBytes(1000, 2)
		f := serve(t, content, &mirror{status: 503}, &mirror{content: other})
		path := filepath.Join(t.TempDir(), f.Name)
		_, err := Options{}.download(context.Background(), f, path)
		wantError(t, err, f.URLs[0]+": the server says 503", digest("sha256", other),
			"want "+digest("sha256", content))
		if left, _ := filepath.Glob(path + "*"); len(left) > 0 {
			t.Errorf("%q left behind", left)
		}
	})
	t.Run("nobody there", func(t *testing.T) {
		server := httptest.NewServer(nil)
		server.Close()
		f := File{Name: "set.bin", URLs: []string{server.URL}}
		_, err := Options{}.download(context.Background(), f, filepath.Join(t.TempDir(), f.Name))
		wantError(t, err, "connection refused")
		if n := strings.Count(err.Error(), server.URL); n != 1 {
			t.Errorf("error %q names the mirror %d times, want once", err, n)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		f := serve(t, content, &mirror{content: content})
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := Options{}.download(ctx, f, filepath.Join(t.TempDir(), f.Name))
		wantError(t, err, "context canceled")
	})
	t.Run("interrupted", func(t *testing.T) {
		f := serve(t, content, &mirror{content: content, cut: 100})
		path := filepath.Join(t.TempDir(), f.Name)
		_, err := Options{}.download(context.Background(), f, path)
		wantError(t, err, f.URLs[0]+": interrupted after 300 bytes")
		if n := size(path + ".part"); n != 300 {
			t.Errorf("%d bytes left for the next time, want 300", n)
		}
	})
	t.Run("no folder", func(t *testing.T) {
		dir := write(t, map[string][]byte{"file": nil})
		f := serve(t, content, &mirror{content: content})
		_, err := Options{}.download(context.Background(), f, filepath.Join(dir, "file", f.Name))
		wantError(t, err, "not a directory")
	})
}

// A download that is cancelled ends at once, whether the server is slow or silent, and leaves its bytes; the
// next goes on from there.
func TestCancelledDownloadGoesOn(t *testing.T) {
	content := zipFile(classFolders("train", 4, "cat", "dog"))
	get := map[string]func(context.Context, Options) error{
		"Load":  func(ctx context.Context, o Options) error { _, err := Load(ctx, "slow", o); return err },
		"Fetch": func(ctx context.Context, o Options) error { _, err := Fetch(ctx, "slow", o); return err },
	}
	for name, get := range get {
		for _, sent := range []int{0, 300} {
			t.Run(name+" after "+strconv.Itoa(sent), func(t *testing.T) {
				m := stalling(t, content, sent)
				o := Options{Dir: t.TempDir()}
				part := filepath.Join(o.Dir, "slow", "set.zip.part")
				ctx, cancel := context.WithCancel(context.Background())
				ended := make(chan error, 1)
				go func() { ended <- get(ctx, o) }()
				<-m.asked
				for deadline := time.Now().Add(10 * time.Second); size(part) < int64(sent) &&
					time.Now().Before(deadline); {
					time.Sleep(time.Millisecond)
				}
				cancel()
				select {
				case err := <-ended:
					wantError(t, err,
						"slow: set.zip: stopped after "+strconv.Itoa(sent)+" bytes, which are kept in "+part+
							"; the next call continues from there: context canceled")
					if !errors.Is(err, context.Canceled) {
						t.Error("the error is not the context's")
					}
				case <-time.After(10 * time.Second):
					t.Fatal("the download goes on after its end")
				}
				m.good.Store(true)
				if err := get(context.Background(), o); err != nil {
					t.Fatal(err)
				}
				if got, want := <-m.asked, map[int]string{0: "", 300: "bytes=300-"}[sent]; got != want ||
					len(m.asked) > 0 {
					t.Errorf("the next time asks for %q and %d more, want %q", got, len(m.asked), want)
				}
			})
		}
	}
}

// stalled is a server that sends some bytes and then nothing, until it is good.
type stalled struct {
	good  atomic.Bool
	asked chan string // the ranges
}

// stalling lists a set "slow" of one file, which such a server has.
func stalling(t *testing.T, content []byte, sent int) *stalled {
	m := &stalled{asked: make(chan string, 9)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.asked <- r.Header.Get("Range")
		if m.good.Load() {
			http.ServeContent(w, r, "file", time.Time{}, bytes.NewReader(content))
			return
		}
		if sent > 0 {
			w.Header().Set("Content-Length", strconv.Itoa(len(content)))
			w.Write(content[:sent])
			http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	known := table
	t.Cleanup(func() { table = known })
	table = append(slices.Clone(table), Info{
		Name: "slow",
		Files: []File{{Name: "set.zip", URLs: []string{server.URL}, Digest: "sha256:" +
			digest("sha256", content)}},
		load: func(ctx context.Context, set *Set, files [][]byte) error {
			return loadZip(ctx, set, files[0], Options{})
		},
	})
	return m
}

func TestDownloadReports(t *testing.T) {
	content := randomBytes(100_000, 1)
	f := serve(t, content, &mirror{status: 404}, &mirror{content: content})
	var log bytes.Buffer
	var seen []int64
	o := Options{
		Log: slog.New(slog.NewTextHandler(&log, nil)),
		Progress: func(file string, done, total int64) {
			if file != f.Name || total != int64(len(content)) {
				t.Errorf("progress of %q, %d bytes in all", file, total)
			}
			seen = append(seen, done)
		},
	}
	if _, err := o.download(context.Background(), f, filepath.Join(t.TempDir(), f.Name)); err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(seen) || seen[len(seen)-1] != int64(len(content)) {
		t.Errorf("progress %v, want it to rise to %d", seen, len(content))
	}
	// Two beginnings and one failure, a line each.
	if text := log.String(); strings.Count(text, "\n") != 3 ||
		!strings.Contains(text, f.URLs[0]+": the server says 404") {
		t.Errorf("log %q, want three lines and the failure", text)
	}
}
