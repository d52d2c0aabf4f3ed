package cli

import (
	"slices"
	"testing"

	"github.com/hqvit/hqvit/vit"
)

// Groups of --models are the models that they name, each once, and all of them can be built.
func TestGroupsOfModels(t *testing.T) {
	var names vit.Catalog
	rungs, published := ladder(names), rivals(names)
	if !slices.Contains(rungs, "hqvit:cosine") || slices.Contains(rungs, "hqvit:qsann") ||
		!slices.Contains(published, "hqvit:qsann") || slices.Contains(published, "hqvit:cosine") {
		t.Errorf("the ladder is %v, the rivals are %v", rungs, published)
	}
	if n := len(names.ScoreNames()); len(rungs)-3+len(published) != n { // vit-matched, cnn, logreg are no scores
		t.Errorf("%d rungs and %d rivals of %d scores", len(rungs), len(published), n)
	}
	for _, model := range slices.Concat(rungs, published) {
		if _, err := names.Named(model); err != nil {
			t.Errorf("%s: %v", model, err)
		}
	}
	got := expand(names, "hqvit:qmsan, rivals,mine.yaml")
	if got[0] != "hqvit:qmsan" || len(got) != len(published)+1 || got[len(got)-1] != "mine.yaml" {
		t.Errorf("expanded to %v", got)
	}
	for _, model := range expand(names, "rivals:mean") {
		c, err := names.Named(model)
		if err != nil || c.Pooling != vit.PoolMean || c.Score == "swap" {
			t.Errorf("%s: score %s, pooling %s, %v", model, c.Score, c.Pooling, err)
		}
	}
}
