package data

import (
	"image/color"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	red  = color.NRGBA{255, 0, 0, 255}
	grey = color.Gray{90}
)

// classFolders returns class folders in a folder, with n grey images each.
func classFolders(dir string, n int, classes ...string) map[string][]byte {
	files := make(map[string][]byte)
	for _, class := range classes {
		for i := range n {
			files[filepath.ToSlash(filepath.Join(dir, class, string(rune('a'+i))+".png"))] = pngFile(3, 4,
				grey)
		}
	}
	return files
}

func merged(all ...map[string][]byte) map[string][]byte {
	files := make(map[string][]byte)
	for _, m := range all {
		maps.Copy(files, m)
	}
	return files
}

func TestFolderLayouts(t *testing.T) {
	ignored := map[string][]byte{"train/cat/notes.txt": []byte("x"), "train/.hidden/a.png": nil,
		"README": []byte("x")}
	official := merged(classFolders("train", 10, "cat", "dog"), classFolders("test", 3, "cat", "dog"),
		ignored)
	for _, c := range []struct {
		name             string
		files            map[string][]byte
		train, val, test []int
	}{
		{"train and test", official, []int{9, 9}, []int{1, 1}, []int{3, 3}},
		{"train, valid, test", merged(official, classFolders("valid", 2, "dog")), []int{10, 10}, []int{0, 2},
			[]int{3, 3}},
		{"train alone", classFolders("train", 10, "cat", "dog"), []int{9, 9}, []int{1, 1}, []int{0, 0}},
		{"classes alone", classFolders("", 20, "cat", "dog"), []int{15, 14}, []int{1, 2}, []int{4, 4}},
		{"in one folder", classFolders("mine/train", 10, "cat", "dog"), []int{9, 9}, []int{1, 1},
			[]int{0, 0}},
	} {
		archive := write(t, map[string][]byte{"set.zip": zipFile(c.files)})
		for how, path := range map[string]string{"folder": write(t, c.files),
			"zip": filepath.Join(archive, "set.zip")} {
			t.Run(c.name+"/"+how, func(t *testing.T) {
				set, err := Load(t.Context(), "folder:"+path, Options{Seed: 1})
				if err != nil {
					t.Fatal(err)
				}
				got := [][]int{set.Train.Counts(2), set.Val.Counts(2), set.Test.Counts(2)}
				sums := func(counts [][]int) (all []int) {
					for _, c := range counts {
						all = append(all, c[0]+c[1])
					}
					return all
				}
				want := [][]int{c.train, c.val, c.test}
				if !slices.Equal(sums(want), sums(got)) {
					t.Errorf("counts %v, want %v", got, want)
				}
				if set.Shape != (Shape{3, 4, 1}) || !slices.Equal(set.Classes, []string{"cat", "dog"}) ||
					set.Train.Images[0] != grey.Y {
					t.Errorf("images of %v, classes %q, first pixel %d",
						set.Shape, set.Classes, set.Train.Images[0])
				}
			})
		}
	}
}

func TestFolderOfSeveralSizesAndColours(t *testing.T) {
	files := merged(classFolders("train", 9, "cat"),
		map[string][]byte{"train/cat/z.png": pngFile(8, 16, red)})
	dir := write(t, files)
	_, err := Load(t.Context(), "folder:"+dir, Options{})
	wantError(t, err, "z.png is 8×16, the first image 3×4", "give a size")

	set, err := Load(t.Context(), "folder:"+dir, Options{Size: 8, ValCount: -1})
	if err != nil {
		t.Fatal(err)
	}
	if set.Shape != (Shape{8, 8, 3}) {
		t.Fatalf("images of %v, want colour as one image is", set.Shape)
	}
	last := set.Train.Images[9*set.Shape.Len():] // 4×8 after shrinking, rows 2 to 5
	for row, want := range map[int]uint8{1: 0, 2: 255, 5: 255, 6: 0} {
		if got := last[row*8*3 : row*8*3+3]; !slices.Equal(got, []uint8{want, 0, 0}) {
			t.Errorf("row %d begins with %v, want red %d", row, got, want)
		}
	}
	set, err = Load(t.Context(), "folder:"+dir, Options{Size: 8, Channels: 1, ValCount: -1})
	if err != nil || set.Channels != 1 {
		t.Errorf("%d channels, want 1 as the options say; %v", set.Channels, err)
	}
}

