package circuit

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// Shift is one term of a rule for a derivative by values at shifted angles:
// f′(a) = Σ Weight·(f(a+By) − f(a−By)).
type Shift struct {
	By     float64 // radians
	Weight float64
}

// ParamOccurrence is one place where an entry of theta or data enters a circuit.
type ParamOccurrence struct {
	Angle       Angle     // Trainable or Input, with the scale and shift of the place
	Eigenvalues []float64 // of the gate's generator, controls included, each once, in order
}

// ValueRule returns the rule for expectation values. As functions of a gate exp(−iaG) their frequencies are
// the differences of eigenvalues of G: RX has 1, which gives the rule (f(a+π/2) − f(a−π/2))/2, a controlled
// RX has ½ and 1. It returns the error of ShiftRule.
func (t ParamOccurrence) ValueRule() ([]Shift, error) {
	var frequencies []float64
	for i, a := range t.Eigenvalues {
		for _, b := range t.Eigenvalues[:i] {
			frequencies = append(frequencies, a-b)
		}
	}
	return ShiftRule(frequencies)
}

// StateRule returns the rule for states, whose frequencies are the eigenvalues themselves. It returns the
// error of ShiftRule.
func (t ParamOccurrence) StateRule() ([]Shift, error) { return ShiftRule(t.Eigenvalues) }

// SplitParameters returns the circuit with a separate angle for each place where theta or data enter it:
// place i of theta is Theta(i), place i of data is Data(i). IntoGenerators replaces the other gates with such
// angles. It returns an error for a circuit with errors.
func (c *Circuit) SplitParameters() (out *Circuit, theta, data []ParamOccurrence, err error) {
	out, err = c.Decompose(func(g Operation, n int) ([]Operation, bool, error) {
		if g.Constant() {
			return nil, false, nil
		}
		return IntoGenerators(g, n)
	})
	if err != nil {
		return nil, nil, nil, err
	}
	for _, g := range out.ops {
		if g.Constant() {
			continue
		}
		place := ParamOccurrence{Angle: g.Angles[0], Eigenvalues: g.eigenvalues()}
		if place.Angle.Source == Trainable {
			theta, g.Angles[0] = append(theta, place), Theta(len(theta))
		} else {
			data, g.Angles[0] = append(data, place), Data(len(data))
		}
	}
	return out, theta, data, nil
}

// eigenvalues returns those of the generator, each once, in ascending order. Where the controls are not all 1
// the generator is 0.
func (g Operation) eigenvalues() []float64 {
	values, _ := g.Gate.Generator().eigen()
	if len(g.Controls) > 0 {
		values = append(values, 0)
	}
	return distinct(values)
}

// distinct returns the numbers in ascending order, those that differ by rounding only once.
func distinct(x []float64) []float64 {
	x = slices.Sorted(slices.Values(x))
	if len(x) == 0 {
		return nil
	}
	near := 1e-9 * max(math.Abs(x[0]), math.Abs(x[len(x)-1]))
	return slices.CompactFunc(x, func(a, b float64) bool { return math.Abs(a-b) <= near })
}

// ShiftRule returns shifts and weights that are exact for every f in the span of 1, cos ωa and sin ωa, for
// the given frequencies ω; signs, zeros and repetitions do not matter. For frequencies 1, 2, … R it has R
// terms, those of the source. It returns an error for a frequency that is not finite, and if no rule has
// weights small enough to keep the digits of a derivative.
//
// Source: Wierichs, Izaac, Wang, Lin, General parameter-shift rules for quantum gradients, arXiv:2107.12390.
func ShiftRule(frequencies []float64) ([]Shift, error) {
	var all []float64
	for _, w := range frequencies {
		if math.IsNaN(w) || math.IsInf(w, 0) {
			return nil, errors.Errorf("circuit: no stable shift rule for the frequencies %.6g", frequencies)
		}
		all = append(all, math.Abs(w))
	}
	all = distinct(append(all, 0))[1:]
	if len(all) == 0 {
		return nil, nil
	}
	// An error of the values grows by the sum of the weights: ω for a single frequency, Rω for R equidistant
	// ones.
	largest := all[len(all)-1]
	enough, most := 2*largest*float64(len(all)), 1e4*largest
	var best []Shift
	least := math.Inf(1)
	for count := len(all); count <= 16*len(all) && least > enough; count *= 2 {
		if rule, size := shifts(all, count); size < least {
			best, least = rule, size
		}
	}
	if !(least <= most) {
		return nil, errors.Errorf("circuit: no stable shift rule for the frequencies %.6g", all)
	}
	return best, nil
}

// shifts returns the rule of least weights with count equidistant shifts, and twice the sum of its weights.
// It solves 2·Σ weight·sin(ω·by) = ω, which makes the rule exact for sin ωa; for even functions every rule
// is.
func shifts(frequencies []float64, count int) ([]Shift, float64) {
	largest := frequencies[len(frequencies)-1]
	rule := make([]Shift, count)
	for k := range rule {
		rule[k].By = (float64(k) + 0.5) * math.Pi / largest
	}
	a := mat.NewDense(len(frequencies), count, nil)
	w := mat.NewVecDense(len(frequencies), slices.Clone(frequencies))
	for i, f := range frequencies {
		for k, s := range rule {
			a.Set(i, k, 2*math.Sin(f*s.By))
		}
	}
	var lq mat.LQ
	lq.Factorize(a)
	var x mat.VecDense
	if err := lq.SolveVecTo(&x, false, w); err != nil {
		return nil, math.Inf(1)
	}
	size := 0.0
	for k := range rule {
		rule[k].Weight = x.AtVec(k)
		size += 2 * math.Abs(x.AtVec(k))
	}
	return rule, size
}
