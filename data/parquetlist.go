package data

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// list finds the Parquet files in a folder of the file system, and which split each is of.
func (t *tables) list(root string) error {
	var folders, all []string
	err := fs.WalkDir(t.FS, root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return errors.WithStack(err)
		case name == root:
		case isHidden(entry.Name()):
			if entry.IsDir() {
				return fs.SkipDir
			}
		case entry.IsDir():
			all = append(all, entry.Name())
		case !strings.EqualFold(path.Ext(name), ".parquet"):
			all = append(all, entry.Name())
		default:
			s := &shard{path: name, split: -1}
			folder := path.Dir(name)
			if split, ok := splitIn(strings.TrimSuffix(path.Base(name), path.Ext(name))); ok {
				s.split = split
			}
			if split, ok := splitOf(path.Base(folder)); ok && folder != root {
				if s.split < 0 {
					s.split = split
				}
				folder = path.Dir(folder)
			}
			t.shards = append(t.shards, s)
			folders = append(folders, folder)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(t.shards) == 0 {
		return errors.Errorf("no .parquet file in it, want train-00000-of-00001.parquet or the like; there is %s",
			orNothing(all))
	}
	slices.Sort(folders)
	if folders = slices.Compact(folders); len(folders) > 1 {
		return errors.Errorf("the folders %s each hold a set: choose one, as in %s/%[3]s", list(folders), t.written,
			strings.TrimPrefix(folders[len(folders)-1], root+"/"))
	}
	if err := t.dropOthers(); err != nil {
		return err
	}
	return complete(t.shards)
}

// dropOthers leaves out the files that name no split where some do, such as extra-00000-of-00001.parquet.
func (t *tables) dropOthers() error {
	var named []*shard
	splits := [3]bool{}
	for _, s := range t.shards {
		if s.split < 0 {
			t.out = append(t.out, path.Base(s.path))
			continue
		}
		splits[s.split] = true
		named = append(named, s)
	}
	if len(named) == 0 {
		t.out = nil
		return nil
	}
	t.shards = named
	if !splits[0] && !t.options.Whole {
		return errors.Errorf("there are files for %s, and none for training", splitList(splits))
	}
	return nil
}

func splitList(splits [3]bool) string {
	var names []string
	for i, there := range splits {
		if there {
			names = append(names, partNames[i])
		}
	}
	return list(names)
}

func orNothing(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return list(names)
}

// splitIn returns the split that a word of a file's name says first: partial-train-00001.
func splitIn(name string) (split int, ok bool) {
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("-._ ", r) }) {
		if split, ok := splitOf(word); ok {
			return split, true
		}
	}
	return 0, false
}

// oneOfMany matches the names of files that are one of several: train-00003-of-00005.parquet, perhaps with a
// digest before the ending.
var oneOfMany = regexp.MustCompile(`^(.*)-([0-9]{5})-of-([0-9]{5})(-[0-9a-f]+)?\.[^.]*$`)

// complete returns an error if a file is missing of several that are numbered, as after an interrupted
// download.
func complete(shards []*shard) error {
	there := map[string][]int{} // by what they are of: how often each number occurs
	for _, s := range shards {
		m := oneOfMany.FindStringSubmatch(s.path)
		if m == nil {
			continue
		}
		of, _ := strconv.Atoi(m[3])
		number, _ := strconv.Atoi(m[2])
		key := fmt.Sprintf("%s-#-of-%s", m[1], m[3])
		if there[key] == nil {
			there[key] = make([]int, of)
		}
		if number >= of {
			return errors.Errorf("%s has a number that is not below %d", path.Base(s.path), of)
		}
		there[key][number]++
	}
	for _, key := range slices.Sorted(maps.Keys(there)) {
		for number, n := range there[key] {
			name := strings.ReplaceAll(path.Base(key), "#", fmt.Sprintf("%05d", number))
			if n != 1 {
				return errors.Errorf("there are %d files %s.parquet, want one", n, name)
			}
		}
	}
	return nil
}
