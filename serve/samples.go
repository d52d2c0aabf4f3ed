package serve

import (
	"context"
	"image"
	"image/png"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/trained"
)

// perClass is how many sample pictures there are of a class, at most.
const perClass = 3

// samples are pictures of the data set of a model, a few of each class, read when they are first asked for.
type samples struct {
	meta     trained.Metadata
	dir, run string // of data sets; of the run

	once sync.Once
	err  error
	set  data.Split // without labels
	of   []int      // the class of each
}

// get reads them.
func (s *samples) get() error {
	s.once.Do(func() { s.err = s.read() })
	return s.err
}

// loading bounds the time that a data set may take to be read.
const loading = 30 * time.Second

func (s *samples) read() error {
	if s.meta.Unscaled {
		return errors.New("the model was trained on numbers of an unknown scale, which are no pictures")
	}
	name := s.meta.Data // of the user's own data it is a title, and the run knows the place
	if root, err := os.OpenRoot(s.run); err == nil {
		defer root.Close()
		if c, err := readScalars(root, rundir.ConfigFile); err == nil && c.Data != "" {
			name = c.Data
		}
	}
	ctx, stop := context.WithTimeout(context.Background(), loading)
	defer stop()
	o := data.Options{Dir: s.dir, NoDownload: true, Shape: s.meta.Shape, Whole: true}
	set, err := data.Load(ctx, name, o)
	if err != nil {
		return err
	}
	for _, split := range []data.Split{set.Test, set.Val, set.Train} {
		if split.Len() == 0 || split.Images == nil {
			continue
		}
		if split, err = split.Fit(s.meta.Shape); err != nil {
			return err
		}
		return s.take(split, set.Classes)
	}
	return errors.Errorf("%s has no images of bytes", name)
}

// take keeps the first pictures of each class.
func (s *samples) take(split data.Split, classes []string) error {
	s.set = data.Split{Shape: split.Shape}
	size := split.Shape.Len()
	for class, name := range s.meta.Classes {
		kept := 0
		for i, label := range split.Labels {
			if kept == perClass {
				break
			}
			if label < len(classes) && classes[label] == name {
				s.set.Images = append(s.set.Images, split.Images[i*size:(i+1)*size]...)
				s.of = append(s.of, class)
				kept++
			}
		}
	}
	if len(s.of) == 0 {
		return errors.New("the data set has no picture of a class of the model")
	}
	return nil
}

// sampleInfo is a sample picture; its index is its address.
type sampleInfo struct {
	Index int    `json:"index"`
	Class string `json:"class"`
}

// sampleList is empty, and says why, where the data set cannot be had.
type sampleList struct {
	Samples []sampleInfo `json:"samples"`
	Why     string       `json:"why,omitempty"`
}

func (s *Server) listSamples(r *http.Request) (sampleList, error) {
	m, err := s.find(r)
	if err != nil {
		return sampleList{}, err
	}
	list := sampleList{Samples: []sampleInfo{}}
	if err := m.samples.get(); err != nil {
		list.Why = err.Error()
		return list, nil
	}
	for i, class := range m.samples.of {
		list.Samples = append(list.Samples, sampleInfo{i, m.base.Metadata().Classes[class]})
	}
	return list, nil
}

// sample answers with a sample picture, a PNG.
func (s *Server) sample(w http.ResponseWriter, r *http.Request) error {
	m, err := s.find(r)
	if err != nil {
		return err
	}
	if err := m.samples.get(); err != nil {
		return notFound("no samples: %v", err)
	}
	i, err := strconv.Atoi(r.PathValue("index"))
	if err != nil || i < 0 || i >= len(m.samples.of) {
		return notFound("no sample %.40q, want one from 0 to %d", r.PathValue("index"), len(m.samples.of)-1)
	}
	shape := m.samples.set.Shape
	pixels := m.samples.set.Images[i*shape.Len() : (i+1)*shape.Len()]
	size := image.Rect(0, 0, shape.Width, shape.Height)
	var img image.Image = &image.Gray{Pix: pixels, Stride: shape.Width, Rect: size}
	if shape.Channels == 3 {
		colour := image.NewNRGBA(size)
		for p := range shape.Width * shape.Height {
			copy(colour.Pix[4*p:], append(pixels[3*p:3*p+3:3*p+3], 0xff))
		}
		img = colour
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "max-age=3600")
	return errors.WithStack(png.Encode(w, img))
}
