package qops_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/hqvit/hqvit/nn/op"
	"github.com/hqvit/hqvit/qops"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// seedsFrom gives the rows the seeds from first on.
func seedsFrom(first uint64) func([]uint64) error {
	return func(seeds []uint64) error {
		for i := range seeds {
			seeds[i] = first + uint64(i)
		}
		return nil
	}
}

// shotCase is a node that can be estimated from shots, and its inputs: each of one row, which is repeated.
type shotCase struct {
	make   func(s qops.Shots) function
	inputs []*tensor.Dense // the first has a batch of 1
	shared []*tensor.Dense // by all rows
	biased bool            // a ratio of estimates
}

func shotCases() map[string]shotCase {
	c := layered(3, 2, true)
	unit := func(seed uint64, shape ...int) *tensor.Dense {
		t := random(seed, shape...)
		v := t.Float64s()
		size := 16
		for from := 0; from < len(v); from += size {
			norm := 0.0
			for _, a := range v[from : from+size] {
				norm += a * a
			}
			for i := from; i < from+size; i++ {
				v[i] /= math.Sqrt(norm)
			}
		}
		return t
	}
	measured := func(m qops.Measurement) func(s qops.Shots) function {
		return func(s qops.Shots) function {
			return func(in ...*G.Node) (*G.Node, error) { return qops.Measure(in[0], m.WithShots(s)) }
		}
	}
	cases := map[string]shotCase{
		"Paulis":        {make: measured(qops.Paulis("XYZ")), inputs: tensors(unit(1, 1, 8, 2))},
		"Probabilities": {make: measured(qops.Probabilities(2, 0)), inputs: tensors(random(2, 1, 8, 2))},
		"Purity":        {make: measured(qops.Purity(1)), inputs: tensors(unit(3, 1, 8, 2))},
		"Fidelities": {make: measured(qops.Fidelities([]complex128{1, 2i, 0, 0, 1, 0, 0, 3})),
			inputs: tensors(unit(4, 1, 8, 2))},
		"MeasureCircuit": {make: func(s qops.Shots) function {
			return func(in ...*G.Node) (*G.Node, error) {
				m := qops.Expectations(statevec.Observable{term(0.4, "XYI"), term(-1, "IIZ"), term(2, "III")})
				return qops.MeasureCircuit(c, m.WithShots(s), qops.Inputs{X: in[0], Theta: in[1]}, qops.Adjoint)
			}
		}, inputs: tensors(random(5, 1, 8)), shared: tensors(random(6, c.NumTheta()))},
		"Hamiltonian": {make: func(s qops.Shots) function {
			return func(in ...*G.Node) (*G.Node, error) {
				return qops.Hamiltonian(in[0], []string{"ZII", "IXX", "ZIZ"}, in[1], s)
			}
		}, inputs: tensors(unit(7, 1, 8, 2)), shared: tensors(random(8, 3))},
		"Fidelity": {make: func(s qops.Shots) function {
			return func(in ...*G.Node) (*G.Node, error) {
				f, err := qops.Fidelity(in[0], in[1])
				if err != nil {
					return nil, err
				}
				return qops.EstimateFidelities(f, s)
			}
		}, inputs: tensors(unit(9, 1, 3, 8, 2), unit(10, 1, 3, 8, 2))},
		"EstimateProbabilities": {make: func(s qops.Shots) function {
			return func(in ...*G.Node) (*G.Node, error) { return qops.EstimateProbabilities(in[0], s) }
		}, inputs: tensors(tensorOf([]float64{0.02, 0.3, 0.91}, 1, 3))},
		"EstimateSigned": {make: func(s qops.Shots) function {
			return func(in ...*G.Node) (*G.Node, error) { return qops.EstimateSigned(in[0], s) }
		}, inputs: tensors(tensorOf([]float64{-0.8, 0.1, 0.93}, 1, 3))},
		"Overlap": {make: func(s qops.Shots) function {
			return func(in ...*G.Node) (*G.Node, error) {
				f, err := qops.Overlap(in[0], in[1])
				if err != nil {
					return nil, err
				}
				return qops.EstimateFidelities(f, s)
			}
		}, inputs: tensors(unit(11, 1, 3, 8, 2), unit(12, 1, 2, 8, 2))},
	}
	q := layered(2, 2, true)
	for _, text := range []string{"", "depolarizing=0.1,readout=0.05"} {
		cases["NoisyScores "+text] = shotCase{make: func(s qops.Shots) function {
			return func(in ...*G.Node) (*G.Node, error) {
				noise, err := circuit.ParseNoise(text)
				if err != nil {
					return nil, err
				}
				return qops.NoisyScores(in[0], q, q, in[1], in[2], noise,
					qops.ScoreOptions{Gain: 16, Scale: in[3], Shots: s})
			}
		}, inputs: tensors(random(13, 1, 4, 8)),
			shared: tensors(random(14, 2, q.NumTheta()), random(15, 2, q.NumTheta()),
				tensorOf([]float64{0.7, -1.1}, 2))}
	}
	for kind, name := range []string{"ScoreOverlap", "ScoreSigned", "ScoreRowNormalized", "ScoreConditional"} {
		cases[name] = shotCase{make: func(s qops.Shots) function {
			return func(in ...*G.Node) (*G.Node, error) {
				return qops.CircuitScores(in[0], q, q, in[1], in[2],
					qops.ScoreOptions{Kind: qops.ScoreKind(kind), Gain: 16, Scale: in[3], Shots: s})
			}
		}, inputs: tensors(random(13, 1, 4, 8)), biased: kind > 1,
			shared: tensors(random(14, 2, q.NumTheta()), random(15, 2, q.NumTheta()),
				tensorOf([]float64{0.7, -1.1}, 2))}
	}
	return cases
}

