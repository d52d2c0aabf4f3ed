package data

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// loadNPZ fills a set from a NumPy archive with the arrays train_images,
// train_labels and the like for val and test, as MedMNIST's are; x_train,
// y_train and so on are read too. imageShape and labels say what they may be.
// Arrays images and labels alone are a set without splits, and class_names are the names of labels 0, 1, ….
func loadNPZ(_ context.Context, set *Set, files [][]byte) error {
	return errors.WithMessage(set.loadNPZ(files[0], Options{}), "npz")
}

// npzParts are the entries of an archive by their roles.
type npzParts struct {
	images, labels [3]*zip.File
	classNames     *zip.File
	whole          bool // the entries name no split
}

func (s *Set) loadNPZ(content []byte, o Options) error {
	if bytes.HasPrefix(content, npyMagic) {
		return errors.New(
			"a single array (.npy), want an archive (.npz) of train_images, train_labels and so on",
		)
	}
	archive, err := openZip(content)
	if err != nil {
		return err
	}
	entries, err := findParts(archive.File)
	if err != nil {
		return err
	}
	var p parts
	for i := range p {
		if entries.images[i] == nil {
			continue
		}
		if p[i].images, err = readArray(entries.images[i], len(content)); err == nil {
			p[i].labels, err = readArray(entries.labels[i], len(content))
		}
		if err != nil {
			return err
		}
	}
	if entries.classNames != nil && s.Classes == nil {
		if s.Classes, err = readNames(entries.classNames, len(content)); err != nil {
			return err
		}
	}
	if err := s.fill(p, o); err != nil {
		return err
	}
	if s.Unsplit = entries.whole; s.Unsplit && !o.Whole {
		return s.holdOut(&s.Test, s.Train.Len()/5, o.Seed)
	}
	return nil
}

// findParts returns the entries by their roles.
func findParts(files []*zip.File) (p npzParts, err error) {
	var names []string
	var whole [2]*zip.File
	for _, entry := range files {
		name := strings.TrimSuffix(entry.Name, ".npy")
		names = append(names, name)
		if slices.Contains([]string{"class_names", "classnames", "label_names", "target_names"},
			strings.ToLower(name)) {
			p.classNames = entry
			continue
		}
		split, labels, ok := role(name)
		if !ok {
			continue
		}
		to := &p.images
		if labels {
			to = &p.labels
		}
		at := 0
		if labels {
			at = 1
		}
		place := &whole[at]
		if split >= 0 {
			place = &to[split]
		}
		if *place != nil {
			return p, errors.Errorf("both %s and %s, want one of them", (*place).Name, entry.Name)
		}
		*place = entry
	}
	if p.images == ([3]*zip.File{}) && whole[0] != nil {
		p.images[0], p.labels[0], p.whole = whole[0], whole[1], true
	}
	slices.Sort(names)
	for i, part := range partNames {
		images, labels := p.images[i], p.labels[i]
		if i == 0 && images == nil || (images == nil) != (labels == nil) {
			if p.whole {
				part = "images and labels; no labels"
			}
			return p, errors.Errorf("no arrays %s_images and %[1]s_labels; the archive holds %s", part,
				cmp.Or(list(names), "nothing"))
		}
	}
	return p, nil
}

func readArray(entry *zip.File, fileSize int) (*array, error) {
	r, err := entry.Open()
	if err != nil {
		return nil, errors.WithMessage(err, entry.Name)
	}
	defer r.Close()
	a, err := readNPY(r, int(min(entry.CompressedSize64, uint64(fileSize))))
	return &a, errors.WithMessage(err, entry.Name)
}

// readNames returns the texts of an array.
func readNames(entry *zip.File, fileSize int) ([]string, error) {
	a, err := readArray(entry, fileSize)
	if err != nil {
		return nil, err
	}
	if len(a.dims) != 1 || a.kind != 'U' && a.kind != 'S' {
		return nil, errors.Errorf("%s: want a list of names, one for each class", entry.Name)
	}
	names := make([]string, a.Len())
	for i := range names {
		names[i] = a.text(i)
		if names[i] == "" || slices.Contains(names[:i], names[i]) {
			return nil, errors.Errorf("%s: name %d is %q, want another one for each class",
				path.Base(entry.Name), i, names[i])
		}
	}
	return names, nil
}

var npyMagic = []byte("\x93NUMPY")

// The entries of a .npy header, a literal of Python.
var (
	npyType  = regexp.MustCompile(`['"]descr['"]\s*:\s*['"]([^'"]*)['"]`)
	npyOrder = regexp.MustCompile(`['"]fortran_order['"]\s*:\s*(True|False)`)
	npyShape = regexp.MustCompile(`['"]shape['"]\s*:\s*\(([-0-9,\sL]*)\)`)
)

// maxHeader bounds the header of a .npy file, in bytes: that of an array has about a hundred.
const maxHeader = 1 << 16

