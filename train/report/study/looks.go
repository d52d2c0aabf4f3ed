package study

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/train"
)

// LooksFile is what a finished run leaves in its directory beside the RecordFile: what its best weights make of a few test images.
const LooksFile = "looks.json"

// Looks is what a run makes of the same few test images as all runs on that split.
type Looks struct {
	Seed   uint64 `json:"seed"`
	Images []Look `json:"images"`
}

// Look is what a model makes of one image. A map is a share of the attention for each patch, row by row, as a multiple of an even one; see
// train.AttentionMaps. A model without attention, or with one over anything but a square of patches, has no maps.
type Look struct {
	Index       int         `json:"index"` // in the test split
	Label       int         `json:"label"`
	Predicted   int         `json:"predicted"`
	Probability float64     `json:"probability"`       // of the predicted class
	Picture     []byte      `json:"picture"`           // as the model reads it, a PNG
	Rollout     []float64   `json:"rollout,omitempty"` // of all blocks together
	Blocks      [][]float64 `json:"blocks,omitempty"`  // the mean over the heads of each block
}

// looked is how many images are looked at.
const looked = 5

// chosen returns which images of a split of those labels are looked at, whatever the models make of them: place i of the looked is the first
// image of class ⌊i·classes/looked⌋ that no place before it has.
func chosen(labels []int) []int {
	var indices []int
	classes := slices.Max(labels) + 1
	next := map[int]int{} // by class: where to look on
	for i := range looked {
		class := i * classes / looked
		for at := next[class]; at < len(labels); at++ {
			if labels[at] == class {
				indices, next[class] = append(indices, at), at+1
				break
			}
		}
	}
	return indices
}

// looks returns the Looks of a finished run: those in its directory, or else, which it writes there, those of the weights in it.
func (s Study) looks(ctx context.Context, entry Entry, task train.Task) (*Looks, error) {
	path := filepath.Join(task.Dir, LooksFile)
	text, err := os.ReadFile(path)
	if err == nil {
		var l Looks
		return &l, errors.Wrapf(json.Unmarshal(text, &l), "compare: %s", path)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, errors.Wrap(err, "compare")
	}
	p, err := task.OpenBest(1)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	l := &Looks{Seed: task.Recipe.Seed}
	for _, index := range chosen(task.Test.Labels) {
		one, err := look(ctx, p, task, index, entry.FirstToken)
		if err != nil {
			return nil, err
		}
		l.Images = append(l.Images, *one)
	}
	return l, writeJSON(path, l)
}

func look(ctx context.Context, p *train.Predictor, task train.Task, index int, firstToken bool) (*Look, error) {
	seen, err := p.Attention(ctx, train.Images{Images: task.Test}, index)
	if err != nil {
		return nil, err
	}
	picture, err := task.Test.Picture(index)
	if err != nil {
		return nil, err
	}
	l := &Look{Index: index, Label: task.Test.Labels[index]}
	for class, v := range seen.Probabilities {
		if v > l.Probability {
			l.Predicted, l.Probability = class, v
		}
	}
	var file bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&file, picture); err != nil {
		return nil, errors.Wrap(err, "compare: picture")
	}
	l.Picture = file.Bytes()
	maps, err := train.Maps(seen.Blocks, firstToken)
	if err != nil {
		return l, nil // no attention, or none over the patches of a picture
	}
	l.Rollout = rounded(maps.Rollout)
	for _, b := range maps.Blocks {
		l.Blocks = append(l.Blocks, rounded(b))
	}
	return l, nil
}

// rounded leaves four decimals, which is more than a colour shows.
func rounded(values []float64) []float64 {
	for i, v := range values {
		values[i] = math.Round(1e4*v) / 1e4
	}
	return values
}

// writeJSON writes a file of JSON to be read by people too: indented, with the numbers of a list on one line.
func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return errors.Wrapf(err, "compare: %s", path)
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(append(flat(text), '\n'))
		return err
	})
}

// flat puts lists of numbers, in indented JSON, on one line each.
func flat(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		out = append(out, text[i])
		switch text[i] {
		case '"': // a text, to its end
			for i++; text[i] != '"'; i++ {
				out = append(out, text[i])
				if text[i] == '\\' {
					i++
					out = append(out, text[i])
				}
			}
			out = append(out, '"')
		case '[':
			end := i + 1
			for bytes.IndexByte([]byte("0123456789+-.eE, \n"), text[end]) >= 0 {
				end++
			}
			if text[end] != ']' {
				continue
			}
			list := bytes.Join(bytes.Fields(text[i+1:end]), []byte{' '})
			out = append(append(out, list...), ']')
			i = end
		}
	}
	return out
}
