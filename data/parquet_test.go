package data

import (
	"bytes"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/parquet"
	"github.com/hqvit/hqvit/internal/parquettest"
)

// animals is the metadata of a file with an image column and a label column of two classes.
func animals(image, label string) map[string]string {
	return map[string]string{"huggingface": `{"info": {"features": {"` + image + `": {"_type": "Image"}, "` +
		label + `": {"names": ["dog", "cat"], "_type": "ClassLabel"}, "tags": [{"_type": "Value"}]}}}`}
}

// greys returns pictures of 3×2 pixels, each of another grey.
func greys(from, n int) (contents [][]byte) {
	for i := range n {
		contents = append(contents, pngFile(3, 2, color.Gray{uint8(from + i)}))
	}
	return contents
}

// shardOf returns a file of n pictures, with labels 1, 0, 1, ….
func shardOf(from, n int) []byte {
	var labels []int64
	for i := range n {
		labels = append(labels, int64(1-i%2))
	}
	return parquettest.Write(animals("img", "label"), 4, parquettest.Bytes("img.bytes", greys(from, n)...),
		parquettest.Texts("img.path", make([]string, n)...), parquettest.Ints("label", labels...))
}

// The splits of a folder of files in the Hub's form, each in several files and row groups: pixels, labels and
// class names in their order.
func TestParquetFolder(t *testing.T) {
	for name, layout := range map[string][5]string{
		"the Hub's": {"data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet",
			"data/validation-00000-of-00001.parquet", "data/test-00000-of-00001.parquet", "README.md"},
		"with digests": {"train-00000-of-00002-0123456789abcdef.parquet",
			"train-00001-of-00002-fedcba9876543210.parquet",
			"val-00000-of-00001-00.parquet", "test-00000-of-00001-11.parquet", ".gitattributes"},
		"converted": {"default/train/0000.parquet", "default/train/0001.parquet", "default/validation/0000.parquet",
			"default/partial-test/0000.parquet", ".hidden/train.parquet"},
		"plain": {"a-train-1.parquet", "a-train-2.parquet", "a-dev.parquet", "a-test.parquet", "notes.txt"},
		"with a rest": {"train-00000-of-00002.parquet", "train-00001-of-00002.parquet", "valid.parquet",
			"test.parquet", "extra-00000-of-00001.parquet"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, map[string][]byte{layout[0]: shardOf(0, 10), layout[1]: shardOf(10, 5),
				layout[2]: shardOf(20, 3), layout[3]: shardOf(30, 6), layout[4]: shardOf(90, 2)})
			set, err := Load(t.Context(), "parquet:"+dir, Options{})
			if name == "converted" { // a split is the name of a folder as a whole
				wantError(t, err, "the folders default, default/partial-test each hold a set: choose one")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(set.Classes, []string{"dog", "cat"}) || set.Shape != (Shape{3, 2, 1}) ||
				set.Unsplit || set.Unnamed {
				t.Errorf("%+v", set)
			}
			for _, part := range []struct {
				Split
				from, n int
			}{{set.Train, 0, 15}, {set.Val, 20, 3}, {set.Test, 30, 6}} {
				if part.Len() != part.n {
					t.Fatalf("%d images, want %d", part.Len(), part.n)
				}
				for i := range part.n {
					place := i
					if part.from == 0 && i >= 10 {
						place = i - 10
					}
					if part.Images[6*i] != uint8(part.from+i) || part.Labels[i] != 1-place%2 {
						t.Errorf("image %d is %d with label %d", i, part.Images[6*i], part.Labels[i])
					}
				}
			}
			notes := ""
			if name == "with a rest" {
				notes = "files whose names say no split were left out: extra-00000-of-00001.parquet"
			}
			if got := strings.Join(set.Notes, "; "); got != notes {
				t.Errorf("notes %q, want %q", got, notes)
			}
		})
	}
}

