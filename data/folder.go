package data

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
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
	several int      // files with several frames or pages
	turned  int      // pictures that a camera held otherwise
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
	for _, n := range []struct {
		count int
		text  string
	}{
		{f.loose, "left out beside the class folders: %s"},
		{f.several, "of several frames or pages the first was taken: in %s"},
		{f.turned, "turned upright, as the camera recorded (EXIF): %s"},
	} {
		if n.count > 0 {
			set.note(fmt.Sprintf(n.text, words.Count(n.count, "picture")))
		}
	}
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

// root returns the folder that holds the splits or the classes. If the top
// level holds just one folder, as archives often do, it is that folder.
func (f *imageFolder) root() (string, error) {
	root := "."
	for {
		dirs, err := f.dirs(root)
		if err != nil {
			return "", err
		}
		if len(dirs) != 1 {
			return root, nil
		}
		if _, isSplit := splitOf(dirs[0]); isSplit {
			return root, nil
		}
		inner, err := f.dirs(path.Join(root, dirs[0]))
		if err != nil || len(inner) == 0 {
			return root, nil //nolint:nilerr // the folder is then a class
		}
		root = path.Join(root, dirs[0])
	}
}

// splitFolders returns the folder of each split, "" where there is none: all are, if the folders are those of
// classes.
func (f *imageFolder) splitFolders() (folders [3]string, err error) {
	root, err := f.root()
	if err != nil {
		return folders, err
	}
	dirs, err := f.dirs(root)
	if err != nil {
		return folders, err
	}
	for _, dir := range dirs {
		i, ok := splitOf(dir)
		if !ok || !f.holdsFolders(path.Join(root, dir)) {
			continue
		}
		if folders[i] != "" {
			return folders, errors.Errorf("both %s and %s, want one folder for a split",
				path.Base(folders[i]), dir)
		}
		folders[i] = path.Join(root, dir)
	}
	if allSplits(dirs) && folders == ([3]string{}) {
		return folders, errors.Errorf(
			"the folders are %s: want a folder for each class in each, TRAIN/CLASS/1.png",
			list(dirs),
		)
	}
	if folders[0] == "" && folders != ([3]string{}) && !f.options.Whole {
		return folders, errors.Errorf(
			"a folder for each of the splits train, val and test is wanted, of which val "+
				"and test may be missing; there are %s, and none for training",
			list(dirs),
		)
	}
	if folders != ([3]string{}) {
		for _, dir := range dirs {
			if !slices.Contains(folders[:], path.Join(root, dir)) {
				f.beside = append(f.beside, dir)
			}
		}
	}
	return folders, nil
}

// allSplits reports whether all folders have the name of a split.
func allSplits(dirs []string) bool {
	for _, dir := range dirs {
		if _, ok := splitOf(dir); !ok {
			return false
		}
	}
	return len(dirs) > 0
}

// holdsFolders reports whether there are folders in a folder, and no pictures.
func (f *imageFolder) holdsFolders(dir string) bool {
	entries, err := fs.ReadDir(f, dir)
	inner, _ := f.dirs(dir)
	return err == nil && len(inner) > 0 && !slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return !e.IsDir() && IsPicture(e.Name())
	})
}

func (f *imageFolder) isDir(name string) bool {
	info, err := fs.Stat(f, name)
	return err == nil && info.IsDir()
}

// isHidden reports whether a name is of what a system keeps beside a user's files.
func isHidden(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "__") }

// dirs returns the folders in a folder, without hidden ones.
func (f *imageFolder) dirs(dir string) ([]string, error) {
	entries, err := fs.ReadDir(f, dir)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	var names []string
	for _, entry := range entries {
		name := entry.Name()
		if !isHidden(name) && f.isDir(path.Join(dir, name)) {
			names = append(names, name)
		}
	}
	return names, nil
}

// list returns the image files of a split. The training split names the classes; without one, for evaluation,
// each split adds its own.
func (f *imageFolder) list(dir string, set *Set, split int) ([]labelled, error) {
	names, err := f.dirs(dir)
	if err != nil {
		return nil, err
	}
	if err := f.countLoose(dir); err != nil {
		return nil, err
	}
	var files []labelled
	var empty []string
	for _, name := range names {
		pictures, err := f.pictures(path.Join(dir, name))
		if err != nil {
			return nil, err
		}
		if len(pictures) == 0 {
			empty = append(empty, name)
			continue
		}
		label := slices.Index(set.Classes, name)
		if label < 0 && split > 0 && !f.options.Whole {
			return nil, errors.Errorf("%s: class %q has no pictures for training; there are %s", dir, name,
				list(set.Classes))
		}
		if label < 0 {
			label = len(set.Classes)
			set.Classes = append(set.Classes, name)
		}
		for _, p := range pictures {
			files = append(files, labelled{p, label})
		}
	}
	if len(empty) > 0 && len(files) > 0 {
		set.note(fmt.Sprintf("no picture in %s %s, so no such class in %s",
			words.Noun(len(empty), "folder"), list(empty),
			partNames[split]))
	}
	return files, nil
}

// countLoose counts what stands beside class folders.
func (f *imageFolder) countLoose(dir string) error {
	entries, err := fs.ReadDir(f, dir)
	for _, entry := range entries {
		switch {
		case f.isDir(path.Join(dir, entry.Name())):
			if isHidden(entry.Name()) {
				f.skipped.add(entry.Name())
			}
		case IsPicture(entry.Name()):
			f.loose++
		default:
			f.skipped.add(entry.Name())
		}
	}
	return errors.WithStack(err)
}

// pictures returns the pictures in a folder and in those in it, by name.
func (f *imageFolder) pictures(dir string) ([]string, error) {
	entries, err := fs.ReadDir(f, dir)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	var names []string
	for _, entry := range entries {
		name := path.Join(dir, entry.Name())
		switch {
		case entry.IsDir(): // a link might lead back to here
			if isHidden(entry.Name()) {
				f.skipped.add(entry.Name())
				continue
			}
			inner, err := f.pictures(name)
			if err != nil {
				return nil, err
			}
			if len(inner) > 0 {
				f.deep = append(f.deep, name)
			}
			names = append(names, inner...)
		case IsPicture(name):
			names = append(names, name)
		default:
			f.skipped.add(name)
		}
	}
	return names, nil
}

// holdOutTest sets a fifth of each class apart as the test split.
func (f *imageFolder) holdOutTest(files []labelled, classes int) (split [3][]labelled) {
	labels := make([]int, len(files))
	for i, file := range files {
		labels[i] = file.label
	}
	for i, chosen := range stratified(labels, classes, len(files)/5, f.options.Seed) {
		to := 0
		if chosen {
			to = 2
		}
		split[to] = append(split[to], files[i])
	}
	return split
}