func TestMalformedFolder(t *testing.T) {
	good := classFolders("train", 3, "cat", "dog")
	for _, c := range []struct {
		name  string
		files map[string][]byte
		want  []string
	}{
		{"empty", nil, []string{"no pictures in class folders"}},
		{"no classes", map[string][]byte{"a.png": pngFile(3, 4, grey)},
			[]string{"no pictures in class folders"}},
		{"unknown class", merged(good, classFolders("test", 1, "cow")),
			[]string{`class "cow" has no pictures for training; there are cat, dog`}},
		{"no image", merged(good, map[string][]byte{"train/cat/z.png": []byte("hello")}),
			[]string{"train/cat/z.png", "want a picture (PNG, JPEG, GIF, BMP, TIFF or WebP), the file is text"}},
		{"cut image", merged(good, map[string][]byte{"train/cat/z.png": pngFile(3, 4, grey)[:60]}),
			[]string{"train/cat/z.png", "unexpected EOF"}},
		{"lying image", merged(good, map[string][]byte{"train/cat/z.png": lyingPNG()}),
			[]string{"train/cat/z.png", "32768×32768 pixels, more than"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(t.Context(), "folder:"+write(t, c.files), Options{})
			wantError(t, err, append(c.want, "data: folder:")...)
		})
	}
	dir := write(t, map[string][]byte{"set.zip": []byte("hello"), "set.txt": nil,
		"huge.zip": hugeEntry("train/cat/a.png")})
	for path, want := range map[string]string{"set.zip": "want a zip archive, the file is text",
		"set.txt": "want a folder or a zip file of one, the file is empty", "none": "no such file",
		"huge.zip": "train/cat/a.png"} {
		_, err := Load(t.Context(), "folder:"+filepath.Join(dir, path), Options{})
		wantError(t, err, want)
	}
	_, err := Load(t.Context(), "folder:"+write(t, good), Options{Size: maxSize + 1})
	wantError(t, err, "4097×4097")
}

// lyingPNG returns a small file whose header says 32768×32768 pixels.
func lyingPNG() []byte {
	content := pngFile(1, 1, grey)
	// Signature, length, "IHDR", then width, height, five bytes and their CRC.
	copy(content[16:], []byte{0, 0, 0x80, 0, 0, 0, 0x80, 0})
	crc := crcOf(content[12:29])
	copy(content[29:], crc[:])
	return content
}

// The archive's images were counted by another tool, and the labels follow
// from the class names.
func TestRealImageArchive(t *testing.T) {
	path := testData(t, "cifar10-jpeg.zip")
	if testing.Short() {
		t.Skip("decoding 60,000 images takes some seconds")
	}
	set, err := Load(t.Context(), "folder:"+path, Options{Seed: 1, ValCount: 5000})
	if err != nil {
		t.Fatal(err)
	}
	if set.Title != "CIFAR-10 (JPEG mirror)" || set.Shape != colour32 {
		t.Errorf("%q, images of %v", set.Title, set.Shape)
	}
	if diff := cmp.Diff(cifar10, set.Classes); diff != "" {
		t.Errorf("classes (-want +got)\n%s", diff)
	}
	for class := range 10 {
		if a, b, c := set.Train.Counts(10)[class], set.Val.Counts(10)[class],
			set.Test.Counts(10)[class]; a != 4500 || b != 500 || c != 1000 {
			t.Errorf("class %d: %d train, %d val, %d test, want 4500, 500, 1000", class, a, b, c)
		}
	}
}
