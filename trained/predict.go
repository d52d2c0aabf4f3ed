package trained

import (
	"cmp"
	"context"
	"encoding/binary"
	"hash/fnv"
	"image"
	"io"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/internal/words"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/vit"
)

// few is the largest number of pictures that are predicted one by one. A graph takes a whole micro-batch, 32
// pictures by default, however many there are: one picture costs a sixth of that in a graph of its own.
const few = 4

// Prediction is what a model makes of an example.
type Prediction struct {
	Class       string  // the most probable class or label; empty for a model of values
	Probability float64 // of it
	// of all, in the order of Model.Classes; those of labels are independent of each other
	Probabilities []float64
	Values        []float64 // of a model of values, in the order of Model.Classes, in their units; else nil
	Inverted      bool      // dark and bright were exchanged before
}

// Ranked is a class and its probability.
type Ranked struct {
	Class       string  `json:"class"`
	Probability float64 `json:"probability"` // in [0,1]
}

// Top returns the most probable classes, at most n, equal ones in their own order.
func (m *Model) Top(p Prediction, n int) []Ranked {
	if len(p.Probabilities) != len(m.orEmpty().meta.Classes) {
		return nil
	}
	all := make([]Ranked, len(p.Probabilities))
	for c, probability := range p.Probabilities {
		all[c] = Ranked{m.meta.Classes[c], probability}
	}
	slices.SortStableFunc(all, func(a, b Ranked) int { return cmp.Compare(b.Probability, a.Probability) })
	return all[:max(0, min(n, len(all)))]
}

// Predict returns what the model makes of each picture. A picture may have any size, grey or coloured: it
// gets the size, channels, scale and normalisation of the training images. The same picture has the same
// prediction however it is given and wherever it stands, but for the last digits of float32: 1e-6 of a
// probability. That holds for a model with shots, too, whose estimates follow from the seed and the picture.
//
// It returns an error for a nil or empty picture, for a model that was trained on numbers of an unknown
// scale, after Close, and the context's error when that is done.
func (m *Model) Predict(ctx context.Context, pictures ...image.Image) ([]Prediction, error) {
	read := make([]*data.Picture, len(pictures))
	for i, img := range pictures {
		var err error
		if read[i], err = data.NewPicture(img); err != nil {
			return nil, errors.WithMessagef(err, "trained: picture %d", i)
		}
	}
	return m.predict(ctx, read)
}

// PredictFiles returns what the model makes of the pictures in files: PNG, JPEG, GIF, BMP, TIFF or WebP. It
// returns the errors of Predict, and an error that names a file that is no picture.
func (m *Model) PredictFiles(ctx context.Context, paths ...string) ([]Prediction, error) {
	read := make([]*data.Picture, len(paths))
	for i, path := range paths {
		var err error
		if read[i], err = data.OpenPicture(path); err != nil {
			return nil, err
		}
	}
	return m.predict(ctx, read)
}

func (m *Model) predict(ctx context.Context, pictures []*data.Picture) ([]Prediction, error) {
	if m.missing() {
		return nil, errMissing
	}
	all := data.Split{Shape: m.meta.Shape}
	inverted := make([]bool, len(pictures))
	for i, p := range pictures {
		one, inv, err := m.Fit(p)
		if err != nil {
			return nil, err
		}
		all.Images, inverted[i] = append(all.Images, one.Images...), inv
	}
	predictions, err := m.PredictPixels(ctx, all)
	for i := range predictions {
		predictions[i].Inverted = inverted[i]
	}
	return predictions, err
}

// Fit returns a picture in the form of a training image, and whether it was inverted for that.
func (m *Model) Fit(p *data.Picture) (split data.Split, inverted bool, err error) {
	if m.missing() {
		return split, false, errMissing
	}
	if !m.meta.Config.Pictures() {
		return split, false, errors.Errorf("%s was trained on %s and cannot be given a picture; give it numbers "+
			"(PredictNumbers, or rows of a table)", m.path, m.meta.Config.InputText())
	}
	if m.meta.Unscaled {
		return split, false, errors.Errorf("%s was trained on real numbers of which nothing says which is black "+
			"and which is white: it cannot be given a picture; train it on numbers in 0 to 1 or 0 to 255", m.path)
	}
	switch m.invert {
	case InvertAlways:
		inverted = true
	case InvertNever:
	default:
		inverted = p.Background().Opposes(m.meta.Background)
	}
	split, err = p.Split(m.meta.Shape, inverted)
	return split, inverted, err
}

