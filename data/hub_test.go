package data

import (
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

// hubFiles puts a data set into a cache in the layout of the Hub's clients, and returns the cache.
func hubFiles(t *testing.T, id string, files map[string][]byte) (cache string) {
	t.Helper()
	cache = t.TempDir()
	dir := filepath.Join(cache, "datasets--"+strings.ReplaceAll(id, "/", "--"))
	put := func(path string, content []byte) {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put(filepath.Join(dir, "refs", "main"), []byte(commit))
	for name, content := range files {
		blob := fmt.Sprintf("%x", sha256.Sum256(content))
		if !strings.HasSuffix(name, ".parquet") { // small files have the digest of git
			blob = fmt.Sprintf("%x", sha1.Sum(append([]byte(fmt.Sprintf("blob %d\x00", len(content))), content...)))
		}
		put(filepath.Join(dir, "blobs", blob), content)
		link := filepath.Join(dir, "snapshots", commit, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
			t.Fatal(err)
		}
		up := strings.Repeat("../", 2+strings.Count(name, "/"))
		if err := os.Symlink(filepath.FromSlash(up+"blobs/"+blob), link); err != nil {
			t.Skip("links cannot be made here: ", err)
		}
	}
	return cache
}

func hubSet() map[string][]byte {
	return map[string][]byte{"README.md": []byte("---\n"), "mnist/train-00000-of-00001.parquet": shardOf(0, 20),
		"mnist/test-00000-of-00001.parquet": shardOf(50, 4)}
}

func TestHub(t *testing.T) {
	cache := hubFiles(t, "ylecun/mnist", hubSet())
	t.Setenv("HF_HUB_CACHE", cache)
	for _, name := range []string{"ylecun/mnist", "ylecun/mnist/mnist", "ylecun/mnist:revision=main",
		"ylecun/mnist:label=label,revision=" + commit} {
		set, err := Load(t.Context(), "hub:"+name, Options{Seed: 1})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if set.Train.Len() != 18 || set.Val.Len() != 2 || set.Test.Len() != 4 || set.Title != "mnist" ||
			set.Classes[1] != "cat" || !strings.Contains(set.Source, commit) ||
			!strings.Contains(set.Notes[0], commit) {
			t.Errorf("%s: %+v", name, set)
		}
	}
	// An old data set without an owner, and one in the other variables.
	old := hubFiles(t, "mnist", hubSet())
	for _, c := range []struct{ variable, below string }{{"HF_HUB_CACHE", ""}, {"HUGGINGFACE_HUB_CACHE", ""},
		{"HF_HOME", "hub"}, {"XDG_CACHE_HOME", "huggingface/hub"}, {"HOME", ".cache/huggingface/hub"}} {
		if c.variable == "HOME" && runtime.GOOS == "windows" {
			continue
		}
		for _, name := range []string{"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"} {
			t.Setenv(name, "")
		}
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, c.below)), 0o755); err != nil {
			t.Fatal(err)
		}
		if c.below == "" {
			dir = old
		} else if err := os.Symlink(old, filepath.Join(dir, c.below)); err != nil {
			t.Fatal(err)
		}
		t.Setenv(c.variable, dir)
		for _, name := range []string{"mnist", "mnist/mnist"} {
			if _, err := Load(t.Context(), "hub:"+name, Options{}); err != nil {
				t.Errorf("%s by %s: %v", name, c.variable, err)
			}
		}
	}
}

