package serve

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// With shots and noise the answer is that of the model opened with these, to the last bit, for each draw.
func TestSettingsAreThoseOfTheModel(t *testing.T) {
	dir := saved(t, "hqvit", nil)
	s := start(t, Options{Models: []string{dir}})
	picture := drawnPicture(6)
	var exact []float64
	for _, c := range []struct {
		query string
		shots int
		noise string
		draw  int
	}{{"", 0, "", 0}, {"shots=0&noise=0", 0, "", 0}, {"shots=300", 300, "", 0}, {"shots=300&draw=3", 300, "", 3},
		{"noise=0.03", 0, "depolarizing=0.03", 0}, {"shots=1000&noise=0.01&draw=1", 1000, "depolarizing=0.01", 1}} {
		m, err := trained.Options{Change: func(v *vit.Config) { v.Shots, v.Noise = c.shots, c.noise }}.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		p, err := m.NewPredictor(1, 1) // noise takes long
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		all := data.Split{Shape: m.Metadata().Shape, Images: slices.Repeat(picture.Pix, c.draw+1)}
		images, err := m.Metadata().Transform().Apply(all)
		if err != nil {
			t.Fatal(err)
		}
		want, err := p.Attention(t.Context(), train.Images{Images: images}, c.draw)
		if err != nil {
			t.Fatal(err)
		}
		for _, what := range []string{"attention", "predict"} {
			got := answers[prediction](
				s,
				200,
				s.post("/api/v1/models/hqvit/"+what+"?"+c.query, "image/png", pngOf(t, picture)),
			)
			if !near(got.Probabilities, want.Probabilities) || got.Setting == nil || got.Setting.Shots != c.shots ||
				got.Draw != c.draw {
				t.Errorf("%s?%s: %+v, want %v", what, c.query, got, want.Probabilities)
			}
		}
		if exact == nil {
			exact = want.Probabilities
		} else if (c.shots == 0 && c.noise == "") != slices.Equal(exact, want.Probabilities) {
			t.Errorf("%s: %v, exact are %v", c.query, want.Probabilities, exact)
		}
	}
}

// near allows for what graphs of another number of pictures round otherwise.
func near(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return x-y < 1e-6 && y-x < 1e-6 })
}

// A model that was trained with shots and noise has them unless another setting is asked for.
func TestOwnSetting(t *testing.T) {
	dir := saved(
		t,
		"hqvit",
		func(m *trained.Metadata) { m.Config.Shots, m.Config.Noise = 50, "depolarizing=0.02" },
	)
	s := start(t, Options{Models: []string{dir}})
	list := answers[map[string][]modelInfo](s, 200, s.get("/api/v1/models"))["models"]
	if want := (setting{50, 0.02}); list[0].Setting != want {
		t.Errorf("%+v, want %+v", list[0].Setting, want)
	}
	file := pngOf(t, drawnPicture(1))
	ask := func(query string) prediction {
		return answers[prediction](s, 200, s.post("/api/v1/models/hqvit/predict?"+query, "image/png", file))
	}
	own, again, named, other, exact := ask(
		"",
	), ask(
		"",
	), ask(
		"shots=50&noise=0.02",
	), ask(
		"draw=1",
	), ask(
		"shots=0&noise=0",
	)
	if !slices.Equal(own.Probabilities, again.Probabilities) ||
		!slices.Equal(own.Probabilities, named.Probabilities) {
		t.Errorf("%v, %v and %v, want one", own, again, named)
	}
	if slices.Equal(own.Probabilities, other.Probabilities) ||
		slices.Equal(own.Probabilities, exact.Probabilities) {
		t.Errorf("%v, want another draw than %v and other than exact values %v", own, other, exact)
	}
}

// Of many settings a few are kept open, and one that is in use is not closed.
func TestFewVariantsAreKept(t *testing.T) {
	s := start(t, Options{Models: []string{saved(t, "hqvit", nil)}, Limits: Limits{Variants: 2}})
	m := s.server.models[0]
	file := pngOf(t, drawnPicture(1))
	ask := func(code, shots int) {
		t.Helper()
		s.send(code, s.post(fmt.Sprint("/api/v1/models/hqvit/predict?shots=", shots), "image/png", file))
	}
	for _, shots := range []int{100, 300, 1000, 100, 3000} {
		ask(200, shots)
	}
	var kept []int
	for _, v := range m.variants {
		kept = append(kept, v.Shots)
	}
	if !slices.Equal(kept, []int{100, 3000}) {
		t.Errorf("kept %v, want those used last, 100 and 3000", kept)
	}
	var releases []func()
	for _, shots := range []int{100, 3000} {
		_, release, err := m.with(t.Context(), &setting{Shots: shots}, s.server.limits)
		if err != nil {
			t.Fatal(err)
		}
		releases = append(releases, release)
	}
	ask(503, 300)
	ask(200, 3000)
	for _, release := range releases {
		release()
	}
	ask(200, 300)
}

func TestCancelledWhileWaiting(t *testing.T) {
	s := start(t, Options{Models: []string{saved(t, "hqvit", nil)}})
	m := s.server.models[0]
	m.base.turn <- struct{}{} // somebody is at it
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := m.base.look(ctx, data.Split{Shape: m.base.Metadata().Shape, Images: drawnPicture(1).Pix}, 0)
		ended <- err
	}()
	stop()
	if err := <-ended; err != context.Canceled {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
	<-m.base.turn
	s.send(200, s.post("/api/v1/models/hqvit/attention", "image/png", pngOf(t, drawnPicture(1))))
}

// A model is called after its directory, however that is named, and no two are called the same.
func TestNamesOfModels(t *testing.T) {
	dir := saved(t, "vit", nil)
	t.Chdir(dir)
	s := start(t, Options{Models: []string{".", dir, filepath.Join(dir, rundir.WeightsFile), dir + "/"}})
	var ids []string
	for _, m := range s.server.models {
		ids = append(ids, m.id)
	}
	if want := []string{"vit", "vit-2", "vit-3", "vit-4"}; !slices.Equal(ids, want) {
		t.Errorf("%v, want %v", ids, want)
	}
}

// A setting takes the place of all that a model was trained with: a mitigation of noise that is gone would be
// an error.
func TestSettingTakesThePlaceOfAll(t *testing.T) {
	c, err := vit.Named("hqvit")
	if err != nil {
		t.Fatal(err)
	}
	c.Shots, c.Noise, c.Mitigation = 300, "depolarizing=0.02,readout=0.1", "zne=1,3+readout"
	for _, s := range []setting{{}, {Shots: 100}, {Noise: 0.01}, {Shots: 100, Noise: 0.01}} {
		changed := c
		s.change(&changed)
		if err := changed.Check(); err != nil || changed.Shots != s.Shots || changed.Mitigation != "" {
			t.Errorf("%+v: %v, %d shots, mitigation %q", s, err, changed.Shots, changed.Mitigation)
		}
	}
}
