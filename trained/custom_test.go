package trained_test

import (
	"context"
	"image"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// A model with a score of a program's own opens where that is known, and elsewhere the error says so.
func TestOpenWithAScore(t *testing.T) {
	path := saved(t, "vit", nil)
	custom := savedAs(t, "vit", func(m *trained.Metadata) { m.Config.Score = "mine" })
	_, err := trained.Open(custom)
	if want := `has the attention score "mine", which only the program knows that trained it`; err == nil ||
		!strings.Contains(err.Error(), want) {
		t.Fatalf("%v, want %s", err, want)
	}
	names := vit.Catalog{Scores: []vit.Score{{Name: "mine", Help: "q·k",
		New: func(vit.ScoreOptions) nn.Score { return nn.DotProduct }}}}
	m, err := trained.Options{Names: names}.Open(custom)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	plain, err := trained.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	got, err := m.Predict(context.Background(), drawn(2))
	if err != nil {
		t.Fatal(err)
	}
	want, err := plain.Predict(context.Background(), drawn(2))
	if err != nil || !slices.Equal(got[0].Probabilities, want[0].Probabilities) {
		t.Errorf("%v, want %v (%v)", got, want, err)
	}
}

// The same picture has the same estimate from shots, wherever it stands and whatever stands beside it.
func TestShotsFollowThePicture(t *testing.T) {
	m, err := trained.Options{Seed: 3, Change: func(c *vit.Config) { c.Shots = 20 }}.Open(saved(t, "hqvit", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	predict := func(pictures ...image.Image) []trained.Prediction {
		p, err := m.Predict(context.Background(), pictures...)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	alone := predict(drawn(1))[0].Probabilities
	if again := predict(drawn(2), drawn(3), drawn(1), drawn(1)); !near(again[2].Probabilities, alone, 1e-6) ||
		!near(again[3].Probabilities, alone, 1e-6) {
		t.Errorf("third and fourth: %v, alone %v", again, alone)
	}
	if many := predict(drawn(2), drawn(3), drawn(4), drawn(0), drawn(5),
		drawn(1)); !near(many[5].Probabilities, alone, 1e-6) {
		t.Errorf("sixth: %v, alone %v", many[5], alone)
	}
	exact, err := trained.Open(m.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer exact.Close()
	if p, err := exact.Predict(context.Background(), drawn(1)); err != nil ||
		near(p[0].Probabilities, alone, 1e-6) {
		t.Errorf("without shots the same: %v, %v", p, err)
	}
}
