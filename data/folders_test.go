package data

import (
	"bytes"
	"compress/zlib"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// greyAlpha returns a PNG of colour type 4, grey with alpha, which Go's encoder does not write: of each row a
// filter byte, then grey and alpha of each pixel.
func greyAlpha(height, width int, level, alpha byte) []byte {
	var raw []byte
	for range height {
		raw = append(append(raw, 0), bytes.Repeat([]byte{level, alpha}, width)...)
	}
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	_, _ = w.Write(raw)
	_ = w.Close()
	head := slices.Clone(pngFile(height, width, grey)[:33])
	head[25] = 4
	crc := crcOf(head[12:29])
	copy(head[29:], crc[:])
	return withChunk(withChunk(head, "IEND", nil), "IDAT", packed.Bytes())
}

// The splits of a folder may have any usual name, in any case, and stand in an outer folder.
func TestFolderSplitNames(t *testing.T) {
	for _, c := range []struct {
		train, val, test, outer string
		fails                   string
	}{
		{"train", "val", "test", "", ""},
		{"Train", "Val", "Test", "", ""},
		{"TRAIN", "VALID", "TEST", "", ""},
		{"Training", "Validation", "Testing", "", ""},
		{"training", "dev", "testing", "mine/data/", ""},
		{"trn", "valid", "tst", "mine/", ""},
		{"train", "validation", "", "", ""},
		{"", "", "test", "", "a folder for each of the splits train, val and test is wanted"},
		{"Trian", "", "Test", "", "there are Test, Trian, and none for training"},
	} {
		files := map[string][]byte{}
		for _, part := range []struct {
			name string
			n    int
		}{{c.train, 6}, {c.val, 2}, {c.test, 3}} {
			if part.name != "" {
				files = merged(files, classFolders(c.outer+part.name, part.n, "cat", "dog"))
			}
		}
		for how, path := range map[string]string{"folder": write(t, files),
			"zip": filepath.Join(write(t, map[string][]byte{"set.zip": zipFile(files)}), "set.zip")} {
			set, err := Load(t.Context(), "folder:"+path, Options{Seed: 1})
			if c.fails != "" {
				wantError(t, err, c.fails)
				continue
			}
			if err != nil {
				t.Errorf("%+v in a %s: %v", c, how, err)
				continue
			}
			val, test := 4, 6
			if c.val == "" {
				val = 1
			}
			if c.test == "" {
				test = 0
			}
			if set.Train.Len() != 12 || set.Val.Len() != val || set.Test.Len() != test || set.Unsplit ||
				!slices.Equal(set.Classes, []string{"cat", "dog"}) || len(set.Notes) > 0 {
				t.Errorf("%+v in a %s: %d, %d, %d images of %q; %q", c, how, set.Train.Len(),
					set.Val.Len(), set.Test.Len(), set.Classes, set.Notes)
			}
		}
	}
	two := merged(classFolders("train", 2, "a", "b"), classFolders("Training", 2, "a", "b"))
	_, err := Load(t.Context(), "folder:"+write(t, two), Options{})
	wantError(t, err, "both Training and train, want one folder for a split")
	flat := map[string][]byte{"train/1.png": pngFile(2, 2, grey), "test/2.png": pngFile(2, 2, grey)}
	_, err = Load(t.Context(), "folder:"+write(t, flat), Options{})
	wantError(t, err, "the folders are test, train: want a folder for each class in each")
	// A class may have the name of a split.
	set, err := Load(t.Context(), "folder:"+write(t, classFolders("", 5, "dev", "ops")), Options{})
	if err != nil || !slices.Equal(set.Classes, []string{"dev", "ops"}) {
		t.Errorf("classes of names of splits: %v", err)
	}
}

// What is no picture is left out, counted and said once; what is left out of a folder is never a class.
func TestFolderOfForeignFiles(t *testing.T) {
	apple := []byte("\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        ")
	good := classFolders("", 10, "cat", "dog")
	for name, c := range map[string]struct {
		files map[string][]byte
		note  string
	}{
		"nothing": {nil, ""},
		"AppleDouble": {map[string][]byte{"cat/._a.png": apple, "._cat": apple},
			"2 files that are no pictures were left out: 2 hidden"},
		"Mac": {map[string][]byte{".DS_Store": apple, "cat/.DS_Store": apple, "__MACOSX/cat/._a.png": apple},
			"3 files that are no pictures were left out: 2 hidden, 1 __MACOSX"},
		"Windows": {map[string][]byte{"cat/Thumbs.db": apple, "dog/Thumbs.db": apple, "desktop.ini": nil},
			"3 files that are no pictures were left out: 2 Thumbs.db, 1 desktop.ini"},
		"texts": {map[string][]byte{"README.md": nil, "LICENSE": nil, "cat/notes.txt": nil, "labels.csv": nil},
			"4 files that are no pictures were left out: 1 .csv, 1 .md, 1 .txt, 1 LICENSE"},
		"other pictures": {map[string][]byte{"cat/x.heic": nil, "cat/y.svg": nil},
			"2 files that are no pictures were left out: 1 .heic, 1 .svg"},
		"hidden folder": {map[string][]byte{".git/config/1.png": nil, "cat/.cache/1.png": nil},
			"2 files that are no pictures were left out: 2 hidden"},
		"one": {map[string][]byte{"cat/notes.txt": nil},
			"1 file that is no picture was left out: 1 .txt"},
		"empty class": {map[string][]byte{"none/.keep": nil},
			"no picture in folder none, so no such class in train"},
		"empty classes": {map[string][]byte{"none/x.txt": nil, "zero/y.txt": nil},
			"no picture in folders none, zero, so"},
		"loose": {map[string][]byte{"1.png": pngFile(3, 4, grey)},
			"left out beside the class folders: 1 picture"},
		"deep": {map[string][]byte{"cat/old/x.png": pngFile(3, 4, grey)},
			"pictures in folders within a class folder count to that class: cat/old"},
	} {
		files := merged(good, c.files)
		for how, path := range map[string]string{"folder": write(t, files),
			"zip": filepath.Join(write(t, map[string][]byte{"set.zip": zipFile(files)}), "set.zip")} {
			set, err := Load(t.Context(), "folder:"+path, Options{Seed: 1})
			if err != nil {
				t.Errorf("%s in a %s: %v", name, how, err)
				continue
			}
			n := 20
			if name == "deep" {
				n = 21
			}
			notes := strings.Join(set.Notes, "; ")
			if got := set.Train.Len() + set.Val.Len() + set.Test.Len(); got != n ||
				!slices.Equal(set.Classes, []string{"cat", "dog"}) ||
				!strings.Contains(notes, c.note) ||
				(c.note == "") != (notes == "") {
				t.Errorf("%s in a %s: %d images of %q, notes %q, want %q", name, how, got, set.Classes,
					notes, c.note)
			}
		}
	}
	split := merged(classFolders("train", 4, "cat", "dog"), classFolders("extra", 4, "cat"))
	set, err := Load(t.Context(), "folder:"+write(t, split), Options{})
	if err != nil ||
		!slices.Contains(set.Notes, "folders that are no split with class folders were left out: extra") {
		t.Errorf("%v, notes %q", err, set.Notes)
	}
	// A link back to an outer folder is no endless folder.
	dir := write(t, good)
	if err := os.Symlink(dir, filepath.Join(dir, "cat", "again")); err == nil {
		if set, err := Load(t.Context(), "folder:"+dir, Options{}); err != nil || set.Train.Len() > 20 {
			t.Errorf("a link: %v", err)
		}
	}
}

// A folder is grey if all its pictures are, however their files hold the grey.
func TestFolderOfGreys(t *testing.T) {
	levels := color.Palette{color.Gray{90}, color.Gray{10}}
	palette := encoded(t, "png", image.NewPaletted(image.Rect(0, 0, 4, 3), levels))
	equal := pngFile(3, 4, color.NRGBA{90, 90, 90, 255})
	for name, c := range map[string]struct {
		file     []byte
		channels int
		note     string
	}{
		"alpha":       {greyAlpha(3, 4, 90, 255), 1, ""},
		"transparent": {greyAlpha(3, 4, 180, 128), 1, ""},
		"palette":     {palette, 1, ""},
		"16 bit":      {encoded(t, "png", image.NewGray16(image.Rect(0, 0, 4, 3))), 1, ""},
		"equal channels": {equal, 1, "all pictures are grey, although their files could hold colours: " +
			"read as grey"},
		"colour": {pngFile(3, 4, red), 3, ""},
		"palette of colours": {encoded(t, "png", image.NewPaletted(image.Rect(0, 0, 4, 3),
			color.Palette{red, color.Black})), 3, ""},
	} {
		files := merged(classFolders("", 6, "cat", "dog"), map[string][]byte{"cat/z.png": c.file})
		set, err := Load(t.Context(), "folder:"+write(t, files), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if notes := strings.Join(set.Notes, "; "); set.Channels != c.channels || notes != c.note {
			t.Errorf("%s: %d channels, want %d; notes %q", name, set.Channels, c.channels, notes)
		}
		if v := set.Train.Images[0]; set.Channels == 1 && v != grey.Y ||
			len(set.Train.Images) != set.Train.Len()*set.Train.Shape.Len() {
			t.Errorf("%s: first pixel %d of %d", name, v, len(set.Train.Images))
		}
	}
	if _, pixels := readPixels(t, greyAlpha(1, 1, 180, 128), 1); pixels[0] != 90 {
		t.Errorf("half transparent 180 is %d on black, want 90", pixels[0])
	}
	set, err := Load(t.Context(), "folder:"+write(t, merged(classFolders("", 6, "cat", "dog"),
		map[string][]byte{"cat/z.png": equal})), Options{Channels: 3})
	if err != nil || set.Channels != 3 {
		t.Errorf("asked for colour: %d channels, %v", set.Channels, err)
	}
}

// For evaluation a set is whole: nothing is cut from it, it needs no training images, and it may have classes
// that others do not.
func TestWholeSet(t *testing.T) {
	for name, c := range map[string]struct {
		files            map[string][]byte
		train, val, test int
		unsplit          bool
		classes          []string
	}{
		"class folders": {classFolders("", 8, "ant", "bee"), 16, 0, 0, true, []string{"ant", "bee"}},
		"one class":     {classFolders("", 8, "bee"), 8, 0, 0, true, []string{"bee"}},
		"splits": {merged(classFolders("train", 8, "a", "b"), classFolders("test", 2, "b", "c")), 16,
			0, 4, false, []string{"a", "b", "c"}},
		"test alone": {classFolders("test", 2, "b", "c"), 0, 0, 4, false, []string{"b", "c"}},
	} {
		set, err := Load(t.Context(), "folder:"+write(t, c.files), Options{Whole: true})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if set.Train.Len() != c.train || set.Val.Len() != c.val || set.Test.Len() != c.test ||
			set.Unsplit != c.unsplit ||
			!slices.Equal(set.Classes, c.classes) {
			t.Errorf("%s: %d, %d, %d images of %q, unsplit %v", name, set.Train.Len(), set.Val.Len(),
				set.Test.Len(), set.Classes, set.Unsplit)
		}
	}
	_, err := Load(t.Context(), "folder:"+t.TempDir(), Options{Whole: true})
	wantError(t, err, "no pictures in class folders")
	dir := write(t, classFolders("", 8, "ant", "bee"))
	set, err := Load(t.Context(), "folder:"+dir, Options{Shape: Shape{6, 5, 3}})
	if err != nil || set.Shape != (Shape{6, 5, 3}) {
		t.Errorf("a shape: %v, %v", set.Shape, err)
	}
}
