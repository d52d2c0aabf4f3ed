package data

import (
	"image/color"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/parquettest"
)

// Columns are found by what the metadata say, by their names, or as chosen.
func TestParquetColumns(t *testing.T) {
	pictures := parquettest.Bytes("X.bytes", greys(0, 2)...)
	named := func(c parquettest.Column, name string) parquettest.Column {
		c.Name = name
		return c
	}
	ints, texts := parquettest.Ints("L", 1, 0), parquettest.Texts("L", "emu", "cat")
	fine := map[string]string{"huggingface": `{"info": {"features": {"coarse": {"names": ["x", "y"], "_type": "ClassLabel"},
		"fine_label": {"names": ["u", "v"], "_type": "ClassLabel"}}}}`}
	for name, c := range map[string]struct {
		columns  []parquettest.Column
		metadata map[string]string
		option   string
		classes  string // those of the set
		fails    string
	}{
		"usual": {[]parquettest.Column{named(pictures, "image.bytes"), named(ints, "label")}, nil,
			"", "0 1", ""},
		"of bytes alone": {[]parquettest.Column{named(pictures, "img"), named(ints, "y")}, nil, "", "0 1", ""},
		"text": {[]parquettest.Column{named(pictures, "img"), named(texts, "class")}, nil, "",
			"cat emu", ""},
		"the only picture": {[]parquettest.Column{named(pictures, "scan.bytes"), named(ints, "label")}, nil,
			"", "0 1", ""},
		"by metadata": {[]parquettest.Column{named(ints, "label"), named(pictures, "image"),
			named(pictures, "foto.bytes"), named(ints, "kind")}, animals("foto", "kind"), "", "dog cat", ""},
		"one of two": {[]parquettest.Column{named(pictures, "img"), named(ints, "coarse"),
			named(ints, "fine_label")}, fine, "", "u v", ""},
		"the other": {[]parquettest.Column{named(pictures, "img"), named(ints, "coarse"),
			named(ints, "fine_label")}, fine, ":label=coarse", "x y", ""},
		"chosen": {[]parquettest.Column{named(pictures, "image"), named(pictures, "b.bytes"),
			named(ints, "label"), named(texts, "z")}, nil, ":image=b,label=z", "cat emu", ""},
		"no picture": {[]parquettest.Column{named(texts, "image"), named(ints, "label")}, nil, "", "",
			"no column of pictures; the columns are image, label; to choose, write parquet:"},
		"no label": {[]parquettest.Column{named(pictures, "image"), named(ints, "id")}, nil, "", "",
			"no column of labels; the columns are image, id; to choose, write parquet:"},
		"two pictures": {[]parquettest.Column{named(pictures, "left"), named(pictures, "right"),
			named(ints, "label")}, nil, "", "", "each of left, right could be the column of pictures"},
		"wrong choice": {[]parquettest.Column{named(pictures, "image"), named(ints, "label")}, nil,
			":label=lable", "", `"lable" is no column of labels; the columns are image, label`},
		"wrong option": {[]parquettest.Column{named(pictures, "image"), named(ints, "label")}, nil,
			":lable=label", "", `unknown option "lable" (did you mean label?), want image or label`},
		"empty option": {[]parquettest.Column{named(pictures, "image"), named(ints, "label")}, nil,
			":label=", "", `option "label=", want one value for label`},
		"broken JSON": {[]parquettest.Column{named(pictures, "image"), named(ints, "label")},
			map[string]string{"huggingface": "{"}, "", "0 1", ""},
		"strange JSON": {[]parquettest.Column{named(pictures, "image"), named(ints, "label")},
			map[string]string{"huggingface": `{"info": {"features": {"label": 3}}}`}, "", "0 1", ""},
		"equal classes": {[]parquettest.Column{named(pictures, "image"), named(ints, "label")},
			map[string]string{"huggingface": `{"info": {"features": {"label": {"names": ["a", "a"]}}}}`}, "",
			"", `its metadata call class 1 "a", want another name for each`},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(write(t, map[string][]byte{"a.parquet": parquettest.Write(c.metadata, 9,
				c.columns...)}), "a.parquet")
			set, err := Load(t.Context(), "parquet:"+path+c.option, Options{Whole: true})
			if c.fails != "" {
				wantError(t, err, c.fails)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(set.Classes, " "); got != c.classes || set.Train.Len() != 2 ||
				set.Train.Images[0] != 0 || set.Train.Images[6] != 1 {
				t.Errorf("classes %s of %d images, want %s", got, set.Train.Len(), c.classes)
			}
			if want := []int{1, 0}; !slices.Equal(set.Train.Labels, want) {
				t.Errorf("labels %v, want %v", set.Train.Labels, want)
			}
		})
	}
}

// A row without bytes has its picture in a file beside the table, and nowhere else.
func TestParquetPictureBeside(t *testing.T) {
	load := func(path string, files map[string][]byte) (*Set, error) {
		table := parquettest.Write(animals("img", "label"), 9,
			parquettest.Bytes("img.bytes", nil, pngFile(3, 2, color.Gray{7})),
			parquettest.Texts("img.path", path, "b.png"), parquettest.Ints("label", 1, 0))
		return Load(t.Context(), "parquet:"+write(t,
			merged(files, map[string][]byte{"data/train.parquet": table})), Options{})
	}
	set, err := load("pictures/a.png", map[string][]byte{"data/pictures/a.png": pngFile(3, 2, color.Gray{9})})
	if err != nil || set.Train.Images[0] != 9 || set.Train.Images[6] != 7 {
		t.Errorf("%v", err)
	}
	_, err = load("pictures/a.png", nil)
	wantError(t, err, "data/train.parquet: row 0 (\"pictures/a.png\"): there are no bytes of the picture, "+
		"and the file beside is not read")
	for _, path := range []string{"../../secret.png", "/etc/passwd", `..\..\secret.png`, ""} {
		if set, err := load(path, map[string][]byte{"secret.png": pngFile(3, 2, color.Gray{9})}); err == nil {
			t.Errorf("%q is followed: %v", path, set.Train.Images)
		}
	}
	table := parquettest.Write(nil, 9, parquettest.Bytes("image", nil, nil), parquettest.Ints("label", 1, 0))
	_, err = Load(t.Context(), "parquet:"+write(t, map[string][]byte{"train.parquet": table}), Options{})
	wantError(t, err, "train.parquet: row 0: there is no picture: column image is null")
}

// Rows with label −1 of named classes have none, as in test splits of competitions.
func TestParquetUnlabelled(t *testing.T) {
	table := func(labels ...int64) []byte {
		return parquettest.Write(animals("img", "label"), 2,
			parquettest.Bytes("img", greys(0, len(labels))...), parquettest.Ints("label", labels...))
	}
	dir := write(t, map[string][]byte{"train.parquet": table(1, -1, 0, 1), "test.parquet": table(-1, -1)})
	set, err := Load(t.Context(), "parquet:"+dir, Options{ValCount: -1})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(set.Train.Labels, []int{1, 0, 1}) || set.Train.Images[6] != 2 || set.Test.Len() != 0 ||
		!slices.Equal(set.Notes, []string{"3 rows without a label (−1) left out"}) {
		t.Errorf("%+v", set)
	}
	_, err = Load(t.Context(), "parquet:"+write(t, map[string][]byte{"train.parquet": table(-1, -1)}), Options{})
	wantError(t, err, "no images with a label, want some: there are 2 rows")
}
