package vit

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

// Flops returns the work of the matrix products of one image of a micro-batch, a multiplication and an
// addition as two: of inference, and of its part in a training step, which is three times that, as
// gradients go to both sides of a product. Where the circuits run on every patch (see qops.CircuitScores) a
// gate counts 3 for each real number of the state. Elementwise work does not count, and neither does the
// matrix of a circuit, which is built once a step whatever the number of images. It returns an error if the
// Config is not sound.
func Flops(c Config, micro int) (inference, training int, err error) {
	if micro < 1 {
		return 0, 0, errors.Errorf("vit: a micro-batch of %d images, want at least 1", micro)
	}
	layer, err := New(c)
	if err != nil {
		return 0, 0, err
	}
	g := G.NewGraph()
	images := G.NewTensor(g, tensor.Float32, 4, G.WithName("images"), G.WithShape(micro, c.Channels, c.Image, c.Image))
	if _, err := layer.Forward(nn.NewEvalScope(g, nn.NewStore(0)), images); err != nil {
		return 0, 0, err
	}
	n := op.Flops(g) / micro
	return n, 3 * n, nil
}
