package statevec

import (
	"cmp"
	"math"
	"slices"

	"github.com/hqvit/hqvit/internal/splitmix"
	"github.com/hqvit/hqvit/internal/walsh"
	"github.com/hqvit/hqvit/qops/circuit"
)

// setting is a basis to measure in, and the Pauli strings that can be read there: on each qubit all have the
// same letter, or I.
type setting struct {
	flip, sign int // the qubits measured in X, in both for Y; by bit of the index
	strings    []pauli
	weight     float64   // sum of the absolute weights of the strings
	bounds     []float64 // the same by observable

	qubits    []int   // that some string is on, from the first on
	high, low []int32 // an amplitude's outcome, as in probabilities
	masks     []int   // by string: its qubits among the outcomes' bits
}

// fits tells whether a string can be read in the setting.
func (s *setting) fits(p pauli) bool {
	both := (s.flip | s.sign) & (p.flip | p.sign)
	return (s.flip^p.flip)&both == 0 && (s.sign^p.sign)&both == 0
}

// newSettings puts strings on n qubits into settings, the heaviest first, each into the first that it fits.
// Strings of weight 0 and those without a letter need none.
//
// Source: Crawford et al., arXiv:1908.06942 (sorted insertion), here for strings that commute on each qubit.
func newSettings(strings []pauli, n, observables int) (out []*setting) {
	strings = slices.DeleteFunc(slices.Clone(strings), func(p pauli) bool {
		return p.weight == 0 || p.flip|p.sign == 0
	})
	slices.SortStableFunc(strings, func(a, b pauli) int {
		return cmp.Compare(math.Abs(b.weight), math.Abs(a.weight))
	})
	for _, p := range strings {
		i := slices.IndexFunc(out, func(s *setting) bool { return s.fits(p) })
		if i < 0 {
			i, out = len(out), append(out, &setting{bounds: make([]float64, observables)})
		}
		s := out[i]
		s.flip, s.sign, s.strings = s.flip|p.flip, s.sign|p.sign, append(s.strings, p)
		s.weight += math.Abs(p.weight)
		s.bounds[p.observable] += math.Abs(p.weight)
	}
	for _, s := range out {
		s.lay(n)
	}
	return out
}

// lay sets the outcomes of the setting.
func (s *setting) lay(n int) {
	for q := range n {
		if (s.flip|s.sign)>>(n-1-q)&1 == 1 {
			s.qubits = append(s.qubits, q)
		}
	}
	s.low, s.high = outcomes(n, s.qubits, 0, n/2), outcomes(n, s.qubits, n/2, n)
	low := 1<<(n/2) - 1
	for _, p := range s.strings {
		on := p.flip | p.sign
		s.masks = append(s.masks, int(s.low[on&low]|s.high[on>>(n/2)]))
	}
}

// rotate turns a state so that what the setting measures is measured in Z: H for X, and H·S† for Y.
func (s *setting) rotate(psi []float64) {
	for bit := 1; bit <= s.flip; bit <<= 1 {
		if s.flip&bit == 0 {
			continue
		}
		inY := s.sign&bit != 0
		for j := range len(psi) / 2 {
			if j&bit != 0 {
				continue
			}
			a, b := psi[2*j:2*j+2], psi[2*(j|bit):2*(j|bit)+2]
			if inY { // −i·b
				b[0], b[1] = b[1], -b[0]
			}
			a[0], b[0] = (a[0]+b[0])*math.Sqrt2/2, (a[0]-b[0])*math.Sqrt2/2
			a[1], b[1] = (a[1]+b[1])*math.Sqrt2/2, (a[1]-b[1])*math.Sqrt2/2
		}
	}
}

// setSettings prepares sampling.
func (e *expectations[T]) setSettings(n int) {
	e.settings = newSettings(e.strings, n, e.outputs)
	e.constants = make([]float64, e.outputs)
	for _, p := range e.strings {
		if p.flip|p.sign == 0 {
			e.constants[p.observable] += p.weight
		}
	}
	for range e.pool.starts {
		e.scratch = append(e.scratch, settingScratch{psi: make([]float64, e.width),
			hist: map[int]*splitmix.Histogram{}, mean: make([]float64, e.outputs),
			spread: make([]float64, e.outputs)})
	}
}

