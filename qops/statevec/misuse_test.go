package statevec_test

import (
	"context"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hqvit/hqvit/internal/apitest"
	"github.com/hqvit/hqvit/qops/circuit"
	"github.com/hqvit/hqvit/qops/statevec"
)

var noContext context.Context

// misuses are all exported functions and methods, with arguments that are drawn.
var misuses = map[string]func(m misuse) error{
	"Compile":     func(m misuse) error { return second(statevec.Compile[float64](m.circuit())) },
	"CompileReal": func(m misuse) error { return second(statevec.CompileReal[float32](m.circuit())) },
	"Sample": func(m misuse) error {
		d, err := circuit.NewDynamic(m.circuit())
		if err != nil {
			return second(statevec.Sample(context.Background(), nil, m.numbers(2), m.numbers(2),
				m.number(3)%1000, 1))
		}
		return second(statevec.Sample(context.Background(), d, m.numbers(2), m.numbers(2), m.number(3)%1000, 1))
	},
	"NewExpectations": func(m misuse) error {
		return second(statevec.NewExpectations[float32](m.number(2), m.observables(), m.number(1)))
	},
	"Groups": func(m misuse) error {
		_, _, err := statevec.Groups(m.number(2), m.observables())
		return err
	},
	"NewProbabilities": func(m misuse) error {
		return second(statevec.NewProbabilities[float32](m.number(2), m.qubits(), m.number(1)))
	},
	"NewPurity": func(m misuse) error {
		return second(statevec.NewPurity[float32](m.number(2), m.qubits(), m.number(1)))
	},
	"NewFidelities": func(m misuse) error {
		return second(statevec.NewFidelities[float32](m.number(2), m.states(), m.number(1)))
	},
	"NewOverlap": func(m misuse) error { m.overlap(); return nil },
	"NewMeasuredCircuit": func(m misuse) error {
		return second(statevec.NewMeasuredCircuit(m.plan(), m.measurement(), m.number(1)))
	},
	"NewParameterShift": func(m misuse) error {
		return second(statevec.NewParameterShift(m.circuit(), m.measurement(), m.number(1)))
	},
	"NewFiniteDifferences": func(m misuse) error {
		return second(statevec.NewFiniteDifferences(m.circuit(), m.measurement(), m.number(1)))
	},
	"Hessian": func(m misuse) error {
		return second(statevec.Hessian(noContext, m.circuit(), eachZ(2)[1], m.inputs()))
	},
	"FubiniStudy": func(m misuse) error {
		return second(statevec.FubiniStudy(noContext, m.circuit(), m.inputs()))
	},
	"PlainApply": func(m misuse) error {
		return second(statevec.PlainApply(m.circuit(), m.numbers(2), m.numbers(2), m.amplitudes(4)))
	},
	"PlainAdjoint": func(m misuse) error {
		_, _, _, err := statevec.PlainAdjoint(m.circuit(), m.numbers(2), m.numbers(2), m.amplitudes(4),
			m.amplitudes(4))
		return err
	},
	"SetReal":   func(m misuse) error { return statevec.SetReal(m.numbers(16), m.numbers(8), 1) },
	"RealParts": func(m misuse) error { return statevec.RealParts(m.numbers(8), m.numbers(16)) },
	"PairFidelities": func(m misuse) error {
		return statevec.PairFidelities(m.numbers(16), m.numbers(16), m.numbers(2))
	},
	"PairFidelitiesAdjoint": func(m misuse) error {
		return statevec.PairFidelitiesAdjoint(m.numbers(16), m.numbers(16), m.numbers(2), m.numbers(16),
			m.numbers(16))
	},

	"Plan.Qubits":      func(m misuse) error { new(statevec.Plan[float64]).Qubits(); return nil },
	"Plan.NumTheta":    func(m misuse) error { new(statevec.Plan[float64]).NumTheta(); return nil },
	"Plan.NumData":     func(m misuse) error { new(statevec.Plan[float64]).NumData(); return nil },
	"Plan.Width":       func(m misuse) error { new(statevec.Plan[float64]).Width(); return nil },
	"Plan.NewExecutor": func(m misuse) error { m.executor(); return nil },
	"Executor.Apply": func(m misuse) error {
		return m.executor().Apply(m.number(3), m.numbers(2), m.numbers(6), m.numbers(24), m.numbers(24))
	},
	"Executor.Adjoint": func(m misuse) error {
		return m.executor().Adjoint(m.number(3), m.numbers(2), m.numbers(6), m.numbers(24), m.numbers(24),
			m.numbers(24), m.numbers(2), m.numbers(6))
	},
	"Executor.AdjointInPlace": func(m misuse) error {
		return m.executor().AdjointInPlace(m.number(3), m.numbers(2), m.numbers(6), m.numbers(24),
			m.numbers(24), m.numbers(2), m.numbers(6))
	},
	"Executor.Unapply": func(m misuse) error {
		return m.executor().Unapply(m.number(3), m.numbers(2), m.numbers(6), m.numbers(24),
			m.numbers(24), m.numbers(2), m.numbers(6))
	},
	"NewExecutors": func(m misuse) error {
		statevec.NewExecutors([]*statevec.Plan[float64]{m.plan(), nil}, m.number(1))
		return nil
	},
	"RowMeasurement.Outputs":   func(m misuse) error { m.rowMeasurement().Outputs(); return nil },
	"RowMeasurement.Quadratic": func(m misuse) error { m.rowMeasurement().Quadratic(); return nil },
	"RowMeasurement.Apply": func(m misuse) error {
		return m.rowMeasurement().Apply(m.number(3), m.numbers(24), m.numbers(6))
	},
	"RowMeasurement.Adjoint": func(m misuse) error {
		return m.rowMeasurement().Adjoint(m.number(3), m.numbers(24), m.numbers(6), m.numbers(24))
	},
	"CompileDensity": func(m misuse) error { return second(statevec.CompileDensity[float64](m.noisy())) },
	"NewMeasuredDensity": func(m misuse) error {
		return second(statevec.NewMeasuredDensity(m.density(), m.measurement(), m.number(3)))
	},
	"Density.NumData":  func(m misuse) error { m.density().NumData(); return nil },
	"Density.NumTheta": func(m misuse) error { m.density().NumTheta(); return nil },
	"Density.Qubits":   func(m misuse) error { m.density().Qubits(); return nil },
	"Density.Width":    func(m misuse) error { m.density().Width(); return nil },
	"CompileTrajectories": func(m misuse) error {
		return second(statevec.CompileTrajectories[float64](m.noisy()))
	},
	"NewMeasuredTrajectories": func(m misuse) error {
		return second(statevec.NewMeasuredTrajectories(m.trajectories(), m.measurement(), m.number(3), m.number(3)))
	},
	"Trajectories.Errors":   func(m misuse) error { m.trajectories().Errors(); return nil },
	"Trajectories.NumData":  func(m misuse) error { m.trajectories().NumData(); return nil },
	"Trajectories.NumTheta": func(m misuse) error { m.trajectories().NumTheta(); return nil },
	"Trajectories.Qubits":   func(m misuse) error { m.trajectories().Qubits(); return nil },
	"MeasuredTrajectories.Apply": func(m misuse) error {
		return m.measuredTrajectories().Apply(m.inputs(), m.shots().Seeds, m.numbers(3), m.numbers(3))
	},
	"MeasuredTrajectories.Sample": func(m misuse) error {
		return m.measuredTrajectories().Sample(m.inputs(), m.shots(), m.numbers(3), m.numbers(3))
	},
	"MeasuredTrajectories.Adjoint": func(m misuse) error {
		return m.measuredTrajectories().Adjoint(m.inputs(), m.shots().Seeds, m.numbers(3), m.gradients())
	},
	"SwapTest.Run": func(m misuse) error {
		s := statevec.SwapTest{Tokens: m.number(2), Width: m.number(2), Query: m.circuit(), Key: m.circuit(),
			Trajectories: m.number(2) % 9, Shots: m.number(2) % 9, Threads: m.number(1)}
		x, theta := m.numbers(4), m.numbers(2)
		if m.IntN(2) == 0 {
			s.Tokens, s.Width, s.Trajectories, s.Shots = 2, 4, m.IntN(3), 0
			s.Query, s.Key = circuit.New(2).RY(0, circuit.Theta(0)), circuit.New(2).H(1)
			x, theta = []float64{1, 2, 3, 4, 5, 6, 7, 8}, make([]float64, 1)
		}
		_, _, err := s.Run(x, theta)
		return err
	},
	"NoisyProbabilities": func(m misuse) error {
		_, _, err := statevec.NoisyProbabilities(m.noisy(), m.qubits(), m.number(2)%9, 1, m.number(1))
		return err
	},
	"MeasuredDensity.Apply": func(m misuse) error {
		return m.measuredDensity().Apply(m.inputs(), m.numbers(3))
	},
	"MeasuredDensity.Sample": func(m misuse) error {
		return m.measuredDensity().Sample(m.inputs(), m.shots(), m.numbers(3), m.numbers(3))
	},
	"MeasuredDensity.Adjoint": func(m misuse) error {
		return m.measuredDensity().Adjoint(m.inputs(), m.numbers(3), m.gradients())
	},
	"NewNoisyOverlap": func(m misuse) error {
		return second(statevec.NewNoisyOverlap[float64](m.number(3), m.number(3), m.noisy(), m.noisy(),
			m.qubits(), 1))
	},
	"NoisyOverlap.Apply": func(m misuse) error {
		return m.noisyOverlap().Apply(m.inputs(), m.inputs(), m.numbers(9))
	},
	"NoisyOverlap.Distribution": func(m misuse) error {
		return m.noisyOverlap().Distribution(m.inputs(), m.inputs(), m.numbers(36))
	},
	"NoisyOverlap.Adjoint": func(m misuse) error {
		return m.noisyOverlap().Adjoint(m.inputs(), m.inputs(), m.numbers(9), m.gradients(), m.gradients())
	},
	"RowMeasurement.Sample": func(m misuse) error {
		return m.rowMeasurement().Sample(m.number(3), m.numbers(24), m.shots(), m.numbers(6), m.numbers(6))
	},
	"MeasuredCircuit.Sample": func(m misuse) error {
		return m.measuredCircuit().Sample(m.inputs(), m.shots(), m.numbers(3), m.numbers(3))
	},
	"ShiftGradient.GradientFromShots": func(m misuse) error {
		return m.shiftGradient().GradientFromShots(m.inputs(), m.shots(), m.numbers(3), m.gradients())
	},
	"MeasuredCircuit.Apply": func(m misuse) error {
		return m.measuredCircuit().Apply(m.inputs(), m.numbers(3))
	},
	"MeasuredCircuit.Adjoint": func(m misuse) error {
		return m.measuredCircuit().Adjoint(m.inputs(), m.numbers(3), m.gradients())
	},
	"ShiftGradient.Gradient": func(m misuse) error {
		return m.shiftGradient().Gradient(m.inputs(), m.numbers(3), m.gradients())
	},
	"Overlap.Apply": func(m misuse) error {
		return m.overlap().Apply(m.numbers(16), m.numbers(24), m.numbers(24), m.numbers(12))
	},
	"Overlap.Adjoint": func(m misuse) error {
		return m.overlap().Adjoint(m.numbers(16), m.numbers(24), m.numbers(24),
			m.numbers(12), m.numbers(16), m.numbers(24))
	},
}

