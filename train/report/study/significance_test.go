package study

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// TestPValue has the p-value that R prints for the paired t-test of Student's sleep data (?sleep): 0.002833.
func TestPValue(t *testing.T) {
	p := pValue([]float64{1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4})
	if math.Abs(p-0.002833) > 5e-7 {
		t.Errorf("p is %v, want 0.002833", p)
	}
	if got := pValue([]float64{1, 1, 1}); got != 0 {
		t.Errorf("the same difference in every seed: p is %v, want 0", got)
	}
	if got := pValue([]float64{0, 0}); got != 1 {
		t.Errorf("no difference in any seed: p is %v, want 1", got)
	}
}

// TestHolm has what R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") gives: 0.03, 0.06, 0.06, 0.02.
func TestHolm(t *testing.T) {
	r := Results{Reference: "a", Models: []Model{{Name: "a"}}}
	for i, p := range []float64{0.01, 0.04, 0.03, 0.005} {
		r.Models = append(r.Models, Model{Name: string(rune('b' + i)),
			Differences: map[Metric]*Difference{Accuracy: {P: &p, N: 5}}})
	}
	r.Models = append(r.Models, Model{Name: "f", Differences: map[Metric]*Difference{Accuracy: {N: 1}}})
	r.correct(Accuracy)
	for i, want := range []float64{0.03, 0.06, 0.06, 0.02} {
		if got := *r.Models[1+i].Differences[Accuracy].Holm; math.Abs(got-want) > 1e-15 {
			t.Errorf("%s: corrected to %v, want %v", r.Models[1+i].Name, got, want)
		}
	}
	if r.Models[5].Differences[Accuracy].Holm != nil {
		t.Error("a model with one seed has a p-value")
	}
	want := "Corrected for all 4 comparisons in accuracy (Holm, 5 % that any is wrong): b (p = 0.03) and e " +
		"(p = 0.02) differ from a."
	if got := r.corrected(Accuracy); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	*r.Models[1].Differences[Accuracy].Holm = 0
	if got := r.corrected(Accuracy); !strings.Contains(got, "b (p < 0.0001) and e") {
		t.Errorf("a p-value that is rounded to 0: %s", got)
	}
}

// TestPower compares with the tables of the one-sample t-test (Cohen's d 0.2, 0.5, 0.8 need 199, 34 and 15
// pairs for a power of 0.8) and with the share of simulated studies whose interval excludes 0 on the right
// side.
func TestPower(t *testing.T) {
	for d, want := range map[float64]int{0.2: 199, 0.5: 34, 0.8: 15} {
		if got, ok := seedsFor(d, 1); got != want || !ok {
			t.Errorf("%v deviations need %d seeds, want %d", d, got, want)
		}
	}
	if _, ok := seedsFor(0.01, 1); ok {
		t.Error("a hundredth of a deviation is found with 1,000 seeds")
	}
	random := rand.New(rand.NewPCG(3, 4))
	for _, c := range []struct {
		size, sd float64
		n        int
	}{{1, 1, 3}, {0.7, 0.5, 5}, {3, 1, 2}, {-1.2, 1, 8}} {
		const studies = 40000
		found := 0
		each := make([]float64, c.n)
		for range studies {
			for i := range each {
				each[i] = c.size + c.sd*random.NormFloat64()
			}
			if stat.Mean(each, nil)*c.size > 0 && pValue(each) < 0.05 {
				found++
			}
		}
		got, want := powerOf(c.size, c.sd, c.n), float64(found)/studies
		if math.Abs(got-want) > 5*math.Sqrt(want*(1-want)/studies)+1e-3 {
			t.Errorf("%+v: power %v, simulated %v", c, got, want)
		}
	}
}

// TestResolution: a study says what it could see, and what others would take.
func TestResolution(t *testing.T) {
	d, err := Accuracy.Paired("b", "a", []float64{0.91, 0.92, 0.94}, []float64{0.90, 0.90, 0.91})
	if err != nil {
		t.Fatal(err)
	}
	r := Results{Reference: "a", Models: []Model{{Name: "a"},
		{Name: "b", Differences: map[Metric]*Difference{Accuracy: d}}}}
	got := r.resolution(Accuracy)
	// The deviation of 1, 2 and 3 points is 1; 3.26 of them have a power of 0.8 with three pairs.
	if !strings.HasPrefix(got, "With 3 seeds a difference of 3.26 points in accuracy is found four times "+
		"in five") || !strings.Contains(got, "takes 6 seeds") {
		t.Error(got)
	}
	// With a second model whose differences deviate by 3 points, half of 1 + 3 is the median.
	wide, err := Accuracy.Paired("c", "a", []float64{0.90, 0.93, 0.96}, []float64{0.90, 0.90, 0.90})
	if err != nil {
		t.Fatal(err)
	}
	r.Models = append(r.Models, Model{Name: "c", Differences: map[Metric]*Difference{Accuracy: wide}})
	if got := r.resolution(Accuracy); !strings.Contains(got, "difference of 6.53 points") ||
		!strings.Contains(got, "by 2.00,") {
		t.Error(got)
	}
	if p := powerOf(0.0326, 0.01, 3); math.Abs(p-0.8) > 0.003 {
		t.Errorf("the power of it is %v, want 0.8", p)
	}
}
