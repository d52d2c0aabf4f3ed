package rundir

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// Checkpoint is a run that can go on, as last.ckpt holds it: a safetensors file.
type Checkpoint struct {
	Identity map[string]string // of the run, see CheckIdentity
	Position any               // how far the run has come; anything that goes through JSON
	Groups   map[string]Tensors
}

// The keys of the metadata of a checkpoint, beside the digest.
const (
	formatKey   = "format"
	identityKey = "identity"
	positionKey = "position"
)

// checkpointFormat is what a checkpoint is known by; its number grows when what it holds changes.
const checkpointFormat = "hqvit checkpoint 2"

// startAnew is what is left to who has a checkpoint that cannot be used.
const startAnew = "start the run anew (overwrite it), or restore the file from a copy; the weights of the " +
	"best epoch are in " + WeightsFile

// Save replaces the file at path. The name of a group must not hold a full stop.
func (c Checkpoint) Save(path string) error {
	all := &Weights{Meta: map[string]string{formatKey: checkpointFormat}, Tensors: Tensors{}}
	for key, value := range map[string]any{identityKey: c.Identity, positionKey: c.Position} {
		text, err := json.Marshal(value)
		if err != nil {
			return errors.Wrapf(err, "checkpoint: %s", key)
		}
		all.Meta[key] = string(text)
	}
	for group, tensors := range c.Groups {
		for name, t := range tensors {
			all.Tensors[group+"."+name] = t
		}
	}
	return all.Save(path)
}

// ReadCheckpoint reads the checkpoint of a run with that identity and fills in position, a pointer. It
// returns an error that wraps os.ErrNotExist if there is no file, one that wraps ErrDamaged if the file is
// not what Save wrote, and one if it is of another run, or of a version whose checkpoints this one cannot
// read.
func ReadCheckpoint(path string, identity map[string]string, position any) (*Checkpoint, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.Wrap(err, "checkpoint")
	}
	return ParseCheckpoint(path, content, identity, position)
}

// ParseCheckpoint is ReadCheckpoint of the content of a file, which errors name by its path.
func ParseCheckpoint(path string, content []byte, identity map[string]string, position any) (*Checkpoint,
	error) {
	all, was, err := parseCheckpoint(path, content)
	if err != nil {
		return nil, err
	}
	if err := CheckIdentity(path, was, identity); err != nil {
		return nil, err
	}
	c := &Checkpoint{Identity: was, Position: position, Groups: map[string]Tensors{}}
	if err := strictly(all.Meta[positionKey], position); err != nil {
		return nil, damaged{errors.Errorf("checkpoint %s: %s: %v; %s", path, positionKey, err, startAnew)}
	}
	for name, t := range all.Tensors {
		group, rest, ok := strings.Cut(name, ".")
		if !ok {
			return nil, damaged{errors.Errorf("checkpoint %s: tensor %s is in no group; %s", path, name,
				startAnew)}
		}
		if c.Groups[group] == nil {
			c.Groups[group] = Tensors{}
		}
		c.Groups[group][rest] = t
	}
	return c, nil
}

// ReadIdentity returns the identity of the run that the checkpoint at path belongs to. Its errors are those
// of ReadCheckpoint.
func ReadIdentity(path string) (map[string]string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.Wrap(err, "checkpoint")
	}
	return ParseIdentity(path, content)
}

// ParseIdentity is ReadIdentity of the content of a file, which errors name by its path.
func ParseIdentity(path string, content []byte) (map[string]string, error) {
	_, identity, err := parseCheckpoint(path, content)
	return identity, err
}

// parseCheckpoint returns what the file of a checkpoint holds, and the identity in it.
func parseCheckpoint(path string, content []byte) (all *Weights, identity map[string]string, err error) {
	all, sealed, err := parseSealed("checkpoint", path, content, startAnew)
	if err != nil {
		return nil, nil, err
	}
	if format := all.Meta[formatKey]; format != checkpointFormat || !sealed {
		return nil, nil, errors.Errorf("checkpoint %s is of another version of the program, or of none "+
			"(format %q, want %q and a digest): resume it with that version, or %s", path, format,
			checkpointFormat,
			startAnew)
	}
	if len(all.Meta) != 3 {
		err = errors.Errorf("%d entries in the metadata, want %s, %s and %s", len(all.Meta), formatKey,
			identityKey,
			positionKey)
	} else {
		err = strictly(all.Meta[identityKey], &identity)
	}
	if err != nil {
		return nil, nil, damaged{errors.Errorf("checkpoint %s: %v; %s", path, err, startAnew)}
	}
	return all, identity, nil
}

// strictly decodes JSON that is exactly what encoding the value gives: no other, missing or repeated keys,
// and nothing behind it.
func strictly(text string, value any) error {
	if err := json.Unmarshal([]byte(text), value); err != nil {
		return err
	}
	again, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, []byte(text)) {
		return errors.New("other keys than a checkpoint has, or not all of them")
	}
	return nil
}

// roots are the keys of an identity on which others depend, such as digests of images: where one of these
// differs, the others are not worth a word.
var roots = []string{"seed", "model", "data", "train examples"}

// CheckIdentity returns nil if two runs are the same, and else an error that names up to three differences,
// or the one that the others come from: path is the file of the one with the identity was, want that of the
// other.
func CheckIdentity(path string, was, want map[string]string) error {
	keys := maps.Clone(was)
	if keys == nil {
		keys = map[string]string{}
	}
	maps.Copy(keys, want)
	var differing []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if was[key] != want[key] {
			differing = append(differing, key)
		}
	}
	if len(differing) == 0 {
		return nil
	}
	if i := slices.IndexFunc(roots, func(key string) bool { return slices.Contains(differing, key) }); i >= 0 {
		differing = roots[i : i+1]
	} else if causes := slices.DeleteFunc(slices.Clone(differing), isContents); len(causes) > 0 {
		differing = causes
	}
	const most = 3
	more := ""
	if n := len(differing) - most; n > 0 {
		differing, more = differing[:most], fmt.Sprintf("; and %d more differences", n)
	}
	var texts []string
	for _, key := range differing {
		texts = append(texts, changeOf(key, was[key], want[key]))
	}
	return errors.Errorf("%s is of another run: %s%s", path, strings.Join(texts, ", "), more)
}

// changeOf says how a value of an identity has changed: of two objects in JSON, which of their fields have.
func changeOf(key, was, want string) string {
	var before, now map[string]any
	if json.Unmarshal([]byte(was), &before) != nil || json.Unmarshal([]byte(want), &now) != nil {
		return fmt.Sprintf("%s was %s, now it is %s", key, quoted(was), quoted(want))
	}
	fields := maps.Clone(before)
	maps.Copy(fields, now)
	var texts []string
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if old, new := inWords(before, field), inWords(now, field); old != new {
			texts = append(texts, fmt.Sprintf("%s was %s, now it is %s", field, old, new))
		}
	}
	return key + ": " + strings.Join(texts, ", ")
}

// inWords returns the value of a field as JSON.
func inWords(object map[string]any, field string) string {
	value, ok := object[field]
	if !ok {
		return "none"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

// isContents reports whether a key is that of the digest of a split, which depends on how its images are
// prepared.
func isContents(key string) bool { return strings.HasSuffix(key, " contents") }

var isDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)

// quoted quotes a value of an identity, of a digest the beginning.
func quoted(value string) string {
	switch {
	case value == "":
		return "none"
	case isDigest.MatchString(value):
		return fmt.Sprintf("%.8s…", value)
	}
	return strconv.Quote(value)
}
