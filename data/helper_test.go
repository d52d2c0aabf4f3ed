package data

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// randomSplit returns n random images with labels in turn.
func randomSplit(shape Shape, n, classes int, seed uint64) Split {
	split := Split{Shape: shape, Images: randomBytes(n*shape.Len(), seed), Labels: make([]int, n)}
	for i := range split.Labels {
		split.Labels[i] = i % classes
	}
	return split
}

func randomBytes(n int, seed uint64) []byte {
	random := newStream(seed)
	content := make([]byte, n)
	for i := range content {
		content[i] = byte(random.Uint64())
	}
	return content
}

// imagesOf returns a split as a model of the given size reads it.
func imagesOf(t testing.TB, split Split, size int) *Images {
	t.Helper()
	images, err := Transform{Size: size}.Apply(split)
	if err != nil {
		t.Fatal(err)
	}
	return images
}

func statisticsOf(t testing.TB, split Split) (mean, std []float32) {
	t.Helper()
	mean, std, err := Statistics(split)
	if err != nil {
		t.Fatal(err)
	}
	return mean, std
}

// wantError fails unless err is one line that holds all parts.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error of several lines: %q", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q, want %q in it", err, part)
		}
	}
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// write puts files into a new folder, by path within it.
func write(t *testing.T, files map[string][]byte) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// idx returns an IDX file with the given header, whatever its values.
func idx(magic uint32, dims []uint32, values []byte) []byte {
	content := binary.BigEndian.AppendUint32(nil, magic)
	for _, d := range dims {
		content = binary.BigEndian.AppendUint32(content, d)
	}
	return append(content, values...)
}

// idxFolder returns the four files of a set of so many 2×3 images, the
// training files compressed.
func idxFolder(train, test int) map[string][]byte {
	files := make(map[string][]byte)
	for i, n := range []int{train, test} {
		labels := make([]byte, n)
		for j := range labels {
			labels[j] = byte(j % 2)
		}
		images := idx(0x803, []uint32{uint32(n), 2, 3}, randomBytes(6*n, uint64(i)))
		labels = idx(0x801, []uint32{uint32(n)}, labels)
		if i == 0 {
			files[idxNames[0]], files[idxNames[1]] = zipped(images), zipped(labels)
		} else {
			files[plain(idxNames[2])], files[plain(idxNames[3])] = images, labels
		}
	}
	return files
}

// zipped returns gzip data. Writing to memory cannot fail.
func zipped(content []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(content)
	_ = w.Close()
	return out.Bytes()
}

// npyFile returns a .npy file with the given header, whatever its values.
func npyFile(kind, shape string, values []byte) []byte {
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", kind, shape)
	header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
	content := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
	return append(append(content, header...), values...)
}

// zipFile returns an archive of the given files.
func zipFile(files map[string][]byte) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, content := range files {
		if entry, err := w.Create(name); err == nil {
			_, _ = entry.Write(content)
		}
	}
	_ = w.Close()
	return out.Bytes()
}

// hugeEntry returns an archive that says of its files that they have 2^64-1 bytes.
func hugeEntry(names ...string) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	content := pngFile(3, 4, color.Gray{1})
	for _, name := range names {
		header := &zip.FileHeader{Name: name, CRC32: crc32.ChecksumIEEE(content),
			CompressedSize64: uint64(len(content)), UncompressedSize64: math.MaxUint64}
		if entry, err := w.CreateRaw(header); err == nil {
			_, _ = entry.Write(content)
		}
	}
	_ = w.Close()
	return out.Bytes()
}

// tarFile returns a tar.gz archive of the given files in a folder.
func tarFile(files map[string][]byte) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for name, content := range files {
		_ = w.WriteHeader(&tar.Header{Name: "batches/" + name, Size: int64(len(content)), Mode: 0o644})
		_, _ = w.Write(content)
	}
	_ = w.Close()
	return zipped(out.Bytes())
}

// pngFile returns an image of one colour.
func pngFile(height, width int, c color.Color) []byte {
	var img interface {
		image.Image
		Set(x, y int, c color.Color)
	} = image.NewNRGBA(image.Rect(0, 0, width, height))
	if _, ok := c.(color.Gray); ok {
		img = image.NewGray(image.Rect(0, 0, width, height))
	}
	for i := range height * width {
		img.Set(i%width, i/width, c)
	}
	var out bytes.Buffer
	_ = png.Encode(&out, img)
	return out.Bytes()
}
