package data

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/internal/words"
)

// Options say where a set is and how it is split. The zero value is ready
// for use.
type Options struct {
	// Dir is the data directory: files lie in Dir/NAME or in Dir itself, and
	// downloads go to Dir/NAME. Empty: the environment variable HQVIT_DATA,
	// else hqvit in the user's cache directory.
	Dir        string
	NoDownload bool

	// A set that does not come with validation images has some of its
	// training images held out for it, from each class its share. Seed
	// chooses them. ValCount is their number; 0 means ValFraction, in (0,1),
	// of the training images; if that is 0 too, the number of the set's row
	// (MNIST: 5,000), or a tenth; below 0 means none.
	Seed        uint64
	ValCount    int
	ValFraction float64

	// Size and Channels bring the images of a folder to Size×Size and to 1
	// or 3 channels, as Picture.Split does. 0 leaves them as they are, and then
	// they must all have the same size.
	Size, Channels int

	// Shape, if it is given, is that of the images of a folder instead, which need not be square.
	Shape Shape

	// Table and Target are those of a model: a file of comma-separated values is
	// read as the table says, and not as its columns suggest. nil: as they suggest.
	Table  *Table
	Target Target

	// Whole is for evaluation: the images of a set without splits of its own all stay in Train, no validation
	// split is cut, and there need not be training images.
	Whole bool

	Log    *slog.Logger // nil: silent
	Client *http.Client // for downloads; nil: the package's own

	// Progress reports downloads, in bytes. The total is -1 if it is unknown. It may be nil.
	Progress func(file string, done, total int64)

	form map[string]string // the options of the set's name
}

func (o Options) log() *slog.Logger {
	if o.Log == nil {
		return slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	return o.Log
}

// List returns a description of every listed set. The caller may change them.
func List() []Info {
	all := make([]Info, len(table))
	for i, d := range table {
		all[i] = d.clone()
	}
	return all
}

// Describe returns the description of a listed set. The error for an unknown
// name lists the known ones.
func Describe(name string) (Info, error) {
	d, err := lookUp(name)
	return d.clone(), errors.WithMessage(err, "data")
}

func lookUp(name string) (Info, error) {
	var names []string
	for _, d := range table {
		if d.Name == name {
			return d, nil
		}
		names = append(names, d.Name)
	}
	if _, err := os.Stat(name); err == nil && name != "" {
		var forms []string
		for _, k := range kinds {
			if k.takes == "" {
				forms = append(forms, k.name+":"+name)
			}
		}
		return Info{}, errors.Errorf("unknown set %q; for the folder or file of that name write %s", name,
			words.List(forms, "or"))
	}
	return Info{}, errors.Errorf("unknown set %q%s, want %s or one of %s", name, suggest.Among(name, names),
		strings.Join(Forms(), ", "), strings.Join(names, " "))
}

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

// Load reads a listed set, or the user's own by one of the Forms, such as
// folder:PATH. A missing file of a listed set is downloaded, unless the
// options forbid it.
//
// It returns an error if a file is missing, has the wrong digest or is
// malformed; the message says how to place the file by hand. It returns the
// context's error if that is done during a download or while a folder of
// images is read. What has been downloaded by then is kept, and the next call
// continues from there.
func Load(ctx context.Context, name string, o Options) (*Set, error) {
	if err := requireContext(ctx); err != nil {
		return nil, err
	}
	set := &Set{Name: name}
	err := set.load(ctx, o)
	if err != nil {
		return nil, errors.WithMessagef(err, "data: %s", name)
	}
	return set, nil
}

// requireContext rejects a nil context, on which package context panics.
func requireContext(ctx context.Context) error {
	if ctx == nil {
		return errors.New("data: the context is nil, want context.Background() or one that can be cancelled")
	}
	return nil
}

func (s *Set) load(ctx context.Context, o Options) error {
	if !(o.ValFraction >= 0 && o.ValFraction < 1) {
		return errors.Errorf("validation fraction %v, want [0,1)", o.ValFraction)
	}
	byDefault := 0
	own, path, form, err := ownSet(s.Name)
	o.form = form
	switch {
	case err != nil:
		return err
	case own != nil:
		s.Title, s.Source = filepath.Base(path), path
		if err := own.load(ctx, s, path, o); err != nil {
			return err
		}
	default:
		d, err := lookUp(s.Name)
		if err != nil {
			return err
		}
		if err := d.loadInto(ctx, s, o); err != nil {
			return err
		}
		byDefault = d.holdOut
	}
	if err := s.check(); err != nil {
		return err
	}
	var cut []*Split
	if s.Unsplit {
		cut = append(cut, &s.Test)
	}
	switch {
	case o.Whole && s.Train.Len()+s.Val.Len()+s.Test.Len() > 0:
		return nil
	case s.Train.Len() == 0:
		return errors.Errorf("no training %ss", s.Kind().Noun())
	case s.Val.Len() == 0:
		if err := s.holdOut(&s.Val, o.validationCount(s.Train.Len(), byDefault), o.Seed); err != nil {
			return errors.WithMessage(err, "validation")
		}
		cut = append(cut, &s.Val)
	}
	if s.Table != nil {
		s.knowWords(cut...)
	}
	s.noteEmpty()
	return nil
}

// validationCount returns how many of n training images to hold out.
func (o Options) validationCount(n, byDefault int) int {
	switch {
	case o.ValCount != 0:
		return max(o.ValCount, 0)
	case o.ValFraction > 0:
		return int(o.ValFraction * float64(n))
	case byDefault > 0:
		return byDefault
	}
	return n / 10
}

// loadInto reads a listed set from its files.
func (d Info) loadInto(ctx context.Context, set *Set, o Options) error {
	set.Title, set.Classes, set.Licence, set.Source = d.Title, slices.Clone(d.Classes), d.Licence, d.Source
	set.Target, set.Scale = d.Target, byteScale
	var files [][]byte
	for _, f := range d.Files {
		content, _, err := d.obtain(ctx, f, o)
		if err != nil {
			return err
		}
		files = append(files, content)
	}
	return d.load(ctx, set, files)
}
