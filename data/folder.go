package data

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
)

// loadFolder fills a set from a folder, or a zip file of one, that holds
//
//	train/CLASS/*.png, test/CLASS/*.png, perhaps val/CLASS/*.png; or
//	CLASS/*.png, and then a fifth of each class becomes the test split.
//
// The splits may have any of their names, in any case. The classes are the folders with pictures of the
// training split in the order of their names. What is no picture is left out and counted. An archive that is
// the file of a listed set takes that set's title.
func loadFolder(ctx context.Context, set *Set, dir string, o Options) error {
	info, err := os.Stat(dir)
	if err != nil {
		return errors.WithStack(err)
	}
	if info.IsDir() {
		return newImageFolder(os.DirFS(dir), o).load(ctx, set)
	}
	if info.Size() > setMemory() {
		return checkMemory(float64(info.Size()))
	}
	content, err := os.ReadFile(dir)
	if err != nil {
		return errors.WithStack(err)
	}
	if !strings.EqualFold(filepath.Ext(dir), ".zip") && !bytes.HasPrefix(content, []byte("PK")) {
		return errors.Errorf("want a folder or a zip file of one, the file is %s", looksLike(content))
	}
	for _, d := range table {
		if len(d.Files) == 1 && d.Files[0].Digest == "sha256:"+digest("sha256", content) {
			set.Title, set.Licence, set.Source = d.Title, d.Licence, d.Source
		}
	}
	return loadZip(ctx, set, content, o)
}

func loadZip(ctx context.Context, set *Set, content []byte, o Options) error {
	archive, err := openZip(content)
	if err != nil {
		return err
	}
	return newImageFolder(archive, o).load(ctx, set)
}

// imageFolder reads images from a folder on disk or in an archive.
type imageFolder struct {
	fs.FS
	options Options
	skipped skipped
	loose   int      // pictures that stand in no class folder
	deep    []string // folders within class folders, with pictures
	beside  []string // folders beside those of the splits
	survey  survey   // of all pictures
}

func newImageFolder(files fs.FS, o Options) *imageFolder {
	return &imageFolder{FS: files, options: o, skipped: skipped{}}
}

// labelled is an image file and the index of its class.
type labelled struct {
	path  string
	label int
}

func (f *imageFolder) load(ctx context.Context, set *Set) error {
	folders, err := f.splitFolders()
	if err != nil {
		return err
	}
	set.Unsplit = folders == [3]string{}
	if set.Unsplit {
		if folders[0], err = f.root(); err != nil {
			return err
		}
	}
	var files [3][]labelled
	for i, dir := range folders {
		if dir == "" {
			continue
		}
		if files[i], err = f.list(dir, set, i); err != nil {
			return err
		}
	}
	if len(slices.Concat(files[:]...)) == 0 || len(files[0]) == 0 && !f.options.Whole {
		return f.nothing(cmp.Or(folders[0], "."))
	}
	if set.Unsplit && !f.options.Whole {
		files = f.holdOutTest(files[0], len(set.Classes))
	}
	shape, err := f.shape(slices.Concat(files[:]...))
	if err != nil {
		return err
	}
	for i, split := range set.splits() {
		if *split, err = f.read(ctx, files[i], shape); err != nil {
			return err
		}
	}
	if f.options.Channels == 0 && f.options.Shape == (Shape{}) {
		set.dropEqualChannels()
	}
	set.Scale = byteScale
	f.note(set)
	return nil
}

// note says what was left out or decided.
func (f *imageFolder) note(set *Set) {
	set.note(f.skipped.String())
	if f.loose > 0 {
		set.note("left out beside the class folders: " + words.Count(f.loose, "picture"))
	}
	f.survey.note(set)
	if len(f.beside) > 0 {
		set.note("folders that are no split with class folders were left out: " + list(f.beside))
	}
	if len(f.deep) > 0 {
		set.note("pictures in folders within a class folder count to that class: " + list(f.deep))
	}
}

// nothing is the error of a folder without a picture in a class folder.
func (f *imageFolder) nothing(dir string) error {
	there, text := "is nothing", ""
	if dirs, err := f.dirs(dir); err == nil && len(dirs) > 0 {
		there = "are the folders " + list(dirs)
	}
	if f.loose > 0 {
		text = fmt.Sprintf(" and %s in none", words.Count(f.loose, "picture"))
	}
	if len(f.skipped) > 0 {
		text += "; " + f.skipped.String()
	}
	return errors.Errorf(
		"no pictures in class folders, want a folder of them for each class: PATH/CLASS/1.png, or "+
			"PATH/train/CLASS/1.png and PATH/test/CLASS/2.png; there %s%s",
		there,
		text,
	)
}
