package data

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What the labels of an archive are follows from them, or from the option as.
func TestTargetsOfArrays(t *testing.T) {
	u1 := func(shape string, values ...byte) []byte { return npyFile("|u1", shape, values) }
	f4 := func(shape string, values ...float32) []byte { return npyFile("<f4", shape, float32Bytes(values...)) }
	for name, c := range map[string]struct {
		labels  []byte
		options string
		target  Target
		classes int
		targets []float32
		note    string
		wrong   string
	}{
		"chest": {labels: u1("(3, 2)", 0, 0, 1, 1, 0, 1), target: TargetLabels, classes: 2,
			targets: []float32{0, 0, 1, 1, 0, 1}, note: "read as labels"},
		"one-hot": {labels: u1("(3, 2)", 0, 1, 1, 0, 0, 1), target: TargetClasses, classes: 2},
		"one-hot, labels": {labels: u1("(3, 2)", 0, 1, 1, 0, 0, 1), options: ":as=labels",
			target: TargetLabels, classes: 2, targets: []float32{0, 1, 1, 0, 0, 1}},
		"several, classes": {labels: u1("(3, 2)", 0, 0, 1, 1, 0, 1), options: ":as=classes",
			wrong: "image 0 has 0 of 2 classes"},
		"one label": {labels: u1("(3,)", 0, 1, 1), options: ":as=labels", target: TargetLabels,
			classes: 1, targets: []float32{0, 1, 1}},
		"real numbers": {labels: f4("(3,)", 0.5, 1, -2), target: TargetValues, classes: 1,
			targets: []float32{0.5, 1, -2}, note: "read as values"},
		"two values": {labels: f4("(3, 2)", 0.5, 1, -2, 3, 4, 5), target: TargetValues, classes: 2,
			targets: []float32{0.5, 1, -2, 3, 4, 5}, note: "read as values"},
		"whole numbers": {labels: u1("(3,)", 5, 7, 5), target: TargetClasses, classes: 2,
			note: "labels are 5, 7"},
		"as values": {labels: u1("(3,)", 5, 7, 5), options: ":as=values", target: TargetValues,
			classes: 1, targets: []float32{5, 7, 5}},
		"labels of 2": {labels: u1("(3,)", 0, 1, 2), options: ":as=labels",
			wrong: "example 2 has the target 2, want 0 or 1"},
		"text": {labels: npyFile("<U1", "(3,)",
			[]byte("a\x00\x00\x00b\x00\x00\x00a\x00\x00\x00")), options: ":as=values", wrong: "targets of text"},
		"too few": {labels: u1("(2,)", 0, 1), options: ":as=labels", wrong: "3 examples and targets [2]"},
	} {
		dir := write(t, map[string][]byte{"set.npz": zipFile(map[string][]byte{
			"train_images.npy": u1("(3, 2, 1)", 0, 50, 60, 70, 80, 255), "train_labels.npy": c.labels})})
		set, err := Load(t.Context(), "npz:"+filepath.Join(dir, "set.npz")+c.options, Options{ValCount: -1})
		if c.wrong != "" {
			wantError(t, err, c.wrong)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		notes := strings.Join(set.Notes, "; ")
		if set.Target != c.target || len(set.Classes) != c.classes || !slices.Equal(set.Train.Targets, c.targets) ||
			(set.Train.Labels == nil) != (c.targets != nil) || !strings.Contains(notes, c.note) ||
			c.note == "" && notes != "" {
			t.Errorf("%s: %q of %q, targets %v, labels %v, notes %q", name, set.Target, set.Classes,
				set.Train.Targets, set.Train.Labels, notes)
		}
	}
}

// An array of two axes is vectors; one of three is pictures unless the name says sequences.
func TestNumbersOfArrays(t *testing.T) {
	values := make([]byte, 24)
	for i := range values {
		values[i] = byte(i)
	}
	arrays := map[string][]byte{"x_train.npy": npyFile("|u1", "(4, 3, 2)", values),
		"y_train.npy": npyFile("|u1", "(4,)", []byte{0, 1, 0, 1})}
	load := func(arrays map[string][]byte, options string) (*Set, error) {
		dir := write(t, map[string][]byte{"set.npz": zipFile(arrays)})
		return Load(t.Context(), "npz:"+filepath.Join(dir, "set.npz")+options, Options{ValCount: -1})
	}
	if set, err := load(arrays, ""); err != nil || set.Shape != (Shape{3, 2, 1}) || set.Train.Images == nil {
		t.Errorf("%+v, %v", set, err)
	}
	set, err := load(arrays, ":of=sequences")
	if err != nil || set.Shape != (Shape{Height: 3, Channels: 2}) || set.Train.Floats[23] != 23 {
		t.Errorf("%+v, %v", set, err)
	}
	_, err = load(arrays, ":of=vectors")
	wantError(t, err, "array [4 3 2], want vectors (N, features)")
	_, err = load(arrays, ":of=rows")
	wantError(t, err, "want of=pictures, of=sequences or of=vectors")
	flat := maps.Clone(arrays)
	flat["x_train.npy"] = npyFile("|u1", "(4, 6)", values)
	if set, err := load(flat, ""); err != nil || set.Shape != (Shape{Channels: 6}) || set.Train.Len() != 4 {
		t.Errorf("%+v, %v", set, err)
	}
	_, err = load(flat, ":of=pictures")
	wantError(t, err, "array [4 6], want images")
	s, err := ReadNumbers(strings.NewReader(string(arrays["x_train.npy"])), Shape{Height: 3, Channels: 2})
	if err != nil || s.Len() != 4 || s.Floats[7] != 7 {
		t.Errorf("%+v, %v", s, err)
	}
	_, err = ReadNumbers(strings.NewReader(string(arrays["x_train.npy"])), Shape{Height: 2, Channels: 3})
	wantError(t, err, "holds 3 steps of 2 features, want 2 steps of 3 features")
}

// Numbers keep their order and become (v−mean)/deviation of their own feature; values likewise, and back.
func TestTransformOfNumbers(t *testing.T) {
	s := Split{Shape: Shape{Height: 2, Channels: 2},
		Floats:  []float32{1, 1e6, 3, 1e6 + 2, 5, 1e6 + 4, 7, 1e6 + 6},
		Targets: []float32{10, 30}, Target: TargetValues}
	mean, std, err := Statistics(s)
	if err != nil || mean[0] != 4 || mean[1] != 1e6+3 || std[0] != std[1] {
		t.Fatalf("mean %v, deviation %v, %v", mean, std, err)
	}
	transform := Transform{Mean: mean, Std: std, Target: StandardOf(s.Targets, 1)}
	p, err := transform.Apply(s)
	if err != nil || !slices.Equal(p.ExampleShape(), []int{2, 2}) || !slices.Equal(p.Answers, []float32{-1, 1}) {
		t.Fatalf("%+v, %v", p, err)
	}
	got := make([]float32, 4)
	if err := p.Fill(got, []int{1}); err != nil || got[0] != got[1] || got[2] != got[3] ||
		!(got[0] > 0 && got[2] > got[0]) {
		t.Errorf("%v, %v", got, err)
	}
	values := []float64{-1, 1}
	if transform.Target.Undo(values); values[0] != 10 || values[1] != 30 {
		t.Errorf("back to %v", values)
	}
	if _, err := p.Picture(0); err == nil {
		t.Error("a sequence is drawn as a picture")
	}
	before := p.Digest()
	s.Targets[0] = 11
	if q, _ := transform.Apply(s); q.Digest() == before {
		t.Error("the digest does not see the targets")
	}
}
