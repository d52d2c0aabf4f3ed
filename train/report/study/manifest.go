package study

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train/rundir"
)

// manifestFile is in the directory of a study, from its first start on. It says which study that is.
const manifestFile = "study.json"

// manifest is what a directory keeps of its study. Another study is one with other models or seeds, unless it
// has these and more; with another reference; or with a model of another identity.
type manifest struct {
	Seeds  []uint64        `json:"seeds"`
	Models []manifestModel `json:"models"` // the reference first
}

// manifestModel is a model with the identity of its run from the first seed; none if that could not be made
// ready.
type manifestModel struct {
	Name     string            `json:"name"`
	Identity map[string]string `json:"identity"`
}

// claim makes the directory, which is locked, that of this study. It returns an error, and changes nothing,
// if it is that of another one.
func (s Study) claim() error {
	path := filepath.Join(s.Dir, manifestFile)
	var old manifest
	err := rundir.ReadJSON(path, "restore it from a copy, or remove it if every run below is of this study",
		&old)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if _, err := os.Stat(filepath.Join(s.Dir, ResultsFile)); err == nil {
			return errors.Errorf("%s holds %s of another study; choose another directory", s.Dir, ResultsFile)
		}
		old = manifest{Seeds: s.Seeds[:1]}
	case err != nil:
		return err
	case len(old.Seeds) == 0 || len(old.Models) == 0:
		return errors.Errorf("%s names no seeds or no models; choose another directory", path)
	default:
		if err := s.extends(old); err != nil {
			return err
		}
	}
	present := manifest{Seeds: old.Seeds[:1:1]} // whose identities are known
	for _, seed := range s.Seeds {
		if seed != old.Seeds[0] {
			present.Seeds = append(present.Seeds, seed)
		}
	}
	for _, e := range s.Entries {
		identity := identityOf(e, old.Seeds[0])
		was := old.identity(e.Name)
		if was != nil && identity != nil {
			if err := rundir.CheckIdentity(s.Dir, was, identity); err != nil {
				return errors.Errorf("model %s: %v; choose another directory", e.Name,
					strings.Replace(err.Error(), "of another run", "the directory of another study", 1))
			}
		}
		if identity == nil {
			identity = was
		}
		present.Models = append(present.Models, manifestModel{e.Name, identity})
	}
	return rundir.SaveJSON(path, present)
}

// identityOf returns the identity of a run; nil if it cannot be made ready, which the study reports when its
// turn comes.
func identityOf(e Entry, seed uint64) map[string]string {
	task, err := e.Task(seed)
	if err != nil {
		return nil
	}
	identity, err := task.Identity()
	if err != nil {
		return nil
	}
	return identity
}

func (m manifest) identity(model string) map[string]string {
	for _, known := range m.Models {
		if known.Name == model {
			return known.Identity
		}
	}
	return nil
}

// extends returns an error unless the study has the models and seeds of an older one, and its reference.
func (s Study) extends(old manifest) error {
	var names, missing []string
	for _, m := range old.Models {
		names = append(names, m.Name)
		if !slices.ContainsFunc(s.Entries, func(e Entry) bool { return e.Name == m.Name }) {
			missing = append(missing, "model "+m.Name)
		}
	}
	for _, seed := range old.Seeds {
		if !slices.Contains(s.Seeds, seed) {
			missing = append(missing, fmt.Sprintf("seed %d", seed))
		}
	}
	what := fmt.Sprintf("%s holds a study of %s, %s", s.Dir, words.List(names, "and"), seedList(old.Seeds))
	switch {
	case len(missing) > 0:
		return errors.Errorf("%s; this one lacks %s. To extend it, name all that it has; for another one, "+
			"choose another directory", what, words.List(missing, "and"))
	case s.Entries[0].Name != names[0]:
		return errors.Errorf("%s, compared with %s; this one compares with %s. Name %s first, or choose "+
			"another directory", what, names[0], s.Entries[0].Name, names[0])
	}
	return nil
}

// seedList is a list of seeds in words.
func seedList(seeds []uint64) string {
	var names []string
	for _, seed := range seeds {
		names = append(names, fmt.Sprint(seed))
	}
	if len(names) == 1 {
		return "seed " + names[0]
	}
	return "seeds " + words.List(names, "and")
}

// abandon removes what says which study a directory belongs to, if it holds nothing of it.
func (s Study) abandon() {
	if _, err := os.Stat(filepath.Join(s.Dir, runsDir)); errors.Is(err, os.ErrNotExist) {
		os.Remove(filepath.Join(s.Dir, manifestFile)) // what cannot be removed stays
	}
}
