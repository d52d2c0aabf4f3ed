package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// saved returns a directory with the weights of an untrained model.
func saved(t testing.TB, name string, change func(m *trained.Metadata)) string {
	t.Helper()
	c, err := vit.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	meta := trained.Metadata{Model: name, Data: "mnist", Config: c, Background: data.Dark,
		Shape: data.Shape{Height: 28, Width: 28, Channels: c.Channels}, Scale: data.Scale{White: 255}}
	for i := range c.Classes {
		meta.Classes = append(meta.Classes, fmt.Sprint(i))
	}
	if change != nil {
		change(&meta)
	}
	layer, err := vit.New(meta.Config)
	if err != nil {
		t.Fatal(err)
	}
	st := nn.NewStore(7)
	if _, err := op.Build(func(g *G.ExprGraph) error {
		x := G.NewTensor(
			g,
			tensor.Float32,
			4,
			G.WithShape(1, meta.Config.Channels, meta.Config.Image, meta.Config.Image),
			G.WithName("x"),
		)
		_, err := layer.Forward(nn.NewScope(g, st), x)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	texts, err := meta.Texts()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := rundir.WeightsOf(st, texts).Save(filepath.Join(dir, rundir.WeightsFile)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// drawn returns a grey picture with a bright stroke that depends on its number.
func drawnPicture(number int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 28, 28))
	for y := 4; y < 24; y++ {
		x := 4 + (y*(number%5+1)+3*number)%20
		img.SetGray(x, y, color.Gray{Y: uint8(150 + 7*number%100)})
		img.SetGray(x+1, y, color.Gray{Y: 255})
	}
	return img
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// site is a Server that listens.
type site struct {
	testing.TB
	server *Server
	*httptest.Server
}

func start(t testing.TB, o Options) *site {
	t.Helper()
	s, err := o.New()
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s.Handler())
	t.Cleanup(func() { h.Close(); s.Close() })
	return &site{t, s, h}
}

// answers decodes the answer to a request, which has to have that status.
func answers[T any](s *site, code int, r *http.Request) (value T) {
	s.Helper()
	return decoded[T](s, s.send(code, r))
}

func decoded[T any](t testing.TB, body []byte) (value T) {
	t.Helper()
	if err := json.Unmarshal(body, &value); err != nil {
		t.Errorf("%v: %.200s", err, body)
	}
	return value
}

// send returns the body of the answer to a request, which has to have that status.
func (s *site) send(code int, r *http.Request) []byte {
	s.Helper()
	response, err := s.Client().Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.Fatal(err)
	}
	if response.StatusCode != code {
		s.Fatalf("%s %s: status %d, want %d: %.300s", r.Method, r.URL, response.StatusCode, code, body)
	}
	return body
}

func (s *site) get(path string) *http.Request {
	s.Helper()
	r, err := http.NewRequest(http.MethodGet, s.URL+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	return r
}

func (s *site) post(path, kind string, body []byte) *http.Request {
	s.Helper()
	r, err := http.NewRequest(http.MethodPost, s.URL+path, bytes.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	return r
}

// wrong wants a request to be answered by an error of that status, which has these words.
func (s *site) wrong(code int, words string, r *http.Request) {
	s.Helper()
	e := answers[map[string]string](s, code, r)
	if !strings.Contains(e["error"], words) || len(e) != 1 {
		s.Errorf("%s %s: %q, want it to say %q", r.Method, r.URL, e, words)
	}
}

func newTestServer(t testing.TB, h http.Handler) *httptest.Server {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}
