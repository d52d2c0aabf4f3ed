package study

import (
	"bytes"
	"context"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
)

// AttentionFile is what a finished run leaves in its directory beside the RecordFile: the AttentionSamples of
// its best weights.
const AttentionFile = "attention.json"

// AttentionSamples are what a model predicts for a few test images and what it attends to in them. The images
// are the same for all models of a study.
type AttentionSamples struct {
	Seed   uint64            `json:"seed"`
	Images []AttentionSample `json:"images"`
}

// AttentionSample is what a model makes of one image. A map has the attention that each patch gets, row by
// row, as a multiple of an even share; see train.AttentionMaps. A model without attention, or with attention
// over anything but a square of patches, has no maps.
type AttentionSample struct {
	Index       int         `json:"index"` // in the test split
	Label       int         `json:"label"`
	Predicted   int         `json:"predicted"`
	Probability float64     `json:"probability"`       // of the predicted class
	Picture     []byte      `json:"picture"`           // as the model sees it, a PNG
	Rollout     []float64   `json:"rollout,omitempty"` // of all blocks together
	Blocks      [][]float64 `json:"blocks,omitempty"`  // the mean over the heads of each block
}

// sampled is the number of images.
const sampled = 5

// sampleIndices returns the images of a split with these labels that are sampled, whatever the models make of
// them: sample i is the first image of class ⌊i·classes/sampled⌋ that is not a sample yet.
func sampleIndices(labels []int) []int {
	var indices []int
	classes := slices.Max(labels) + 1
	next := map[int]int{} // by class, where to continue
	for i := range sampled {
		class := i * classes / sampled
		for at := next[class]; at < len(labels); at++ {
			if labels[at] == class {
				indices, next[class] = append(indices, at), at+1
				break
			}
		}
	}
	return indices
}

// attentionSamples returns the AttentionSamples of a finished run: those in its directory, or else those of
// its best weights, which it then writes there.
func attentionSamples(ctx context.Context, task train.Task, firstToken bool) (*AttentionSamples, error) {
	path := filepath.Join(task.Dir, AttentionFile)
	var samples AttentionSamples
	err := rundir.ReadJSON(path, "remove it: the weights beside it give it again", &samples)
	if err == nil {
		return &samples, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	samples = AttentionSamples{}
	p, err := task.OpenBest(1)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	samples.Seed = task.Recipe.Seed
	for _, index := range sampleIndices(task.Test.Labels) {
		s, err := sampleImage(ctx, p, task, index, firstToken)
		if err != nil {
			return nil, err
		}
		samples.Images = append(samples.Images, *s)
	}
	return &samples, rundir.SaveJSON(path, samples)
}

func sampleImage(ctx context.Context, p *train.Predictor, task train.Task, index int, firstToken bool) (
	*AttentionSample, error) {
	seen, err := p.Attention(ctx, train.Images{Images: task.Test}, index)
	if err != nil {
		return nil, err
	}
	picture, err := task.Test.Picture(index)
	if err != nil {
		return nil, err
	}
	s := &AttentionSample{Index: index, Label: task.Test.Labels[index]}
	for class, v := range seen.Probabilities {
		if v > s.Probability {
			s.Predicted, s.Probability = class, v
		}
	}
	var file bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&file, picture); err != nil {
		return nil, errors.Wrap(err, "study: picture")
	}
	s.Picture = file.Bytes()
	maps, err := train.Maps(seen.Blocks, firstToken)
	if err != nil {
		return s, nil // no attention, or none over the patches of a picture
	}
	s.Rollout = roundValues(maps.Rollout)
	for _, b := range maps.Blocks {
		s.Blocks = append(s.Blocks, roundValues(b))
	}
	return s, nil
}

// roundValues keeps four decimals, more than a colour shows.
func roundValues(values []float64) []float64 {
	for i, v := range values {
		values[i] = math.Round(1e4*v) / 1e4
	}
	return values
}
