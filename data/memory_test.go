package data

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A file that promises a gigabyte, in a header or compressed, is refused without the memory, by every reader,
// and in one line.
func TestNoReaderTakesAGigabyteOnTrust(t *testing.T) {
	const giga = 1 << 30
	limitMemory(t, 1<<20, 4<<20)
	small, labels := idx(0x803, []uint32{1, 2, 2}, make([]byte, 4)), idx(0x801, []uint32{1}, make([]byte, 1))
	idxFiles := func(images, labels []byte) map[string][]byte {
		return map[string][]byte{idxNames[0]: images, idxNames[1]: labels, idxNames[2]: small,
			idxNames[3]: labels}
	}
	zeros := zipped(make([]byte, 16<<20))
	npz := func(kind, shape string, content []byte) []byte {
		return zipFile(map[string][]byte{"train_images.npy": npyFile(kind, shape, content),
			"train_labels.npy": npyFile("|u1", "(2,)", make([]byte, 2))})
	}
	longHeader := append([]byte("\x93NUMPY\x02\x00"), binary.LittleEndian.AppendUint32(nil, giga)...)
	classes := func(content []byte) map[string][]byte {
		return map[string][]byte{"train/cat/a.png": content, "train/dog/b.png": pngFile(2, 2, grey)}
	}
	cifar := func(archive []byte) func() error {
		return func() error {
			return loadCIFAR(1, "test.bin", "a.bin")(t.Context(), new(Set),
				[][]byte{archive})
		}
	}
	load := func(name string) func() error {
		return func() error { _, err := Load(t.Context(), name, Options{}); return err }
	}
	folder := func(files map[string][]byte) func() error { return load("folder:" + write(t, files)) }
	file := func(kind, name string, content []byte) func() error {
		return load(kind + ":" + filepath.Join(write(t, map[string][]byte{name: content}), name))
	}
	for _, c := range []struct {
		name string
		size int // of what is read
		read func() error
	}{
		{"idx: images", 32, load("idx:" +
			write(t, idxFiles(idx(0x803, []uint32{1 << 20, 32, 32}, make([]byte, 4)), labels)))},
		{"idx: labels", 32, load("idx:" + write(t, idxFiles(small, idx(0x801, []uint32{giga}, nil))))},
		{"idx: gzip bomb", len(zeros), load("idx:" + write(t, idxFiles(zeros, labels)))},
		{"cifar: tar", 512, cifar(zipped(lyingTar(giga)))},
		{"cifar: gzip bomb", len(zeros), cifar(zeros)},
		{"cifar: bomb of a member", 20000, cifar(tarFile(map[string][]byte{"a.bin": make([]byte, 16<<20)}))},
		{"npz: shape", 512, file("npz", "a.npz", npz("|u1", "(1048576, 32, 32)", make([]byte, 4)))},
		{"npz: shape of doubles", 512, file("npz", "a.npz", npz("<f8", "(131072, 32, 32)", make([]byte, 8)))},
		{"npz: labels", 512, file("npz", "a.npz", zipFile(map[string][]byte{
			"train_images.npy": npyFile("|u1", "(1, 2, 2)", make([]byte, 4)),
			"train_labels.npy": npyFile("<i8", "(134217728,)", nil)}))},
		{"npz: header", 512, file("npz", "a.npz",
			zipFile(map[string][]byte{"train_images.npy": longHeader, "train_labels.npy": nil}))},
		{"npz: zip bomb", 20000, file("npz", "a.npz", npz("|u1", "(16384, 32, 32)", make([]byte, 16<<20)))},
		{"npz: size in the directory", 512, file("npz", "a.npz",
			hugeEntry("train_images.npy", "train_labels.npy"))},
		{"folder: png", 512, folder(classes(lyingPNG()))},
		{"folder: jpeg", 512,
			folder(map[string][]byte{"train/cat/a.jpg": lyingJPEG(),
				"train/dog/b.png": pngFile(2, 2, grey)})},
		{"zip: png", 512, file("folder", "a.zip", zipFile(classes(lyingPNG())))},
		{"zip: size in the directory", 512, file("folder", "a.zip", hugeEntry("train/cat/a.png"))},
		{"zip: bomb", 20000, file("folder", "a.zip",
			zipFile(classes(append(pngFile(2, 2, grey)[:40], make([]byte, 16<<20)...))))},
		{"picture: png", 512, func() error {
			_, err := ReadPicture(bytes.NewReader(lyingPNG()), "a")
			return err
		}},
		{"picture: jpeg", 512, func() error {
			_, err := ReadPicture(bytes.NewReader(lyingJPEG()), "a")
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var err error
			n := allocated(func() { err = c.read() })
			if err == nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want one line", err)
			}
			if most := uint64(4 * expandLimit(c.size)); n > most {
				t.Errorf("%d bytes allocated for a file of %d, want at most %d", n, c.size, most)
			}
			t.Logf("%8d bytes allocated: %v", n, err)
		})
	}
}