// What is missing or not as it was downloaded is an error that says what to run, and no link leads out of the
// cache.
func TestHubErrors(t *testing.T) {
	for name, c := range map[string]struct {
		change func(dir string) error // of the data set
		set    string
		fails  []string
	}{
		"not there": {nil, "zalando/fashion", []string{"zalando/fashion is not in the cache",
			"there is ylecun/mnist; to fill it, run where there is a network: hf download --repo-type " +
				"dataset zalando/fashion"}},
		"mistyped": {nil, "ylecun/mnits", []string{"ylecun/mnits (did you mean ylecun/mnist?) is not in " +
			"the cache"}},
		"revision": {nil, "ylecun/mnist:revision=refs/pr/3", []string{"revision refs/pr/3 of ylecun/mnist " +
			"is not in the cache; there is main, " + commit, "--revision refs/pr/3"}},
		"climbing": {nil, "ylecun/mnist:revision=../../../etc/passwd",
			[]string{`"../../../etc/passwd" is no revision`}},
		"no commit": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "refs", "main"), []byte("../../secret"), 0o644)
		}, "ylecun/mnist", []string{`refs/main of ylecun/mnist holds "../../secret", want a commit`}},
		"no snapshot": {func(dir string) error { return os.RemoveAll(filepath.Join(dir, "snapshots")) },
			"ylecun/mnist",
			[]string{"commit " + commit + " of ylecun/mnist is not in the cache; there is main; to fill it"}},
		"no folder": {nil, "ylecun/mnist/fashion", []string{"there is no folder fashion in ylecun/mnist"}},
		"no name":   {nil, "ylecun/../mnist", []string{"is no name of a data set on the Hub, want ORG/NAME"}},
		"a blob is gone": {func(dir string) error { return os.RemoveAll(filepath.Join(dir, "blobs")) },
			"ylecun/mnist", []string{"has not been downloaded completely; to fill it, run"}},
		"a bit is flipped": {func(dir string) error {
			link := filepath.Join(dir, "snapshots", commit, "mnist", "train-00000-of-00001.parquet")
			content, err := os.ReadFile(link)
			if err == nil {
				content[len(content)/2] ^= 1
				err = os.WriteFile(link, content, 0o644) // through the link
			}
			return err
		}, "ylecun/mnist", []string{"train-00000-of-00001.parquet: the file is not what was downloaded: " +
			"its digest is", "delete it, and to fill it, run"}},
		"a link out": {func(dir string) error {
			out := filepath.Join(filepath.Dir(dir), "out.parquet")
			if err := os.WriteFile(out, shardOf(0, 20), 0o644); err != nil {
				return err
			}
			link := filepath.Join(dir, "snapshots", commit, "mnist", "train-00000-of-00001.parquet")
			if err := os.Remove(link); err != nil {
				return err
			}
			return os.Symlink("../../../../out.parquet", link)
		}, "ylecun/mnist", []string{"is a link that leads out of the cache, which is not followed"}},
	} {
		t.Run(name, func(t *testing.T) {
			cache := hubFiles(t, "ylecun/mnist", hubSet())
			t.Setenv("HF_HUB_CACHE", cache)
			if c.change != nil {
				if err := c.change(filepath.Join(cache, "datasets--ylecun--mnist")); err != nil {
					t.Fatal(err)
				}
			}
			_, err := Load(t.Context(), "hub:"+c.set, Options{})
			wantError(t, err, c.fails...)
		})
	}
	t.Setenv("HF_HUB_CACHE", filepath.Join(t.TempDir(), "none"))
	_, err := Load(t.Context(), "hub:a/b", Options{})
	wantError(t, err, "a/b is not in the cache", "there is nothing; to fill it")
}

// Where links cannot be made, clients copy the files, whose names then say no digest.
func TestHubOfCopies(t *testing.T) {
	files := map[string][]byte{"refs/main": []byte(commit)}
	for name, content := range hubSet() {
		files["snapshots/"+commit+"/"+name] = content
	}
	inCache := map[string][]byte{}
	for name, content := range files {
		inCache["datasets--ylecun--mnist/"+name] = content
	}
	t.Setenv("HF_HUB_CACHE", write(t, inCache))
	set, err := Load(t.Context(), "hub:ylecun/mnist", Options{})
	if err != nil || set.Test.Len() != 4 || !strings.Contains(strings.Join(set.Notes, "; "),
		"2 files could not be verified") {
		t.Errorf("%v, %+v", err, set)
	}
}
