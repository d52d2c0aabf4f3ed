package data

import (
	"bytes"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
		"dots": renamed(good, "train-images.idx3-ubyte", "train-labels.idx1-ubyte",
			"t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"),
		"capitals": renamed(good, "TRAIN-IMAGES-IDX3-UBYTE.GZ", "Train-Labels-idx1-ubyte",
			"T10K-images-idx3-ubyte", "t10k-LABELS.IDX1-UBYTE"),
		"test": renamed(good, "train_images.idx3-ubyte.gz", "train_labels.idx1-ubyte.gz",
			"test-images-idx3-ubyte", "test-labels-idx1-ubyte"),
		"EMNIST": renamed(good, "emnist-letters-train-images-idx3-ubyte.gz",
			"emnist-letters-train-labels-idx1-ubyte.gz",
			"emnist-letters-test-images-idx3-ubyte", "emnist-letters-test-labels-idx1-ubyte"),
		"with others": merged(good, map[string][]byte{"README": nil, ".DS_Store": nil, "train-images.png": nil,
			"emnist-letters-mapping.txt": nil}),
	} {
		set, err := Load(t.Context(), "idx:"+write(t, files), Options{Seed: 1})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want.Train, set.Train, cmp.AllowUnexported(Split{})); diff != "" ||
			set.Test.Len() != 4 {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
	dir := write(
		t,
		merged(renamed(
			good,
			"a-train-images-idx3-ubyte",
			"a-train-labels-idx1-ubyte",
			"a-test-images-idx3-ubyte",
			"a-test-labels-idx1-ubyte",
		), renamed(good, "b-train-images-idx3-ubyte", "b-train-labels-idx1-ubyte", "", "")),
	)
	_, err = Load(t.Context(), "idx:"+dir, Options{})
	wantError(t, err, "both a-train-images-idx3-ubyte and b-train-images-idx3-ubyte, want one of them")
	if set, err := Load(t.Context(), "idx:"+filepath.Join(dir, "a"), Options{}); err != nil ||
		set.Test.Len() != 4 {
		t.Error(err)
	}
	if set, err := Load(t.Context(), "idx:"+filepath.Join(dir, "b"), Options{}); err != nil ||
		set.Test.Len() != 0 {
		t.Error(err)
	}
	_, err = Load(t.Context(), "idx:"+write(t, renamed(good, "", "train-labels-idx1-ubyte")), Options{})
	wantError(t, err, "want the files train-images-idx3-ubyte, ",
		"the folder holds t10k-images-idx3-ubyte, t10k-labels")
	_, err = Load(t.Context(), "idx:"+filepath.Join(dir, "a-train-images-idx3-ubyte"), Options{})
	wantError(t, err, "a file, want the folder of the four files")
	for code, kind := range map[uint32]string{0x08: ">u1", 0x09: ">i1", 0x0b: ">i2", 0x0c: ">i4", 0x0d: ">f4",
		0x0e: ">f8"} {
		for _, labelCode := range []uint32{0x08, code} {
			labelKind := map[bool]string{true: kind, false: ">u1"}[labelCode == code]
			files := map[string][]byte{
				"train-images-idx3-x": idx(code<<8|3, []uint32{4, 1, 2},
					encode(kind, []float64{0, 9, 100, 1, 2, 3, 4, 5})),
				"train-labels-idx1-x": idx(labelCode<<8|1, []uint32{4},
					encode(labelKind, []float64{1, 2, 2, 1})),
			}
			set, err := Load(t.Context(), "idx:"+write(t, files), Options{ValCount: -1})
			if err != nil {
				t.Errorf("%s: %v", kind, err)
				continue
			}
			if !bytes.Equal(set.Train.Images, []byte{0, 9, 100, 1, 2, 3, 4, 5}) ||
				!slices.Equal(set.Train.Labels, []int{0, 1, 1, 0}) ||
				!slices.Equal(set.Classes, []string{"1", "2"}) {
				t.Errorf("%s: %v, %v, %q", kind, set.Train.Images, set.Train.Labels, set.Classes)
			}
		}
	}
	four := map[string][]byte{
		"train-images-idx4-ubyte": idx(0x804, []uint32{2, 3, 1, 2},
			[]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}),
		"train-labels-idx1-ubyte": idx(0x801, []uint32{2}, []byte{0, 1}),
	}
	set, err := Load(t.Context(), "idx:"+write(t, four), Options{ValCount: -1})
	if err != nil || set.Shape != (Shape{1, 2, 3}) ||
		!bytes.Equal(set.Train.Images[:6], []byte{1, 3, 5, 2, 4, 6}) {
		t.Errorf("channels first: %v", err)
	}
}