// PredictNumbers returns what the model makes of vectors or sequences: each the features of a vector, or the
// features of the first step of a sequence and then of the others. They are in the units of the training
// data, and are normalised as those were.
//
// It returns an error for a model of pictures, for numbers that are too few, too many or not finite, after
// Close, and the context's error when that is done.
func (m *Model) PredictNumbers(ctx context.Context, examples ...[]float32) ([]Prediction, error) {
	if m.missing() {
		return nil, errMissing
	}
	if m.meta.Config.Pictures() {
		return nil, errors.Errorf("trained: %s was trained on pictures, want Predict or PredictPixels", m.path)
	}
	s := data.Split{Shape: m.meta.Shape}
	for i, x := range examples {
		if len(x) != s.Shape.Len() {
			return nil, errors.Errorf("trained: example %d has %s, want %d: %v", i, words.Count(len(x),
				"number"),
				s.Shape.Len(), s.Shape)
		}
		s.Floats = append(s.Floats, x...)
	}
	if err := data.Check(s.Floats, s.Shape.Len()); err != nil {
		return nil, err
	}
	return m.PredictPixels(ctx, s)
}

// PredictRows returns what the model makes of rows of comma-separated values under a header, as those that it
// was trained on: the columns of its Table by name, in any order, with or without those that it predicts. It
// returns the errors of data.ReadRows and PredictNumbers, and one for a model that was not trained on a
// table.
func (m *Model) PredictRows(ctx context.Context, rows io.Reader) ([]Prediction, error) {
	if m.missing() {
		return nil, errMissing
	}
	if m.meta.Table == nil {
		return nil, errors.Errorf("trained: %s was trained on %s, and not on a table of comma-separated "+
			"values", m.path, m.meta.Config.InputText())
	}
	if foreign.IsNil(rows) {
		return nil, errors.New("trained: no rows to read, want an io.Reader")
	}
	s, err := data.ReadRows(rows, m.meta.Table)
	if err != nil {
		return nil, err
	}
	return m.PredictPixels(ctx, s)
}

// PredictPixels returns what the model makes of images that have the shape of the training images already:
// bytes, or for a model that was trained on numbers of an unknown scale such numbers; of sequences and
// vectors likewise. Labels and targets are ignored.
func (m *Model) PredictPixels(ctx context.Context, s data.Split) ([]Prediction, error) {
	if m.missing() {
		return nil, errMissing
	}
	if s.Shape != m.meta.Shape {
		return nil, errors.Errorf("trained: images of %v, want %v, as %s was trained on", s.Shape,
			m.meta.Shape, m.path)
	}
	if s.Len() == 0 {
		return nil, nil
	}
	s.Labels, s.Targets, s.Target = nil, nil, data.TargetClasses
	images, err := m.meta.Transform().Apply(s)
	if err != nil {
		return nil, err
	}
	e, err := m.evaluate(ctx, train.Images{Images: images, Keys: keysOf(s)})
	if err != nil {
		return nil, err
	}
	if m.meta.Config.Output == vit.OutputValues {
		predictions := make([]Prediction, images.Len())
		for i := range predictions {
			predictions[i].Values = e.Predictions[i*e.Width : (i+1)*e.Width : (i+1)*e.Width]
		}
		return predictions, nil
	}
	p := e.Probabilities()
	predictions := make([]Prediction, images.Len())
	for i := range predictions {
		own := p[i*e.Width : (i+1)*e.Width : (i+1)*e.Width]
		best := 0
		for c := range own {
			if own[c] > own[best] {
				best = c
			}
		}
		predictions[i] = Prediction{Class: m.meta.Classes[best], Probability: own[best], Probabilities: own}
	}
	return predictions, nil
}

// keysOf returns a key for each image, which follows from its pixels.
func keysOf(s data.Split) []uint64 {
	keys, n := make([]uint64, s.Len()), s.Shape.Len()
	for i := range keys {
		hash := fnv.New64a()
		if len(s.Images) > 0 {
			hash.Write(s.Images[i*n : (i+1)*n])
		} else {
			_ = binary.Write(hash, binary.LittleEndian, s.Floats[i*n:(i+1)*n]) // a hash never fails
		}
		keys[i] = hash.Sum64()
	}
	return keys
}

// evaluate runs images through a Predictor that suits their number.
func (m *Model) evaluate(ctx context.Context, images train.Images) (*train.Evaluation, error) {
	if images.Len() > few {
		m.batchMu.Lock()
		defer m.batchMu.Unlock()
		select {
		case <-m.closed:
			return nil, errClosed
		default:
		}
		if m.batch == nil {
			p, err := m.NewPredictor(m.threads, 0)
			if err != nil {
				return nil, err
			}
			m.batch = p
		}
		return m.batch.Evaluate(ctx, images)
	}
	var p *train.Predictor
	select {
	case <-m.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	case p = <-m.singles:
	}
	defer func() { m.singles <- p }()
	if p == nil {
		var err error
		if p, err = m.NewPredictor(1, 1); err != nil {
			return nil, err
		}
	}
	return p.Evaluate(ctx, images)
}

var errClosed = errors.New("trained: the Model is closed")
