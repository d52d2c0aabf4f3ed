package serve

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/data"
	"github.com/hqvit/hqvit/qlayer"
	"github.com/hqvit/hqvit/train"
	"github.com/hqvit/hqvit/train/rundir"
	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// setting is how the circuits of a model are run.
type setting struct {
	Shots int     `json:"shots"` // of each head's circuit; 0: exact values
	Noise float64 `json:"noise"` // probability of a depolarizing error behind each gate
}

// change gives a model a setting.
func (s setting) change(c *vit.Config) {
	*c = c.Exact()
	c.Shots = s.Shots
	if s.Noise > 0 {
		c.Noise = "depolarizing=" + strconv.FormatFloat(s.Noise, 'g', -1, 64)
	}
}

// The values that a setting may have: there are few, since each is a model that is kept open.
var (
	shotValues  = []int{0, 100, 300, 1000, 3000, 10_000, 100_000, 1_000_000}
	noiseValues = []float64{0, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1}
)

// served is a model that is served.
type served struct {
	id, path string
	base     *opened // as it was trained
	figures  []qlayer.Figure
	batches  *batcher
	samples  samples
	shots    []int // that it can have; none: only exact values
	noise    []float64
	threads  int
	kept     int
	names    vit.Catalog

	lock     chan struct{} // a mutex of what follows, for which a request can stop waiting
	variants []*opened     // other than base, the last one used at the end
	closed   bool
}

// opened is a model with a setting, and its Predictor for one request at a time.
type opened struct {
	setting
	*trained.Model
	looking *train.Predictor
	turn    chan struct{} // holds one token
	waiting chan struct{} // holds one for each request that waits for its turn or has it
	users   int           // under served.lock: an opened model that is in use is not closed
}

// sharedMicro is the pictures of a graph that predicts for everybody. Prediction and attention have the same
// one, so that they agree to the last bit, whoever asks for what at the same time: a graph of one picture
// may take another way through the circuits. Four pictures take a third of the time of four graphs of one,
// and 32 hardly less than eight graphs of four.
const sharedMicro = 4

// mostBatch is the pictures that are predicted together.
const mostBatch = 64

// open opens a model for a Server.
func (s *Server) open(path string) (*served, error) {
	m := &served{path: path, threads: s.options.Threads, kept: s.limits.Variants, names: s.options.Names,
		lock: make(chan struct{}, 1)}
	base, err := m.openWith(trained.Options{Threads: m.threads}, sharedMicro, s.limits)
	if err != nil {
		return nil, err
	}
	meta := base.Metadata()
	m.base, m.id = base, s.freeID(path)
	m.figures = qlayer.Figures(base.Scope())
	m.samples = samples{meta: meta, dir: s.options.DataDir, run: filepath.Dir(base.Path())}
	m.shots = able(meta.Config, shotValues, func(v int) setting { return setting{Shots: v} })
	m.noise = able(meta.Config, noiseValues, func(v float64) setting { return setting{Noise: v} })
	p, err := base.NewPredictor(m.threads, sharedMicro)
	if err != nil {
		base.close()
		return nil, err
	}
	m.batches = newBatcher(func(ctx context.Context, pictures data.Split) ([][]float64, error) {
		images, err := meta.Transform().Apply(pictures)
		if err != nil {
			return nil, err
		}
		e, err := p.Evaluate(ctx, train.Images{Images: images})
		if err != nil {
			return nil, err
		}
		return slices.Collect(slices.Chunk(e.Probabilities(), e.Width)), nil
	}, mostBatch, s.limits, s.metrics)
	m.batches.onClose = p.Close
	return m, nil
}

// freeID returns what a model is called in addresses: the name of its directory, or of its file.
func (s *Server) freeID(path string) string {
	name, err := filepath.Abs(path)
	if err != nil {
		name = filepath.Clean(path)
	}
	if filepath.Base(name) == rundir.WeightsFile {
		name = filepath.Dir(name)
	}
	name = filepath.Base(name)
	name = strings.TrimSuffix(rundir.FileName(name), ".safetensors")
	id := name
	for n := 2; s.model(id) != nil; n++ {
		id = fmt.Sprintf("%s-%d", name, n)
	}
	return id
}

// model returns the model of a name; nil if there is none.
func (s *Server) model(id string) *served {
	for _, m := range s.models {
		if m.id == id {
			return m
		}
	}
	return nil
}

// able returns the values of a setting that a model can have; nil if only the first one, which changes
// nothing.
func able[T any](c vit.Config, values []T, with func(T) setting) (possible []T) {
	for _, v := range values {
		changed := c.Exact()
		with(v).change(&changed)
		if changed.Check() == nil {
			possible = append(possible, v)
		}
	}
	if len(possible) < 2 {
		return nil
	}
	return possible
}

// own returns the setting that the model was trained with; false if a setting cannot say it.
func (m *served) own() (s setting, ok bool) {
	c := m.base.Metadata().Config
	if s.Shots = c.Shots; c.Mitigation != "" {
		return s, false
	}
	if p, found := strings.CutPrefix(c.Noise, "depolarizing="); found {
		var err error
		s.Noise, err = strconv.ParseFloat(p, 64)
		return s, err == nil
	}
	return s, c.Noise == "" && c.Device == ""
}

