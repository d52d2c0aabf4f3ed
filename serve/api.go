package serve

import (
	"io/fs"
	"net/http"
	"strconv"

	"github.com/hqvit/hqvit/trained"
	"github.com/hqvit/hqvit/vit"
)

// routes returns what answers all requests.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /api/v1/models", answer(s.listModels))
	const one = "/api/v1/models/{model}"
	mux.Handle("POST "+one+"/predict", knows("invert shots noise draw", answer(s.predict)))
	mux.Handle("POST "+one+"/attention", knows("invert shots noise draw format", handler(s.attention)))
	mux.Handle("GET "+one+"/circuit", knows("block head format", handler(s.circuit)))
	mux.Handle("GET "+one+"/samples", answer(s.listSamples))
	mux.Handle("GET "+one+"/samples/{index}", handler(s.sample))
	mux.Handle("GET /api/v1/runs", answer(s.listRuns))
	mux.Handle("GET /api/v1/history", knows("id", answer(s.history)))
	mux.Handle("GET /api/v1/curves", knows("id epoch", handler(s.curves))) // the page asks anew each epoch
	mux.Handle("GET /report", knows("id", handler(s.report)))
	mux.Handle("GET /healthz", answer(s.health))
	mux.Handle("GET /metrics", s.metrics)
	files, err := fs.Sub(web, "web")
	if err != nil {
		panic(err) // the folder is in the program
	}
	mux.Handle("GET /", handler(func(w http.ResponseWriter, r *http.Request) error { return page(w, r, files) }))
	for _, pattern := range []string{"GET " + one + "/predict", "GET " + one + "/attention", "/"} {
		mux.Handle(pattern, handler(func(_ http.ResponseWriter, r *http.Request) error {
			return failure(http.StatusMethodNotAllowed, "%.20q is no method of %.100q", r.Method, r.URL.Path)
		}))
	}
	return s.metrics.wrap(mux, s.guard.wrap(mux))
}

// page answers with a file of the page.
func page(w http.ResponseWriter, r *http.Request, files fs.FS) error {
	name := r.URL.Path[1:]
	switch name {
	case "":
		name = "index.html"
	case "runs":
		name = "runs.html"
	}
	if info, err := fs.Stat(files, name); err != nil || info.IsDir() {
		return notFound("no %.100q here; the page is at /, and docs/serve.md has the API", r.URL.Path)
	}
	http.ServeFileFS(w, r, files, name)
	return nil
}

func (s *Server) health(*http.Request) (map[string]any, error) {
	return map[string]any{"status": "ok", "models": len(s.models)}, nil
}

// modelInfo is what the list of models says of one.
type modelInfo struct {
	ID         string    `json:"id"`
	Path       string    `json:"path"`
	Model      string    `json:"model"`
	Data       string    `json:"data"`
	Classes    []string  `json:"classes"`
	Height     int       `json:"height"` // of the training images
	Width      int       `json:"width"`
	Channels   int       `json:"channels"`
	Background string    `json:"background,omitempty"`
	Pictures   bool      `json:"pictures"` // whether it can be given any; else only pixels
	Parameters int       `json:"parameters"`
	Angles     int       `json:"angles"`  // of circuits, trained
	Blocks     int       `json:"blocks"`  // with attention
	Heads      int       `json:"heads"`   // of each
	Tokens     int       `json:"tokens"`  // of an image
	Circuit    bool      `json:"circuit"` // whether its heads have one
	Setting    setting   `json:"setting"` // that it was trained with
	Shots      []int     `json:"shots"`   // that it can have; empty: no circuits
	Noise      []float64 `json:"noise"`
}

func (s *Server) listModels(*http.Request) (map[string][]modelInfo, error) {
	list := []modelInfo{}
	for _, m := range s.models {
		list = append(list, m.info())
	}
	return map[string][]modelInfo{"models": list}, nil
}

