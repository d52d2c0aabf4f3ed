package data

import (
	"cmp"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/parquet"
	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/internal/words"
)

// loadParquet fills a set from a Parquet file, or a folder of such files whose names say the split:
// data/train-00000-of-00002.parquet, test.parquet, validation/0000.parquet. A file, or files that name no
// split, are a set without splits. Of a row one column has the picture, as the bytes of its file or as bytes
// and path, and one the label. Which these are, findColumns says; PATH:image=COLUMN,label=COLUMN chooses
// them.
func loadParquet(ctx context.Context, set *Set, name string, o Options) error {
	dir, chosen, err := cutOptions(name, "image", "label")
	if err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return errors.WithStack(err)
	}
	set.Title, set.Source = filepath.Base(dir), dir
	t := &tables{options: o, chosen: chosen, written: "parquet:" + dir}
	if info.IsDir() {
		t.FS = os.DirFS(dir)
		err = t.list(".")
	} else {
		t.FS = os.DirFS(filepath.Dir(dir))
		t.shards = []*shard{{path: filepath.Base(dir), split: -1}}
	}
	if err != nil {
		return err
	}
	return t.load(ctx, set)
}

// cutOptions cuts :KEY=VALUE,KEY=VALUE off a path.
func cutOptions(text string, keys ...string) (path string, options map[string]string, err error) {
	at := strings.LastIndex(text, ":")
	if first, _, ok := strings.Cut(text[at+1:], "="); at < 0 || !ok || strings.ContainsAny(first, `/\`) {
		return text, nil, nil
	}
	options = map[string]string{}
	for option := range strings.SplitSeq(text[at+1:], ",") {
		key, value, _ := strings.Cut(option, "=")
		switch {
		case !slices.Contains(keys, key):
			return "", nil, errors.Errorf("unknown option %q%s, want %s", key, suggest.Among(key, keys),
				words.List(keys, "or"))
		case value == "" || options[key] != "":
			return "", nil, errors.Errorf("option %q, want one value for %s", option, key)
		}
		options[key] = value
	}
	return text[:at], options, nil
}

// tables reads images from Parquet files.
type tables struct {
	fs.FS
	options Options
	chosen  map[string]string // columns, by what they are
	written string            // how the set is written, for errors
	shards  []*shard
	out     []string // files that name no split, beside those that do
	survey  survey
	without int // rows without a label
}

// shard is one of the files of a set.
type shard struct {
	path  string
	split int // −1: the file names none
	file  *parquet.File
	columns

	close  func() error
	values []float64 // the labels of all rows, by number or by text
	texts  []string
}

// unlabelled is the number that stands for a missing label of a class, as in test splits of competitions.
const unlabelled = -1

func (t *tables) load(ctx context.Context, set *Set) error {
	defer t.closeAll()
	rows := int64(0)
	for _, s := range t.shards {
		if err := t.open(s); err != nil {
			return errors.WithMessage(err, s.path)
		}
		rows += s.file.Rows
	}
	// A row takes a label of eight bytes and a pixel at least.
	if err := checkMemory(9 * float64(rows)); err != nil {
		return errors.WithMessagef(err, "%s", words.Count(int(rows), "row"))
	}
	for _, s := range t.shards {
		if err := t.look(ctx, s); err != nil {
			return errors.WithMessage(err, s.path)
		}
	}
	set.Unsplit = t.shards[0].split < 0
	if err := t.label(set); err != nil {
		return err
	}
	if t.survey.count == 0 {
		return errors.Errorf("no images with a label, want some: there are %s", words.Count(int(rows), "row"))
	}
	shape, err := t.survey.common(t.options)
	if err != nil {
		return err
	}
	for i, split := range set.splits() {
		if err := t.read(ctx, i, split, shape); err != nil {
			return err
		}
	}
	if t.options.Channels == 0 && t.options.Shape == (Shape{}) {
		set.dropEqualChannels()
	}
	set.Scale = byteScale
	t.note(set)
	if set.Unsplit && !t.options.Whole {
		return set.holdOut(&set.Test, set.Train.Len()/5, t.options.Seed)
	}
	return nil
}

// label gives the splits their labels, and the set its classes.
func (t *tables) label(set *Set) error {
	var values [3][]float64
	var texts [3][]string
	for i := range values {
		for _, s := range t.of(i) {
			texts[i] = append(texts[i], s.texts...)
			for row, v := range s.values {
				if !s.dropped(int64(row)) {
					values[i] = append(values[i], v)
				}
			}
		}
	}
	text, numbers := slices.Concat(texts[:]...), slices.Concat(values[:]...)
	switch {
	case len(text) > 0 && len(numbers) > 0:
		return errors.New("labels that are text in one file and numbers in another")
	case len(text) > 0:
		return set.label(texts[:], func(classes []string) []string { return classes })
	}
	set.Classes = slices.Clone(t.shards[0].classes)
	return set.number(values[:], 0)
}

// note says what was left out or decided.
func (t *tables) note(set *Set) {
	if t.without > 0 {
		set.note(words.Count(t.without, "row") + " without a label (−1) left out")
	}
	if len(t.out) > 0 {
		set.note("files whose names say no split were left out: " + list(t.out))
	}
	t.survey.note(set)
}

// of returns the files of a split; those that name none are for training.
func (t *tables) of(split int) (shards []*shard) {
	for _, s := range t.shards {
		if max(s.split, 0) == split {
			shards = append(shards, s)
		}
	}
	return shards
}

func (t *tables) closeAll() {
	for _, s := range t.shards {
		if s.close != nil {
			_ = s.close() // it was read only
		}
	}
}

// open opens a file and finds its columns.
func (t *tables) open(s *shard) error {
	file, err := t.Open(s.path)
	if err != nil {
		return errors.WithStack(err)
	}
	s.close = file.Close
	info, err := file.Stat()
	if err != nil {
		return errors.WithStack(err)
	}
	source, ok := file.(io.ReaderAt)
	if !ok || info.IsDir() {
		return errors.New("a folder, want a Parquet file")
	}
	head := make([]byte, min(info.Size(), 64))
	if _, err := source.ReadAt(head, 0); err != nil {
		return errors.WithStack(err)
	}
	if !strings.HasPrefix(string(head), parquet.Magic) && !strings.HasPrefix(string(head), "PARE") {
		return errors.Errorf("want a Parquet file, the file is %s", looksLike(head))
	}
	if s.file, err = parquet.Open(source, info.Size(), setMemory()); err != nil {
		return err
	}
	if s.columns, err = findColumns(s.file, t.chosen, t.written); err != nil {
		return err
	}
	if first := t.shards[0]; !slices.Equal(s.classes, first.classes) {
		return errors.Errorf("its metadata name the classes %s, those of %s %s", cmp.Or(list(s.classes), "not"),
			first.path, cmp.Or(list(first.classes), "do not"))
	}
	return nil
}
