package serve

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"golang.org/x/sync/semaphore"
)

// quiet is the log of the HTTP server, which would tell of every client that goes away.
var quiet = log.New(io.Discard, "", 0)

// guard keeps out what was not meant for the Server, and bounds the rest.
type guard struct {
	limits   Limits
	remote   bool
	hosts    []string
	origin   *http.CrossOriginProtection
	requests chan struct{}
	bodies   *semaphore.Weighted // bytes
	pixels   *semaphore.Weighted
}

func newGuard(o Options, l Limits) *guard {
	g := &guard{limits: l, remote: o.Remote, origin: http.NewCrossOriginProtection(),
		requests: make(chan struct{}, l.Requests),
		bodies:   semaphore.NewWeighted(l.Bodies), pixels: semaphore.NewWeighted(int64(l.Decoding))}
	for _, name := range append([]string{"localhost"}, o.Hosts...) {
		g.hosts = append(g.hosts, strings.ToLower(name))
	}
	return g
}

// The policies of what is sent: the page uses nothing but its own files, and what a study or a circuit drew
// may have styles of its own, and can do nothing.
const (
	pagePolicy = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; " +
		"form-action 'none'; frame-ancestors 'none'"
	filePolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"
)

// wrap puts the guard in front of a handler.
func (g *guard) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				log.Printf("serve: %s: %v\n%s", r.URL.Path, p, debug.Stack())
				writeError(w, errors.New("a mistake in this program; its standard error says where"))
			}
		}()
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if err := g.check(r); err != nil {
			writeError(w, err)
			return
		}
		select {
		case g.requests <- struct{}{}:
			defer func() { <-g.requests }()
		default:
			writeError(w, busy("%d requests are being answered, the most at the same time", g.limits.Requests))
			return
		}
		ctx, stop := context.WithTimeout(r.Context(), g.limits.Time+g.limits.BodyTime)
		defer stop()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, g.limits.Body)
		next.ServeHTTP(w, r)
	})
}

// check returns an error for a request that was made for another name, or by the page of another site.
func (g *guard) check(r *http.Request) error {
	if !g.allows(r.Host) {
		return failure(http.StatusMisdirectedRequest, "the request is for the host %.100q, want localhost "+
			"or an address of loopback; hqvit serve --host NAME allows a name", r.Host)
	}
	if err := g.origin.Check(r); err != nil {
		return failure(http.StatusForbidden, "the request comes from the page of another site")
	}
	return nil
}

// allows reports whether a request may be sent to a host. A page of another site whose name has been made to
// resolve to this machine (DNS rebinding) sends that name. An address cannot be made to resolve to anything.
func (g *guard) allows(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if a, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return g.remote || a.Unmap().IsLoopback()
	}
	return slices.Contains(g.hosts, name)
}

// body returns the body of a request. Of all requests together, so many bytes are held at the same time as
// the Limits say, until release is called.
func (g *guard) body(r *http.Request) (content []byte, release func(), err error) {
	most := g.limits.Body
	if r.ContentLength > most {
		return nil, nil, tooLong(most)
	}
	size := r.ContentLength
	if size < 0 { // it does not say
		size = most
	}
	if err := g.bodies.Acquire(r.Context(), size); err != nil {
		return nil, nil, err
	}
	content, err = io.ReadAll(r.Body)
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return content, func() { g.bodies.Release(size) }, nil
	case errors.As(err, &large):
		err = tooLong(most)
	case isTimeout(err):
		err = failure(http.StatusRequestTimeout, "the request did not arrive within %v", g.limits.BodyTime)
	default:
		err = failure(http.StatusBadRequest, "the body of the request ends too early: %v", err)
	}
	g.bodies.Release(size)
	return nil, nil, err
}

func tooLong(most int64) error {
	return failure(http.StatusRequestEntityTooLarge, "the body is longer than %d bytes, the most that is "+
		"taken", most)
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}
