package serve

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
)

// bomb is a PNG whose header says that many pixels, and that has none.
func bomb(width, height uint32) []byte {
	b := bytes.NewBuffer([]byte("\x89PNG\r\n\x1a\n"))
	chunk := func(kind string, content []byte) {
		binary.Write(b, binary.BigEndian, uint32(len(content)))
		whole := append([]byte(kind), content...)
		b.Write(whole)
		binary.Write(b, binary.BigEndian, crc32.ChecksumIEEE(whole))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	chunk("IHDR", append(head, 8, 0, 0, 0, 0))
	chunk("IDAT", make([]byte, 1<<20))
	return b.Bytes()
}

// Each request that is wrong gets a status and an error that say what is.
func TestWrongRequests(t *testing.T) {
	s := start(t, Options{Models: []string{saved(t, "hqvit", nil), saved(t, "vit", nil)}})
	good := pngOf(t, drawnPicture(1))
	const path = "/api/v1/models/hqvit/predict"
	inJSON := func(text string) *http.Request { return s.post(path, "application/json", []byte(text)) }
	list := func(n int, v string) string { return "[" + strings.TrimSuffix(strings.Repeat(v+",", n), ",") + "]" }
	for i, c := range []struct {
		code  int
		words string
		r     *http.Request
	}{
		{404, "no model", s.post("/api/v1/models/none/predict", "image/png", good)},
		{404, "want hqvit, vit", s.post("/api/v1/models/..%2F..%2Fetc/predict", "image/png", good)},
		{405, "is no method", s.get(path)},
		{405, "is no method", s.post("/api/v1/models", "image/png", good)},
		{404, "docs/serve.md", s.get("/api/v2/models")},
		{404, "docs/serve.md", s.get("/..%2f..%2fgo.mod")},
		{404, "no runs are shown", s.get("/api/v1/runs")},
		{404, "no runs are shown", s.get("/report?id=.")},
		{400, "the body is empty", s.post(path, "image/png", nil)},
		{400, "want a picture", s.post(path, "image/png", []byte("call the dentist"))},
		{400, "damaged", s.post(path, "image/png", good[:len(good)/2])},
		{400, "damaged", s.post(path, "image/png", append(bytes.Clone(good[:40]), good[60:]...))},
		{413, "100000×100000 pixels", s.post(path, "image/png", bomb(100_000, 100_000))},
		{413, "want at most 16 million", s.post(path, "image/png", bomb(5000, 5000))},
		{400, "damaged", s.post(path, "image/png", bomb(4000, 4000))},
		{413, "1×16000000 pixels, want at most 16384 on a side", s.post(path, "image/png", bomb(1, 16_000_000))},
		{413, "16385×1 pixels, want at most 16384", s.post(path, "image/png", bomb(16385, 1))},
		{413, "longer than 10485760 bytes", s.post(path, "image/png", make([]byte, 10<<20+1))},
		{415, "multipart", s.post(path, "multipart/form-data; boundary=x", good)},
		{415, "Content-Type", s.post(path, "a/b/c", good)},
		{400, `invert is "maybe"`, s.post(path+"?invert=maybe", "image/png", good)},
		{400, `shots is "many"`, s.post(path+"?shots=many", "image/png", good)},
		{400, "shots is 7, want one of 0 100", s.post(path+"?shots=7", "image/png", good)},
		{400, "shots is -1", s.post(path+"?shots=-1", "image/png", good)},
		{400, "noise is NaN", s.post(path+"?noise=NaN", "image/png", good)},
		{400, "noise is 0.5, want one of 0 0.0003", s.post(path+"?noise=0.5", "image/png", good)},
		{400, "draw is", s.post(path+"?draw=1e9", "image/png", good)},
		{400, "has no circuits to measure", s.post("/api/v1/models/vit/predict?shots=100", "image/png", good)},
		{400, "has no circuits with noise", s.post("/api/v1/models/vit/attention?noise=0.01", "image/png", good)},
		{400, `format is "pdf"`, s.post("/api/v1/models/hqvit/attention?format=pdf", "image/png", good)},
		{400, "parameter noise is there 2 times", s.post(path+"?noise=0.001&noise=0.1", "image/png", good)},
		{400, `no parameter "shot"`, s.post(path+"?shot=100", "image/png", good)},
		{400, `block is "x"`, s.get("/api/v1/models/hqvit/circuit?block=x")},
		{400, "is no JSON of the form", inJSON("[1]")},
		{400, "is no JSON of the form", inJSON(`{"image": 5}`)},
		{400, "unknown field", inJSON(`{"picture": "x"}`)},
		{400, `want either "image" or "pixels"`, inJSON(`{}`)},
		{400, `want either "image" or "pixels"`, inJSON(`{"image": "", "pixels": []}`)},
		{400, "goes on behind its JSON", inJSON(`{"image": ""} 5`)},
		{400, "no base64", inJSON(`{"image": "%%%"}`)},
		{400, "the body is empty", inJSON(`{"image": ""}`)},
		{400, "want 28×28×1", inJSON(`{"pixels": [1, 2]}`)},
		{400, "want 28×28×1", inJSON(`{"pixels": 5}`)},
		{400, "more than 784 numbers", inJSON(`{"pixels": ` + list(785, "1") + `}`)},
		{400, "want equal ones", inJSON(`{"pixels": [[1, 2], [3]]}`)},
		{400, "want equal ones", inJSON(`{"pixels": [[], []]}`)},
		{400, "at a depth of 3", inJSON(`{"pixels": [[[[1]]]]}`)},
		{400, "holds a {", inJSON(`{"pixels": [{"a": 1}]}`)},
		{400, "want numbers", inJSON(`{"pixels": ["1"]}`)},
		{400, "want numbers", inJSON(`{"pixels": [null]}`)},
		{400, "number 0 is 256", inJSON(`{"pixels": ` + list(784, "256") + `}`)},
		{400, "number 0 is 0.5", inJSON(`{"pixels": ` + list(784, "0.5") + `}`)},
		{400, "number 0 is -1", inJSON(`{"pixels": ` + list(784, "-1") + `}`)},
		{400, "pixels", inJSON(`{"pixels": ` + list(3, "1e999") + `}`)},
		{400, "pixels", inJSON(`{"pixels": ` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`)},
	} {
		t.Run(fmt.Sprint(i, " ", c.words), func(t *testing.T) {
			one := *s
			one.TB = t
			one.wrong(c.code, c.words, c.r)
		})
	}
	s.send(200, s.post(path, "image/png", good))
}

// Random requests: whatever comes, the answer is one of ours, in JSON where it is an error, never a mistake
// of the program, and the server goes on. HQVIT_REQUESTS says how many.
func TestRandomRequests(t *testing.T) {
	count := 300
	if testing.Short() {
		count = 100
	}
	if n, err := strconv.Atoi(os.Getenv("HQVIT_REQUESTS")); err == nil {
		count = n
	}
	s := start(t, Options{Models: []string{saved(t, "hqvit", nil), saved(t, "vit", nil)}, Runs: t.TempDir()})
	random := rand.New(rand.NewPCG(3, 4))
	one := func(list ...string) string { return list[random.IntN(len(list))] }
	noise := func(n int) []byte {
		b := make([]byte, random.IntN(n+1))
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		return b
	}
	good := pngOf(t, drawnPicture(1))
	statuses := map[int]int{}
	for i := range count {
		method := one("GET", "GET", "GET", "GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS")
		path := one(
			"/",
			"/runs",
			"/api/v1/models",
			"/api/v1/runs",
			"/api/v1/history",
			"/api/v1/curves",
			"/report",
			"/metrics",
			"/healthz",
			"/api/v1/models/hqvit/samples/",
			"/style.css",
		) +
			one(
				"",
				"",
				"",
				"..%2f",
				"%00",
				"?id=../..",
				"?id=%2fetc%2fpasswd",
				"?id=.",
				"//",
				"?"+string(noise(8)),
			)
		if random.IntN(3) > 0 {
			method = "POST"
			path = "/api/v1/models/" + one(
				"hqvit",
				"vit",
				"none",
				"%2e%2e",
			) + "/" + one(
				"predict",
				"attention",
				"circuit",
				"samples",
			) +
				"?" + one(
				"",
				"shots=",
				"noise=",
				"draw=",
				"head=",
				"format=",
				"invert=",
			) + one(
				"",
				"100",
				"0.01",
				"-1",
				"NaN",
				"svg",
				"1e400",
				"%ff",
			)
		}
		var body []byte
		switch random.IntN(5) {
		case 0:
			body = noise(2000)
		case 1:
			body = bytes.Clone(good)
			for range 1 + random.IntN(4) {
				body[random.IntN(len(body))] = byte(random.Uint32())
			}
		case 2:
			body = good[:random.IntN(len(good))]
		case 3:
			body = []byte(
				`{"` + one(
					"image",
					"pixels",
					"x",
				) + `":` + one(
					"[",
					"[[1,2],[3]]",
					`"iVBORw0KGgo="`,
					"null",
					"{}",
					"1e999",
					"[0,0,0]",
				) + one(
					"",
					"}",
					"}}",
				),
			)
		default:
			body = good
		}
		r, err := http.NewRequest(method, s.URL+path, bytes.NewReader(body))
		if err != nil {
			continue // no request can be made of it
		}
		r.Header.Set(
			"Content-Type",
			one("image/png", "application/json", "", "text/html", "multipart/form-data", ";;;"),
		)
		if random.IntN(8) == 0 {
			r.Host = one(
				"evil.example",
				"localhost",
				"127.0.0.1",
				"[::1]:80",
				"192.168.1.1",
				"",
				"localhost.evil.example",
				"%00",
			)
		}
		if random.IntN(8) == 0 {
			r.Header.Set("Origin", one("http://evil.example", "null", s.URL))
			r.Header.Set("Sec-Fetch-Site", one("cross-site", "same-origin", "none", "x"))
		}
		answer, err := s.Client().Do(r)
		if err != nil { // the client itself refuses some
			if strings.Contains(err.Error(), "EOF") {
				t.Fatalf("request %d, %s %s: %v", i, method, path, err)
			}
			continue
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		statuses[answer.StatusCode]++
		kind := answer.Header.Get("Content-Type")
		ours := answer.StatusCode < 400 || method == "HEAD" ||
			kind == "application/json" && bytes.HasPrefix(text, []byte(`{"error":`)) ||
			answer.StatusCode == 400 && answer.Header.Get("Content-Security-Policy") == "" // of net/http itself
		if answer.StatusCode == 500 || !ours ||
			answer.Header.Get("X-Content-Type-Options") == "" && answer.StatusCode != 400 {
			t.Errorf("request %d, %s %s: %d %s %.200s", i, method, path, answer.StatusCode, kind, text)
		}
	}
	t.Log(count, "requests, answers by status:", statuses)
	p := answers[prediction](s, 200, s.post("/api/v1/models/hqvit/predict", "image/png", good))
	if p.Class == "" {
		t.Error("after all this, no prediction")
	}
}

// Pictures of other kinds than a browser has.
func TestPicturesOfManySizes(t *testing.T) {
	s := start(t, Options{Models: []string{saved(t, "vit", nil)}})
	for _, size := range []image.Point{{1, 1}, {1, 16384}, {3000, 1}, {2000, 2000}, {28, 29}} {
		file := pngOf(t, image.NewNRGBA(image.Rectangle{Max: size}))
		s.send(200, s.post("/api/v1/models/vit/predict", "image/png", file))
	}
}
