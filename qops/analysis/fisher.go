package analysis

import (
	"context"
	"math"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Fisher is the spectrum of a Fisher information matrix by the trained angles.
type Fisher struct {
	Angles   int       `json:"angles"`
	Spectrum []float64 `json:"spectrum"` // mean eigenvalues, the largest first
	Trace    float64   `json:"trace"`    // mean
	Rank     int       `json:"rank"`     // the largest number of eigenvalues above 1e-9 of the largest

	matrices [][]float64
}

// maxFisherAngles bounds the matrices, which are diagonalised.
const maxFisherAngles = 1 << 10

func fisherSampling(c *circuit.Circuit, s Sampling) (Sampling, error) {
	if s.Samples == 0 {
		s.Samples = 100
	}
	s, err := s.withDefaults()
	if err == nil {
		err = checkCircuit(c)
	}
	if err == nil && (c.NumTheta() < 1 || c.NumTheta() > maxFisherAngles) {
		err = errors.Errorf("want a circuit of 1 to %d trained angles, got %d", maxFisherAngles, c.NumTheta())
	}
	return s, err
}

// QuantumFisher returns the spectrum of the quantum Fisher information, four times the Fubini-Study metric,
// over Samples draws of the angles, 0 meaning 100. Its rank is how many directions of the angles move the
// state.
//
// It returns the circuit's own error, one for more than 20 qubits, for no or more than 1024 trained angles,
// for a Sampling out of range, those of statevec.FubiniStudy and that of the context.
//
// Source: Haug, Bharti, Kim, arXiv:2102.01659.
func QuantumFisher(ctx context.Context, c *circuit.Circuit, s Sampling) (f Fisher, err error) {
	if s, err = fisherSampling(c, s); err != nil {
		return f, errors.WithMessage(err, "analysis: QuantumFisher")
	}
	p := c.NumTheta()
	angles := make([]float64, c.NumData()+p)
	return newFisher(p, s.Samples, func(sample int) ([]float64, error) {
		if err := live(ctx); err != nil {
			return nil, errors.WithMessage(err, "analysis: QuantumFisher")
		}
		s.draw(sample, angles)
		in := statevec.Inputs[float64]{Rows: 1, Data: angles[:c.NumData()], Theta: angles[c.NumData():]}
		g, err := statevec.FubiniStudy(ctx, c, in)
		for i := range g {
			g[i] *= 4
		}
		return g, errors.WithMessage(err, "analysis: QuantumFisher")
	})
}

// ClassicalFisher returns the spectrum of the Fisher information of the outcomes when all qubits are
// measured, Σ ∂p·∂p/p over the 2ⁿ outcomes, over Samples draws of the angles and inputs, 0 meaning 100.
//
// It returns the circuit's own error, one for more than 12 qubits, for no or more than 1024 trained angles,
// for a Sampling out of range, and that of the context.
//
// Source: Abbas, Sutter, Zoufal, Lucchi, Figalli, Woerner, arXiv:2011.00027.
func ClassicalFisher(ctx context.Context, c *circuit.Circuit, s Sampling) (f Fisher, err error) {
	if s, err = fisherSampling(c, s); err == nil && c.Qubits() > maxOutcomeQubits {
		err = errors.Errorf("want a circuit of at most %d qubits, got %d", maxOutcomeQubits, c.Qubits())
	}
	var o *outcomes
	if err == nil {
		o, err = newOutcomes(c, s.Threads)
	}
	if err != nil {
		return f, errors.WithMessage(err, "analysis: ClassicalFisher")
	}
	angles := make([]float64, c.NumData()+c.NumTheta())
	return newFisher(c.NumTheta(), s.Samples, func(sample int) ([]float64, error) {
		if err := live(ctx); err != nil {
			return nil, errors.WithMessage(err, "analysis: ClassicalFisher")
		}
		s.draw(sample, angles)
		m, err := o.fisher(angles)
		return m, errors.WithMessage(err, "analysis: ClassicalFisher")
	})
}

// newFisher averages the spectra of matrices of p rows.
func newFisher(p, samples int, matrix func(sample int) ([]float64, error)) (Fisher, error) {
	f := Fisher{Angles: p, Spectrum: make([]float64, p)}
	for i := range samples {
		m, err := matrix(i)
		if err != nil {
			return Fisher{}, err
		}
		values, err := symmetricValues(m, p)
		if err != nil {
			return Fisher{}, err
		}
		rank := 0
		for k, v := range values {
			f.Spectrum[k] += v / float64(samples)
			f.Trace += v / float64(samples)
			if v > 1e-9*max(values[0], 1e-300) {
				rank++
			}
		}
		f.Rank = max(f.Rank, rank)
		f.matrices = append(f.matrices, m)
	}
	return f, nil
}

// symmetricValues returns the eigenvalues of a positive matrix, the largest first.
func symmetricValues(m []float64, n int) ([]float64, error) {
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(n, slices.Clone(m)), false) {
		return nil, errors.New("analysis: the eigenvalues of a Fisher information were not found")
	}
	values := e.Values(nil)
	slices.Reverse(values)
	return values, nil
}

