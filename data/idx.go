package data

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// The four files of a set in MNIST's form, in the order that loadIDX takes.
var idxNames = [...]string{
	"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
	"t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
}

// idxTypes are the types of elements by their code.
var idxTypes = map[byte]array{
	0x08: {kind: 'u', size: 1}, 0x09: {kind: 'i', size: 1}, 0x0b: {kind: 'i', size: 2},
	0x0c: {kind: 'i', size: 4}, 0x0d: {kind: 'f', size: 4}, 0x0e: {kind: 'f', size: 8},
}

// readIDX reads an array from an IDX file, decompressed if need be.
//
// Source: http://yann.lecun.com/exdb/mnist, "the IDX file format".
func readIDX(content []byte) (a array, err error) {
	r, err := decompressor(content)
	if err != nil {
		return a, err
	}
	a, err = a.readIDX(r, len(content))
	if isGzip(content) {
		return a, errors.WithMessage(err, "gzip")
	}
	return a, err
}

func (array) readIDX(r io.Reader, fileSize int) (array, error) {
	var magic [4]byte
	if n, err := io.ReadFull(r, magic[:]); err != nil {
		return array{}, errors.Errorf("IDX: %d bytes, too short for a header", n)
	}
	a, known := idxTypes[magic[2]]
	rank := int(magic[3])
	if magic[0] != 0 || magic[1] != 0 || !known || rank < 1 || rank > 4 {
		return array{}, errors.Errorf(
			"IDX: magic number 0x%08x, want 0x000008 and the number of dimensions, 01 "+
				"(labels) or 03 (images); or 09, 0b, 0c, 0d, 0e for 08; the content is %s",
			binary.BigEndian.Uint32(magic[:]),
			looksLike(magic[:]),
		)
	}
	header := make([]byte, 4*rank)
	if _, err := io.ReadFull(r, header); err != nil {
		return array{}, errors.New("IDX: too short for its header")
	}
	a.order = binary.BigEndian
	for i := range rank {
		a.dims = append(a.dims, int(binary.BigEndian.Uint32(header[4*i:])))
	}
	a, err := a.read(r, fileSize)
	return a, errors.WithMessage(err, "IDX")
}

// loadIDX fills a set from training images, training labels, test images and
// test labels.
func loadIDX(_ context.Context, set *Set, files [][]byte) error {
	var named [3][2]idxFile
	for i, content := range files {
		named[i/2*2][i%2] = idxFile{idxNames[i], content}
	}
	return set.loadIDX(named)
}

// idxFile is the content of a file; nil if there is none.
type idxFile struct {
	name    string
	content []byte
}

// loadIDX fills a set from the images and the labels of each split.
func (s *Set) loadIDX(files [3][2]idxFile) error {
	var p parts
	for i := range p {
		for j, to := range []**array{&p[i].images, &p[i].labels} {
			if files[i][j].name == "" {
				continue
			}
			a, err := readIDX(files[i][j].content)
			if rank := len(a.dims); err == nil && (j == 0 && rank < 3 || j == 1 && rank > 2) {
				err = errors.Errorf("IDX: %d dimensions, want %s", rank,
					[]string{"images of 3", "labels of 1"}[j])
			}
			if err != nil {
				return errors.WithMessage(err, files[i][j].name)
			}
			*to = &a
		}
	}
	return s.fill(p, Options{})
}

// loadIDXFolder fills a set from a folder of IDX files, compressed or not: or from those files whose names
// have a beginning, if the path is that and no folder.
func loadIDXFolder(_ context.Context, set *Set, path string, _ Options) error {
	dir, prefix := path, ""
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return errors.New("a file, want the folder of the four files")
	} else if err != nil {
		dir, prefix = filepath.Dir(path), filepath.Base(path)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return errors.WithStack(err)
	}
	var files [3][2]idxFile
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
		i, j, ok := idxRole(strings.TrimPrefix(entry.Name(), prefix))
		if !ok || !strings.HasPrefix(entry.Name(), prefix) {
			continue
		}
		switch other := files[i][j].name; {
		case plain(other) == plain(entry.Name()): // the same, compressed and not
			continue
		case other != "":
			return errors.Errorf("both %s and %s, want one of them: a folder for each set, or idx: and what "+
				"the names of its files begin with", other, entry.Name())
		}
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return errors.WithStack(err)
		}
		files[i][j] = idxFile{entry.Name(), content}
	}
	for i, pair := range files {
		if noImages, noLabels := pair[0].name == "", pair[1].name == ""; noImages != noLabels ||
			i == 0 && noImages {
			slices.Sort(names)
			return errors.Errorf("want the files train-images-idx3-ubyte, train-labels-idx1-ubyte, "+
				"t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, with .gz or without; the folder holds %s",
				cmp.Or(list(names), "nothing"))
		}
	}
	return set.loadIDX(files)
}

// idxRole says what an IDX file is of by its name: the split, and 0 for images or 1 for labels. What stands
// before, as in emnist-letters-train-images-idx3-ubyte.gz, is the name of a set.
func idxRole(name string) (split, labels int, ok bool) {
	words := strings.FieldsFunc(strings.ToLower(plain(strings.ToLower(name))), func(r rune) bool {
		return strings.ContainsRune("-_. ", r)
	})
	at := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "idx") })
	if at < 2 {
		return 0, 0, false
	}
	split, isLabel, ok := role(words[at-2] + "-" + words[at-1])
	if isLabel {
		labels = 1
	}
	return split, labels, ok && split >= 0
}

// looksLike says in a few words what the beginning of a file is that should have been something else.
func looksLike(content []byte) string {
	for _, f := range append(slices.Clone(formats), foreign...) {
		if f.begins(content) {
			return f.title
		}
	}
	switch {
	case len(content) == 0:
		return "empty"
	case isText(content):
		return "text"
	}
	return "of no kind that is known"
}

// isText reports whether the beginning of a file is readable.
func isText(content []byte) bool {
	content = content[:min(len(content), 64)]
	return len(content) > 0 && !bytes.ContainsFunc(content, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == '�'
	})
}
