package data

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// pillowImage is the image of testdata/pillow.py, of a kind that it has results for.
func pillowImage(kind string) *raster {
	const size = 9
	r := newRaster(3, size)
	for i := range r.pix {
		r.pix[i] = uint8((i*i*7 + i*31 + i/5) % 256)
		if kind == "dull" || kind == "large" {
			r.pix[i] = 60 + r.pix[i]/3
		}
	}
	switch kind {
	case "grey":
		r.pix, r.spare, r.channels = r.pix[:size*size], r.spare[:size*size], 1
	case "large":
		l := newRaster(3, 4*size)
		for i := range l.pix {
			c, y, x := i/(16*size*size), i/(4*size)%(4*size), i%(4*size)
			l.pix[i] = r.pix[(c*size+y/4)*size+x/4]/2 + 20
		}
		return l
	}
	return r
}

// testdata/pillow.json is what Pillow 9.4 makes of the image: python3 testdata/pillow.py
func TestOperationsAsPillow(t *testing.T) {
	text, err := os.ReadFile("testdata/pillow.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]string
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for what, pixels := range want {
		kind, rest := "", what
		if k, r, ok := strings.Cut(what, " "); ok && (k == "grey" || k == "dull" || k == "large") {
			kind, rest = k, r
		}
		var name string
		var v float64
		if _, err := fmt.Sscan(rest, &name, &v); err != nil {
			t.Fatal(err)
		}
		seen[name] = true
		r := pillowImage(kind)
		for _, o := range operations {
			if o.name == name {
				o.apply(r, v)
			}
		}
		if got := hex.EncodeToString(r.pix); got != pixels {
			t.Errorf("%s: %s, want %s", what, got, pixels)
		}
	}
	for _, o := range operations {
		if !seen[o.name] {
			t.Errorf("%s is not in testdata/pillow.json", o.name)
		}
	}
}
