package chart_test

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/draw"
	"github.com/hqvit/hqvit/train/report/chart"
)

// A title and the names of classes have room in fonts that are a sixth wider than Helvetica, as DejaVu Sans
// is.
func TestRoomForWiderFonts(t *testing.T) {
	title := "hqvit-stem:uniform:mean on folder-photographs-of-insects, test split"
	var b bytes.Buffer
	if err := chart.Confusion(&b, title, [][]int{{1, 0}, {0, 1}},
		[]string{"white-tailed bumblebee", "wasp"}); err != nil {
		t.Fatal(err)
	}
	number := func(pattern string) float64 {
		m := regexp.MustCompile(pattern).FindStringSubmatch(b.String())
		if m == nil {
			t.Fatalf("no %s", pattern)
		}
		v, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if got, want := number(`width="([0-9.]+)"`), 1.17*(draw.Face{Size: 15}).Width(title); got < want {
		t.Errorf("the picture is %v wide, want %v for its title", got, want)
	}
	end := number(`<text x="([0-9.]+)"[^>]*>white-tailed bumblebee<`)
	if want := 1.17 * (draw.Face{Size: 11}).Width("white-tailed bumblebee"); end < want {
		t.Errorf("a name ends at %v, want %v", end, want)
	}
	if strings.Contains(b.String(), "…") {
		t.Error("a name is cut")
	}
}
