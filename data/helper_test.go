package data

import (
	"strings"
	"testing"
)

// randomSplit returns n random images with labels in turn.
func randomSplit(shape Shape, n, classes int, seed uint64) Split {
	random := newStream(seed)
	split := Split{Shape: shape, Images: make([]uint8, n*shape.Len()), Labels: make([]int, n)}
	for i := range split.Images {
		split.Images[i] = uint8(random.next())
	}
	for i := range split.Labels {
		split.Labels[i] = i % classes
	}
	return split
}

// wantError fails unless err is one line that holds all parts.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error of several lines: %q", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q, want %q in it", err, part)
		}
	}
}
