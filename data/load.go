package data

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
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