// run returns values and standard errors of the rows of that many copies of the inputs.
func (c shotCase) run(t *testing.T, copies int, s qops.Shots) (out, stderr []float64) {
	t.Helper()
	var inputs []*tensor.Dense
	for _, x := range c.inputs {
		shape := x.Shape().Clone()
		shape[0] = copies
		inputs = append(inputs, tensorOf(slices.Repeat(x.Float64s(), copies), shape...))
	}
	inputs = append(inputs, c.shared...)
	if s.Count == 0 {
		return mustEvaluate(t, c.make(s), inputs...), nil
	}
	var e *G.Node
	s.Stderr = func(n *G.Node) { e = n }
	out = mustEvaluate(t, func(in ...*G.Node) (*G.Node, error) { return c.make(s)(in...) }, inputs...)
	stderr, err := op.Elements[float64](e.Value())
	if err != nil || len(stderr) != len(out) {
		t.Fatalf("%d standard errors of %d numbers, %v", len(stderr), len(out), err)
	}
	return out, slices.Clone(stderr)
}

// TestShotsAreUnbiased: of every node that has shots the mean over many rows is the exact value within four
// standard errors, and the standard errors are those of the spread.
func TestShotsAreUnbiased(t *testing.T) {
	const copies, shots = 2500, 400
	for name, c := range shotCases() {
		exact, _ := c.run(t, 1, qops.Shots{})
		out, stderr := c.run(t, copies, qops.Shots{Count: shots, Seeds: seedsFrom(77)})
		for i, want := range exact {
			mean, square, told := 0.0, 0.0, 0.0
			for j := i; j < len(out); j += len(exact) {
				mean += out[j] / copies
				told += stderr[j] * stderr[j] / copies
			}
			for j := i; j < len(out); j += len(exact) {
				square += (out[j] - mean) * (out[j] - mean) / (copies - 1)
			}
			tolerance := 4 * math.Sqrt(square/copies)
			if c.biased { // of a ratio by O(1/shots)
				tolerance += square
			}
			if math.Abs(mean-want) > tolerance+1e-12 {
				t.Errorf("%s %d: mean %v, want %v ± %v", name, i, mean, want, tolerance)
			}
			if r := math.Sqrt(told / square); (r < 0.85 || r > 1.15) && !c.biased {
				t.Errorf("%s %d: a standard error of %.3g for a spread of %.3g", name, i, math.Sqrt(told),
					math.Sqrt(square))
			}
		}
	}
}

