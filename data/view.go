package data

import (
	"math"

	"github.com/pkg/errors"
)

// View is one way to show a picture to a trained model, whose predictions of several views are averaged. The
// zero View, but for its Weight, is the picture as it is.
type View struct {
	Mirrored bool    `json:"mirrored"` // left to right
	X        int     `json:"x"`        // displacement to the right, in pixels; what moves in is black
	Y        int     `json:"y"`        // and downwards
	Weight   float64 `json:"weight"`   // of the prediction in the mean: those of all views sum to 1
}

// furthest is the largest displacement of a view, in pixels.
const furthest = 2

// Views returns the views that a model trained with this augmentation knows: the picture as it is; mirrored,
// if the augmentation mirrors; and, if it moves pictures, by Shift or Crop, each of these moved by 2 pixels
// towards both ends of a diagonal, or by 1 where training goes no further. Those that are not moved have half
// of the weight. Without mirroring and moving there is the picture alone.
//
// Source: Keller Jordan, arXiv:2404.00498, whose six views are moved by 1 pixel, with the border reflected;
// here it is black, as in training.
func (a Augment) Views() []View {
	sides := []bool{false}
	if a.Flip || a.AlternateFlip {
		sides = append(sides, true)
	}
	moves := []int{0}
	if d := min(furthest, math.Floor(max(a.Shift, float64(a.Crop)))); d > 0 {
		moves = append(moves, -int(d), int(d))
	}
	var views []View
	for _, by := range moves {
		share := 1.0
		if len(moves) > 1 {
			share = 0.5
		}
		if by != 0 {
			share /= 2
		}
		for _, mirrored := range sides {
			views = append(views, View{mirrored, by, by, share / float64(len(sides))})
		}
	}
	return views
}

// FillView is Fill with each picture as a view shows it: mirrored, then moved. It returns the errors of Fill,
// and one for what is no picture.
func (p *Images) FillView(dst []float32, indices []int, v View) error {
	if err := p.checkBatch(dst, indices); err != nil {
		return err
	}
	if p.images.Kind() != Pictures {
		return errors.Errorf("data: views of %v, want pictures", p.images.Kind())
	}
	// far beyond the border all is black, and sums of displacements do not overflow
	limit := func(by int) float64 { return float64(min(max(by, -p.Size), p.Size)) }
	d := drawn{dx: limit(v.X), dy: limit(v.Y), scale: 1, mirrored: v.Mirrored}
	size := p.ImageLen()
	scratch := make([]float32, size)
	for i, index := range indices {
		image := dst[i*size : (i+1)*size]
		if d.still() {
			p.image(image, index)
			continue
		}
		p.image(scratch, index)
		d.warp(image, scratch, p)
	}
	return nil
}
