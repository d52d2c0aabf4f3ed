package rundir_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train/rundir"
)

// A path that is that of a run gives its weights; another one an error that says what is there and what is
// near.
func TestFindWeights(t *testing.T) {
	t.Chdir(t.TempDir())
	touch := func(path string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"runs/a/best.safetensors", "runs/study/runs/vit/s1/best.safetensors",
		"runs/begun/config.yaml", "runs/empty/notes.txt", "own.safetensors", ".hidden/x/best.safetensors"} {
		touch(path)
	}
	for path, want := range map[string]string{"runs/a": "runs/a/best.safetensors",
		"own.safetensors": "own.safetensors"} {
		if got, err := rundir.FindWeights(path); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", path, got, err, want)
		}
	}
	for path, want := range map[string]string{
		"": "the path is empty",
		"runs": "runs holds no run, want the directory of one, with its best.safetensors; runs in it: runs/a, " +
			"runs/begun, runs/study/runs/vit/s1",
		"runs/b": "runs/b: no such file or directory; runs near it: runs/a, runs/begun, " +
			"runs/study/runs/vit/s1",
		"runs/empty": "runs/empty holds no run, want the directory of one, with its best.safetensors; " +
			"runs near it: runs/a",
		"a":           "a: no such file or directory; runs near it: runs/a, runs/begun, runs/study/runs/vit/s1",
		"no/such/dir": "no/such/dir: no such file or directory",
		"runs/begun":  "the run in runs/begun has no best.safetensors, which comes with its first epoch: resume it",
	} {
		_, err := rundir.FindWeights(path)
		if err == nil || !strings.HasPrefix(err.Error(), want) || !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%q: %v, want %s", path, err, want)
		}
	}
	for i := range 12 {
		touch(fmt.Sprintf("many/%02d/last.ckpt", i))
	}
	if text := rundir.NearText("many"); !strings.HasSuffix(text, "many/04, many/05 and 6 more") {
		t.Error(text)
	}
	for i := range 3 { // a line stays readable
		touch(fmt.Sprintf("%s/%02d/last.ckpt", strings.Repeat("long", 15), i))
	}
	if text := rundir.NearText(strings.Repeat("long", 15)); !strings.HasSuffix(text, "long/00 and 2 more") {
		t.Error(text)
	}
	for i := range 600 { // of a large tree not all is looked at
		if err := os.MkdirAll(fmt.Sprintf("large/%04d", i), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	touch("large/0000/best.safetensors")
	touch("large/0599/best.safetensors")
	if got := rundir.Find("large"); fmt.Sprint(got) != "[large/0000]" {
		t.Errorf("%v in a large tree", got)
	}
}
