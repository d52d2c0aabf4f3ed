package data

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// numberTypes are NumPy's types of numbers, in both byte orders.
var numberTypes = strings.Fields(
	"|b1 |u1 |i1 <u2 >u2 <i2 >i2 <u4 >u4 <i4 >i4 <u8 >u8 <i8 >i8 <f2 >f2 <f4 >f4 <f8 >f8",
)

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
	for bits, want := range map[uint16]float64{0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 0x0001: 0x1p-24,
		0x03ff: 0x3ffp-24,
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
						t.Errorf("%s %s, Fortran %v: images of %v, %v, want %v", name, kind, fortran,
							set.Shape, set.Train.Images, want)
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
		{"|u1", []float64{0, 1}, []float64{1, 0}, Scale{0, 1}, []float32{0, 1},
			"integers from 0 to 1: read as 0 to 1"},
		{"|u1", []float64{0, 1}, []float64{9, 0}, Scale{0, 255}, []float32{0, 1. / 255}, ""},
		{"|b1", []float64{0, 1}, []float64{1, 0}, Scale{0, 1}, []float32{0, 1}, ""},
		{"<u2", []float64{0, 65535}, []float64{256, 0}, Scale{0, 65535}, []float32{0, 1},
			"0 to 65535: read as 0 to 65535"},
		{"<u2", []float64{0, 4095}, []float64{256, 0}, Scale{0, 65535}, []float32{0, 15. / 255},
			"0 to 4095: read as"},
		{"<f4", []float64{0, 0.25}, []float64{1, 0}, Scale{0, 1}, []float32{0, 0.25}, ""},
		{"<f8", []float64{0, 255}, []float64{51, 0}, Scale{0, 255}, []float32{0, 1},
			"real numbers from 0 to 255: read as"},
		{"<f4", []float64{0, 127.5}, []float64{51, 0}, Scale{0, 255}, []float32{0, 0.5}, "read as 0 to 255"},
		{"<f4", []float64{-1, 1}, []float64{0, 0.5}, Scale{-1, 1}, []float32{0, 1}, "read as -1 to 1"},
		{"<f4", []float64{-2, 1}, []float64{0, 0.5}, Scale{}, []float32{-2, 1},
			"cannot predict pictures from files"},
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
		if set.Scale != c.scale || !slices.Equal(got, c.want) || !strings.Contains(notes, c.note) ||
			(c.note == "") != (notes == "") {
			t.Errorf("%s %v: scale %v, pixels %v, notes %q, want %v, %v, %q", c.kind, c.train, set.Scale,
				got, notes, c.scale, c.want, c.note)
		}
	}
	if s := (Scale{}).String() + ", " + (Scale{-1, 1}).String(); s != "unknown, -1 to 1" {
		t.Error(s)
	}
}

// The arrays of an archive are found by any usual name.
func TestNPZNames(t *testing.T) {
	images, labels := npyFile("|u1", "(10, 1, 1)", randomBytes(10, 1)), npyFile("|u1", "(10,)",
		[]byte{0, 1, 0, 1, 0, 1, 0, 1, 0, 1})
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
		if set.Train.Len() != c.train || set.Val.Len() != c.val || set.Test.Len() != c.test ||
			set.Unsplit != c.unsplit {
			t.Errorf("%s: %d, %d, %d images, unsplit %v", c.names, set.Train.Len(), set.Val.Len(),
				set.Test.Len(), set.Unsplit)
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
	_, err := readNPY(
		bytes.NewReader(file(1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}")),
		100,
	)
	wantError(t, err, "an array of records, want numbers")
}
