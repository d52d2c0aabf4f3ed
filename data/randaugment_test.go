package data

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// Two epochs show each image both ways; which way is first is a fair coin.
func TestAlternateFlip(t *testing.T) {
	a, first := Augment{AlternateFlip: true}, 0
	for i := range 2000 {
		var seen [4]bool
		for epoch := range seen {
			seen[epoch] = a.draw(i, 32, 1, epoch).mirrored
		}
		if seen[0] == seen[1] || seen[0] != seen[2] || seen[1] != seen[3] {
			t.Fatalf("image %d is mirrored in the epochs %v", i, seen)
		}
		if seen[0] {
			first++
		}
	}
	if first < 900 || first > 1100 {
		t.Errorf("%d of 2000 begin mirrored", first)
	}
}

// Every operation is drawn about as often as the others, in both directions, and as far as the tables of
// torchvision say: RandAugment's with 31 bins at magnitude 9, and TrivialAugmentWide's.
func TestRandAugmentDraws(t *testing.T) {
	usual := operations
	defer func() { operations = usual }()
	count, largest, least := map[string]int{}, map[string]float64{}, map[string]float64{}
	operations = slices.Clone(usual)
	for i := range operations {
		name := operations[i].name
		operations[i].apply = func(_ *raster, v float64) {
			count[name]++
			largest[name], least[name] = max(largest[name], v), min(least[name], v)
		}
	}
	draw := func(a Augment) {
		clear(count)
		clear(largest)
		clear(least)
		for i := range 4000 {
			a.changePixels(newRaster(1, 32), i, 1, 0)
		}
	}
	check := func(want map[string]float64, n int) {
		t.Helper()
		for _, o := range operations {
			if share := float64(count[o.name]) * 14 / float64(n); share < 0.8 || share > 1.2 {
				t.Errorf("%s is drawn %d times of %d", o.name, count[o.name], n)
			}
			v, low := want[o.name], -want[o.name]
			if !o.signed {
				low = 0
			}
			if math.Abs(largest[o.name]-v) > 1e-9 || math.Abs(least[o.name]-low) > 1e-9 {
				t.Errorf("%s goes from %v to %v, want %v to %v", o.name, least[o.name], largest[o.name], low, v)
			}
		}
	}
	draw(Augment{RandOps: 2, RandMagnitude: 9. / 30})
	check(map[string]float64{"shear-x": 0.09, "shear-y": 0.09, "translate-x": 150. / 331 * 32 * 0.3,
		"translate-y": 150. / 331 * 32 * 0.3, "rotate": 9, "brightness": 0.27, "color": 0.27, "contrast": 0.27,
		"sharpness": 0.27, "posterize": 1.2, "solarize": 76.5}, 8000)
	draw(Augment{Trivial: true})
	check(map[string]float64{"shear-x": 0.99, "shear-y": 0.99, "translate-x": 32, "translate-y": 32,
		"rotate":     135,
		"brightness": 0.99, "color": 0.99, "contrast": 0.99, "sharpness": 0.99, "posterize": 6,
		"solarize": 255}, 4000)
}

// The rectangle of random erasing is noise, its share and aspect in their ranges, at the asked frequency.
func TestErase(t *testing.T) {
	const size, n = 32, 2000
	a, erased, sum, square, values := Augment{Erase: 0.25}, 0, 0.0, 0.0, 0.0
	least, most := 1.0, 0.0
	for i := range n {
		image := make([]float32, 2*size*size)
		a.erase(image, 2, size, i, 1, 3)
		changed := 0
		for _, v := range image[:size*size] {
			if v != 0 {
				changed++
				sum, square, values = sum+float64(v), square+float64(v)*float64(v), values+1
			}
		}
		if changed == 0 {
			continue
		}
		erased++
		share := float64(changed) / (size * size)
		least, most = min(least, share), max(most, share)
	}
	if erased < n/4-80 || erased > n/4+80 {
		t.Errorf("%d of %d are erased, want a quarter", erased, n)
	}
	if least < 0.012 || least > 0.05 || most < 0.28 || most > 0.36 {
		t.Errorf("shares of %v to %v, want about 0.02 to 0.33", least, most)
	}
	if mean, variance := sum/values, square/values; math.Abs(mean) > 0.02 || math.Abs(variance-1) > 0.03 {
		t.Errorf("noise of mean %v and variance %v", mean, variance)
	}
}

