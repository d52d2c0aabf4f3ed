package data

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// cifarRecord returns a record whose planes hold 10, 20 and 30, but for the
// second pixel: 11, 21, 31.
func cifarRecord(labels ...byte) []byte {
	record := labels
	for _, v := range []byte{10, 20, 30} {
		plane := bytes.Repeat([]byte{v}, cifarPlane)
		plane[1] = v + 1
		record = append(record, plane...)
	}
	return record
}

func TestCIFAR(t *testing.T) {
	for _, c := range []struct {
		name   string
		labels int
		files  map[string][]byte
		train  []string
	}{
		{"cifar10", 1, map[string][]byte{"b.bin": cifarRecord(7),
			"a.bin": append(cifarRecord(3), cifarRecord(9)...), "test.bin": cifarRecord(1)},
			[]string{"a.bin", "b.bin"}},
		{"cifar100", 2,
			map[string][]byte{"a.bin": append(cifarRecord(50, 3),
				append(cifarRecord(50, 9), cifarRecord(50, 7)...)...), "test.bin": cifarRecord(50, 1)},
			[]string{"a.bin"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := new(Set)
			if err := loadCIFAR(c.labels, "test.bin", c.train...)(t.Context(), set,
				[][]byte{tarFile(c.files)}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([][]int{{3, 9, 7}, {1}},
				[][]int{set.Train.Labels, set.Test.Labels}); diff != "" {
				t.Errorf("labels (-want +got)\n%s", diff)
			}
			if got := set.Train.Images[:9]; !bytes.Equal(got, []byte{10, 20, 30, 11, 21, 31, 10, 20, 30}) {
				t.Errorf("first pixels %v, want them interleaved", got)
			}
			if set.Train.Shape != colour32 || set.Train.Len() != 3 {
				t.Errorf("%d images of %v", set.Train.Len(), set.Train.Shape)
			}
		})
	}
}

func TestMalformedCIFAR(t *testing.T) {
	good := map[string][]byte{"a.bin": cifarRecord(3), "test.bin": cifarRecord(1)}
	for _, c := range []struct {
		name    string
		archive []byte
		want    string
	}{
		{"no gzip", []byte("hello"), "gzip"},
		{"no tar", zipped(randomBytes(5000, 1)), "tar"},
		{"cut", tarFile(good)[:60], "unexpected EOF"},
		{"no member", tarFile(map[string][]byte{"a.bin": cifarRecord(3)}), "the archive holds no test.bin"},
		{"cut record", tarFile(map[string][]byte{"a.bin": cifarRecord(3)[1:]}), "a.bin: CIFAR: 3072 bytes"},
		{"bomb", tarFile(map[string][]byte{"a.bin": make([]byte, 64<<20)}), "a.bin"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantError(t, loadCIFAR(1, "test.bin", "a.bin")(t.Context(), new(Set), [][]byte{c.archive}),
				c.want)
		})
	}
}
