package data

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"path"
	"slices"

	"github.com/pkg/errors"
)

const (
	cifarSide  = 32
	cifarPlane = cifarSide * cifarSide
)

// appendCIFAR appends the records of a CIFAR binary file to a split: some
// label bytes, the last of which counts, then a red, a green and a blue plane.
//
// Source: https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version".
func appendCIFAR(split *Split, content []byte, labelBytes int) error {
	record := labelBytes + 3*cifarPlane
	if len(content) == 0 || len(content)%record != 0 {
		return errors.Errorf("CIFAR: %d bytes, want a whole number of records of %d", len(content), record)
	}
	n := len(content) / record
	split.Shape = Shape{cifarSide, cifarSide, 3}
	split.Images = slices.Grow(split.Images, n*3*cifarPlane)
	split.Labels = slices.Grow(split.Labels, n)
	for ; len(content) > 0; content = content[record:] {
		split.Labels = append(split.Labels, int(content[labelBytes-1]))
		planes := content[labelBytes:record]
		for i := range cifarPlane {
			split.Images = append(split.Images, planes[i], planes[cifarPlane+i], planes[2*cifarPlane+i])
		}
	}
	return nil
}

// loadCIFAR returns a reader of the official archive, a tar.gz, whose records
// have that many label bytes. The training files are read in the given order.
func loadCIFAR(labelBytes int, test string, train ...string) func(context.Context, *Set, [][]byte) error {
	return func(_ context.Context, set *Set, files [][]byte) error {
		read := func(split *Split, members map[string][]byte, name string) error {
			content, ok := members[name]
			if !ok {
				return errors.Errorf("tar: the archive holds no %s", name)
			}
			return errors.WithMessage(appendCIFAR(split, content, labelBytes), name)
		}
		members, err := untar(files[0], append(train, test))
		if err != nil {
			return err
		}
		for _, name := range train {
			if err := read(&set.Train, members, name); err != nil {
				return err
			}
		}
		return read(&set.Test, members, test)
	}
}

// untar returns the named members of a tar.gz archive, in whatever folder of
// it they are.
func untar(archive []byte, names []string) (map[string][]byte, error) {
	decoded, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, errors.WithMessage(err, "gzip")
	}
	limit := expandLimit(len(archive))
	members := make(map[string][]byte)
	for r := tar.NewReader(io.LimitReader(decoded, int64(limit))); ; {
		header, err := r.Next()
		if err == io.EOF {
			return members, nil
		}
		if err != nil {
			return nil, errors.WithMessage(err, "tar")
		}
		name := path.Base(header.Name)
		if !slices.Contains(names, name) {
			continue
		}
		hint := int(min(header.Size, int64(len(archive))))
		if members[name], err = readBounded(r, hint, limit); err != nil {
			return nil, errors.WithMessage(err, name)
		}
	}
}
