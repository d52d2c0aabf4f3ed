package vit

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

// Flops returns the work of the matrix products of one image of a micro-batch, a multiplication and an addition as two: of inference, and of its part
// in a training step, which is three times that, as gradients go to both sides of a product. Where the circuits run on every patch (see
// qops.CircuitScores) a gate counts 3 for each real number of the state. Elementwise work does not count, and neither does the matrix of a
// circuit, which is built once a step whatever the number of images. It returns an error if the Config is not sound.
func Flops(c Config) (inference, training int, err error) {
	layer, err := New(c)
	if err != nil {
		return 0, 0, err
	}
	g := G.NewGraph()
	images := G.NewTensor(g, tensor.Float32, 4, G.WithName("images"), G.WithShape(c.Micro, c.Channels, c.Image, c.Image))
	if _, err := layer.Forward(nn.NewEvalScope(g, nn.NewStore(0)), images); err != nil {
		return 0, 0, err
	}
	n := op.Flops(g) / c.Micro
	return n, 3 * n, nil
}
