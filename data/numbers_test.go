package data

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// numberTypes are NumPy's types of numbers, in both byte orders.
var numberTypes = strings.Fields("|b1 |u1 |i1 <u2 >u2 <i2 >i2 <u4 >u4 <i4 >i4 <u8 >u8 <i8 >i8 <f2 >f2 <f4 >f4 <f8 >f8")

// encode writes numbers in a type of NumPy's.
func encode(kind string, numbers []float64) (content []byte) {
	var order binary.AppendByteOrder = binary.LittleEndian
	if kind[0] == '>' {
		order = binary.BigEndian
	}
	for _, v := range numbers {
		raw := uint64(int64(v))
		switch kind[1:] {
		case "f2":
			raw = uint64(toHalf(v))
		case "f4":
			raw = uint64(math.Float32bits(float32(v)))
		case "f8":
			raw = math.Float64bits(v)
		}
		switch kind[2] {
		case '1':
			content = append(content, byte(raw))
		case '2':
			content = order.AppendUint16(content, uint16(raw))
		case '4':
			content = order.AppendUint32(content, uint32(raw))
		case '8':
			content = order.AppendUint64(content, raw)
		}
	}
	return content
}

// toHalf returns a number with at most 11 bits, and an exponent of half precision, in 16 bits.
func toHalf(v float64) uint16 {
	if v == 0 {
		return 0
	}
	fraction, exponent := math.Frexp(math.Abs(v)) // in [1/2, 1)
	bits := uint16(exponent+14)<<10 | uint16(fraction*2048)&0x3ff
	if v < 0 {
		bits |= 1 << 15
	}
	return bits
}

func TestHalfPrecision(t *testing.T) {
	for bits, want := range map[uint16]float64{0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x0001: 0x1p-24, 0x03ff: 0x3ffp-24,
		0x0400: 0x1p-14, 0x3555: 0.333251953125, 0x7c00: math.Inf(1), 0xfc00: math.Inf(-1), 0x8000: 0} {
		if got := halfPrecision(bits); got != want {
			t.Errorf("%04x is %v, want %v", bits, got, want)
		}
	}
	if !math.IsNaN(halfPrecision(0x7e00)) {
		t.Error("7e00 is a number")
	}
	for _, v := range []float64{0, 1, 127, 255, -3, 0.25} {
		if halfPrecision(toHalf(v)) != v {
			t.Errorf("%v becomes %v", v, halfPrecision(toHalf(v)))
		}
	}
}

// Images of every number type, byte order, memory order and order of axes are the same images.
func TestNPZOfEveryType(t *testing.T) {
	const n, h, w = 3, 2, 4
	for _, channels := range []int{1, 3} {
		pixels := make([]float64, n*h*w*channels) // (N, H, W, C)
		for i := range pixels {
			pixels[i] = float64(i*7%120 + 1)
		}
		pixels[5] = 0
		axes := map[string][]int{"NHWC": {0, 1, 2, 3}, "NCHW": {0, 3, 1, 2}}
		if channels == 1 {
			axes["NHW"] = []int{0, 1, 2}
		}
		for name, order := range axes {
			for _, fortran := range []bool{false, true} {
				for _, kind := range numberTypes {
					values, want := slices.Clone(pixels), make([]uint8, len(pixels))
					for i, v := range values {
						want[i] = uint8(v)
						if kind == "|b1" {
							values[i] = float64(int(v) % 2)
							want[i] = 255 * uint8(values[i])
						}
					}
					stored, shape := arranged(values, []int{n, h, w, channels}, order, fortran)
					arrays := npzArrays()
					delete(arrays, "test_images.npy")
					delete(arrays, "test_labels.npy")
					image := npyFile(kind, shape, encode(kind, stored))
					if fortran {
						image = bytes.Replace(image, []byte("False"), []byte("True "), 1)
					}
					arrays["train_images.npy"] = image
					arrays["train_labels.npy"] = npyFile("|u1", "(3,)", []byte{0, 1, 0})
					set, err := loadArrays(t, arrays)
					if err != nil {
						t.Fatalf("%s %s %s, Fortran %v: %v", name, kind, shape, fortran, err)
					}
					if set.Shape != (Shape{h, w, channels}) || !bytes.Equal(set.Train.Images, want) {
						t.Errorf("%s %s, Fortran %v: images of %v, %v, want %v", name, kind, fortran, set.Shape,
							set.Train.Images, want)
					}
				}
			}
		}
	}
}

