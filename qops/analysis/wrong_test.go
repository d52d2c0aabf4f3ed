package analysis_test

import (
	"context"
	"math"
	"testing"

	"github.com/hqvit/hqvit/internal/apitest"
	"github.com/hqvit/hqvit/qops/analysis"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

var noContext context.Context

func errorOf[T any](_ T, err error) error { return err }

func TestWrongCalls(t *testing.T) {
	ctx := t.Context()
	done, cancel := context.WithCancel(ctx)
	cancel()
	c := circuit.New(2).RY(0, circuit.Theta(0)).CX(0, 1).RZ(1, circuit.Data(0))
	mistaken, large := circuit.New(2).X(2), circuit.New(21).RY(0, circuit.Theta(0))
	few := analysis.Sampling{Samples: 2}
	z, cost := statevec.Observable{{Coefficient: 1, Pauli: "ZI"}}, analysis.Costs()[2]
	calls := []apitest.Misuse{}
	// What all functions of a circuit at random angles refuse.
	for name, call := range map[string]func(context.Context, *circuit.Circuit, analysis.Sampling) error{
		"Expressibility": func(ctx context.Context, c *circuit.Circuit, s analysis.Sampling) error {
			return errorOf(analysis.Expressibility(ctx, c, s))
		},
		"EntanglingCapability": func(ctx context.Context, c *circuit.Circuit, s analysis.Sampling) error {
			return errorOf(analysis.EntanglingCapability(ctx, c, s))
		},
		"EntropyAlong": func(ctx context.Context, c *circuit.Circuit, s analysis.Sampling) error {
			return errorOf(analysis.EntropyAlong(ctx, c, 0, s))
		},
		"QuantumFisher": func(ctx context.Context, c *circuit.Circuit, s analysis.Sampling) error {
			return errorOf(analysis.QuantumFisher(ctx, c, s))
		},
		"ClassicalFisher": func(ctx context.Context, c *circuit.Circuit, s analysis.Sampling) error {
			return errorOf(analysis.ClassicalFisher(ctx, c, s))
		},
		"Fourier": func(ctx context.Context, c *circuit.Circuit, s analysis.Sampling) error {
			return errorOf(analysis.Fourier(ctx, c, z, 0, s))
		},
		"GradientVariance": func(ctx context.Context, c *circuit.Circuit, s analysis.Sampling) error {
			return errorOf(analysis.GradientVariance(ctx, c, cost, s))
		},
		"BarrenPlateau": func(ctx context.Context, c *circuit.Circuit, s analysis.Sampling) error {
			build := func(int) *circuit.Circuit { return c }
			return errorOf(analysis.BarrenPlateau(ctx, build, cost, []int{2, 3}, s))
		},
	} {
		if err := call(ctx, c, few); err != nil {
			t.Errorf("%s: %v for a sound call", name, err)
		}
		for what, wrong := range map[string]func() error{
			"no context":    func() error { return call(noContext, c, few) },
			"done context":  func() error { return call(done, c, few) },
			"no circuit":    func() error { return call(ctx, nil, few) },
			"zero circuit":  func() error { return call(ctx, &circuit.Circuit{}, few) },
			"mistake":       func() error { return call(ctx, mistaken, few) },
			"21 qubits":     func() error { return call(ctx, large, few) },
			"one sample":    func() error { return call(ctx, c, analysis.Sampling{Samples: 1}) },
			"minus samples": func() error { return call(ctx, c, analysis.Sampling{Samples: -1}) },
			"2^30 samples":  func() error { return call(ctx, c, analysis.Sampling{Samples: 1 << 30}) },
		} {
			calls = append(calls, apitest.Wrong(name, what, wrong))
		}
	}
	panics := analysis.Cost{Name: "mine", Measure: func(int, int) (statevec.Measurement[float64], error) {
		panic("no")
	}}
	nothing := analysis.Cost{Name: "mine", Measure: func(int, int) (statevec.Measurement[float64], error) {
		return nil, nil
	}}
	two := analysis.Cost{Name: "mine", Measure: func(n, threads int) (statevec.Measurement[float64], error) {
		return statevec.NewProbabilities[float64](n, nil, threads)
	}}
	for what, cost := range map[string]analysis.Cost{"zero cost": {}, "cost that panics": panics,
		"cost of nothing": nothing, "cost of four numbers": two} {
		calls = append(calls, apitest.Wrong("GradientVariance", what, func() error {
			return errorOf(analysis.GradientVariance(ctx, c, cost, few))
		}))
	}
	same := func(int) *circuit.Circuit { return c }
	builders := map[string]func(int) *circuit.Circuit{"no function": nil,
		"function that panics": func(int) *circuit.Circuit { panic("no") }}
	for what, build := range builders {
		calls = append(calls, apitest.Wrong("BarrenPlateau", what, func() error {
			return errorOf(analysis.BarrenPlateau(ctx, build, cost, []int{2, 3}, few))
		}))
	}
	nan := statevec.Observable{{Coefficient: math.NaN(), Pauli: "ZI"}}
	short := statevec.Observable{{Coefficient: 1, Pauli: "Z"}}
	lie := func(ctx context.Context, n, limit int, o ...statevec.Observable) func() error {
		return func() error { return errorOf(analysis.LieAlgebra(ctx, n, o, limit)) }
	}
	coefficients := func(c *circuit.Circuit, input int, theta, data []float64) func() error {
		return func() error { return errorOf(analysis.Coefficients(c, z, input, theta, data)) }
	}
	one := []float64{1}
	apitest.Check(t, ".", append(calls,
		apitest.Wrong("BarrenPlateau", "one number", func() error {
			return errorOf(analysis.BarrenPlateau(ctx, same, cost, []int{2}, few))
		}),
		apitest.Wrong("EntropyAlong", "cut of all", func() error {
			return errorOf(analysis.EntropyAlong(ctx, c, 2, few))
		}),
		apitest.Wrong("EntropyAlong", "minus cut", func() error {
			return errorOf(analysis.EntropyAlong(ctx, c, -1, few))
		}),
		apitest.Wrong("Fourier", "other input", func() error {
			return errorOf(analysis.Fourier(ctx, c, z, 1, few))
		}),
		apitest.Wrong("Fourier", "short string", func() error {
			return errorOf(analysis.Fourier(ctx, c, short, 0, few))
		}),
		apitest.Wrong("Fourier", "NaN", func() error {
			return errorOf(analysis.Fourier(ctx, c, nan, 0, few))
		}),
		apitest.Wrong("Coefficients", "no circuit", coefficients(nil, 0, one, one)),
		apitest.Wrong("Coefficients", "minus input", coefficients(c, -1, one, one)),
		apitest.Wrong("Coefficients", "no theta", coefficients(c, 0, nil, one)),
		apitest.Wrong("Coefficients", "no data", coefficients(c, 0, one, nil)),
		apitest.Wrong("Coefficients", "NaN", coefficients(c, 0, []float64{math.NaN()}, one)),
		apitest.Wrong("Degree", "no circuit", func() error { return errorOf(analysis.Degree(nil, 0)) }),
		apitest.Wrong("Degree", "other input", func() error { return errorOf(analysis.Degree(c, 7)) }),
		apitest.Wrong("LieAlgebra", "no context", lie(noContext, 2, 0, z)),
		apitest.Wrong("LieAlgebra", "done context", lie(done, 2, 0, z)),
		apitest.Wrong("LieAlgebra", "no generators", lie(ctx, 2, 0)),
		apitest.Wrong("LieAlgebra", "no qubits", lie(ctx, 0, 0, z)),
		apitest.Wrong("LieAlgebra", "minus limit", lie(ctx, 2, -1, z)),
		apitest.Wrong("LieAlgebra", "NaN", lie(ctx, 2, 0, nan)),
		apitest.Wrong("LieAlgebra", "short string", lie(ctx, 2, 0, short)),
		apitest.Wrong("Generators", "no circuit", func() error { return errorOf(analysis.Generators(nil, false)) }),
		apitest.Wrong("Generators", "inputs", func() error { return errorOf(analysis.Generators(c, false)) }),
		apitest.Wrong("Unitary", "nil", func() error { return errorOf(analysis.Unitary(nil)) }),
		apitest.Wrong("Unitary", "3 entries", func() error {
			return errorOf(analysis.Unitary(circuit.Matrix{1, 0, 0}))
		}),
		apitest.Wrong("Unitary", "not unitary", func() error {
			return errorOf(analysis.Unitary(circuit.Matrix{1, 0, 0, 2}))
		}),
		apitest.Wrong("AttentionMatrix", "no circuits", func() error {
			return errorOf(analysis.AttentionMatrix(nil, nil, nil))
		}),
		apitest.Wrong("AttentionMatrix", "few angles", func() error {
			return errorOf(analysis.AttentionMatrix(c, c, one))
		}),
		apitest.Wrong("AttentionMatrix", "inputs", func() error {
			return errorOf(analysis.AttentionMatrix(c, c, []float64{1, 2}))
		}),
		apitest.Wrong("Fisher.EffectiveDimension", "zero value", func() error {
			return errorOf(analysis.Fisher{}.EffectiveDimension(100))
		}),
		apitest.Wrong("Fisher.EffectiveDimension", "few examples", func() error {
			f, err := analysis.ClassicalFisher(ctx, c, few)
			if err != nil {
				t.Error(err)
			}
			return errorOf(f.EffectiveDimension(19))
		}),
	), nil)
}
