package train

import (
	"gorgonia.org/tensor"
)

// Shown returns the pixels that a model for a side is given of all images in an epoch.
func Shown(d Images, side int, seed uint64, epoch int) ([]float32, error) {
	small := smaller{d, side}
	s, err := small.Spec()
	if err != nil {
		return nil, err
	}
	x := tensor.New(tensor.WithShape(append(tensor.Shape{d.Len()}, s.Inputs[0]...)...),
		tensor.Of(tensor.Float32))
	b := Batch{Seed: seed, Epoch: epoch, Inputs: []*tensor.Dense{x}, Labels: make([]int, d.Len())}
	for i := range d.Len() {
		b.Rows = append(b.Rows, i)
	}
	return x.Float32s(), small.Fill(&b)
}
