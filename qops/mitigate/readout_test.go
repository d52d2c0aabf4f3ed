package mitigate_test

import (
	"math"
	"slices"
	"testing"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/mitigate"
)

// TestMisread inverts what it misreads, and its gradient is the transpose.
func TestMisread(t *testing.T) {
	m, err := mitigate.NewMisread(circuit.Confusion{P10: 0.02, P01: 0.2}, circuit.Confusion{},
		circuit.Confusion{P10: 0.3, P01: 0.05})
	if err != nil {
		t.Fatal(err)
	}
	random := splitmix.Source(3)
	p, sum := make([]float64, 8), 0.0
	for i := range p {
		p[i] = random.Float64()
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	read := slices.Clone(p)
	if err := m.Read(read); err != nil {
		t.Fatal(err)
	}
	// 000 is read as 100 with P10 of the first qubit
	one := []float64{1, 0, 0, 0, 0, 0, 0, 0}
	if err := m.Read(one); err != nil || math.Abs(one[4]-0.02*0.7) > 1e-15 || math.Abs(one[1]-0.98*0.3) > 1e-15 {
		t.Errorf("000 is read as %v, %v", one, err)
	}
	back := slices.Clone(read)
	if err := m.Invert(back); err != nil {
		t.Fatal(err)
	}
	for i := range p {
		if math.Abs(back[i]-p[i]) > 1e-14 {
			t.Errorf("outcome %d: %v, want %v", i, back[i], p[i])
		}
	}
	d := []float64{0.3, -1, 2, 0.1, -0.7, 0.9, 1.1, -0.2}
	g := slices.Clone(d)
	if err := m.InvertBack(g); err != nil {
		t.Fatal(err)
	}
	left, right := 0.0, 0.0 // ⟨d, A⁻¹ read⟩ and ⟨A⁻ᵀ d, read⟩
	for i := range d {
		left += d[i] * back[i]
		right += g[i] * read[i]
	}
	if math.Abs(left-right) > 1e-14 {
		t.Errorf("the gradient is not the transpose: %v and %v", left, right)
	}
	if v, want := m.Variance(), 1/(0.78*0.78*0.65*0.65); math.Abs(v-want) > 1e-12 {
		t.Errorf("variance %v, want %v", v, want)
	}
	if _, err := mitigate.NewMisread(circuit.Confusion{P10: 0.4, P01: 0.6}); err == nil {
		t.Error("a reading that says nothing is inverted")
	}
	if m.Invert(make([]float64, 4)) == nil {
		t.Error("probabilities of other outcomes are taken")
	}
}

// TestNearest against a search: no distribution is nearer, and it is one.
func TestNearest(t *testing.T) {
	random := splitmix.Source(5)
	for range 200 {
		p, sum := make([]float64, 5), 0.0
		for i := range p {
			p[i] = 2*random.Float64() - 0.7
			sum += p[i]
		}
		for i := range p {
			p[i] += (1 - sum) / 5
		}
		was := slices.Clone(p)
		kept := mitigate.Nearest(p)
		total, far := 0.0, 0.0
		for i, v := range p {
			if v < 0 || (v > 0) != kept[i] {
				t.Fatalf("%v became %v, kept %v", was, p, kept)
			}
			total += v
			far += (v - was[i]) * (v - was[i])
		}
		if math.Abs(total-1) > 1e-12 {
			t.Fatalf("%v sums to %v", p, total)
		}
		for range 50 { // towards any other distribution it is farther
			q, sum, other := make([]float64, 5), 0.0, 0.0
			for i := range q {
				q[i] = -math.Log(random.Float64())
				sum += q[i]
			}
			for i := range q {
				x := p[i] + 0.01*(q[i]/sum-p[i])
				other += (x - was[i]) * (x - was[i])
			}
			if other < far-1e-12 {
				t.Fatalf("%v is nearer to %v than %v", q, was, p)
			}
		}
		d := []float64{0.4, -0.3, 1, 0.2, -2}
		g := slices.Clone(d)
		mitigate.NearestBack(g, kept)
		for i := range was {
			value := func(h float64) (sum float64) {
				x := slices.Clone(was)
				x[i] += h
				// the sum stays 1: the argument is one of numbers that sum to 1
				for j := range x {
					x[j] -= h / 5
				}
				mitigate.Nearest(x)
				for j := range x {
					sum += d[j] * x[j]
				}
				return sum
			}
			mean := 0.0
			for _, v := range g {
				mean += v / 5
			}
			if want := (value(1e-7) - value(-1e-7)) / 2e-7; math.Abs(want-(g[i]-mean)) > 1e-6 {
				t.Fatalf("gradient %d of %v is %v, want %v", i, was, g[i]-mean, want)
			}
		}
	}
}

// TestSelect drops what the symmetry forbids; its gradient is the derivative.
func TestSelect(t *testing.T) {
	was := []float64{0.1, 0.2, 0.15, 0.05, 0.3, 0.02, 0.08, 0.1}
	for _, s := range []mitigate.Symmetry{{Of: mitigate.Parity, Value: 1}, {Of: mitigate.Weight, Value: 1}, {}} {
		p := slices.Clone(was)
		share := s.Select(p)
		want := map[string]float64{"parity=1": 0.75, "weight=1": 0.65, "none": 1}[s.String()]
		if math.Abs(share-want) > 1e-12 {
			t.Errorf("%v keeps %v, want %v", s, share, want)
		}
		d := []float64{0.4, -0.3, 1, 0.2, -2, 0.7, 0.1, 0.5}
		g := slices.Clone(d)
		s.SelectBack(g, p, share)
		for i := range was {
			value := func(h float64) (sum float64) {
				x := slices.Clone(was)
				x[i] += h
				s.Select(x)
				for j := range x {
					sum += d[j] * x[j]
				}
				return sum
			}
			if want := (value(1e-6) - value(-1e-6)) / 2e-6; math.Abs(g[i]-want) > 1e-8 {
				t.Errorf("%v: gradient %d is %v, want %v", s, i, g[i], want)
			}
		}
	}
	p := []float64{1, 0, 0, 0}
	if share := (mitigate.Symmetry{Of: mitigate.Weight, Value: 1}).Select(p); share != 0 || p[1] != 0.5 ||
		p[2] != 0.5 {
		t.Errorf("of nothing left: %v, %v", share, p)
	}
}
