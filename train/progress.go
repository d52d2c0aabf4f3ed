package train

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// progress reports how a run goes: on a terminal by one line that is rewritten, else by a line every ten
// seconds; and by a line for each epoch.
type progress struct {
	w     io.Writer
	noun  string // of an example
	live  bool
	now   func() time.Time
	every time.Duration
	last  time.Time // of the last line within an epoch

	started time.Time // at the end of the first step
	done    int       // steps since then
}

func newProgress(w io.Writer, noun string) *progress {
	if w == nil {
		w = io.Discard
	}
	p := &progress{w: w, noun: noun, now: time.Now, every: 10 * time.Second}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.live, p.every = true, 100*time.Millisecond
	}
	return p
}

// step reports a step, unless the last line is too young; left is how many steps remain of the run.
func (p *progress) step(epoch, epochs, step, steps, left int, s sums, labelled bool) {
	now := p.now()
	if p.started.IsZero() {
		p.started, p.last = now, now
		return
	}
	p.done++
	if now.Sub(p.last) < p.every {
		return
	}
	p.last = now
	eta := time.Duration(float64(now.Sub(p.started)) / float64(p.done) * float64(left))
	line := fmt.Sprintf("epoch %d/%d  step %d/%d  %s  %s  ETA %s",
		epoch, epochs, step, steps, s.score(labelled).text(""), p.rate(s), eta.Round(time.Second))
	if p.live {
		fmt.Fprintf(p.w, "\r%s\x1b[K", line)
	} else {
		fmt.Fprintln(p.w, line)
	}
}

// epoch reports an epoch that has ended.
func (p *progress) epoch(e Epoch, epochs int, s sums) {
	val := ""
	if e.Val != nil {
		val = "  " + e.Val.text("val ")
		switch rmse, ok := e.ValMetrics["rmse"]; {
		case ok:
			val += fmt.Sprintf("  val rmse %.5g", rmse)
		case !e.Val.Accuracy.Known() && e.ValAUC.Known():
			val += fmt.Sprintf("  val auc %.4f", e.ValAUC)
		}
	}
	p.line("epoch %d/%d  %s%s  %s  %.1f s", e.Epoch, epochs, e.Train.text(""), val, p.rate(s), e.Seconds)
}

// text returns the numbers of a score that are known, each name behind a prefix.
func (s Score) text(prefix string) string {
	text := fmt.Sprintf("%sloss %.4f", prefix, s.Loss)
	if s.Accuracy.Known() {
		text += fmt.Sprintf("  %saccuracy %.4f", prefix, s.Accuracy)
	}
	return text
}

func (p *progress) rate(s sums) string {
	return fmt.Sprintf("%.0f %ss/s", float64(s.Rows)/s.Seconds, p.noun)
}

// line prints a line of its own, in the place of the live one.
func (p *progress) line(format string, values ...any) {
	if p.live {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	fmt.Fprintf(p.w, format+"\n", values...)
}