// arranged returns an array with its axes in an order, and its shape as Python writes it.
func arranged(values []float64, dims, axes []int, fortran bool) ([]float64, string) {
	strides, step := make([]int, len(dims)), 1
	for i := len(dims) - 1; i >= 0; i-- {
		strides[i], step = step, step*dims[i]
	}
	var shape []string
	for _, axis := range axes {
		shape = append(shape, fmt.Sprint(dims[axis]))
	}
	walk := slices.Clone(axes)
	if fortran {
		slices.Reverse(walk)
	}
	var stored []float64
	var visit func(at int, left []int)
	visit = func(at int, left []int) {
		if len(left) == 0 {
			stored = append(stored, values[at])
			return
		}
		for i := range dims[left[0]] {
			visit(at+i*strides[left[0]], left[1:])
		}
	}
	visit(0, walk)
	return stored, "(" + strings.Join(shape, ", ") + ")"
}

// What the numbers of images mean follows from their type and range, over all splits together.
func TestScaleOfNumbers(t *testing.T) {
	for _, c := range []struct {
		kind        string
		train, test []float64
		scale       Scale
		want        []float32 // pixels of training, as a model reads them
		note        string
	}{
		{"|u1", []float64{0, 200}, []float64{3, 4}, Scale{0, 255}, []float32{0, 200. / 255}, ""},
		{"|u1", []float64{0, 1}, []float64{1, 0}, Scale{0, 1}, []float32{0, 1}, "integers from 0 to 1: read as 0 to 1"},
		{"|u1", []float64{0, 1}, []float64{9, 0}, Scale{0, 255}, []float32{0, 1. / 255}, ""},
		{"|b1", []float64{0, 1}, []float64{1, 0}, Scale{0, 1}, []float32{0, 1}, ""},
		{"<u2", []float64{0, 65535}, []float64{256, 0}, Scale{0, 65535}, []float32{0, 1}, "0 to 65535: read as 0 to 65535"},
		{"<u2", []float64{0, 4095}, []float64{256, 0}, Scale{0, 65535}, []float32{0, 15. / 255}, "0 to 4095: read as"},
		{"<f4", []float64{0, 0.25}, []float64{1, 0}, Scale{0, 1}, []float32{0, 0.25}, ""},
		{"<f8", []float64{0, 255}, []float64{51, 0}, Scale{0, 255}, []float32{0, 1}, "real numbers from 0 to 255: read as"},
		{"<f4", []float64{0, 127.5}, []float64{51, 0}, Scale{0, 255}, []float32{0, 0.5}, "read as 0 to 255"},
		{"<f4", []float64{-1, 1}, []float64{0, 0.5}, Scale{-1, 1}, []float32{0, 1}, "read as -1 to 1"},
		{"<f4", []float64{-2, 1}, []float64{0, 0.5}, Scale{}, []float32{-2, 1}, "cannot predict pictures from files"},
		{"<f4", []float64{0, 1}, []float64{0, 300}, Scale{}, []float32{0, 1}, "from 0 to 300: used as they are"},
		{"<f4", []float64{0, 1.25}, []float64{0, 1}, Scale{}, []float32{0, 1.25}, "used as they are"},
	} {
		arrays := map[string][]byte{
			"train_images.npy": npyFile(c.kind, "(2, 1, 1)", encode(c.kind, c.train)),
			"test_images.npy":  npyFile(c.kind, "(2, 1, 1)", encode(c.kind, c.test)),
			"train_labels.npy": npyFile("|u1", "(2,)", []byte{0, 1}),
			"test_labels.npy":  npyFile("|u1", "(2,)", []byte{0, 1}),
		}
		set, err := loadArrays(t, arrays)
		if err != nil {
			t.Errorf("%s %v: %v", c.kind, c.train, err)
			continue
		}
		got := make([]float32, 2)
		if err := imagesOf(t, set.Train, 1).Fill(got, []int{0, 1}); err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(set.Notes, "; ")
		if set.Scale != c.scale || !slices.Equal(got, c.want) || !strings.Contains(notes, c.note) || (c.note == "") != (notes == "") {
			t.Errorf("%s %v: scale %v, pixels %v, notes %q, want %v, %v, %q", c.kind, c.train, set.Scale, got, notes,
				c.scale, c.want, c.note)
		}
	}
	if s := (Scale{}).String() + ", " + (Scale{-1, 1}).String(); s != "unknown, -1 to 1" {
		t.Error(s)
	}
}

