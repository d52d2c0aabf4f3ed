package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/report/chart"
	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

func (p program) explainCommand() *cobra.Command {
	var out, invert, truth string
	cmd := &cobra.Command{
		Use:   "explain [DIR] IMAGE",
		Short: "Draw what a model attends to in an image",
		Long: `Draw what the best weights of a run attend to in a picture, over the picture as the
model sees it: the map of each head of each block, and the rollout of all blocks.

A map shows how much attention a patch gets, as a multiple of an even share: 1 everywhere is
uniform attention. It is the mean over the tokens that attend; for a model with first-token
pooling, it is what that token attends to. The rollout multiplies the blocks, with half of each
token bypassing them (arXiv 2005.00928). It shows where information can come from, not what is
made of it. Between the middles of the patches, maps are interpolated; each has its own scale.`,
		Args: pictureArgs(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			args, err := withModel(cmd, args)
			if err != nil {
				return err
			}
			return p.runExplain(cmd, args[0], args[1], out, invert, truth)
		},
	}
	registerInvert(cmd, &invert)
	cmd.Flags().StringVar(&out, "out", "", "`file` to write, PNG or SVG (default: attention.png, or the "+
		"first of "+
		"attention-2.png and so on that is free)")
	cmd.Flags().StringVar(&truth, "truth", "", "`class` of the image, to stand beside the prediction")
	return cmd
}

func (p program) runExplain(cmd *cobra.Command, dir, name, out, invert, truth string) error {
	if out == "" {
		out = freeName("attention", ".png")
	}
	if err := checkOutput("out", out, []string{name, rundir.WeightsPath(dir)}, pngFile, svgFile); err != nil {
		return err
	}
	format, err := chart.FormatOf(out)
	if err != nil {
		return usageError{err}
	}
	if err := checkInvert(invert); err != nil {
		return err
	}
	m, err := p.openModel(dir, trained.Options{Threads: 1, Invert: trained.Invert(invert)})
	if err != nil {
		return err
	}
	defer m.Close()
	if kind := m.meta.Shape.Kind(); kind != data.Pictures {
		return errors.Errorf("explain: %s is a model of %v, and attention is drawn over pictures",
			m.meta.Model, kind)
	}
	if truth != "" && !slices.Contains(m.meta.Classes, truth) {
		return usageError{errors.Errorf("truth %q, want a class of the model: %s", truth, listed(m.meta.Classes))}
	}
	e, err := m.explain(cmd, name)
	if err != nil {
		return err
	}
	e.Truth, e.Mistake = truth, truth != "" && truth != e.class
	err = atomicfile.Write(out,
		func(w io.Writer) error { return chart.DrawAttention(w, format, e.Attention) })
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n%s\n", titleOf(name, e.inverted), e.Guess, out)
	return nil
}

// explanation is what a model attends to in an image.
type explanation struct {
	chart.Attention
	class    string // predicted
	blocks   []train.BlockAttention
	inverted bool // the image, before the model saw it
}

func (m *model) explain(cmd *cobra.Command, name string) (*explanation, error) {
	split, inverted, err := fitPicture(cmd, m.Model, name)
	if err != nil {
		return nil, err
	}
	images, err := m.meta.Transform().Apply(split)
	if err != nil {
		return nil, err
	}
	seen, err := m.Attention(cmd.Context(), train.Images{Images: images}, 0)
	if err != nil {
		return nil, err
	}
	if len(seen.Blocks) == 0 {
		return nil, usageError{errors.Errorf("explain: %s has no attention", m.meta.Model)}
	}
	maps, err := train.Maps(seen.Blocks, m.meta.Config.Pooling == vit.PoolFirstToken)
	if err != nil {
		return nil, err
	}
	picture, err := images.Picture(0)
	if err != nil {
		return nil, err
	}
	var best trained.Ranked
	guess := ""
	if m.meta.Config.Output == vit.OutputValues {
		predictions, err := m.PredictPixels(cmd.Context(), split)
		if err != nil {
			return nil, err
		}
		guess = fmt.Sprintf("%s %.5g", m.meta.Classes[0], predictions[0].Values[0])
	} else {
		best = m.Top(trained.Prediction{Probabilities: seen.Probabilities}, 1)[0]
		guess = fmt.Sprintf("%s, %.1f %%", best.Class, 100*best.Probability)
	}
	return &explanation{chart.Attention{
		Title: m.title(), Guess: guess,
		Picture: picture, Rollout: maps.Rollout, Heads: maps.Heads,
	}, best.Class, seen.Blocks, inverted}, nil
}

// title names the model, its data, and its seed if it is in a run directory.
func (m *model) title() string {
	title := fmt.Sprintf("%s on %s", m.meta.Model, m.meta.Data)
	c := newConfig(m.names)
	if text, err := rundir.ReadConfig(filepath.Join(filepath.Dir(m.Path()), rundir.ConfigFile)); err == nil &&
		c.parse(rundir.ConfigFile, text) == nil {
		title += fmt.Sprintf(", seed %d", c.Seed)
	}
	return title
}
