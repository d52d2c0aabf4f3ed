package serve

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/trained"
)

// The state of a head of the first block is the layer norm of the patches, computed here by hand: its gain
// is 1 and its bias 0 in an untrained model.
func TestStateIsTheEncodedPicture(t *testing.T) {
	s := start(t, Options{Models: []string{saved(t, "hqvit", nil)}})
	picture := drawnPicture(4)
	a := answers[attention](s, 200, s.post("/api/v1/models/hqvit/attention", "image/png", pngOf(t, picture)))
	const side, patch, heads = 32, 8, 4
	tokens := make([][]float64, 16)
	for i := range tokens {
		for y := range patch {
			for x := range patch {
				px, py := i%4*patch+x-2, i/4*patch+y-2
				v := 0.0
				if px >= 0 && py >= 0 && px < 28 && py < 28 {
					v = float64(picture.Pix[28*py+px]) / 255
				}
				tokens[i] = append(tokens[i], v)
			}
		}
		mean, variance := 0.0, 0.0
		for _, v := range tokens[i] {
			mean += v / 64
		}
		for _, v := range tokens[i] {
			variance += (v - mean) * (v - mean) / 64
		}
		for j := range tokens[i] {
			tokens[i][j] = (tokens[i][j] - mean) / math.Sqrt(variance+1e-5)
		}
	}
	for h := range heads {
		state, sum, all := a.Blocks[0].States[h], 0.0, 0.0
		for i := range 16 {
			for j := range 16 {
				all += tokens[i][16*h+j] * tokens[i][16*h+j]
			}
		}
		for i := range 16 {
			for j := range 16 {
				want := tokens[i][16*h+j] * tokens[i][16*h+j] / all
				if sum += state[i][j]; math.Abs(state[i][j]-want) > 1e-6 {
					t.Fatalf("head %d, |%d⟩|%d⟩: %v, want %v", h, i, j, state[i][j], want)
				}
			}
		}
		if math.Abs(sum-1) > 1e-12 {
			t.Errorf("head %d: sum %v", h, sum)
		}
	}
}

func TestCircuitHasTheLearnedAngles(t *testing.T) {
	dir := saved(t, "hqvit", nil)
	s := start(t, Options{Models: []string{dir, saved(t, "vit", nil)}})
	m, err := trained.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for _, at := range [][2]int{{0, 0}, {1, 3}} {
		f := qlayer.Figures(m.Scope())[at[0]]
		want, err := f.Theta(m.Store(), at[1])
		if err != nil {
			t.Fatal(err)
		}
		path := fmt.Sprintf("/api/v1/models/hqvit/circuit?block=%d&head=%d", at[0], at[1])
		c := answers[circuitInfo](s, 200, s.get(path))
		if !slices.Equal(c.Angles, want) || c.Resources.Qubits != 17 || len(c.Operations) != 38 ||
			c.Block != at[0] {
			t.Errorf("%+v, want the angles %v", c, want)
		}
		if o := c.Operations[1]; o.Gate != "ry" || !slices.Contains(want, o.Angles[0]) {
			t.Errorf("the second operation is %+v, want RY of a learned angle", o)
		}
		if text := s.send(
			200,
			s.get(path+"&format=qasm"),
		); string(text) != c.QASM ||
			!strings.HasPrefix(c.QASM, "OPENQASM 3") {
			t.Errorf("%.100s", text)
		}
		if svg := s.send(200, s.get(path+"&format=svg")); !bytes.HasPrefix(svg, []byte("<svg")) {
			t.Errorf("%.100s", svg)
		}
	}
	s.wrong(400, `head is "4", want a whole number from 0 to 3`, s.get("/api/v1/models/hqvit/circuit?head=4"))
	s.wrong(422, "vit has no quantum attention", s.get("/api/v1/models/vit/circuit"))
}

func TestSamplesAreOfEachClass(t *testing.T) {
	s := start(t, Options{Models: []string{saved(t, "hqvit", nil),
		saved(t, "vit", func(m *trained.Metadata) { m.Data = "folder-gone" })}})
	list := answers[sampleList](s, 200, s.get("/api/v1/models/hqvit/samples"))
	if len(list.Samples) != 30 {
		t.Fatalf("%d samples (%s), want 3 of 10 classes", len(list.Samples), list.Why)
	}
	// The first 7 of MNIST's test images is the first of all.
	set, err := data.Load(t.Context(), "mnist", data.Options{NoDownload: true})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(list.Samples, func(i sampleInfo) bool { return i.Class == "7" })
	file := s.send(200, s.get(fmt.Sprint("/api/v1/models/hqvit/samples/", list.Samples[at].Index)))
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil || !bytes.Equal(img.(*image.Gray).Pix, set.Test.Images[:28*28]) {
		t.Errorf("another picture, %v", err)
	}
	s.wrong(404, "want one from 0 to 29", s.get("/api/v1/models/hqvit/samples/30"))
	none := answers[sampleList](s, 200, s.get("/api/v1/models/vit/samples"))
	if len(none.Samples) != 0 || !strings.Contains(none.Why, "folder-gone") {
		t.Errorf("%+v, want to be told why there is none", none)
	}
}

// docs/serve.md has every address of the API.
func TestPageHasEveryRoute(t *testing.T) {
	page, err := os.ReadFile("../docs/serve.md")
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("api.go")
	if err != nil {
		t.Fatal(err)
	}
	routes := regexp.MustCompile(`mux\.Handle\("(\w+) (/[^"]*)?("\+one\+")?([^"]*)"`).FindAllSubmatch(code, -1)
	if len(routes) < 11 {
		t.Fatalf("%d routes found in api.go: the test does not read it rightly", len(routes))
	}
	for _, r := range routes {
		route := string(r[1]) + " " + string(r[2]) + string(r[4])
		if r[3] != nil {
			route = string(r[1]) + " /api/v1/models/{model}" + string(r[4])
		}
		_, path, _ := strings.Cut(route, " ")
		sample := strings.HasSuffix(path, "/samples/{index}")
		if path != "/" && !sample && !bytes.Contains(page, []byte("`"+route+"`")) {
			t.Errorf("docs/serve.md does not have %s", route)
		}
	}
}
