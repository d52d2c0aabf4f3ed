package main

import (
	"fmt"
	"image"
	"image/color"
	"io"
	"math"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/nn"
	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/chart"
	"github.com/hqvit/hqvit/vit"
)

func explainCommand() *cobra.Command {
	var out, invert string
	cmd := &cobra.Command{
		Use:   "explain DIR IMAGE",
		Short: "Draw what a model attends to in an image",
		Long: `Draw what the best weights of a run attend to in a PNG or JPEG image, over the image as the model sees it: the map of each
head of each block, and the rollout of all blocks.

A map says how much attention a patch gets, as a multiple of an even share: 1 everywhere is attention to all alike. It is
the mean over the tokens that attend; for a model that reads its answer off the first token, what that one attends to. The
rollout multiplies the blocks, with half of each token passing by (arXiv 2005.00928). It says where information can come
from, not what is made of it.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error { return runExplain(cmd, args[0], args[1], out, invert) },
	}
	registerInvert(cmd, &invert)
	cmd.Flags().StringVar(&out, "out", "attention.png", "`file` to write, .png or .svg")
	return cmd
}

func runExplain(cmd *cobra.Command, dir, name, out, invert string) error {
	format, err := chart.FormatOf(out)
	if err != nil {
		return usageError{err}
	}
	if err := checkInvert(invert); err != nil {
		return err
	}
	m, err := openModel(dir, 1)
	if err != nil {
		return err
	}
	defer m.Close()
	attention, inverted, err := m.attend(cmd, name, invert)
	if err != nil {
		return err
	}
	if err := train.ReplaceFile(out, func(w io.Writer) error { return chart.DrawAttention(w, format, *attention) }); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n%s\n", titleOf(name, inverted), attention.Guess, out)
	return nil
}

// attend returns what the model attends to in an image, and whether that was inverted before.
func (m *model) attend(cmd *cobra.Command, name, invert string) (*chart.Attention, bool, error) {
	split, inverted, err := m.picture(name, cmd.InOrStdin(), invert)
	if err != nil {
		return nil, false, err
	}
	planes, err := m.transform().Apply(split)
	if err != nil {
		return nil, false, err
	}
	e, err := m.Evaluate(cmd.Context(), planes)
	if err != nil {
		return nil, false, err
	}
	best := ranked(e.Probabilities(), m.classes, 1)[0]
	picture, err := pictureOf(planes)
	if err != nil {
		return nil, false, err
	}
	a := &chart.Attention{
		Title: m.weights.Meta[modelKey], Guess: fmt.Sprintf("%s, %.1f %%", best.Class, 100*best.Probability), Picture: picture,
		FirstToken: m.architecture.Readout == vit.FirstToken,
	}
	for _, tap := range m.Scope().Taps() {
		if tap.Kind != nn.TapAttention {
			continue
		}
		// The graph holds a batch, of which the image is the first row.
		weights, err := op.Elements[float32](tap.Node.Value())
		if err != nil {
			return nil, false, err
		}
		heads, tokens := tap.Node.Shape()[1], tap.Node.Shape()[2]
		block := chart.Heads{Heads: heads, Tokens: tokens, Weights: make([]float64, heads*tokens*tokens)}
		for i := range block.Weights {
			block.Weights[i] = float64(weights[i])
		}
		a.Blocks = append(a.Blocks, block)
	}
	if len(a.Blocks) == 0 {
		return nil, false, errors.Errorf("explain: %s has no attention", m.architecture.Model)
	}
	return a, inverted, nil
}

// pictureOf returns the first image as the model sees it, from its darkest to its brightest value.
func pictureOf(p *data.Planes) (image.Image, error) {
	values := make([]float32, p.Channels*p.Size*p.Size)
	if err := p.Fill(values, []int{0}); err != nil {
		return nil, err
	}
	low, high := float32(math.Inf(1)), float32(math.Inf(-1))
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	level := func(channel, at int) uint8 {
		if high == low {
			return 0
		}
		return uint8(255 * (values[channel%p.Channels*p.Size*p.Size+at] - low) / (high - low))
	}
	img := image.NewNRGBA(image.Rect(0, 0, p.Size, p.Size))
	for at := range p.Size * p.Size {
		r, g, b := level(0, at), level(1, at), level(2, at)
		if p.Channels == 1 {
			g, b = r, r
		}
		img.SetNRGBA(at%p.Size, at/p.Size, color.NRGBA{r, g, b, 0xff})
	}
	return img, nil
}