// A file alone is a set without splits: a fifth becomes the test split, a tenth of the rest that for
// validation.
func TestParquetFile(t *testing.T) {
	path := filepath.Join(write(t, map[string][]byte{"train-00003-of-00009.parquet": shardOf(0, 50)}),
		"train-00003-of-00009.parquet")
	set, err := Load(t.Context(), "parquet:"+path, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if set.Train.Len() != 36 || set.Val.Len() != 4 || set.Test.Len() != 10 || !set.Unsplit ||
		set.Title != "train-00003-of-00009.parquet" {
		t.Errorf("%d, %d and %d images, %+v", set.Train.Len(), set.Val.Len(), set.Test.Len(), set)
	}
	whole, err := Load(t.Context(), "parquet:"+path, Options{Whole: true})
	if err != nil || whole.Train.Len() != 50 {
		t.Error(err)
	}
}

// Pictures go the way of those of folders: upright, fitted, with their own limits.
func TestParquetPictures(t *testing.T) {
	colours := image.NewNRGBA(image.Rect(0, 0, 60, 40))
	for i := range 60 * 40 {
		colours.Set(i%60, i/60, color.NRGBA{uint8(i), uint8(3 * i), uint8(7 * i), 255})
	}
	contents := [][]byte{encoded(t, "png", colours), encoded(t, "jpeg", colours), pngFile(9, 30, grey)}
	var files = map[string][]byte{}
	for i, content := range contents {
		files[filepath.Join("train", []string{"a", "b"}[i%2], string(rune('0'+i)))+".png"] = content
	}
	folder, err := Load(t.Context(), "folder:"+write(t, files), Options{Size: 16, ValCount: -1})
	if err != nil {
		t.Fatal(err)
	}
	order := [][]byte{contents[0], contents[2], contents[1]} // a folder is read class by class
	table := parquettest.Write(nil, 9, parquettest.Bytes("image.bytes", order...),
		parquettest.Texts("label", "a", "a", "b"))
	set, err := Load(t.Context(), "parquet:"+write(t, map[string][]byte{"train.parquet": table}),
		Options{Size: 16, ValCount: -1})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(set.Train.Images, folder.Train.Images) || set.Shape != folder.Shape ||
		set.Train.Background() != folder.Train.Background() ||
		!slices.Equal(set.Train.Labels, folder.Train.Labels) || !slices.Equal(set.Classes, folder.Classes) {
		t.Error("the pictures differ from those of a folder")
	}
	_, err = Load(t.Context(), "parquet:"+write(t, map[string][]byte{"train.parquet": table}), Options{})
	wantError(t, err, "row 1 is 9×30, the first image 40×60: give a size for all images")
}

// What is wrong with files is said in a line.
func TestParquetErrors(t *testing.T) {
	good := shardOf(0, 4)
	of := func(columns ...parquettest.Column) []byte {
		return parquettest.Write(animals("img", "label"), 9, columns...)
	}
	pictures := parquettest.Bytes("img", greys(0, 2)...)
	floats := parquettest.Column{Name: "label", Kind: parquet.Float,
		Values: []parquet.Value{{Float: 0.5}, {Float: 1}}}
	missing := parquettest.Ints("label", 1, 0)
	missing.Values[1].Null = true
	for name, c := range map[string]struct {
		files map[string][]byte
		fails string
	}{
		"no folder": {nil, "no .parquet file in it, want train-00000-of-00001.parquet or the like; " +
			"there is nothing"},
		"other files": {map[string][]byte{"a.csv": nil}, "there is a.csv"},
		"several sets": {map[string][]byte{"mnist/train.parquet": good, "fashion/train.parquet": good},
			"the folders fashion, mnist each hold a set: choose one, as in parquet:"},
		"one missing": {map[string][]byte{"train-00000-of-00003.parquet": good,
			"train-00002-of-00003.parquet": good}, "there are 0 files train-00001-of-00003.parquet, want one"},
		"one too many": {map[string][]byte{"train-00000-of-00001.parquet": good,
			"train-00000-of-00001-ab.parquet": good}, "there are 2 files train-00000-of-00001.parquet, want one"},
		"beyond": {map[string][]byte{"train-00007-of-00003.parquet": good},
			"train-00007-of-00003.parquet has a number that is not below 3"},
		"no training": {map[string][]byte{"test.parquet": good},
			"there are files for test, and none for training"},
		"empty": {map[string][]byte{"train.parquet": nil},
			"train.parquet: want a Parquet file, the file is empty"},
		"LFS": {map[string][]byte{"train.parquet": []byte(
			"version https://git-lfs.github.com/spec/v1\n")}, "train.parquet: want a Parquet file, the " +
			"file is a pointer of Git LFS"},
		"cut short": {map[string][]byte{"train.parquet": good[:len(good)-9]},
			"train.parquet: the file is cut short: it ends with"},
		"no picture": {map[string][]byte{"train.parquet": of(parquettest.Bytes("img", []byte("hello"),
			nil), missing)}, "row 1 has no label: column label is null"},
		"text": {map[string][]byte{"train.parquet": of(parquettest.Bytes("img", []byte("hello")),
			parquettest.Ints("label", 1))}, "train.parquet: row 0: want a picture (PNG, JPEG, GIF, BMP, " +
			"TIFF or WebP), the file is text"},
		"regression": {map[string][]byte{"train.parquet": of(pictures, floats)},
			"label 0 is 0.5: want whole numbers"},
		"beyond labels": {map[string][]byte{"train.parquet": of(pictures, parquettest.Ints("label", 1, 2))},
			"row 1: label 2, want one of the 2 classes that the metadata name"},
		"below labels": {map[string][]byte{"train.parquet": of(pictures, parquettest.Ints("label", 1, -2))},
			"row 1: label -2, want one of"},
		"empty label": {map[string][]byte{"train.parquet": of(pictures,
			parquettest.Texts("label", "a", ""))}, `row 1: label "" in column label, want a text`},
		"other classes": {map[string][]byte{"train.parquet": good,
			"test.parquet": parquettest.Write(nil, 9, pictures, parquettest.Ints("label", 1, 0))},
			"train.parquet: its metadata name the classes dog, cat, those of test.parquet do not"},
		"mixed labels": {map[string][]byte{"train.parquet": parquettest.Write(nil, 9, pictures,
			parquettest.Texts("label", "a", "b")),
			"test.parquet": parquettest.Write(nil, 9, pictures, parquettest.Ints("label", 1, 0))},
			"labels that are text in one file and numbers in another"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, c.files)
			_, err := Load(t.Context(), "parquet:"+dir, Options{})
			wantError(t, err, c.fails)
		})
	}
	_, err := Load(t.Context(), "parquet:"+filepath.Join(t.TempDir(), "none"), Options{})
	wantError(t, err, "no such file")
	// Damage in any byte is an error or harmless, and never a panic.
	path := filepath.Join(t.TempDir(), "train.parquet")
	for at := range good {
		bad := slices.Clone(good)
		bad[at] ^= 0x55
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(t.Context(), "parquet:"+path, Options{}); err != nil &&
			strings.Contains(err.Error(), "\n") {
			t.Errorf("byte %d: %v", at, err)
		}
	}
}

// Memory is taken for what is there, and not for what a file claims.
func TestParquetMemory(t *testing.T) {
	path := filepath.Join(write(t, map[string][]byte{"a.parquet": shardOf(0, 40)}), "a.parquet")
	limitMemory(t, 1<<20, 300)
	_, err := Load(t.Context(), "parquet:"+path, Options{})
	wantError(t, err, "the file is damaged: it says that its description takes")
	limitMemory(t, 1<<20, 4000)
	_, err = Load(t.Context(), "parquet:"+path, Options{Size: 32})
	wantError(t, err, "40 images of 32×32×1: 40960 bytes are more than the 4000 bytes of memory that there are")
	limitMemory(t, 50, 1<<20)
	_, err = Load(t.Context(), "parquet:"+path, Options{})
	wantError(t, err, "row 0: more than 50 bytes, the limit for a picture")
}