// EffectiveDimension returns the effective dimension for a number of training examples, between 0 and the
// number of angles: how many of the angles that many examples can tell apart. The information is scaled so
// that its mean trace is the number of angles.
//
//	d = 2·ln(mean of √det(1 + κF)) / ln κ,   κ = examples/(2π·ln examples)
//
// It returns an error for a Fisher that is not from this package or has no information, and for so few
// examples, below 20, that κ is no number above 1.
//
// Source: Abbas et al., arXiv:2011.00027, equation 2, with γ = 1.
func (f Fisher) EffectiveDimension(examples int) (float64, error) {
	if len(f.matrices) == 0 || !(f.Trace > 0) {
		return 0, errors.New("analysis: EffectiveDimension: want a Fisher information above 0, from " +
			"QuantumFisher or ClassicalFisher")
	}
	if examples < 20 {
		return 0, errors.Errorf("analysis: EffectiveDimension: want at least 20 examples, got %d", examples)
	}
	kappa := float64(examples) / (2 * math.Pi * math.Log(float64(examples)))
	half := make([]float64, len(f.matrices)) // ln √det
	for i, m := range f.matrices {
		values, err := symmetricValues(m, f.Angles)
		if err != nil {
			return 0, err
		}
		for _, v := range values {
			half[i] += math.Log1p(kappa*float64(f.Angles)*max(0, v)/f.Trace) / 2
		}
	}
	largest := slices.Max(half)
	mean := 0.0
	for _, v := range half {
		mean += math.Exp(v-largest) / float64(len(half))
	}
	return 2 * (largest + math.Log(mean)) / math.Log(kappa), nil
}

// maxOutcomeQubits bounds the outcomes, for each of which a gradient is taken.
const maxOutcomeQubits = 12

// outcomes is the probabilities of all outcomes of a circuit and their derivatives: a row of the batch an
// outcome, all with the same angles.
type outcomes struct {
	measured   *statevec.MeasuredCircuit[float64]
	rows, skip int
	data       []float64
	ddata      []float64
	out, dout  []float64
}

func newOutcomes(c *circuit.Circuit, threads int) (*outcomes, error) {
	free, err := anglesAsData(c)
	if err != nil {
		return nil, err
	}
	plan, err := statevec.Compile[float64](free)
	if err != nil {
		return nil, err
	}
	read, err := statevec.NewProbabilities[float64](c.Qubits(), nil, threads)
	if err != nil {
		return nil, err
	}
	measured, err := statevec.NewMeasuredCircuit(plan, read, threads)
	n := 1 << c.Qubits()
	rows := min(n, max(1, chunkNumbers/(2*n)))
	return &outcomes{measured: measured, rows: rows, skip: c.NumData(),
		data: make([]float64, rows*free.NumData()), ddata: make([]float64, rows*free.NumData()),
		out: make([]float64, rows*n), dout: make([]float64, rows*n)}, err
}

// fisher returns the information of the outcomes.
func (o *outcomes) fisher(angles []float64) ([]float64, error) {
	k, n := len(angles), len(o.out)/o.rows
	p := k - o.skip
	f := make([]float64, p*p)
	for r := range o.rows {
		copy(o.data[r*k:], angles)
	}
	for from := 0; from < n; from += o.rows {
		in := statevec.Inputs[float64]{Rows: o.rows, Data: o.data}
		if err := o.measured.Apply(in, o.out); err != nil {
			return nil, err
		}
		clear(o.dout)
		for r := range o.rows {
			o.dout[r*n+from+r] = 1
		}
		if err := o.measured.Adjoint(in, o.dout, statevec.Gradients[float64]{Data: o.ddata}); err != nil {
			return nil, err
		}
		for r := range o.rows {
			probability := o.out[from+r]
			if probability < 1e-300 {
				continue // its derivative is 0 too
			}
			d := o.ddata[r*k+o.skip : (r+1)*k]
			for a, x := range d {
				for b, y := range d {
					f[a*p+b] += x * y / probability
				}
			}
		}
	}
	return f, nil
}
