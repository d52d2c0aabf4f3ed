package vit

import (
	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/nn"
)

// ForSide returns the model for pictures of another side, with the same parameters: a transformer whose
// pooling is not flatten and which has no position code, or a CNN whose pooling is mean. It returns an error
// for another model, and for a side that its strides and patches do not divide.
func (e Encoder) ForSide(side int) (nn.Layer, error) {
	switch {
	case !e.Pictures():
		return nil, errors.Errorf("vit: the model is for %s, want one for pictures", e.InputText())
	case e.Model == Transformer && e.Pooling == PoolFlatten:
		return nil, errors.Errorf("vit: with pooling %s the classifier has weights for each patch, so they "+
			"depend on "+
			"the side of the picture: want %s, %s or %s", PoolFlatten, PoolMean, PoolFirstToken, PoolSequence)
	case e.Model == Transformer && e.Position:
		return nil, errors.New("vit: the position code has numbers for each patch, so they depend on the " +
			"side of the picture: want position: false")
	case e.Model == CNN && e.Pooling != PoolMean:
		return nil, errors.Errorf("vit: the classifier of a %s has weights for each pixel, so they depend "+
			"on the side "+
			"of the picture: want pooling %s", CNN, PoolMean)
	case e.Model == LogReg:
		return nil, errors.Errorf("vit: a %s has weights for each pixel, so they depend on the side of the "+
			"picture: "+
			"want a model with convolutions or patches", LogReg)
	}
	e.Config = e.clone()
	e.Image = side
	return e, e.checkBackbone()
}