// readNPY reads an array from a .npy file of some bytes, which may have been compressed.
//
// Source: numpy.org, "numpy.lib.format", the NPY format.
func readNPY(r io.Reader, fileSize int) (a array, err error) {
	start := make([]byte, 12)
	n, err := io.ReadFull(r, start)
	if err != nil || !bytes.HasPrefix(start, npyMagic) {
		if bytes.HasPrefix(start, []byte("PK\x03\x04")) {
			return a, errors.New("npy: an archive (.npz or zip), want a single array (.npy)")
		}
		return a, errors.Errorf("npy: %d bytes that do not begin with \\x93NUMPY", n)
	}
	length, rest := int(binary.LittleEndian.Uint16(start[8:])), start[10:]
	switch start[6] {
	case 1:
	case 2, 3:
		length, rest = int(binary.LittleEndian.Uint32(start[8:])), nil
	default:
		return a, errors.Errorf("npy: version %d, want 1 to 3", start[6])
	}
	if length > maxHeader || length < len(rest) {
		return a, errors.Errorf("npy: header of %d bytes", length)
	}
	header := make([]byte, length-len(rest))
	if _, err := io.ReadFull(r, header); err != nil {
		return a, errors.Errorf("npy: header of %d bytes in a file that ends before", length)
	}
	fortran, err := a.parseHeader(string(rest) + string(header))
	if err != nil {
		return a, errors.WithMessage(err, "npy")
	}
	if a, err = a.read(r, fileSize); err != nil {
		return a, errors.WithMessage(err, "npy")
	}
	if fortran {
		a = a.rowMajor()
	}
	return a, nil
}

// parseHeader reads what the header of a .npy file says.
func (a *array) parseHeader(header string) (fortran bool, err error) {
	descr, order, shape := npyType.FindStringSubmatch(header), npyOrder.FindStringSubmatch(header),
		npyShape.FindStringSubmatch(header)
	if order == nil || shape == nil || descr == nil {
		if strings.Contains(header, "[(") {
			return false, errors.New("an array of records, want numbers")
		}
		return false, errors.New("malformed header")
	}
	if err := a.parseType(descr[1]); err != nil {
		return false, err
	}
	for text := range strings.SplitSeq(shape[1], ",") {
		if text = strings.TrimRight(strings.TrimSpace(text), "L"); text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return false, errors.Errorf("malformed shape (%s)", shape[1])
		}
		a.dims = append(a.dims, n)
	}
	return order[1] == "True", nil
}

// parseType reads NumPy's name of a type: byte order, letter, size.
func (a *array) parseType(name string) error {
	wrong := errors.Errorf(
		"elements of type %q, want truth values, integers, real numbers of 16 to 64 bits, or "+
			"text",
		name,
	)
	if len(name) < 2 {
		return wrong
	}
	a.order = binary.LittleEndian
	switch name[0] {
	case '>':
		a.order = binary.BigEndian
	case '<', '|', '=':
	default:
		return wrong
	}
	switch name[1:] {
	case "O":
		return errors.Errorf(
			"elements of type %q are Python objects (a pickle), which are not read: save numbers",
			name,
		)
	case "b1", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8":
		a.kind, a.size = name[1], int(name[2]-'0')
		return nil
	case "?":
		a.kind, a.size = 'b', 1
		return nil
	}
	length, err := strconv.Atoi(name[2:])
	if err != nil || length < 1 || length > 1<<12 || name[1] != 'U' && name[1] != 'S' {
		return wrong
	}
	a.kind, a.size = name[1], length
	if a.kind == 'U' {
		a.size *= 4
	}
	return nil
}

// loadNPZFile fills a set from a NumPy archive at a path.
func loadNPZFile(_ context.Context, set *Set, path string, o Options) error {
	info, err := os.Stat(path)
	if err != nil {
		return errors.WithStack(err)
	}
	if info.IsDir() {
		return errors.New("a folder, want a NumPy archive (.npz); folder: and idx: read folders")
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return errors.WithStack(err)
	}
	return errors.WithMessage(set.loadNPZ(content, o), "npz")
}

// ReadNumbers reads sequences (N, T, F) or vectors (N, F) of a shape from a NumPy file (.npy). It returns an
// error for another one, for numbers that are not finite, and for more than there is memory for.
func ReadNumbers(r io.Reader, shape Shape) (Split, error) {
	if shape.Kind() == Pictures {
		return Split{}, errors.Errorf("data: a shape of %v, want one of sequences or vectors", shape)
	}
	limit := setMemory()
	content, err := io.ReadAll(io.LimitReader(r, limit))
	if err != nil {
		return Split{}, errors.WithStack(err)
	}
	a, err := readNPY(bytes.NewReader(content), len(content))
	if err != nil {
		return Split{}, errors.WithMessage(err, "data")
	}
	s := Split{}
	if err := a.numbersShape(shape.Kind(), &s.Shape); err != nil {
		return Split{}, errors.WithMessage(err, "data")
	}
	if s.Shape != shape {
		return Split{}, errors.Errorf("data: array %v holds %v, want %v", a.dims, s.Shape, shape)
	}
	if err := checkMemory(4 * float64(a.Len())); err != nil {
		return Split{}, errors.WithMessage(err, "data")
	}
	s.Floats = a.floats(func(v float64) float32 { return float32(v) })
	return s, errors.WithMessage(finite(s.Floats, shape.Len(), shape.Kind()), "data")
}