// lyingTar is the header of a member that is not there.
func lyingTar(size int64) []byte {
	var out bytes.Buffer
	_ = tar.NewWriter(&out).WriteHeader(&tar.Header{Name: "a.bin", Size: size, Mode: 0o644})
	return out.Bytes()
}

// lyingJPEG is a header that says 32768×32768 pixels.
func lyingJPEG() []byte {
	return []byte("\xff\xd8\xff\xc0\x00\x0b\x08\x80\x00\x80\x00\x01\x01\x11\x00" +
		"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00\xff\xd9")
}

// The official archive of CIFAR-10 has this form: what it holds is read to the last bit.
func TestCIFARArchiveByName(t *testing.T) {
	files := map[string][]byte{"batches.meta.txt": []byte("airplane\n"), "readme.html": []byte("<html>")}
	for i, name := range []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
		"data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"} {
		for n := range 10 {
			record := append([]byte{byte(n)}, randomBytes(3*cifarPlane, uint64(10*i+n))...)
			files[name] = append(files[name], record...)
		}
	}
	archive := tarFile(files)
	d, err := Describe("cifar10")
	if err != nil {
		t.Fatal(err)
	}
	d.Files = slices.Clone(d.Files)                           // not those of the table
	d.Files[0].Digest = "sha256:" + digest("sha256", archive) // of this file instead of the official one
	dir := write(t, map[string][]byte{"cifar10/" + d.Files[0].Name: archive})
	set := &Set{Name: d.Name}
	if err := d.loadInto(t.Context(), set, Options{Dir: dir, NoDownload: true}); err != nil {
		t.Fatal(err)
	}
	if err := set.check(); err != nil {
		t.Fatal(err)
	}
	if set.Train.Len() != 50 || set.Test.Len() != 10 || set.Classes[set.Train.Labels[9]] != "truck" {
		t.Fatalf("%d training and %d test images", set.Train.Len(), set.Test.Len())
	}
	for i := range 50 { // in the order of the files
		planes := randomBytes(3*cifarPlane, uint64(i))
		for p := range 3 * cifarPlane {
			if got, want := set.Train.Images[i*3*cifarPlane+p], planes[p%3*cifarPlane+p/3]; got != want {
				t.Fatalf("image %d, value %d is %d, want %d", i, p, got, want)
			}
		}
	}
	// A flipped bit is another file.
	archive[len(archive)/2] ^= 1
	if err := os.WriteFile(filepath.Join(dir, "cifar10", d.Files[0].Name), archive, 0o644); err != nil {
		t.Fatal(err)
	}
	wantError(t, d.loadInto(t.Context(), new(Set), Options{Dir: dir, NoDownload: true}), "sha256 is",
		"to place the file by hand", "cs.toronto.edu")
}

// Memory is limited by memory: a page that compresses well is sound, and pixels beyond the limit are not.
func TestPictureMemory(t *testing.T) {
	page := image.NewPaletted(
		image.Rect(0, 0, 2480, 3508),
		color.Palette{color.White, color.Black},
	) // A4 at 300 dpi
	for x := 200; x < 2200; x++ {
		page.SetColorIndex(x, 1000, 1)
	}
	content := encoded(t, "png", page)
	if len(content) > 9000 {
		t.Fatalf("%d bytes, want a page of at most 9 kB", len(content))
	}
	p, err := ReadPicture(bytes.NewReader(content), "page")
	if err != nil {
		t.Fatal(err)
	}
	if split, err := p.Split(grey28, false); err != nil || p.Background() != Bright || split.Images[14] == 0 {
		t.Errorf("the page stands on %s; %v", p.Background(), err)
	}
	dir := write(t, map[string][]byte{"a/1.png": content, "b/2.png": content})
	if set, err := Load(t.Context(), "folder:"+dir, Options{Size: 32}); err != nil || set.Channels != 1 {
		t.Error(err)
	}
	limitMemory(t, 1<<20, 1<<20)
	_, err = ReadPicture(bytes.NewReader(content), "page")
	wantError(t, err, "2480×3508 pixels, which take 8.7 MB of memory: at most 1.05 MB are read")
	small := encoded(t, "png", image.NewGray(image.Rect(0, 0, 400, 400)))
	files := map[string][]byte{}
	for _, name := range strings.Fields("a/1 a/2 a/3 a/4 b/1 b/2 b/3 b/4") {
		files[name+".png"] = small
	}
	_, err = Load(t.Context(), "folder:"+write(t, files), Options{})
	wantError(t, err, "8 images of 400×400×1: 1.28 MB are more than the 1.05 MB of memory that there are")
	if _, err = Load(t.Context(), "folder:"+write(t, files), Options{Size: 100}); err != nil {
		t.Error(err)
	}
	_, err = ReadPicture(bytes.NewReader(lyingPNG()), "a")
	wantError(t, err, "the file is damaged: its PNG header says 32768×32768 pixels, more than a file of")
	_, err = ReadPicture(bytes.NewReader(make([]byte, 1<<20+1)), "a")
	wantError(t, err, "more than 1.05 MB, the limit for a picture")
}
