package data

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

// The four files of a set in MNIST's form, in the order that loadIDX takes.
var idxNames = [...]string{
	"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
	"t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
}

// parseIDX returns the values of an IDX file of unsigned bytes, without a
// copy, and its dimensions: 1 for labels, 3 for images.
//
// Source: http://yann.lecun.com/exdb/mnist, "the IDX file format".
func parseIDX(content []byte) (values []byte, dims []int, err error) {
	if len(content) < 4 {
		return nil, nil, errors.Errorf("%d bytes, too short for an IDX header", len(content))
	}
	magic := binary.BigEndian.Uint32(content)
	rank := int(magic & 0xff)
	if magic>>8 != 0x08 || rank != 1 && rank != 3 {
		return nil, nil, errors.Errorf("magic number 0x%08x, want 0x00000801 (labels) or 0x00000803 (images)",
			magic)
	}
	header := 4 + 4*rank
	if len(content) < header {
		return nil, nil, errors.Errorf("%d bytes, too short for an IDX header", len(content))
	}
	values = content[header:]
	for i := range rank {
		dims = append(dims, int(binary.BigEndian.Uint32(content[4+4*i:])))
	}
	if err := sized(dims, len(values)); err != nil {
		return nil, nil, errors.WithMessage(err, "IDX")
	}
	return values, dims, nil
}

// sized returns an error unless an array of the given dimensions has exactly
// n values.
func sized(dims []int, n int) error {
	want := 1
	for _, d := range dims {
		if d < 0 || d > 0 && want > (1<<62)/d {
			return errors.Errorf("header says %v values, the file holds %d", dims, n)
		}
		want *= d
	}
	if want != n {
		return errors.Errorf("header says %v = %d values, the file holds %d", dims, want, n)
	}
	return nil
}

// loadIDX fills a set from training images, training labels, test images and
// test labels.
func loadIDX(_ context.Context, set *Set, files [][]byte) error {
	for i, split := range []*Split{&set.Train, &set.Test} {
		images, dims, err := parseIDX(files[2*i])
		if err == nil && len(dims) != 3 {
			err = errors.Errorf("IDX: %d dimensions, want images of 3", len(dims))
		}
		if err != nil {
			return errors.WithMessage(err, idxNames[2*i])
		}
		labels, labelDims, err := parseIDX(files[2*i+1])
		if err == nil && len(labelDims) != 1 {
			err = errors.Errorf("IDX: %d dimensions, want labels of 1", len(labelDims))
		}
		if err != nil {
			return errors.WithMessage(err, idxNames[2*i+1])
		}
		*split = Split{Shape: Shape{dims[1], dims[2], 1}, Images: images, Labels: widen(labels)}
	}
	return nil
}

// widen returns 8-bit labels as integers.
func widen(labels []byte) []int {
	wide := make([]int, len(labels))
	for i, label := range labels {
		wide[i] = int(label)
	}
	return wide
}

// loadIDXFolder fills a set from a folder of four IDX files, compressed or
// not.
func loadIDXFolder(ctx context.Context, set *Set, dir string, _ Options) error {
	files := make([][]byte, len(idxNames))
	for i, name := range idxNames {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, os.ErrNotExist) {
			content, err = os.ReadFile(filepath.Join(dir, plain(name)))
		}
		if err != nil {
			return errors.WithStack(err)
		}
		if files[i], err = gunzip(content); err != nil {
			return errors.WithMessage(err, name)
		}
	}
	return loadIDX(ctx, set, files)
}
