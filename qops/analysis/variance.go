package analysis

import (
	"context"
	"math"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/foreign"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Cost is what gradients are taken of: a number that is measured of n qubits.
type Cost struct {
	Name    string
	Measure func(n, threads int) (statevec.Measurement[float64], error) // of one output
}

// measure calls Measure, which others may have written.
func (c Cost) measure(n, threads int) (m statevec.Measurement[float64], err error) {
	defer foreign.Recover(&err, "function Measure of the cost "+c.Name, c.Measure)
	return c.Measure(n, threads)
}

// Costs returns the usual ones: local ones, of a few qubits, and the global one, of all at once.
func Costs() []Cost {
	return []Cost{
		{"local ZZ", func(n, threads int) (statevec.Measurement[float64], error) {
			z := min(2, n)
			text := strings.Repeat("Z", z) + strings.Repeat("I", n-z)
			return statevec.NewExpectations[float64](n,
				[]statevec.Observable{{{Coefficient: 1, Pauli: text}}}, threads)
		}},
		{"local zeros", func(n, threads int) (statevec.Measurement[float64], error) {
			o := statevec.Observable{{Coefficient: 0.5, Pauli: strings.Repeat("I", n)}}
			for q := range n {
				text := strings.Repeat("I", q) + "Z" + strings.Repeat("I", n-1-q)
				o = append(o, statevec.Term{Coefficient: 0.5 / float64(n), Pauli: text})
			}
			return statevec.NewExpectations[float64](n, []statevec.Observable{o}, threads)
		}},
		{"global zeros", func(n, threads int) (statevec.Measurement[float64], error) {
			zero := make([]complex128, 1<<n)
			zero[0] = 1
			return statevec.NewFidelities[float64](n, [][]complex128{zero}, threads)
		}},
	}
}

// Variances are those of a cost and of its gradient over the angles.
type Variances struct {
	Qubits   int       `json:"qubits"`
	Value    float64   `json:"value"`    // of the cost
	Gradient []float64 `json:"gradient"` // of ∂cost/∂θ, by trained angle
	Mean     float64   `json:"mean"`     // of Gradient over the angles
	Error    float64   `json:"error"`    // standard error of Mean, the draws alone counted
}

// GradientVariance returns the variances of a cost and of its gradient by each trained angle, from |0…0⟩.
//
// It returns the circuit's own error, one for more than 20 qubits, for a circuit without trained angles and
// for a Sampling out of range, those of the cost and that of the context.
//
// Source: McClean, Boixo, Smelyanskiy, Babbush, Neven, arXiv:1803.11173; Cerezo et al., arXiv:2001.00550.
func GradientVariance(ctx context.Context, c *circuit.Circuit, cost Cost, s Sampling) (v Variances,
	err error) {
	s, err = s.withDefaults()
	if err == nil {
		err = checkCircuit(c)
	}
	if err == nil && (c.NumTheta() == 0 || cost.Measure == nil) {
		err = errors.New("want a circuit with trained angles, and a cost")
	}
	if err != nil {
		return v, errors.WithMessage(err, "analysis: GradientVariance")
	}
	v, err = gradientVariance(ctx, c, cost, s)
	return v, errors.WithMessage(err, "analysis: GradientVariance")
}

func gradientVariance(ctx context.Context, c *circuit.Circuit, cost Cost, s Sampling) (v Variances,
	err error) {
	free, err := anglesAsData(c)
	if err != nil {
		return v, err
	}
	plan, err := statevec.Compile[float64](free)
	if err != nil {
		return v, err
	}
	read, err := cost.measure(c.Qubits(), s.Threads)
	if err != nil {
		return v, err
	}
	measured, err := statevec.NewMeasuredCircuit(plan, read, s.Threads)
	if err != nil {
		return v, err
	}
	if read.Outputs() != 1 {
		return v, errors.Errorf("cost %s measures %d numbers, want one", cost.Name, read.Outputs())
	}
	angles, first := free.NumData(), c.NumData()
	rows := min(s.Samples, max(1, chunkNumbers/plan.Width()))
	data, gradient := make([]float64, rows*angles), make([]float64, rows*angles)
	out, ones := make([]float64, rows), make([]float64, rows)
	for i := range ones {
		ones[i] = 1
	}
	values, squares := newSpread(1), newSpread(1)
	each := newSpread(c.NumTheta())
	for from := 0; from < s.Samples; from += rows {
		if err := live(ctx); err != nil {
			return v, err
		}
		n := min(rows, s.Samples-from)
		for r := range n {
			s.draw(from+r, data[r*angles:][:angles])
		}
		in := statevec.Inputs[float64]{Rows: n, Data: data[:n*angles]}
		if err := measured.Apply(in, out[:n]); err != nil {
			return v, err
		}
		if err := measured.Adjoint(in, ones[:n],
			statevec.Gradients[float64]{Data: gradient[:n*angles]}); err != nil {
			return v, err
		}
		for r := range n {
			row := gradient[r*angles+first : (r+1)*angles]
			mean := 0.0
			for _, g := range row {
				mean += g * g / float64(len(row))
			}
			values.add(out[r : r+1])
			squares.add([]float64{mean})
			each.add(row)
		}
	}
	v = Variances{Qubits: c.Qubits(), Value: values.variance(0)}
	for i := range c.NumTheta() {
		v.Gradient = append(v.Gradient, each.variance(i))
		v.Mean += v.Gradient[i] / float64(c.NumTheta())
	}
	v.Error = math.Sqrt(squares.variance(0) / float64(s.Samples))
	return v, nil
}

// spread adds up means and squared deviations of rows of numbers.
type spread struct {
	count         int
	means, square []float64
}

func newSpread(n int) *spread { return &spread{means: make([]float64, n), square: make([]float64, n)} }

// add is Welford's update.
func (s *spread) add(x []float64) {
	s.count++
	for i, v := range x {
		d := v - s.means[i]
		s.means[i] += d / float64(s.count)
		s.square[i] += d * (v - s.means[i])
	}
}

func (s *spread) variance(i int) float64 { return s.square[i] / float64(s.count-1) }

// Plateau is how the variance of gradients falls with the number of qubits.
type Plateau struct {
	Cost   string      `json:"cost"`
	Points []Variances `json:"points"`

	// Rate is what the mean variance is multiplied by with each qubit more, and Power the power of the number
	// of qubits that fits best: a variance ∝ Rateⁿ is a barren plateau, one ∝ n^Power is none. Better says which
	// of the two fits the points better.
	Rate   float64 `json:"rate"`
	Power  float64 `json:"power"`
	Better string  `json:"better"` // exponential, polynomial, or undecided for less than three points
}

// BarrenPlateau returns the variance of gradients of a circuit for each of some numbers of qubits, at least
// two, and the rate at which it falls, by least squares on logarithms. build makes the circuit for a number
// of qubits.
//
// It returns the errors of GradientVariance and one for less than two numbers of qubits.
func BarrenPlateau(ctx context.Context, build func(qubits int) *circuit.Circuit, cost Cost, qubits []int,
	s Sampling) (p Plateau, err error) {
	if len(qubits) < 2 || build == nil {
		return p, errors.New("analysis: BarrenPlateau: want a function that builds circuits, and at least " +
			"two numbers of qubits")
	}
	p.Cost = cost.Name
	var n, logN, y []float64
	for _, k := range qubits {
		c, err := built(build, k)
		if err != nil {
			return p, errors.WithMessagef(err, "analysis: BarrenPlateau: %d qubits", k)
		}
		v, err := GradientVariance(ctx, c, cost, s)
		if err != nil {
			return p, errors.WithMessagef(err, "%d qubits", k)
		}
		p.Points = append(p.Points, v)
		if v.Mean > 0 {
			n, logN, y = append(n, float64(k)), append(logN, math.Log(float64(k))), append(y, math.Log(v.Mean))
		}
	}
	if len(n) < 2 {
		return p, errors.New("analysis: BarrenPlateau: the gradient is 0 whatever the angles: does the " +
			"cost depend on them?")
	}
	exponent, exponential := fit(n, y)
	power, polynomial := fit(logN, y)
	p.Rate, p.Power = math.Exp(exponent), power
	switch {
	case len(n) < 3:
		p.Better = "undecided"
	case exponential < polynomial:
		p.Better = "exponential"
	default:
		p.Better = "polynomial"
	}
	return p, nil
}

// built calls build, which others have written.
func built(build func(qubits int) *circuit.Circuit, qubits int) (c *circuit.Circuit, err error) {
	defer foreign.Recover(&err, "function that builds circuits", build)
	return build(qubits), nil
}

// fit returns the slope of the straight line through points, by least squares, and the sum of the squares
// that are left.
func fit(x, y []float64) (slope, rest float64) {
	mx, my := 0.0, 0.0
	for i := range x {
		mx, my = mx+x[i]/float64(len(x)), my+y[i]/float64(len(x))
	}
	xx, xy := 0.0, 0.0
	for i := range x {
		xx, xy = xx+(x[i]-mx)*(x[i]-mx), xy+(x[i]-mx)*(y[i]-my)
	}
	slope = xy / xx
	for i := range x {
		d := y[i] - my - slope*(x[i]-mx)
		rest += d * d
	}
	return slope, rest
}
