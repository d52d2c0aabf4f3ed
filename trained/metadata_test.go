package trained_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// What ParseMetadata refuses, Texts does not write.
func TestMetadataThatNobodyCouldOpen(t *testing.T) {
	c, err := vit.Named("vit")
	if err != nil {
		t.Fatal(err)
	}
	c.Classes = 2
	good := trained.Metadata{Config: c, Classes: []string{"cat", "dog"},
		Shape: data.Shape{Height: 9, Width: 7, Channels: 1},
		Mean:  []float32{0.5}, Std: []float32{0.25}, Scale: data.Scale{White: 255}}
	texts, err := good.Texts()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := trained.ParseMetadata(texts); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(m *trained.Metadata){
		"1 name for the 2 classes of the model":         func(m *trained.Metadata) { m.Classes = m.Classes[:1] },
		"0 names for the 2 classes of the model":        func(m *trained.Metadata) { m.Classes = nil },
		"side 32 with 1 channel and 0 classes":          func(m *trained.Metadata) { m.Config.Classes = 0 },
		"side 0 with 0 channels and 0 classes":          func(m *trained.Metadata) { m.Config = vit.Config{} },
		"the Shape is 0×0×0, want that of the training": func(m *trained.Metadata) { m.Shape = data.Shape{} },
		"the Shape is 9×7×3, want that of the training": func(m *trained.Metadata) { m.Shape.Channels = 3 },
		"has 2 means and 1 deviation for 1 channel":     func(m *trained.Metadata) { m.Mean = make([]float32, 2) },
		"has 1 mean and 0 deviations for 1 channel":     func(m *trained.Metadata) { m.Std = nil },
	} {
		m := good
		change(&m)
		if _, err := m.Texts(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Texts: %v, want %q", err, want)
		}
	}
	bad := maps.Clone(texts)
	bad["classes"] = `["cat"]`
	if _, err := trained.ParseMetadata(bad); err == nil ||
		!strings.Contains(err.Error(), "1 name for the 2 classes") {
		t.Errorf("ParseMetadata: %v", err)
	}
}
