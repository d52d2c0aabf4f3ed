package train_test

import (
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/train"
)

// numbered returns n examples that hold their own number, with one of three labels: 0 of the half of them, 1
// of a third.
func numbered(n int) train.Arrays {
	x, labels := make([]float64, 2*n), make([]int, n)
	for i := range labels {
		x[2*i], x[2*i+1] = float64(i), -float64(i)
		labels[i] = []int{0, 0, 0, 1, 1, 2}[i*6/n]
	}
	return train.Arrays{
		Inputs: []*tensor.Dense{tensor.New(tensor.WithShape(n, 2), tensor.WithBacking(x))}, Labels: labels,
	}
}

func TestSplit(t *testing.T) {
	const n = 120
	shares := []float64{0.7, 0.2, 0.1}
	labelled, plain := numbered(n), numbered(n)
	plain.Labels, plain.Values = nil, plain.Inputs[0]
	for name, a := range map[string]train.Arrays{"classes": labelled, "values": plain} {
		parts, err := a.Split(3, shares...)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[float64]bool{}
		for k, part := range parts {
			x := part.Inputs[0].Float64s()
			want := shares[k] * n
			if float64(part.Len()) != want {
				t.Errorf("%s, part %d: %d examples, want %v", name, k, part.Len(), want)
			}
			count := map[int]int{}
			for i := range part.Len() {
				number := x[2*i]
				if seen[number] || x[2*i+1] != -number || i > 0 && number < x[2*i-2] {
					t.Errorf("%s: example %v is in two parts, out of order or torn apart", name, number)
				}
				seen[number] = true
				if a.Labels == nil {
					if part.Values.Float64s()[2*i] != number {
						t.Errorf("%s: example %v has the values of another", name, number)
					}
					continue
				}
				if part.Labels[i] != a.Labels[int(number)] {
					t.Errorf("%s: example %v has the label of another", name, number)
				}
				count[part.Labels[i]]++
			}
			for label, ofAll := range map[int]float64{0: 1. / 2, 1: 1. / 3, 2: 1. / 6} {
				if d := float64(count[label]) - want*ofAll; a.Labels != nil && (d < -1 || d > 1) {
					t.Errorf("%s, part %d: %d examples of class %d of %v", name, k, count[label], label, want)
				}
			}
		}
		if len(seen) != n {
			t.Errorf("%s: %d examples in all, want %d", name, len(seen), n)
		}
		again, _ := a.Split(3, shares...)
		other, _ := a.Split(4, shares...)
		same := func(b []train.Arrays) bool {
			return slices.Equal(parts[2].Inputs[0].Float64s(), b[2].Inputs[0].Float64s())
		}
		if !same(again) || same(other) {
			t.Errorf("%s: the seed decides: %v, %v", name, same(again), same(other))
		}
	}
}

func TestWrongSplits(t *testing.T) {
	for want, split := range map[string]func() error{
		"sum to 0.9, want 1": func() error { _, err := numbered(9).Split(1, 0.5, 0.4); return err },
		"sum to 0, want 1":   func() error { _, err := numbered(9).Split(1); return err },
		"want each above 0":  func() error { _, err := numbered(9).Split(1, 1.5, -0.5); return err },
		"has none":           func() error { _, err := numbered(9).Split(1, 0.99, 0.01); return err },
		"9 labels for 0": func() error {
			_, err := train.Arrays{Labels: make([]int, 9)}.Split(1, 1)
			return err
		},
	} {
		if err := split(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
