package interop

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/hqvit/hqvit/data"
)

// example is a row of a data set of pictures as the library datasets writes it.
type example struct {
	Image struct {
		Bytes []byte `parquet:"bytes,optional"`
		Path  string `parquet:"path,optional"`
	} `parquet:"image,optional"`
	Label *int64 `parquet:"label,optional"`
}

// features is the metadata of MNIST on the Hub.
const features = `{"info": {"features": {"image": {"_type": "Image"}, "label": {"names": ["0", "1", "2", "3", "4", "5", ` +
	`"6", "7", "8", "9"], "_type": "ClassLabel"}}}}`

const commit = "77f3279092a1c1579b2250db8eafed0ad422088c"

// The complete MNIST, as PNG in Parquet files in a cache of the Hub's clients, is read bit by bit as from its
// own files. HQVIT_MNIST_CACHE is a folder to keep that cache in.
func TestMNIST(t *testing.T) {
	mnist, err := data.Load(t.Context(), "mnist", data.Options{ValCount: -1})
	if err != nil {
		t.Fatal(err)
	}
	cache := cmp.Or(os.Getenv("HQVIT_MNIST_CACHE"), t.TempDir())
	const shards = 2
	for i := range shards {
		n := mnist.Train.Len() / shards
		put(t, cache, fmt.Sprintf("mnist/train-%05d-of-%05d.parquet", i, shards), mnist.Train, i*n, (i+1)*n)
	}
	put(t, cache, "mnist/test-00000-of-00001.parquet", mnist.Test, 0, mnist.Test.Len())
	t.Setenv("HF_HUB_CACHE", cache)
	same(t, "hub:ylecun/mnist", mnist)
}

// The same of a folder HQVIT_MNIST_PARQUET, which another program has written.
func TestMNISTOfAnotherProgram(t *testing.T) {
	folder := os.Getenv("HQVIT_MNIST_PARQUET")
	if folder == "" {
		t.Skip("set HQVIT_MNIST_PARQUET to a folder with MNIST in Parquet files")
	}
	mnist, err := data.Load(t.Context(), "mnist", data.Options{ValCount: -1})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "parquet:"+folder, mnist)
}

// same fails unless a data set holds what MNIST does.
func same(t *testing.T, name string, mnist *data.Set) {
	t.Helper()
	set, err := data.Load(t.Context(), name, data.Options{ValCount: -1})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(set.Classes, mnist.Classes) || set.Shape != mnist.Shape || set.Train.Len() != 60000 ||
		set.Test.Len() != 10000 {
		t.Fatalf("%d training and %d test images of %v, classes %v", set.Train.Len(), set.Test.Len(),
			set.Shape, set.Classes)
	}
	for part, pair := range map[string][2]data.Split{"train": {set.Train, mnist.Train},
		"test": {set.Test, mnist.Test}} {
		if !bytes.Equal(pair[0].Images, pair[1].Images) || !slices.Equal(pair[0].Labels, pair[1].Labels) {
			t.Errorf("%s: images or labels differ", part)
		}
	}
}

// put writes some images of a split as a file into the cache, by the layout of the Hub's clients.
func put(t *testing.T, cache, name string, split data.Split, from, to int) {
	t.Helper()
	var file bytes.Buffer
	w := parquet.NewGenericWriter[example](&file, parquet.Compression(&parquet.Snappy),
		parquet.DataPageVersion(1),
		parquet.MaxRowsPerRowGroup(1000), parquet.KeyValueMetadata("huggingface", features))
	for i := from; i < to; i++ {
		size := split.Shape.Len()
		var picture bytes.Buffer
		err := png.Encode(&picture, &image.Gray{Pix: split.Images[i*size : (i+1)*size], Stride: split.Width,
			Rect: image.Rect(0, 0, split.Width, split.Height)})
		if err != nil {
			t.Fatal(err)
		}
		var row example
		label := int64(split.Labels[i])
		row.Image.Bytes, row.Image.Path, row.Label = picture.Bytes(), fmt.Sprintf("%d.png", i), &label
		if _, err := w.Write([]example{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "datasets--ylecun--mnist")
	sum := sha256.New()
	if _, err := io.Copy(sum, bytes.NewReader(file.Bytes())); err != nil {
		t.Fatal(err)
	}
	blob, link := fmt.Sprintf("%x", sum.Sum(nil)), filepath.Join(dir, "snapshots", commit,
		filepath.FromSlash(name))
	for path, content := range map[string][]byte{filepath.Join(dir, "blobs", blob): file.Bytes(),
		filepath.Join(dir, "refs", "main"): []byte(commit)} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../../../blobs/"+blob, link); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
}