// Of the images so many stay unmixed, so many of the others get CutMix, and none are mixed after MixEpochs.
func TestMixingShares(t *testing.T) {
	const n = 4000
	count := func(a Augment, epoch int) (mixed, cut float64) {
		for i := range n {
			m := a.mixing(i, n, 32, 1, epoch)
			if m.partner != i {
				mixed++
			}
			if m.pasted != (box{}) {
				cut++
			}
		}
		return mixed / n, cut / n
	}
	for _, c := range []struct {
		a          Augment
		mixed, cut float64
	}{
		{Augment{MixUp: 0.8, CutMix: 1}, 1, 0.5}, {Augment{MixUp: 0.8, CutMix: 1, Unmixed: 0.6}, 0.4, 0.2},
		{Augment{MixUp: 0.8, CutMix: 1, CutMixShare: 0.25}, 1, 0.25}, {Augment{CutMix: 1, CutMixShare: 0.2}, 1, 1},
		{Augment{MixUp: 1, Unmixed: 1}, 0, 0},
	} {
		if mixed, cut := count(c.a, 3); math.Abs(mixed-c.mixed) > 0.03 || math.Abs(cut-c.cut) > 0.03 {
			t.Errorf("%v: %v mixed, %v cut, want %v and %v", c.a, mixed, cut, c.mixed, c.cut)
		}
	}
	a := Augment{MixUp: 1, MixEpochs: 3}
	if before, _ := count(a, 2); before < 0.99 {
		t.Errorf("%v are mixed in the last of the epochs", before)
	}
	if after, _ := count(a, 3); after != 0 {
		t.Errorf("%v are mixed after them", after)
	}
}

// Factors of colour jitter lie evenly about 1, in either half.
func TestJitterIsSymmetric(t *testing.T) {
	brighter := 0
	for i := range 1000 {
		r := newRaster(1, 1)
		r.pix[0] = 100
		Augment{Brightness: 0.4}.changePixels(r, i, 1, 0)
		if v := r.pix[0]; v < 60 || v > 140 {
			t.Fatalf("%d, want 60 to 140", v)
		} else if v > 100 {
			brighter++
		}
	}
	if brighter < 430 || brighter > 570 {
		t.Errorf("%d of 1000 are brighter", brighter)
	}
}

func TestPixelOperationsWantBytes(t *testing.T) {
	p, err := Transform{Size: 2}.Apply(Split{Shape: Shape{2, 2, 1}, Floats: make([]float32, 4)})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []Augment{{RandOps: 1, RandMagnitude: 0.1}, {Trivial: true}, {Saturation: 0.1}} {
		wantError(t, p.FillAugmented(make([]float32, 4), []int{0}, a, 1, 1), "are for images of 8 bits")
	}
	wantError(t, Augment{RandOps: 2}.Check(), "rand_ops without a rand_magnitude")
	wantError(t, Augment{RandMagnitude: 0.5}.Check(), "rand_magnitude without rand_ops")
	wantError(t, Augment{Erase: 1.5}.Check(), "erase 1.5")
}

// A run that began before there were more options is resumed with the same words.
func TestAugmentText(t *testing.T) {
	want := "{Shift:2 Rotate:0.17 Scale:0.1 Flip:false Crop:0 Cutout:0 MixUp:0 CutMix:0}"
	if got := fmt.Sprintf("%+v", forDigits); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	a := Augment{Flip: true, Erase: 0.25}
	want = "{Shift:0 Rotate:0 Scale:0 Flip:true Crop:0 Cutout:0 MixUp:0 CutMix:0 Erase:0.25}"
	if got := fmt.Sprintf("%+v", a); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// BenchmarkAugment changes photographs of 32×32 pixels.
func BenchmarkAugment(b *testing.B) {
	p, err := Transform{Size: 32}.Apply(randomSplit(Shape{32, 32, 3}, 128, 10, 1))
	if err != nil {
		b.Fatal(err)
	}
	indices, dst := Permutation(128, 1, 1), make([]float32, 128*p.ImageLen())
	for name, a := range map[string]Augment{"none": {}, "photos": forPhotos,
		"rand": {Flip: true, Crop: 4, RandOps: 2, RandMagnitude: 0.3},
		"all":  {Flip: true, Crop: 4, RandOps: 2, RandMagnitude: 0.9, Erase: 0.25, MixUp: 0.8, CutMix: 1}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := p.FillAugmented(dst, indices, a, 1, 1); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(128*b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