// check returns an error unless the model can have a setting.
func (m *served) check(s setting) error {
	if own, ok := m.own(); ok && s == own {
		return nil
	}
	if s.Shots != 0 && !slices.Contains(m.shots, s.Shots) {
		return badRequest("shots is %d, want %s", s.Shots, values(m.shots, m.id+" has no circuits to "+
			"measure"))
	}
	if s.Noise != 0 && !slices.Contains(m.noise, s.Noise) {
		return badRequest("noise is %v, want %s", s.Noise, values(m.noise, m.id+" has no circuits with "+
			"noise"))
	}
	return nil
}

// values lists what may be chosen, or says why nothing may.
func values[T any](list []T, none string) string {
	if len(list) == 0 {
		return "0: " + none
	}
	return "one of " + strings.Trim(fmt.Sprint(list), "[]")
}

// openWith opens the model with some options; micro is the pictures of a graph.
func (m *served) openWith(o trained.Options, micro int, l Limits) (*opened, error) {
	o.Names = m.names
	model, err := o.Open(m.path)
	if err != nil {
		return nil, err
	}
	if c := model.Metadata().Config; !c.Pictures() || c.Output != vit.OutputClasses {
		model.Close()
		return nil, errors.Errorf("%s is for %s and gives %s: the page and its API show classes of pictures; %s",
			m.path, c.InputText(), c.OutputText(), "`hqvit predict` takes it, and so does trained.Open in "+
				"a program")
	}
	looking, err := model.NewPredictor(1, micro)
	if err != nil {
		model.Close()
		return nil, err
	}
	return &opened{Model: model, looking: looking, turn: make(chan struct{}, 1),
		waiting: make(chan struct{}, max(1, l.Queue/8))}, nil
}

func (o *opened) close() {
	o.looking.Close()
	o.Model.Close()
}

// with returns the model with a setting, nil for its own, to be given back by release. Those used last are
// kept.
func (m *served) with(ctx context.Context, s *setting, l Limits) (o *opened, release func(), err error) {
	if own, ok := m.own(); s == nil || ok && *s == own {
		return m.base, func() {}, nil
	}
	select { // while another one is opened, too
	case m.lock <- struct{}{}:
		defer func() { <-m.lock }()
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	if m.closed {
		return nil, nil, errClosing
	}
	if at := slices.IndexFunc(m.variants, func(v *opened) bool { return v.setting == *s }); at >= 0 {
		o = m.variants[at]
		m.variants = append(slices.Delete(m.variants, at, at+1), o)
		return m.use(o)
	}
	for len(m.variants) >= m.kept {
		at := slices.IndexFunc(m.variants, func(v *opened) bool { return v.users == 0 })
		if at < 0 {
			return nil, nil, busy("model %s is being asked with %d other shots and noise", m.id, len(m.variants))
		}
		m.variants[at].close()
		m.variants = slices.Delete(m.variants, at, at+1)
	}
	if o, err = m.openWith(trained.Options{Threads: 1, Change: s.change}, 1, l); err != nil {
		return nil, nil, errors.WithMessagef(err, "model %s with %d shots and noise %v", m.id, s.Shots, s.Noise)
	}
	o.setting = *s
	m.variants = append(m.variants, o)
	return m.use(o)
}

// use counts a user, under the lock.
func (m *served) use(o *opened) (*opened, func(), error) {
	o.users++
	return o, func() {
		m.lock <- struct{}{}
		defer func() { <-m.lock }()
		o.users--
	}, nil
}

// look returns what the model makes of a picture and attends to in it. Of a model with shots, each draw has
// others.
func (o *opened) look(ctx context.Context, picture data.Split, draw int) (*train.ImageAttention, error) {
	select {
	case o.waiting <- struct{}{}:
		defer func() { <-o.waiting }()
	default:
		return nil, busy("%d pictures wait for the attention of this model already", cap(o.waiting))
	}
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	images, err := o.Metadata().Transform().Apply(picture)
	if err != nil {
		return nil, err
	}
	return o.looking.Attention(ctx, drawn{train.Images{Images: images}, draw}, draw)
}

// drawn is one picture with the number of a draw: what a model with shots draws follows from that number.
type drawn struct {
	train.Images
	draw int
}

// Len returns the number of draws up to this one.
func (d drawn) Len() int { return d.draw + 1 }

// Fill writes the picture.
func (d drawn) Fill(b *train.Batch) error {
	rows := b.Rows
	defer func() { b.Rows = rows }()
	b.Rows = make([]int, len(rows))
	return d.Images.Fill(b)
}

func (m *served) close() {
	if m.batches != nil {
		m.batches.close()
	}
	m.lock <- struct{}{}
	defer func() { <-m.lock }()
	if m.closed {
		return
	}
	m.closed = true
	for _, v := range append(m.variants, m.base) {
		v.turn <- struct{}{} // after the request under way; nobody gets a turn any more
		v.close()
	}
}

// find returns the model that the address of a request names.
func (s *Server) find(r *http.Request) (*served, error) {
	id := r.PathValue("model")
	if m := s.model(id); m != nil {
		return m, nil
	}
	var names []string
	for _, m := range s.models {
		names = append(names, m.id)
	}
	return nil, notFound("no model %.100q, want %s", id, strings.Join(names, ", "))
}
