package main

import (
	"fmt"
	"io"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/report/chart"
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
	if err := atomicfile.Write(out, func(w io.Writer) error { return chart.DrawAttention(w, format, *attention) }); err != nil {
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
	look, err := m.Attention(cmd.Context(), train.Images{Images: planes}, 0)
	if err != nil {
		return nil, false, err
	}
	best := ranked(look.Probabilities, m.classes, 1)[0]
	picture, err := planes.Picture(0)
	if err != nil {
		return nil, false, err
	}
	a := &chart.Attention{
		Title: m.weights.Meta[modelKey], Guess: fmt.Sprintf("%s, %.1f %%", best.Class, 100*best.Probability), Picture: picture,
		Blocks: look.Blocks, FirstToken: m.architecture.Pooling == vit.PoolFirstToken,
	}
	if len(a.Blocks) == 0 {
		return nil, false, errors.Errorf("explain: %s has no attention", m.weights.Meta[modelKey])
	}
	return a, inverted, nil
}
