package rundir_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train/rundir"
)

// A sealed file is refused with any one character of its seal changed or missing, or read as it was; a file
// that was never sealed is read.
func TestBrokenSeal(t *testing.T) {
	dir := t.TempDir()
	d, err := rundir.Open(dir, false, false)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Begin([]byte("lr: 0.1\nepochs: 3\n")); err != nil {
		t.Fatal(err)
	}
	type value struct {
		A int `json:"a"`
	}
	if err := rundir.SaveJSON(filepath.Join(dir, "a.json"), value{7}); err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func(path string) (same bool, err error){
		rundir.ConfigFile: func(path string) (bool, error) {
			text, err := rundir.ReadConfig(path)
			return string(text) == "lr: 0.1\nepochs: 3\n", err
		},
		"a.json": func(path string) (bool, error) {
			var v value
			err := rundir.ReadJSON(path, "restore it", &v)
			return v == value{7}, err
		},
	} {
		path := filepath.Join(dir, name)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := read(path); !same || err != nil {
			t.Fatalf("%s as it was written: %v", name, err)
		}
		from := bytes.Index(whole, []byte("sha256")) - 3
		for at := max(0, from); at < min(len(whole), from+105); at++ {
			for _, wrong := range []string{"", "x", "0", "F", " ", "\n", "\""} {
				changed := slices.Concat(whole[:at], []byte(wrong), whole[at+1:])
				if bytes.Equal(changed, whole) {
					continue
				}
				if err := os.WriteFile(path, changed, 0o644); err != nil {
					t.Fatal(err)
				}
				if same, err := read(path); err == nil && !same || err != nil &&
					!errors.Is(err, rundir.ErrDamaged) {
					t.Fatalf("%q is read without a word (%v)", changed, err)
				} else if err == nil && at < len(whole)-1 {
					t.Errorf("%q is read as if nothing were wrong with its seal", changed)
				}
			}
		}
	}
	for _, text := range []string{
		"", "epochs: 3\n", "from: runs/0123456789abcdef0123456789abcdef\n", "# a recipe\nlr: 1\n", "{lr: 1}\n",
	} {
		path := filepath.Join(dir, "own.yaml")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := rundir.ReadConfig(path); err != nil || string(got) != text {
			t.Errorf("%q is read as %q (%v)", text, got, err)
		}
	}
}
