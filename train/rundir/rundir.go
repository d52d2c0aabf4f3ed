// Package rundir knows what the directory of a training run holds: the names of the files and how each is
// written. Files are replaced whole, never rewritten in place: a crash leaves the old content or the new.
//
//	config.yaml        what reproduces the run
//	last.ckpt          a Checkpoint: where the run goes on
//	best.safetensors   Weights of the best epoch, with metadata
//	epoch-0001.…       Weights of the last epochs, if they are kept
//	metrics.csv        a row for each epoch; metrics.jsonl and events.out.tfevents.hqvit hold the same
//	summary.json       the run in some numbers
//	curves.svg         loss and accuracy over the epochs
//	confusion.svg      the confusion matrix of the test split
package rundir

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/atomicfile"
)

// The files of a run.
const (
	ConfigFile     = "config.yaml"
	WeightsFile    = "best.safetensors"
	CheckpointFile = "last.ckpt"
	MetricsFile    = "metrics.csv"
	LinesFile      = "metrics.jsonl"
	EventsFile     = "events.out.tfevents.hqvit" // TensorBoard looks for tfevents in a name
	SummaryFile    = "summary.json"
	CurvesFile     = "curves.svg"
	ConfusionFile  = "confusion.svg"
)

var files = []string{
	ConfigFile, WeightsFile, CheckpointFile, MetricsFile, LinesFile, EventsFile,
	SummaryFile, CurvesFile, ConfusionFile,
}

// EpochFile returns the name of the weights that are kept of an epoch, counted from 1.
func EpochFile(epoch int) string { return fmt.Sprintf("epoch-%04d.safetensors", epoch) }

// Holds reports whether a directory holds a file of a run.
func Holds(dir string) bool {
	return slices.ContainsFunc(files, func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err == nil
	})
}

// Remove removes the files of a run from a directory; others stay.
func Remove(dir string) error {
	paths, err := filepath.Glob(filepath.Join(dir, "epoch-[0-9][0-9][0-9][0-9].safetensors"))
	if err != nil {
		return errors.Wrap(err, "remove the old run")
	}
	for _, name := range files {
		paths = append(paths, filepath.Join(dir, name))
	}
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return errors.Wrap(err, "remove the old run")
		}
	}
	return nil
}

// SaveText replaces the file at path by a text.
func SaveText(path string, text []byte) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// SaveJSON replaces the file at path by a value as indented JSON.
func SaveJSON(path string, value any) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(value)
	})
}

// WeightsPath returns the file of weights of a run directory, and any other path as it is.
func WeightsPath(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return filepath.Join(path, WeightsFile)
	}
	return path
}
