package data

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/internal/words"
)

// kind is a form of the pictures and arrays that a user has: NAME:PATH, and for some NAME:PATH:OPTION=VALUE.
type kind struct {
	name    string
	load    func(ctx context.Context, set *Set, path string, o Options) error
	takes   string   // what stands after the colon; empty: a path
	options []string // that may follow it
}

var kinds = []kind{
	{name: "folder", load: loadFolder},
	{name: "idx", load: loadIDXFolder},
	{name: "npz", load: loadNPZFile, options: []string{"of", "as"}},
	{name: "parquet", load: loadParquet},
	{name: "hub", load: loadHub, takes: "ORG/NAME"},
	{name: "csv", load: loadCSV, options: []string{"target", "drop", "as"}},
}

// form returns how sets of the kind are named.
func (k kind) form() string { return k.name + ":" + cmp.Or(k.takes, "PATH") }

// isOption matches the end of a name that is an option.
var isOption = regexp.MustCompile(`:([a-z]+)=([^:]*)$`)

// parse splits what follows the name of a kind into the path and the options behind it.
func (k kind) parse(text string) (path string, options map[string]string, err error) {
	options = map[string]string{}
	for path = text; len(k.options) > 0; {
		m := isOption.FindStringSubmatch(path)
		if m == nil {
			break
		}
		if !slices.Contains(k.options, m[1]) {
			return "", nil, errors.Errorf("%s: no option %q%s, want %s", k.name, m[1],
				suggest.Among(m[1], k.options), words.List(k.options, "or"))
		}
		if _, twice := options[m[1]]; twice || m[2] == "" {
			return "", nil, errors.Errorf("%s: option %s is given twice or has no value", k.name, m[1])
		}
		path, options[m[1]] = path[:len(path)-len(m[0])], m[2]
	}
	for name, value := range options {
		err = nil
		switch name {
		case "as":
			_, err = parseTarget(value)
		case "of":
			_, err = parseKind(value)
		}
		if err != nil {
			return "", nil, errors.WithMessage(err, k.name)
		}
	}
	return path, options, nil
}

// Title returns the name of a set without what depends on the place of its files: npz-digits.npz of
// npz:data/digits.npz. It says which file it is, and not how it is read.
func Title(name string) string {
	own, path, _, err := ownSet(name)
	if err != nil || own == nil {
		if kind, path, ok := strings.Cut(name, ":"); ok {
			return kind + "-" + filepath.Base(path)
		}
		return name
	}
	return own.name + "-" + filepath.Base(path)
}

// Forms returns how sets of a user's own are named, such as folder:PATH.
func Forms() []string {
	var forms []string
	for _, k := range kinds {
		forms = append(forms, k.form())
	}
	return forms
}

// CheckName returns an error unless a name is one that Load knows, or of one of the Forms. Whether the files
// are there is for Load to find out.
func CheckName(name string) error {
	_, _, _, err := ownSet(name)
	return errors.WithMessage(err, "data")
}

// SameFiles reports whether two names are those of one set: the same listed one, or the same file or folder
// of the user's, whatever their options say of how it is read.
func SameFiles(a, b string) bool {
	own, path, _, err := ownSet(a)
	other, otherPath, _, otherErr := ownSet(b)
	if a == b || err != nil || otherErr != nil || own == nil || own != other {
		return a == b
	}
	file, err := os.Stat(path)
	otherFile, otherErr := os.Stat(otherPath)
	return filepath.Clean(path) == filepath.Clean(otherPath) ||
		err == nil && otherErr == nil && os.SameFile(file, otherFile)
}

// ownSet returns the kind, the path and the options of a user's own set; no kind for a listed one.
func ownSet(name string) (k *kind, path string, options map[string]string, err error) {
	prefix, path, own := strings.Cut(name, ":")
	for i := range kinds {
		switch {
		case !own || kinds[i].name != prefix:
		case path == "":
			return nil, "", nil, errors.Errorf("%q has no path, want %s", name, kinds[i].form())
		default:
			path, options, err := kinds[i].parse(path)
			return &kinds[i], path, options, err
		}
	}
	_, err = lookUp(name)
	if _, missing := os.Stat(name); own && missing != nil {
		var names []string
		for _, k := range kinds {
			names = append(names, k.name)
		}
		err = errors.Errorf("%q: unknown kind %q%s, want %s", name, prefix, suggest.Among(prefix, names),
			words.List(Forms(), "or"))
	}
	return nil, "", nil, err
}
