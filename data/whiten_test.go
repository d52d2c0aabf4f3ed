package data

import (
	"math"
	"testing"
)

// By the definition: what the filters see of the patches, computed one by one, is uncorrelated and of mean
// square λ/(λ + 5e-4), which is nearly 1; each second filter is the negative of the one before; the first
// sees most.
func TestWhitening(t *testing.T) {
	split := randomSplit(Shape{8, 8, 3}, 40, 2, 5)
	for i := 3; i < len(split.Images); i++ { // neighbours are alike, so that there is something to whiten
		split.Images[i] = uint8((int(split.Images[i]) + 3*int(split.Images[i-3])) / 4)
	}
	p, err := Transform{Size: 8, Mean: []float32{0.5, 0.4, 0.5}, Std: []float32{0.2, 0.25, 0.3}}.Apply(split)
	if err != nil {
		t.Fatal(err)
	}
	const side, n, width = 2, 10, 12
	filters, err := p.Whitening(side, n)
	if err != nil || len(filters) != 2*n*width {
		t.Fatalf("%d values, %v", len(filters), err)
	}
	images := fillAll(t, p)
	moments, patches := [n][n]float64{}, 0
	lengths := [n]float64{}
	for at := 0; at < len(images); at += 3 * 64 {
		for y := range 7 {
			for x := range 7 {
				var seen [n]float64
				for f := range n {
					for i, w := range filters[2*f*width : (2*f+1)*width] {
						c, dy, dx := i/4, i/2%2, i%2
						seen[f] += float64(w) * float64(images[at+c*64+(y+dy)*8+x+dx])
					}
				}
				for i, a := range seen {
					for j, b := range seen {
						moments[i][j] += a * b
					}
				}
				patches++
			}
		}
	}
	for i := range n {
		for j := range n {
			want := 0.0
			if i == j {
				want = 1
			}
			if m := moments[i][j] / float64(patches); math.Abs(m-want) > 0.02 {
				t.Errorf("the second moment of %d and %d is %v, want %v", i, j, m, want)
			}
		}
		for k, w := range filters[2*i*width : (2*i+1)*width] {
			lengths[i] += float64(w) * float64(w)
			if filters[(2*i+1)*width+k] != -w {
				t.Fatalf("filter %d is not the negative of the one before", 2*i+1)
			}
		}
		if i > 0 && lengths[i] < lengths[i-1] {
			t.Errorf("direction %d has more variance than the one before", i)
		}
	}
	for _, c := range []struct {
		side, n int
		want    string
	}{{0, 1, "patches of side 0, want 1 to 8"}, {9, 1, "patches of side 9"},
		{2, 13, "in 13 directions, want 1 to 12"},
		{2, 0, "in 0 directions"}} {
		_, err := p.Whitening(c.side, c.n)
		wantError(t, err, c.want)
	}
	var none *Images
	_, err = none.Whitening(2, 1)
	wantError(t, err, "images")
}