func (m *served) info() modelInfo {
	meta := m.base.Metadata()
	info := modelInfo{ID: m.id, Path: m.path, Model: meta.Model, Data: meta.Data, Classes: meta.Classes,
		Height: meta.Shape.Height, Width: meta.Shape.Width, Channels: meta.Shape.Channels,
		Background: string(meta.Background), Pictures: !meta.Unscaled, Parameters: m.base.Store().Count(),
		Angles: m.base.Store().Count("quantum"), Circuit: len(m.figures) > 0,
		Shots: append([]int{}, m.shots...), Noise: append([]float64{}, m.noise...)}
	info.Setting, _ = m.own()
	if c := meta.Config; c.Model == vit.Transformer {
		info.Blocks, info.Heads, info.Tokens = c.Depth, c.Heads, c.Tokens()
	}
	return info
}

// prediction is what a model makes of a picture.
type prediction struct {
	Model         string           `json:"model"`
	Class         string           `json:"class"` // the most probable one
	Probability   float64          `json:"probability"`
	Inverted      bool             `json:"inverted"` // before classification
	Note          string           `json:"note,omitempty"`
	Classes       []trained.Ranked `json:"classes"`       // the most probable first
	Probabilities []float64        `json:"probabilities"` // in the order of the model's classes
	Setting       *setting         `json:"setting,omitempty"`
	Draw          int              `json:"draw,omitempty"`
}

func (m *served) prediction(p fitted, probabilities []float64) prediction {
	ranked := m.base.Top(trained.Prediction{Probabilities: probabilities}, len(probabilities))
	out := prediction{Model: m.id, Class: ranked[0].Class, Probability: ranked[0].Probability,
		Inverted: p.inverted, Classes: ranked, Probabilities: probabilities}
	if p.several {
		out.Note = "the file holds several frames or pages: the first is taken"
	}
	return out
}

func (s *Server) predict(r *http.Request) (prediction, error) {
	m, err := s.find(r)
	if err != nil {
		return prediction{}, err
	}
	chosen, draw, err := m.chosen(r)
	if err != nil {
		return prediction{}, err
	}
	p, err := s.picture(r, m.base.Model)
	if err != nil {
		return prediction{}, err
	}
	if own, ok := m.own(); (chosen == nil || ok && *chosen == own) && m.base.Metadata().Config.Shots == 0 {
		probabilities, err := m.batches.do(r.Context(), p.Split)
		if err != nil {
			return prediction{}, err
		}
		out := m.prediction(p, probabilities)
		out.Setting = m.said(chosen)
		return out, nil
	}
	o, release, err := m.with(r.Context(), chosen, s.limits)
	if err != nil {
		return prediction{}, err
	}
	defer release()
	seen, err := o.look(r.Context(), p.Split, draw)
	if err != nil {
		return prediction{}, err
	}
	out := m.prediction(p, seen.Probabilities)
	out.Setting, out.Draw = m.said(chosen), draw
	return out, nil
}

// mostDraws bounds the number of a draw of shots.
const mostDraws = 1_000_000

// chosen returns the setting that a request asks for, nil for that of the model, and the number of the draw.
func (m *served) chosen(r *http.Request) (s *setting, draw int, err error) {
	q := r.URL.Query()
	if text := q.Get("draw"); text != "" {
		if draw, err = strconv.Atoi(text); err != nil || draw < 0 || draw > mostDraws {
			return nil, 0, badRequest("draw is %.40q, want a whole number from 0 to %d", text, mostDraws)
		}
	}
	shots, noise := q.Get("shots"), q.Get("noise")
	if shots == "" && noise == "" {
		return nil, draw, nil
	}
	own, _ := m.own()
	s = &own
	if shots != "" {
		if s.Shots, err = strconv.Atoi(shots); err != nil {
			return nil, 0, badRequest("shots is %.40q, want %s", shots, values(m.shots, "the model has no "+
				"circuits"))
		}
	}
	if noise != "" {
		if s.Noise, err = strconv.ParseFloat(noise, 64); err != nil {
			return nil, 0, badRequest("noise is %.40q, want %s", noise, values(m.noise, "the model has no "+
				"circuits"))
		}
	}
	return s, draw, m.check(*s)
}
