package analysis

import (
	"context"
	"math"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

// Expressive is how the fidelities of pairs of a circuit's states are distributed.
type Expressive struct {
	// KL is the Kullback-Leibler divergence from the fidelities of Haar-random states, in nats: 0 for states
	// that are spread as evenly, Idle for one state whatever the angles. With S pairs a circuit that is as good
	// as random states has some Bins/2S, the sampling floor.
	KL    float64 `json:"kl"`
	Idle  float64 `json:"idle"`
	Floor float64 `json:"floor"`

	Pairs int       `json:"pairs"`
	Bins  []float64 `json:"bins"` // shares of the fidelities in equal parts of [0, 1]
	Haar  []float64 `json:"haar"` // the same of Haar-random states
}

// expressibilityBins is the number of bins of the definition.
const expressibilityBins = 75

// Expressibility returns the expressibility of a circuit from |0…0⟩: how far the fidelities of Samples pairs
// of its states, with angles drawn each for itself, are from those of Haar-random states.
//
// It returns the circuit's own error, one for more than 20 qubits and for a Sampling out of range, and that
// of the context.
//
// Source: Sim, Johnson, Aspuru-Guzik, arXiv:1905.10876, with 75 bins.
func Expressibility(ctx context.Context, c *circuit.Circuit, s Sampling) (e Expressive, err error) {
	s, err = s.withDefaults()
	if err == nil {
		err = checkCircuit(c)
	}
	if err != nil {
		return e, errors.WithMessage(err, "analysis: Expressibility")
	}
	e = Expressive{Pairs: s.Samples, Bins: make([]float64, expressibilityBins),
		Floor: float64(expressibilityBins-1) / (2 * float64(s.Samples))}
	pairs := s
	pairs.Samples *= 2
	width := 2 << c.Qubits()
	err = pairs.eachState(ctx, c, func(_ int, _, psi []float64) error {
		n := len(psi) / width / 2
		fidelities := make([]float64, n)
		first, second := make([]float64, n*width), make([]float64, n*width)
		for i := range n {
			copy(first[i*width:][:width], psi[2*i*width:])
			copy(second[i*width:][:width], psi[(2*i+1)*width:])
		}
		if err := statevec.PairFidelities(first, second, fidelities); err != nil {
			return err
		}
		for _, f := range fidelities {
			bin := max(0, min(expressibilityBins-1, int(f*expressibilityBins)))
			e.Bins[bin] += 1 / float64(s.Samples)
		}
		return nil
	})
	if err != nil {
		return Expressive{}, errors.WithMessage(err, "analysis: Expressibility")
	}
	for i, p := range e.Bins {
		q := haarLog(c.Qubits(), i)
		e.Haar = append(e.Haar, math.Exp(q))
		if p > 0 {
			e.KL += p * (math.Log(p) - q)
		}
	}
	e.Idle = -haarLog(c.Qubits(), expressibilityBins-1)
	return e, nil
}

// haarLog returns the logarithm of the share of fidelities of Haar-random states in a bin [a, b]:
// (1−a)^(N−1) − (1−b)^(N−1), which is far below the smallest number in many qubits.
func haarLog(qubits, bin int) float64 {
	m := math.Exp2(float64(qubits)) - 1
	a, b := float64(bin)/expressibilityBins, float64(bin+1)/expressibilityBins
	rest := 0.0 // ((1−b)/(1−a))^m
	if bin+1 < expressibilityBins {
		rest = math.Exp(m * (math.Log1p(-b) - math.Log1p(-a)))
	}
	return m*math.Log1p(-a) + math.Log1p(-rest)
}
