// Package serve answers over HTTP what trained models make of pictures: a page to draw on, with the
// attention and the circuits of the models beside their predictions, a JSON API, and the runs of a directory
// with their curves.
//
//	s, err := serve.Options{Models: []string{"runs/mnist-hqvit-s1"}}.New()
//	listener, err := net.Listen("tcp", "127.0.0.1:8017")
//	err = s.Serve(ctx, listener)
//
// docs/serve.md has the API. A Server is meant for one person on their own machine: it has neither accounts
// nor encryption. It answers only requests that were made for it by name or address (see Options.Hosts),
// takes none from other sites' pages, and bounds the bodies, pixels, time and requests it spends on anybody
// (see Limits).
package serve

import (
	"context"
	"embed"
	"net"
	"net/http"
	"time"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/vit"
)

// Options say what is served.
type Options struct {
	Models  []string // directories of runs, or files of weights; the page shows the first two side by side
	Runs    string   // directory whose runs and studies are shown; empty: none
	DataDir string   // directory of data sets, for sample pictures; empty: as data.Options has it
	Threads int      // that a model predicts with; 0: GOMAXPROCS

	// Names are those of the program's own scores, ansätze and architectures, which the models may have.
	Names vit.Catalog

	// Remote allows requests that were sent to an address of this machine other than loopback.
	Remote bool
	// Hosts are names that requests may be sent to, beside localhost.
	Hosts []string

	Limits Limits
}

// Limits bound what a Server spends. A field at 0 is that of DefaultLimits.
type Limits struct {
	Body     int64         // bytes of a request
	Pixels   int           // of a picture
	Side     int           // pixels on the longer side of one: scaling takes memory and time with it
	Decoding int           // pixels that are decoded at the same time, of all requests
	Bodies   int64         // bytes of bodies that are held at the same time
	Requests int           // that are answered at the same time
	Queue    int           // of requests that wait for a model
	Window   time.Duration // that a prediction waits for others to share its batch
	Time     time.Duration // of a request
	BodyTime time.Duration // in which a request has to arrive
	Variants int           // of a model with other shots and noise, that are kept open
}

// DefaultLimits returns the limits that a field of 0 stands for.
func DefaultLimits() Limits {
	return Limits{
		Body: 10 << 20, Pixels: 16 << 20, Side: 16 << 10, Decoding: 32 << 20, Bodies: 64 << 20, Requests: 256,
		Queue:  256,
		Window: 2 * time.Millisecond, Time: 60 * time.Second, BodyTime: 15 * time.Second, Variants: 6,
	}
}

// withDefaults returns the limits with those of DefaultLimits in place of zeros.
func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	fill(&l.Body, d.Body)
	fill(&l.Pixels, d.Pixels)
	fill(&l.Side, d.Side)
	fill(&l.Decoding, max(d.Decoding, l.Pixels))
	fill(&l.Bodies, max(d.Bodies, l.Body))
	fill(&l.Requests, d.Requests)
	fill(&l.Queue, d.Queue)
	fill(&l.Window, d.Window)
	fill(&l.Time, d.Time)
	fill(&l.BodyTime, d.BodyTime)
	fill(&l.Variants, d.Variants)
	return l
}

func fill[T int | int64 | time.Duration](value *T, byDefault T) {
	if *value <= 0 {
		*value = byDefault
	}
}

// Server serves models and runs. It is safe for concurrent use.
type Server struct {
	options Options
	limits  Limits
	models  []*served
	runs    *runs // nil: none are shown
	guard   *guard
	metrics *metrics
	handler http.Handler
}

//go:embed web
var web embed.FS

// New opens the models and returns a Server of them. It returns the error of a model that cannot be opened,
// and one for Options without a model and without runs. Close it in the end.
func (o Options) New() (*Server, error) {
	if len(o.Models) == 0 && o.Runs == "" {
		return nil, errors.New("serve: neither Models nor Runs, want one of them")
	}
	limits := o.Limits.withDefaults()
	s := &Server{options: o, limits: limits, metrics: newMetrics(), guard: newGuard(o, limits)}
	for _, path := range o.Models {
		m, err := s.open(path)
		if err != nil {
			s.Close()
			return nil, err
		}
		s.models = append(s.models, m)
	}
	if o.Runs != "" {
		var err error
		if s.runs, err = openRuns(o.Runs); err != nil {
			s.Close()
			return nil, err
		}
	}
	s.handler = s.routes()
	return s, nil
}

// Handler returns what answers the requests.
func (s *Server) Handler() http.Handler {
	if s == nil || s.handler == nil {
		return http.NotFoundHandler()
	}
	return s.handler
}

// grace is how long requests under way may take once a Server is to stop.
const grace = 1500 * time.Millisecond

// Serve answers the requests that come to a listener, which it closes, until the context is done. Requests
// under way then have a moment to end. It returns nil after that, and the error of the listener before.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	if s == nil || s.handler == nil || ctx == nil || l == nil {
		return errors.New("serve: want a Server that New has made, a context and a listener")
	}
	base, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	server := &http.Server{
		Handler: s.handler, MaxHeaderBytes: 16 << 10, IdleTimeout: time.Minute,
		ReadHeaderTimeout: min(5*time.Second, s.limits.BodyTime), ReadTimeout: s.limits.BodyTime,
		WriteTimeout: s.limits.BodyTime + s.limits.Time + 10*time.Second,
		BaseContext:  func(net.Listener) context.Context { return base },
		ErrorLog:     quiet,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return errors.Wrap(err, "serve")
	case <-ctx.Done():
	}
	late, stop := context.WithTimeout(base, grace)
	defer stop()
	if server.Shutdown(late) != nil {
		giveUp()
		server.Close() // what is left has had its time
	}
	return nil
}

// Close frees the models, after the predictions under way. It can be called more than once.
func (s *Server) Close() {
	if s == nil {
		return
	}
	for _, m := range s.models {
		m.close()
	}
	if s.runs != nil {
		s.runs.close()
	}
}
