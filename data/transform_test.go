package data

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// fillAll returns all images of a split as a model reads them.
func fillAll(t *testing.T, p *Images) []float32 {
	t.Helper()
	dst := make([]float32, p.Len()*p.ImageLen())
	indices := make([]int, p.Len())
	for i := range indices {
		indices[i] = i
	}
	for i := range dst {
		dst[i] = float32(math.NaN()) // every value must be written
	}
	if err := p.Fill(dst, indices); err != nil {
		t.Fatal(err)
	}
	return dst
}

// A law over shapes: the value at (c, y, x) is the pixel there divided by
// 255 and normalised, and a black pixel outside the image.
func TestFillPadsAndNormalises(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		shape := Shape{rapid.IntRange(1, 9).Draw(rt, "height"), rapid.IntRange(1, 9).Draw(rt, "width"),
			rapid.SampledFrom([]int{1, 3}).Draw(rt, "channels")}
		size := max(shape.Height, shape.Width) + rapid.IntRange(0, 5).Draw(rt, "margin")
		split := randomSplit(shape, 3, 2, rapid.Uint64().Draw(rt, "seed"))
		transform := Transform{Size: size}
		mean, std := []float32{0, 0, 0}, []float32{1, 1, 1}
		if rapid.Bool().Draw(rt, "normalise") {
			mean, std = []float32{0.1, 0.2, 0.3}, []float32{0.5, 2, 3}
			transform.Mean, transform.Std = mean[:shape.Channels], std[:shape.Channels]
		}
		p, err := transform.Apply(split)
		if err != nil {
			rt.Fatal(err)
		}
		top, left := (size-shape.Height)/2, (size-shape.Width)/2
		for i, got := range fillAll(t, p) {
			image, c, y, x := i/p.ImageLen(), i/(size*size)%shape.Channels, i/size%size-top, i%size-left
			var pixel uint8
			if y >= 0 && y < shape.Height && x >= 0 && x < shape.Width {
				pixel = split.Images[((image*shape.Height+y)*shape.Width+x)*shape.Channels+c]
			}
			if want := (float32(pixel)/255 - mean[c]) / std[c]; got != want {
				rt.Fatalf("value %d of images of %v at size %d is %v, want %v", i, shape, size, got, want)
			}
		}
	})
}

func TestFillTakesTheImagesAskedFor(t *testing.T) {
	p := imagesOf(t, randomSplit(Shape{2, 2, 1}, 5, 2, 1), 4)
	all := fillAll(t, p)
	dst := []float32{48: 7} // room for three images and one value more
	if err := p.Fill(dst, []int{4, 0, 4}); err != nil {
		t.Fatal(err)
	}
	want := append(append(append([]float32{}, all[64:80]...), all[:16]...), all[64:80]...)
	if diff := cmp.Diff(append(want, 7), dst); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	wantError(t, p.Fill(dst, []int{5}), "image 5 out of range [0,5)")
	wantError(t, p.Fill(dst, []int{-1}), "image -1 out of range [0,5)")
	wantError(t, p.Fill(dst, []int{0, 1, 2, 3}), "4 images of 16 values do not fit into 49")
}

// Real numbers are used as they are, and give what the same pixels give.
func TestFillOfRealNumbers(t *testing.T) {
	split := randomSplit(Shape{3, 2, 3}, 4, 2, 1)
	real := Split{Shape: split.Shape, Labels: split.Labels}
	for _, pixel := range split.Images {
		real.Floats = append(real.Floats, float32(pixel)/255)
	}
	mean, std := statisticsOf(t, split)
	realMean, realStd := statisticsOf(t, real)
	if diff := cmp.Diff([][]float32{mean, std}, [][]float32{realMean, realStd},
		cmpopts.EquateApprox(1e-6, 0)); diff != "" {
		t.Errorf("statistics (-8 bit +real)\n%s", diff)
	}
	transform := Transform{Size: 5, Mean: mean, Std: std}
	var got [2][]float32
	for i, s := range []Split{split, real} {
		p, err := transform.Apply(s)
		if err != nil {
			t.Fatal(err)
		}
		got[i] = fillAll(t, p)
	}
	if diff := cmp.Diff(got[0], got[1]); diff != "" {
		t.Errorf("(-8 bit +real)\n%s", diff)
	}
}

