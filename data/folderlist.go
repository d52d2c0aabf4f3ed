package data

import (
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
)

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
