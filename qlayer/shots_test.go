package qlayer_test

import (
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/gradcheck"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/qops"
)

// estimate returns what a layer gives for rows of x with those keys, and its standard errors.
func estimate(t *testing.T, l nn.Layer, seed uint64, keys []uint64, x []float64, shape ...int) (out,
	stderr []float64) {
	t.Helper()
	g := G.NewGraph()
	s := nn.NewScope(g, nn.NewStore(seed))
	y, err := l.Forward(s, gradcheck.Leaf(g, tensor.Float64, 0, tensor.New(tensor.WithShape(shape...),
		tensor.WithBacking(slices.Clone(x)))))
	if err != nil {
		t.Fatal(err)
	}
	s.Random().SetRows(keys)
	var e *G.Node
	for _, tap := range s.Taps() {
		if tap.Name == "standard_error" {
			e = tap.Node
		}
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	out, err = op.Elements[float64](y.Value())
	if err != nil {
		t.Fatal(err)
	}
	if e != nil {
		if stderr, err = op.Elements[float64](e.Value()); err != nil {
			t.Fatal(err)
		}
	}
	return slices.Clone(out), slices.Clone(stderr)
}

// TestShotsFollowFromKeyAndSeed: a row is the same in any place of a batch, and another with another key,
// epoch or seed; with more shots it comes nearer.
func TestShotsFollowFromKeyAndSeed(t *testing.T) {
	row := func(k float64) []float64 {
		out := make([]float64, 16)
		for i := range out {
			out[i] = k + float64(i%5) - float64(i%3)
		}
		return out
	}
	x, swapped := slices.Concat(row(1), row(-0.5)), slices.Concat(row(-0.5), row(1))
	for name, of := range map[string]func(shots int) nn.Layer{
		"Circuit": func(n int) nn.Layer { return qlayer.Circuit{Ansatz: qlayer.Entangling(1), Shots: n} },
		"Trajectories": func(n int) nn.Layer {
			runs := min(n, 20000)
			return qlayer.Circuit{Ansatz: qlayer.Entangling(1), Trajectories: runs, Shots: n,
				Noise: noiseOf("bit-flip=0.1")}
		},
		"Attention": func(n int) nn.Layer { return qlayer.Attention{Heads: 2, Shots: n} },
		"Hadamard": func(n int) nn.Layer {
			return nn.Attention{Heads: 2, Score: qlayer.Hadamard{Shots: n}.Score}
		},
		"custom encoder": func(n int) nn.Layer {
			return qlayer.Circuit{Ansatz: qlayer.Entangling(1), Encoder: custom{qlayer.Amplitude{}}, Shots: n}
		},
	} {
		shape := []int{2, 4, 4}
		a, errors := estimate(t, of(50), 4, []uint64{5, 6}, x, shape...)
		b, _ := estimate(t, of(50), 4, []uint64{6, 5}, swapped, shape...)
		half := len(a) / 2
		if !slices.Equal(a, slices.Concat(b[half:], b[:half])) {
			t.Errorf("%s: a row depends on its place", name)
		}
		if other, _ := estimate(t, of(50), 4, []uint64{7, 6}, x, shape...); slices.Equal(a[:half], other[:half]) ||
			!slices.Equal(a[half:], other[half:]) {
			t.Errorf("%s: rows do not follow from their keys alone", name)
		}
		if len(errors) == 0 || slices.Max(errors) == 0 {
			t.Errorf("%s: standard errors %v", name, errors)
		}
		exact, none := estimate(t, of(0), 4, []uint64{5, 6}, x, shape...)
		far, _ := estimate(t, of(100), 4, []uint64{5, 6}, x, shape...)
		near, _ := estimate(t, of(1000000), 4, []uint64{5, 6}, x, shape...)
		if d, e := distance(far, exact), distance(near, exact); !(e < d/20) || none != nil {
			t.Errorf("%s: 100 shots are off by %v, a million by %v", name, d, e)
		}
	}
}

func distance(a, b []float64) (sum float64) {
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return sum
}

func TestWrongShots(t *testing.T) {
	custom := customMeasure(nil).(qlayer.Circuit)
	custom.Shots = 5
	for want, l := range map[string]nn.Layer{
		"want 0 shots, for exact values, or more, got -1": qlayer.Circuit{Ansatz: qlayer.Entangling(1), Shots: -1},
		"or more, got -3":             qlayer.Attention{Shots: -3},
		"want Noise for Trajectories": qlayer.Circuit{Ansatz: qlayer.Entangling(1), Trajectories: 5},
		"or more, got -7": qlayer.Circuit{Ansatz: qlayer.Entangling(1), Trajectories: -7,
			Noise: noiseOf("bit-flip=0.1")},
		"not the average of theirs": qlayer.Circuit{Ansatz: qlayer.Entangling(1), Trajectories: 5,
			Measure: qops.Purity(0), Noise: noiseOf("bit-flip=0.1")},
		"a MeasureFunc has no shots": custom,
	} {
		_, err := build(l, 2, 4, 4)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
