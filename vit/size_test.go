package vit_test

import (
	"math"
	"regexp"
	"runtime"
	"testing"

	"github.com/hqvit/hqvit/vit"
)

// The estimate is near the count where models are built, but for the gates of circuits.
func TestSizeIsNearTheCount(t *testing.T) {
	for _, name := range append(vit.Names(), "hqvit:cosine", "vit-m:mean") {
		c, err := vit.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		count, _, err := vit.Parameters(c)
		if err != nil {
			t.Fatal(err)
		}
		if ratio := c.Size().Weights / float64(count); ratio < 0.85 || ratio > 1.2 {
			t.Errorf("%s has %d parameters, the estimate is %.0f", name, count, c.Size().Weights)
		}
	}
}

// What could only run out of memory is refused with an estimate, and costs nothing.
func TestTooLargeModels(t *testing.T) {
	said := regexp.MustCompile(
		`^vit: about \S+ weights and \S+ values for an image, \S+ GiB in training with 32 ` +
			`images at once; want at most 1.34e\+08 weights and values: a smaller image, `)
	for what, change := range map[string]func(c *vit.Config){
		"hidden":   func(c *vit.Config) { c.Hidden = 1_000_000_000 },
		"depth":    func(c *vit.Config) { c.Depth = 1_000_000 },
		"layers":   func(c *vit.Config) { c.Layers = 1_000_000 },
		"classes":  func(c *vit.Config) { c.Classes = math.MaxInt },
		"embed":    func(c *vit.Config) { c.Embed = 1 << 40 },
		"image":    func(c *vit.Config) { c.Image = 1 << 50 },
		"channels": func(c *vit.Config) { c.Channels = math.MaxInt },
		"stem":     func(c *vit.Config) { c.Stem = []int{1 << 20, 1 << 20} },
		"all":      func(c *vit.Config) { c.Hidden, c.Depth, c.Embed = math.MaxInt, math.MaxInt, math.MaxInt },
	} {
		c := named(t, "hqvit")
		change(&c)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := c.Check()
		if _, built := vit.New(c); built == nil || err == nil || !said.MatchString(err.Error()) {
			t.Errorf("%s: %v", what, err)
		}
		if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 1<<20 {
			t.Errorf("%s: %d bytes allocated", what, after.TotalAlloc-before.TotalAlloc)
		}
	}
}
