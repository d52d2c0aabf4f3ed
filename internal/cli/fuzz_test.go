package cli

import (
	"github.com/hqvit/hqvit/vit"
	"runtime"
	"strings"
	"testing"
)

// Any configuration gives a run that can start or one line of error, and allocates little memory, whatever
// sizes it asks for.
func FuzzConfig(f *testing.F) {
	f.Add("data: mnist\nmodel: hqvit\nlimit: 50\n")
	f.Add("data: mnist\nepoch: 3\n")
	f.Add("epochs: 1e99\nbatch: -1\nlr: .nan\nseed: 18446744073709551616\n")
	f.Add("batch: 128\nmicro: 32\narchitecture: {model: transformer, image: 32, channels: 1, classes: 10," +
		" patch: 8, depth: 2, hidden: 128, heads: 4, embed: 64, score: dot, pooling: flatten}\n")
	f.Add("augmentation: {shift: 1, rotate: .inf, cutmix: 9}\n")
	f.Add("a: &a [*a, *a]\n? {b: c}\n: - !!binary x\n---\n%YAML")
	f.Add("data: \"\\x00\xff\"\nmodel: hqvit:" + strings.Repeat("x", 100))
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<12 {
			return
		}
		c := newConfig(vit.Catalog{})
		c.Model = "hqvit"
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := c.parse("f.yaml", []byte(text))
		if err == nil {
			c, err = c.resolve()
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
			t.Errorf("%d bytes allocated for a configuration of %d", n, len(text))
		}
		if err == nil && c.Architecture.Check() != nil {
			t.Error("a model that cannot be made, and no error")
		}
		if err != nil && oneLine(err) == "" {
			t.Error("an error without words")
		}
	})
}
