package data

import (
	"testing"
)

// One image of 28×28 grey pixels, or 32×32 coloured ones, as a 32×32 input.
func BenchmarkFill(b *testing.B) {
	for _, kind := range []struct {
		name  string
		shape Shape
	}{{"grey28", grey28}, {"colour32", colour32}} {
		for _, how := range []struct {
			name string
			Augment
		}{
			{"plain", Augment{}},
			{"digits", forDigits},
			{"photos", forPhotos},
			{"all", Augment{Shift: 2, Rotate: 0.2, Scale: 0.1, Flip: true, Crop: 4, Cutout: 8, MixUp: 0.2,
				CutMix: 1}},
		} {
			b.Run(kind.name+"/"+how.name, func(b *testing.B) {
				const n, batch = 1024, 32
				images, err := Transform{Size: 32}.Apply(randomSplit(kind.shape, n, 10, 1))
				if err != nil {
					b.Fatal(err)
				}
				dst := make([]float32, batch*images.ImageLen())
				order := Permutation(n, 1, 1)
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					indices := order[i*batch%n:][:batch]
					if how.name == "plain" {
						err = images.Fill(dst, indices)
					} else {
						err = images.FillAugmented(dst, indices, how.Augment, 1, i)
					}
					if err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch), "ns/image")
			})
		}
	}
}
