package cli

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/parquettest"
)

// digitFile writes the first test image of MNIST, a 7.
func digitFile(t *testing.T) {
	t.Helper()
	set, err := data.Load(t.Context(), "mnist", data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	img := &image.Gray{Pix: set.Test.Images[:28*28], Stride: 28, Rect: image.Rect(0, 0, 28, 28)}
	if err := os.Mkdir("folder", 0o755); err != nil {
		t.Fatal(err)
	}
	savePNG(t, "digit.png", img)
	savePNG(t, "folder/seven.png", img)
}

// pictureFolder writes thirty zeros and thirty ones of MNIST, each class in a folder of its name.
func pictureFolder(t *testing.T) {
	t.Helper()
	set, err := data.Load(t.Context(), "mnist", data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for i, label := range set.Test.Labels {
		name := []string{"zero", "one", ""}[min(label, 2)]
		if name == "" || count[name] == 30 {
			continue
		}
		count[name]++
		if err := os.MkdirAll("pictures/"+name, 0o755); err != nil {
			t.Fatal(err)
		}
		img := &image.Gray{Pix: set.Test.Images[i*28*28 : (i+1)*28*28], Stride: 28,
			Rect: image.Rect(0, 0, 28, 28)}
		savePNG(t, fmt.Sprintf("pictures/%s/%d.png", name, i), img)
	}
}

// otherForms writes the other inputs of docs/data.md: the images as a zip, small sets in IDX and npz, one
// with a NaN, a configuration, and the digit as a scan on paper.
func otherForms(t *testing.T) {
	t.Helper()
	pack := func(path string, files map[string]string) {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, name := range slices.Sorted(maps.Keys(files)) {
			entry, err := w.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := entry.Write([]byte(files[name])); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		write(t, path, b.String())
	}
	pictures := map[string]string{}
	names, err := filepath.Glob("pictures/*/*.png")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		pictures[name] = string(content)
	}
	pack("pictures.zip", pictures)
	if err := os.Symlink(strings.TrimPrefix(digits(t), "idx:"), "idx"); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("parquet/data", 0o777); err != nil {
		t.Fatal(err)
	}
	for part, count := range map[string]int{"train": 40, "test": 20} {
		var contents [][]byte
		var labels []int64
		for i, name := range names { // twos of each class in turn
			if i/2%2 == 0 == (part == "train") && len(labels) < count {
				contents = append(contents, []byte(pictures[name]))
				labels = append(labels, int64(strings.Count(name, "one")))
			}
		}
		write(t, "parquet/data/"+part+"-00000-of-00001.parquet", string(parquettest.Write(
			map[string]string{"huggingface": `{"info": {"features": {"label": {"names": ["zero", "one"], "_type": "ClassLabel"}}}}`},
			100, parquettest.Bytes("image.bytes", contents...), parquettest.Ints("label", labels...))))
	}
	array := func(kind, shape string, values []byte) string {
		header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", kind, shape)
		header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
		return "\x93NUMPY\x01\x00" + string([]byte{byte(len(header)), byte(len(header) >> 8)}) + header +
			string(values)
	}
	pixels, labels := make([]byte, 40*28*28), make([]byte, 40)
	for i := range pixels {
		image := i / (28 * 28)
		labels[image] = byte(image % 2)
		pixels[i] = byte(100*(image%2) + i%50)
	}
	small := map[string]string{}
	for _, part := range []string{"train", "val", "test"} {
		small[part+"_images.npy"] = array("|u1", "(40, 28, 28)", pixels)
		small[part+"_labels.npy"] = array("|u1", "(40, 1)", labels)
	}
	pack("small.npz", small)
	real := make([]byte, 0, 4*len(pixels))
	for i := range pixels {
		v := float32(0.5)
		if i == 3*28*28+7 {
			v = float32(math.NaN())
		}
		real = binary.LittleEndian.AppendUint32(real, math.Float32bits(v))
	}
	small["train_images.npy"] = array("<f4", "(40, 28, 28)", real)
	pack("nan.npz", small)
	write(t, "augment.yaml",
		"data: folder:pictures\nmodel: vit\nepochs: 4\nbatch: 16\naugmentation: {shift: 1, rotate: 0.1, "+
			"mixup: 0.2}\n")

	file, err := os.Open("digit.png")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	img, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	paper := image.NewGray(img.Bounds())
	for i, v := range img.(*image.Gray).Pix {
		paper.Pix[i] = 255 - v
	}
	savePNG(t, "paper.png", paper)
}

// reuploading is a program whose input enters two gates, as it stands in docs/analysis.md.
const reuploading = `OPENQASM 3.0;
include "stdgates.inc";
input angle x;
input angle a;
input angle b;
qubit[2] q;
rx(x) q[0]; ry(a) q[0]; cx q[0], q[1];
rx(2 * x) q[0]; ry(b) q[1]; cx q[1], q[0];
`
