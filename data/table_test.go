package data

import (
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

func TestEveryRowIsComplete(t *testing.T) {
	name := regexp.MustCompile(`^[a-z0-9-]+$`)
	hex := map[string]*regexp.Regexp{"sha256": regexp.MustCompile(`^sha256:[0-9a-f]{64}$`),
		"md5": regexp.MustCompile(`^md5:[0-9a-f]{32}$`)}
	var names, digests []string
	for _, d := range List() {
		names = append(names, d.Name)
		if !name.MatchString(d.Name) || d.Title == "" || d.Licence == "" || d.Source == "" || d.load == nil {
			t.Errorf("%s: name, title, licence, source or loader is missing", d.Name)
		}
		if err := d.check(); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
		classes := slices.Clone(d.Classes)
		slices.Sort(classes)
		if len(classes) < 2 || len(slices.Compact(classes)) != len(d.Classes) {
			t.Errorf("%s: classes %q, want two or more, each once", d.Name, d.Classes)
		}
		if d.Train <= 0 || d.Test <= 0 || (d.Val == 0) == (d.holdOut == 0) {
			t.Errorf("%s: %d train, %d val, %d test, %d to hold out",
				d.Name, d.Train, d.Val, d.Test, d.holdOut)
		}
		if err := d.Augment.Check(); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
		if drawn := d.Source == "this package"; (len(d.Files) == 0) != drawn {
			t.Errorf("%s: %d files", d.Name, len(d.Files))
		}
		for _, f := range d.Files {
			if f.Set == "" { // or it is a file of another row
				digests = append(digests, f.Digest)
			} else if other, err := Describe(f.Set); err != nil ||
				!slices.ContainsFunc(other.Files, func(o File) bool {
					return o.Name == f.Name && o.Digest == f.Digest
				}) {
				t.Errorf("%s: %s is no file of %s (%v)", d.Name, f.Name, f.Set, err)
			}
			if !hex["sha256"].MatchString(f.Digest) && !hex["md5"].MatchString(f.Digest) ||
				f.Name != filepath.Base(f.Name) {
				t.Errorf("%s: %s has the digest %q", d.Name, f.Name, f.Digest)
			}
			for _, mirror := range f.URLs {
				if u, err := url.Parse(mirror); err != nil || u.Scheme != "https" || u.Host == "" {
					t.Errorf("%s: mirror %q", d.Name, mirror)
				}
			}
		}
		if got, err := Describe(d.Name); err != nil || got.Title != d.Title {
			t.Errorf("Info(%q) is %q; %v", d.Name, got.Title, err)
		}
	}
	for what, all := range map[string][]string{"name": names, "digest": digests} {
		slices.Sort(all)
		if n := len(all); len(slices.Compact(all)) != n {
			t.Errorf("a %s occurs twice: %q", what, all)
		}
	}
}
