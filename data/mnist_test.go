package data_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hqvit/hqvit/data"
)

// The class counts are those of the files, first published with LeCun,
// Bottou, Bengio, Haffner, Proc. IEEE 86 (1998).
func TestMNISTIsCompleteWithoutADownload(t *testing.T) {
	set, err := data.Load("mnist", data.Options{Dir: t.TempDir(), NoDownload: true, ValCount: -1})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		name   string
		split  data.Split
		counts []int
	}{
		{"train", set.Train, []int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}},
		{"test", set.Test, []int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}},
	} {
		if diff := cmp.Diff(part.counts, part.split.Counts(10)); diff != "" {
			t.Errorf("%s: class counts (-want +got)\n%s", part.name, diff)
		}
	}
	if set.Train.Len() != 60000 || set.Test.Len() != 10000 || set.Val.Len() != 0 {
		t.Errorf("%d train, %d val, %d test", set.Train.Len(), set.Val.Len(), set.Test.Len())
	}
	sum := sha256.Sum256(set.Train.Images[:784])
	t.Log(hex.EncodeToString(sum[:]))
}
