package train

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
)

// whiten lets the first convolution of a model begin as filters that whiten the training images. The filters
// that are more than twice the values of a patch keep their random values, and so does the bias.
func (r *run[T]) whiten() error {
	images, ok := r.train.data.(Images)
	if !ok || images.Shape().Kind() != data.Pictures {
		return errors.New("train: whiten: the examples are no pictures: want it left out")
	}
	p := firstConvolution(r.store, images.Channels)
	if p == nil {
		return errors.Errorf("train: whiten: the model has no convolution of %d channels: want one with a "+
			"stem, or whiten left out", images.Channels)
	}
	shape := p.Value.Shape()
	side := shape[3]
	pairs := min(shape[0]/2, images.Channels*side*side)
	if pairs == 0 {
		return errors.Errorf("train: whiten: %s has one filter, want two or more", p.Name)
	}
	filters, err := images.Whitening(side, pairs)
	if err != nil {
		return errors.WithMessage(err, "train: whiten")
	}
	if p.Value.Dtype() == tensor.Float32 {
		copy(p.Value.Float32s(), filters)
		return nil
	}
	for i, v := range filters {
		p.Value.Float64s()[i] = float64(v)
	}
	return nil
}

// firstConvolution returns the filters (Out, C, k, k) that a model asks for first; nil if it has none.
func firstConvolution(st *nn.Store, channels int) *nn.Param {
	for _, p := range st.Params() {
		if s := p.Value.Shape(); s.Dims() == 4 && s[1] == channels && s[2] == s[3] {
			return p
		}
	}
	return nil
}
