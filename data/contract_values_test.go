package data_test

import (
	"context"
	"math"
	"os"

	"pgregory.net/rapid"

	"github.com/hqvit/hqvit/data"
)

// The values that a caller gets wrong, with some that are right.
var (
	sizes  = rapid.SampledFrom([]int{math.MinInt, -1, 0, 1, 2, 3, 8, 5000, math.MaxInt})
	counts = rapid.SampledFrom([]int{math.MinInt, -1, 0, 1, 2, 7, 1 << 20})
	reals  = rapid.SampledFrom([]float64{math.NaN(), math.Inf(-1), math.Inf(1), -1, 0, 0.1, 0.5, 1, 2, 1e300})
	names  = rapid.SampledFrom([]string{"", " ", "nist", "mnist:", ":", "folder:", "idx:", "npz:", "npz:/",
		"folder:/none"})
	shapes = rapid.Custom(func(t *rapid.T) data.Shape {
		return data.Shape{sizes.Draw(t, "h"), sizes.Draw(t, "w"), sizes.Draw(t, "c")}
	})
	indices = rapid.SliceOfN(rapid.SampledFrom([]int{math.MinInt, -1, 0, 1, 2, 3, 9, math.MaxInt}), 0, 4)
	floats  = rapid.SliceOfN(rapid.Map(reals, func(v float64) float32 { return float32(v) }), 0, 20)
	labels  = rapid.OneOf(rapid.Just([]int(nil)), indices)
)

var splits = rapid.Custom(func(t *rapid.T) data.Split {
	s := data.Split{Shape: shapes.Draw(t, "shape"), Labels: labels.Draw(t, "labels")}
	if rapid.Bool().Draw(t, "sound shape") {
		s.Shape = data.Shape{rapid.IntRange(1, 3).Draw(t, "h"), rapid.IntRange(1, 3).Draw(t, "w"),
			rapid.SampledFrom([]int{1, 3}).Draw(t, "c")}
	}
	if rapid.Bool().Draw(t, "8 bit") {
		s.Images = rapid.SliceOfN(rapid.Uint8(), 0, 54).Draw(t, "images")
	}
	if rapid.Bool().Draw(t, "real") {
		s.Floats = floats.Draw(t, "floats")
	}
	if n := s.Len(); n > 0 && rapid.Bool().Draw(t, "labels fit") {
		s.Labels = make([]int, n)
		for i := range s.Labels {
			s.Labels[i] = rapid.IntRange(-1, 3).Draw(t, "label")
		}
	}
	return s
})

var transforms = rapid.Custom(func(t *rapid.T) data.Transform {
	return data.Transform{Size: sizes.Draw(t, "size"), Mean: floats.Draw(t, "mean"),
		Std: floats.Draw(t, "std")}
})

var augments = rapid.Custom(func(t *rapid.T) data.Augment {
	a := data.Augment{
		Shift: reals.Draw(t, "shift"), Rotate: reals.Draw(t, "rotate"), Scale: reals.Draw(t, "scale"),
		Flip: rapid.Bool().Draw(t, "flip"), Crop: sizes.Draw(t, "crop"), Cutout: sizes.Draw(t, "cutout"),
		MixUp: reals.Draw(t, "mixup"), CutMix: reals.Draw(t, "cutmix"),
	}
	if rapid.Bool().Draw(t, "more") {
		a = data.Augment{
			AlternateFlip: true, RandOps: sizes.Draw(t, "ops"), RandMagnitude: reals.Draw(t, "magnitude"),
			Trivial: rapid.Bool().Draw(t, "trivial"), Brightness: reals.Draw(t, "brightness"),
			Contrast: reals.Draw(t, "contrast"), Saturation: reals.Draw(t, "saturation"),
			Erase: reals.Draw(t, "erase"), Unmixed: reals.Draw(t, "unmixed"), MixUp: 1, CutMix: 1,
			CutMixShare: reals.Draw(t, "share"), MixEpochs: sizes.Draw(t, "epochs"),
		}
	}
	return a
})

// images are nil, empty, changed by the user, or sound.
var images = rapid.Custom(func(t *rapid.T) *data.Images {
	switch rapid.IntRange(0, 3).Draw(t, "images") {
	case 0:
		return nil
	case 1:
		return &data.Images{Channels: sizes.Draw(t, "channels"), Size: sizes.Draw(t, "size"),
			Labels: labels.Draw(t, "labels")}
	}
	transform := data.Transform{Size: rapid.IntRange(1, 4).Draw(t, "size")}
	p, err := transform.Apply(splits.Draw(t, "split"))
	if err != nil {
		return nil
	}
	if rapid.Bool().Draw(t, "changed") {
		p.Channels, p.Size, p.Labels = sizes.Draw(t, "channels"), sizes.Draw(t, "size"),
			labels.Draw(t, "labels")
	}
	return p
})

var pictures = rapid.Custom(func(t *rapid.T) *data.Picture {
	return rapid.SampledFrom([]*data.Picture{nil, {}}).Draw(t, "picture")
})

var contexts = rapid.Custom(func(t *rapid.T) context.Context {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	return rapid.SampledFrom([]context.Context{nil, done, context.Background()}).Draw(t, "context")
})

// options never reach the network or the user's own files.
func options(t *rapid.T) data.Options {
	return data.Options{
		Dir: os.DevNull, NoDownload: true, ValCount: counts.Draw(t, "val count"),
		ValFraction: reals.Draw(t, "val fraction"),
		Size:        sizes.Draw(t, "size"), Channels: sizes.Draw(t, "channels"),
	}
}
