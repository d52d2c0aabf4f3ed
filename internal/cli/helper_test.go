package cli

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// digits writes a data set in MNIST's form: 28×28 images whose bright third is the label.
func digits(t *testing.T) (name string) {
	t.Helper()
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(5, 6))
	for prefix, n := range map[string]int{"train": 150, "t10k": 30} {
		images := binary.BigEndian.AppendUint32(nil, 0x803)
		labels := binary.BigEndian.AppendUint32(nil, 0x801)
		for _, v := range []uint32{uint32(n), 28, 28} {
			images = binary.BigEndian.AppendUint32(images, v)
		}
		labels = binary.BigEndian.AppendUint32(labels, uint32(n))
		for i := range n {
			labels = append(labels, byte(i%3))
			for p := range 28 * 28 {
				pixel := random.IntN(100)
				if p/28*3/28 == i%3 {
					pixel += 100
				}
				images = append(images, byte(pixel))
			}
		}
		write(t, filepath.Join(dir, prefix+"-images-idx3-ubyte"), string(images))
		write(t, filepath.Join(dir, prefix+"-labels-idx1-ubyte"), string(labels))
	}
	return "idx:" + dir
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// command calls the program as a shell would, and fails the test unless it ends with that code.
func command(t *testing.T, code int, line string) (stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	if got := (program{}).run(context.Background(), strings.Fields(line), &out, &err); got != code {
		t.Fatalf("hqvit %s: exit code %d, want %d; stderr: %s", line, got, code, err.String())
	}
	return out.String(), err.String()
}

// A call is a line of a transcript: a command, its exit code, and what it has to print on standard output or
// standard error.
type call struct {
	line string
	code int
	seen string // regular expression
}

func play(t *testing.T, calls []call) {
	t.Helper()
	for _, c := range calls {
		stdout, stderr := command(t, c.code, c.line)
		if !regexp.MustCompile(c.seen).MatchString(stderr + stdout) {
			t.Errorf("hqvit %s\n%s%swant %s", c.line, stderr, stdout, c.seen)
		}
		if c.code != done && !strings.Contains(c.line, "--verbose") &&
			strings.Count(stderr, "hqvit: ") == 1 &&
			strings.Count(stderr[strings.Index(stderr, "hqvit: "):], "\n") != 1 {
			t.Errorf("hqvit %s: an error of several lines: %s", c.line, stderr)
		}
	}
}

// insects writes class folders of 28×28 grey pictures, whose bright third says the class: of ant it is on
// top, of bee in the middle, of cat below. A class may be renamed.
func insects(t *testing.T, dir string, n int, seed uint64, names map[string]string) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 7))
	for third, class := range []string{"ant", "bee", "cat"} {
		if name, ok := names[class]; ok {
			class = name
		}
		if class == "" {
			continue
		}
		if err := os.MkdirAll(filepath.Join(dir, class), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			img := picture(image.NewGray(image.Rect(0, 0, 28, 28)), third).(*image.Gray)
			for p := range img.Pix {
				img.Pix[p] += uint8(random.IntN(50))
			}
			savePNG(t, fmt.Sprintf("%s/%s/%02d.png", dir, class, i), img)
		}
	}
}

// array returns a .npy file.
func array(kind, shape string, values []byte) string {
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", kind, shape)
	header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
	size := []byte{byte(len(header)), byte(len(header) >> 8)}
	return "\x93NUMPY\x01\x00" + string(size) + header + string(values)
}

// npz writes an archive of arrays.
func npz(t *testing.T, path string, arrays map[string]string) {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range arrays {
		entry, err := w.Create(name + ".npy")
		if err == nil {
			_, err = entry.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, path, b.String())
}
