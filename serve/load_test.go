package serve

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkClients is 64 clients on loopback that ask for a prediction of a picture file again and again. It
// fails if an answer is lost.
func BenchmarkClients(b *testing.B) {
	const clients = 64
	for _, name := range []string{"hqvit", "vit"} {
		b.Run(name, func(b *testing.B) {
			s := start(b, Options{Models: []string{saved(b, name, nil)}})
			file := pngOf(b, drawnPicture(1))
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
			defer client.CloseIdleConnections()
			ask := func() (time.Duration, bool) {
				begun := time.Now()
				answer, err := client.Post(s.URL+"/api/v1/models/"+name+"/predict", "image/png",
					bytes.NewReader(file))
				if err != nil {
					return 0, false
				}
				defer answer.Body.Close()
				body, err := io.ReadAll(answer.Body)
				return time.Since(
						begun,
					), err == nil && answer.StatusCode == 200 &&
						bytes.Contains(body, []byte(`"probabilities":[`))
			}
			ask() // builds what is built once
			var next, lost atomic.Int64
			times := make([]time.Duration, b.N)
			b.ResetTimer()
			var all sync.WaitGroup
			for range clients {
				all.Go(func() {
					for i := next.Add(1) - 1; i < int64(b.N); i = next.Add(1) - 1 {
						took, ok := ask()
						if times[i] = took; !ok {
							lost.Add(1)
						}
					}
				})
			}
			all.Wait()
			b.StopTimer()
			slices.Sort(times)
			at := func(p float64) float64 { return times[int(p*float64(b.N-1))].Seconds() * 1e3 }
			b.ReportMetric(at(0.5), "p50-ms")
			b.ReportMetric(at(0.99), "p99-ms")
			b.ReportMetric(float64(lost.Load()), "lost")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "answers/s")
			m := s.server.metrics
			b.ReportMetric(float64(m.pictures.Load())/float64(m.batches.Load()), "pictures/batch")
			if lost.Load() > 0 {
				b.Errorf("%d answers of %d are lost", lost.Load(), b.N)
			}
		})
	}
}
