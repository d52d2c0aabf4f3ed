package rundir

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// noRun is an error about a path that is to be that of a run, and is not.
type noRun struct{ error }

func (noRun) Is(target error) bool { return target == os.ErrNotExist }

// FindWeights returns the file of weights that a path names: that of the run in a directory, or the file
// itself. If there is none, the error says what is there and which runs are near; it wraps os.ErrNotExist.
func FindWeights(path string) (file string, err error) {
	info, err := os.Stat(path)
	switch {
	case path == "":
		return "", noRun{errors.New("the path is empty, want the directory of a run or a file of weights")}
	case errors.Is(err, os.ErrNotExist):
		return "", noRun{errors.Errorf("%s: no such file or directory%s", path, NearText(path))}
	case err != nil:
		return "", errors.WithStack(err)
	case !info.IsDir():
		return path, nil
	case isFile(path, WeightsFile):
		return filepath.Join(path, WeightsFile), nil
	case Holds(path):
		return "", noRun{errors.Errorf("the run in %s has no %s, which comes with its first epoch: resume it, or "+
			"name another run", path, WeightsFile)}
	}
	return "", noRun{errors.Errorf("%s holds no run, want the directory of one, with its %s%s", path,
		WeightsFile, NearText(path))}
}

// WeightsPath returns the file of weights of a run directory, and any other path as it is.
func WeightsPath(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return filepath.Join(path, WeightsFile)
	}
	return path
}

// NearText lists the runs near a path that is none, for the end of an error: those in it, else those beside
// it. It is empty if there are none.
func NearText(path string) string {
	const most, letters = 6, 120
	where, runs := "in it", Find(path)
	if len(runs) == 0 {
		where, runs = "near it", Find(filepath.Dir(path))
	}
	if len(runs) == 0 {
		return ""
	}
	shown, n := runs[0], 1
	for n < min(most, len(runs)) && len(shown)+len(runs[n]) < letters { // long paths hide what went wrong
		shown += ", " + runs[n]
		n++
	}
	if n < len(runs) {
		shown += fmt.Sprintf(" and %d more", len(runs)-n)
	}
	return fmt.Sprintf("; runs %s: %s", where, shown)
}

// Find returns the directories of runs at or below a directory, by name: as far as a study has them, and of a
// large tree only the first.
func Find(root string) []string {
	const (
		depth   = 5   // of a study: runs/STUDY/runs/MODEL/sSEED
		visited = 500 // directories
	)
	var found []string
	level, seen := []string{root}, 0
	for range depth + 1 {
		var next []string
		for _, dir := range level {
			if seen++; seen > visited {
				break
			}
			if Holds(dir) {
				found = append(found, dir)
				continue
			}
			entries, err := os.ReadDir(dir)
			if err != nil { // what cannot be read holds nothing to offer
				continue
			}
			for _, e := range entries {
				if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
					next = append(next, filepath.Join(dir, e.Name()))
				}
			}
		}
		level = next
	}
	slices.Sort(found)
	return found
}
