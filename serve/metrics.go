package serve

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// metrics are what /metrics says, in the text format of Prometheus.
type metrics struct {
	mu       sync.Mutex
	requests map[[2]string]int // by route and status
	times    map[string]*histogram

	waiting, running  atomic.Int64 // pictures in a queue, and in a batch
	batches, pictures atomic.Int64 // predicted
	attentions        atomic.Int64
}

// histogram counts durations.
type histogram struct {
	counts []int // of durations up to each of the bounds
	sum    float64
	count  int
}

// bounds are those of the histograms, in seconds.
var bounds = []float64{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30}

func newMetrics() *metrics {
	return &metrics{requests: map[[2]string]int{}, times: map[string]*histogram{}}
}

// record counts an answer.
func (m *metrics) record(route string, code int, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests[[2]string{route, fmt.Sprint(code)}]++
	h := m.times[route]
	if h == nil {
		h = &histogram{counts: make([]int, len(bounds))}
		m.times[route] = h
	}
	seconds := took.Seconds()
	h.sum, h.count = h.sum+seconds, h.count+1
	for i, bound := range bounds {
		if seconds <= bound {
			h.counts[i]++
		}
	}
}

// coded is a ResponseWriter that remembers the status.
type coded struct {
	http.ResponseWriter
	code int
}

func (c *coded) WriteHeader(code int) {
	c.code = code
	c.ResponseWriter.WriteHeader(code)
}

// Unwrap is for http.ResponseController and http.MaxBytesReader.
func (c *coded) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// wrap counts the answers of a handler, by the patterns of a mux.
func (m *metrics) wrap(mux *http.ServeMux, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, c := time.Now(), &coded{w, http.StatusOK}
		defer func() {
			_, route := mux.Handler(r)
			if route == "" {
				route = "none"
			}
			m.record(route, c.code, time.Since(start))
		}()
		next.ServeHTTP(c, r)
	})
}

// ServeHTTP writes the metrics.
func (m *metrics) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	fmt.Fprint(w, m.text())
}

func (m *metrics) text() string {
	var b strings.Builder
	family := func(name, kind, help string) {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %[1]s %[3]s\n", name, help, kind)
	}
	single := func(name, kind, help string, value int64) {
		family(name, kind, help)
		fmt.Fprintf(&b, "%s %d\n", name, value)
	}
	single("hqvit_queue_pictures", "gauge", "Pictures that wait for a model.", m.waiting.Load())
	single("hqvit_running_pictures", "gauge", "Pictures in the batches under way.", m.running.Load())
	single("hqvit_batches_total", "counter", "Batches that were predicted.", m.batches.Load())
	single("hqvit_pictures_total", "counter", "Pictures that were predicted in batches.", m.pictures.Load())
	single("hqvit_attentions_total", "counter", "Pictures whose attention was computed.", m.attentions.Load())
	m.mu.Lock()
	defer m.mu.Unlock()
	family("hqvit_requests_total", "counter", "Answers by route and status.")
	byText := func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }
	for _, key := range slices.SortedFunc(maps.Keys(m.requests), byText) {
		fmt.Fprintf(&b, "hqvit_requests_total{route=%q,status=%q} %d\n", key[0], key[1], m.requests[key])
	}
	const times = "hqvit_request_seconds"
	family(times, "histogram", "Time from the header of a request to its answer.")
	for _, route := range slices.Sorted(maps.Keys(m.times)) {
		h := m.times[route]
		for i, bound := range bounds {
			fmt.Fprintf(&b, "%s_bucket{route=%q,le=\"%g\"} %d\n", times, route, bound, h.counts[i])
		}
		fmt.Fprintf(&b, "%s_bucket{route=%q,le=\"+Inf\"} %d\n", times, route, h.count)
		fmt.Fprintf(&b, "%s_sum{route=%q} %g\n", times, route, h.sum)
		fmt.Fprintf(&b, "%s_count{route=%q} %d\n", times, route, h.count)
	}
	return b.String()
}
