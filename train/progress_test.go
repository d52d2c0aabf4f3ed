package train

import (
	"strings"
	"testing"
	"time"
)

func TestProgressLines(t *testing.T) {
	for _, c := range []struct {
		live  bool
		every time.Duration
		want  string
	}{
		{false, 10 * time.Second,
			"epoch 1/2  step 6/8  loss 0.5000  accuracy 0.7500  20 images/s  ETA 20s\nepoch 1/2  loss " +
				"0.4000  accuracy 0.8000  val loss 0.3000  val accuracy 0.9000  20 images/s  16.0 s\n"},
		{true, 10 * time.Second,
			"\repoch 1/2  step 6/8  loss 0.5000  accuracy 0.7500  20 images/s  ETA 20s\x1b[K\r\x1b[Kepoch " +
				"1/2  loss 0.4000  accuracy 0.8000  val loss 0.3000  val accuracy 0.9000  20 images/s  " +
				"16.0 s\n"},
	} {
		var out strings.Builder
		now := time.Unix(0, 0)
		p := newProgress(&out, "image")
		p.live, p.every, p.now = c.live, c.every, func() time.Time { return now }
		var s sums
		for step := 1; step <= 8; step++ {
			s.add(stepResult{loss: 20, correct: 30, rows: 40}, 2*time.Second)
			p.step(1, 2, step, 8, 16-step, s, true)
			now = now.Add(2 * time.Second)
		}
		p.epoch(Epoch{Epoch: 1, Train: Score{0.4, 0.8}, Val: &Score{0.3, 0.9}, Seconds: 16}, 2, s)
		if out.String() != c.want {
			t.Errorf("live %v:\n%q, want\n%q", c.live, out.String(), c.want)
		}
	}
}
