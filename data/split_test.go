package data

import (
	"encoding/binary"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// numbered returns a set whose training images spell their own index.
func numbered(labels []int, classes int) *Set {
	set := &Set{Classes: make([]string, classes)}
	set.Train = Split{Shape: Shape{2, 2, 1}, Labels: labels}
	for i := range labels {
		set.Train.Images = binary.BigEndian.AppendUint32(set.Train.Images, uint32(i))
	}
	return set
}

func TestHoldOutIsStratified(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		classes := rapid.IntRange(1, 6).Draw(t, "classes")
		labels := rapid.SliceOfN(rapid.IntRange(0, classes-1), 2, 200).Draw(t, "labels")
		n := rapid.IntRange(0, len(labels)-1).Draw(t, "held out")
		set := numbered(append([]int(nil), labels...), classes)
		before := set.Train.Counts(classes)
		if err := set.holdOut(&set.Val, n, rapid.Uint64().Draw(t, "seed")); err != nil {
			t.Fatal(err)
		}
		if set.Val.Len() != n || set.Train.Len() != len(labels)-n {
			t.Fatalf("%d held out and %d left of %d, want %d held out",
				set.Val.Len(), set.Train.Len(), len(labels), n)
		}
		for class, got := range set.Val.Counts(classes) {
			if share := float64(before[class]*n) / float64(len(labels)); float64(got) <= share-1 ||
				float64(got) >= share+1 {
				t.Errorf("class %d: %d held out, want %.2f to within one", class, got, share)
			}
		}
		seen := make([]bool, len(labels))
		for _, split := range []Split{set.Train, set.Val} {
			last := -1
			for i, label := range split.Labels {
				index := int(binary.BigEndian.Uint32(split.Images[4*i:]))
				if seen[index] || index <= last || labels[index] != label {
					t.Fatalf("image %d with label %d: twice, out of order, or with another's label",
						index, label)
				}
				seen[index], last = true, index
			}
		}
	})
}

func TestHoldOutDependsOnTheSeedOnly(t *testing.T) {
	held := func(seed uint64) string {
		set := numbered(make([]int, 100), 1)
		if err := set.holdOut(&set.Val, 10, seed); err != nil {
			t.Fatal(err)
		}
		return string(set.Val.Images)
	}
	first := held(1)
	if held(1) != first || held(2) == first {
		t.Error("the seed does not decide which images are held out")
	}
}

func TestHoldOutOfRealNumbers(t *testing.T) {
	set := &Set{Classes: digits[:1], Train: Split{Shape: grey1, Floats: []float32{0.5, 1.5, 2.5},
		Labels: make([]int, 3)}}
	if err := set.holdOut(&set.Val, 1, 1); err != nil {
		t.Fatal(err)
	}
	all := append(slices.Clone(set.Train.Floats), set.Val.Floats...)
	slices.Sort(all)
	if set.Val.Len() != 1 || !slices.Equal(all, []float32{0.5, 1.5, 2.5}) {
		t.Errorf("train %v, val %v", set.Train.Floats, set.Val.Floats)
	}
}

func TestValidationSize(t *testing.T) {
	for _, c := range []struct {
		Options
		byDefault, want int
	}{
		{Options{}, 5000, 5000},
		{Options{}, 0, 6000},
		{Options{ValCount: 7, ValFraction: 0.5}, 5000, 7},
		{Options{ValFraction: 0.25}, 5000, 15000},
		{Options{ValCount: -1}, 5000, 0},
	} {
		if got := c.validationCount(60000, c.byDefault); got != c.want {
			t.Errorf("%+v: %d images, want %d", c.Options, got, c.want)
		}
	}
	dir := write(t, idxFolder(10, 4))
	for _, o := range []Options{{ValCount: 10}, {ValFraction: 1}, {ValFraction: -0.1}} {
		_, err := Load(t.Context(), "idx:"+dir, o)
		wantError(t, err, "validation")
	}
}

func TestFirst(t *testing.T) {
	s := Split{Shape: Shape{Height: 1, Width: 2, Channels: 1}, Images: []uint8{1, 2, 3, 4, 5, 6},
		Labels: []int{7, 8, 9}}
	for n, want := range map[int]int{-1: 0, 0: 0, 2: 2, 3: 3, 9: 3} {
		f := s.First(n)
		if f.Len() != want || len(f.Labels) != want || f.check() != nil {
			t.Errorf("First(%d) has %d images and %d labels, want %d", n, f.Len(), len(f.Labels), want)
		}
	}
	if f := s.First(2); f.Images[3] != 4 || f.Labels[1] != 8 {
		t.Errorf("First(2) is %v", f)
	}
}
