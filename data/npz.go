package data

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"os"
	"strings"

	"codeberg.org/sbinet/npyio/npy"
	"github.com/pkg/errors"
)

// loadNPZ fills a set from a NumPy archive with the arrays train_images,
// train_labels and the like for val and test, as MedMNIST's are; x_train,
// y_train and so on are read too. Images are (N, H, W) or (N, H, W, C),
// unsigned bytes or real numbers; labels are integers (N) or (N, 1).
func loadNPZ(_ context.Context, set *Set, files [][]byte) error {
	archive, err := zip.NewReader(bytes.NewReader(files[0]), int64(len(files[0])))
	if err != nil {
		return errors.WithMessage(err, "npz")
	}
	entries := make(map[string]*zip.File)
	for _, entry := range archive.File {
		entries[strings.TrimSuffix(entry.Name, ".npy")] = entry
	}
	for _, part := range []struct {
		name string
		*Split
	}{{"train", &set.Train}, {"val", &set.Val}, {"test", &set.Test}} {
		images, labels := entries[part.name+"_images"], entries[part.name+"_labels"]
		if images == nil {
			images, labels = entries["x_"+part.name], entries["y_"+part.name]
		}
		if images == nil && part.name != "train" {
			continue
		}
		if images == nil || labels == nil {
			return errors.Errorf("npz: no arrays %s_images and %[1]s_labels", part.name)
		}
		if *part.Split, err = readNPZSplit(images, labels, len(files[0])); err != nil {
			return errors.WithMessagef(err, "npz: %s", part.name)
		}
	}
	return nil
}

func readNPZSplit(images, labels *zip.File, fileSize int) (Split, error) {
	pixels, err := readArray(images, fileSize)
	if err != nil {
		return Split{}, err
	}
	split, err := pixels.split()
	if err != nil {
		return Split{}, errors.WithMessage(err, images.Name)
	}
	classes, err := readArray(labels, fileSize)
	if err != nil {
		return Split{}, err
	}
	split.Labels, err = classes.labels()
	return split, errors.WithMessage(err, labels.Name)
}

// array is the content of a .npy file: values in C order as they are stored.
type array struct {
	typ    string // NumPy's type, without quotes: byte order, letter, size
	dims   []int
	values []byte
}

func readArray(entry *zip.File, fileSize int) (array, error) {
	r, err := entry.Open()
	if err != nil {
		return array{}, errors.WithMessage(err, entry.Name)
	}
	defer r.Close()
	limit := expandLimit(fileSize)
	hint := int(min(entry.UncompressedSize64, uint64(8*fileSize)))
	content, err := readBounded(r, hint, limit)
	if err != nil {
		return array{}, errors.WithMessage(err, entry.Name)
	}
	a, err := parseNPY(content)
	return a, errors.WithMessage(err, entry.Name)
}

// parseNPY returns the array in the content of a .npy file, without a copy.
func parseNPY(content []byte) (a array, err error) {
	// npyio takes the header's length and form on trust.
	if err := checkNPYHeader(content); err != nil {
		return array{}, err
	}
	defer func() {
		if recover() != nil {
			a, err = array{}, errors.New("npy: malformed header")
		}
	}()
	rest := bytes.NewReader(content)
	r, err := npy.NewReader(rest)
	if err != nil {
		return array{}, errors.WithStack(err)
	}
	descr := r.Header.Descr
	a = array{strings.Trim(descr.Type, "'"), descr.Shape, content[len(content)-rest.Len():]}
	if descr.Fortran && len(a.dims) > 1 {
		return array{}, errors.New("npy: Fortran order, want C order")
	}
	width, ok := map[byte]int{'1': 1, '2': 2, '4': 4, '8': 8}[a.typ[len(a.typ)-1]]
	if !ok || len(a.typ) != 3 || len(a.values)%width != 0 {
		return array{}, errors.Errorf("npy: %d bytes of type %q, want integers or real numbers",
			len(a.values), a.typ)
	}
	return a, errors.WithMessage(sized(a.dims, len(a.values)/width), "npy")
}

// checkNPYHeader returns an error unless the header lies within the content.
func checkNPYHeader(content []byte) error {
	if len(content) < 12 || !bytes.HasPrefix(content, []byte("\x93NUMPY")) {
		return errors.Errorf("npy: %d bytes that do not begin with \\x93NUMPY", len(content))
	}
	length := uint64(binary.LittleEndian.Uint16(content[8:]))
	if content[6] != 1 {
		length = uint64(binary.LittleEndian.Uint32(content[8:]))
	}
	if length > uint64(len(content)) {
		return errors.Errorf("npy: header of %d bytes in a file of %d", length, len(content))
	}
	return nil
}

// split returns an array of images as a split without labels.
func (a array) split() (Split, error) {
	dims := a.dims
	if len(dims) == 3 {
		dims = append(dims[:3:3], 1)
	}
	if len(dims) != 4 {
		return Split{}, errors.Errorf("array %v, want images (N, H, W) or (N, H, W, C)", a.dims)
	}
	split := Split{Shape: Shape{dims[1], dims[2], dims[3]}}
	switch a.typ {
	case "|u1":
		split.Images = a.values
	case "<f4":
		split.Floats = make([]float32, len(a.values)/4)
		for i := range split.Floats {
			split.Floats[i] = math.Float32frombits(binary.LittleEndian.Uint32(a.values[4*i:]))
		}
	case "<f8":
		split.Floats = make([]float32, len(a.values)/8)
		for i := range split.Floats {
			split.Floats[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(a.values[8*i:])))
		}
	default:
		return Split{}, errors.Errorf("images of type %q, want |u1, <f4 or <f8", a.typ)
	}
	return split, nil
}

// labels returns an array of integers (N) or (N, 1).
func (a array) labels() ([]int, error) {
	if len(a.dims) == 2 && a.dims[1] > 1 {
		return nil, errors.Errorf("labels %v: several labels for one image are not supported", a.dims)
	}
	if len(a.dims) != 1 && (len(a.dims) != 2 || a.dims[1] != 1) {
		return nil, errors.Errorf("labels %v, want (N) or (N, 1)", a.dims)
	}
	labels := make([]int, a.dims[0])
	for i := range labels {
		switch a.typ {
		case "|u1":
			labels[i] = int(a.values[i])
		case "|i1":
			labels[i] = int(int8(a.values[i]))
		case "<i4":
			labels[i] = int(int32(binary.LittleEndian.Uint32(a.values[4*i:])))
		case "<i8":
			labels[i] = int(int64(binary.LittleEndian.Uint64(a.values[8*i:])))
		default:
			return nil, errors.Errorf("labels of type %q, want |u1, |i1, <i4 or <i8", a.typ)
		}
	}
	return labels, nil
}

// loadNPZFile fills a set from a NumPy archive at a path.
func loadNPZFile(ctx context.Context, set *Set, path string, _ Options) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return errors.WithStack(err)
	}
	return loadNPZ(ctx, set, [][]byte{content})
}
