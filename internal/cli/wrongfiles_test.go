package cli

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"os"
	"strings"
	"testing"
)

// 30 wrong files: what is said of each names the file and what is wrong with it, and nothing else.
func TestWrongFiles(t *testing.T) {
	withRun(t, "logreg")
	grey := func(h, w int) string {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	var animation bytes.Buffer
	if err := gif.Encode(&animation, image.NewPaletted(image.Rect(0, 0, 4, 4),
		color.Palette{color.Black, color.White}), nil); err != nil {
		t.Fatal(err)
	}
	good := grey(28, 28)
	header := func(h, w uint32) string { // of a PNG
		b := []byte(grey(1, 1))
		binary.BigEndian.PutUint32(b[16:], w)
		binary.BigEndian.PutUint32(b[20:], h)
		binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
		return string(b)
	}
	for _, c := range []struct{ name, content, want string }{
		{"empty.png", "", "want a picture (PNG, JPEG, GIF, BMP, TIFF or WebP), the file is empty"},
		{"text.png", "not a picture at all", "the file is text"},
		{"page.png", "<html><body>404</body></html>", "the file is HTML"},
		{"drawing.png", `<svg xmlns="http://www.w3.org/2000/svg"/>`, "the file is SVG or XML"},
		{"phone.jpg", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "the file is HEIC or AVIF"},
		{"paper.jpg", "%PDF-1.7", "the file is PDF"},
		{"archive.png", "PK\x03\x04aaaaaaaaaaaaaaaa", "the file is a zip file (or npz)"},
		{"pointer.png", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
			"the file is a pointer of Git LFS"},
		{"double.png", "\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        ",
			"the file is a file of AppleDouble (._)"},
		{"noise.png", "\x01\x02\x03\x04\x05\x06\x07\x08", "the file is of no kind that is known"},
		{"magic.png", good[:8], "the file is damaged or of a rare kind: PNG: unexpected EOF"},
		{"cut.png", good[:len(good)-20], "the file is damaged: PNG: "},
		{"flipped.png", good[:50] + "\xff" + good[51:], "the file is damaged: PNG: "},
		{"cut.gif", animation.String()[:12], "the file is damaged or of a rare kind: GIF"},
		{"huge.png", header(1<<20, 1<<20), "its PNG header says 1048576×1048576 pixels, more than a file of"},
		{"zero.png", header(0, 28), "PNG: png: invalid format: non-positive dimension"},
		{"tiff.tif", "II*\x00\x08\x00\x00\x00\x00\x00", "the file is damaged or of a rare kind: TIFF"},
	} {
		write(t, c.name, c.content)
		_, stderr := command(t, failed, "predict a "+c.name)
		oneError(t, c.name, stderr, "data: "+c.name, c.want)
	}
	pixels := func(n int) []byte { return bytes.Repeat([]byte{1, 2, 3, 90}, n*196)[:n*784] }
	images := array("|u1", "(10, 28, 28)", pixels(10))
	labels := array("|u1", "(10,)", []byte{0, 1, 0, 1, 0, 1, 0, 1, 0, 1})
	nan := array("<f4", "(1, 1, 1)", []byte{0, 0, 0xc0, 0x7f})
	for name, c := range map[string]struct {
		arrays map[string]string
		want   string
	}{
		"no labels": {map[string]string{"train_images": images}, "no arrays train_images and " +
			"train_labels; the archive holds train_images"},
		"no images": {map[string]string{"train_labels": labels}, "no arrays train_images and " +
			"train_labels; the archive holds train_labels"},
		"other names": {map[string]string{"arr_0": images, "arr_1": labels}, "the archive holds arr_0, arr_1"},
		"nothing":     {nil, "no arrays train_images and train_labels"},
		"fewer labels": {map[string]string{"train_images": images,
			"train_labels": array("|u1", "(9,)", make([]byte, 9))}, "10 images and 9 labels"},
		"NaN": {map[string]string{"train_images": nan,
			"train_labels": array("|u1", "(1,)", []byte{0})}, "image 0 holds NaN at value 0 of 1"},
		"complex": {map[string]string{"train_images": array("<c8", "(1, 1, 1)", make([]byte, 8)),
			"train_labels": labels}, `train_images.npy: npy: elements of type "<c8"`},
		"objects": {map[string]string{"train_images": images,
			"train_labels": array("|O", "(10,)", make([]byte, 80))}, "are Python objects (a pickle)"},
		"short": {map[string]string{"train_images": array("|u1", "(10, 28, 28)", pixels(9)),
			"train_labels": labels}, "[10 28 28] = 7840 values, the file holds 7056"},
		"several labels": {map[string]string{"train_images": images,
			"train_labels": array("|u1", "(10, 2)", bytes.Repeat([]byte{1}, 20))},
			"all training examples have the same labels: want some that differ"},
		"real labels": {map[string]string{"train_images": images,
			"train_labels": array("<f4", "(10,)", bytes.Repeat([]byte{0, 0, 0, 0x3f}, 10))},
			"all training examples have the same values: want some that differ"},
		"one class": {map[string]string{"train_images": images,
			"train_labels": array("|u1", "(10,)", make([]byte, 10))},
			"all images are of one class, 0: want two classes at least"},
		"zero size": {map[string]string{"train_images": array("|u1", "(10, 0, 28)", nil),
			"train_labels": labels}, "0×28×1"},
		"two channels": {map[string]string{"train_images": array("|u1", "(5, 2, 28, 28)", pixels(10)),
			"train_labels": labels}, "of 2 channels, want 1 (grey) or 3"},
	} {
		npz(t, "wrong.npz", c.arrays)
		_, stderr := command(t, failed, "train --out x --data npz:wrong.npz")
		oneError(t, name, stderr, "data: npz:wrong.npz: ", c.want)
	}
	write(t, "array.npy", images)
	write(t, "text.npz", "hello")
	npz(t, "whole.npz", map[string]string{"train_images": images, "train_labels": labels})
	write(t, "cut.npz", read(t, "whole.npz")[:200])
	for _, dir := range []string{"flat", "gzip", "pixel/a", "pixel/b", "mixed/a", "mixed/b", "split/Test/a"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, "flat/1.png", good)
	write(t, "gzip/train-images-idx3-ubyte.gz", "\x1f\x8b\x08\x00")
	write(t, "gzip/train-labels-idx1-ubyte.gz", "\x1f\x8b\x08\x00")
	write(t, "mixed/a/1.png", good)
	write(t, "mixed/b/2.png", "text")
	write(t, "split/Test/a/1.png", good)
	for _, c := range []struct{ data, want string }{
		{"npz:array.npy", "a single array (.npy), want an archive (.npz)"},
		{"npz:text.npz", "want a zip archive, the file is text"},
		{"npz:cut.npz", "the archive is damaged or cut short"},
		{"npz:flat", "a folder, want a NumPy archive (.npz)"},
		{"npz:none.npz", "no such file"},
		{"folder:flat", "there is nothing and 1 picture in none"},
		{"folder:text.npz", "want a folder or a zip file of one, the file is text"},
		{"folder:mixed", "b/2.png: want a picture (PNG, JPEG, GIF, BMP, TIFF or WebP), the file is text"},
		{"folder:split", "there are Test, and none for training"},
		{"idx:flat", "want the files train-images-idx3-ubyte, train-labels-idx1-ubyte"},
		{"idx:gzip", "train-images-idx3-ubyte.gz: gzip: "},
		{"idx:array.npy", "a file, want the folder of the four files"},
	} {
		_, stderr := command(t, failed, "train --out x --data "+c.data)
		oneError(t, c.data, stderr, "data: "+c.data+": ", c.want)
	}
	for i, class := range []string{"a", "b"} { // one pixel is a picture
		for n := range 6 {
			img := image.NewGray(image.Rect(0, 0, 1, 1))
			img.Pix[0] = uint8(255 * i)
			savePNG(t, fmt.Sprintf("pixel/%s/%d.png", class, n), img)
		}
	}
	command(t, done, "train --out x --model logreg --epochs 1 --batch 4 --data folder:pixel")
}

// oneError fails unless an error is one line that holds all parts.
func oneError(t *testing.T, name, stderr string, parts ...string) {
	t.Helper()
	at := strings.Index(stderr, "hqvit: ")
	if at < 0 || strings.Count(stderr[at:], "\n") != 1 {
		t.Errorf("%s: want one line of error: %s", name, stderr)
		return
	}
	for _, part := range parts {
		if !strings.Contains(stderr[at:], part) {
			t.Errorf("%s: %swant %q", name, stderr[at:], part)
		}
	}
	t.Logf("%s: %s", name, stderr[at:])
}
