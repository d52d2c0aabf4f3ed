package data

import (
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// everything changes an image in every way.
var everything = Augment{Shift: 2, Rotate: 0.2, Scale: 0.1, Flip: true, Crop: 4, Cutout: 8, MixUp: 0.2,
	CutMix: 1}

// augmented returns images changed at random.
func augmented(t *testing.T, p *Images, indices []int, a Augment, seed uint64, epoch int) []float32 {
	t.Helper()
	dst := make([]float32, len(indices)*p.ImageLen())
	for i := range dst {
		dst[i] = float32(math.NaN()) // every value must be written
	}
	if err := p.FillAugmented(dst, indices, a, seed, epoch); err != nil {
		t.Fatal(err)
	}
	return dst
}

// One image is the same alone, in any batch and in any thread.
func TestAugmentDependsOnSeedEpochAndIndexOnly(t *testing.T) {
	everything := everything
	everything.AlternateFlip, everything.RandOps, everything.RandMagnitude = true, 2, 0.9
	everything.Trivial, everything.Brightness, everything.Contrast, everything.Saturation = true, 0.3, 0.2, 0.1
	everything.Erase, everything.Unmixed, everything.CutMixShare, everything.MixEpochs = 0.5, 0.2, 0.3, 4
	p := imagesOf(t, randomSplit(Shape{28, 28, 3}, 64, 10, 1), 32)
	order := Permutation(p.Len(), 1, 1)
	together := augmented(t, p, order, everything, 7, 3)
	var threads sync.WaitGroup
	alone := make([]float32, len(together))
	for i, index := range order {
		threads.Go(func() {
			if err := p.FillAugmented(alone[i*p.ImageLen():], []int{index}, everything, 7, 3); err != nil {
				t.Error(err)
			}
		})
	}
	threads.Wait()
	if !slices.Equal(together, alone) {
		t.Error("an image depends on its batch or thread")
	}
	for what, other := range map[string][]float32{
		"seed":  augmented(t, p, order, everything, 8, 3),
		"epoch": augmented(t, p, order, everything, 7, 4),
	} {
		if slices.Equal(together, other) {
			t.Errorf("the %s changes nothing", what)
		}
	}
}

func TestZeroAugmentChangesNothing(t *testing.T) {
	p := imagesOf(t, randomSplit(Shape{28, 28, 1}, 8, 2, 1), 32)
	if !slices.Equal(fillAll(t, p), augmented(t, p, []int{0, 1, 2, 3, 4, 5, 6, 7}, Augment{}, 1, 1)) {
		t.Error("the zero value changes images")
	}
}

// Geometry on an image whose every pixel is different: rows 1 2 3, 4 5 6,
// 7 8 9 in black.
func TestWarpGoldens(t *testing.T) {
	square := Split{Shape: Shape{3, 3, 1}, Images: []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9}}
	p := imagesOf(t, square, 3)
	for _, c := range []struct {
		name string
		drawn
		want []float32
	}{
		{"mirror", drawn{scale: 1, mirrored: true}, []float32{3, 2, 1, 6, 5, 4, 9, 8, 7}},
		{"right and down", drawn{scale: 1, dx: 1, dy: 1}, []float32{0, 0, 0, 0, 1, 2, 0, 4, 5}},
		{"left and up", drawn{scale: 1, dx: -1, dy: -1}, []float32{5, 6, 0, 8, 9, 0, 0, 0, 0}},
		{"mirror, then right", drawn{scale: 1, dx: 1, mirrored: true}, []float32{0, 3, 2, 0, 6, 5, 0, 9, 8}},
		{"out of sight", drawn{scale: 1, dx: 3}, make([]float32, 9)},
		{"far out of sight", drawn{scale: 1, dx: -7, dy: 9}, make([]float32, 9)},
		{"half a pixel right", drawn{scale: 1, dx: 0.5},
			[]float32{0.5, 1.5, 2.5, 2, 4.5, 5.5, 3.5, 7.5, 8.5}},
		{"quarter turn", drawn{scale: 1, angle: math.Pi / 2}, []float32{7, 4, 1, 8, 5, 2, 9, 6, 3}},
		{"half turn", drawn{scale: 1, angle: math.Pi}, []float32{9, 8, 7, 6, 5, 4, 3, 2, 1}},
		{"mirror, then quarter turn", drawn{scale: 1, angle: math.Pi / 2, mirrored: true},
			[]float32{9, 6, 3, 8, 5, 2, 7, 4, 1}},
		{"twice the size", drawn{scale: 2}, []float32{3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7}},
		{"half the size", drawn{scale: 0.5}, []float32{0, 0, 0, 0, 5, 0, 0, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := make([]float32, 9)
			if p.image(got, 0); !c.still() {
				c.warp(got, fillAll(t, p), p)
			}
			for i := range got {
				got[i] *= 255
			}
			if diff := cmp.Diff(c.want, got, cmpopts.EquateApprox(0, 1e-3)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// What is whole goes the same way through interpolation.
func TestInterpolationAgreesWithMoving(t *testing.T) {
	p := imagesOf(t, randomSplit(Shape{9, 9, 3}, 1, 1, 1), 11)
	src := fillAll(t, p)
	for _, d := range []drawn{{scale: 1, dx: 2, dy: -3}, {scale: 1, dx: -1, mirrored: true},
		{scale: 1, dx: 12}} {
		moved, interpolated := make([]float32, len(src)), make([]float32, len(src))
		d.warp(moved, src, p)
		d.interpolate(interpolated, src, p)
		if diff := cmp.Diff(moved, interpolated); diff != "" {
			t.Errorf("%+v (-moved +interpolated)\n%s", d, diff)
		}
	}
}

// Black stays the value that black has, also where an image came from
// outside or was cut out.
func TestAugmentFillsWithBlack(t *testing.T) {
	transform := Transform{Size: 16, Mean: []float32{0.25}, Std: []float32{0.5}}
	p, err := transform.Apply(Split{Shape: Shape{8, 8, 1}, Images: make([]uint8, 64)})
	if err != nil {
		t.Fatal(err)
	}
	for epoch := range 50 {
		for i, v := range augmented(t, p, []int{0}, everything, 1, epoch) {
			if math.Abs(float64(v)+0.5) > 1e-6 {
				t.Fatalf("epoch %d: value %d is %v, want black at -0.5", epoch, i, v)
			}
		}
	}
}

// Draws stay in their ranges, reach into both halves of them, and one
// option leaves the others' draws alone.
func TestDrawRanges(t *testing.T) {
	const n = 2000
	var flips, left, clockwise, smaller int
	for i := range n {
		d := everything.draw(i, 32, 1, 1)
		if math.Abs(d.dx) > 6 || math.Abs(d.dy) > 6 || math.Abs(d.angle) > 0.2 || math.Abs(d.scale-1) > 0.1 {
			t.Fatalf("%+v", d)
		}
		if area := (d.cut.bottom - d.cut.top) * (d.cut.right - d.cut.left); area > 64 || area < 16 {
			t.Fatalf("cut %+v, want a square of 8 or its quarter in a corner", d.cut)
		}
		for count, hit := range map[*int]bool{&flips: d.mirrored, &left: d.dx < 0, &clockwise: d.angle > 0,
			&smaller: d.scale < 1} {
			if hit {
				*count++
			}
		}
		if alone := (Augment{Rotate: 0.2}).draw(i, 32, 1, 1); alone.angle != d.angle {
			t.Fatal("other options change the rotation")
		}
	}
	for what, count := range map[string]int{"flips": flips, "left": left, "clockwise": clockwise,
		"smaller": smaller} {
		if count < n*2/5 || count > n*3/5 {
			t.Errorf("%s: %d of %d", what, count, n)
		}
	}
}

// Targets are distributions that say how much of which image is there: the
// images are white for label 1 and black for 0, so the mean says it too.
func TestTargetsMatchTheMixture(t *testing.T) {
	const n, size = 32, 16
	split := Split{Shape: Shape{size, size, 1}, Labels: make([]int, n)}
	indices := make([]int, n)
	for i := range n {
		indices[i], split.Labels[i] = i, i%2
		split.Images = append(split.Images, fullOf(size*size, uint8(255*(i%2)))...)
	}
	p := imagesOf(t, split, size)
	for name, a := range map[string]Augment{"none": {}, "mixup": {MixUp: 1}, "cutmix": {CutMix: 1},
		"both": {MixUp: 0.2, CutMix: 0.5}} {
		t.Run(name, func(t *testing.T) {
			images := augmented(t, p, indices, a, 1, 2)
			targets := make([]float32, 2*n)
			if err := p.Targets(targets, indices, 2, a, 1, 2); err != nil {
				t.Fatal(err)
			}
			mixed := 0
			for i := range n {
				var mean float64
				for _, v := range images[i*size*size : (i+1)*size*size] {
					mean += float64(v) / (size * size)
				}
				black, white := float64(targets[2*i]), float64(targets[2*i+1])
				if math.Abs(black+white-1) > 1e-6 || math.Abs(mean-white) > 1e-5 {
					t.Errorf("image %d: targets %v and %v, white pixels %v", i, black, white, mean)
				}
				if black > 0.01 && white > 0.01 {
					mixed++
				}
			}
			if (mixed > 0) != a.Mixes() {
				t.Errorf("%d of %d targets are mixed", mixed, n)
			}
		})
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{p.Targets(make([]float32, 3), []int{0, 1}, 2, Augment{}, 1, 1),
			"2 targets of 2 classes do not fit into 3"},
		{p.Targets(make([]float32, 2), []int{n}, 2, Augment{}, 1, 1), "out of range [0,32)"},
		{p.Targets(make([]float32, 2), []int{1}, 1, Augment{}, 1, 1), "label 1 out of range [0,1)"},
		{p.Targets(make([]float32, 2), []int{1}, 2, Augment{MixUp: 9}, 1, 1), "mixup 9"},
	} {
		wantError(t, c.err, c.want)
	}
}

// A mixture is made of the two images as they are changed without it: a
// weighted mean throughout, or the one's pixel or the other's.
func TestMixtureIsOfChangedImages(t *testing.T) {
	p := imagesOf(t, randomSplit(Shape{12, 12, 3}, 16, 2, 1), 16)
	geometry := everything
	geometry.MixUp, geometry.CutMix = 0, 0
	for name, a := range map[string]Augment{"mixup": {MixUp: 1}, "cutmix": {CutMix: 1}} {
		mixing := geometry
		mixing.MixUp, mixing.CutMix = a.MixUp, a.CutMix
		for index := range p.Len() {
			m := mixing.mixing(index, p.Len(), p.Size, 1, 1)
			own, other := augmented(t, p, []int{index}, geometry, 1, 1),
				augmented(t, p, []int{m.partner}, geometry, 1, 1)
			for i, got := range augmented(t, p, []int{index}, mixing, 1, 1) {
				want := m.weight*own[i] + (1-m.weight)*other[i]
				if name == "cutmix" {
					y, x := i/p.Size%p.Size, i%p.Size
					want = own[i]
					if y >= m.pasted.top && y < m.pasted.bottom && x >= m.pasted.left && x < m.pasted.right {
						want = other[i]
					}
				}
				if math.Abs(float64(got-want)) > 1e-6 {
					t.Fatalf("%s: image %d: value %d is %v, want %v", name, index, i, got, want)
				}
			}
		}
	}
}

// Beta(α, α) has mean 1/2 and variance 1/(4(2α+1)).
func TestBetaMoments(t *testing.T) {
	for _, alpha := range []float64{0.05, 0.2, 1, 2} {
		random := newStream(1)
		const n = 20000
		var sum, square float64
		for range n {
			v := random.beta(alpha) - 0.5
			sum += v / n
			square += v * v / n
		}
		if want := 1 / (4 * (2*alpha + 1)); math.Abs(sum) > 0.02 || math.Abs(square-want) > 0.02*want+0.002 {
			t.Errorf("α=%v: mean %v, variance %v, want 0.5 and %v", alpha, sum+0.5, square, want)
		}
	}
}

func TestAugmentErrors(t *testing.T) {
	p := imagesOf(t, randomSplit(Shape{4, 4, 1}, 2, 2, 1), 4)
	for want, a := range map[string]Augment{
		"shift -1": {Shift: -1}, "shift NaN": {Shift: math.NaN()}, "rotate 4": {Rotate: 4},
		"scale 1": {Scale: 1}, "crop -1": {Crop: -1},
		"cutout -2": {Cutout: -2}, "mixup 0.01": {MixUp: 0.01}, "cutmix 3": {CutMix: 3},
	} {
		wantError(t, p.FillAugmented(make([]float32, 16), []int{0}, a, 1, 1),
			"data: augment: "+want+", want 0 or")
	}
	wantError(t, p.FillAugmented(make([]float32, 16), []int{2}, Augment{}, 1, 1), "image 2 out of range")
}
