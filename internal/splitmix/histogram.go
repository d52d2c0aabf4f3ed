package splitmix

// Histogram draws how often each of some outcomes comes in many trials, in a time that hardly depends on
// their number: from the top of a tree of sums down, how many trials go to the left half is binomially
// distributed.
type Histogram struct {
	sums   []float64 // 1 is the root, 2i and 2i+1 are below i; the leaves are the weights
	counts []int     // in the same places
}

// NewHistogram returns a Histogram of at least one outcome.
func NewHistogram(outcomes int) *Histogram {
	return &Histogram{sums: make([]float64, 2*outcomes), counts: make([]int, 2*outcomes)}
}

// Weights returns the weights of the outcomes, of any sum and not negative: to be set before Draw.
func (h *Histogram) Weights() []float64 { return h.sums[len(h.sums)/2:] }

// Draw returns how many of the trials have each outcome, all 0 if all weights are. The next call overwrites
// it.
func (h *Histogram) Draw(trials int, random *Source) []int {
	leaves := len(h.sums) / 2
	for i := leaves - 1; i > 0; i-- {
		h.sums[i] = h.sums[2*i] + h.sums[2*i+1]
	}
	clear(h.counts)
	if h.sums[1] > 0 {
		h.counts[1] = trials
	}
	for i := 1; i < leaves; i++ {
		if n := h.counts[i]; n > 0 {
			left := random.Binomial(n, h.sums[2*i]/h.sums[i])
			h.counts[2*i], h.counts[2*i+1] = left, n-left
		}
	}
	return h.counts[leaves:]
}