// TestShotErrorFalls: as one over the root of the shots, within 5 % of the exponent.
func TestShotErrorFalls(t *testing.T) {
	const copies = 1000
	for name, c := range shotCases() {
		exact, _ := c.run(t, 1, qops.Shots{})
		var x, y []float64
		from := 1000
		if c.biased {
			from = 100000 // pairs that never come would be errors of another kind
		}
		for shots := from; shots <= 1000*from; shots *= 10 {
			out, _ := c.run(t, copies, qops.Shots{Count: shots, Seeds: seedsFrom(uint64(shots))})
			square := 0.0
			for i, v := range out {
				square += (v - exact[i%len(exact)]) * (v - exact[i%len(exact)])
			}
			x, y = append(x, math.Log(float64(shots))), append(y, math.Log(square)/2)
		}
		if s := slope(x, y); math.Abs(s+0.5) > 0.025 {
			t.Errorf("%s: the error falls with exponent %.4f, want −0.5", name, s)
		}
	}
}

// slope returns that of the line through points.
func slope(x, y []float64) float64 {
	n, sx, sy, sxx, sxy := float64(len(x)), 0.0, 0.0, 0.0, 0.0
	for i := range x {
		sx, sy, sxx, sxy = sx+x[i], sy+y[i], sxx+x[i]*x[i], sxy+x[i]*y[i]
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

// TestShotGradients: that behind estimates is the exact one; by ParameterShift it is another.
func TestShotGradients(t *testing.T) {
	for name, c := range shotCases() {
		inputs := append(slices.Clone(c.inputs), c.shared...)
		exact := gradients(t, c.make(qops.Shots{}), inputs...)
		sampled := gradients(t, c.make(qops.Shots{Count: 100, Seeds: seedsFrom(5)}), inputs...)
		for i := range exact {
			if name == "Hamiltonian" && i == 1 { // the estimates of the strings
				continue
			}
			near(t, fmt.Sprint(name, " ", i), sampled[i], exact[i], 1e-12)
		}
	}
}

// TestShiftFromShots: the gradient by ParameterShift from shots is unbiased, and not exact.
func TestShiftFromShots(t *testing.T) {
	const runs = 400
	c := layered(2, 1, true)
	x, theta := random(1, 3, 4), random(2, c.NumTheta())
	by := func(s qops.Shots) function {
		return func(in ...*G.Node) (*G.Node, error) {
			return qops.MeasureCircuit(c, qops.Paulis("Z").WithShots(s), qops.Inputs{X: in[0], Theta: in[1]},
				qops.ParameterShift)
		}
	}
	exact := gradients(t, by(qops.Shots{}), x, theta)[1]
	sum, squares := make([]float64, len(exact)), make([]float64, len(exact))
	for i := range runs {
		for j, v := range gradients(t, by(qops.Shots{Count: 30, Seeds: seedsFrom(uint64(3 * i))}), x, theta)[1] {
			sum[j] += v / runs
			squares[j] += v * v / runs
		}
	}
	for j, want := range exact {
		e := 4 * math.Sqrt((squares[j]-sum[j]*sum[j])/runs)
		if math.Abs(sum[j]-want) > e || e == 0 && j != 1 && j != 3 {
			t.Errorf("theta %d: mean %v, want %v ± %v", j, sum[j], want, e)
		}
	}
}

// TestScoresOfADarkImageWithShots: what nobody can prepare stays as it is without shots.
func TestScoresOfADarkImageWithShots(t *testing.T) {
	q := circuit.New(1).RY(0, circuit.Theta(0))
	for _, kind := range []qops.ScoreKind{qops.ScoreOverlap, qops.ScoreSigned, qops.ScoreRowNormalized,
		qops.ScoreConditional} {
		by := func(s qops.Shots) []float64 {
			return mustEvaluate(t, func(in ...*G.Node) (*G.Node, error) {
				return qops.CircuitScores(in[0], q, q, in[1], in[1], qops.ScoreOptions{Kind: kind, Shots: s})
			}, tensorOf(make([]float64, 8), 1, 4, 2), random(1, 1, 1))
		}
		var e *G.Node
		by(qops.Shots{Count: 5, Seeds: seedsFrom(1), Stderr: func(n *G.Node) { e = n }})
		if errs, err := op.Elements[float64](e.Value()); err != nil || kind != qops.ScoreConditional &&
			slices.Max(errs) != 0 {
			t.Errorf("kind %d: standard errors %v of a dark image, %v", kind, errs, err)
		}
		exact, sampled := by(qops.Shots{}), by(qops.Shots{Count: 10000000, Seeds: seedsFrom(1)})
		near(t, fmt.Sprint("kind ", kind), sampled, exact, 0.01)
	}
}

func TestWrongShots(t *testing.T) {
	psi := random(1, 2, 4, 2)
	with := func(m qops.Measurement, s qops.Shots) function {
		return func(in ...*G.Node) (*G.Node, error) { return qops.Measure(in[0], m.WithShots(s)) }
	}
	seeds := seedsFrom(1)
	for want, f := range map[string]function{
		"want 0 shots, for exact values, or more, got -2": with(qops.Paulis("Z"),
			qops.Shots{Count: -2, Seeds: seeds}),
		"want Seeds for Shots": with(qops.Paulis("Z"), qops.Shots{Count: 5}),
		"a MeasureFunc has no shots": with(qops.MeasureFunc(func(n *G.Node) (*G.Node, error) { return n, nil }),
			qops.Shots{Count: 5, Seeds: seeds}),
		"at least 3 shots for 3 groups of Pauli strings, got 2": with(qops.Paulis("XYZ"),
			qops.Shots{Count: 2, Seeds: seeds}),
		"no seeds today": with(qops.Paulis("Z"), qops.Shots{Count: 5, Seeds: func([]uint64) error {
			return errors.New("no seeds today")
		}}),
		"cannot be estimated from shots: want one with the method Sample": with(qops.NewMeasurement("Mine", nil,
			func(int) (statevec.Measurement[float64], error) { return explosive{}, nil }),
			qops.Shots{Count: 5, Seeds: seeds}),
		"want fidelities in [0,1], got": func(in ...*G.Node) (*G.Node, error) {
			return qops.EstimateFidelities(in[0], qops.Shots{Count: 5, Seeds: seeds})
		},
		"want numbers in [−1,1], got 1.5": func(in ...*G.Node) (*G.Node, error) {
			x := G.NewVector(in[0].Graph(), tensor.Float64, G.WithShape(1), G.WithName("x"),
				G.WithInit(G.ValuesOf(1.5)))
			return qops.EstimateSigned(x, qops.Shots{Count: 5, Seeds: seeds})
		},
		"differences over a small step are lost": func(in ...*G.Node) (*G.Node, error) {
			theta := G.NewVector(in[0].Graph(), tensor.Float64, G.WithShape(1), G.WithName("t"),
				G.WithInit(G.Zeroes()))
			return qops.MeasureCircuit(circuit.New(1).RX(0, circuit.Theta(0)),
				qops.Paulis("Z").WithShots(qops.Shots{
					Count: 5, Seeds: seeds}), qops.Inputs{Theta: theta}, qops.FiniteDifferences)
		},
	} {
		_, _, err := evaluate[float64](f, psi)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
