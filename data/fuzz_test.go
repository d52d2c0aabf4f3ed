package data

import (
	"bytes"
	"testing"
	"testing/fstest"

	"github.com/hqvit/hqvit/internal/parquettest"
)

// consistent fails if a set that a reader returned without an error is not
// what Load may hand on.
func consistent(t *testing.T, set *Set, err error) {
	if err != nil {
		return
	}
	if set.check() != nil {
		return
	}
	for _, split := range []Split{set.Train, set.Val, set.Test} {
		if n := split.Len(); n != len(split.Labels) ||
			len(split.Images)+len(split.Floats) != n*split.Shape.Len() {
			t.Errorf("%d images of %v with %d labels", n, split.Shape, len(split.Labels))
		}
		if split.Len() > 0 && max(split.Height, split.Width) <= 64 {
			fillAll(t, imagesOf(t, split, 64))
		}
	}
}

// bounded fails if f allocates more than a file of the given size warrants: what it may expand to, in a
// buffer that grew to it, with labels of eight bytes; or the memory of a few pictures and of a set, which it
// lowers.
func bounded(t *testing.T, size int, f func()) {
	limitMemory(t, 1<<20, 4<<20)
	if n := allocated(f); n > uint64(16*expandLimit(size)) {
		t.Errorf("%d bytes allocated for a file of %d", n, size)
	}
}

// limitMemory lowers the memory that a picture and a set may take for a test.
func limitMemory(t *testing.T, picture, set int64) {
	was, wasSet := pictureMemory, setMemory
	pictureMemory, setMemory = picture, func() int64 { return set }
	t.Cleanup(func() { pictureMemory, setMemory = was, wasSet })
}

func FuzzIDX(f *testing.F) {
	files := idxFolder(3, 1)
	f.Add(files[idxNames[0]], files[idxNames[1]])
	f.Add(idx(0x803, []uint32{1, 2, 2}, make([]byte, 4)), idx(0x801, []uint32{1}, make([]byte, 1)))
	f.Add(idx(0x803, []uint32{1 << 31, 1 << 31, 4}, make([]byte, 4)), idx(0x801, []uint32{1 << 31}, nil))
	f.Fuzz(func(t *testing.T, images, labels []byte) {
		bounded(t, len(images)+len(labels), func() {
			set := new(Set)
			consistent(t, set, loadIDX(t.Context(), set, [][]byte{images, labels, images, labels}))
		})
	})
}

func FuzzCIFAR(f *testing.F) {
	good := map[string][]byte{"a.bin": cifarRecord(3), "test.bin": cifarRecord(1)}
	f.Add(tarFile(good))
	f.Add(tarFile(map[string][]byte{"a.bin": cifarRecord(200), "test.bin": nil}))
	f.Add(tarFile(good)[:100])
	f.Fuzz(func(t *testing.T, archive []byte) {
		bounded(t, len(archive), func() {
			set := &Set{Classes: digits}
			err := loadCIFAR(1, "test.bin", "a.bin")(t.Context(), set, [][]byte{archive})
			consistent(t, set, err)
		})
	})
}

func FuzzNPZ(f *testing.F) {
	f.Add(zipFile(npzArrays()))
	f.Add(zipFile(map[string][]byte{
		"x_train.npy": npyFile("<f8", "(2, 1, 1)", make([]byte, 16)),
		"y_train.npy": npyFile("<i4", "(2, 1)", make([]byte, 8)),
	}))
	f.Add(zipFile(map[string][]byte{
		"train_images.npy": npyFile("|u1", "(99999999, 9999999, 9)", nil),
		"train_labels.npy": npyFile("|O", "(2)", nil),
	}))
	f.Fuzz(func(t *testing.T, archive []byte) {
		bounded(t, len(archive), func() {
			set := new(Set)
			consistent(t, set, loadNPZ(t.Context(), set, [][]byte{archive}))
		})
	})
}

// FuzzNPY goes at the header, which the checksums of an archive hide.
func FuzzNPY(f *testing.F) {
	for _, content := range npzArrays() {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		bounded(t, len(content), func() {
			a, err := readNPY(bytes.NewReader(content), len(content))
			if err != nil {
				return
			}
			labels, images := a, a
			set, width := new(Set), 0
			names, numbers, err := labels.labels(&width)
			if err == nil && len(names)+len(numbers) > len(a.values) {
				t.Error("more labels than values")
			}
			err = set.fill(parts{{&images, &labels}}, Options{})
			consistent(t, set, err)
		})
	})
}

func FuzzImage(f *testing.F) {
	f.Add(pngFile(3, 4, red))
	f.Add(pngFile(1, 70, grey))
	f.Add(lyingPNG())
	f.Add([]byte("\xff\xd8\xff\xe0 no JPEG"))
	f.Fuzz(func(t *testing.T, content []byte) {
		bounded(t, len(content), func() {
			p, err := ReadPicture(bytes.NewReader(content), "a")
			if err != nil {
				return
			}
			height, width := p.height, p.width
			if p.turned() {
				height, width = width, height
			}
			if b := p.img.Bounds(); width != b.Dx() || height != b.Dy() {
				t.Errorf("header says %d×%d, the image is %d×%d", width, height, b.Dx(), b.Dy())
			}
			if _, err := p.Split(colour32, true); err != nil {
				t.Error(err)
			}
		})
	})
}

func FuzzArchive(f *testing.F) {
	f.Add(zipFile(classFolders("train", 2, "cat", "dog")))
	f.Add(zipFile(map[string][]byte{"cat/a.png": lyingPNG(), "cat/b.png": nil, "dog": nil,
		"dog/a.png": pngFile(2, 2, red)}))
	// A size of 2^64-1 in the archive's directory, in the extra field for it.
	f.Add(hugeEntry("train/cat/a.png"))
	f.Fuzz(func(t *testing.T, archive []byte) {
		bounded(t, len(archive), func() {
			for _, o := range []Options{{}, {Size: 8, Channels: 1}} {
				set := new(Set)
				consistent(t, set, loadZip(t.Context(), set, archive, o))
			}
		})
	})
}

func FuzzParquet(f *testing.F) {
	f.Add(shardOf(0, 5))
	f.Add(parquettest.Write(nil, 2, parquettest.Bytes("image", greys(0, 4)...),
		parquettest.Texts("label", "b", "a", "c", "a")))
	f.Add(parquettest.Write(animals("img", "y"), 9, parquettest.Bytes("img.bytes", nil, pngFile(2, 2, red)),
		parquettest.Texts("img.path", "b.png", "c"), parquettest.Ints("y", 1, -1)))
	f.Fuzz(func(t *testing.T, content []byte) {
		bounded(t, len(content), func() {
			limitMemory(t, 1<<16, 1<<16) // a few rows of a dictionary are many pictures
			files := fstest.MapFS{"a.parquet": {Data: content}, "b.png": {Data: pngFile(2, 2, red)}}
			for _, o := range []Options{{}, {Size: 8, Whole: true}} {
				set := new(Set)
				table := &tables{FS: files, options: o, shards: []*shard{{path: "a.parquet", split: -1}}}
				consistent(t, set, table.load(t.Context(), set))
			}
		})
	})
}