// TestNothingPanics calls everything that is exported with arguments that are drawn: some fail, none panics.
func TestNothingPanics(t *testing.T) {
	const runs = 300
	for name, f := range misuses {
		t.Run(name, func(t *testing.T) {
			m, failed := misuse{rand.New(rand.NewPCG(50, 1))}, 0
			defer func() {
				if p := recover(); p != nil {
					t.Fatalf("panics: %v", p)
				}
			}()
			for range runs {
				if err := f(m); err != nil {
					failed++
					if text := err.Error(); !strings.Contains(text, "statevec: ") {
						t.Fatalf("the error does not say whose it is: %v", err)
					}
				}
			}
			if failed == runs {
				t.Errorf("each of %d calls returns an error: no arguments are right", runs)
			}
		})
	}
}

func TestNilReceivers(t *testing.T) {
	apitest.NilReceivers(t, (*statevec.Plan[float32])(nil), (*statevec.Executor[float32])(nil),
		(*statevec.MeasuredCircuit[float32])(nil), (*statevec.RowMeasurement[float32])(nil),
		(*statevec.ShiftGradient[float32])(nil), (*statevec.Overlap[float32])(nil))
}

// TestAnglesOfNaN: what a run would spread over all states is an error that says which angle it is.
func TestAnglesOfNaN(t *testing.T) {
	c := circuit.New(1).RX(0, circuit.Theta(0)).RY(0, circuit.Theta(1)).RZ(0, circuit.Data(0))
	plan, err := statevec.Compile[float64](c)
	must(t, err)
	psi := make([]float64, 4)
	theta, data := []float64{0, math.NaN()}, []float64{math.Inf(1)}
	for want, err := range map[string]error{
		"statevec: theta 1 is NaN": plan.NewExecutor(1).Apply(1, theta, []float64{0}, psi, psi),
		"statevec: data 0 is +Inf": plan.NewExecutor(1).Apply(1, []float64{0, 0}, data, psi, psi),
		"statevec: theta 1 is NaN,": second(statevec.FubiniStudy(noContext, c, statevec.Inputs[float64]{
			Rows: 1, Theta: theta, Data: []float64{0}})),
		"theta 1 is NaN": second(statevec.PlainApply(c, theta, []float64{0}, make([]complex128, 2))),
		"observable 0: the coefficient of Z is NaN": second(statevec.NewExpectations[float64](1,
			[]statevec.Observable{{{Coefficient: math.NaN(), Pauli: "Z"}}}, 1)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestMisusesAreAll: a function that is added is one that TestNothingPanics calls.
func TestMisusesAreAll(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	must(t, err)
	set := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if !strings.HasSuffix(path, "_test.go") {
			f, err := parser.ParseFile(set, path, nil, 0)
			must(t, err)
			files = append(files, f)
		}
	}
	pkg, err := doc.NewFromFiles(set, files, "statevec")
	must(t, err)
	functions := pkg.Funcs
	for _, typ := range pkg.Types {
		functions = append(functions, typ.Funcs...)
		for _, method := range typ.Methods {
			if misuses[typ.Name+"."+method.Name] == nil && method.Level == 0 {
				t.Errorf("misuses lack %s.%s", typ.Name, method.Name)
			}
		}
	}
	for _, f := range functions {
		if misuses[f.Name] == nil {
			t.Errorf("misuses lack %s", f.Name)
		}
	}
}
