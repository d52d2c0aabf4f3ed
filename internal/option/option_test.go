package option_test

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/hqvit/hqvit/internal/option"
)

// settings have a field of each type.
type settings struct {
	count int
	seed  uint64
	rate  float64
	name  string
	on    bool
	other choice
	parts string
}

// choice is a flag of a type of its own.
type choice string

func (c choice) String() string      { return string(c) }
func (c *choice) Set(s string) error { *c = choice(s); return nil }
func (c choice) Type() string        { return "bool" }

func (s *settings) rows() []option.Row {
	return []option.Row{
		{Name: "count", Value: &s.count, Default: 3, Within: option.AtLeast(1), Help: "`N` things"},
		{Name: "seed", Value: &s.seed, Default: uint64(7), Help: "seed"},
		{Name: "a_rate", Value: &s.rate, Within: option.Below(0, 1), Single: true, Help: "a | b"},
		{Name: "name", Value: &s.name, Default: "x", Help: "name"},
		{Name: "on", Value: &s.on, Default: true, Help: "on"},
		{Name: "other", Value: &s.other, Help: "other"},
		{Name: "parts", Value: option.List(&s.parts), Help: "a `PART`", Group: "Parts"},
	}
}

func TestFlagsReachTheFields(t *testing.T) {
	var s settings
	option.SetDefaults(s.rows())
	if want := (settings{count: 3, seed: 7, name: "x", on: true}); s != want {
		t.Errorf("defaults %+v, want %+v", s, want)
	}
	fs := pflag.NewFlagSet("s", pflag.ContinueOnError)
	option.Flags(fs, s.rows())
	if got := fs.Lookup("count"); got.DefValue != "3" {
		t.Errorf("--count has the default %q", got.DefValue)
	}
	args := "--count 4 --seed 18446744073709551615 --a-rate 0.25 --name y --on=false --other --parts a,b " +
		"--parts c"
	if err := fs.Parse(strings.Fields(args)); err != nil {
		t.Fatal(err)
	}
	if want := (settings{4, math.MaxUint64, 0.25, "y", false, "true", "a,b,c"}); s != want {
		t.Errorf("%+v, want %+v", s, want)
	}
	want := map[string]string{
		"count": "4", "seed": "18446744073709551615",
		"a_rate": "0.25", "name": "y", "on": "false", "other": "true", "parts": "a,b,c",
	}
	if got := fs.Lookup("parts").Annotations[option.GroupAnnotation]; !slices.Equal(got, []string{"Parts"}) {
		t.Errorf("--parts is in the group %v", got)
	}
	for _, nothing := range []string{"", ",", " , "} {
		if err := fs.Set("parts", nothing); err == nil || s.parts != "a,b,c" {
			t.Errorf("--parts %q: %q, %v, want an error", nothing, s.parts, err)
		}
	}
	if err := fs.Lookup("parts").Value.(pflag.SliceValue).Replace([]string{"d"}); err != nil || s.parts != "d" {
		t.Errorf("parts %q after their replacement, %v", s.parts, err)
	}
	s.parts = "a,b,c"
	if got := option.Texts(s.rows()); !maps.Equal(got, want) {
		t.Errorf("texts %v, want %v", got, want)
	}
}

func TestCheckSaysWhatIsWanted(t *testing.T) {
	for want, change := range map[string]func(s *settings){
		"":                                  func(s *settings) {},
		"count is 0, want at least 1":       func(s *settings) { s.count = 0 },
		"a_rate is 1, want [0,1)":           func(s *settings) { s.rate = 1 },
		"a_rate is NaN, want a finite":      func(s *settings) { s.rate = math.NaN() },
		"a_rate is -Inf, want a finite num": func(s *settings) { s.rate = math.Inf(-1) },
		"a_rate is 1e-50, too small for fl": func(s *settings) { s.rate = 1e-50 },
	} {
		var s settings
		option.SetDefaults(s.rows())
		change(&s)
		err := option.Check(s.rows())
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestRanges(t *testing.T) {
	for _, c := range []struct {
		within option.Range
		words  string
		holds  []float64
		not    []float64
	}{
		{option.AtLeast(2), "at least 2", []float64{2, 3}, []float64{1.9}},
		{option.Above(0), "above 0", []float64{0.1}, []float64{0, -1}},
		{option.Between(0, 1), "[0,1]", []float64{0, 1}, []float64{-0.1, 1.1}},
		{option.Below(0, 1), "[0,1)", []float64{0, 0.9}, []float64{-0.1, 1}},
		{option.Range{}, "", []float64{-1e300, 0}, nil},
	} {
		if c.within.String() != c.words {
			t.Errorf("%q, want %q", c.within, c.words)
		}
		for _, v := range slices.Concat(c.holds, c.not) {
			err := option.Check([]option.Row{{Name: "v", Value: &v, Within: c.within}})
			if (err == nil) != slices.Contains(c.holds, v) {
				t.Errorf("%v within %q: %v", v, c.words, err)
			}
		}
	}
}

func TestMarkdown(t *testing.T) {
	var s settings
	option.SetDefaults(s.rows())
	got := option.Markdown(s.rows()[:3])
	want := "| key, flag | default | allowed | meaning |\n|---|---|---|---|\n" +
		"| `count` | `3` | at least 1 | N things |\n" +
		"| `seed` | `7` |  | seed |\n" +
		"| `a_rate`, `--a-rate` | `0` | [0,1) | a \\| b |\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
