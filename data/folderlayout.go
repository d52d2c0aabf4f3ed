package data

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

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
