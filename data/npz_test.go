package data

import (
	"encoding/binary"
	"maps"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// npzArrays returns arrays of 4 training and 2 test images of 1×2×3.
func npzArrays() map[string][]byte {
	return map[string][]byte{
		"train_images.npy": npyFile("|u1", "(4, 1, 2, 3)", randomBytes(24, 1)),
		"train_labels.npy": npyFile("|u1", "(4, 1)", []byte{0, 1, 2, 1}),
		"test_images.npy":  npyFile("|u1", "(2, 1, 2, 3)", randomBytes(12, 2)),
		"test_labels.npy": npyFile("<i8", "(2,)",
			append(binary.LittleEndian.AppendUint64(nil, 2), make([]byte, 8)...)),
	}
}

// loadArrays loads an archive of the given arrays, without validation images.
func loadArrays(t *testing.T, arrays map[string][]byte) (*Set, error) {
	t.Helper()
	dir := write(t, map[string][]byte{"set.npz": zipFile(arrays)})
	return Load(t.Context(), "npz:"+filepath.Join(dir, "set.npz"), Options{ValCount: -1})
}

func TestNPZ(t *testing.T) {
	set, err := loadArrays(t, npzArrays())
	if err != nil {
		t.Fatal(err)
	}
	want := &Set{
		Name: set.Name, Title: "set.npz", Source: set.Source, Classes: []string{"0", "1", "2"},
		Shape: Shape{1, 2, 3}, Scale: Scale{0, 255}, Unnamed: true,
		Train: Split{Shape: Shape{1, 2, 3}, Images: randomBytes(24, 1), Labels: []int{0, 1, 2, 1}},
		Test:  Split{Shape: Shape{1, 2, 3}, Images: randomBytes(12, 2), Labels: []int{2, 0}},
	}
	if diff := cmp.Diff(want, set, cmp.AllowUnexported(Split{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func float32Bytes(values ...float32) []byte {
	var content []byte
	for _, v := range values {
		content = binary.LittleEndian.AppendUint32(content, math.Float32bits(v))
	}
	return content
}

func TestNPZOfRealNumbers(t *testing.T) {
	arrays := npzArrays()
	delete(arrays, "test_images.npy")
	delete(arrays, "test_labels.npy")
	arrays["train_images.npy"] = npyFile("<f4", "(4, 1, 1)", float32Bytes(0, 0.25, -1, 3))
	set, err := loadArrays(t, arrays)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]float32{0, 0.25, -1, 3}, set.Train.Floats); diff != "" || set.Shape != grey1 {
		t.Errorf("images of %v (-want +got)\n%s", set.Shape, diff)
	}
	arrays["train_images.npy"] = npyFile("<f4", "(4, 1, 1)", float32Bytes(0, 0, float32(math.Inf(-1)), 0))
	_, err = loadArrays(t, arrays)
	wantError(t, err, "train: image 2 holds -Inf")
}

var grey1 = Shape{1, 1, 1}

func TestMalformedNPZ(t *testing.T) {
	u1 := func(shape string, n int) []byte { return npyFile("|u1", shape, make([]byte, n)) }
	lying := npyFile("|u1", "(4,)", make([]byte, 4))
	lying[6] = 2 // the header's length now has four bytes, of which two are text
	for _, c := range []struct {
		name, array string
		content     []byte
		want        []string
	}{
		{"missing", "train_images.npy", nil, []string{"no arrays train_images and train_labels"}},
		{"missing labels", "test_labels.npy", nil, []string{"no arrays test_images and test_labels"}},
		{"magic", "train_images.npy", make([]byte, 200), []string{"NUMPY"}},
		{"empty", "train_images.npy", []byte{}, []string{"0 bytes"}},
		{"version", "train_images.npy", append([]byte("\x93NUMPY\x09\x00"), make([]byte, 9)...),
			[]string{"version"}},
		{"header length", "train_images.npy", lying, []string{"npy: header of"}},
		{"no dictionary", "train_images.npy", append([]byte("\x93NUMPY\x01\x00\x04\x00"), "abcd"...),
			[]string{"npy: malformed header"}},
		{"truncated", "train_images.npy", u1("(4, 1, 2, 3)", 23), []string{"[4 1 2 3] = 24", "holds 23"}},
		{"too long", "train_images.npy", u1("(4, 1, 2, 3)", 25), []string{"the file holds more"}},
		{"lying", "train_images.npy", u1("(4000000000, 4000000000, 4000000000, 3)", 9),
			[]string{"more than a file of"}},
		{"negative", "train_images.npy", u1("(-4, -1, 2, 3)", 24), []string{"header says"}},
		{"rank", "train_images.npy", u1("(4, 6)", 24),
			[]string{"test: images are 1×2×3, those of training 6 features"}},
		{"five axes", "train_images.npy", u1("(4, 1, 2, 3, 1)", 24), []string{"[4 1 2 3 1]", "want images"}},
		{"channels", "train_images.npy", u1("(4, 2, 2, 2)", 32),
			[]string{"[4 2 2 2] of 2 channels", "want 1 (grey) or 3"}},
		{"type of images", "train_images.npy", npyFile("<c8", "(4, 1, 1)", make([]byte, 32)),
			[]string{`type "<c8"`, "want truth values, integers"}},
		{"negative image", "train_images.npy", npyFile("|i1", "(4, 1, 2, 3)",
			append([]byte{255}, make([]byte, 23)...)), []string{"images of integers from -1 to"}},
		{"label without a number", "train_labels.npy", npyFile("<f4", "(4,)",
			float32Bytes(0, float32(math.NaN()), 0, 1)), []string{"label 1 is NaN"}},
		{"text of one split", "train_labels.npy", npyFile("<U1", "(4,)",
			[]byte("a\x00\x00\x00b\x00\x00\x00a\x00\x00\x00b\x00\x00\x00")),
			[]string{"text in one split and numbers in another"}},
		{"empty text", "train_labels.npy", npyFile("<U4", "(4,)", make([]byte, 64)), []string{"label 0 is empty"}},
		{"objects", "train_labels.npy", npyFile("|O", "(4,)", make([]byte, 32)), []string{`type "|O"`}},
		{"several labels", "train_labels.npy", u1("(4, 14)", 56),
			[]string{"targets [2], want 14 for each example"}},
		{"count of labels", "train_labels.npy", u1("(3, 1)", 3), []string{"4 images and 3 labels"}},
		{"large label", "train_labels.npy", npyFile("<i8", "(4,)", []byte{7: 1, 31: 0}),
			[]string{"label 0 is 7.205759403792794e+16, want numbers of at most 53 bits"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			arrays := maps.Clone(npzArrays())
			delete(arrays, c.array)
			if c.content != nil {
				arrays[c.array] = c.content
			}
			_, err := loadArrays(t, arrays)
			wantError(t, err, append(c.want, "data: npz:")...)
		})
	}
}

// An entry's size in the archive's directory is no more to be trusted than
// one in its own header.
func TestNPZTakesNoMemoryOnTrust(t *testing.T) {
	bomb := zipFile(map[string][]byte{"train_images.npy": make([]byte, 64<<20), "train_labels.npy": nil})
	set := new(Set)
	if n := allocated(func() {
		_ = loadNPZ(t.Context(), set,
			[][]byte{bomb})
	}); n > uint64(4*expandLimit(len(bomb))) {
		t.Errorf("%d bytes allocated for a file of %d", n, len(bomb))
	}
	dir := write(t, map[string][]byte{"set.npz": bomb[:len(bomb)/2]})
	_, err := Load(t.Context(), "npz:"+filepath.Join(dir, "set.npz"), Options{})
	wantError(t, err, "npz: the archive is damaged or cut short")
	_, err = Load(t.Context(), "npz:"+filepath.Join(dir, "none.npz"), Options{})
	wantError(t, err, "no such file")
}

// testData returns the path of a file that is too large for the repository.
func testData(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("HQVIT_TEST_DATA")
	if dir == "" {
		t.Skipf("HQVIT_TEST_DATA is not set: it names a folder with %s", name)
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("HQVIT_TEST_DATA: %v", err)
	}
	return path
}

// Counted by a second reader, in Python; the totals are those of the paper's
// table 2.
func TestRealMedMNIST(t *testing.T) {
	for _, c := range []struct {
		name             string
		shape            Shape
		train, val, test []int
	}{
		{"breastmnist", grey28, []int{147, 399}, []int{21, 57}, []int{42, 114}},
		{"retinamnist", colour28, []int{486, 128, 206, 194, 66}, []int{54, 12, 28, 20, 6},
			[]int{174, 46, 92, 68, 20}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Dir(testData(t, "medmnist/"+c.name+".npz"))
			set, err := Load(t.Context(), c.name, Options{Dir: dir, NoDownload: true})
			if err != nil {
				t.Fatal(err)
			}
			n := len(set.Classes)
			got := [][]int{set.Train.Counts(n), set.Val.Counts(n), set.Test.Counts(n)}
			if diff := cmp.Diff([][]int{c.train, c.val, c.test}, got); diff != "" || set.Shape != c.shape {
				t.Errorf("images of %v, counts (-want +got)\n%s", set.Shape, diff)
			}
		})
	}
}
