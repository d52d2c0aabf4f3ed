package vit

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
)

// Graph builds the inference graph of a model for some images, which have no values: to count what is in it,
// and to read what its layers note. Parameters go into the Store. It returns an error if the Config is not
// sound or images is below 1.
func Graph(c Config, st *nn.Store, images int) (g *G.ExprGraph, s *nn.Scope, err error) {
	layer, err := New(c)
	if err != nil {
		return nil, nil, err
	}
	if images < 1 {
		return nil, nil, errors.Errorf("vit: a graph of %d images, want at least 1", images)
	}
	g, err = op.Build(func(g *G.ExprGraph) error {
		s = nn.NewEvalScope(g, st)
		shape := append(tensor.Shape{images}, c.InputShape()...)
		x := G.NewTensor(g, tensor.Float32, shape.Dims(), G.WithName("images"), G.WithShape(shape...))
		_, err := layer.Forward(s, x)
		return err
	})
	return g, s, err
}

// Parameters returns how many trained values the model of a Config has, and how many of them are angles of
// circuits. It returns an error if the Config is not sound.
func Parameters(c Config) (all, quantum int, err error) {
	st := nn.NewStore(0)
	if _, _, err := Graph(c, st, 1); err != nil {
		return 0, 0, err
	}
	return st.Count(), st.Count("quantum"), nil
}

// Flops returns the work of the matrix products of one image in a micro-batch of so many, where a
// multiplication and an addition count as two: of inference, and of a training step, which is three times
// that, as gradients go to both sides of a product. Where the circuits run on every patch (see
// qops.CircuitScores) a gate counts 3 for each real number of the state. Elementwise work does not count, and
// neither does the matrix of a circuit, which is built once a step whatever the number of images. It returns
// an error if the Config is not sound or micro is below 1.
func Flops(c Config, micro int) (inference, training int, err error) {
	g, _, err := Graph(c, nn.NewStore(0), micro)
	if err != nil {
		return 0, 0, err
	}
	n := op.Flops(g) / micro
	return n, 3 * n, nil
}
