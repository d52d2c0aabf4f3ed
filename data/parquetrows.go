package data

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/pkg/errors"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/hqvit/hqvit/internal/parquet"
)

// look reads the labels of a file and the headers of its pictures.
func (t *tables) look(ctx context.Context, s *shard) error {
	labels, err := s.file.Cursor(*s.label)
	if err != nil {
		return err
	}
	known := map[string]string{} // one copy of each text
	for row := range s.file.Rows {
		if row%1024 == 0 && ctx.Err() != nil {
			return errors.WithMessage(ctx.Err(), "stopped while reading the labels")
		}
		v, err := labels.Next()
		if err != nil {
			return err
		}
		if err := s.addLabel(row, v, known); err != nil {
			return err
		}
	}
	return t.pictures(ctx, s, func(row int64, name string, content []byte) error {
		if s.dropped(row) {
			t.without++
			return nil
		}
		return t.survey.add(name, content)
	})
}

// addLabel keeps the label of a row.
func (s *shard) addLabel(row int64, v parquet.Value, known map[string]string) error {
	switch {
	case v.Null:
		return errors.Errorf("row %d has no label: column %s is null", row, s.label.Name)
	case s.label.Kind == parquet.Bytes:
		if len(v.Bytes) == 0 || !utf8.Valid(v.Bytes) {
			return errors.Errorf("row %d: label %q in column %s, want a text", row, v.Bytes, s.label.Name)
		}
		text, ok := known[string(v.Bytes)]
		if !ok {
			text = string(v.Bytes)
			known[text] = text
		}
		s.texts = append(s.texts, text)
	default:
		number := float64(v.Int) + v.Float // of which one is 0
		if err := checkLabel(int(row), number); err != nil {
			return err
		}
		if s.classes != nil && (number < unlabelled || number >= float64(len(s.classes))) {
			return errors.Errorf("row %d: label %v, want one of the %d classes that the metadata name", row, number,
				len(s.classes))
		}
		s.values = append(s.values, number)
	}
	return nil
}

// dropped reports whether a row is left out because it has no label.
func (s *shard) dropped(row int64) bool {
	return s.classes != nil && s.texts == nil && s.values[row] == unlabelled
}

// pictures calls do with the file of each picture, its row and what to call it in errors.
func (t *tables) pictures(ctx context.Context, s *shard,
	do func(row int64, name string, content []byte) error) error {
	contents, err := s.file.Cursor(*s.bytes)
	if err != nil {
		return err
	}
	var paths *parquet.Cursor
	if s.paths != nil {
		if paths, err = s.file.Cursor(*s.paths); err != nil {
			return err
		}
	}
	for row := range s.file.Rows {
		if err := ctx.Err(); err != nil {
			return errors.WithMessage(err, "stopped while reading the images")
		}
		content, err := contents.Next()
		if err != nil {
			return err
		}
		file := parquet.Value{Null: true}
		if paths != nil {
			if file, err = paths.Next(); err != nil {
				return err
			}
		}
		name := fmt.Sprintf("row %d", row)
		if len(file.Bytes) > 0 {
			name += fmt.Sprintf(" (%.200q)", file.Bytes)
		}
		if content.Null {
			if content.Bytes, err = t.beside(s, file); err != nil {
				return errors.WithMessage(err, name)
			}
		}
		if int64(len(content.Bytes)) > pictureMemory {
			return errors.Errorf("%s: more than %s, the limit for a picture", name, inBytes(float64(pictureMemory)))
		}
		if err := do(row, name, content.Bytes); err != nil {
			return err
		}
	}
	return nil
}

// beside reads the file of a picture whose bytes are not in the table.
func (t *tables) beside(s *shard, name parquet.Value) ([]byte, error) {
	if name.Null {
		return nil, errors.Errorf("there is no picture: column %s is null", s.bytes.Name)
	}
	to := path.Join(path.Dir(s.path), strings.ReplaceAll(string(name.Bytes), `\`, "/"))
	if !fs.ValidPath(to) || path.IsAbs(string(name.Bytes)) {
		return nil, errors.New("there are no bytes of the picture, and its path leads out of the folder")
	}
	content, err := (&imageFolder{FS: t.FS}).content(to)
	return content, errors.WithMessage(err, "there are no bytes of the picture, and the file beside is not read")
}

// read decodes the images of a split on all processors, as many at a time as a picture's memory holds.
func (t *tables) read(ctx context.Context, part int, split *Split, shape Shape) error {
	if len(split.Labels) == 0 {
		return nil
	}
	split.Shape, split.Images = shape, make([]uint8, len(split.Labels)*shape.Len())
	var sum, count atomic.Int64
	memory := semaphore.NewWeighted(pictureMemory)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0) + 1) // one reads
	group.Go(func() error {
		at := 0
		for _, s := range t.of(part) {
			err := t.pictures(ctx, s, func(row int64, name string, content []byte) error {
				if s.dropped(row) {
					return nil
				}
				pixels := split.Images[at*shape.Len() : (at+1)*shape.Len()]
				at++
				group.Go(func() error {
					bright, n, err := drawPicture(ctx, pixels, shape, name, content, memory)
					sum.Add(int64(bright))
					count.Add(int64(n))
					return errors.WithMessage(err, s.path)
				})
				return nil
			})
			if err != nil {
				return errors.WithMessage(err, s.path)
			}
		}
		return nil
	})
	err := group.Wait()
	split.background = backgroundOf(int(sum.Load()), int(count.Load()))
	return err
}