// Images normalised by their own statistics have mean 0 and deviation 1.
func TestStatisticsNormalise(t *testing.T) {
	split := randomSplit(Shape{6, 6, 3}, 10, 2, 1)
	for i := range split.Images {
		split.Images[i] /= uint8(i%3 + 1) // another distribution for each channel
	}
	mean, std := statisticsOf(t, split)
	p, err := Transform{Size: 6, Mean: mean, Std: std}.Apply(split)
	if err != nil {
		t.Fatal(err)
	}
	var sum, square [3]float64
	for i, v := range fillAll(t, p) {
		c := i / 36 % 3
		sum[c] += float64(v) / 360
		square[c] += float64(v) * float64(v) / 360
	}
	for c := range 3 {
		if math.Abs(sum[c]) > 1e-5 || math.Abs(square[c]-1) > 1e-5 {
			t.Errorf("channel %d: mean %g, mean square %g, want 0 and 1", c, sum[c], square[c])
		}
	}
	_, std = statisticsOf(t, Split{Shape: Shape{2, 2, 1}, Images: fullOf(4, 9)})
	if std[0] != 1 {
		t.Errorf("deviation %v of a constant channel, want 1", std[0])
	}
}

func TestTransformMakesLargeImagesSmaller(t *testing.T) {
	p := imagesOf(t, Split{Shape: Shape{8, 16, 3}, Images: fullOf(8*16*3, 51)}, 8)
	for i, v := range fillAll(t, p) {
		want := float32(0)
		if y := i / 8 % 8; y >= 2 && y < 6 {
			want = 0.2
		}
		if v != want {
			t.Fatalf("value %d is %v, want %v", i, v, want)
		}
	}
}

func TestTransformErrors(t *testing.T) {
	good := randomSplit(Shape{4, 4, 1}, 2, 2, 1)
	with := func(change func(*Split)) Split {
		s := good
		change(&s)
		return s
	}
	one, nan := []float32{1}, []float32{float32(math.NaN())}
	for _, c := range []struct {
		transform Transform
		split     Split
		want      string
	}{
		{Transform{}, good, "size 0, want 1 to 4096"},
		{Transform{Size: 8, Mean: one}, good, "1 means and 0 deviations for 1 channels"},
		{Transform{Size: 8, Mean: one, Std: []float32{0}}, good, "deviation 0 of channel 0"},
		{Transform{Size: 8, Mean: nan, Std: one}, good, "mean NaN"},
		{Transform{Size: 8, Mean: one, Std: nan}, good, "deviation NaN"},
		{Transform{Size: 8}, Split{}, "images of 0×0×0"},
		{Transform{Size: 8}, with(func(s *Split) { s.Channels = 2 }), "1 or 3 channels"},
		{Transform{Size: 8}, with(func(s *Split) { s.Images = s.Images[1:] }),
			"not a whole number of images"},
		{Transform{Size: 8}, with(func(s *Split) { s.Labels = s.Labels[1:] }), "2 images and 1 label,"},
		{Transform{Size: 8}, with(func(s *Split) { s.Floats = []float32{1} }), "want one of them"},
	} {
		_, err := c.transform.Apply(c.split)
		wantError(t, err, "data: transform: ", c.want)
	}
}

func TestCheckNamesTheImage(t *testing.T) {
	images := make([]float64, 12)
	if err := Check(images, 4); err != nil {
		t.Error(err)
	}
	images[9] = math.NaN()
	wantError(t, Check(images, 4), "data: image 2 holds NaN at value 1 of 4")
	wantError(t, Check([]float32{float32(math.Inf(1))}, 0), "image 0 holds +Inf")
}

// A picture goes from its darkest value as black to its brightest as white, with its channels where they are;
// grey for a single one.
func TestPictureIsTheImage(t *testing.T) {
	for _, c := range []struct {
		channels int
		pixels   []uint8
		want     []uint8 // red, green and blue of the pixels
	}{
		{1, []uint8{10, 110, 60, 10}, []uint8{0, 0, 0, 255, 255, 255, 127, 127, 127, 0, 0, 0}},
		{3, []uint8{10, 20, 30, 110, 10, 10, 10, 10, 60, 10, 110, 10},
			[]uint8{0, 25, 51, 255, 0, 0, 0, 0, 127, 0, 255, 0}},
	} {
		split := Split{Shape: Shape{2, 2, c.channels},
			Images: append(make([]uint8, 4*c.channels), c.pixels...), Labels: []int{0, 1}}
		images, err := Transform{Size: 2}.Apply(split)
		if err != nil {
			t.Fatal(err)
		}
		img, err := images.Picture(1)
		if err != nil {
			t.Fatal(err)
		}
		var got []uint8
		for i := range 4 {
			p := img.NRGBAAt(i%2, i/2)
			got = append(got, p.R, p.G, p.B)
		}
		for i, v := range got {
			if math.Abs(float64(v)-float64(c.want[i])) > 1 {
				t.Errorf("%d channels: %v, want %v", c.channels, got, c.want)
				break
			}
		}
		if _, err := images.Picture(2); err == nil {
			t.Error("a picture behind the last is given")
		}
	}
}
