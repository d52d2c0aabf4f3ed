package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// An archive holds its files in the order of their names, with their modes, one time and no owner, and is the
// same whatever the order in which they were given.
func TestPack(t *testing.T) {
	at := time.Unix(1790000000, 0).UTC()
	files := []file{{"hqvit", 0o755, []byte("program")}, {"LICENSE", 0o644, []byte("licence")},
		{"b.txt", 0o644, bytes.Repeat([]byte("ab"), 999)}}
	other := slices.Clone(files)
	slices.Reverse(other)
	want := "a/LICENSE a/b.txt a/hqvit"

	packed, err := packTar("a", at, files)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := packTar("a", at, other); err != nil || !bytes.Equal(packed, again) {
		t.Error("tar: another order makes other bytes")
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil || z.Name != "" || !z.ModTime.IsZero() {
		t.Fatalf("gzip: %v, name %q, time %v", err, z.Name, z.ModTime)
	}
	var names []string
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil || len(content) != int(h.Size) || h.Uid != 0 || h.Uname != "" || !h.ModTime.Equal(at) ||
			(h.Mode == 0o755) != (h.Name == "a/hqvit") {
			t.Errorf("%+v: %v", h, err)
		}
		names = append(names, h.Name)
	}
	if got := strings.Join(names, " "); got != want {
		t.Errorf("tar: %s, want %s", got, want)
	}

	if packed, err = packZip("a", at, files); err != nil {
		t.Fatal(err)
	}
	if again, err := packZip("a", at, other); err != nil || !bytes.Equal(packed, again) {
		t.Error("zip: another order makes other bytes")
	}
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	names = nil
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil || len(content) != int(f.UncompressedSize64) || !f.Modified.Equal(at) ||
			(f.Mode() == 0o755) != (f.Name == "a/hqvit") {
			t.Errorf("%+v: %v", f, err)
		}
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != want {
		t.Errorf("zip: %s, want %s", got, want)
	}
}

// Files of licences are found by their usual names, and no others.
func TestLicenceFile(t *testing.T) {
	for _, name := range []string{"LICENSE", "LICENCE.md", "license.txt", "COPYING", "NOTICE",
		"LICENSE-APACHE", "PATENTS"} {
		if !licenceFile.MatchString(name) {
			t.Errorf("%s is not taken for one", name)
		}
	}
	for _, name := range []string{"README.md", "licenses_test", "notices", "LICENSEE"} {
		if licenceFile.MatchString(name) {
			t.Errorf("%s is taken for one", name)
		}
	}
}

// What cannot be made is said before anything is built.
func TestReleaseErrors(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	err := run([]string{"-version", "1", "-out", dir})
	if err == nil || !strings.Contains(err.Error(),
		`SOURCE_DATE_EPOCH is "yesterday", want seconds since 1970`) {
		t.Error(err)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "1")
	err = run([]string{"-version", "1", "-out", "."})
	if err == nil || !strings.Contains(err.Error(), "is not empty, want another -out: nothing is overwritten") {
		t.Error(err)
	}
	err = run([]string{"-version", "1", "-out", dir, "-only", "plan9/arm"})
	if err == nil || !strings.Contains(err.Error(), `-only is "plan9/arm", want one of [linux/amd64 `) {
		t.Error(err)
	}
}