// Labels are names: whatever type holds them, and wherever they begin.
func TestLabelsOfEveryType(t *testing.T) {
	u1 := func(shape string, v ...byte) []byte { return npyFile("|u1", shape, v) }
	utf32 := func(order binary.AppendByteOrder, texts ...string) (content []byte) {
		for _, text := range texts {
			for _, r := range fmt.Sprintf("%-3s", text) {
				if r == ' ' {
					r = 0
				}
				content = order.AppendUint32(content, uint32(r))
			}
		}
		return content
	}
	cases := map[string]struct {
		labels  []byte
		classes []string
		want    []int
		note    string
	}{
		"column":          {u1("(4, 1)", 0, 1, 2, 1), []string{"0", "1", "2"}, []int{0, 1, 2, 1}, ""},
		"from 1":          {u1("(4,)", 1, 2, 2, 1), []string{"1", "2"}, []int{0, 1, 1, 0}, "labels are 1, 2: 2 classes, named by"},
		"gap":             {u1("(4,)", 0, 9, 4, 0), []string{"0", "4", "9"}, []int{0, 2, 1, 0}, "labels are 0, 4, 9"},
		"minus":           {npyFile("|i1", "(4,)", []byte{255, 1, 1, 255}), []string{"-1", "1"}, []int{0, 1, 1, 0}, "-1, 1"},
		"large":           {npyFile("<i8", "(4,)", encode("<i8", []float64{20240101, 3, 3, 3})), []string{"3", "20240101"}, []int{1, 0, 0, 0}, "20240101"},
		"text":            {npyFile("<U3", "(4,)", utf32(binary.LittleEndian, "dog", "cat", "é", "cat")), []string{"cat", "dog", "é"}, []int{1, 0, 2, 0}, ""},
		"text, other":     {npyFile(">U3", "(4,)", utf32(binary.BigEndian, "dog", "cat", "é", "cat")), []string{"cat", "dog", "é"}, []int{1, 0, 2, 0}, ""},
		"bytes":           {npyFile("|S3", "(4,)", []byte("dogcata\x00\x00cat")), []string{"a", "cat", "dog"}, []int{2, 1, 0, 1}, ""},
		"one-hot":         {u1("(4, 3)", 0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0), []string{"0", "1", "2"}, []int{1, 0, 2, 0}, ""},
		"one-hot, real":   {npyFile("<f4", "(4, 2)", float32Bytes(0, 1, 1, 0, 1, 0, 0, 1)), []string{"0", "1"}, []int{1, 0, 0, 1}, ""},
		"one-hot, bool":   {npyFile("|b1", "(4, 2)", []byte{0, 1, 1, 0, 1, 0, 0, 1}), []string{"0", "1"}, []int{1, 0, 0, 1}, ""},
		"one-hot, unused": {u1("(4, 3)", 0, 1, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0), []string{"0", "1", "2"}, []int{1, 0, 1, 0}, "no training image of 1 of 3 classes: 2"},
	}
	for _, kind := range numberTypes {
		c := cases["column"]
		c.labels, c.want, c.classes = npyFile(kind, "(4,)", encode(kind, []float64{0, 1, 1, 0})), []int{0, 1, 1, 0}, []string{"0", "1"}
		cases["type "+kind] = c
	}
	for name, c := range cases {
		arrays := map[string][]byte{"x_train.npy": u1("(4, 1, 1)", 0, 50, 60, 70), "y_train.npy": c.labels}
		set, err := loadArrays(t, arrays)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		notes := strings.Join(set.Notes, "; ")
		if !slices.Equal(set.Classes, c.classes) || !slices.Equal(set.Train.Labels, c.want) ||
			!strings.Contains(notes, c.note) || (c.note == "") != (notes == "") {
			t.Errorf("%s: classes %q, labels %v, notes %q, want %q, %v, %q", name, set.Classes, set.Train.Labels, notes,
				c.classes, c.want, c.note)
		}
	}
	for _, c := range map[string]struct {
		labels []byte
		want   string
	}{
		"several":       {u1("(4, 3)", 0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0), "several labels for one image are not supported: image 1 has 2 of 3"},
		"none":          {u1("(4, 3)", 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0), "image 2 has 0 of 3"},
		"probabilities": {npyFile("<f4", "(4, 2)", float32Bytes(0, 1, 0.5, 0.5, 1, 0, 0, 1)), "row 1 holds other numbers than 0 and 1"},
		"values":        {npyFile("<f4", "(4,)", float32Bytes(0, 1.5, 0, 1)), "label 1 is 1.5: want whole numbers, which name classes"},
		"without end":   {npyFile("<f4", "(4,)", float32Bytes(0, float32(math.Inf(1)), 0, 1)), "label 1 is +Inf"},
		"one number":    {u1("()", 1), "labels []"},
		"three axes":    {u1("(4, 1, 1)", 1, 1, 1, 1), "labels [4 1 1], want (N) or (N, 1), or one-hot"},
	} {
		_, err := loadArrays(t, map[string][]byte{"x_train.npy": u1("(4, 1, 1)", 0, 50, 60, 70), "y_train.npy": c.labels})
		wantError(t, err, c.want)

	}
}

