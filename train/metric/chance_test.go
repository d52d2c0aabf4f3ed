package metric

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestChance(t *testing.T) {
	for _, c := range []struct {
		name      string
		confusion [][]int
		want      string // in the sentence; empty: no sentence
	}{
		{"always the largest", [][]int{{0, 5}, {0, 15}}, "always answering b, the largest class, gets 15 right"},
		{"by lot", [][]int{{5, 5}, {6, 4}}, "9 of 20 right is no better"},
		{"a small sample", [][]int{{2, 0}, {0, 2}}, "4 of 4 right may be chance: so few images"},
		{"all right", [][]int{{10, 0}, {0, 10}}, ""},
		{"worse than the largest, but not by lot", [][]int{{10, 0}, {18, 72}}, ""},
		{"one class", [][]int{{9, 1}, {0, 0}}, ""},
		{"nothing", nil, ""},
	} {
		got := (&Classification{Confusion: c.confusion}).Chance([]string{"a", "b"})
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q in it", c.name, got, c.want)
		}
	}
	var none *Classification
	if none.Chance(nil) != "" {
		t.Error("no classification is chance")
	}
}

// Known values of the binomial distribution, and the variance of agreement against permuted labels.
func TestChanceStatistics(t *testing.T) {
	for _, c := range []struct {
		n, k    int
		p, want float64
	}{{10, 0, 0.3, 1}, {10, 10, 0.5, 1.0 / 1024}, {4, 3, 0.5, 5.0 / 16}, {10000, 5000, 0.5, 0.503989}} {
		if got := binomialTail(c.n, c.k, c.p); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("P(X ≥ %d) of %d at %v is %v, want %v", c.k, c.n, c.p, got, c.want)
		}
	}
	labels, answers := make([]int, 60), make([]int, 60)
	labelled, predicted := make([]int, 3), make([]int, 3)
	for i := range labels {
		labels[i], answers[i] = i*i%3, i%3
		labelled[labels[i]]++
		predicted[answers[i]]++
	}
	random, sum, square, rounds := rand.New(rand.NewPCG(1, 2)), 0.0, 0.0, 20000.0
	for range int(rounds) {
		random.Shuffle(60, func(i, j int) { labels[i], labels[j] = labels[j], labels[i] })
		right := 0
		for i := range labels {
			if labels[i] == answers[i] {
				right++
			}
		}
		z := agreement(60, right, labelled, predicted)
		sum, square = sum+z, square+z*z
	}
	if mean, variance := sum/rounds, square/rounds; math.Abs(mean) > 0.03 || math.Abs(variance-1) > 0.05 {
		t.Errorf("by lot the deviation has mean %v and variance %v, want 0 and 1", mean, variance)
	}
}
