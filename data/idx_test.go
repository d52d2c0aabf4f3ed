package data

import (
	"maps"
	"testing"
)

func TestIDXFolder(t *testing.T) {
	set, err := Load(t.Context(), "idx:"+write(t, idxFolder(20, 4)), Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if set.Shape != (Shape{2, 3, 1}) || len(set.Classes) != 2 {
		t.Errorf("images of %v, classes %q", set.Shape, set.Classes)
	}
	if set.Train.Len() != 18 || set.Val.Len() != 2 || set.Test.Len() != 4 {
		t.Errorf("%d train, %d val, %d test, want 18, 2, 4", set.Train.Len(), set.Val.Len(), set.Test.Len())
	}
}

func TestMalformedIDXFolder(t *testing.T) {
	three := []uint32{20, 2, 3}
	for _, c := range []struct {
		name, file string
		content    []byte
		want       []string
	}{
		{"empty", idxNames[0], nil, []string{"0 bytes"}},
		{"magic", idxNames[0], idx(0x803<<8, three, nil), []string{"magic number 0x00080300"}},
		{"element type", idxNames[0], idx(0xa03, three, nil), []string{"magic number 0x00000a03"}},
		{"short header", idxNames[0], idx(0x803, three[:2], nil), []string{"too short"}},
		{"truncated", idxNames[0], idx(0x803, three, make([]byte, 119)),
			[]string{"[20 2 3] = 120 values", "holds 119"}},
		{"too long", idxNames[0], idx(0x803, three, make([]byte, 121)),
			[]string{"[20 2 3] values, the file holds more"}},
		{"lying", idxNames[0], idx(0x803, []uint32{1 << 31, 1 << 31, 1 << 31}, make([]byte, 9)),
			[]string{"header says", "more than a file of 25 bytes can hold"}},
		{"labels for images", idxNames[0], idx(0x801, three[:1], make([]byte, 20)),
			[]string{"want images of 3"}},
		{"images for labels", idxNames[1], idx(0x803, three, make([]byte, 120)),
			[]string{"want labels of 1"}},
		{"other count", idxNames[1], idx(0x801, []uint32{19}, make([]byte, 19)),
			[]string{"20 images and 19 labels"}},
		{"no pixels", idxNames[0], idx(0x803, []uint32{20, 0, 3}, nil),
			[]string{"images of 0×3×1, want sides of 1 to 4096"}},
		{"other size", plain(idxNames[2]), idx(0x803, []uint32{4, 3, 2}, make([]byte, 24)),
			[]string{"test", "3×2×1", "2×3×1"}},
		{"broken gzip", idxNames[0], zipped(idx(0x803, three, make([]byte, 120)))[:30], []string{"gzip"}},
		{"bomb", idxNames[0], zipped(make([]byte, 64<<20)), []string{"gzip: IDX: magic number 0x00000000"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := maps.Clone(idxFolder(20, 4))
			files[c.file] = c.content
			_, err := Load(t.Context(), "idx:"+write(t, files), Options{})
			wantError(t, err, append(c.want, "data: idx:")...)
		})
	}
	_, err := Load(t.Context(), "idx:"+t.TempDir(), Options{})
	wantError(t, err, "want the files train-images-idx3-ubyte, ", "the folder holds nothing")
}

func TestIDXTakesNoMemoryOnTrust(t *testing.T) {
	content := idx(0x803, []uint32{60000, 28, 28}, make([]byte, 1000))
	if n := allocated(func() { _, _ = readIDX(content) }); n > 1<<16 {
		t.Errorf("%d bytes allocated for a file of %d", n, len(content))
	}
	bomb := zipped(make([]byte, 64<<20))
	if n := allocated(func() { _, _ = gunzip(bomb) }); n > uint64(4*expandLimit(len(bomb))) {
		t.Errorf("%d bytes allocated for a file of %d", n, len(bomb))
	}
}
