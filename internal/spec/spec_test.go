package spec_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/spec"
)

// oven has a field of each type that a text can set, and one that none sets.
type oven struct {
	Heat    float64 `yaml:"heat"`
	Shelves int     `yaml:"shelves,omitempty"`
	Fan     bool    `yaml:"fan"`
	Note    string  `yaml:"note"`
	Owner   string
	Parts   []int `yaml:"parts"`
}

func (o oven) Check() error {
	if o.Heat > 300 {
		return errors.Errorf("heat %v, want at most 300", o.Heat)
	}
	return nil
}

// steamer is a configuration behind a pointer; plate has no fields.
type (
	steamer struct {
		Water float32 `yaml:"water"`
	}
	plate func()
)

type row struct {
	name  string
	fresh func() any
}

var table = []row{
	{"oven", func() any { return oven{Heat: 180, Shelves: 2, Owner: "us"} }},
	{"steamer", func() any { return &steamer{0.5} }},
	{"plate", func() any { return plate(func() {}) }},
	{"void", func() any { return nil }},
}

func resolve(text string) (any, string, error) {
	return spec.Resolve("cooker", text, table, func(r row) (string, func() any) { return r.name, r.fresh })
}

func TestResolve(t *testing.T) {
	for text, want := range map[string]struct {
		value     any
		canonical string
	}{
		"oven":                      {oven{Heat: 180, Shelves: 2, Owner: "us"}, "oven"},
		"oven:":                     {oven{Heat: 180, Shelves: 2, Owner: "us"}, "oven"},
		"oven:heat=200":             {oven{Heat: 200, Shelves: 2, Owner: "us"}, "oven:heat=200"},
		"oven:heat=180.0,shelves=2": {oven{Heat: 180, Shelves: 2, Owner: "us"}, "oven"},
		" oven : fan = true, heat=2e2": {oven{Heat: 200, Shelves: 2, Fan: true, Owner: "us"},
			"oven:heat=200,fan=true"},
		"oven:shelves=0,heat=0,note=x": {oven{Note: "x", Owner: "us"}, "oven:heat=0,shelves=0,note=x"},
	} {
		value, canonical, err := resolve(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !reflect.DeepEqual(value, want.value) {
			t.Errorf("%s: %+v, want %+v", text, value, want.value)
		}
		if canonical != want.canonical {
			t.Errorf("%s: canonical %q, want %q", text, canonical, want.canonical)
		}
		if _, again, err := resolve(canonical); err != nil || again != canonical {
			t.Errorf("%s: the canonical text %q is read as %q (%v)", text, canonical, again, err)
		}
	}
}

func TestResolveBehindAPointer(t *testing.T) {
	value, canonical, err := resolve("steamer:water=0.1")
	if err != nil || value.(*steamer).Water != 0.1 || canonical != "steamer:water=0.1" {
		t.Errorf("%+v, %q, %v", value, canonical, err)
	}
	if value, canonical, err := resolve("plate"); err != nil || value == nil || canonical != "plate" {
		t.Errorf("%v, %q, %v", value, canonical, err)
	}
}

func TestResolveRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                     `cooker "", want one of oven, steamer, plate, void`,
		"stove":                `cooker "stove", want one of oven, steamer, plate, void`,
		"void":                 "cooker void: its row makes nothing",
		"oven:hot=1":           `cooker oven: no option "hot", want one of heat, shelves, fan, note, parts`,
		"oven:Owner=me":        `no option "Owner"`,
		"oven:heat":            `heat: "", want a number`,
		"oven:heat=NaN":        `heat: "NaN", want a number`,
		"oven:heat=inf":        `heat: "inf", want a number`,
		"oven:shelves=1.5":     `shelves: "1.5", want a whole number`,
		"oven:fan=yes":         `fan: "yes", want true or false`,
		"oven:heat=1,heat=2":   "heat is set twice",
		"oven:heat=1,":         `no option ""`,
		"oven:heat=400":        "cooker oven:heat=400: heat 400, want at most 300",
		"oven:parts=1":         "a []int cannot be set by a text",
		"plate:heat=1":         `cooker plate: it has no options, got "heat"`,
		"oven:heat=1;fan=true": `heat: "1;fan=true", want a number`,
	} {
		if _, _, err := resolve(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want it to say %q", text, err, want)
		}
	}
}

func TestOptions(t *testing.T) {
	for want, r := range map[string]row{
		"heat=180,shelves=2,fan=false,note=,parts=[]": table[0],
		"water=0.5": table[1],
		"":          table[2],
	} {
		if got := spec.Options(r.fresh); got != want {
			t.Errorf("%s: %q, want %q", r.name, got, want)
		}
	}
	if got := spec.Options[any](nil); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}
