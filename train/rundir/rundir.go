// Package rundir knows what the directory of a training run holds: the names of the files and how each is
// written. Files are replaced whole, never rewritten in place: a crash leaves the old content or the new. Who
// writes holds a lock. What a program reads again carries a SHA-256 of its content, and a file whose content
// is another is refused.
//
//	config.yaml        what reproduces the run
//	last.ckpt          a Checkpoint: where the run goes on
//	best.safetensors   Weights of the best epoch, with metadata
//	epoch-0001.…       Weights of the last epochs, if they are kept
//	metrics.csv        a row for each epoch; metrics.jsonl and events.out.tfevents.hqvit hold the same
//	summary.json       the run in some numbers
//	curves.svg         loss and accuracy over the epochs
//	confusion.svg      the confusion matrix of the test split
//	hqvit.lock         who is writing there, while somebody is
package rundir

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

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
	ConfusionFile  = "confusion.svg" // of classes, and
	LabelsFile     = "labels.svg"    // of labels, and
	ValuesFile     = "values.svg"    // of values
)

var files = []string{
	ConfigFile, WeightsFile, CheckpointFile, MetricsFile, LinesFile, EventsFile,
	SummaryFile, CurvesFile, ConfusionFile, LabelsFile, ValuesFile,
}

// EpochFile returns the name of the weights that are kept of an epoch, counted from 1.
func EpochFile(epoch int) string { return fmt.Sprintf("epoch-%04d.safetensors", epoch) }

var isEpochFile = regexp.MustCompile(`^epoch-[0-9]{4,}\.safetensors$`)

// Holds reports whether a directory holds a file of a run.
func Holds(dir string) bool {
	return slices.ContainsFunc(files, func(name string) bool { return isFile(dir, name) })
}

func isFile(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

// filesIn returns the names of the files of a run that a directory holds, the checkpoint last.
func filesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if name != CheckpointFile && (slices.Contains(files, name) || isEpochFile.MatchString(name)) {
			names = append(names, name)
		}
	}
	if isFile(dir, CheckpointFile) {
		names = append(names, CheckpointFile)
	}
	return names, nil
}

// removeRun removes the files of a run from a directory; others stay.
func removeRun(dir string) error {
	names, err := filesIn(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return errors.WithStack(err)
		}
	}
	return nil
}

// Copy copies the files of a run into another directory, which it makes and locks, and others of those names
// if they are there. The checkpoint comes last but for these: until it is there, the directory holds nothing
// that can be resumed.
func Copy(from, to string, others ...string) error {
	release, err := Lock(to)
	if err != nil {
		return err
	}
	defer release()
	names, err := filesIn(from)
	if err != nil {
		return err
	}
	for _, name := range append(names, others...) {
		err := copyFile(filepath.Join(from, name), filepath.Join(to, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return errors.WithStack(err)
	}
	defer in.Close()
	return atomicfile.Write(to, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
}

// FileName returns what a name is called as that of a file or a directory on every system: letters, digits
// and the signs . _ - + = , @ stay, and each other character becomes a minus. It is never empty, and none of
// the names that Windows keeps for itself.
func FileName(name string) string {
	text := strings.Map(func(r rune) rune {
		if strings.ContainsRune("._-+=,@", r) || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '-'
	}, name)
	if strings.Trim(text, ".") == "" || strings.HasSuffix(text, ".") {
		text = strings.TrimRight(text, ".") + "-"
	}
	stem, _, _ := strings.Cut(strings.ToUpper(text), ".")
	if reservedName.MatchString(stem) {
		text = "-" + text
	}
	return text
}

// reservedName is what Windows takes for a device, whatever the ending.
var reservedName = regexp.MustCompile(`^(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|COM[0-9¹²³]|LPT[0-9¹²³])$`)
