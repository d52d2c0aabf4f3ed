package data

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// withRow adds a row to the table for one test: a set in MNIST's form with
// the given files, and their mirrors.
func withRow(t *testing.T, files map[string][]byte, mirrors ...*mirror) Info {
	t.Helper()
	row := Info{Name: "tiny", Title: "Tiny", Classes: digits, Shape: Shape{2, 3, 1},
		Source: "https://example.org", load: loadIDX}
	for i, name := range idxNames {
		content := files[name]
		if content == nil {
			content = files[plain(name)]
		}
		decoded, err := gunzip(content)
		if err != nil {
			t.Fatal(err)
		}
		f := serve(t, decoded, mirrors...)
		if len(mirrors) > 0 && i < len(mirrors) {
			mirrors[i].content = content
			f.URLs = f.URLs[i : i+1]
		}
		f.Name, f.Decoded = name, true
		row.Files = append(row.Files, f)
	}
	before := table
	t.Cleanup(func() { table = before })
	table = append(slices.Clone(table), row)
	return row
}

func TestListedSetIsFoundWhereverItLies(t *testing.T) {
	files := idxFolder(20, 4)
	nested := make(map[string][]byte)
	for name, content := range files {
		nested["tiny/"+name] = content
	}
	withRow(t, files)
	for name, o := range map[string]Options{
		"in a folder of its name": {Dir: write(t, nested)},
		"in the data directory":   {Dir: write(t, files)},
	} {
		if set, err := Load(t.Context(), "tiny", o); err != nil || set.Train.Len() != 18 ||
			set.Title != "Tiny" {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Setenv("HQVIT_DATA", write(t, nested))
	if _, err := Load(t.Context(), "tiny", Options{}); err != nil {
		t.Errorf("in HQVIT_DATA: %v", err)
	}
	t.Setenv("HQVIT_DATA", "")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	_, err := Load(t.Context(), "tiny", Options{})
	wantError(t, err, filepath.Join(os.Getenv("XDG_CACHE_HOME"), "hqvit", "tiny"))
}

func TestPlacesAreSearchedAndMayBeMissing(t *testing.T) {
	files := idxFolder(20, 4)
	row := withRow(t, files)
	place := write(t, files)
	row.places = func() []string { return []string{filepath.Join(place, "none"), place} }
	for _, f := range row.Files {
		_, path, err := row.find(f, Options{Dir: t.TempDir()})
		if err != nil || filepath.Dir(path) != place {
			t.Errorf("%s: found at %q; %v", f.Name, path, err)
		}
	}
	row.places = func() []string { return []string{filepath.Join(place, "none")} }
	for _, f := range row.Files {
		if _, path, err := row.find(f, Options{Dir: place}); err != nil || filepath.Dir(path) != place {
			t.Errorf("%s: found at %q; %v", f.Name, path, err)
		}
	}
}

func TestMissingFileSaysHowToPlaceIt(t *testing.T) {
	row := withRow(t, idxFolder(20, 4), &mirror{status: 404})
	dir := t.TempDir()
	for _, o := range []Options{{Dir: dir}, {Dir: dir, NoDownload: true}} {
		_, err := Load(t.Context(), "tiny", o)
		wantError(t, err, "data: tiny: ",
			"to place the file by hand, copy "+row.Files[0].URLs[0], row.Files[0].Digest,
			filepath.Join(dir, "tiny", idxNames[0]), "is in none of")
		if got := strings.Contains(err.Error(), "404 Not Found"); got == o.NoDownload {
			t.Errorf("download tried: %v, forbidden: %v", got, o.NoDownload)
		}
	}
	bad := maps.Clone(idxFolder(20, 4))
	bad[idxNames[1]] = idx(0x801, []uint32{20}, make([]byte, 20))
	_, err := Load(t.Context(), "tiny", Options{Dir: write(t, bad), NoDownload: true})
	wantError(t, err, "sha256 is "+digest("sha256", bad[idxNames[1]]),
		"want "+strings.TrimPrefix(row.Files[1].Digest, "sha256:"))
}

func TestFetchAndVerify(t *testing.T) {
	row := withRow(t, idxFolder(20, 4), &mirror{}, &mirror{}, &mirror{}, &mirror{})
	o := Options{Dir: t.TempDir()}
	verify := func(want int) {
		t.Helper()
		status, err := Verify(t.Context(), "tiny", o)
		if err != nil {
			t.Fatal(err)
		}
		good := 0
		for _, s := range status {
			if s.Err == nil && s.Path != "" {
				good++
			}
		}
		if good != want || len(status) != len(row.Files) {
			t.Errorf("%d of %d files verified, want %d", good, len(status), want)
		}
	}
	verify(0)
	paths, err := Fetch(context.Background(), "tiny", o)
	if err != nil {
		t.Fatal(err)
	}
	verify(len(row.Files))
	if err := os.WriteFile(paths[2], []byte("other"), 0o644); err != nil {
		t.Fatal(err)
	}
	verify(len(row.Files) - 1)
	if _, err := Fetch(context.Background(), "tiny", o); err != nil {
		t.Fatal(err)
	}
	verify(len(row.Files))
	for _, f := range []func(string) error{
		func(name string) error { _, err := Describe(name); return err },
		func(name string) error { _, err := Load(t.Context(), name, o); return err },
		func(name string) error { _, err := Verify(t.Context(), name, o); return err },
		func(name string) error { _, err := Fetch(context.Background(), name, o); return err },
	} {
		wantError(t, f("nist"), `unknown set "nist"`, "mnist fashion-mnist", "npz:PATH")
	}
}
