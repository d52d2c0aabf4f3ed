package pretrained_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/pretrained"
	"github.com/hqvit/hqvit/trained"
)

// Each model opens from a directory that is written when it is first needed, and repaired when it is damaged.
func TestEachModelOpens(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	if !pretrained.Has(pretrained.Default) {
		t.Errorf("there is no %s", pretrained.Default)
	}
	for _, name := range pretrained.Names() {
		dir, err := pretrained.Dir(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(dir, cache) || filepath.Base(dir) != name {
			t.Errorf("%s is in %s", name, dir)
		}
		weights := filepath.Join(dir, "best.safetensors")
		sound, err := os.ReadFile(weights)
		if err != nil {
			t.Fatal(err)
		}
		damaged := bytes.Clone(sound)
		damaged[len(damaged)/2] ^= 1
		if err := os.WriteFile(weights, damaged, 0o666); err != nil {
			t.Fatal(err)
		}
		if dir, err = pretrained.Dir(name); err != nil {
			t.Fatal(err)
		}
		if again, err := os.ReadFile(weights); err != nil || !bytes.Equal(again, sound) {
			t.Errorf("%s: damaged weights stay (%v)", name, err)
		}
		m, err := trained.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		if !strings.HasPrefix(name, m.Metadata().Data+"-") {
			t.Errorf("%s was trained on %s", name, m.Metadata().Data)
		}
		files, err := pretrained.Files(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"config.yaml", "summary.json", "best.safetensors"} {
			if _, err := fs.Stat(files, file); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// The digit models read digits.
func TestDigits(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for _, name := range pretrained.Names() {
		if !strings.HasPrefix(name, "mnist-") {
			continue
		}
		dir, err := pretrained.Dir(name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := trained.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		for picture, want := range map[string]string{"seven.png": "7", "zero.png": "0", "three-on-paper.png": "3"} {
			p, err := m.PredictFiles(context.Background(), filepath.Join("..", "testdata", picture))
			if err != nil || p[0].Class != want {
				t.Errorf("%s takes %s for %v (%v)", name, picture, p, err)
			}
		}
	}
}

func TestUnknownModel(t *testing.T) {
	for _, call := range []func(string) error{
		func(name string) error { _, err := pretrained.Dir(name); return err },
		func(name string) error { _, err := pretrained.Files(name); return err },
	} {
		if err := call("mnist-hqvti"); err == nil || !strings.Contains(err.Error(), "did you mean mnist-hqvit") {
			t.Errorf("an unknown name: %v", err)
		}
	}
}

// Without a cache, a model is among the temporary files.
func TestWithoutCache(t *testing.T) {
	blocked, temporary := filepath.Join(t.TempDir(), "file"), t.TempDir()
	if err := os.WriteFile(blocked, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", blocked)
	t.Setenv("TMPDIR", temporary)
	dir, err := pretrained.Dir(pretrained.Default)
	if err != nil || !strings.HasPrefix(dir, temporary) {
		t.Errorf("%s, %v", dir, err)
	}
	t.Setenv("TMPDIR", blocked)
	if dir, err := pretrained.Dir(pretrained.Default); err == nil {
		t.Errorf("without a place to write: %s and no error", dir)
	}
}
