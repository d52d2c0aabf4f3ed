package mitigate

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
)

// ZNE is zero-noise extrapolation: the circuit is run with its noise scaled up, by gates and their inverses
// that cancel but for their noise (Fold), and what is measured is extrapolated to the scale 0.
//
// Source: Temme, Bravyi, Gambetta, arXiv:1612.02058; Giurgica-Tiron et al., arXiv:2005.10921.
type ZNE struct {
	Scales  []float64 // of the noise, 1 as it is; two or more, rising, from 1 to 99; none: no extrapolation
	Fit     Fit
	Circuit bool // the circuit is folded as a whole, in place of each gate
}

// Fit is a curve through what is measured at some scales.
type Fit int

// The fits. The first two are linear in the values, so that an unbiased estimate stays one up to what the
// curve misses.
const (
	Richardson  Fit = iota // the polynomial through all values
	Linear                 // the straight line of least squares
	Exponential            // limit + a·exp(−b·scale), by the line of least squares of logarithms
)

var fits = []string{"richardson", "linear", "exponential"}

// String returns the name of the fit.
func (f Fit) String() string {
	if f < 0 || int(f) >= len(fits) {
		return "Fit " + strconv.Itoa(int(f))
	}
	return fits[f]
}

const maxScale = 99

// leastStep is the least distance of two scales: what is extrapolated from nearer ones is noise alone.
const leastStep = 0.1

func (z ZNE) check() error {
	if len(z.Scales) == 0 {
		if z.Fit != Richardson || z.Circuit {
			return errors.Errorf("mitigate: a fit without Scales, want two or more, such as 1 and 3")
		}
		return nil
	}
	if z.Fit < Richardson || z.Fit > Exponential {
		return errors.Errorf("mitigate: unknown %v", z.Fit)
	}
	if len(z.Scales) < 2 {
		return errors.Errorf("mitigate: scales %v, want two or more to extrapolate from, such as 1,3", z.Scales)
	}
	for i, s := range z.Scales {
		if !(s >= 1 && s <= maxScale) || i > 0 && !(s >= z.Scales[i-1]+leastStep-1e-9) {
			return errors.Errorf("mitigate: scales %v, want rising numbers from 1, which is the noise as "+
				"it is, to %d, at least %v apart", z.Scales, maxScale, leastStep)
		}
	}
	return nil
}

func parseZNE(text string) (z ZNE, err error) {
	words := strings.Split(text, ":")
	for _, s := range strings.Split(words[0], ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil {
			return z, errors.Errorf("%s: want scales of the noise, such as %s=1,3,5, got %q", zneName, zneName, s)
		}
		z.Scales = append(z.Scales, v)
	}
	words = words[1:]
	if n := len(words); n > 0 && words[n-1] == ofCircuit {
		z.Circuit, words = true, words[:n-1]
	}
	switch len(words) {
	case 0:
		return z, nil
	case 1:
		if i := slices.Index(fits, words[0]); i >= 0 {
			z.Fit = Fit(i)
			return z, nil
		}
	}
	return z, errors.Errorf("%s: no fit %q%s; there are %s, and %s behind it for the circuit as a whole",
		zneName, strings.Join(words, ":"), suggest.Among(words[0], append(slices.Clone(fits), ofCircuit)),
		strings.Join(fits, ", "), ofCircuit)
}

// String returns the text that Parse reads.
func (z ZNE) String() string {
	var scales []string
	for _, s := range z.Scales {
		scales = append(scales, strconv.FormatFloat(s, 'g', -1, 64))
	}
	text := zneName + "=" + strings.Join(scales, ",")
	if z.Fit != Richardson {
		text += ":" + z.Fit.String()
	}
	if z.Circuit {
		text += ":" + ofCircuit
	}
	return text
}

// Coefficients returns what the values at the scales are multiplied by, to give the value at 0; those of
// Exponential are of logarithms. They sum to 1. Those of Richardson are Π_{j≠k} s_j/(s_j − s_k), those of a
// line 1/K − s̄(s_k − s̄)/Σ(s_j − s̄)². It returns an error for scales or a fit that Check refuses.
func (z ZNE) Coefficients() ([]float64, error) {
	if err := z.check(); err != nil {
		return nil, err
	}
	n := len(z.Scales)
	out := make([]float64, n)
	if n == 0 {
		return nil, errors.New("mitigate: no scales, want two or more, such as 1 and 3")
	}
	if z.Fit == Richardson {
		for k, s := range z.Scales {
			out[k] = 1
			for j, other := range z.Scales {
				if j != k {
					out[k] *= other / (other - s)
				}
			}
		}
		return out, nil
	}
	mean, spread := 0.0, 0.0
	for _, s := range z.Scales {
		mean += s / float64(n)
	}
	for _, s := range z.Scales {
		spread += (s - mean) * (s - mean)
	}
	for k, s := range z.Scales {
		out[k] = 1/float64(n) - mean*(s-mean)/spread
	}
	return out, nil
}

// Variance returns by how much the variance of an estimate grows if each scale has as many shots, of one
// variance each, as the circuit would have alone: the sum of the squares of the Coefficients, 19 for
// Richardson from 1, 2 and 3. Of Exponential it is that for weak noise. It returns the error of Coefficients;
// 1 without scales.
func (z ZNE) Variance() (float64, error) {
	if len(z.Scales) == 0 {
		return 1, z.check()
	}
	c, err := z.Coefficients()
	sum := 0.0
	for _, v := range c {
		sum += v * v
	}
	return sum, err
}

// Extrapolation extrapolates values at fixed scales. It may be used by several goroutines.
type Extrapolation struct {
	coefficients []float64
	exponential  bool
}

// At returns the extrapolation of values that were measured at these scales, which Fold returns, in place of
// the wanted ones. It returns an error for other numbers of them, and those of Coefficients.
func (z ZNE) At(scales []float64) (*Extrapolation, error) {
	if len(scales) != len(z.Scales) {
		return nil, errors.Errorf("mitigate: got %d scales for the %d of the ZNE", len(scales), len(z.Scales))
	}
	z.Scales = scales
	c, err := z.Coefficients()
	if err != nil {
		return nil, err
	}
	return &Extrapolation{c, z.Fit == Exponential}, nil
}

// Value returns the value at scale 0, and sets slopes, unless it is nil, to its derivatives by the values.
// The limit is what an Exponential goes to with noise: 0 of an expectation of a Pauli string, 2^−k of a
// probability of k qubits. Values on both sides of it, or at it, have no exponential: then it is the straight
// line.
func (e *Extrapolation) Value(values []float64, limit float64, slopes []float64) float64 {
	if e == nil || len(values) != len(e.coefficients) || slopes != nil && len(slopes) != len(values) {
		return math.NaN()
	}
	sum, logs, curved := 0.0, 0.0, e.exponential
	for k, c := range e.coefficients {
		sum += c * values[k]
		above := (values[k] - limit) * math.Copysign(1, values[0]-limit)
		curved = curved && above > 0
		logs += c * math.Log(above)
	}
	if !curved {
		copy(slopes, e.coefficients)
		return sum
	}
	far := math.Copysign(math.Exp(logs), values[0]-limit)
	for k := range slopes {
		slopes[k] = e.coefficients[k] * far / (values[k] - limit)
	}
	return limit + far
}