// settingScratch is the memory of one worker for settings.
type settingScratch struct {
	psi          []float64
	hist         map[int]*splitmix.Histogram // by number of outcomes
	moments, row []float64                   // of the counts; of the values of an observable
	mean, spread []float64                   // by observable: estimate and squared standard error
}

// sampleRow estimates the observables of a state.
func (e *expectations[T]) sampleRow(worker int, psi []T, shots int, random *splitmix.Source,
	out, stderr []T) {
	w := &e.scratch[worker]
	copy(w.mean, e.constants)
	clear(w.spread)
	shares := e.share(shots)
	for i, s := range e.settings {
		for j, v := range psi {
			w.psi[j] = float64(v)
		}
		w.sample(s, shares[i], e.readout, random)
	}
	giveEstimates(w, squaredNorm(psi), out, stderr)
}

// giveEstimates writes the estimates, times a norm.
func giveEstimates[T Float](w *settingScratch, norm float64, out, stderr []T) {
	for k := range out {
		out[k] = T(norm * w.mean[k])
		if stderr != nil {
			stderr[k] = T(norm * math.Sqrt(w.spread[k]))
		}
	}
}

// share divides the shots among the settings by weight, at least one each.
func (e *expectations[T]) share(shots int) []int {
	total := 0.0
	for _, s := range e.settings {
		total += s.weight
	}
	out, left := make([]int, len(e.settings)), shots-len(e.settings)
	for i, s := range e.settings {
		out[i] = 1 + int(float64(left)*s.weight/total)
	}
	for _, n := range out {
		shots -= n
	}
	for i := 0; shots > 0 && len(out) > 0; i = (i + 1) % len(out) { // what rounding left, fewer than settings
		out[i]++
		shots--
	}
	return out
}

// sample adds what the strings of a setting are in that many shots of the state in psi, which it turns.
func (w *settingScratch) sample(s *setting, shots int, readout []circuit.Confusion,
	random *splitmix.Source) {
	s.rotate(w.psi)
	h := w.histogram(s)
	weights := h.Weights()
	clear(weights)
	for i, high := range s.high {
		x := w.psi[i*2*len(s.low):]
		for j, low := range s.low {
			weights[high|low] += x[2*j]*x[2*j] + x[2*j+1]*x[2*j+1]
		}
	}
	confuse(readoutOf(readout, s.qubits), weights, false)
	w.draw(s, h, shots, random)
}

func (w *settingScratch) histogram(s *setting) *splitmix.Histogram {
	size := 1 << len(s.qubits)
	if w.hist[size] == nil {
		w.hist[size] = splitmix.NewHistogram(size)
	}
	return w.hist[size]
}

// draw adds what the strings of a setting are in that many shots, whose outcomes have those weights.
func (w *settingScratch) draw(s *setting, h *splitmix.Histogram, shots int, random *splitmix.Source) {
	counts := h.Draw(shots, random)
	w.moments = resized(w.moments, len(counts))
	for x, n := range counts {
		w.moments[x] = float64(n) / float64(shots)
	}
	walsh.Transform(w.moments)
	for k, bound := range s.bounds {
		if bound > 0 {
			w.add(s, k, shots, counts)
		}
	}
}

// add adds the estimate of one observable in a setting and its squared standard error.
func (w *settingScratch) add(s *setting, k, shots int, counts []int) {
	mean, square, strings := 0.0, 0.0, 0
	for i, p := range s.strings {
		if p.observable == k {
			mean += p.weight * w.moments[s.masks[i]]
			square = p.weight * p.weight
			strings++
		}
	}
	if strings > 1 { // the mean square of the values of the outcomes
		w.row = zeros(w.row, len(counts))
		for i, p := range s.strings {
			if p.observable == k {
				w.row[s.masks[i]] += p.weight
			}
		}
		walsh.Transform(w.row)
		square = 0
		for x, v := range w.row {
			square += v * v * float64(counts[x]) / float64(shots)
		}
	}
	w.mean[k] += mean
	e := standardError(square-mean*mean, s.bounds[k]*s.bounds[k], shots)
	w.spread[k] += e * e
}
