package data

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

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
		"column": {u1("(4, 1)", 0, 1, 2, 1), []string{"0", "1", "2"}, []int{0, 1, 2, 1}, ""},
		"from 1": {
			u1("(4,)", 1, 2, 2, 1),
			[]string{"1", "2"},
			[]int{0, 1, 1, 0},
			"labels are 1, 2: 2 classes, named by",
		},
		"gap": {u1("(4,)", 0, 9, 4, 0), []string{"0", "4", "9"}, []int{0, 2, 1, 0}, "labels are 0, 4, 9"},
		"minus": {
			npyFile("|i1", "(4,)", []byte{255, 1, 1, 255}),
			[]string{"-1", "1"},
			[]int{0, 1, 1, 0},
			"-1, 1",
		},
		"large": {
			npyFile("<i8", "(4,)", encode("<i8", []float64{20240101, 3, 3, 3})),
			[]string{"3", "20240101"},
			[]int{1, 0, 0, 0},
			"20240101",
		},
		"text": {
			npyFile("<U3", "(4,)", utf32(binary.LittleEndian, "dog", "cat", "é", "cat")),
			[]string{"cat", "dog", "é"},
			[]int{1, 0, 2, 0},
			"",
		},
		"text, other": {
			npyFile(">U3", "(4,)", utf32(binary.BigEndian, "dog", "cat", "é", "cat")),
			[]string{"cat", "dog", "é"},
			[]int{1, 0, 2, 0},
			"",
		},
		"bytes": {
			npyFile("|S3", "(4,)", []byte("dogcata\x00\x00cat")),
			[]string{"a", "cat", "dog"},
			[]int{2, 1, 0, 1},
			"",
		},
		"one-hot": {
			u1("(4, 3)", 0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0),
			[]string{"0", "1", "2"},
			[]int{1, 0, 2, 0},
			"",
		},
		"one-hot, real": {
			npyFile("<f4", "(4, 2)", float32Bytes(0, 1, 1, 0, 1, 0, 0, 1)),
			[]string{"0", "1"},
			[]int{1, 0, 0, 1},
			"",
		},
		"one-hot, bool": {
			npyFile("|b1", "(4, 2)", []byte{0, 1, 1, 0, 1, 0, 0, 1}),
			[]string{"0", "1"},
			[]int{1, 0, 0, 1},
			"",
		},
		"one-hot, unused": {
			u1("(4, 3)", 0, 1, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0),
			[]string{"0", "1", "2"},
			[]int{1, 0, 1, 0},
			"no training image of 1 of 3 classes: 2",
		},
	}
	for _, kind := range numberTypes {
		c := cases["column"]
		c.labels, c.want, c.classes = npyFile(kind, "(4,)", encode(kind, []float64{0, 1, 1, 0})), []int{
			0,
			1,
			1,
			0,
		}, []string{"0", "1"}
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
			t.Errorf("%s: classes %q, labels %v, notes %q, want %q, %v, %q", name, set.Classes,
				set.Train.Labels, notes, c.classes, c.want, c.note)
		}
	}
	for _, c := range map[string]struct {
		labels []byte
		want   string
	}{
		"counts":      {u1("(4, 2)", 0, 1, 2, 3, 1, 0, 0, 1), "row 1 holds other numbers than 0 and 1"},
		"without end": {npyFile("<f4", "(4,)", float32Bytes(0, float32(math.Inf(1)), 0, 1)), "label 1 is +Inf"},
		"one number":  {u1("()", 1), "labels []"},
		"three axes":  {u1("(4, 1, 1)", 1, 1, 1, 1), "labels [4 1 1], want (N) or (N, 1), or one-hot"},
	} {
		_, err := loadArrays(t,
			map[string][]byte{"x_train.npy": u1("(4, 1, 1)", 0, 50, 60, 70), "y_train.npy": c.labels})
		wantError(t, err, c.want)

	}
}