// The arrays of an archive are found by any usual name.
func TestNPZNames(t *testing.T) {
	images, labels := npyFile("|u1", "(10, 1, 1)", randomBytes(10, 1)), npyFile("|u1", "(10,)", []byte{0, 1, 0, 1, 0, 1, 0, 1, 0, 1})
	for _, c := range []struct {
		names            string // images and labels, in turn
		train, val, test int
		unsplit          bool
		fails            string
	}{
		{"train_images train_labels test_images test_labels", 10, 0, 10, false, ""},
		{"x_train y_train x_val y_val x_test y_test", 10, 10, 10, false, ""},
		{"X_train Y_train X_test Y_test", 10, 0, 10, false, ""},
		{"Training_Images Training_Labels valid_images valid_labels", 10, 10, 0, false, ""},
		{"train_x train_y dev_x dev_y", 10, 10, 0, false, ""},
		{"train_data train_target", 10, 0, 0, false, ""},
		{"images labels", 8, 0, 2, true, ""},
		{"x y", 8, 0, 2, true, ""},
		{"arr_0 arr_1", 0, 0, 0, false, "no arrays train_images and train_labels; the archive holds arr_0, arr_1"},
		{"train_images", 0, 0, 0, false, "no arrays train_images and train_labels"},
		{"images", 0, 0, 0, false, "no arrays images and labels"},
		{"train_images train_labels test_images", 0, 0, 0, false, "no arrays test_images and test_labels"},
		{"train_images train_labels x_train", 0, 0, 0, false, "want one of them"},
	} {
		arrays := map[string][]byte{}
		for i, name := range strings.Fields(c.names) {
			arrays[name+".npy"] = [][]byte{images, labels}[i%2]
		}
		set, err := loadArrays(t, arrays)
		if c.fails != "" {
			wantError(t, err, c.fails)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.names, err)
			continue
		}
		if set.Train.Len() != c.train || set.Val.Len() != c.val || set.Test.Len() != c.test || set.Unsplit != c.unsplit {
			t.Errorf("%s: %d, %d, %d images, unsplit %v", c.names, set.Train.Len(), set.Val.Len(), set.Test.Len(), set.Unsplit)
		}
	}
	arrays := map[string][]byte{"images.npy": images, "labels.npy": labels,
		"class_names.npy": npyFile("|S3", "(3,)", []byte("catdogcow"))}
	set, err := loadArrays(t, arrays)
	if err != nil || !slices.Equal(set.Classes, []string{"cat", "dog", "cow"}) || set.Unnamed ||
		!strings.Contains(strings.Join(set.Notes, ""), "no training image of 1 of 3 classes: cow") {
		t.Errorf("classes %q, notes %q; %v", set.Classes, set.Notes, err)
	}
	arrays["class_names.npy"] = npyFile("|S3", "(1,)", []byte("cat"))
	_, err = loadArrays(t, arrays)
	wantError(t, err, "label 1 is 1, out of range [0,1)")
	arrays["class_names.npy"] = npyFile("|S3", "(2,)", []byte("catcat"))
	_, err = loadArrays(t, arrays)
	wantError(t, err, `name 1 is "cat", want another one for each class`)
}

