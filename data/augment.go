package data

// Augment says how training images are changed at random.
type Augment struct {
	// Shift is the largest displacement along each axis, in pixels.
	Shift float64
	// Rotate is the largest rotation either way, in radians.
	Rotate float64
	// Scale is the largest change of size: factors are in [1-Scale, 1+Scale].
	Scale float64
	// Flip mirrors half of the images left to right.
	Flip bool
	// Crop takes a window of the image's size out of the image with a black
	// margin of so many pixels: a displacement by whole pixels.
	Crop int
	// Cutout blackens a square with sides of so many pixels, its centre
	// anywhere in the image.
	Cutout int
	// MixUp blends an image and its target with another's: λ times the one
	// and 1-λ times the other, λ from Beta(MixUp, MixUp).
	MixUp float64
	// CutMix puts a rectangle of another image in, of 1-λ of the area, and
	// blends the targets alike, λ from Beta(CutMix, CutMix).
	CutMix float64
}

var (
	forDigits  = Augment{Shift: 2, Rotate: 0.17, Scale: 0.1}
	forObjects = Augment{Flip: true, Crop: 4, Cutout: 8}
)
