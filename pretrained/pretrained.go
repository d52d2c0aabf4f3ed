// Package pretrained has models that come trained: the files of their runs are in the program.
//
//	dir, err := pretrained.Dir("mnist-hqvit")
//	model, err := trained.Open(dir)
//
// Each is the run of a recipe of docs/results with seed 1. Training it again, with the config.yaml that lies
// beside the weights and the same kernels, gives the same bytes: `hqvit info --card NAME` says how, and with
// which SHA-256.
package pretrained

import (
	"bytes"
	"embed"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/internal/suggest"
)

// models has a directory of a run, without its checkpoint and charts, for each name.
//
//go:embed models
var models embed.FS

// Default is the model that predict and explain take unless one is named: one for handwritten digits.
const Default = "mnist-hqvit"

// Names returns the names of the models, in alphabetical order.
func Names() []string {
	entries, err := models.ReadDir("models")
	if err != nil {
		return nil // the directory is embedded
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Has reports whether there is a model of that name.
func Has(name string) bool { return slices.Contains(Names(), name) }

// Files returns the files of a model's run: config.yaml, best.safetensors and summary.json. It returns an
// error that lists the names for a name that there is not.
func Files(name string) (fs.FS, error) {
	if !Has(name) {
		return nil, errors.Errorf("pretrained: no model %q%s; there are %s", name, suggest.Among(name, Names()),
			strings.Join(Names(), ", "))
	}
	files, err := fs.Sub(models, path.Join("models", name))
	return files, errors.WithStack(err)
}

// Dir returns a directory with the run of a model, in the user's cache, or among the temporary files where
// there is no cache. Files that are not there yet, or not what they should be, are written. It returns an
// error for a name that there is not, and if nothing can be written.
func Dir(name string) (string, error) {
	files, err := Files(name)
	if err != nil {
		return "", err
	}
	var failed error
	for _, cache := range []func() (string, error){os.UserCacheDir, tempDir} {
		parent, err := cache()
		if err == nil {
			dir := filepath.Join(parent, "hqvit", "models", name)
			if err = write(files, dir); err == nil {
				return dir, nil
			}
		}
		failed = err
	}
	return "", errors.WithMessagef(failed, "pretrained: %s", name)
}

func tempDir() (string, error) { return os.TempDir(), nil }

// write makes a directory hold the files.
func write(files fs.FS, dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return errors.WithStack(err)
	}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return errors.WithStack(err)
	}
	for _, e := range entries {
		content, err := fs.ReadFile(files, e.Name())
		if err != nil {
			return errors.WithStack(err)
		}
		file := filepath.Join(dir, e.Name())
		if there, err := os.ReadFile(file); err == nil && bytes.Equal(there, content) {
			continue
		}
		if err := atomicfile.WriteBytes(file, content); err != nil {
			return err
		}
	}
	return nil
}