// A header may be written with other quotes, spaces and order, and in versions 2 and 3.
func TestNPYHeaders(t *testing.T) {
	file := func(version byte, header string, values ...byte) []byte {
		content := append([]byte("\x93NUMPY"), version, 0)
		if version == 1 {
			content = binary.LittleEndian.AppendUint16(content, uint16(len(header)))
		} else {
			content = binary.LittleEndian.AppendUint32(content, uint32(len(header)))
		}
		return append(append(content, header...), values...)
	}
	for _, header := range []string{
		"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1), }\n",
		`{"shape":(2,1),"fortran_order":False,"descr":"|u1"}`,
		"{'shape': (2L, 1L), 'descr' : '|u1' , 'fortran_order' : False}",
	} {
		for version := byte(1); version < 4; version++ {
			a, err := readNPY(bytes.NewReader(file(version, header, 5, 6)), 100)
			if err != nil || !slices.Equal(a.dims, []int{2, 1}) || !bytes.Equal(a.values, []byte{5, 6}) {
				t.Errorf("version %d, %s: %+v, %v", version, header, a, err)
			}
		}
	}
	_, err := readNPY(bytes.NewReader(file(1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}")), 100)
	wantError(t, err, "an array of records, want numbers")
}

// IDX files are read under the names that mirrors give them, in every type, and only by what they say.
func TestIDXNamesAndTypes(t *testing.T) {
	good := idxFolder(20, 4)
	renamed := func(from map[string][]byte, names ...string) map[string][]byte {
		files := maps.Clone(from)
		for i, name := range idxNames {
			for _, had := range []string{name, plain(name)} {
				if content, ok := files[had]; ok && i < len(names) {
					delete(files, had)
					if names[i] != "" {
						files[names[i]] = content
					}
				}
			}
		}
		return files
	}
	want, err := Load(t.Context(), "idx:"+write(t, good), Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for name, files := range map[string]map[string][]byte{
		"dots":     renamed(good, "train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"),
		"capitals": renamed(good, "TRAIN-IMAGES-IDX3-UBYTE.GZ", "Train-Labels-idx1-ubyte", "T10K-images-idx3-ubyte", "t10k-LABELS.IDX1-UBYTE"),
		"test":     renamed(good, "train_images.idx3-ubyte.gz", "train_labels.idx1-ubyte.gz", "test-images-idx3-ubyte", "test-labels-idx1-ubyte"),
		"EMNIST": renamed(good, "emnist-letters-train-images-idx3-ubyte.gz", "emnist-letters-train-labels-idx1-ubyte.gz",
			"emnist-letters-test-images-idx3-ubyte", "emnist-letters-test-labels-idx1-ubyte"),
		"with others": merged(good, map[string][]byte{"README": nil, ".DS_Store": nil, "train-images.png": nil,
			"emnist-letters-mapping.txt": nil}),
	} {
		set, err := Load(t.Context(), "idx:"+write(t, files), Options{Seed: 1})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want.Train, set.Train, cmp.AllowUnexported(Split{})); diff != "" || set.Test.Len() != 4 {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
	dir := write(t, merged(renamed(good, "a-train-images-idx3-ubyte", "a-train-labels-idx1-ubyte", "a-test-images-idx3-ubyte",
		"a-test-labels-idx1-ubyte"), renamed(good, "b-train-images-idx3-ubyte", "b-train-labels-idx1-ubyte", "", "")))
	_, err = Load(t.Context(), "idx:"+dir, Options{})
	wantError(t, err, "both a-train-images-idx3-ubyte and b-train-images-idx3-ubyte, want one of them")
	if set, err := Load(t.Context(), "idx:"+filepath.Join(dir, "a"), Options{}); err != nil || set.Test.Len() != 4 {
		t.Error(err)
	}
	if set, err := Load(t.Context(), "idx:"+filepath.Join(dir, "b"), Options{}); err != nil || set.Test.Len() != 0 {
		t.Error(err)
	}
	_, err = Load(t.Context(), "idx:"+write(t, renamed(good, "", "train-labels-idx1-ubyte")), Options{})
	wantError(t, err, "want the files train-images-idx3-ubyte, ", "the folder holds t10k-images-idx3-ubyte, t10k-labels")
	_, err = Load(t.Context(), "idx:"+filepath.Join(dir, "a-train-images-idx3-ubyte"), Options{})
	wantError(t, err, "a file, want the folder of the four files")
	for code, kind := range map[uint32]string{0x08: ">u1", 0x09: ">i1", 0x0b: ">i2", 0x0c: ">i4", 0x0d: ">f4", 0x0e: ">f8"} {
		for _, labelCode := range []uint32{0x08, code} {
			labelKind := map[bool]string{true: kind, false: ">u1"}[labelCode == code]
			files := map[string][]byte{
				"train-images-idx3-x": idx(code<<8|3, []uint32{4, 1, 2}, encode(kind, []float64{0, 9, 100, 1, 2, 3, 4, 5})),
				"train-labels-idx1-x": idx(labelCode<<8|1, []uint32{4}, encode(labelKind, []float64{1, 2, 2, 1})),
			}
			set, err := Load(t.Context(), "idx:"+write(t, files), Options{ValCount: -1})
			if err != nil {
				t.Errorf("%s: %v", kind, err)
				continue
			}
			if !bytes.Equal(set.Train.Images, []byte{0, 9, 100, 1, 2, 3, 4, 5}) || !slices.Equal(set.Train.Labels, []int{0, 1, 1, 0}) ||
				!slices.Equal(set.Classes, []string{"1", "2"}) {
				t.Errorf("%s: %v, %v, %q", kind, set.Train.Images, set.Train.Labels, set.Classes)
			}
		}
	}
	four := map[string][]byte{
		"train-images-idx4-ubyte": idx(0x804, []uint32{2, 3, 1, 2}, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}),
		"train-labels-idx1-ubyte": idx(0x801, []uint32{2}, []byte{0, 1}),
	}
	set, err := Load(t.Context(), "idx:"+write(t, four), Options{ValCount: -1})
	if err != nil || set.Shape != (Shape{1, 2, 3}) || !bytes.Equal(set.Train.Images[:6], []byte{1, 3, 5, 2, 4, 6}) {
		t.Errorf("channels first: %v", err)
	}
}
